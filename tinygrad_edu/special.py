"""``tg.special``: operations under SciPy's names, so that ``scipy.special`` differentiates.

With ``SCIPY_ARRAY_API=1`` in the environment, the functions of ``scipy.special`` look here first
when they are given a Tensor. What is missing, SciPy computes on plain numbers, and a Tensor that
requires a gradient refuses to be made one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .ops import (
    abs as _abs,
    add,
    atanh,
    cbrt,
    digamma as psi,
    equal,
    erf,
    erfc,
    exp2,
    expm1,
    greater,
    greater_equal,
    isnan,
    less,
    lgamma as gammaln,
    log,
    log1p,
    log_sigmoid as log_expit,
    log_softmax,
    logical_and,
    logical_not,
    logical_or,
    logsumexp,
    multiply,
    polygamma,
    sigmoid as expit,
    sinc,
    softmax,
    subtract,
    where,
)
from .types import Operand

__all__ = [
    "betaln", "cbrt", "digamma", "entr", "erf", "erfc", "exp2", "expit", "expm1", "gammaln",
    "kl_div", "log1p", "log_expit", "log_softmax", "logit", "logsumexp", "ndtr", "polygamma",
    "psi", "rel_entr", "sinc", "softmax", "xlog1py", "xlogy",
]  # fmt: skip

digamma = psi


def logit(x: Operand, /) -> Any:
    r"""Logarithm of the odds, element by element: the inverse of ``expit``.

    .. math:: z = \ln \frac{x}{1 - x}, \qquad \bar x = \frac{\bar z}{x (1 - x)}

    Parameters
    ----------
    x : array_like, 0 to 1
        Probabilities.

    Notes
    -----
    Near one half by :math:`2 \operatorname{artanh}(2x - 1)`, where the logarithms cancel.
    Source: Berkson 1944.

    Examples
    --------
    >>> logit([0.5, 0.75]) / np.log(3.0)
    array([0., 1.])
    """
    near = less(_abs(subtract(x, 0.5)), 0.25)
    middle = atanh(where(near, subtract(multiply(x, 2.0), 1.0), 0.0)) * 2.0
    outer = where(near, 0.5, x)
    return where(near, middle, log(outer) - log1p(-outer))


def xlogy(x: Operand, y: Operand, /) -> Any:
    r"""One number times the logarithm of another, 0 where the first is 0.

    .. math:: z = x \ln y, \qquad \bar x = \bar z \ln y, \quad \bar y = \bar z x / y

    Parameters
    ----------
    x, y : array_like
        Shapes that broadcast.

    Notes
    -----
    Where both are 0 the gradients are 0, which an optimizer survives. Source: SciPy, ``xlogy``.

    Examples
    --------
    >>> xlogy([0.0, 2.0], [0.0, 1.0])
    array([0., 0.])
    """
    return multiply(x, log(where(_silenced(x, y, y), 1.0, y)))


def xlog1py(x: Operand, y: Operand, /) -> Any:
    r"""One number times the logarithm of one plus another, 0 where the first is 0.

    .. math:: z = x \ln(1 + y), \qquad \bar x = \bar z \ln(1 + y), \quad
              \bar y = \frac{\bar z x}{1 + y}

    Parameters
    ----------
    x, y : array_like
        Shapes that broadcast.

    Notes
    -----
    Source: SciPy, ``xlog1py``.

    Examples
    --------
    >>> xlog1py([0.0, 2.0], [-1.0, 0.0])
    array([0., 0.])
    """
    return multiply(x, log1p(where(_silenced(x, y, add(y, 1.0)), 0.0, y)))


def _silenced(x: Operand, y: Operand, argument: Operand) -> Any:
    """Where the factor is 0 and the logarithm not finite, but not for want of a number."""
    finite = logical_and(greater(argument, 0.0), less(argument, np.inf))
    return logical_and(equal(x, 0.0), logical_not(logical_or(finite, isnan(y))))


def entr(x: Operand, /) -> Any:
    r"""What one outcome of probability ``x`` adds to the entropy.

    .. math:: z = -x \ln x, \qquad \bar x = -\bar z (1 + \ln x)

    Parameters
    ----------
    x : array_like, at least 0
        Probabilities; below 0 the value is minus infinity.

    Notes
    -----
    At 0 the value is 0 and so is the gradient. Source: Shannon 1948, section 6.

    Examples
    --------
    >>> entr([0.0, 1.0, -1.0])
    array([  0.,   0., -inf])
    """
    wrong = less(x, 0.0)
    clean = where(wrong, 0.0, x)
    return where(wrong, -np.inf, subtract(0.0, xlogy(clean, clean)))


def rel_entr(x: Operand, y: Operand, /) -> Any:
    r"""What one outcome adds to the Kullback-Leibler divergence.

    .. math:: z = x \ln (x / y), \qquad \bar x = \bar z (1 + \ln (x / y)), \quad
              \bar y = -\bar z x / y

    Parameters
    ----------
    x, y : array_like, at least 0
        Probabilities, shapes that broadcast; infinity where there is no divergence.

    Notes
    -----
    Source: Kullback and Leibler 1951.

    Examples
    --------
    >>> rel_entr([0.0, 1.0, 1.0], [0.5, 1.0, 0.0])
    array([ 0.,  0., inf])
    """
    positive = logical_and(greater(x, 0.0), greater(y, 0.0))
    empty = logical_and(equal(x, 0.0), greater_equal(y, 0.0))
    a, b = where(positive, x, 1.0), where(positive, y, 1.0)
    outside = where(logical_or(isnan(x), isnan(y)), np.nan, np.inf)
    return where(positive, a * (log(a) - log(b)), where(empty, 0.0, outside))


def kl_div(x: Operand, y: Operand, /) -> Any:
    r"""Kullback-Leibler divergence of two measures, element by element.

    .. math:: z = x \ln (x / y) - x + y, \qquad \bar x = \bar z \ln (x / y), \quad
              \bar y = \bar z (1 - x / y)

    Parameters
    ----------
    x, y : array_like, at least 0
        Shapes that broadcast.

    Notes
    -----
    Source: Kullback and Leibler 1951; SciPy, ``kl_div``.

    Examples
    --------
    >>> kl_div([0.0, 1.0], [0.5, 1.0])
    array([0.5, 0. ])
    """
    return add(subtract(rel_entr(x, y), x), y)


def ndtr(x: Operand, /) -> Any:
    r"""Distribution function of the normal distribution.

    .. math:: z = \tfrac12 \operatorname{erfc}(-x / \sqrt 2), \qquad
              \bar x = \bar z \frac{e^{-x^2 / 2}}{\sqrt{2 \pi}}

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    Source: DLMF 7.18.1 with n = 0.

    Examples
    --------
    >>> ndtr(0.0)
    array(0.5)
    """
    return multiply(erfc(multiply(x, -float(np.sqrt(0.5)))), 0.5)


def betaln(a: Operand, b: Operand, /) -> Any:
    r"""Logarithm of the absolute value of the beta function.

    .. math:: z = \ln |\Gamma(a)| + \ln |\Gamma(b)| - \ln |\Gamma(a + b)|, \qquad
              \bar a = \bar z (\psi(a) - \psi(a + b)), \quad \bar b = \bar z (\psi(b) - \psi(a + b))

    Parameters
    ----------
    a, b : array_like
        Shapes that broadcast.

    Notes
    -----
    The sum cancels where one is far larger than the other. Source: DLMF 5.12.1.

    Examples
    --------
    >>> betaln([1.0, 2.0], 1.0).round(3)
    array([ 0.   , -0.693])
    """
    return subtract(add(gammaln(a), gammaln(b)), gammaln(add(a, b)))
