"""Layers that keep every number: ``Flatten``, ``Unflatten``, and ``Identity``."""

from __future__ import annotations

import math
from typing import Any

from .. import errors
from ..autodiff.tensor import Tensor
from ..ops import reshape
from ..types import Operand, Shape
from .module import Module
from .path import written_path
from .settings import whole

__all__ = ["Flatten", "Identity", "Unflatten"]


class Flatten(Module):
    """Make one axis of several, by default of all but the first: an image becomes a row.

    Parameters
    ----------
    start_dim, end_dim : int
        First and last of the axes to join; negative ones count from the end.

    Raises
    ------
    IndexingError
        When the input has no such axes, or the first comes after the last.

    Examples
    --------
    >>> Flatten()([[[1.0, 2.0], [3.0, 4.0]]])
    Tensor([[1., 2., 3., 4.]], dtype=float64)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x: Operand) -> Tensor:
        """Map shape (batch, ...) to shape (batch, features)."""
        count = max(x.ndim, 1)
        shape = x.shape or (1,)
        if not (-count <= self.start_dim < count and -count <= self.end_dim < count):
            raise self._no_such_axes(x.shape)
        first, last = self.start_dim % count, self.end_dim % count
        if first > last:
            raise self._no_such_axes(x.shape)
        joined = math.prod(shape[first : last + 1])
        return reshape(x, (*shape[:first], joined, *shape[last + 1 :]))

    def _no_such_axes(self, shape: tuple[int, ...]) -> Exception:
        return errors.IndexingError(
            f"Flatten(start_dim={self.start_dim}, end_dim={self.end_dim}) joins axes that an "
            f"input of shape {shape} does not have in this order",
            shapes=(shape,),
            why="by default the first axis counts the samples and stays",
            fix="nn.Flatten(start_dim=0)   # if there is no axis for the samples",
        )

    def extra_repr(self) -> str:
        """Return the axes as PyTorch shows them."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Make several axes of one: a row becomes an image.

    Parameters
    ----------
    dim : int
        The axis to take apart; negative ones count from the end.
    unflattened_size : tuple of int
        Sizes of the new axes; one of them may be -1, and follows from the others.

    Raises
    ------
    ShapeError
        When the input has no such axis, or of another length.

    Examples
    --------
    >>> Unflatten(1, (2, 2))([[1.0, 2.0, 3.0, 4.0]])
    Tensor([[[1., 2.],
             [3., 4.]]], dtype=float64)
    """

    def __init__(self, dim: int, unflattened_size: Shape) -> None:
        self.dim = whole("dim", dim, "1")
        sizes = unflattened_size if isinstance(unflattened_size, (tuple, list)) else ()
        self.unflattened_size = tuple([_length(n, unflattened_size) for n in sizes])
        if not sizes or self.unflattened_size.count(-1) > 1:
            raise _no_sizes(unflattened_size)

    def forward(self, x: Operand) -> Tensor:
        """Map shape (..., product, ...) to (..., *unflattened_size, ...)."""
        shape, sizes = x.shape, list(self.unflattened_size)
        if not -len(shape) <= self.dim < len(shape):
            raise self._does_not_fit(shape)
        dim = self.dim % len(shape)
        if -1 in sizes:
            others = -math.prod(sizes)
            sizes[sizes.index(-1)] = shape[dim] // others if others else 0
        if math.prod(sizes) != shape[dim]:
            raise self._does_not_fit(shape)
        return reshape(x, (*shape[:dim], *sizes, *shape[dim + 1 :]))

    def _does_not_fit(self, shape: Shape) -> Exception:
        product = "*".join(map(str, self.unflattened_size))
        known = abs(math.prod(self.unflattened_size))
        fitting = [k for k, n in enumerate(shape) if n == known]
        last = -1 if len(shape) > 1 or not shape else 0
        fix = f"nn.Unflatten({last}, (1, -1))"
        if fitting:
            fix = f"nn.Unflatten({fitting[-1]}, {self.unflattened_size})"
        return errors.ShapeError(
            f"{written_path(self)} = Unflatten({self.extra_repr()}): axis {self.dim} of {shape} is "
            f"not {product} long",
            shapes=(shape,),
            why="every element keeps its place in the row, and there are as many as before",
            fix=fix if shape else "x.reshape(1, 1)   # a number has no axis",
        )

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


def _length(given: Any, sizes: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < -1:
        raise _no_sizes(sizes)
    return given


def _no_sizes(given: Any) -> Exception:
    return errors.ArgumentError(
        f"unflattened_size is a tuple of whole numbers, one of them -1 at most, got {given!r:.60}",
        fix="unflattened_size=(1, 28, 28)",
    )


class Identity(Module):
    """Return the input: a place for a layer that is left out.

    Parameters
    ----------
    *settings, **options : any
        Ignored, so that it can stand in for any layer.

    Examples
    --------
    >>> Identity()([1.0, 2.0])
    Tensor([1., 2.], dtype=float64)
    """

    def __init__(self, *settings: Any, **options: Any) -> None:
        """Take anything."""

    def forward(self, x: Operand) -> Operand:
        """Return ``x``, any shape."""
        return x
