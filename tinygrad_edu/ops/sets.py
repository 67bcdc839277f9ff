"""Different values and where they stand. None of these answers has a derivative.

An operation has one output, so each part of an answer of several is an operation of its own.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..types import Array, Operand
from .axes import held

__all__ = [
    "argwhere",
    "nonzero",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]


class UniqueAll(NamedTuple):
    """Different values, where each is first, which each element is, and how often each is there."""

    values: Any
    indices: Any
    inverse_indices: Any
    counts: Any


class UniqueCounts(NamedTuple):
    """Different values, and how often each is there."""

    values: Any
    counts: Any


class UniqueInverse(NamedTuple):
    """Different values, and which of them each element is."""

    values: Any
    inverse_indices: Any


def _repeated(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shape = ((5,), (2, 3), (), (1, 2, 2))[int(rng.integers(4))]
    return (rng.integers(0, 3, shape).astype(float),), {}


def _different(part: int) -> Any:
    """One of the four answers of NumPy about different values; each NaN is a value of its own."""
    return lambda x: np.asarray(np.unique_all(x)[part])


@operation(_different(0), samples=_repeated)
def unique_values(x: Operand, /) -> Tensor:
    r"""The different values in ascending order; no derivative.

    .. math:: z_0 < z_1 < \dots, \quad \{z_k\} = \{x_i\}

    Parameters
    ----------
    x : array_like
        Any shape. How many values there are depends on the values, so there is no derivative;
        NaN equals nothing, so each is one of its own. Source: Array API 2024.12,
        ``unique_values``.

    Examples
    --------
    >>> unique_values([2.0, 1.0, 2.0])
    array([1., 2.])
    """


@operation(_different(1), samples=_repeated)
def _unique_indices(x: Operand, /) -> Tensor:
    r"""Where each different value stands first, in the array as one row.

    .. math:: i_k = \min \{i : x_i = z_k\}
    """


@operation(_different(2), samples=_repeated)
def _unique_inverse(x: Operand, /) -> Tensor:
    r"""Which of the different values each element is.

    .. math:: x_i = z_{k(i)}

    Examples
    --------
    >>> _unique_inverse([2.0, 1.0, 2.0])
    array([1, 0, 1])
    """


@operation(_different(3), samples=_repeated)
def _unique_counts(x: Operand, /) -> Tensor:
    r"""How often each different value is there.

    .. math:: n_k = \#\{i : x_i = z_k\}

    Examples
    --------
    >>> _unique_counts([2.0, 1.0, 2.0])
    array([1, 2])
    """


def unique_counts(x: Operand, /) -> UniqueCounts:
    r"""The different values, and how often each is there; no derivative.

    .. math:: n_k = \#\{i : x_i = z_k\}

    Parameters
    ----------
    x : array_like
        Any shape.

    Returns
    -------
    UniqueCounts
        ``values`` and ``counts``. Source: Array API 2024.12, ``unique_counts``.

    Examples
    --------
    >>> unique_counts([2.0, 1.0, 2.0]).counts
    array([1, 2])
    """
    return UniqueCounts(unique_values(x), _unique_counts(x))


def unique_inverse(x: Operand, /) -> UniqueInverse:
    r"""The different values, and which of them each element is; no derivative.

    .. math:: x_i = z_{k(i)}

    Parameters
    ----------
    x : array_like
        Any shape.

    Returns
    -------
    UniqueInverse
        ``values``, and ``inverse_indices`` of the shape of ``x``. Source: Array API 2024.12,
        ``unique_inverse``.

    Examples
    --------
    >>> unique_inverse([2.0, 1.0, 2.0]).inverse_indices
    array([1, 0, 1])
    """
    return UniqueInverse(unique_values(x), _unique_inverse(x))


def unique_all(x: Operand, /) -> UniqueAll:
    r"""The different values and all about them; no derivative.

    .. math:: x_i = z_{k(i)}, \quad n_k = \#\{i : x_i = z_k\}

    Parameters
    ----------
    x : array_like
        Any shape.

    Returns
    -------
    UniqueAll
        ``values``, ``indices``, ``inverse_indices`` and ``counts``. Source: Array API 2024.12,
        ``unique_all``.

    Examples
    --------
    >>> unique_all([2.0, 1.0, 2.0]).indices
    array([1, 0])
    """
    found = unique_values(x), _unique_indices(x), _unique_inverse(x), _unique_counts(x)
    return UniqueAll(*found)


def _sparse(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shape = ((5,), (2, 3), (1, 2, 2), (0, 2))[int(rng.integers(4))]
    return (rng.integers(0, 2, shape) * rng.normal(size=shape),), {}


def _places(x: Array) -> Array:
    return np.argwhere(x)


@operation(_places, samples=_sparse)
def argwhere(x: Operand, /) -> Tensor:
    r"""Where elements are not zero, one row of indices for each; no derivative.

    .. math:: x_{z_k} \ne 0

    Parameters
    ----------
    x : array_like
        Any shape. Source: NumPy 2.4, ``argwhere``.

    Examples
    --------
    >>> argwhere([[0.0, 5.0], [3.0, 0.0]])
    array([[0, 1],
           [1, 0]])
    """


def _columns(x: Array) -> Array:
    return np.stack(np.nonzero(x))


@operation(_columns, samples=_sparse)
def _nonzero(x: Operand, /) -> Tensor:
    r"""Where elements are not zero, one row for each axis.

    .. math:: x_{z_k} \ne 0

    Examples
    --------
    >>> _nonzero([0.0, 5.0, 3.0])
    array([[1, 2]])
    """


def nonzero(x: Operand, /) -> tuple[Tensor, ...]:
    r"""Where elements are not zero, one array of indices for each axis; no derivative.

    .. math:: x_{z_k} \ne 0

    Parameters
    ----------
    x : array_like
        At least one axis. Source: Array API 2024.12, ``nonzero``.

    Examples
    --------
    >>> nonzero([0.0, 5.0, 3.0])
    (array([1, 2]),)
    """
    places = _nonzero(held(x))
    return tuple([places[k] for k in range(len(places))])
