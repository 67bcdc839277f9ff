r"""Functions of functions: ``grad``, ``vjp``, ``jvp``, ``jacobian``, ``hessian``, ``checkpoint``.

Each calls ``f`` on variables of its own and asks the sweep for gradients; the rest is structure.
Arrays in, arrays out; Tensors in, Tensors out. A transform inside another, or on Tensors that
require gradients, records what it does, so they nest to any order.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from .. import catalogue
from ..arrays import differentiable, numbers
from ..mode import Block, current, enable_grad
from ..random import generator, seed
from ..structure import flatten, map_leaves
from .backward import seed_for
from .connection import gaps
from .operation import operation, record
from .record import gradients
from .tensor import Origin, Tensor, asarray, next_index

__all__ = [
    "checkpoint", "grad", "hessian", "hvp", "jacobian", "jvp", "stop_gradient", "value_and_grad",
    "vjp",
]  # fmt: skip

Function = Callable[..., Any]

_depth: ContextVar[int] = ContextVar("tinygrad_edu.transforms", default=0)


@operation(lambda x: x, rule=lambda g, out, x: g, view=True, samples=lambda rng: ((rng.random(2),), {}))
def variable(x: Any, /) -> Tensor:
    r"""The same value as a variable of its own, so that a transform can tell it apart.

    .. math:: z = x, \qquad \bar x = \bar z
    """
    return x  # type: ignore[no-any-return]


class _Call:
    """One call of ``f`` with some arguments turned into variables."""

    def __init__(self, f: Function, args: tuple[Any, ...], argnums: Any, kwargs: Any) -> None:
        self.start = next_index()
        self.nested = _depth.get() > 0
        single = not isinstance(argnums, Sequence)
        chosen = [argnums] if single else list(argnums)
        if not all(isinstance(k, int) and -len(args) <= k < len(args) for k in chosen):
            raise catalogue.no_such_argument(argnums, len(args))
        chosen = [k % len(args) for k in chosen]
        leaves, rebuild = flatten([args[k] for k in chosen])
        self.plain = not any(isinstance(leaf, Tensor) for leaf in leaves)
        self.recording = current().enabled
        self.variables = [_variable(leaf, self.recording) for leaf in leaves]
        filled = list(args)
        for k, value in zip(chosen, rebuild(iter(self.variables)), strict=True):
            filled[k] = value
        self.answer = lambda values: rebuild(iter(values))[0] if single else tuple(rebuild(iter(values)))
        token = _depth.set(_depth.get() + 1)
        try:
            with enable_grad():
                self.result = f(*filled, **kwargs)
        finally:
            _depth.reset(token)

    def again(self, targets: Sequence[Tensor]) -> bool:
        """Whether the gradient must be recorded: an outer computation may differentiate it."""
        if not self.recording:
            return False
        if any(x.op is not None for x in self.variables):
            return True
        return (self.nested or not self.plain) and bool(outside(targets, self.variables, self.start))

    def pull(self, targets: Sequence[Tensor], seeds: Sequence[Any], again: bool) -> list[Any]:
        """Return the cotangent of every variable, summed over the targets."""
        totals: list[Any] = [None] * len(self.variables)
        for target, weight in zip(targets, seeds, strict=True):
            self._check_gaps(target)
            for k, g in enumerate(gradients(target, self.variables, weight, again, "zero")):
                totals[k] = g if totals[k] is None else totals[k] + g
        return totals

    def _check_gaps(self, target: Tensor) -> None:
        """A transform of a constant is zero, but a gradient lost on the way is an error."""
        if not target.requires_grad:
            for source in self.variables:
                found = [gap for gap in gaps(target, source) if gap.reason != "stop_gradient"]
                if found:
                    raise catalogue.unconnected(target, source, "the argument", found, [], [])

    def out(self, values: Any, again: bool) -> Any:
        """Give results the kind of number that the arguments had."""
        if again:
            return values
        if self.plain:
            return map_leaves(lambda v: v._data.copy() if isinstance(v, Tensor) else v, values)
        return map_leaves(lambda v: v.detach() if isinstance(v, Tensor) else v, values)


def _variable(leaf: Any, recording: bool) -> Tensor:
    if isinstance(leaf, Tensor) and leaf.requires_grad and recording:
        return variable(leaf)
    array = leaf._data if isinstance(leaf, Tensor) else numbers(leaf)
    differentiable(array)
    made = asarray(array, requires_grad=True)
    made.index = next_index()
    made._origin = Origin(None, reason="variable")
    return made


def outside(targets: Sequence[Tensor], inside: Sequence[Tensor], start: int) -> list[Tensor]:
    """Return the tracked tensors older than ``start`` that the targets were computed from."""
    seen = set(inside)
    found = []
    stack = [target for target in targets if target not in seen]
    while stack:
        tensor = stack.pop()
        if tensor in seen or not tensor.requires_grad:
            continue
        seen.add(tensor)
        if tensor.op is None or tensor.index < start:
            found.append(tensor)
        else:
            stack.extend(tensor.inputs)
    return sorted(found, key=lambda tensor: tensor.index)


def _scalar(result: Any) -> Tensor:
    if not isinstance(result, Tensor):
        raise catalogue.returned_plain_number(result)
    return result


def value_and_grad(f: Function, argnums: Any = 0, has_aux: bool = False) -> Function:
    r"""Return a function that gives the value of ``f`` and its gradient.

    .. math:: x \mapsto (f(x), \nabla f(x))

    Parameters
    ----------
    f : callable
        Returns one number.
    argnums : int or tuple of int
        Which positional arguments to differentiate: arrays, floats, or nested containers.
    has_aux : bool
        ``f`` returns ``(value, anything)``; the value's place is taken by that pair.

    Examples
    --------
    >>> value_and_grad(lambda x: (x * x).sum())(np.array([1.0, 2.0]))
    (array(5.), array([2., 4.]))
    """

    @functools.wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        call = _Call(f, args, argnums, kwargs)
        result, aux = call.result if has_aux else (call.result, None)
        target = _scalar(result)
        again = call.again([target])
        answers = call.pull([target], [seed_for(target)], again)
        value = call.out(target, again)
        value = (value, call.out(aux, again)) if has_aux else value
        return value, call.out(call.answer(answers), again)

    return both


def grad(f: Function, argnums: Any = 0, has_aux: bool = False) -> Function:
    r"""Return the gradient of ``f`` as a function.

    .. math:: x \mapsto \nabla f(x) = \Bigl(\frac{\partial f}{\partial x_i}\Bigr)_i

    Parameters
    ----------
    f : callable
        Returns one number.
    argnums : int or tuple of int
        Which positional arguments to differentiate: arrays, floats, or nested containers.
    has_aux : bool
        ``f`` returns ``(value, anything)``; the gradient comes with that second part.

    Examples
    --------
    >>> grad(grad(lambda x: x**3))(2.0)
    array(12.)
    """
    both = value_and_grad(f, argnums, has_aux)

    @functools.wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, answer = both(*args, **kwargs)
        return (answer, value[1]) if has_aux else answer

    return gradient


def vjp(f: Function, *primals: Any) -> tuple[Any, Function]:
    r"""Return ``f(*primals)`` and its pullback, the product with the transposed Jacobian.

    .. math:: \bar z \mapsto J^{\mathsf T} \bar z

    Parameters
    ----------
    f : callable
        Returns an array or a nest of them.
    *primals : array_like or nest
        Where to linearise.

    Returns
    -------
    value, pullback
        ``pullback(cotangent)``, as often as wanted, gives a tuple with one entry per primal.

    Examples
    --------
    >>> value, pullback = vjp(lambda x: x * x, np.array([1.0, 2.0]))
    >>> pullback(np.array([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    call = _Call(f, primals, tuple(range(len(primals))), {})
    outputs, rebuild = flatten(call.result)
    targets = [_scalar(output) for output in outputs]

    def pullback(cotangent: Any) -> Any:
        weights, _ = flatten(cotangent)
        if len(weights) != len(targets):
            raise catalogue.wrong_number_of_parts(len(weights), len(targets))
        tracked = any(isinstance(w, Tensor) and w.requires_grad for w in weights)
        again = call.again(targets) or (tracked and current().enabled)
        seeds = [
            w if again and isinstance(w, Tensor) else seed_for(target, w)
            for target, w in zip(targets, weights, strict=True)
        ]
        return call.out(call.answer(call.pull(targets, seeds, again)), again)

    return call.out(call.result, call.again(targets)), pullback


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    r"""Return ``f(*primals)`` and the directional derivative along ``tangents``.

    .. math:: (x, v) \mapsto (f(x),\; J v)

    Parameters
    ----------
    f : callable
        Returns an array or a nest of them.
    primals, tangents : sequence of equal structure and shapes
        Where, and in which direction.

    Notes
    -----
    The pullback is linear in its cotangent; pulling back through it transposes it once more,
    and two transposes are the Jacobian itself (Townsend 2017).

    Examples
    --------
    >>> jvp(lambda x: x * x, [np.array([1.0, 2.0])], [np.array([1.0, 10.0])])
    (array([1., 4.]), array([ 2., 40.]))
    """
    call = _Call(f, tuple(primals), tuple(range(len(primals))), {})
    directions, _ = flatten(list(tangents))
    outputs, rebuild = flatten(call.result)
    targets = [_scalar(output) for output in outputs]
    again = call.again(targets) or any(
        isinstance(v, Tensor) and v.requires_grad for v in directions
    )
    with enable_grad():
        dummies = [_variable(np.zeros(target.shape, target.dtype), True) for target in targets]
        pulled = call.pull(targets, dummies, True)
    if len(directions) != len(pulled):
        raise catalogue.wrong_number_of_parts(len(directions), len(pulled))
    totals: list[Any] = [np.zeros(target.shape, target.dtype) for target in targets]
    for g, v in zip(pulled, directions, strict=True):
        weight = v if again and isinstance(v, Tensor) else seed_for(g, v)
        for k, part in enumerate(gradients(g, dummies, weight, again, "zero")):
            totals[k] = part + totals[k]
    value = call.out(call.result, again)
    return value, call.out(rebuild(iter(totals)), again)


def jacobian(f: Function, argnums: Any = 0) -> Function:
    r"""Return the Jacobian of ``f`` as a function.

    .. math:: J_{ij} = \frac{\partial f_i}{\partial x_j}

    Parameters
    ----------
    f : callable
        Returns an array or a nest of them.
    argnums : int or tuple of int
        Which positional arguments to differentiate.

    Returns
    -------
    callable
        Gives, for each output, the structure of the arguments, with arrays of shape
        ``output.shape + argument.shape``: one reverse sweep per element of the output.

    Examples
    --------
    >>> jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    @functools.wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        call = _Call(f, args, argnums, kwargs)
        outputs, rebuild = flatten(call.result)
        targets = [_scalar(output) for output in outputs]
        again = call.again(targets)
        blocks = [_block(call, target, again) for target in targets]
        return call.out(rebuild(iter([call.answer(block) for block in blocks])), again)

    return matrix


def _block(call: _Call, target: Tensor, again: bool) -> list[Any]:
    """The derivatives of one output: for each variable, rows stacked to the output's shape."""
    rows = []
    for k in range(target.size):
        weight = np.zeros(target.size, target.dtype)
        weight[k] = 1.0
        rows.append(call.pull([target], [weight.reshape(target.shape)], again))
    block = []
    for k, x in enumerate(call.variables):
        parts = [row[k] for row in rows]
        stacked = np.stack(parts) if parts else asarray(np.zeros((0, *x.shape), x.dtype))
        block.append(stacked.reshape((*target.shape, *x.shape)))
    return block


def hessian(f: Function, argnums: int = 0) -> Function:
    r"""Return the matrix of second derivatives of ``f`` as a function.

    .. math:: H_{ij} = \frac{\partial^2 f}{\partial x_i \partial x_j}

    Parameters
    ----------
    f : callable
        Returns one number.
    argnums : int
        Which positional argument to differentiate; of a nest, the answer has blocks.

    Examples
    --------
    >>> hessian(lambda x: x[0] * x[0] * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return jacobian(grad(f, argnums), argnums)


def hvp(f: Function, x: Any, v: Any) -> Any:
    r"""Return the Hessian of ``f`` at ``x`` times ``v``, at the cost of two gradients.

    .. math:: H v = \nabla_x \langle \nabla f(x), v \rangle

    Parameters
    ----------
    f : callable
        Takes ``x``, returns one number.
    x : array_like or nest
        Where.
    v : structure and shapes of ``x``
        The direction.

    Notes
    -----
    Source: Pearlmutter 1994, with a second reverse sweep in place of the forward one.

    Examples
    --------
    >>> hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    call = _Call(f, (x,), 0, {})
    target = _scalar(call.result)
    first = call.pull([target], [seed_for(target)], True)
    weights, _ = flatten(v)
    if len(weights) != len(first):
        raise catalogue.wrong_number_of_parts(len(weights), len(first))
    again = call.again([target])
    seeds = [
        w if again and isinstance(w, Tensor) else seed_for(g, w)
        for g, w in zip(first, weights, strict=True)
    ]
    return call.out(call.answer(call.pull(first, seeds, again)), again)


def stop_gradient(x: Any) -> Any:
    r"""Return the same value as a constant; of a nest, every part.

    .. math:: z = x, \qquad \bar x = 0

    Examples
    --------
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    array(3.)
    """

    def stopped(leaf: Any) -> Any:
        if not isinstance(leaf, Tensor):
            return leaf
        result = leaf.detach()
        origin: Any = result._origin
        result._origin = origin._replace(reason="stop_gradient")
        return result

    return map_leaves(stopped, x)


def _rerun(g: Any, out: Any, *inputs: Any, run: Any, captured: Any) -> tuple[Any, ...]:
    """The rule of ``checkpoint``: compute again, this time keeping the rows, and pull back."""
    again = isinstance(g, Tensor)
    count = len(inputs) - len(captured)
    with Block(enabled=True, tapes=()):
        fresh = [_variable(x, again) for x in inputs[:count]]
        target = run(fresh)
        sources = [*fresh, *captured]
        answers = gradients(target, sources, g, again, "zero")
    return tuple(answers if again else [answer._data for answer in answers])


@operation(rule=_rerun, samples=None)
def _checkpointed(*inputs: Any, run: Any, captured: Any) -> Tensor:
    r"""A function whose inner rows are not kept but computed again for the gradient."""
    raise NotImplementedError


def checkpoint(f: Function) -> Function:
    r"""Return ``f`` with its intermediate values forgotten, and computed again by backward.

    .. math:: z = f(x), \qquad \bar x = J_f(x)^{\mathsf T} \bar z

    Parameters
    ----------
    f : callable
        Takes Tensors, arrays or nests, returns one Tensor. It must compute the same when called
        again; draws from ``tg.seed``'s generator are repeated, those from its own are not.

    Notes
    -----
    Memory falls by the rows inside ``f``, time grows by one more forward (Chen et al. 2016).
    Tensors that ``f`` closes over, such as a layer's parameters, get their gradients too.

    Examples
    --------
    >>> grad(checkpoint(lambda x: (x * x).sum()))(np.array([1.0, 2.0]))
    array([2., 4.])
    """

    @functools.wraps(f)
    def forgetful(*args: Any, **kwargs: Any) -> Any:
        if not current().enabled:
            return f(*args, **kwargs)
        leaves, rebuild = flatten(list(args))
        places = [k for k, leaf in enumerate(leaves) if isinstance(leaf, Tensor) and leaf.requires_grad]
        number = int(generator().integers(2**63))

        def run(tensors: Sequence[Tensor]) -> Tensor:
            filled = list(leaves)
            for k, tensor in zip(places, tensors, strict=True):
                filled[k] = tensor
            with seed(number):
                return _scalar(f(*rebuild(iter(filled)), **kwargs))

        start = next_index()
        inputs = [leaves[k] for k in places]
        fresh = [_variable(x._data, True) for x in inputs]
        with Block(enabled=True, tapes=()):
            result = run(fresh)
        captured = outside([result], fresh, start)
        if not result.requires_grad:
            return result
        attributes = {"run": run, "captured": tuple(captured)}
        op = _checkpointed.op  # type: ignore[attr-defined]
        return record(op, result._data, (*inputs, *captured), True, attributes)

    return forgetful
