"""Rectifiers that let a little of the left side through."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import errors
from ...arrays import numbers
from ...autodiff.tensor import Parameter, Tensor
from ...ops import add, leaky_relu, maximum, minimum, multiply, prelu
from ...seeding import generator
from ...types import Operand, Rng, Shape
from ..module import Module
from ..note import note_type
from ..path import written_path
from ..settings import real, size

__all__ = ["LeakyReLU", "PReLU", "RReLU", "rrelu"]


class LeakyReLU(Module):
    r"""Rectified linear unit that lets a little of the left side through.

    .. math:: z = \max(x, 0) + a \min(x, 0)

    Parameters
    ----------
    negative_slope : float
        :math:`a`, the slope left of 0.

    Notes
    -----
    Source: Maas, Hannun, Ng 2013, section 2.

    Examples
    --------
    >>> LeakyReLU(0.5)([-1.0, 2.0])
    Tensor([-0.5,  2. ], dtype=float64)
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = real("negative_slope", negative_slope)

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return leaky_relu(x, self.negative_slope)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return f"negative_slope={self.negative_slope}"


class PReLU(Module):
    r"""Rectified linear unit whose slope left of 0 is learned, one for all or one a channel.

    .. math:: z = \max(x, 0) + a \min(x, 0)

    Parameters
    ----------
    num_parameters : int
        1, or the channels of the input.
    init : float
        The slopes at first.
    dtype : dtype
        Of the parameter.

    Attributes
    ----------
    weight : Parameter, shape (num_parameters,)
        :math:`a`.

    Raises
    ------
    ShapeError
        When called with another number of channels.

    Notes
    -----
    Decay of weights draws the slopes to 0, where it is a plain rectifier. Source: He et al. 2015,
    equation 1.

    Examples
    --------
    >>> PReLU(2, 0.5)(np.array([[-1.0, 4.0]], np.float32)).data
    array([[-0.5,  4. ]], dtype=float32)
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, *, dtype: Any = np.float32
    ) -> None:
        self.num_parameters = size("num_parameters", num_parameters, 1, "1")
        self.init = real("init", init)
        self.weight = Parameter(np.full(self.num_parameters, init), dtype=dtype)

    def forward(self, x: Operand) -> Tensor:
        """Map shape (batch, channels, ...), or any shape if there is one slope, to the same."""
        if self.num_parameters > 1 and (x.ndim < 2 or x.shape[1] != self.num_parameters):
            raise self._other_channels(x.shape)
        note_type(self, x, self.weight)
        return prelu(x, self.weight)

    def _other_channels(self, shape: Shape) -> Exception:
        channels = shape[1] if len(shape) > 1 else 1
        return errors.ShapeError(
            f"{written_path(self)} = PReLU(num_parameters={self.num_parameters}): the input "
            f"{shape} has {channels if len(shape) > 1 else 'no'} channels",
            shapes=(shape, self.weight.shape),
            op="prelu",
            why="axis 1 holds the channels, and each has one slope",
            fix=f"nn.PReLU({channels})",
        )

    def extra_repr(self) -> str:
        """Return the number of slopes as PyTorch shows it."""
        return f"num_parameters={self.num_parameters}"


class RReLU(Module):
    r"""Leaky rectifier whose slope is drawn anew for each element while training.

    .. math:: z = \max(x, 0) + a \min(x, 0), \qquad a \sim U(l, u)

    Parameters
    ----------
    lower, upper : float
        The ends :math:`l \le u` of what is drawn; in evaluation :math:`a` is their mean.
    rng : Generator or int, optional
        Where the slopes come from; by default the innermost ``tg.seed`` at each call.

    Raises
    ------
    ArgumentError
        When ``lower`` is above ``upper``.

    Notes
    -----
    Source: Xu, Wang, Chen, Li 2015, section 2.4.

    Examples
    --------
    >>> RReLU(0.25, 0.75).eval()([-1.0, 2.0])
    Tensor([-0.5,  2. ], dtype=float64)
    """

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, *, rng: Rng = None) -> None:
        self.lower, self.upper = real("lower", lower), real("upper", upper)
        # A number must seed one stream, not the same slopes at every call.
        self.rng = None if rng is None else generator(rng)
        if lower > upper:
            raise errors.ArgumentError(
                f"lower={lower} is above upper={upper}", fix=f"lower={upper}, upper={lower}"
            )

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return rrelu(x, self.lower, self.upper, self.training, rng=self.rng)

    def extra_repr(self) -> str:
        """Return the ends as PyTorch shows them."""
        return f"lower={self.lower}, upper={self.upper}"


def rrelu(
    x: Operand,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    *,
    rng: Rng = None,
) -> Tensor:
    r"""Leaky rectifier whose slope is drawn anew for each element while training.

    .. math:: z = \max(x, 0) + a \min(x, 0), \qquad a \sim U(l, u)

    Parameters
    ----------
    x : array_like
        Any shape.
    lower, upper : float
        The ends of what is drawn.
    training : bool
        If false, :math:`a` is the mean of the ends.
    rng : Generator or int, optional
        Where the slopes come from.

    Notes
    -----
    Source: Xu, Wang, Chen, Li 2015, section 2.4.

    Examples
    --------
    >>> rrelu([-1.0, 2.0], 0.25, 0.75)
    array([-0.5,  2. ])
    """
    if not training:
        return leaky_relu(x, (lower + upper) / 2)
    value = x if isinstance(x, Tensor) else numbers(x)
    kind = value.dtype if value.dtype.kind == "f" else np.dtype(np.float64)
    slopes = np.asarray(generator(rng).uniform(lower, upper, value.shape)).astype(kind)
    return add(maximum(value, 0), multiply(slopes, minimum(value, 0)))
