"""What must hold of every forward: the right numbers, and refusals in the library's words."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..autodiff.tensor import Tensor, asarray
from ..errors import TinygradError
from ..registry import Operation
from .cases import Case, Points
from .evidence import near
from .rule_claims import Claim

__all__ = ["VALUE_CLAIMS", "value_equals"]

_BAD_SETTINGS: tuple[Any, ...] = (9, -9, "x", 1.5, (0, 0), (7, 7, 7), None, [[1]])
_BAD_INPUTS: tuple[Any, ...] = ("text", None, object(), [1.0, "a"], [[1.0], [1.0, 2.0]], {})


def value_equals(reference: Callable[..., Any]) -> Claim:
    """Return the claim that a forward gives what another, obvious program gives.

    Examples
    --------
    >>> from tinygrad_edu.registry import registry
    >>> points = Points(registry["square"], np.random.default_rng(0))
    >>> value_equals(lambda x: x * x)(registry["square"], points)
    """

    def value_equals_the_reference(op: Operation, points: Points) -> None:
        for case in points.cases:
            settings = {**op.defaults, **case.settings}
            with np.errstate(all="ignore"):
                expected = np.asarray(reference(*case.inputs, **settings))
                found = op.call(*case.inputs, **case.settings)
            if expected.size and (found.dtype.kind == "b") != (expected.dtype.kind == "b"):
                raise AssertionError(f"value is {found.dtype}, expected {expected.dtype}; {case}")
            near(found.astype(float), expected.astype(float), case, "value")

    return value_equals_the_reference


def tensors_and_arrays_agree(op: Operation, points: Points) -> None:
    """Arrays and numbers give arrays, Tensors give Tensors, of the same numbers."""
    if op.domain:
        single = op.call(*[float(real.sample((), np.random.default_rng(0))) for real in op.domain])
        if type(single) is not np.ndarray or single.shape != ():
            raise AssertionError(f"numbers gave {single!r}, expected an array without axes")
    for case in points.cases:
        with np.errstate(all="ignore"):
            bare = op.call(*case.inputs, **case.settings)
            wrapped = op.call(*[asarray(x) for x in case.inputs], **case.settings)
        if type(bare) is not np.ndarray or type(wrapped) is not Tensor:
            raise AssertionError(f"gave {type(bare).__name__}, {type(wrapped).__name__}; {case}")
        np.testing.assert_array_equal(bare, wrapped.data, strict=True)


def refusals_are_in_our_words(op: Operation, points: Points) -> None:
    """Whatever the shapes, settings and types: only errors of the library escape."""
    for case in points.cases[:3]:
        for inputs, settings in _spoiled(case):
            for wrap in (False, True):
                _works_or_is_ours(op, inputs, settings, wrap)


def _spoiled(case: Case) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    for k, x in enumerate(case.inputs):
        shapes = [np.ones(shape) for shape in ((7,), (5, 7), (), (0,), (1, 1, 1, 1))]
        kinds = [x.astype(kind) for kind in ("int64", "bool", "complex128", "U4")]
        for bad in (*shapes, *kinds, *_BAD_INPUTS):
            yield [bad if j == k else y for j, y in enumerate(case.inputs)], case.settings
    for name in case.settings:
        for bad in _BAD_SETTINGS:
            yield list(case.inputs), {**case.settings, name: bad}


def _works_or_is_ours(op: Operation, inputs: list[Any], settings: Any, wrap: bool) -> None:
    shown = [x if not isinstance(x, np.ndarray) else f"{x.dtype} {x.shape}" for x in inputs]
    try:
        given = [_wrapped(x) if wrap else x for x in inputs]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy warns of numbers, such as a mean of nothing
            op.call(*given, **settings)
    except TinygradError:
        return
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise AssertionError(f"{said} escaped for {shown}, settings {settings}") from error


def _wrapped(x: Any) -> Any:
    floating = isinstance(x, np.ndarray) and x.dtype.kind == "f"
    return Tensor(x, requires_grad=True) if floating else x


VALUE_CLAIMS: tuple[Claim, ...] = (tensors_and_arrays_agree, refusals_are_in_our_words)
