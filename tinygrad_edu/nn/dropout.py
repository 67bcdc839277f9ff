"""``Dropout``, the layer that works only while training."""

from __future__ import annotations

from ..autodiff.tensor import Tensor
from ..seeding import generator
from ..types import Operand, Rng
from .functional import dropout
from .module import Module

__all__ = ["Dropout"]


class Dropout(Module):
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

    def __init__(self, p: float = 0.5, *, rng: Rng = None) -> None:
        self.p = p
        # A number must seed one stream, not the same choices at every call.
        self.rng = None if rng is None else generator(rng)
        # Says now, rather than at the first call, that p is no probability.
        dropout(0.0, p, training=False)

    def forward(self, x: Operand) -> Tensor:
        """Drop elements of ``x``, any shape; in evaluation return it."""
        return dropout(x, self.p, self.training, rng=self.rng)

    def extra_repr(self) -> str:
        """Return the probability as PyTorch shows it."""
        return f"p={self.p}"
