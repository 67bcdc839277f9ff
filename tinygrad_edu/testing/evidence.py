"""The gradients of a case, and whether two arrays agree: what every claim is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autodiff.record import Tape
from ..autodiff.tensor import asarray
from ..registry import Operation
from ..types import Array
from .cases import Case
from .differences import EPS

__all__ = ["by_hand", "gradients", "near"]


def gradients(
    op: Operation, case: Case, inputs: Sequence[Any] | None = None, cotangent: Any = None
) -> list[Array]:
    """The gradients of a case's wanted inputs, through the record."""
    given = case.inputs if inputs is None else inputs
    tensors = [asarray(x, requires_grad=k in case.wanted) for k, x in enumerate(given)]
    out = op.call(*tensors, **case.settings)
    wanted = [tensors[k] for k in case.wanted]
    g = case.cotangent if cotangent is None else cotangent
    return [d.data for d in Tape().gradient(out, wanted, output_gradient=g)]


def near(
    found: Any, expected: Any, case: Case, what: str, error: Any = 0.0, names: Sequence[str] = ()
) -> None:
    """Raise unless two arrays agree to an error and to rounding.

    With the names of the inputs, element by element, the message has all that one computes by hand.
    """
    found, expected = np.asarray(found), np.asarray(expected)
    if found.shape != expected.shape:
        raise AssertionError(f"{what}: shape {found.shape}, expected {expected.shape}; {case}")
    size = np.abs(expected).max(initial=1.0, where=np.isfinite(expected))
    with np.errstate(invalid="ignore"):
        off = np.abs(found - expected)
    wrong = ~((off <= error + 256 * EPS * size) | (found == expected))
    wrong &= ~(np.isnan(found) & np.isnan(expected))
    if wrong.any():
        k = tuple(int(i) for i in np.argwhere(wrong)[0])
        numbers = f"{found[k]:.10g}, expected {expected[k]:.10g}{by_hand(case, found, k, names)}"
        raise AssertionError(f"{what} at index {k}: {numbers}; {case}")


def by_hand(case: Case, found: Array, k: tuple[int, ...], names: Sequence[str]) -> str:
    """The cotangent and the inputs at an element, where all have the shape of the gradient."""
    if not names or any(x.shape != found.shape for x in (case.cotangent, *case.inputs)):
        return ""
    values = {"g": case.cotangent, **dict(zip(names, case.inputs, strict=True))}
    return ", for " + ", ".join(f"{name} = {x[k]:.10g}" for name, x in values.items())
