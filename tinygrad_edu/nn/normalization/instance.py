"""Instance normalization: each channel of each sample by its own statistics."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...autodiff.tensor import Tensor
from ...types import Operand
from ..note import note_type
from . import catalogue
from .batch import Tracking
from .running import one_image

__all__ = ["InstanceNorm1d", "InstanceNorm2d"]


class _InstanceNorm(Tracking):
    """What the layers for series and for images share: all but the number of axes."""

    _places: tuple[str, ...]

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        bias: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias, dtype)

    def forward(self, x: Operand) -> Tensor:
        """Normalize shape (samples, channels, *places), or one sample of (channels, *places)."""
        axes = len(self._places)
        if x.ndim not in (axes + 1, axes + 2):
            inner = ", ".join(("channels", *self._places))
            wanted = (f"({inner})", f"(samples, {inner})")
            raise catalogue.wrong_axes(self, x.shape, wanted, self._other(x.ndim))
        axis = x.ndim - axes - 1
        if x.shape[axis] != self.num_features:
            fix = f"nn.{type(self).__name__}({x.shape[axis]})"
            raise catalogue.wrong_channels(self, x.shape, axis, self.num_features, fix)
        if self.weight is not None:
            note_type(self, x, self.weight)
        own = self.training or self.running_mean is None
        running = (self.running_mean, self.running_var)
        batch = x if axis else ops.expand_dims(x, axis=0)
        value = one_image(
            self, batch, running, (self.weight, self.bias), own, self.momentum or 0.0, self.eps
        )
        return value if axis else ops.reshape(value, x.shape)

    def _other(self, axes: int) -> str:
        return {2: "nn.InstanceNorm1d(channels)", 4: "nn.InstanceNorm2d(channels)"}.get(
            axes, "nn.LayerNorm(features)"
        )


class InstanceNorm1d(_InstanceNorm):
    r"""Each channel of each series brought to mean 0 and variance 1 over its places.

    .. math:: z_{nc} = \frac{x_{nc} - \mu_{nc}}{\sqrt{\sigma_{nc}^2 + \varepsilon}} w_c + b_c

    Parameters
    ----------
    num_features : int
        How many channels.
    eps : float, at least 0
        :math:`\varepsilon`.
    momentum : float, 0 to 1, or None
        The weight of the newest batch in the running statistics; with None they stay as they are.
    affine : bool
        Learn :math:`w` and :math:`b`, 1 and 0 at first.
    track_running_stats : bool
        Keep running statistics, the means over the samples, and evaluate by them.
    bias : bool
        Learn :math:`b`, if ``affine``.
    dtype : dtype
        Of parameters and statistics.

    Raises
    ------
    ShapeError
        For another number of channels, or of axes, or a single place.

    Notes
    -----
    ``num_batches_tracked`` stays 0, as in PyTorch. Source: Ulyanov, Vedaldi, Lempitsky 2016,
    equation 3.

    Examples
    --------
    >>> InstanceNorm1d(2)([[1.0, 3.0], [5.0, 9.0]]).numpy().round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    _places = ("places",)


class InstanceNorm2d(_InstanceNorm):
    r"""Each channel of each image brought to mean 0 and variance 1 over its places.

    .. math:: z_{nc} = \frac{x_{nc} - \mu_{nc}}{\sqrt{\sigma_{nc}^2 + \varepsilon}} w_c + b_c

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats, bias, dtype
        As for ``InstanceNorm1d``, which says more.

    Notes
    -----
    Source: Ulyanov, Vedaldi, Lempitsky 2016, equation 3.

    Examples
    --------
    >>> InstanceNorm2d(3)(np.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    _places = ("height", "width")
