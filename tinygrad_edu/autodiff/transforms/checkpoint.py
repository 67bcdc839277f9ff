"""Functions that decide what is kept for the gradient: nothing of a value, or of a part."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ... import catalogue
from ...mode import Block, current
from ...seeding import generator, seed
from ...structure import flatten, map_leaves
from ..operation import operation, record
from ..record import pulled
from ..tensor import Tensor, next_index
from .call import Function, fresh_variable, outside, tensor_result


def stop_gradient(x: Any) -> Any:
    r"""Return the same value as a constant; of a nest, every part.

    .. math:: z = x, \qquad \bar x = 0

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.grad(lambda x: x * stop_gradient(x))(3.0)
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
        fresh = [fresh_variable(x, again) for x in inputs[:count]]
        target = run(fresh)
        if not np.array_equal(target._data, getattr(out, "_data", out), equal_nan=True):
            raise catalogue.recomputed_otherwise(target.shape)
        read = [*fresh, *captured]
        found = zip(pulled({target: g}, read, again), read, strict=True)
        return tuple([np.zeros_like(x._data) if d is None else d for d, x in found])


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
    >>> import numpy as np, tinygrad_edu as tg
    >>> tg.grad(checkpoint(lambda x: (x * x).sum()))(np.array([1.0, 2.0]))
    array([2., 4.])
    """

    @functools.wraps(f)
    def forgetful(*args: Any, **kwargs: Any) -> Any:
        if not current().enabled:
            return f(*args, **kwargs)
        leaves, rebuild = flatten(list(args))
        places = [
            k for k, leaf in enumerate(leaves) if isinstance(leaf, Tensor) and leaf.requires_grad
        ]
        number = int(generator().integers(2**63))

        def run(tensors: Sequence[Tensor]) -> Tensor:
            filled = list(leaves)
            for k, tensor in zip(places, tensors, strict=True):
                filled[k] = tensor
            with seed(number):
                return tensor_result(f(*rebuild(iter(filled)), **kwargs))

        start = next_index()
        inputs = [leaves[k] for k in places]
        fresh = [fresh_variable(x._data, True) for x in inputs]
        with Block(enabled=True, tapes=()):
            result = run(fresh)
        captured = outside([result], fresh, start)
        if not result.requires_grad:
            return result
        attributes = {"run": run, "captured": tuple(captured)}
        op = _checkpointed.op  # type: ignore[attr-defined]
        return record(op, result._data.copy(), (*inputs, *captured), True, attributes)

    return forgetful
