"""Positions in a sequence, which attention cannot tell: added waves, vectors, or rotations."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from .. import errors
from ..arrays import floats
from ..autodiff.tensor import Parameter, Tensor
from ..ops import dropout as dropped, stack
from ..seeding import generator
from ..types import Array, Operand, Rng
from . import init
from .module import Module
from .path import written_path
from .settings import probability, size

__all__ = [
    "PositionalEmbedding", "PositionalEncoding", "positional_encoding", "rotary_embedding",
]  # fmt: skip


def positional_encoding(
    steps: int, features: int, *, base: float = 10000.0, dtype: Any = np.float32
) -> Array:
    r"""Return waves of the position, one row for each step: slow ones to the right.

    .. math:: P_{t, 2i} = \sin(t\, b^{-2i/d}), \qquad P_{t, 2i+1} = \cos(t\, b^{-2i/d})

    Parameters
    ----------
    steps, features : int
        Rows and columns.
    base : float, above 1
        :math:`b`; the slowest wave takes about :math:`2 \pi b` steps.
    dtype : dtype
        Of the result.

    Notes
    -----
    Source: Vaswani et al. 2017, section 3.5.

    Examples
    --------
    >>> positional_encoding(2, 4).round(2)
    array([[0.  , 1.  , 0.  , 1.  ],
           [0.84, 0.54, 0.01, 1.  ]], dtype=float32)
    """
    angles = _angles(np.arange(steps), features, base)
    waves = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(steps, 2 * angles.shape[1])
    return waves[:, :features].astype(dtype)


def _angles(positions: Array, features: int, base: float) -> Array:
    """A position in the unit of each pair of features, in radians."""
    return positions[:, None] * base ** (-np.arange(0, features, 2) / features)


def rotary_embedding(
    x: Operand, positions: Operand | None = None, *, base: float = 10000.0, interleaved: bool = True
) -> Tensor:
    r"""Turn pairs of features by angles that grow with the position, slower pair by pair.

    .. math:: \begin{pmatrix} z_{t,2i} \\ z_{t,2i+1} \end{pmatrix} =
              \begin{pmatrix} \cos t\theta_i & -\sin t\theta_i \\
              \sin t\theta_i & \cos t\theta_i \end{pmatrix}
              \begin{pmatrix} x_{t,2i} \\ x_{t,2i+1} \end{pmatrix}, \qquad \theta_i = b^{-2i/d}

    Parameters
    ----------
    x : array_like, shape (..., steps, features)
        Queries or keys of a head, an even number of features.
    positions : array_like of int, shape (steps,), optional
        By default 0, 1, 2, ...
    base : float, above 1
        :math:`b`.
    interleaved : bool
        Pairs are neighbours; else the first half of the features goes with the second, as in
        GPT-NeoX and LLaMA.

    Returns
    -------
    Tensor
        Shape of ``x``. The product of a query and a key so turned depends on their positions by
        the distance only.

    Raises
    ------
    ShapeError
        When the features are odd, or there is not a position for each step.

    Notes
    -----
    Source: Su et al. 2021, equation 34.

    Examples
    --------
    >>> rotary_embedding([[1.0, 0.0], [1.0, 0.0]]).round(2)
    array([[1.  , 0.  ],
           [0.54, 0.84]])
    """
    x = x if isinstance(x, Tensor) else floats(np.asarray(x))
    steps, features = x.shape[-2:] if x.ndim > 1 else (0, 1)
    given = np.arange(steps) if positions is None else getattr(positions, "_data", positions)
    places = np.asarray(given)
    if features % 2 or places.shape != (steps,):
        fix = "x[..., :-1]" if features % 2 else f"np.arange({steps})   # a position for each step"
        raise errors.ShapeError(
            f"x has shape {x.shape}, and positions {places.shape}",
            shapes=(x.shape, places.shape),
            op="rotary_embedding",
            why="features are turned in pairs, at each step by its own position",
            fix=fix,
        )
    angles = _angles(places, features, base)
    cos, sin = np.cos(angles).astype(x.dtype), np.sin(angles).astype(x.dtype)
    if interleaved:
        first, second, axis = x[..., ::2], x[..., 1::2], -1
    else:
        first, second, axis = x[..., : features // 2], x[..., features // 2 :], -2
    turned = stack([first * cos - second * sin, first * sin + second * cos], axis=axis)
    return turned.reshape(x.shape)


@lru_cache(maxsize=8)
def _waves(steps: int, features: int, dtype: Any) -> Array:
    """The same table at every call, so that a step of training does not compute it again."""
    table = positional_encoding(steps, features, dtype=dtype)
    table.flags.writeable = False
    return table


class PositionalEncoding(Module):
    r"""Add waves of the position to each step, then drop elements.

    .. math:: z_t = \operatorname{dropout}(x_t + P_t), \quad P_{t, 2i} = \sin(t\, b^{-2i/d}),
              \quad P_{t, 2i+1} = \cos(t\, b^{-2i/d}), \quad b = 10000

    Parameters
    ----------
    d_model : int, at least 1
        Features of a step, :math:`d`.
    dropout : float, 0 to 1
        While training, drop elements with this probability.
    batch_first : bool
        Axes are (samples, steps, features), not (steps, samples, features).
    rng : Generator or int, optional
        Where the choices of dropout come from.

    Raises
    ------
    ShapeError
        When called with other features.

    Notes
    -----
    Nothing is learned or saved, and a sequence may have any length. Source: Vaswani et al. 2017,
    section 3.5.

    Examples
    --------
    >>> PositionalEncoding(2, dropout=0.0)(np.zeros((2, 1, 2))).numpy().round(2).tolist()
    [[[0.0, 1.0]], [[0.84, 0.54]]]
    """

    def __init__(
        self, d_model: int, dropout: float = 0.1, batch_first: bool = False, *, rng: Rng = None
    ) -> None:
        self.d_model = size("d_model", d_model, 1, "64")
        self.dropout = probability("dropout", dropout)
        self.batch_first = bool(batch_first)
        self.rng = None if rng is None else generator(rng)

    def forward(self, x: Operand) -> Tensor:
        """Return ``x``, shape (steps, samples, d_model) or (steps, d_model), with its positions."""
        steps = _steps(self, x)
        table = _waves(steps, self.d_model, x.dtype if x.dtype.kind == "f" else np.dtype(float))
        placed = x + (table if self.batch_first or x.ndim == 2 else table[:, None])
        return dropped(placed, self.dropout if self.training else 0.0, rng=self.rng)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"{self.d_model}, dropout={self.dropout}, batch_first={self.batch_first}"


class PositionalEmbedding(Module):
    r"""Add a learned vector for its position to each step.

    .. math:: z_t = x_t + w_t

    Parameters
    ----------
    max_len : int, at least 1
        The longest sequence.
    d_model : int, at least 1
        Features of a step.
    batch_first : bool
        Axes are (samples, steps, features), not (steps, samples, features).
    dtype : dtype
        Of the parameters.
    rng : Generator or int, optional
        Where the initial values come from; by default the innermost ``tg.seed``.

    Attributes
    ----------
    weight : Parameter, shape (max_len, d_model)
        Normal of deviation 0.02 at first, as in GPT-2 and BERT.

    Raises
    ------
    ShapeError
        When called with other features, or a longer sequence.

    Notes
    -----
    Source: Gehring et al. 2017, section 3.1; Vaswani et al. 2017, section 3.5, compare the two.

    Examples
    --------
    >>> PositionalEmbedding(10, 4)(np.zeros((3, 1, 4), np.float32)).shape
    (3, 1, 4)
    """

    def __init__(
        self,
        max_len: int,
        d_model: int,
        batch_first: bool = False,
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
    ) -> None:
        self.max_len = size("max_len", max_len, 1, "64")
        self.d_model = size("d_model", d_model, 1, "64")
        self.batch_first = bool(batch_first)
        shape = (self.max_len, self.d_model)
        self.weight = Parameter(init.normal(shape, 0.0, 0.02, rng=rng, dtype=dtype))

    def forward(self, x: Operand) -> Tensor:
        """Return ``x``, shape (steps, samples, d_model) or (steps, d_model), with its positions."""
        steps = _steps(self, x)
        if steps > self.max_len:
            raise errors.ShapeError(
                f"{written_path(self)} got a sequence of {steps} steps, and has vectors for "
                f"{self.max_len}",
                shapes=(x.shape, self.weight.shape),
                op="positional_embedding",
                why="a position beyond has not been learned",
                fix=f"nn.PositionalEmbedding({steps}, {self.d_model})",
            )
        table = self.weight if steps == self.max_len else self.weight[:steps]
        across = self.batch_first or x.ndim == 2
        placed: Tensor = x + (table if across else table.reshape((steps, 1, self.d_model)))
        return placed

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"{self.max_len}, {self.d_model}, batch_first={self.batch_first}"


def _steps(layer: Any, x: Any) -> int:
    """How long the sequences are."""
    if x.ndim not in (2, 3) or x.shape[-1] != layer.d_model:
        axes = "(samples, steps, {})" if layer.batch_first else "(steps, samples, {})"
        kind, more = type(layer).__name__, getattr(layer, "max_len", None)
        sizes = (*([] if more is None else [more]), *x.shape[-1:])
        raise errors.ShapeError(
            f"{written_path(layer)} got shape {x.shape}, expected {axes.format(layer.d_model)}, or "
            f"(steps, {layer.d_model}) of one sequence",
            shapes=(x.shape,),
            op="positional_encoding",
            why="what is added has a number for each feature of a step",
            fix=f"nn.{kind}({', '.join(map(str, sizes))})"
            if x.ndim in (2, 3)
            else f"x.reshape((-1, {layer.d_model}))",
        )
    return int(x.shape[1 if layer.batch_first and x.ndim == 3 else 0])
