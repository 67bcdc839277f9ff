"""``check_vjp``: is this vector-Jacobian product the one of this function, at this point?"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..seeding import generator
from ..types import Array, Rng
from .adapters import Functions
from .arguments import callables, flat_cotangent, known_choice
from .behaviour import behaviours
from .compare import Comparer, Comparison
from .convention import Convention, at_kinks
from .diagnosis import diagnose
from .differences import rounding_noise
from .example import as_code, called
from .pair import Pair
from .report import Element, Finding, Report
from .sums import consistent, narrowed
from .symmetry import symmetry

__all__ = ["Check", "check_vjp"]

TIES = 4  # groups of equal elements in each input that are moved together
MOST = 64  # elements compared one by one; of more, a sample, and all of them in sums


def check_vjp(
    f: Callable[..., Any] | Functions,
    vjp: Any = None,
    *xs: Any,
    cotangent: Any = None,
    order: int = 1,
    at_kink: Convention = None,
    rng: Rng = None,
    raises: bool = True,
    unresolved: str = "raise",
) -> Report:
    r"""Check a vector-Jacobian product against numeric derivatives with error bars.

    .. math:: \bar x = J(x)^{\mathsf T} g \quad\text{where}\quad
              J(x)\,v = \lim_{h \to 0} \frac{f(x + h v) - f(x)}{h}

    Parameters
    ----------
    f : callable
        ``f(*xs)`` returns an array, or a tuple of them. Or what ``from_torch``, ``from_jax`` or
        ``from_layer`` returned, in place of ``f`` and ``vjp``.
    vjp : callable
        ``vjp(g, *xs)`` returns a tuple with the cotangent of each input; ``None`` means zero.
    *xs : array_like
        Where to check. Integer inputs stand still. float32 inputs are moved in float64.
    cotangent : array_like, shape of ``f(*xs)``, optional
        By default generic numbers of both signs between 0.5 and 2.
    order : {1, 2}
        2 also checks that the vjp's own derivative is symmetric, as second derivatives are.
    at_kink : float, "left", "right", "mean" or callable, optional
        What the derivative must be exactly at kinks. By default any generalised gradient is right.
    rng : Generator or int, optional
        By default it follows from the inputs, so that a check gives the same answer every time.
    raises : bool
        Whether to raise; the report is returned otherwise.
    unresolved : {"raise", "allow"}
        Whether an unresolved verdict raises too.

    Returns
    -------
    Report

    Raises
    ------
    GradientMismatch, GradientUnresolved
        Which derive from ``AssertionError``.

    Notes
    -----
    There is no tolerance to choose. Every difference carries its own error bar, and a derivative
    known to less than one percent is no evidence: the verdict is then ``"unresolved"``.
    Sums over many inputs catch what single elements cannot: where values tie, each may have any
    share of the gradient, but the shares must add up.

    Examples
    --------
    >>> print(check_vjp(np.tanh, lambda g, x: (g * (1 - np.tanh(x) ** 2),), [0.5, -1.0]))
    gradient of `tanh`: pass (2 comparisons, an error of 2e-09 would show)
    """
    known_choice(unresolved)
    if order not in (1, 2):
        raise ArgumentError(f"order is 1 or 2, not {order!r:.60}", fix="order=1")
    names: list[str] = []
    if isinstance(f, Functions):
        inputs = (*([] if vjp is None else [vjp]), *xs)
        names = [*[f"input {k}" for k in range(len(inputs))], *f.names]
        xs = (*inputs, *f.parameters)
        f, vjp = f
    callables(f, vjp, len(xs))
    check = Check(f, vjp, xs, cotangent, at_kink, rng, names=names)
    report = check.run(order)
    return report.require(unresolved) if raises else report


class Check:
    """One check in the making: the pair, the claim, and the report that fills up."""

    def __init__(
        self,
        f: Callable[..., Any],
        vjp: Callable[..., Any],
        xs: Sequence[Any],
        cotangent: Any = None,
        at_kink: Convention = None,
        rng: Rng = None,
        name: str | None = None,
        names: Sequence[str] = (),
    ) -> None:
        with np.errstate(all="ignore"):
            self.pair = pair = Pair(f, vjp, xs, names)
        data = b"".join(x.tobytes() for x in pair.given)
        # Own randomness by default: a check that another draw could turn would be no check.
        self.rng = generator(zlib.crc32(data) if rng is None else rng)
        self.report = Report(
            name or str(getattr(f, "__name__", type(f).__name__)), calls=pair.calls
        )
        size = pair.base.size
        self.g = self.rng.uniform(0.5, 2, size) * self.rng.choice([-1.0, 1.0], size)
        if cotangent is not None:
            self.g = flat_cotangent(cotangent, pair.cotangent(self.g))
        self.at_kink, self.most = at_kink, MOST
        # The line that repeats this check.
        self.call = f"check_vjp({called(f, 'f')}, {called(vjp, 'vjp')}, {{xs}}, cotangent=g)"

    def run(self, order: int = 1) -> Report:
        """Gather all findings; later and dearer evidence only where earlier gave none."""
        report = self.report
        with np.errstate(all="ignore"):
            if not np.isfinite(self.pair.base).all():
                report.unresolved.append(Finding("unresolved", _not_finite(self.pair)))
                return report.settle()
            analytic = self._claim()
            if analytic is not None:
                report.findings += behaviours(self.pair, self.g, analytic, self._raw)
                if not report.findings:
                    self._values(analytic)
                if order == 2 and not report.findings:
                    report.findings += symmetry(self.pair, self.g, analytic, self.rng)
            report.settle()
            if report.verdict != "pass":
                report.example = as_code(self.pair, self.g, self.call)
            if report.verdict == "fail":
                report.diagnosis = diagnose(self.pair, self.g, report, self.rng)
        return report

    def _claim(self) -> Array | None:
        """Ask for the gradient, and see that it has the right form and left its inputs alone."""
        pair, found = self.pair, self.report.findings
        for k in pair.spoiled:
            found.append(Finding("mutation", f"f changed {pair.names[k]} in place", k))
        inputs, cotangent = pair.arrays(pair.point, own_types=True), pair.cotangent(self.g)
        pair.calls["vjp"] += 1
        answer = pair.vjp(cotangent, *inputs)
        self._raw = raw = tuple(answer) if isinstance(answer, (tuple, list)) else (answer,)
        if len(raw) != len(pair.given):
            what = f"{len(raw)} cotangents for {len(pair.given)} inputs"
            found.append(Finding("arity", what))
            return None
        for k, shape in zip(pair.moving, pair.shapes, strict=True):
            if raw[k] is not None and np.shape(raw[k]) != shape:
                what = (
                    f"the cotangent of {pair.names[k]} has shape {np.shape(raw[k])}, itself {shape}"
                )
                found.append(Finding("shape", what, k))
        if found:
            return None
        for k, (now, before) in enumerate(zip(inputs, pair.given, strict=True)):
            if not np.array_equal(now, before, equal_nan=now.dtype.kind == "f"):
                found.append(Finding("mutation", f"vjp changed {pair.names[k]} in place", k))
        parts = [cotangent] if pair.single else cotangent
        if not np.array_equal(np.concatenate([part.ravel() for part in parts]),
                              self.g.astype(pair.answer_type)):  # fmt: skip
            found.append(Finding("mutation", "vjp changed the incoming cotangent in place"))
        return pair.flat(raw)

    def _values(self, analytic: Array) -> None:
        """Compare element by element, then in sums."""
        pair, report, n = self.pair, self.report, self.pair.point.size
        if not n or not pair.base.size:
            return
        noise = rounding_noise(pair.value, pair.point, pair.base, self.rng)
        comparer = Comparer(pair, self.g, analytic, self._rounding(analytic), noise, self.rng)
        chosen = np.sort(self.rng.permutation(n)[: self.most])
        units = np.zeros((len(chosen), n))
        units[np.arange(len(chosen)), chosen] = 1.0
        single = comparer.compare(units)
        self._note_elements(chosen, single)
        if self.at_kink is not None:
            report.findings += at_kinks(comparer, chosen, self.at_kink)
        # Where every element has a slope and the claim has it too, their sums are right as well.
        settled = all(each.verdict == "pass" and not each.kinked for each in single)
        names, sums = (
            ([], np.zeros((0, n))) if settled and len(chosen) == n else self._sums(analytic)
        )
        joint = comparer.compare(sums)
        wrong: list[int] = []
        if not report.findings:
            wrong = self._note_sums(comparer, names, sums, joint, chosen, single)
        # What its elements contradict is drowned, not wrong: no mark against the claim.
        counted = [each for k, each in enumerate(joint) if each.verdict == "pass" or k in wrong]
        for each in [*single, *counted]:
            report.compared += each.verdict == "pass"
            report.kinks += each.kinked
            report.score = max(report.score, float(np.nan_to_num(min(each.score, 1e6))))
            if each.verdict == "pass" and not each.kinked:
                report.resolution = max(report.resolution, each.resolution)

    def _rounding(self, analytic: Array) -> Array:
        """How far rounding moves the claim itself: what one or two roundings of the inputs change.

        A larger change is a branch that was taken, and no rounding.
        """
        pair, most = self.pair, np.zeros(analytic.shape)
        size = np.abs(np.concatenate([self.g, np.nan_to_num(analytic, posinf=0, neginf=0)]))
        limit = min(5e9 * pair.epsilon, 0.05) * size.max(initial=0)
        for _ in range(3):
            nudge = 1 + pair.epsilon * self.rng.choice([-2.0, -1.0, 1.0, 2.0], pair.point.shape)
            moved = np.nan_to_num(np.abs(pair.pulled(self.g, pair.point * nudge) - analytic))
            most = np.maximum(most, np.where(moved <= limit, moved, 0))
        return most

    def _sums(self, analytic: Array) -> tuple[list[str], Array]:
        """Directions in which many elements move: all, each input, what ties, and a generic one."""
        pair, n = self.pair, self.pair.point.size
        names, rows = ["all inputs together"], [np.ones(n)]
        if len(pair.shapes) > 1:
            for k, position in enumerate(pair.moving):
                row = np.zeros(n)
                row[pair.spread(k)] = 1.0
                names.append(f"all of {pair.names[position]} together")
                rows.append(row)
        for k, position in enumerate(pair.moving):
            part = pair.point[pair.spread(k)]
            values, counts = np.unique(part, return_counts=True)
            for tied in values[(counts > 1) & (counts < len(part))][:TIES]:
                row = np.zeros(n)
                row[pair.spread(k)] = part == tied
                names.append(
                    f"all elements of {pair.names[position]} that equal {tied:.6g} together"
                )
                rows.append(row)
        # Of few bits, so that a hidden float32 does not round it alike at every step.
        generic = self.rng.integers(64, 2048, n) * self.rng.choice([-1.0, 1.0], n) / 1024
        # An element that claims an infinity is judged alone.
        return [*names, "a random direction"], np.where(np.isfinite(analytic), [*rows, generic], 0)

    def _note_elements(self, chosen: Array, single: Sequence[Comparison]) -> None:
        pair, report = self.pair, self.report
        ranked = []
        for element, each in zip(chosen, single, strict=True):
            k, index = pair.place(int(element))
            at, verdict = float(pair.point[element]), each.verdict
            figures = (each.analytic, each.numeric, each.error)
            report.elements.append(Element(pair.names[k], k, index, at, *figures, verdict))
            if verdict != "pass":
                found = _finding(each, f"{pair.names[k]}, element {list(index)}", k, index)
                ranked.append((np.nan_to_num(each.score, nan=np.inf), found))
        ranked.sort(key=lambda one: -one[0])
        report.findings += [found for _, found in ranked if found.kind != "unresolved"]
        report.unresolved += [found for _, found in ranked if found.kind == "unresolved"]

    def _note_sums(
        self,
        comparer: Comparer,
        names: Sequence[str],
        sums: Array,
        joint: Sequence[Comparison],
        chosen: Array,
        single: Sequence[Comparison],
    ) -> list[int]:
        """Find sums that are wrong although no element is: say which input, and where to look."""
        pair = self.pair
        wrong = [
            k
            for k, each in enumerate(joint)
            if each.verdict == "fail"
            and (len(chosen) < pair.point.size or consistent(each, sums[k], single))
        ]
        if not wrong:
            return []
        inputs = [k for k in wrong if 0 < k < len(names) - 1]
        best = (inputs or wrong)[0]
        support = sums[best] != 0
        suspects = [
            int(e)
            for e, each in zip(chosen, single, strict=True)
            if support[e] and each.kinked and each.analytic != 0
        ]
        if not suspects and len(chosen) < pair.point.size:
            suspects = [narrowed(comparer, sums[best], chosen)]
            alone = comparer.compare(np.eye(1, pair.point.size, suspects[0]))
            self._note_elements(np.array(suspects), alone)
            if self.report.findings:
                return wrong
        only = pair.moving[0] if len(pair.moving) == 1 else None
        k, index = pair.place(suspects[0]) if suspects else (only, None)
        self.report.findings.append(_finding(joint[best], names[best], k, index))
        return wrong


def _finding(
    each: Comparison, where: str, k: int | None = None, index: tuple[int, ...] | None = None
) -> Finding:
    kind = each.kind if each.verdict == "fail" else "unresolved"
    right = f"{each.numeric:.9g} +- {each.error:.0e}"
    if each.kinked:
        right = f"from {each.low:.6g} to {each.high:.6g}, as the function has a kink there"
    what = f"{where}: analytic {each.analytic:.9g}, numeric {right}"
    if kind == "unresolved":
        what = f"{where}: analytic {each.analytic:.9g}, and the numeric side knows only {right}"
    return Finding(kind, what, k, index, each.analytic, each.numeric, each.error)


def _not_finite(pair: Pair) -> str:
    k = int(np.flatnonzero(~np.isfinite(pair.base))[0])
    return f"f is {pair.base[k]} at output {k} here, so it has no derivative"
