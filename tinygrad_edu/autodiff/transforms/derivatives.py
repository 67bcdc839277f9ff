r"""Functions of functions: gradients, products with Jacobians, and matrices of derivatives.

Each calls ``f`` on variables of its own and asks the sweep for gradients; the rest is structure.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...mode import current, enable_grad
from ...structure import flatten, leaves_like
from ..backward import seed_for
from ..record import pulled
from ..tensor import Tensor, asarray
from .call import Call, Function, fresh_variable, tensor_result


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
        call = Call(f, args, argnums, kwargs)
        result, aux = call.result if has_aux else (call.result, None)
        target = tensor_result(result)
        again = call.again([target])
        answers = call.pull([target], [seed_for(target)], again)
        value = call.out(target, again)
        value = (value, call.out(aux, again)) if has_aux else value
        return value, call.answer(answers, again)

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
    call = Call(f, primals, tuple(range(len(primals))), {})
    targets = [tensor_result(output) for output in flatten(call.result)[0]]

    def pullback(cotangent: Any) -> Any:
        weights = leaves_like(cotangent, call.result)
        tracked = any(isinstance(w, Tensor) and w.requires_grad for w in weights)
        again = call.again(targets) or (tracked and current().enabled)
        seeds = [
            w if again and isinstance(w, Tensor) else seed_for(target, w)
            for target, w in zip(targets, weights, strict=True)
        ]
        return call.answer(call.pull(targets, seeds, again), again)

    return call.out(call.result, call.again(targets)), pullback


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    r"""Return ``f(*primals)`` and the directional derivative along ``tangents``.

    .. math:: (x, v) \mapsto (f(x),\; J v)

    Parameters
    ----------
    f : callable
        Returns an array or a nest of them.
    primals, tangents : sequence of equal structure and shapes
        Where, and in which direction; of a function of one array, also that array itself.

    Notes
    -----
    The pullback is linear in its cotangent; pulling back through it transposes it once more,
    and two transposes are the Jacobian itself (Townsend 2017).

    Examples
    --------
    >>> jvp(lambda x: x * x, [np.array([1.0, 2.0])], [np.array([1.0, 10.0])])
    (array([1., 4.]), array([ 2., 40.]))
    """
    if not isinstance(primals, (tuple, list)):
        primals, tangents = (primals,), (tangents,)
    call = Call(f, tuple(primals), tuple(range(len(primals))), {})
    directions = leaves_like(tuple(tangents), tuple(primals))
    outputs, rebuild = flatten(call.result)
    targets = [tensor_result(output) for output in outputs]
    again = call.again(targets) or any(
        isinstance(v, Tensor) and v.requires_grad for v in directions
    )
    with enable_grad():
        dummies = [fresh_variable(np.zeros(target.shape, target.dtype), True) for target in targets]
        pulled_back = call.pull(targets, dummies, True)
    weights = {
        g: v if again and isinstance(v, Tensor) else seed_for(g, v)
        for g, v in zip(pulled_back, directions, strict=True)
        if isinstance(g, Tensor) and g.requires_grad
    }
    along = [
        np.zeros(target.shape, target.dtype) if part is None else part
        for part, target in zip(pulled(weights, dummies, again), targets, strict=True)
    ]
    value = call.out(call.result, again)
    return value, call.out(rebuild(iter(along)), again)


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
        call = Call(f, args, argnums, kwargs)
        outputs, rebuild = flatten(call.result)
        targets = [tensor_result(output) for output in outputs]
        again = call.again(targets)
        blocks = [_block(call, target, again) for target in targets]
        return rebuild(iter([call.answer(block, again) for block in blocks]))

    return matrix


def _block(call: Call, target: Tensor, again: bool) -> list[Any]:
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
    call = Call(f, (x,), 0, {})
    target = tensor_result(call.result)
    first = call.pull([target], [seed_for(target)], True)
    weights = leaves_like(v, x)
    again = call.again([target])
    pairs = [(g, w) for g, w in zip(first, weights, strict=True) if isinstance(g, Tensor)]
    seeds = [w if again and isinstance(w, Tensor) else seed_for(g, w) for g, w in pairs]
    first = [g for g, _ in pairs]
    return call.answer(call.pull(first, seeds, again), again)
