"""Matrices and kernels with a structure: orthogonal, sparse, and those that pass values on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import errors
from ...seeding import generator
from ...types import Array, Rng, Shape
from ..settings import probability, size
from .distribution import normal

__all__ = ["dirac", "eye", "identity", "orthogonal", "sparse"]


def orthogonal(
    shape: Shape, gain: float = 1.0, *, rng: Rng = None, dtype: Any = np.float32
) -> Array:
    r"""Return a random matrix with orthonormal rows, or columns if those are fewer.

    .. math:: W W^{\mathsf T} = \text{gain}^2\, I \quad\text{or}\quad
              W^{\mathsf T} W = \text{gain}^2\, I

    All axes but the first count as columns. The signs of ``R`` are moved into ``Q``, so that every
    orthogonal matrix is equally likely. Sources: Saxe et al. 2014; Mezzadri 2007, section 5.

    Examples
    --------
    >>> w = orthogonal((3, 5), rng=0, dtype=np.float64)
    >>> bool(np.allclose(w @ w.T, np.eye(3)))
    True
    """
    if len(shape) < 2:
        raise errors.ShapeError(
            f"an orthogonal matrix has two axes or more, got shape {shape}",
            shapes=(shape,),
            fix="nn.init.zeros(shape)   # for a bias",
        )
    rows, columns = shape[0], math.prod(shape[1:])
    draws = generator(rng).standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(draws)
    q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
    matrix = q if rows >= columns else q.T
    return (gain * matrix).reshape(shape).astype(dtype)


def sparse(
    shape: Shape,
    sparsity: float,
    std: float = 0.01,
    *,
    rng: Rng = None,
    dtype: Any = np.float32,
) -> Array:
    r"""Return normal draws with the same number of zeros in each column.

    Parameters
    ----------
    shape : tuple of int, (out, in)
        Of the weight.
    sparsity : float, 0 to 1
        The part of each column that is 0, rounded up.
    std : float
        Of the other numbers.
    rng, dtype
        See the head of the module.

    Raises
    ------
    ShapeError, ArgumentError
        For other than two axes, or a ``sparsity`` that is no part.

    Notes
    -----
    PyTorch's convention. Source: Martens 2010, section 5, who fixes how many weights each unit has.

    Examples
    --------
    >>> (sparse((4, 3), 0.7, rng=0) == 0).sum(axis=0)
    array([3, 3, 3])
    """
    _check_axes("sparse", shape, (2,))
    zeros = math.ceil(probability("sparsity", sparsity) * shape[0])
    draw = generator(rng)
    weight = normal(shape, 0.0, std, rng=draw, dtype=dtype)
    gone = draw.permuted(np.arange(shape[0])[:, None].repeat(shape[1], axis=1), axis=0)[:zeros]
    np.put_along_axis(weight, gone, 0, axis=0)
    return weight


def identity(shape: Shape, *, rng: Rng = None, dtype: Any = np.float32) -> Array:
    r"""Return the identity matrix, cut or filled up with zeros: a linear layer that passes on.

    .. math:: W_{ij} = [i = j]

    Raises
    ------
    ShapeError
        For other than two axes.

    Notes
    -----
    PyTorch's ``eye_``. Source: Le, Jaitly, Hinton 2015, section 3.

    Examples
    --------
    >>> identity((2, 3))
    array([[1., 0., 0.],
           [0., 1., 0.]], dtype=float32)
    """
    _check_axes("identity", shape, (2,))
    return np.eye(*shape, dtype=dtype)


eye = identity


def dirac(shape: Shape, groups: int = 1, *, rng: Rng = None, dtype: Any = np.float32) -> Array:
    r"""Return kernels that pass their channel on: a 1 in the middle, for as many as there are.

    .. math:: W_{oik} = [o = i]\,[k = \text{middle}]

    Parameters
    ----------
    shape : tuple of int, (out, in, *kernel)
        Of the weight, with one to three axes of the kernel.
    groups : int
        Of the convolution: each group of outputs passes its own inputs on.
    rng, dtype
        See the head of the module.

    Raises
    ------
    ShapeError, ArgumentError
        For other axes, or groups that do not divide the outputs.

    Notes
    -----
    The middle of a kernel of even length is the later of the two. Source: PyTorch's ``dirac_``;
    Zagoruyko and Komodakis 2017, section 3.

    Examples
    --------
    >>> dirac((2, 2, 3))[0]
    array([[0., 1., 0.],
           [0., 0., 0.]], dtype=float32)
    """
    _check_axes("dirac", shape, (3, 4, 5))
    if shape[0] % size("groups", groups, 1, "1"):
        raise errors.ArgumentError(
            f"{shape[0]} outputs do not make {groups} groups of equal size", fix="groups=1"
        )
    weight = np.zeros(shape, dtype)
    middle: Any = (..., *[length // 2 for length in shape[2:]])
    middles = weight[middle]  # a view, (out, in)
    each = shape[0] // groups
    for rows in np.split(middles, groups):
        rows[:] = np.eye(each, shape[1], dtype=dtype)
    return weight


def _check_axes(name: str, shape: Shape, wanted: tuple[int, ...]) -> None:
    if len(shape) not in wanted:
        count = " or ".join(map(str, wanted))
        raise errors.ShapeError(
            f"{name} fills a weight of {count} axes, got shape {shape}",
            shapes=(shape,),
            why="the axes are (out, in, *kernel)",
            fix="nn.init.zeros(shape)   # for a bias",
        )
