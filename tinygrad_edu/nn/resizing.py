"""Signals and images in another size: ``Upsample``."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..autodiff.tensor import Tensor
from ..ops import upsample
from ..types import Operand, Shape
from . import catalogue_windows as catalogue
from .module import Module

__all__ = ["Upsample"]


class Upsample(Module):
    r"""Signals or images enlarged, or made smaller, by repetition or interpolation.

    .. math:: z_{ncij} = \sum_{hv} A_{ih} B_{jv}\, x_{nchv}

    Parameters
    ----------
    size : int or tuple of int, optional
        Of the output; or give a factor.
    scale_factor : float or tuple of float, optional
        How many times larger; a size is rounded down.
    mode : {"nearest", "linear", "bilinear"}
        Repetition; interpolation of signals; of images.
    align_corners : bool, optional
        Whether the first and last numbers, rather than the edges around them, are the same places
        before and after. Of an interpolation only.
    recompute_scale_factor : bool, optional
        Place the numbers by the sizes, as with ``size``, rather than by the factor.

    Raises
    ------
    ArgumentError
        When neither or both of size and factor are given, or the mode is unknown.
    ShapeError
        When called with an input of another number of axes.

    Notes
    -----
    Before a convolution it makes images larger without a checkerboard. Source: Odena, Dumoulin and
    Olah 2016; Press et al. 2007, section 3.6.1.

    Examples
    --------
    >>> Upsample(scale_factor=2)([[[1.0, 2.0]]])
    Tensor([[[1., 1., 2., 2.]]], dtype=float64)
    """

    def __init__(
        self,
        size: int | Shape | None = None,
        scale_factor: float | tuple[float, ...] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        self.size = size
        self.scale_factor = scale_factor
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor
        given = scale_factor if size is None else size
        pair = mode != "linear" and not (isinstance(given, (tuple, list)) and len(given) == 1)
        # Says now, rather than at the first call, what is wrong; of no images, so at once.
        self._resized(np.ones((0, 1, 256, 256) if pair else (0, 1, 256)))

    def _resized(self, x: Any) -> Tensor:
        how = self.mode, self.align_corners, self.recompute_scale_factor
        return upsample(x, self.size, self.scale_factor, *how)

    def forward(self, x: Operand) -> Tensor:
        """Map shape (batch, channels, ...) to one of another size."""
        try:
            return self._resized(x)
        except (errors.ShapeError, errors.ArgumentError) as error:
            raise catalogue.located(self, error) from None

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        factor = self.scale_factor
        if factor is None:
            return f"size={self.size}, mode={self.mode!r}"
        shown = tuple(map(float, factor)) if isinstance(factor, tuple) else float(factor)
        return f"scale_factor={shown}, mode={self.mode!r}"
