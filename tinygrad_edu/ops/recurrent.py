"""Recurrent networks over whole sequences: all steps of one layer are one operation.

What does not wait for the step before, the products with the inputs and those that give the
gradients of the weights, is one product of matrices for all steps. ``recurrent_gates`` has the
networks with gates; what they share with the simple one is here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import errors
from ..arrays import numbers
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..source import here
from ..types import Array, Operand
from .joining import concat
from .reduction import sum

__all__ = ["rnn_tanh"]


def must_fit(name: str, gates: int, x: Array, *states: Array, **rest: Array) -> Any:
    """Return the type to compute in, or refuse operands whose shapes do not belong together."""
    size = states[0].shape[-1] if states[0].ndim else 0
    rows, samples = gates * size, x.shape[1] if x.ndim == 3 else 1
    given = {**dict(zip("hc", states, strict=False)), **rest}
    expected = {name: (samples, size) if name in "hc" else (rows,) for name in given}
    expected |= {"weight_ih": (rows, x.shape[-1] if x.ndim else 1), "weight_hh": (rows, size)}
    wrong = [name for name, array in given.items() if array.shape != expected[name]]
    if x.ndim == 3 and len(x) and not wrong:
        return np.result_type(np.float16, x, *given.values())
    if x.ndim == 3 and len(x):
        what = f"{wrong[0]} has shape {given[wrong[0]].shape}, expected {expected[wrong[0]]}"
        fix = f"{wrong[0]} = tg.Parameter(np.zeros({expected[wrong[0]]}))"
    else:
        what = f"x has shape {x.shape}, expected (steps, samples, features) with a step or more"
        fix = "x.reshape(len(x), 1, -1)   # one sequence: a batch of one"
    raise errors.ShapeError(
        f"`{name}`: {what}",
        shapes=(x.shape, *(array.shape for array in given.values())),
        op=name,
        why=f"a state of {size} numbers takes {gates} x {size} rows of weights, for every sample",
        fix=fix,
    )


def alone(name: str, h: Any) -> Any:
    """Return a state, unless it is a pair of state and cell, as an LSTM has it."""
    if isinstance(h, (tuple, list)) and [part for part in h if getattr(part, "ndim", 0) > 1]:
        site = here()
        term = site.terms[1] if site and len(site.terms) > 1 else "state"
        raise errors.ArgumentError(
            f"`{name}` begins with one array h, got a {type(h).__name__} of {len(h)}",
            op=name,
            why="only lstm has a cell beside the state",
            fix=f"{term}[0]   # of (h, c), the state",
        )
    return h


def or_zeros(
    x: Operand, weight_hh: Operand, states: tuple[Any, ...], biases: tuple[Any, ...]
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Put zeros for states and biases that are left out; a wrong shape is refused later."""
    x, weight = (a if isinstance(a, Tensor) else numbers(a) for a in (x, weight_hh))
    state = np.zeros((*x.shape[1:2], *weight.shape[1:2]), x.dtype)
    bias = np.zeros(weight.shape[:1], x.dtype)
    return (
        tuple([state if h is None else h for h in states]),
        tuple([bias if b is None else b for b in biases]),
    )


def from_inputs(x: Array, weight: Array, bias: Array, dtype: Any) -> Array:
    """What the inputs add to the gates, at all steps by one product."""
    rows = x.reshape(-1, x.shape[2]) @ np.ascontiguousarray(weight.T) + bias
    return rows.astype(dtype, copy=False).reshape(*x.shape[:2], len(weight))


def before(first: Any, states: Any) -> Any:
    """The state that each step begins with."""
    return concat([first.reshape((1, *first.shape)), states[:-1]])


def of_weight(gates: Any, before: Any) -> Any:
    """The cotangent of a weight, for all steps by one product."""
    return gates.T @ before.reshape((len(gates), *before.shape[2:]))


def samples(states: int, gates: int) -> Callable[..., Any]:
    """Draw operands: inputs, states, both weights and biases."""

    def draw(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
        forms = [(3, 1, 1, 1), (2, 2, 2, 2)]
        steps, samples, features, size = forms[int(rng.integers(2))]
        rows = gates * size
        first = [(steps, samples, features)] + [(samples, size)] * states
        shapes = [*first, (rows, features), (rows, size), (rows,), (rows,)]
        return tuple([rng.normal(size=shape) for shape in shapes]), {}

    return draw


# ---------------------------------------------------------------------------- Elman


def _rnn_forward(
    x: Array, h: Array, weight_ih: Array, weight_hh: Array, bias_ih: Array, bias_hh: Array
) -> Array:
    rest = {"weight_ih": weight_ih, "weight_hh": weight_hh, "bias_ih": bias_ih, "bias_hh": bias_hh}
    dtype = must_fit("rnn_tanh", 1, x, h, **rest)
    states = from_inputs(x, weight_ih, bias_ih + bias_hh, dtype)
    recurrent = np.ascontiguousarray(weight_hh.T)
    for state in states:
        state += h @ recurrent
        h = np.tanh(state, out=state)
    return states


def _rnn_rule(
    g: Any, out: Any, x: Any, h: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any, bias_hh: Any,
    *, needs: Any,
) -> tuple[Any, ...]:  # fmt: skip
    slopes, of_state, found = 1.0 - out * out, 0.0, []
    for t in reversed(range(len(slopes))):
        sums = (of_state + g[t]) * slopes[t]
        of_state = sums @ weight_hh
        found.append(sums)
    sums = concat(found[::-1])
    of_bias = sum(sums, axis=0)
    return (
        (sums @ weight_ih).reshape(x.shape) if needs[0] else None,
        of_state,
        of_weight(sums, x) if needs[2] else None,
        of_weight(sums, before(h, out)) if needs[3] else None,
        of_bias,
        of_bias,
    )


@operation(_rnn_forward, rule=_rnn_rule, samples=samples(1, 1))
def _rnn_tanh(
    x: Operand,
    h: Operand,
    weight_ih: Operand,
    weight_hh: Operand,
    bias_ih: Operand,
    bias_hh: Operand,
    /,
) -> Tensor:
    r"""States of an Elman network at all steps.

    .. math:: h_t = \tanh s_t, \quad s_t = W x_t + U h_{t-1} + b, \qquad
              \bar s_t = (\bar h_t + U^{\mathsf T} \bar s_{t+1})(1 - h_t^2), \quad
              \bar U = \textstyle\sum_t \bar s_t h_{t-1}^{\mathsf T}

    Examples
    --------
    >>> _rnn_tanh([[[0.0]], [[0.0]]], [[0.5]], [[1.0]], [[1.0]], [0.0], [0.0]).round(3).ravel()
    array([0.462, 0.432])
    """


def rnn_tanh(
    x: Operand,
    h: Operand,
    weight_ih: Operand,
    weight_hh: Operand,
    bias_ih: Operand = None,
    bias_hh: Operand = None,
    /,
) -> tuple[Tensor, Tensor]:
    r"""Simple recurrent layer over a sequence.

    .. math:: h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})

    Parameters
    ----------
    x : array_like, shape (steps, samples, features)
        At least one step.
    h : array_like, shape (samples, size), or None
        The state to begin with; None for zeros.
    weight_ih : array_like, shape (size, features)
    weight_hh : array_like, shape (size, size)
    bias_ih, bias_hh : array_like, shape (size,), or None
        None for zeros.

    Returns
    -------
    output : Tensor, shape (steps, samples, size)
        The states of all steps.
    h_n : Tensor, shape (samples, size)
        The last.

    Raises
    ------
    ShapeError
        When the shapes do not belong together, or there is no step.

    Notes
    -----
    A primitive for speed: 0.4 of the time of the same step by step. Source: Elman 1990, section 2;
    Werbos 1990 for the gradient.

    Examples
    --------
    >>> output, h_n = rnn_tanh([[[0.0]], [[0.0]]], [[0.5]], [[1.0]], [[1.0]])
    >>> h_n.round(3)
    array([[0.432]])
    """
    (h,), biases = or_zeros(x, weight_hh, (alone("rnn_tanh", h),), (bias_ih, bias_hh))
    output = _rnn_tanh(x, h, weight_ih, weight_hh, *biases)
    return output, output[-1]
