"""Random zeros, to train against relying on single units."""

from __future__ import annotations

import numpy as np

from ..arrays import numbers
from ..autodiff.tensor import Tensor
from ..errors import ArgumentError
from ..seeding import generator
from ..types import Operand, Rng
from .arithmetic import multiply

__all__ = ["dropout"]


def check_probability(p: float) -> None:
    """Refuse what is no probability.

    >>> check_probability(0.5)
    """
    if not isinstance(p, (int, float, np.number)) or not 0 <= p <= 1:
        raise ArgumentError(f"p is a probability, 0 to 1, got {p!r}", fix="p=0.5")


def dropout(x: Operand, /, p: float = 0.5, *, rng: Rng = None) -> Tensor:
    r"""Set each element to 0 with probability ``p`` and scale up the others.

    .. math:: z_i = \frac{m_i}{1 - p} x_i, \qquad m_i \sim \text{Bernoulli}(1 - p), \qquad
              \bar x_i = \frac{m_i}{1 - p} \bar z_i

    Parameters
    ----------
    x : array_like
        Any shape.
    p : float, 0 to 1
        The probability of dropping an element.
    rng : Generator or int, optional
        Where the choices come from; by default the innermost ``tg.seed``.

    Raises
    ------
    ArgumentError
        When ``p`` is no probability.

    Notes
    -----
    The scale keeps the expected value. A layer that drops only while training is ``nn.Dropout``.
    Source: Srivastava et al. 2014, sections 4 and 10.

    Examples
    --------
    >>> dropout([1.0, 2.0], 1.0)
    array([0., 0.])
    """
    check_probability(p)
    value = x if isinstance(x, Tensor) else numbers(x)
    if p == 0:
        return value  # type: ignore[return-value]
    kept = generator(rng).random(value.shape, np.float32) >= p
    kind = value.dtype if value.dtype.kind == "f" else np.dtype(np.float64)
    return multiply(value, kept * kind.type(1 / (1 - p) if p < 1 else 0.0))
