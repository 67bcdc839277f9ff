"""Masks of attention: which query may look at which key.

A layer takes PyTorch's two kinds: truth values, true where a look is closed, and numbers to add to
the scores. The operation takes truth values that are true where a look is open. Both meet here.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from ...autodiff.tensor import Tensor
from ...ops import pad, where
from ...types import Array, Shape
from . import catalogue

__all__ = ["combined", "generate_square_subsequent_mask", "joined"]


def generate_square_subsequent_mask(sz: int, *, dtype: Any = np.float32) -> Array:
    r"""Return what to add to the scores so that no position looks at a later one.

    .. math:: M_{ij} = \begin{cases} 0 & j \le i \\ -\infty & j > i \end{cases}

    Parameters
    ----------
    sz : int
        The number of positions.
    dtype : dtype
        Of the mask.

    Notes
    -----
    ``is_causal=True`` has the same effect without an array. Source: Vaswani et al. 2017, section
    3.2.3.

    Examples
    --------
    >>> generate_square_subsequent_mask(2)
    array([[  0., -inf],
           [  0.,   0.]], dtype=float32)
    """
    return np.triu(np.full((sz, sz), -np.inf, dtype), 1)


def combined(
    attn_mask: Any, key_padding_mask: Any, is_causal: bool, shape: Shape, added: int, dtype: Any
) -> tuple[Any, bool]:
    """Return the one mask for the operation, or None, and whether it shall only look back.

    Parameters
    ----------
    attn_mask : array_like, shape (queries, keys) or (samples * heads, queries, keys), or None
        For each pair: true where it is closed, or numbers to add.
    key_padding_mask : array_like, shape (samples, keys), or (keys,) of one sample, or None
        The same for each key.
    is_causal : bool
        A query looks at keys up to its own position.
    shape : tuple of int, (samples, heads, queries, keys)
        Of the scores, without the keys that are added.
    added : int
        How many keys the layer adds at the end, open to all.
    dtype : dtype
        Of the scores.
    """
    samples, heads, queries, keys = shape
    masks = []
    if attn_mask is not None:
        shapes = [(queries, keys), (samples * heads, queries, keys)]
        mask = _opened("attn_mask", attn_mask, shapes, dtype)
        masks.append(mask if mask.ndim == 2 else mask.reshape(shape))
    if key_padding_mask is not None:
        shapes = [(samples, keys), *([(keys,)] if samples == 1 else [])]
        mask = _opened("key_padding_mask", key_padding_mask, shapes, dtype)
        masks.append(mask.reshape((samples, 1, 1, keys)))
    if added:
        masks = [_with_keys(mask, added) for mask in masks]
    if is_causal and (masks or added):
        back = np.tri(queries, keys, dtype=bool)
        masks.append(_with_keys(back, added) if added else back)
        is_causal = False
    return (reduce(joined, masks) if masks else None), is_causal


def _opened(name: str, mask: Any, shapes: list[Shape], dtype: Any) -> Any:
    """A mask in the operation's sense: truth values that open, or numbers of the scores' type."""
    values = mask._data if isinstance(mask, Tensor) else np.asarray(mask)
    if values.dtype.kind not in "bf":
        raise catalogue.mask_of_type(name, values)
    if values.shape not in shapes:
        raise catalogue.mask_of_shape(name, values.shape, shapes)
    if values.dtype == bool:
        return ~values
    given = mask if isinstance(mask, Tensor) else values
    return given if values.dtype == dtype else given.astype(dtype)


def _with_keys(mask: Any, added: int) -> Any:
    """A mask with further keys that are open to all."""
    width = [(0, 0)] * (mask.ndim - 1) + [(0, added)]
    return pad(mask, width, constant_values=mask.dtype == bool)


def joined(first: Any, second: Any) -> Any:
    """Return a mask that is open where two are; numbers are added.

    Parameters
    ----------
    first, second : array or Tensor, of shapes that broadcast
        Truth values that open, or numbers to add.

    Examples
    --------
    >>> joined(np.array([1.0, 2.0]), np.array([True, False]))
    array([  1., -inf])
    """
    if first.dtype != bool and second.dtype != bool:
        return first + second
    if first.dtype == second.dtype:
        return first & second
    truths, numbers = (first, second) if first.dtype == bool else (second, first)
    return where(truths, numbers, -np.inf)
