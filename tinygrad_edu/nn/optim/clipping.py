"""Clipping: gradients that are too long or too large are made smaller before the step.

``clip_grad_norm`` and ``clip_grad_value`` change what ``.grad`` holds, as in PyTorch.
``clip_by_norm`` and ``clip_by_value`` are pure: they take gradients as ``tape.gradient`` returns
them, in any nest, and can be differentiated.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...arrays import numbers
from ...autodiff.tensor import Tensor
from ...ops import clip, minimum, stack
from ...ops.linalg.norm import vector_norm
from ...structure import flatten, map_leaves
from ...types import Operand
from . import catalogue
from .group import named
from .ranges import check_number

__all__ = ["clip_by_norm", "clip_by_value", "clip_grad_norm", "clip_grad_value", "gradient_norm"]

# So that a gradient of zero is not divided by zero; PyTorch's number.
SLACK = 1e-6


def clip_grad_norm(
    params: Any, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> float:
    r"""Scale the ``.grad`` of parameters so that all together are no longer than ``max_norm``.

    .. math:: g \leftarrow \min\Big(1, \frac{c}{\lVert g \rVert_p + 10^{-6}}\Big)\, g

    Parameters
    ----------
    params : Module, or parameters
        As an optimizer takes them. Those without a gradient are left out.
    max_norm : float, at least 0
        :math:`c`. With infinity the norm is only measured.
    norm_type : float, above 0
        :math:`p`; infinity for the largest size of a number.
    error_if_nonfinite : bool
        Raise where the norm is infinite or NaN. Otherwise gradients become NaN or 0, and the norm
        that is returned says so.

    Returns
    -------
    float
        The norm before: what to watch while training.

    Raises
    ------
    ArgumentError
        When a limit is out of range.
    AnomalyError
        When the norm is not finite, if asked to; it names the parameters. Nothing was changed then.

    Notes
    -----
    Kept arrays do not change: parameters get new ones. Source: Pascanu, Mikolov and Bengio 2013,
    algorithm 1.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> w = nn.Parameter([3.0, 4.0])
    >>> (w * w).sum().backward()
    >>> clip_grad_norm([w], 1.0)
    10.0
    >>> w.grad.round(6)
    array([0.6, 0.8])
    """
    pairs = [(name, p) for name, p in named(params) if p.grad is not None]
    found = {name or f"parameter {k}": p.grad for k, (name, p) in enumerate(pairs)}
    norm = _norm(found, norm_type, error_if_nonfinite)
    factor = _factor(norm, max_norm)
    if not factor >= 1:  # NaN is not
        with _reported():
            for _, parameter in pairs:
                parameter.grad = parameter.grad * factor
    return float(norm)


def clip_grad_value(params: Any, clip_value: float) -> None:
    r"""Bring each number of the ``.grad`` of parameters into a range.

    .. math:: g_i \leftarrow \max(-c, \min(c, g_i))

    Parameters
    ----------
    params : Module, or parameters
        As an optimizer takes them. Those without a gradient are left out.
    clip_value : float, at least 0
        :math:`c`.

    Raises
    ------
    ArgumentError
        When the limit is out of range.

    Notes
    -----
    The direction changes, unlike with ``clip_grad_norm``. Source: Mikolov 2012, section 3.2.2.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> w = nn.Parameter([3.0, 0.1])
    >>> (w * w).sum().backward()
    >>> clip_grad_value(w, 0.5)
    >>> w.grad
    array([0.5, 0.2])
    """
    limit = _limit("clip_value", clip_value)
    for _, parameter in named(params):
        if parameter.grad is not None:
            parameter.grad = np.clip(parameter.grad, -limit, limit)


def clip_by_norm(
    gradients: Any, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> Any:
    r"""Return gradients scaled so that all together are no longer than ``max_norm``; pure.

    .. math:: g \leftarrow \min\Big(1, \frac{c}{\lVert g \rVert_p + 10^{-6}}\Big)\, g

    Parameters
    ----------
    gradients : array or Tensor, or a nest of list, tuple and dict
        What ``tape.gradient`` returned. ``None`` stays ``None``.
    max_norm, norm_type, error_if_nonfinite
        As for ``clip_grad_norm``.

    Returns
    -------
    Of the structure of ``gradients``; differentiable where they are.

    Raises
    ------
    ArgumentError, AnomalyError
        As ``clip_grad_norm``.

    Notes
    -----
    Source: Pascanu, Mikolov and Bengio 2013, algorithm 1.

    Examples
    --------
    >>> clip_by_norm({"w": np.array([3.0]), "b": np.array([4.0])}, 10.0)
    {'w': array([3.]), 'b': array([4.])}
    """
    leaves, rebuild = flatten(gradients)
    factor = _factor(_norm(_numbered(leaves), norm_type, error_if_nonfinite), max_norm)
    with _reported():
        return rebuild(iter([None if g is None else _operand(g) * factor for g in leaves]))


def clip_by_value(gradients: Any, clip_value: float) -> Any:
    r"""Return gradients with each number in a range; pure.

    .. math:: g_i \leftarrow \max(-c, \min(c, g_i))

    Parameters
    ----------
    gradients : array or Tensor, or a nest of list, tuple and dict
        What ``tape.gradient`` returned. ``None`` stays ``None``.
    clip_value : float, at least 0
        :math:`c`.

    Returns
    -------
    Of the structure of ``gradients``; differentiable where they are.

    Raises
    ------
    ArgumentError
        When the limit is out of range.

    Notes
    -----
    Source: Mikolov 2012, section 3.2.2.

    Examples
    --------
    >>> clip_by_value([np.array([3.0, -0.2]), None], 0.5)
    [array([ 0.5, -0.2]), None]
    """
    limit = _limit("clip_value", clip_value)
    return map_leaves(lambda g: None if g is None else clip(_operand(g), -limit, limit), gradients)


def gradient_norm(gradients: Any, norm_type: float = 2.0, error_if_nonfinite: bool = False) -> Any:
    r"""Return the length of gradients, as if they were one vector.

    .. math:: \lVert g \rVert_p = \Big(\sum_i |g_i|^p\Big)^{1/p}

    Parameters
    ----------
    gradients : array or Tensor, or a nest of list, tuple and dict
        What ``tape.gradient`` returned. ``None`` counts as 0.
    norm_type : float, above 0
        :math:`p`; infinity for the largest size of a number.
    error_if_nonfinite : bool
        Raise where the norm is infinite or NaN.

    Returns
    -------
    array or Tensor
        Shape (); differentiable where the gradients are.

    Raises
    ------
    ArgumentError, AnomalyError
        As ``clip_grad_norm``.

    Notes
    -----
    Source: Golub and Van Loan 2013, section 2.2.1.

    Examples
    --------
    >>> gradient_norm([np.array([3.0]), np.array([[4.0]])])
    array(5.)
    """
    return _norm(_numbered(flatten(gradients)[0]), norm_type, error_if_nonfinite)


def _numbered(leaves: list[Any]) -> dict[str, Any]:
    return {f"gradient {k}": _operand(g) for k, g in enumerate(leaves) if g is not None}


def _operand(gradient: Any) -> Any:
    return gradient if isinstance(gradient, Tensor) else numbers(gradient)


def _limit(name: str, value: Any) -> float:
    check_number(name, value, closed=True, fix=f"{name}=1.0")
    return float(value)


def _reported() -> np.errstate:
    """Without NumPy's warnings: the norm says that something is not finite, or the error does."""
    return np.errstate(over="ignore", invalid="ignore")


def _norm(gradients: dict[str, Any], norm_type: float, error_if_nonfinite: bool) -> Any:
    """The norm of the norms, which is that of everything."""
    check_number("norm_type", norm_type, above=True, closed=True, fix="norm_type=2.0")
    order = float(norm_type)
    with _reported():
        parts = [_length(g, order) for g in gradients.values() if g.size]
        recorded = any(isinstance(part, Tensor) for part in parts)
        norm = vector_norm(stack(parts) if recorded else np.array(parts or [0.0]), ord=order)
    if error_if_nonfinite and not math.isfinite(float(norm)):
        raise catalogue.norm_not_finite(float(norm), gradients)
    return norm


def _length(gradient: Any, order: float) -> Any:
    """The norm of one gradient."""
    if order == 2 and isinstance(gradient, np.ndarray) and gradient.dtype.kind == "f":
        # A fifth of the time, where squares neither overflow nor vanish: nearly always.
        square = np.vdot(gradient, gradient)
        limits = np.finfo(gradient.dtype)
        if limits.tiny / limits.eps < square < math.inf:
            return np.sqrt(square)
    return vector_norm(gradient, ord=order)


def _factor(norm: Operand, max_norm: float) -> Any:
    """How much of the gradients remains."""
    limit = _limit("max_norm", max_norm)
    if math.isinf(limit):
        return 1.0
    return minimum(limit / (norm + SLACK), 1.0)
