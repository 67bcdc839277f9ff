"""What must hold of every rule, the claims that notice most mistakes first."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ..autodiff.record import Tape
from ..autodiff.tensor import Tensor, asarray
from ..errors import TinygradError
from ..registry import Operation
from ..types import Array
from .cases import Case, Points, Slopes, named, plain, signed, slope, slopes_at
from .differences import EPS
from .evidence import by_hand, gradients, near
from .gradcheck import check_vjp
from .layout import laid_out

__all__ = ["DEEP_CLAIMS", "RULE_CLAIMS"]

Claim = Callable[[Operation, Points], None]


def gradient_equals_slopes(op: Operation, points: Points) -> None:
    """At a kink any slope between those to both sides will do."""
    for case, numeric in points.with_slopes():
        with np.errstate(divide="raise", invalid="raise"):
            found = gradients(op, case)
        names = named(op, len(case.inputs))
        for k, d in zip(case.wanted, found, strict=True):
            right = numeric[k]
            expected = np.clip(d, right.low, right.high)
            near(d, expected, case, f"gradient of input {k}", 4 * right.error, names)


def kinks_are_as_promised(op: Operation, points: Points) -> None:
    """To the last bits, and of an operation element by element also for single numbers."""
    for kink in op.kinks:
        inputs, gives = _arrays(kink.at), _arrays(kink.gives)
        _promise_is_kept(op, kink.where, inputs, gives)
        if op.domain and inputs[0].ndim:
            for k in range(inputs[0].size):
                one = [np.asarray(x[k]) for x in inputs]
                _promise_is_kept(op, kink.where, one, [None if d is None else d[k] for d in gives])


def _arrays(values: Sequence[Any]) -> list[Any]:
    return [None if x is None else np.asarray(x, float) for x in values]


def _promise_is_kept(op: Operation, where: str, inputs: list[Any], gives: list[Any]) -> None:
    asked = tuple(k for k, d in enumerate(gives) if d is not None)
    with np.errstate(all="ignore"):
        g = np.full(plain(op, tuple(inputs), {}).shape, 1.75)
        case = Case(tuple(inputs), {}, asked, g, True, 0.0)
        found = gradients(op, case)
        for k, d in zip(asked, found, strict=True):
            np.testing.assert_allclose(
                d, 1.75 * gives[k], rtol=4 * EPS, atol=0.0, err_msg=f"promise at {where}, input {k}"
            )
        if not any(np.isinf(gives[k]).any() for k in asked):
            _finite_to_second_order(op, case)


def _finite_to_second_order(op: Operation, case: Case) -> None:
    for again in _mixed(op, case, [np.ones(case.inputs[k].shape) for k in case.wanted]):
        if not np.isfinite(again).all():
            raise AssertionError(f"second derivative at a kink is not finite; {case}")


def _mixed(op: Operation, case: Case, weights: Sequence[Array]) -> list[Array]:
    """The gradient of the weighted gradients, with respect to the inputs and the cotangent."""
    tensors = [asarray(x, requires_grad=k in case.wanted) for k, x in enumerate(case.inputs)]
    wanted = [tensors[k] for k in case.wanted]
    cotangent = Tensor(case.cotangent, requires_grad=True)
    out = op.call(*tensors, **case.settings)
    tape = Tape()
    first = tape.gradient(out, wanted, output_gradient=cotangent, create_graph=True)
    total = sum([(d * u).sum() for d, u in zip(first, weights, strict=True)], Tensor(0.0))
    return [d.data for d in tape.gradient(total, [*wanted, cotangent], unconnected="zero")]


def gradient_of_the_gradient_equals_slopes(op: Operation, points: Points) -> None:
    """The map from inputs and cotangent to the gradient is differentiated itself."""
    rng = np.random.default_rng(1)
    for case, numeric in points.with_slopes():
        if any(numeric[k].bent.any() for k in case.wanted):
            continue
        weights = [signed(rng, case.inputs[k].shape) for k in case.wanted]
        moves = [signed(rng, case.inputs[k].shape) for k in case.wanted]
        moves.append(signed(rng, case.cotangent.shape))
        total, size = _second(op, case, weights, moves)
        rounding = 256 * EPS * (1 + size)
        along = partial(_weighted_gradient, op, case, weights, moves)
        for careful in (False, True):
            expected, error, bent = slope(along, case.step, careful)
            if bent or abs(total - expected) <= 4 * error + rounding:
                break
            # Where much cancels, the claim itself is moved by the rounding of its inputs.
            nudged = replace(case, inputs=tuple(_nudged(x) for x in case.inputs))
            rounding += 4 * abs(_second(op, nudged, weights, moves)[0] - total)
        else:
            raise AssertionError(f"second gradient: {total:.12g}, expected {expected:.12g}; {case}")


def _nudged(x: Array) -> Array:
    signs = np.resize([1.0, -1.0, -1.0], x.shape)
    return np.asarray(x * (1 + 2 * EPS * signs)) if x.dtype.kind == "f" else x


def _second(
    op: Operation, case: Case, weights: Sequence[Array], moves: Sequence[Array]
) -> tuple[float, float]:
    """The change of the weighted gradients along the moves, and the size of what it sums."""
    terms = [d * v for d, v in zip(_mixed(op, case, weights), moves, strict=True)]
    return sum(float(t.sum()) for t in terms), sum(float(np.abs(t).sum()) for t in terms)


def _weighted_gradient(
    op: Operation, case: Case, weights: Sequence[Array], moves: Sequence[Array], t: float
) -> float:
    """The weighted gradients, as far along as ``t``; the last move is the cotangent's."""
    inputs = list(case.inputs)
    for k, move in zip(case.wanted, moves, strict=False):
        inputs[k] = inputs[k] + t * move
    answers = gradients(op, case, inputs, case.cotangent + t * moves[-1])
    return float(sum((d * u).sum() for d, u in zip(answers, weights, strict=True)))


def gradient_is_linear_in_the_cotangent(op: Operation, points: Points) -> None:
    for case in points.cases[:3]:
        none = gradients(op, case, cotangent=case.cotangent * 0.0)
        once, often = gradients(op, case), gradients(op, case, cotangent=case.cotangent * -3.0)
        for zero, d, e in zip(none, once, often, strict=True):
            near(zero, np.zeros_like(zero), case, "gradient for a cotangent of zeros")
            near(e, -3.0 * d, case, "gradient for -3 times the cotangent")


def nothing_is_overwritten(op: Operation, points: Points) -> None:
    for case in points.cases:
        held = [x.copy() for x in (*case.inputs, case.cotangent)]
        for x in held:
            x.flags.writeable = False
        first = gradients(op, case, held[:-1], held[-1])
        kept = [d.copy() for d in first]
        gradients(op, case, cotangent=case.cotangent * 2.0)
        again = gradients(op, case)
        for x, old in zip(held, (*case.inputs, case.cotangent), strict=True):
            np.testing.assert_array_equal(x, old)
        for d, old, new in zip(first, kept, again, strict=True):
            np.testing.assert_array_equal(d, old)
            np.testing.assert_array_equal(d, new)


def types_and_shapes_are_kept(op: Operation, points: Points) -> None:
    for case in points.cases:
        for kind in map(np.dtype, ("float16", "float32", "float64")):
            inputs = [x.astype(kind) if x.dtype.kind == "f" else x for x in case.inputs]
            with np.errstate(all="ignore"):
                value = op.call(*[asarray(x) for x in inputs], **case.settings)
                expected = plain(op, tuple(inputs), case.settings).dtype
                g = case.cotangent.astype(value.dtype)
                found = gradients(op, case, inputs, g)
            if expected.kind == "f" and "dtype" not in case.settings:
                expected = kind  # nothing may be widened on the way
            if value.dtype != expected:
                raise AssertionError(f"value is {value.dtype}, expected {expected}; {case}")
            for k, d in zip(case.wanted, found, strict=True):
                if type(d) is not np.ndarray or (d.dtype, d.shape) != (kind, inputs[k].shape):
                    raise AssertionError(f"gradient of input {k} is {d.dtype} {d.shape}; {case}")
            if kind == np.float32:
                _close_to_float64(op, case, inputs, g, found)


def _close_to_float64(
    op: Operation, case: Case, inputs: Sequence[Any], g: Array, found: Sequence[Array]
) -> None:
    """The same numbers in twice the digits give the same gradient, but for rounding."""
    wide = [x.astype(np.float64) if x.dtype.kind == "f" else x for x in inputs]
    with np.errstate(all="ignore"):
        exact = gradients(op, case, wide, g.astype(np.float64))
    for k, d, right in zip(case.wanted, found, exact, strict=True):
        size = np.abs(right).max(initial=1.0, where=np.isfinite(right))
        rounding = 2000 * float(np.finfo(np.float32).eps) * size
        near(d, right, case, f"float32 gradient of input {k}", rounding)


def memory_layout_does_not_matter(op: Operation, points: Points) -> None:
    for case in points.cases:
        expected = gradients(op, case)
        for layout in ("Fortran order", "reversed", "strided"):
            inputs = [laid_out(x, layout) for x in case.inputs]
            g = laid_out(case.cotangent, layout)
            for d, old in zip(gradients(op, case, inputs, g), expected, strict=True):
                near(d, old, case, f"gradient with {layout} arrays")


def one_tensor_as_all_operands_adds_up(op: Operation, points: Points) -> None:
    """One tensor as every operand: its gradient is the sum of theirs."""
    for case in points.cases:
        shapes = {x.shape for x in case.inputs}
        if len(case.wanted) < 2 or len(case.wanted) < len(case.inputs) or len(shapes) > 1:
            continue
        x = case.inputs[-1] if op.domain and op.domain[-1].low > 0 else case.inputs[0]
        same = [x.copy() for _ in case.inputs]
        tensor = Tensor(x, requires_grad=True)
        with np.errstate(all="ignore"):
            apart = gradients(op, case, same)
            out = op.call(*[tensor for _ in case.inputs], **case.settings)
            together = Tape().gradient(out, tensor, output_gradient=case.cotangent)
        near(together.data, np.sum(apart, axis=0), case, "gradient of one tensor as all operands")


def inputs_without_a_rule_have_no_slope(op: Operation, points: Points) -> None:
    """None in the place of a rule says that the value does not change with that input."""
    for case in points.cases:
        floats = [k for k, x in enumerate(case.inputs) if x.dtype.kind == "f"]
        for k in [] if case.special else floats:
            if op.rules[k] is not None:
                continue
            with np.errstate(all="ignore"):
                found = slopes_at(op, replace(case, wanted=(k,)))[k]
            wrong = ~found.bent & (np.abs(found.low) > 4 * found.error + 256 * EPS)
            if wrong.any():
                at = tuple(int(i) for i in np.argwhere(wrong)[0])
                raise AssertionError(
                    f"input {k} has no rule, and the slope at index {at} is {found.low[at]:.10g}"
                    f"{by_hand(case, found.low, at, named(op, len(case.inputs)))}; {case}"
                )


def every_kink_is_declared(op: Operation, points: Points) -> None:
    for case, numeric in points.with_slopes():
        for k in case.wanted:
            if numeric[k].bent.any() and not op.kinks:
                raise AssertionError(_bend(op, case, k, numeric[k]))


def _bend(op: Operation, case: Case, k: int, found: Slopes) -> str:
    """Where it bends, and the keyword that says so."""
    at = tuple(int(i) for i in np.argwhere(found.bent)[0])
    name, value = named(op, k + 1)[k], f"{case.inputs[k][at]:.6g}"
    place = f"element {at} " if at else ""
    return (
        f"bends in input {k} at {place}{name} = {value} but declares no kink; {case}\n"
        f'fix   kinks=tg.Kink("{name} = {value}", "0", "because ...", at=({value},), gives=(0.0,))'
    )


def empty_and_single_arrays_work_or_are_refused(op: Operation, points: Points) -> None:
    """Arrays without elements or axes, or with one element where the others have several."""
    for case in points.cases:
        full = [x.ndim > 0 and x.size > 0 for x in case.inputs]
        pairs = list(zip(case.inputs, full, strict=True))
        _works_or_refuses(op, [x[:0] if cut else x for x, cut in pairs], case)
        _works_or_refuses(op, [np.asarray(x.flat[0]) if cut else x for x, cut in pairs], case)
        for k in case.wanted if len(case.wanted) > 1 and not (case.special or op.variadic) else ():
            one = case.inputs[k][..., :1] if case.inputs[k].ndim else case.inputs[k]
            _works_or_refuses(op, [one if j == k else x for j, x in enumerate(case.inputs)], case)


def _works_or_refuses(op: Operation, inputs: Sequence[Any], case: Case) -> None:
    tensors = [asarray(x, requires_grad=k in case.wanted) for k, x in enumerate(inputs)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy warns of numbers, such as a mean of nothing
        try:
            out = op.call(*tensors, **case.settings)
        except TinygradError:
            return
        wanted = [tensors[k] for k in case.wanted]
        found = Tape().gradient(out, wanted, output_gradient=np.ones(out.shape))
    for k, d in zip(case.wanted, found, strict=True):
        if d.shape != inputs[k].shape or d.dtype != inputs[k].dtype:
            raise AssertionError(f"gradient of input {k} is {d.dtype} {d.shape}; {case}")


def gradient_checks_pass(op: Operation, points: Points) -> None:
    """``check_vjp`` at every point: error bars, sums over ties, and manners of the rule."""
    most = max(len(case.wanted) for case in points.cases)
    for case in points.cases:
        if len(case.wanted) == most:
            value, pullback = _value_of(op, case), _pullback_of(op, case)
            value.__name__ = op.name  # so that the report names it
            check_vjp(value, pullback, *[case.inputs[k] for k in case.wanted])


def _filled(case: Case, xs: Sequence[Array]) -> list[Array]:
    inputs = list(case.inputs)
    for k, x in zip(case.wanted, xs, strict=True):
        inputs[k] = x
    return inputs


def _value_of(op: Operation, case: Case) -> Callable[..., Array]:
    return lambda *xs: plain(op, tuple(_filled(case, xs)), case.settings)


def _pullback_of(op: Operation, case: Case) -> Callable[..., tuple[Array, ...]]:
    return lambda g, *xs: tuple(gradients(op, case, _filled(case, xs), g))


RULE_CLAIMS: tuple[Claim, ...] = (
    gradient_equals_slopes,
    kinks_are_as_promised,
    gradient_is_linear_in_the_cotangent,
    gradient_of_the_gradient_equals_slopes,
    nothing_is_overwritten,
    types_and_shapes_are_kept,
    memory_layout_does_not_matter,
    one_tensor_as_all_operands_adds_up,
    every_kink_is_declared,
    empty_and_single_arrays_work_or_are_refused,
)
# What cheaper claims said already, and what only inputs without a rule need.
DEEP_CLAIMS: tuple[Claim, ...] = (gradient_checks_pass, inputs_without_a_rule_have_no_slope)
