"""Batch normalization: each channel by its statistics over the batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...autodiff.tensor import Parameter, Tensor
from ...types import Operand
from ..module import Module
from ..note import note_type
from ..settings import real, size
from ..tree import Buffer
from . import catalogue
from .running import one_batch

__all__ = ["BatchNorm1d", "BatchNorm2d", "Tracking"]


class Tracking(Module):
    """What layers with one scale, shift and pair of running statistics per channel share."""

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        bias: bool,
        dtype: Any,
    ) -> None:
        self.num_features = size("num_features", num_features, 0, "16")
        self.eps = real("eps", eps, 0.0, "1e-5")
        if momentum is not None and not 0 <= real("momentum", momentum) <= 1:
            raise catalogue.not_a_share("momentum", momentum)
        self.momentum = momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        count = self.num_features
        self.weight = Parameter(np.ones(count, dtype)) if affine else None
        self.bias = Parameter(np.zeros(count, dtype)) if affine and bias else None
        tracked = track_running_stats
        self.running_mean = Buffer(np.zeros(count, dtype)) if tracked else None
        self.running_var = Buffer(np.ones(count, dtype)) if tracked else None
        self.num_batches_tracked = Buffer(np.array(0, np.int64)) if tracked else None

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(Tracking):
    """What the layers for series and for images share: all but the number of axes."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias, dtype)

    def _normalized(self, x: Any) -> Tensor:
        if x.shape[1] != self.num_features:
            fix = f"nn.{type(self).__name__}({x.shape[1]})"
            if x.shape[-1] == self.num_features and x.ndim > 2:
                fix = f"tg.moveaxis(x, -1, 1)   # {fix}, if the channels are first already"
            raise catalogue.wrong_channels(self, x.shape, 1, self.num_features, fix)
        if self.weight is not None:
            note_type(self, x, self.weight)
        running, training = (self.running_mean, self.running_var), self.training
        share, seen = self.momentum, self.num_batches_tracked
        if training and seen is not None:
            share = 1 / (int(seen.data) + 1) if share is None else share
        elif not training and seen is None:
            training = True  # there is nothing else to normalize by
        value = one_batch(
            self, x, running, (self.weight, self.bias), training, share or 0.0, self.eps
        )
        if self.training and seen is not None:
            seen.data = seen.data + 1
        return value


class BatchNorm1d(_BatchNorm):
    r"""Each feature, or channel of a series, brought to mean 0 and variance 1 over the batch.

    .. math:: z = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} w + b

    Parameters
    ----------
    num_features : int
        How many channels.
    eps : float, at least 0
        :math:`\varepsilon`.
    momentum : float, 0 to 1, or None
        The weight of the newest batch in the running statistics; None for the plain average of
        all batches so far.
    affine : bool
        Learn :math:`w` and :math:`b`.
    track_running_stats : bool
        Keep running statistics, which evaluation uses; without them it uses the batch's, too.
    bias : bool
        Learn :math:`b`, if ``affine``.
    dtype : dtype
        Of parameters and statistics.

    Attributes
    ----------
    weight, bias : Parameter, shape (num_features,), or None
        1 and 0 at first.
    running_mean, running_var : Buffer, shape (num_features,), or None
        0 and 1 at first; the variance without bias, over :math:`n - 1`.
    num_batches_tracked : Buffer, shape (), or None
        How many batches moved them.

    Raises
    ------
    ShapeError
        For another number of channels, or one value per channel while training.

    Notes
    -----
    While training, gradients flow through the batch's mean and variance. The running ones move
    with every call in training mode, under ``no_grad`` too, as in PyTorch, and that is never
    recorded; ``eval`` keeps them. Source: Ioffe and Szegedy 2015, algorithms 1 and 2.

    Examples
    --------
    >>> layer = BatchNorm1d(1, dtype=np.float64)
    >>> layer([[1.0], [3.0]]).numpy().round(3).ravel(), layer.running_mean
    (array([-1.,  1.]), Buffer([0.2], dtype=float64))
    """

    def forward(self, x: Operand) -> Tensor:
        """Normalize shape (samples, channels) or (samples, channels, places)."""
        if x.ndim not in (2, 3):
            wanted = ("(samples, channels)", "(samples, channels, places)")
            fix = "nn.BatchNorm2d(channels)" if x.ndim == 4 else "x.reshape(len(x), -1)"
            raise catalogue.wrong_axes(self, x.shape, wanted, fix if x.ndim > 1 else "x[:, None]")
        return self._normalized(x)


class BatchNorm2d(_BatchNorm):
    r"""Each channel of images brought to mean 0 and variance 1 over the batch and its places.

    .. math:: z = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} w + b

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats, bias, dtype
        As for ``BatchNorm1d``, which says more.

    Notes
    -----
    Source: Ioffe and Szegedy 2015, section 3.2.

    Examples
    --------
    >>> layer = BatchNorm2d(3)
    >>> layer(np.ones((2, 3, 4, 4), np.float32)).shape, list(layer.state_dict())[2:4]
    ((2, 3, 4, 4), ['running_mean', 'running_var'])
    """

    def forward(self, x: Operand) -> Tensor:
        """Normalize shape (samples, channels, height, width)."""
        if x.ndim != 4:
            fix = "nn.BatchNorm1d(channels)" if x.ndim in (2, 3) else "x[None, None]"
            wanted = ("(samples, channels, height, width)",)
            raise catalogue.wrong_axes(self, x.shape, wanted, fix)
        return self._normalized(x)
