"""The generated tests enter the branches that a rule may have.

Each twin is right but for one form of inputs or settings, where its gradients are half as much
again. No mutation of the library's own rules stands for such mistakes, as their branches are few.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinygrad_edu.registry import Operation, registry
from tinygrad_edu.testing.cases import Points
from tinygrad_edu.testing.generated import generated
from tinygrad_edu.testing.mutants import twin

pytestmark = pytest.mark.once

Form = Callable[..., Any]
RULED = [
    name
    for name, op in registry.items()
    if "." not in name and op.differentiable and (op.domain or op.samples)
]


def wrong_where(op: Operation, form: Form) -> Operation:
    """A twin whose gradients are 1.5 times the right ones where the form is met."""

    def spoil(rule: Any) -> Any:
        if rule is None:
            return None

        def spoilt(g: Any, out: Any, *inputs: Any, **settings: Any) -> Any:
            answer = rule(g, out, *inputs, **settings)
            named = {key: x for key, x in settings.items() if key not in ("saved", "needs")}
            if not form(*inputs, **named):
                return answer
            if isinstance(answer, tuple):
                return tuple(None if d is None else d * 1.5 for d in answer)
            return answer * 1.5

        return spoilt

    return twin(op, tuple(map(spoil, op.rules)), spoil(op.joint))


def noticed(op: Operation, form: Form) -> bool:
    points = Points(op, np.random.default_rng(0))
    for check in generated(wrong_where(op, form), points):
        try:
            check.run()
        except AssertionError:
            return True
    return False


def plain(x: Any) -> Any:
    """The numbers of what a rule is given: an array, or a Tensor when its work is recorded."""
    return getattr(x, "_data", x)


def shaped(*shapes: Any) -> Form:
    """Inputs of these shapes, a whole number standing for that many axes."""
    return lambda *xs, **settings: (
        len(xs) >= len(shapes)
        and all(
            x.ndim == shape if isinstance(shape, int) else x.shape == shape
            for x, shape in zip(xs, shapes, strict=False)
        )
    )


def axis_of(kind: Callable[[Any], Any]) -> Form:
    return lambda x, axis, **settings: kind(axis)


def pair(kind: Callable[[tuple[int, ...]], Any]) -> Callable[[Any], Any]:
    return lambda axis: isinstance(axis, tuple) and kind(axis)


def keyed(kind: Callable[[Any], Any]) -> Form:
    """A key one of whose parts is of a kind."""
    return lambda *xs, key, **settings: any(map(kind, key if isinstance(key, tuple) else (key,)))


def indices(part: Any) -> bool:
    return isinstance(part, np.ndarray) and part.dtype.kind == "i"


def mask(part: Any) -> bool:
    return isinstance(part, np.ndarray) and part.dtype.kind == "b"


def arrays_in(key: Any) -> list[Any]:
    return [part for part in key if indices(part)] if isinstance(key, tuple) else []


REDUCTIONS: dict[str, Form] = {
    "0-d": shaped(0),
    "1-d": shaped(1),
    "2-d": shaped(2),
    "4-d": shaped(4),
    "axis of size 1": lambda x, axis, **s: isinstance(axis, int) and x.shape[axis] == 1,
    "axis 1": axis_of(lambda axis: axis == 1),
    "axis 2": axis_of(lambda axis: axis == 2),
    "axis -2": axis_of(lambda axis: axis == -2),
    "no axes": axis_of(lambda axis: axis == ()),
    "tuple of one": axis_of(pair(lambda axis: len(axis) == 1)),
    "all axes": lambda x, axis, **s: isinstance(axis, tuple) and len(axis) == x.ndim > 0,
    "unsorted": axis_of(pair(lambda axis: list(axis) != sorted(axis))),
    "negative in a tuple": axis_of(pair(lambda axis: any(k < 0 for k in axis))),
    "kept": lambda x, keepdims, **s: keepdims,
}
OTHERS: list[tuple[str, str, Form]] = [
    ("matmul", "stacks of one shape", lambda x, y: x.ndim == y.ndim == 3),
    ("matmul", "stack and matrix", shaped(3, 2)),
    ("matmul", "one number", shaped((1, 1), (1, 1))),
    ("matmul", "square second", lambda x, y: y.ndim == 2 and y.shape[0] == y.shape[1] > 1),
    ("linear", "square", lambda x, w, b=None: w.shape[0] == w.shape[1]),
    ("linear", "one output", lambda x, w, b=None: w.shape[0] == 1),
    ("linear", "one row", lambda x, w, b=None: x.ndim == 2 and x.shape[0] == 1),
    ("matrix_transpose", "square", lambda x: x.shape[-1] == x.shape[-2]),
    ("matrix_transpose", "matrix", shaped(2)),
    ("getitem", "negative", keyed(lambda part: isinstance(part, int) and part < 0)),
    ("getitem", "two arrays", lambda x, key: len(arrays_in(key)) == 2),
    ("getitem", "array and slice",
     lambda x, key: arrays_in(key) and any(isinstance(part, slice) for part in key)),
    ("getitem", "negative entries", keyed(lambda part: indices(part) and (part < 0).any())),
    ("getitem", "nothing", lambda x, key: isinstance(key, tuple) and key == ()),
    ("getitem", "Ellipsis", keyed(lambda part: part is ...)),
    ("getitem", "step 2", keyed(lambda part: isinstance(part, slice) and part.step == 2)),
    ("getitem", "mask", keyed(mask)),
    ("put", "mask", keyed(mask)),
    ("scatter_add", "slice", keyed(lambda part: isinstance(part, slice))),
    ("concat", "one part", lambda *xs, **s: len(xs) == 1),
    ("concat", "three parts", lambda *xs, **s: len(xs) == 3),
    ("reshape", "number", lambda x, shape, copy: isinstance(shape, int)),
    ("squeeze", "None", axis_of(lambda axis: axis is None)),
    ("squeeze", "negative", axis_of(lambda axis: isinstance(axis, int) and axis < 0)),
    ("squeeze", "tuple", axis_of(pair(len))),
    ("expand_dims", "negative", axis_of(lambda axis: isinstance(axis, int) and axis < 0)),
    ("expand_dims", "tuple", axis_of(pair(len))),
    ("broadcast_to", "same shape", lambda x, shape: x.shape == shape),
    ("broadcast_to", "0-d", shaped(0)),
    ("log_softmax", "1-d", shaped(1)),
    ("log_softmax", "3-d", shaped(3)),
    ("var", "other correction", lambda x, correction, **s: correction not in (0, 1)),
    ("std", "other correction", lambda x, correction, **s: correction not in (0, 1)),
    ("power", "negative base", lambda x, y: (plain(x) < 0).any()),
    ("remainder", "large quotient", lambda x, y: (np.abs(plain(x) / plain(y)) > 3).any()),
    ("remainder", "negative divisor", lambda x, y: (plain(y) < 0).any()),
    ("where", "0-d", shaped(0, 0, 0)),
    ("where", "axis of size 1", shaped((2, 1), (2, 1), (2, 1))),
    ("relu", "0-d", shaped(0)),
    ("relu", "axis of size 1", lambda x: 1 in x.shape),
    ("maximum", "0-d", shaped(0, 0)),
    ("maximum", "axis of size 1", lambda x, y: x.shape == y.shape and 1 in x.shape),
    ("softmax_cross_entropy", "0-d result", shaped(1, 1)),
    ("softmax_cross_entropy", "axis of size 1", lambda x, y: x.shape[0] == 1),
]  # fmt: skip


@pytest.mark.parametrize("form", REDUCTIONS)
def test_a_rule_wrong_for_one_form_of_reduction_is_noticed(form: str) -> None:
    # A single number does not deviate from its mean: the slope is 0, and half as much again too.
    flat = ("var", "std") if form in ("0-d", "no axes", "axis of size 1") else ()
    for name in ("sum", "mean", "max", "min", "var", "std"):
        assert name in flat or noticed(registry[name], REDUCTIONS[form]), name


@pytest.mark.parametrize(("name", "said", "form"), OTHERS)
def test_a_rule_wrong_for_one_form_is_noticed(name: str, said: str, form: Form) -> None:
    assert noticed(registry[name], form)


@pytest.mark.thorough
@pytest.mark.parametrize("name", RULED)
def test_a_rule_wrong_in_one_type_is_noticed(name: str) -> None:
    op = registry[name]
    for kind in (np.float32, np.float64):
        assert noticed(op, lambda *xs, kind=kind, **s: any(x.dtype == kind for x in xs))
