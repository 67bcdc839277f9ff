"""Activation functions as modules, for ``Sequential`` and for pictures. They hold nothing."""

from __future__ import annotations

from collections.abc import Callable

from ..autodiff.tensor import Tensor
from ..catalogue import unknown_choice
from ..ops import log_softmax, relu, sigmoid, softmax, tanh
from ..types import Operand
from .module import Module

__all__ = ["LogSoftmax", "ReLU", "Sigmoid", "Softmax", "Tanh", "activation_named"]


class ReLU(Module):
    r"""Rectified linear unit.

    .. math:: z = \max(x, 0)

    Source: Nair and Hinton 2010, section 2.

    Examples
    --------
    >>> ReLU()([-1.0, 2.0])
    Tensor([0., 2.], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return relu(x)


class Tanh(Module):
    r"""Hyperbolic tangent, values in (-1, 1).

    .. math:: z = \tanh x

    Source: DLMF 4.28.

    Examples
    --------
    >>> Tanh()([0.0])
    Tensor([0.], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return tanh(x)


class Sigmoid(Module):
    r"""Logistic function, values in (0, 1).

    .. math:: z = 1 / (1 + e^{-x})

    Source: Goodfellow, Bengio, Courville 2016, equation 3.30.

    Examples
    --------
    >>> Sigmoid()([0.0])
    Tensor([0.5], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return sigmoid(x)


class _OverClasses(Module):
    """What the two softmax layers share: the axis of the classes."""

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def extra_repr(self) -> str:
        """Return the axis as PyTorch shows it."""
        return f"dim={self.dim}"


class Softmax(_OverClasses):
    r"""Positive numbers that sum to one along an axis.

    .. math:: z_i = e^{x_i} / \textstyle\sum_j e^{x_j}

    Parameters
    ----------
    dim : int
        The axis of the classes.

    Notes
    -----
    Not in front of ``CrossEntropyLoss``, which takes scores. Source: Bridle 1990, equation 3.

    Examples
    --------
    >>> Softmax(0)([1.0, 1.0])
    Tensor([0.5, 0.5], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it along the axis, any shape."""
        return softmax(x, axis=self.dim)


class LogSoftmax(_OverClasses):
    r"""Logarithm of the softmax along an axis, without under- or overflow.

    .. math:: z_i = x_i - \ln \textstyle\sum_j e^{x_j}

    Parameters
    ----------
    dim : int
        The axis of the classes.

    Notes
    -----
    Source: Goodfellow, Bengio, Courville 2016, section 6.2.2.3.

    Examples
    --------
    >>> LogSoftmax(0)([1000.0, 0.0])
    Tensor([    0., -1000.], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it along the axis, any shape."""
        return log_softmax(x, axis=self.dim)


_BY_NAME: dict[str, Callable[[], Module]] = {"relu": ReLU, "tanh": Tanh, "sigmoid": Sigmoid}


def activation_named(activation: str | Callable[[], Module]) -> Callable[[], Module]:
    """Return what makes an activation layer.

    Parameters
    ----------
    activation : {"relu", "tanh", "sigmoid"}, or callable
        A callable without arguments, such as the class, stands for itself.

    Raises
    ------
    ArgumentError
        For another name.
    """
    if activation in _BY_NAME:
        return _BY_NAME[activation]
    if isinstance(activation, str) or not callable(activation):
        raise unknown_choice("activation", activation, tuple(_BY_NAME))
    return activation
