"""What every loss does with its arguments: no broadcasting, and one of three reductions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import errors
from ...arrays import numbers
from ...autodiff.tensor import Tensor
from ...catalogue import unknown_choice
from ...ops import clip, mean, sum
from ...types import Operand
from ..module import Module
from ..settings import real
from . import catalogue

__all__ = [
    "Reduced", "above_zero", "alike", "check_reduction", "floating", "pair", "positive_part",
    "reduced", "value",
]  # fmt: skip

_REDUCTIONS = ("mean", "sum", "none")


class Reduced(Module):
    """The base of losses whose settings include a reduction; no loss by itself."""

    reduction: str

    def _settle(self, reduction: str, *more: str) -> None:
        check_reduction(reduction, *more)
        self.reduction = reduction


def check_reduction(reduction: str, *more: str) -> None:
    """Raise unless there is such a reduction; ``more`` are those that only one loss has."""
    if reduction not in (*_REDUCTIONS, *more):
        raise unknown_choice("reduction", reduction, (*_REDUCTIONS, *more))


def reduced(losses: Tensor, reduction: str) -> Tensor:
    """Return the mean of losses, their sum, or all of them."""
    if reduction == "mean":
        return mean(losses)
    if reduction == "sum":
        return sum(losses)
    check_reduction(reduction)
    return losses


def value(x: Operand) -> Any:
    """Return what has a shape and a type: a Tensor as it is, anything else as an array."""
    return x if isinstance(x, Tensor) else numbers(x)


def alike(loss: str, prediction: Operand, target: Operand) -> tuple[Any, Any]:
    """Return both as values if their shapes are equal.

    Raises
    ------
    ShapeError
        When they are not, even if they would broadcast.
    """
    left, right = value(prediction), value(target)
    if left.shape != right.shape:
        raise catalogue.shapes_differ(loss, left.shape, right.shape)
    return left, right


def pair(
    loss: str, names: tuple[str, str], first: Operand, second: Operand, *, vectors: bool = False
) -> tuple[Any, Any]:
    """Return two batches as values if their shapes are equal; of ``vectors``, with an axis."""
    left, right = value(first), value(second)
    if left.shape != right.shape:
        raise catalogue.pair_differs(loss, names, left.shape, right.shape)
    if vectors and not left.shape:
        raise catalogue.no_vector(loss, names[0])
    return left, right


def positive_part(x: Any) -> Any:
    """What is above 0. The slope at 0 passes, as in PyTorch's ``clamp_min``; ``relu`` stops it."""
    return clip(x, 0.0)


def floating(x: Any) -> np.dtype[Any]:
    """Return the type in which a loss of ``x`` is computed."""
    return x.dtype if x.dtype.kind == "f" else np.dtype(np.float64)


def above_zero(name: str, given: Any) -> None:
    """Raise unless a setting is a number above 0."""
    if real(name, given, 0.0, "1.0") == 0:
        raise errors.ArgumentError(f"{name} is a number above 0, got {given!r}", fix=f"{name}=1.0")
