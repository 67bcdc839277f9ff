"""Why an operation, or its gradient, gave what is not finite, and what to write instead.

The classic causes by operation first, then those that any operation can have: an infinite operand,
a number larger than its type holds. An edit is an expression in which ``_`` stands for the operand.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...registry import Operation
from ...types import Array

__all__ = ["Case", "Cause", "cause_of"]


@dataclass(frozen=True)
class Case:
    """What is known at the place where it went wrong.

    ``at`` are the operands' numbers there, NaN where an operand has no single one; ``position`` is
    the input whose gradient went wrong, ``None`` in the forward; ``g`` the cotangent there.
    """

    op: Operation
    operands: tuple[Array, ...]
    attributes: dict[str, Any]
    value: float
    at: tuple[float, ...]
    dtype: np.dtype[Any]
    out: float = math.nan
    position: int | None = None
    g: float = math.nan
    norm: bool = False

    @property
    def small(self) -> float:
        """A number that is small, and whose slopes stay finite, in this type."""
        return 1e-3 if self.dtype.itemsize == 2 else 1e-12

    @property
    def large(self) -> float:
        """A score that is as good as infinite, in every type."""
        return 1e4

    @property
    def limit(self) -> float:
        """The largest number of this type."""
        return float(np.finfo(self.dtype).max)

    def steep(self, x: float) -> bool:
        """Whether 1 / x is more than the type holds."""
        return x == 0 or 1 / abs(x) > self.limit


@dataclass(frozen=True)
class Cause:
    """The reason in words, and the edit: of operands, of the whole call, or a setting to drop."""

    why: str
    edits: dict[int, str] = field(default_factory=dict)
    whole: str = ""
    drop: str = ""
    comment: str = ""
    overflow: bool = False
    slope: bool = False  # an infinite slope, which 0 times makes a NaN


def cause_of(case: Case) -> Cause:
    """Return the likeliest cause.

    Parameters
    ----------
    case : Case
        The operation, and the numbers at the first bad element.
    """
    find = _CLASSIC.get(case.op.name)
    return (find(case) if find else None) or _of_any_operation(case)


def _logarithm(case: Case) -> Cause | None:
    x, low = case.at[0], -1.0 if case.op.name == "log1p" else 0.0
    edits = {0: f"tg.maximum(_, {low + max(case.small, -low * 1e-6):.12g})"}
    if case.position is None and x == low:
        return Cause(f"{case.op.name} of {low:g} is minus infinity", edits)
    if case.position is None and x < low:
        return Cause(f"{case.op.name} of a number below {low:g} is not a real number", edits)
    if case.position is not None and case.steep(x - low):
        why = f"the slope of {case.op.name} grows without bound towards {low:g}"
        return Cause(why, edits, slope=True)
    return None


def _root(case: Case) -> Cause | None:
    edits = {0: f"tg.maximum(_, {case.small:g})"}
    if case.position is None:
        return Cause("a negative number has no real square root", edits) if case.at[0] < 0 else None
    if not case.steep(2 * case.out):
        return None
    if case.norm:
        edits = {0: f"_ + {case.small:g}"}
        return Cause("a norm has no slope at 0, the tip of a cone", edits, slope=True)
    return Cause("the slope of a square root, 1/(2 sqrt x), is infinite at 0", edits, slope=True)


def _quotient(case: Case) -> Cause | None:
    k = 0 if case.op.name == "reciprocal" else 1
    y = case.at[k]
    edits = {k: "tg.where(_ == 0, 1.0, _)"}
    if y == 0:
        why = "0 divided by 0 has no value" if math.isnan(case.value) else "a division by 0"
        if case.position is None:
            return Cause(why, edits)
        return Cause("the slope of a quotient is infinite at a divisor 0", edits, slope=True)
    if case.position is not None and case.steep(y if case.position == 0 and k else y * y):
        edits = {k: f"tg.where(tg.abs(_) < {case.small**0.5:g}, 1.0, _)"}
        return Cause(f"the slope of a quotient at the divisor {y:.6g} is too large", edits)
    return None


def _power(case: Case) -> Cause | None:
    x, y = case.at
    small = case.small ** (0.5 if y < -1 else 1.0)
    if y < 1:  # a hundred times below the limit, for the cotangent
        bound = (100 * abs(y) / case.limit) ** (1 / (1 - y))
        small = _rounded_up(bound) if bound > small else small
    edits = {0: f"tg.maximum(_, {small:g})"}
    if case.position == 1 and (case.operands[0] < 0).any():
        why = "the slope in the exponent has the factor ln x, and a negative base has no logarithm"
        return Cause(why, {1: "tg.stop_gradient(_)"})
    if x == 0 and case.position is None and y < 0:
        return Cause("0 to a negative power is a division by 0", edits)
    if x < 0 and math.isfinite(y) and y != math.floor(y):
        return Cause("a negative base to a fractional power has no real value", edits)
    if case.position == 0 and y < 1 and y and case.steep(abs(x) ** (1 - y) / abs(y)):
        why = f"the slope y x**(y - 1) is infinite at 0 for y = {y:.6g}"
        why += f", and more than {case.dtype} holds at x = {x:.6g}" if x else ""
        return Cause(why, edits, slope=True)
    return None


def _rounded_up(x: float) -> float:
    """The next larger number of one digit."""
    exponent = math.floor(math.log10(x))
    return float(f"{math.ceil(x / 10.0**exponent)}e{exponent}")


def _exponential(case: Case) -> Cause | None:
    top = math.log(case.limit)
    if not case.at[0] > top - 1e-3 * top:
        return None
    why = f"{case.op.name}(x) is more than {case.dtype} holds from x = {top:.4g} on"
    if case.op.name == "expm1":
        return Cause(why, {0: f"tg.minimum(_, {math.floor(0.98 * top)}.0)"}, overflow=True)
    comment = "ratios stay the same; tg.softmax, log_softmax, sigmoid, logaddexp do it for you"
    return Cause(why, {0: "_ - tg.max(_)"}, comment=comment, overflow=True)


def _scores(case: Case) -> Cause | None:
    if not np.isinf(case.operands[0]).any():
        return None
    why = "scores that are all minus infinity, or one plus infinity, have no softmax"
    return Cause(why, {0: f"tg.minimum(tg.maximum(_, {-case.large:g}), {case.large:g})"})


def _statistic(case: Case) -> Cause | None:
    x = case.operands[0]
    if not x.size:
        why = "a mean over no elements is 0 divided by 0"
        return Cause(why, whole="{call} if {x}.size else 0.0")
    counts = np.ones(x.shape).sum(axis=case.attributes.get("axis"))
    if np.any(counts <= case.attributes.get("correction", 0)):
        why = "the number of elements less the correction is 0, and it is divided by that"
        return Cause(why, drop="correction")
    return None


def _conversion(case: Case) -> Cause | None:
    if case.position is not None or not math.isinf(case.value):
        return None
    bound = f"{case.limit * 0.99:.1e}"
    why = f"{case.at[0]:.6g} is more than {case.dtype} holds, {case.limit:.4g}"
    return Cause(why, {0: f"tg.maximum(tg.minimum(_, {bound}), -{bound})"}, overflow=True)


_CLASSIC: dict[str, Callable[[Case], Cause | None]] = {
    **dict.fromkeys(["log", "log2", "log10", "log1p"], _logarithm),
    **dict.fromkeys(["divide", "reciprocal", "remainder", "floor_divide"], _quotient),
    **dict.fromkeys(["exp", "expm1"], _exponential),
    **dict.fromkeys(["softmax", "log_softmax", "softmax_cross_entropy"], _scores),
    **dict.fromkeys(["mean", "var", "std"], _statistic),
    "sqrt": _root,
    "power": _power,
    "astype": _conversion,
}


def _of_any_operation(case: Case) -> Cause:
    """An infinite operand or cotangent, an overflow, or a gradient rule that is not right."""
    infinite = [k for k, x in enumerate(case.operands) if x.dtype.kind == "f" and np.isinf(x).any()]
    if math.isinf(case.g):
        return Cause(
            "the cotangent that arrived is infinite, and 0 times it is NaN",
            whole="tg.detect_anomaly(inf=True)",
            comment="names the operation that made the infinity",
        )
    if infinite:
        bound = f"{case.large:g}"
        edits = dict.fromkeys(infinite, f"tg.maximum(tg.minimum(_, {bound}), -{bound})")
        return Cause("0 times infinity, or infinity less infinity, has no value", edits)
    return _overflow(case) or Cause(
        "the operation's own formula gives this, from operands that are finite"
        if case.position is None
        else f"the gradient rule of `{case.op.name}` gives this, from numbers that are finite",
        {case.position or 0: "_ + 1e-06"},
        comment="off this point; to mend it, write the formula so that it holds there",
    )


def _overflow(case: Case) -> Cause | None:
    """Finite operands gave an infinity, or a sum with one: their size is the cause."""
    largest = [_magnitude(x) for x in case.operands]
    if case.position is None and case.dtype.itemsize < 8 and _finite_in_64_bits(case):
        why = f"the result is more than {case.dtype} holds, {case.limit:.4g}"
        kinds = {k: "_.astype(np.float64)" for k, x in enumerate(case.operands) if x.ndim or k == 0}
        return Cause(why, kinds, overflow=True)
    arrived = 0.0 if math.isnan(case.g) else abs(case.g)
    if not math.isinf(case.value) or max([*largest, arrived]) < case.limit**0.2:
        return None
    other = [k for k, x in enumerate(largest) if k != case.position and x > 1]
    scaled = other or [max(range(len(largest)), key=largest.__getitem__)]
    edits = {k: f"_ * 1e-{max(math.ceil(math.log10(largest[k] or 1)), 1):02d}" for k in scaled}
    why = f"a number more than {case.dtype} holds, {case.limit:.4g}"
    return Cause(why, edits, comment="scale before, not after", overflow=True)


def _magnitude(x: Array) -> float:
    return float(np.abs(x[np.isfinite(x)]).max(initial=0.0)) if x.dtype.kind in "fiu" else 0.0


def _finite_in_64_bits(case: Case) -> bool:
    """Compute it again in float64, to see whether the type was too narrow."""
    wide = [x.astype(np.float64) if x.dtype.kind == "f" else x for x in case.operands]
    try:
        value = case.op.forward(*wide, **case.attributes)
    except Exception:  # a custom forward may insist on its type; then this says nothing
        return False
    value = value[0] if case.op.saves else value
    return bool(np.isfinite(value).all())
