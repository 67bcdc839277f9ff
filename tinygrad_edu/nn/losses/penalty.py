"""What is added to a loss so that weights stay small, and the step that makes them exactly 0."""

from __future__ import annotations

from typing import Any

from ... import errors
from ...autodiff.tensor import Tensor
from ...ops import abs, add, clip, negative, square, subtract, sum
from ...types import Operand
from ..tree import Tree
from . import catalogue
from .reduction import value

__all__ = ["l1_penalty", "l2_penalty", "soft_threshold"]


def l1_penalty(parameters: Any, *, biases: bool = True) -> Tensor:
    r"""Sum of the sizes of all numbers.

    .. math:: P = \sum_i |w_i|

    Parameters
    ----------
    parameters : Module, Tensor, or iterable of Tensors
        What should stay small.
    biases : bool
        Whether biases count. If not, a module has to be given: parameters named ``bias``, or with
        a name of that kind such as ``bias_hh_l0``, are left out.

    Returns
    -------
    Tensor
        Shape (): to multiply by a strength and add to a loss.

    Raises
    ------
    ArgumentError
        When ``biases=False`` and there are no names, or there is nothing to add up.

    Notes
    -----
    The slope of a weight that is 0 is 0. Gradient steps make weights small but hardly ever 0: that
    takes ``soft_threshold``. Source: Tibshirani 1996, equation 1.

    Examples
    --------
    >>> l1_penalty([[1.0, -2.0], [3.0]])
    array(6.)
    """
    return _total(abs, "l1_penalty", parameters, biases)


def l2_penalty(parameters: Any, *, biases: bool = True) -> Tensor:
    r"""Sum of the squares of all numbers.

    .. math:: P = \sum_i w_i^2

    Parameters
    ----------
    parameters : Module, Tensor, or iterable of Tensors
        What should stay small.
    biases : bool
        Whether biases count. If not, a module has to be given: parameters named ``bias``, or with
        a name of that kind such as ``bias_hh_l0``, are left out.

    Returns
    -------
    Tensor
        Shape (): to multiply by a strength and add to a loss.

    Raises
    ------
    ArgumentError
        When ``biases=False`` and there are no names, or there is nothing to add up.

    Notes
    -----
    The slope is :math:`2 w`, so that half of this, times :math:`\lambda`, is an optimizer's
    ``weight_decay`` of :math:`\lambda` with plain SGD. Under Adam the two differ: there the penalty
    is scaled like the rest of the gradient, and AdamW's decay is not. Source: Hoerl and Kennard
    1970.

    Examples
    --------
    >>> l2_penalty([[1.0, -2.0], [3.0]])
    array(14.)
    """
    return _total(square, "l2_penalty", parameters, biases)


def soft_threshold(x: Operand, threshold: Operand) -> Tensor:
    r"""Numbers moved towards 0 by a threshold, and those within it to 0: the proximal step of L1.

    .. math:: z_i = \operatorname{sgn}(x_i) \max(0, |x_i| - t)
              = \operatorname*{arg\,min}_z \tfrac12 (z - x_i)^2 + t |z|

    Parameters
    ----------
    x : array_like
        Any shape.
    threshold : float or array_like, at least 0
        :math:`t`; broadcasts. After a step of an optimizer without momentum, its learning rate
        times the strength of the penalty: ``w.data = soft_threshold(w.data, lr * strength)``.

    Returns
    -------
    Tensor
        Shape of ``x``.

    Raises
    ------
    ArgumentError
        When a threshold is negative.

    Notes
    -----
    At the threshold the slope is 0. ``softshrink`` is the same for a fixed number. Sources:
    Daubechies, Defrise, De Mol 2004, section 1; Parikh and Boyd 2014, section 6.5.2.

    Examples
    --------
    >>> soft_threshold([-3.0, -0.5, 0.5, 2.0], 1.0)
    array([-2.,  0.,  0.,  1.])
    """
    given = value(threshold)
    lowest = getattr(given, "_data", given).min(initial=0)
    if lowest < 0:
        raise errors.ArgumentError(
            f"a threshold is at least 0, got {lowest:g}",
            why="a step away from 0 is the proximal step of no penalty",
            fix="abs(threshold)",
        )
    return subtract(x, clip(x, negative(given), given))


def _total(size: Any, name: str, parameters: Any, biases: bool) -> Tensor:
    if isinstance(parameters, Tree):
        chosen = [
            parameter
            for path, parameter in parameters.named_parameters()
            if biases or "bias" not in path.rpartition(".")[2]
        ]
    elif biases:
        single = isinstance(parameters, Tensor) or hasattr(parameters, "shape")
        chosen = [parameters] if single else list(parameters)
    else:
        raise catalogue.no_names(name)
    if not chosen:
        raise catalogue.nothing_to_penalize(name)
    total = sum(size(chosen[0]))
    for parameter in chosen[1:]:
        total = add(total, sum(size(parameter)))
    return total
