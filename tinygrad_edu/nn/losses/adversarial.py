"""Losses of two players: a discriminator or critic, and the generator it judges."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...autodiff.tensor import Tensor, asarray
from ...autodiff.transforms import grad
from ...catalogue import unknown_choice
from ...ops import add, mean, multiply, negative, relu, softplus, square, subtract, sum
from ...ops.linalg.norm import vector_norm
from ...seeding import generator
from ...types import Operand, Rng
from ..module import Module
from .reduction import floating, pair, value

__all__ = [
    "DiscriminatorLoss", "GeneratorLoss", "discriminator_loss", "generator_loss",
    "gradient_penalty",
]  # fmt: skip


def _logistic(x: Any) -> Any:
    return softplus(x, threshold=math.inf)


# What a score costs the discriminator, of a real sample and of a fake one, and the generator.
_PRICES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], Callable[[Any], Any]]] = {
    "nonsaturating": (
        lambda real: _logistic(negative(real)),
        _logistic,
        lambda fake: _logistic(negative(fake)),
    ),
    "saturating": (
        lambda real: _logistic(negative(real)),
        _logistic,
        lambda fake: negative(_logistic(fake)),
    ),
    "hinge": (lambda real: relu(subtract(1.0, real)), lambda fake: relu(add(fake, 1.0)), negative),
    "least_squares": (
        lambda real: multiply(square(subtract(real, 1.0)), 0.5),
        lambda fake: multiply(square(fake), 0.5),
        lambda fake: multiply(square(subtract(fake, 1.0)), 0.5),
    ),
    "wasserstein": (negative, lambda fake: multiply(fake, 1.0), negative),
}


def discriminator_loss(real: Operand, fake: Operand, kind: str = "nonsaturating") -> Tensor:
    r"""What scores of real and of made samples cost the discriminator, or critic.

    .. math:: L = \begin{cases}
              \overline{\ln(1 + e^{-r})} + \overline{\ln(1 + e^{f})}
              & \text{nonsaturating, saturating} \\
              \overline{\max(0, 1 - r)} + \overline{\max(0, 1 + f)} & \text{hinge} \\
              \frac12 \overline{(r - 1)^2} + \frac12 \overline{f^2} & \text{least squares} \\
              \overline{f} - \overline{r} & \text{Wasserstein} \end{cases}

    Parameters
    ----------
    real, fake : array_like, any shapes
        :math:`r` and :math:`f`: its scores of real samples and of the generator's, with no sigmoid.
        In its own step, the generator gets no gradient from ``tg.stop_gradient(samples)``. The two
        means, which the bars stand for, are taken apart: the batches may differ in size.
    kind : {"nonsaturating", "saturating", "hinge", "least_squares", "wasserstein"}
        Which game is played. The first two differ for the generator only.

    Returns
    -------
    Tensor
        Shape ().

    Notes
    -----
    A Wasserstein critic needs ``gradient_penalty`` or clipped weights. At the hinge's margin the
    slope is 0. Sources: Goodfellow et al. 2014, equation 1; Lim and Ye 2017; Mao et al. 2017,
    equation 9; Arjovsky, Chintala, Bottou 2017, equation 3.

    Examples
    --------
    >>> discriminator_loss([2.0, 4.0], [1.0], "wasserstein")
    array(-2.)
    """
    of_real, of_fake, _ = _prices(kind)
    return add(mean(of_real(value(real))), mean(of_fake(value(fake))))


def generator_loss(fake: Operand, kind: str = "nonsaturating") -> Tensor:
    r"""What the discriminator's scores of made samples cost the generator.

    .. math:: L = \begin{cases} \overline{\ln(1 + e^{-f})} & \text{nonsaturating} \\
              -\overline{\ln(1 + e^{f})} & \text{saturating} \\
              \frac12 \overline{(f - 1)^2} & \text{least squares} \\
              -\overline{f} & \text{hinge, Wasserstein} \end{cases}

    Parameters
    ----------
    fake : array_like, any shape
        :math:`f`: scores of the generator's samples, with no sigmoid.
    kind : {"nonsaturating", "saturating", "hinge", "least_squares", "wasserstein"}
        Which game is played.

    Returns
    -------
    Tensor
        Shape (): the mean, which the bar stands for.

    Notes
    -----
    ``"saturating"`` is the other player's loss with its sign turned, the minimax game. It is here
    to be seen: its slope is :math:`\sigma(f)`, nothing where the discriminator is sure, and so a
    generator that starts badly does not learn. That of ``"nonsaturating"`` is
    :math:`\sigma(f) - 1`. Sources: Goodfellow et al. 2014, section 3; Mao et al. 2017, equation 9;
    Miyato et al. 2018, equation 17; Arjovsky, Chintala, Bottou 2017, equation 3.

    Examples
    --------
    >>> generator_loss([2.0, 4.0], "wasserstein")
    array(-3.)
    """
    return mean(_prices(kind)[2](value(fake)))


def gradient_penalty(
    critic: Callable[[Any], Any], real: Operand, fake: Operand, *, rng: Rng = None
) -> Tensor:
    r"""How far a critic's slopes are from length 1, between real and made samples.

    .. math:: P = \frac1n \sum_n \bigl(\lVert \nabla D(\hat x_n) \rVert_2 - 1\bigr)^2, \qquad
              \hat x_n = \epsilon_n x_n + (1 - \epsilon_n) \tilde x_n, \quad
              \epsilon_n \sim \text{Uniform}(0, 1)

    Parameters
    ----------
    critic : Module or callable
        :math:`D`: maps a batch to one score for each sample, any shape. Each score depends on its
        own sample only: a critic has no batch normalization.
    real, fake : array_like, equal shapes (samples, ...)
        :math:`x` and :math:`\tilde x`.
    rng : Generator or int, optional
        Where :math:`\epsilon` comes from.

    Returns
    -------
    Tensor
        Shape (). The paper adds ten times this to the critic's loss.

    Raises
    ------
    ShapeError
        When the shapes differ.

    Notes
    -----
    It is differentiable, in the critic's parameters and in both batches; its gradient is a second
    derivative of the critic. A slope of 0 has no direction: it costs 1, and its own slope is 0.
    Source: Gulrajani et al. 2017, equation 3.

    Examples
    --------
    >>> gradient_penalty(lambda batch: 3.0 * batch[:, 0], [[1.0, 2.0]], [[0.0, 0.0]])
    Tensor(4., dtype=float64)
    """
    x, made = pair("gradient_penalty", ("real", "fake"), real, fake)
    samples = math.prod(x.shape[:1])
    share = generator(rng).random((samples, *[1] * (x.ndim - 1))).astype(floating(x))
    between = asarray(add(made, multiply(share.reshape(share.shape[: x.ndim]), subtract(x, made))))
    slopes = grad(lambda batch: sum(critic(batch)))(between)
    lengths = vector_norm(slopes.reshape(samples, math.prod(x.shape[1:])), axis=1)
    return mean(square(subtract(lengths, 1.0)))


def _prices(kind: str) -> tuple[Callable[[Any], Any], Callable[[Any], Any], Callable[[Any], Any]]:
    if kind not in _PRICES:
        raise unknown_choice("kind", kind, tuple(_PRICES))
    return _PRICES[kind]


class DiscriminatorLoss(Module):
    r"""The discriminator's loss as a module; see ``functional.discriminator_loss``.

    .. math:: L = \overline{\ln(1 + e^{-r})} + \overline{\ln(1 + e^{f})}

    Parameters
    ----------
    kind : {"nonsaturating", "saturating", "hinge", "least_squares", "wasserstein"}
        Which game is played.

    Examples
    --------
    >>> DiscriminatorLoss("hinge")([0.5, 3.0], [-0.5])
    Tensor(0.75, dtype=float64)
    """

    def __init__(self, kind: str = "nonsaturating") -> None:
        _prices(kind)
        self.kind = kind

    def forward(self, real: Operand, fake: Operand) -> Tensor:
        """Judge scores of real and of made samples, any shapes."""
        return discriminator_loss(real, fake, self.kind)

    def extra_repr(self) -> str:
        """Return the game."""
        return f"kind={self.kind!r}"


class GeneratorLoss(Module):
    r"""The generator's loss as a module; see ``functional.generator_loss``.

    .. math:: L = \overline{\ln(1 + e^{-f})}

    Parameters
    ----------
    kind : {"nonsaturating", "saturating", "hinge", "least_squares", "wasserstein"}
        Which game is played.

    Examples
    --------
    >>> GeneratorLoss("hinge")([0.5, 1.5])
    Tensor(-1., dtype=float64)
    """

    def __init__(self, kind: str = "nonsaturating") -> None:
        _prices(kind)
        self.kind = kind

    def forward(self, fake: Operand) -> Tensor:
        """Judge scores of made samples, any shape."""
        return generator_loss(fake, self.kind)

    def extra_repr(self) -> str:
        """Return the game."""
        return f"kind={self.kind!r}"
