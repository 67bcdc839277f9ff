"""Layers that work only while training: ``Dropout``, and that of whole channels."""

from __future__ import annotations

import numpy as np

from .. import errors
from ..arrays import numbers
from ..autodiff.tensor import Tensor
from ..ops import dropout as _dropout, multiply
from ..ops.noise import check_probability
from ..seeding import generator
from ..types import Operand, Rng
from .module import Module
from .path import written_path

__all__ = ["Dropout", "Dropout1d", "Dropout2d", "dropout", "dropout1d", "dropout2d"]


class _Dropout(Module):
    """What the layers have in common: the probability, and where the choices come from."""

    def __init__(self, p: float = 0.5, *, rng: Rng = None) -> None:
        check_probability(p)
        self.p = p
        # A number must seed one stream, not the same choices at every call.
        self.rng = None if rng is None else generator(rng)

    def extra_repr(self) -> str:
        """Return the probability as PyTorch shows it."""
        return f"p={self.p}"


class Dropout(_Dropout):
    r"""While training, set each element to 0 with probability ``p`` and scale up the others.

    .. math:: z_i = \frac{m_i}{1 - p} x_i, \qquad m_i \sim \text{Bernoulli}(1 - p)

    Parameters
    ----------
    p : float, 0 to 1
        The probability of dropping an element.
    rng : Generator or int, optional
        Where the choices come from; by default the innermost ``tg.seed`` at each call.

    Notes
    -----
    The scale keeps the expected value, so that evaluation is the identity ("inverted" dropout).
    Source: Srivastava et al. 2014, sections 4 and 10.

    Examples
    --------
    >>> Dropout(0.5).eval()([1.0, 2.0])
    Tensor([1., 2.], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Drop elements of ``x``, any shape; in evaluation return it."""
        return dropout(x, self.p, self.training, rng=self.rng)


class Dropout1d(_Dropout):
    r"""While training, set each channel of signals to 0 with probability ``p``.

    .. math:: z_{nci} = \frac{m_{nc}}{1 - p} x_{nci}, \qquad m_{nc} \sim \text{Bernoulli}(1 - p)

    Parameters
    ----------
    p : float, 0 to 1
        The probability of dropping a channel.
    rng : Generator or int, optional
        Where the choices come from; by default the innermost ``tg.seed`` at each call.

    Notes
    -----
    Neighbours along a signal say much the same, so that single elements would not be missed.
    Source: Tompson et al. 2015, section 3.2.

    Examples
    --------
    >>> Dropout1d(0.5, rng=0)(np.ones((1, 4, 2)))[0, :, 0]
    Tensor([2., 2., 2., 0.], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Drop channels of shape (batch, channels, length) or (channels, length)."""
        if x.ndim not in (2, 3):
            raise _wrong_axes(self, x, "(batch, channels, length)")
        return dropout1d(x, self.p, self.training, rng=self.rng)


class Dropout2d(_Dropout):
    r"""While training, set each channel of images to 0 with probability ``p``.

    .. math:: z_{nchv} = \frac{m_{nc}}{1 - p} x_{nchv}, \qquad m_{nc} \sim \text{Bernoulli}(1 - p)

    Parameters
    ----------
    p : float, 0 to 1
        The probability of dropping a channel.
    rng : Generator or int, optional
        Where the choices come from; by default the innermost ``tg.seed`` at each call.

    Notes
    -----
    Pixels beside each other say much the same, so that single ones would not be missed. Three axes
    are one image; PyTorch takes them for signals. Source: Tompson et al. 2015, section 3.2.

    Examples
    --------
    >>> Dropout2d(0.5, rng=0)(np.ones((1, 4, 1, 2)))[0, :, 0, 0]
    Tensor([2., 2., 2., 0.], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Drop channels of (batch, channels, height, width) or (channels, height, width)."""
        if x.ndim not in (3, 4):
            raise _wrong_axes(self, x, "(batch, channels, height, width)")
        return dropout2d(x, self.p, self.training, rng=self.rng)


def dropout(x: Operand, p: float = 0.5, training: bool = True, *, rng: Rng = None) -> Tensor:
    r"""Set each element to 0 with probability ``p`` and scale up the others.

    .. math:: z_i = \frac{m_i}{1 - p} x_i, \qquad m_i \sim \text{Bernoulli}(1 - p)

    Parameters
    ----------
    x : array_like
        Any shape.
    p : float, 0 to 1
        The probability of dropping an element.
    training : bool
        If false, ``x`` is returned.
    rng : Generator or int, optional
        Where the choices come from.

    Raises
    ------
    ArgumentError
        When ``p`` is no probability.

    Notes
    -----
    Source: Srivastava et al. 2014, sections 4 and 10.

    Examples
    --------
    >>> dropout([1.0, 2.0], 1.0)
    array([0., 0.])
    """
    check_probability(p)
    return _dropout(x, p if training else 0.0, rng=rng)


def dropout1d(x: Operand, p: float = 0.5, training: bool = True, *, rng: Rng = None) -> Tensor:
    r"""Set each channel of signals to 0 with probability ``p`` and scale up the others.

    .. math:: z_{nci} = \frac{m_{nc}}{1 - p} x_{nci}, \qquad m_{nc} \sim \text{Bernoulli}(1 - p)

    Parameters
    ----------
    x : array_like, shape (batch, channels, length) or (channels, length)
        Signals.
    p, training, rng
        As for ``dropout``.

    Notes
    -----
    Source: Tompson et al. 2015, section 3.2.

    Examples
    --------
    >>> dropout1d([[1.0, 2.0]], 1.0)
    array([[0., 0.]])
    """
    return _channels_dropped(x, p, training, rng, 1)


def dropout2d(x: Operand, p: float = 0.5, training: bool = True, *, rng: Rng = None) -> Tensor:
    r"""Set each channel of images to 0 with probability ``p`` and scale up the others.

    .. math:: z_{nchv} = \frac{m_{nc}}{1 - p} x_{nchv}, \qquad m_{nc} \sim \text{Bernoulli}(1 - p)

    Parameters
    ----------
    x : array_like, shape (batch, channels, height, width) or (channels, height, width)
        Images.
    p, training, rng
        As for ``dropout``.

    Notes
    -----
    Source: Tompson et al. 2015, section 3.2.

    Examples
    --------
    >>> dropout2d([[[1.0, 2.0]]], 1.0)
    array([[[0., 0.]]])
    """
    return _channels_dropped(x, p, training, rng, 2)


def _channels_dropped(x: Operand, p: float, training: bool, rng: Rng, axes: int) -> Tensor:
    check_probability(p)
    value = x if isinstance(x, Tensor) else numbers(x)
    if value.ndim not in (axes + 1, axes + 2):
        sizes = "length" if axes == 1 else "height, width"
        raise errors.ShapeError(
            f"`dropout{axes}d` got shape {value.shape}, expected (batch, channels, {sizes}), or "
            "without the batch",
            shapes=(value.shape,),
            op=f"dropout{axes}d",
            why="all of a channel is dropped or kept",
            fix="F.dropout(x)   # single elements",
        )
    if not training or p == 0:
        return value  # type: ignore[return-value]
    kind = value.dtype if value.dtype.kind == "f" else np.dtype(np.float64)
    channels = value.shape[: value.ndim - axes] + (1,) * axes
    return multiply(value, _dropout(np.ones(channels, kind), p, rng=rng))


def _wrong_axes(layer: _Dropout, x: Operand, layout: str) -> Exception:
    return errors.ShapeError(
        f"{written_path(layer)} = {layer!r} got shape {x.shape}, expected {layout}, or without the "
        "batch",
        shapes=(x.shape,),
        why="all of a channel is dropped or kept",
        fix=f"nn.Dropout({layer.p})   # single elements",
    )
