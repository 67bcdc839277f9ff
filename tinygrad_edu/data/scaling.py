"""Features brought to one scale, learned from the training part alone.  Floor 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError, ShapeError
from ..types import Array
from .datasets import Dataset
from .marks import refuse_test

__all__ = ["MinMaxScaler", "StandardScaler"]


class _Scaler:
    """An affine map per column that is learned once: ``x`` to ``(x - offset) / divisor``."""

    offset_: Array
    divisor_: Array

    def _learn(self, x: Array) -> dict[str, Array]:
        raise NotImplementedError

    def fit(self, x: Any, y: Any = None) -> Any:
        """Learn the columns' figures from the training part; return the scaler itself.

        Parameters
        ----------
        x : array-like, shape (samples, ...), or Dataset
            NaN stands for a missing value and is passed over.
        y : optional
            Not looked at; scikit-learn's pipelines give it.

        Raises
        ------
        DataError
            ``x`` is a test part, holds an infinity, no rows, or a column of NaN alone; or the
            scaler was fitted to other data before.
        """
        name = type(self).__name__
        refuse_test(x, f"{name}()")
        rows = self._numbers(x)
        if len(rows) == 0 or np.isinf(rows).any() or np.isnan(rows).all(axis=0).any():
            raise DataError(
                f"{name} cannot learn from {_what_is_wrong(rows)}",
                why="every column needs at least one finite value, and no infinite one",
                fix="x_train[np.isfinite(x_train).all(axis=1)]",
            )
        learned = self._learn(rows)
        if hasattr(self, "divisor_"):
            self._refuse_another(learned)
        for key, value in learned.items():
            setattr(self, key, value)
        return self

    def transform(self, x: Any) -> Array:
        """Return the scaled features, in the floating dtype of ``x``, shape as ``x``.

        Parameters
        ----------
        x : array-like, shape (samples, ...), or Dataset
            Of any part.
        """
        given, offset, divisor = self._ready(x)
        return _as_given((given.astype(np.float64) - offset) / divisor, given)

    def fit_transform(self, x: Any, y: Any = None) -> Array:
        """Learn from the training part and return it scaled."""
        self.fit(x)
        return self.transform(x)

    def inverse_transform(self, x: Any) -> Array:
        """Return scaled features in their old units, shape as ``x``."""
        given, offset, divisor = self._ready(x)
        return _as_given(given.astype(np.float64) * divisor + offset, given)

    def state_dict(self) -> dict[str, Array]:
        """Return the figures that were learned, as arrays by name."""
        return {key: value.copy() for key, value in vars(self).items() if key.endswith("_")}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Take over figures that another scaler of this kind has learned."""
        if not {"offset_", "divisor_"} <= set(state):
            raise ArgumentError(
                f"no figures of a {type(self).__name__}: {sorted(state)!r:.80}",
                fix="scaler.load_state_dict(other.state_dict())",
            )
        for key, value in state.items():
            setattr(self, key, np.array(value, dtype=np.float64))

    def _numbers(self, x: Any) -> Array:
        array = np.asarray(x.features if isinstance(x, Dataset) else x)
        if array.dtype.kind not in "fiub" or array.ndim < 2:
            raise ShapeError(
                f"{type(self).__name__} needs numbers of shape (samples, features), got "
                f"{array.dtype} of shape {array.shape}",
                shapes=[array.shape],
                fix="x.reshape(-1, 1)" if array.ndim == 1 else None,
            )
        return array.astype(np.float64)

    def _ready(self, x: Any) -> tuple[Array, Array, Array]:
        if not hasattr(self, "divisor_"):
            raise DataError(
                f"this {type(self).__name__} has not been fitted",
                fix="scaler.fit(x_train)",
            )
        given = np.asarray(x.features if isinstance(x, Dataset) else x)
        columns = self.divisor_.shape
        if given.shape[1:] != columns or given.ndim == 0:
            raise ShapeError(
                f"the scaler was fitted to samples of shape {columns}, got {given.shape[1:]}",
                shapes=[columns, given.shape],
                fix=f"x.reshape(-1, {columns[0]})" if len(columns) == 1 else None,
            )
        return given, self.offset_, self.divisor_

    def _refuse_another(self, learned: dict[str, Array]) -> None:
        same = all(np.array_equal(getattr(self, key), value) for key, value in learned.items())
        if not same:
            raise DataError(
                f"this {type(self).__name__} was fitted before, to other data",
                why="the model was trained with the first figures; with others, the same inputs "
                "would mean something else",
                fix="scaler.transform(x)   # or a new scaler for a new model",
            )

    def __repr__(self) -> str:
        fitted = f"{self.divisor_.size} columns" if hasattr(self, "divisor_") else "not fitted"
        return f"{type(self).__name__}({fitted})"


class StandardScaler(_Scaler):
    r"""Every column with mean 0 and standard deviation 1 over the training part.

    .. math:: z = (x - \mu) / \sigma, \qquad
              \sigma^2 = \textstyle\frac{1}{n} \sum_i (x_i - \mu)^2

    A column that never changes becomes 0.

    Attributes
    ----------
    mean_, var_, scale_ : float64 arrays, shape of a sample
        What `fit` learned, under scikit-learn's names.

    Examples
    --------
    >>> scaler = StandardScaler().fit([[1.0, 10.0], [3.0, 10.0]])
    >>> scaler.transform([[5.0, 10.0]])
    array([[3., 0.]])
    """

    mean_: Array
    var_: Array

    @property
    def scale_(self) -> Array:
        """The standard deviations, or 1 for a column that never changes."""
        return self.divisor_

    def _learn(self, x: Array) -> dict[str, Array]:
        mean, var = np.nanmean(x, axis=0), np.nanvar(x, axis=0)
        # Rounding gives a constant column a variance, of at most this (Chan, Golub, LeVeque 1983).
        count, unit = np.isfinite(x).sum(axis=0), np.finfo(np.float64).eps
        constant = var <= count * unit * var + (count * mean * unit) ** 2
        scale = np.where(constant, 1.0, np.sqrt(var))
        return {"offset_": mean, "mean_": mean, "var_": var, "divisor_": scale}


class MinMaxScaler(_Scaler):
    r"""Every column from one bound to another over the training part.

    .. math:: z = a + (b - a) \frac{x - \min x}{\max x - \min x}

    A column that never changes becomes :math:`a`. Values of other parts may lie outside.

    Parameters
    ----------
    feature_range : tuple of two floats
        The bounds :math:`a < b`; ``(-1, 1)`` suits a generator that ends in tanh.

    Attributes
    ----------
    data_min_, data_max_, scale_, min_ : float64 arrays, shape of a sample
        What `fit` learned, under scikit-learn's names.

    Examples
    --------
    >>> scaler = MinMaxScaler().fit([[0.0], [4.0]])
    >>> scaler.transform([[1.0], [8.0]])
    array([[0.25],
           [2.  ]])
    """

    data_min_: Array
    data_max_: Array

    @property
    def scale_(self) -> Array:
        """What a column is multiplied with."""
        return 1 / self.divisor_

    @property
    def min_(self) -> Array:
        """What is added to it then."""
        return -self.offset_ / self.divisor_

    def __init__(self, feature_range: tuple[float, float] = (0.0, 1.0)) -> None:
        low, high = feature_range
        if not (np.isfinite([low, high]).all() and low < high):
            raise ArgumentError(
                f"feature_range={feature_range!r} is not a lower and an upper bound",
                fix="MinMaxScaler((-1, 1))",
            )
        self.feature_range = (float(low), float(high))

    def _learn(self, x: Array) -> dict[str, Array]:
        least, most = np.nanmin(x, axis=0), np.nanmax(x, axis=0)
        low, high = self.feature_range
        width = most - least
        # As scikit-learn: a width within rounding of 0 would blow up noise.
        width = np.where(width < 10 * np.finfo(np.float64).eps, 1.0, width)
        scale = width / (high - low)
        return {
            "offset_": least - low * scale,
            "divisor_": scale,
            "data_min_": least,
            "data_max_": most,
        }


def _what_is_wrong(rows: Array) -> str:
    if len(rows) == 0:
        return "no rows"
    if np.isinf(rows).any():
        place = tuple(int(k) for k in np.argwhere(np.isinf(rows))[0])
        return f"{rows[place]} at {list(place)}"
    column = int(np.argwhere(np.isnan(rows).all(axis=0).ravel())[0, 0])
    return f"column {column}, where all values are missing"


def _as_given(result: Array, given: Array) -> Array:
    return result.astype(given.dtype) if given.dtype.kind == "f" else result
