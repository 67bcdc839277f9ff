"""``Linear``: the affine map."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autodiff.tensor import Parameter, Tensor
from ..ops.fused import linear
from ..seeding import generator
from ..types import Operand, Rng
from . import catalogue, init
from .module import Module
from .note import note_type
from .path import written_path
from .settings import size

__all__ = ["Linear"]


class Linear(Module):
    r"""A layer of neurons before their activation: an affine map of the last axis.

    .. math:: z = W x + b

    Parameters
    ----------
    in_features, out_features : int, at least 0
        Sizes of the last axis of input and output.
    bias : bool
        Add :math:`b`.
    dtype : dtype
        Of the parameters. A float32 layer fed float64 computes in float64, and notes it once.
    rng : Generator or int, optional
        Where the initial values come from; by default the innermost ``tg.seed``.

    Attributes
    ----------
    weight : Parameter, shape (out_features, in_features)
        Uniform in :math:`\pm 1/\sqrt{\text{in}}` at first.
    bias : Parameter, shape (out_features,), or None
        The same.

    Raises
    ------
    ShapeError
        When called with another number of features.

    Notes
    -----
    The initial distribution is PyTorch's, from LeCun, Bottou, Orr, Müller 1998, section 4.6, with
    a third of its variance.

    Examples
    --------
    >>> Linear(3, 2)(np.ones((5, 3), np.float32)).shape
    (5, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
    ) -> None:
        self.in_features = size("in_features", in_features)
        self.out_features = size("out_features", out_features)
        draw = generator(rng)
        bound = 1 / math.sqrt(self.in_features) if self.in_features else 0.0
        shape = (self.out_features, self.in_features)
        self.weight = Parameter(init.uniform(shape, -bound, bound, rng=draw, dtype=dtype))
        self.bias: Parameter | None = None
        if bias:
            self.bias = Parameter(init.uniform(shape[:1], -bound, bound, rng=draw, dtype=dtype))

    def forward(self, x: Operand) -> Tensor:
        """Map features, shape (..., in_features), to shape (..., out_features)."""
        if not x.ndim or x.shape[-1] != self.in_features:
            raise catalogue.wrong_width(self, written_path(self), x.shape)
        note_type(self, x, self.weight)
        if self.bias is None:
            return linear(x, self.weight)
        return linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the sizes as PyTorch shows them."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )
