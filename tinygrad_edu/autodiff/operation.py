"""What an operation is, and the factories that turn one paragraph into a recorded function.

``forward`` computes on arrays, and ``rule`` gives the gradient with operators and our own
operations, so that one rule serves arrays (first order, fast) and Tensors (every order).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from ..arrays import numbers
from ..domain import Kink, Real
from ..mode import current
from ..refusal import check_settings, forward_returned, pair_of, refused, result_of, settled
from ..registration import checked
from ..registry import Operation, registry, several
from ..source import Origin, here, severed
from .tensor import Parameter, Tensor, constant, next_index

F = TypeVar("F", bound=Callable[..., Any])

_ndarray = np.ndarray
_new = Tensor.__new__
_NUMBER, _WEAK, _KINDS = {float, int}, {float, int, complex}, {Tensor, Parameter}
_REFUSED = (ValueError, TypeError, IndexError, OverflowError)
_ORDER = frozenset(["__lt__", "__le__", "__gt__", "__ge__"])  # Python reflects these itself
_scalars: dict[tuple[Any, int], Tensor] = {}
_ready = _scalars.get


def record(
    op: Operation,
    data: Any,
    inputs: tuple[Tensor, ...],
    tracked: bool,
    attributes: dict[str, Any] | None = None,
    saved: Any = None,
) -> Tensor:
    """Make the Tensor that holds ``data``: a row if an input is tracked, else a constant."""
    if data.__class__ is not _ndarray:
        data = np.asarray(data if data.__class__ is not tuple else result_of(op, data))
    if data.dtype.kind not in "fiubc":
        raise forward_returned(op, data)
    state = current()
    if not (tracked and state.enabled and op.differentiable and data.dtype.kind == "f"):
        row = constant(data)
        if tracked or state.observed or [x for x in inputs if x._origin is not None]:
            reason = op.name if state.enabled or not tracked else "no_grad"
            site = here() if state.observed else None
            row._origin = severed(row, inputs, reason, site, state.path)
    else:
        row = _new(Tensor)
        row._data, row._tracked, row.op, row.inputs = data, True, op, inputs
        row.index, row.attributes, row._saved = next_index(), attributes, saved
        row._grad = row._origin = row.name = None
        if state.observed:
            row._origin = Origin(here(), state.path)
            for tape in state.tapes:
                tape.rows.append(row)
    if state.watch is not None:
        state.watch.saw(row, op, inputs, attributes)
    return row


def _unary(op: Operation) -> Callable[..., Any]:
    forward, view, otherwise = op.forward, op.view, _general(op)

    def call(x: Any, /) -> Any:
        if not isinstance(x, Tensor) or not x._tracked or not current().bare:
            return otherwise(np.asarray(x) if x.__class__ in _WEAK else x)
        try:
            data = forward(x._data)
        except _REFUSED as error:
            raise refused(op, (x,), {}, error) from None
        if view and x.op is None:
            data = data.copy()  # a leaf's numbers may change under a view of them
        if data.__class__ is not _ndarray:
            return record(op, data, (x,), True)
        row = _new(Tensor)
        row._data = data
        row._tracked = True
        row.op = op
        row.inputs = (x,)
        row.index = next_index()
        row.attributes = row._origin = row.name = None
        return row

    return call


def _binary(op: Operation) -> Callable[..., Any]:
    forward, otherwise = op.forward, _general(op)

    def call(x: Any, y: Any, /) -> Any:
        if not (
            (x.__class__ is Tensor or x.__class__ is Parameter)
            and (y.__class__ is Tensor or y.__class__ is Parameter)
        ):
            z = None
            if y.__class__ in _NUMBER and isinstance(x, Tensor):
                z = _ready((y, x._data.dtype.num))
            elif x.__class__ is _ndarray and y.__class__ is _ndarray:
                try:  # in a rule: nearly as fast as an operator
                    return result_of(op, forward(x, y))
                except _REFUSED:  # said in full below
                    z = None
            if z is None:
                return otherwise(x, y)
            y = z
        try:
            data = forward(x._data, y._data)
        except _REFUSED as error:
            raise refused(op, (x, y), {}, error) from None
        tracked = x._tracked or y._tracked
        if not tracked or not current().bare or data.__class__ is not _ndarray:
            return record(op, data, (x, y), tracked)
        row = _new(Tensor)
        row._data = data
        row._tracked = True
        row.op = op
        row.inputs = (x, y)
        row.index = next_index()
        row.attributes = row._origin = row.name = None
        return row

    return call


def _general(op: Operation) -> Callable[..., Any]:
    """Any number of inputs, attributes, saved values, or no rule at all."""
    forward, saves, names, defaults = op.forward, op.saves, tuple(op.defaults), op.defaults
    arity = 1_000_000 if op.variadic else op.arity
    one = op.lane == 1 and not saves

    def call(*args: Any, **given: Any) -> Any:
        inputs, rest = args[:arity], args[arity:]
        attributes = {**defaults, **dict(zip(names, rest, strict=False)), **given}
        if one and len(args) == 1 and args[0].__class__ is Tensor and args[0].op is not None:
            try:  # a reduction or the like of a computed value: the rest below is for other cases
                return record(op, forward(args[0]._data, **attributes), args, True, attributes)
            except _REFUSED as error:
                raise refused(op, args, attributes, error) from None
        tensors = [x for x in inputs if isinstance(x, Tensor)]
        try:
            if rest or not _KINDS.isdisjoint(map(type, given.values())):
                check_settings(op, rest, given)
            if not tensors:
                data = forward(*[_plain(x) for x in inputs], **attributes)
                return result_of(op, pair_of(op, data)[0] if saves else data)
            if len(tensors) < len(inputs):
                inputs = tuple([x if x.__class__ in _WEAK else _wrapped(x) for x in inputs])
                dtype = np.result_type(*[x._data for x in inputs if isinstance(x, Tensor)])
                inputs = tuple([_wrapped(x, dtype) for x in inputs])
            data = forward(*[x._data for x in inputs], **attributes)
        except _REFUSED as error:
            return constant(settled(op, (*inputs, *rest[len(names) :]), attributes, error))
        data, saved = pair_of(op, data) if saves else (data, None)
        if op.view and [x for x in tensors if x.index >= 0 and x.op is None]:
            data = data.copy()  # a leaf's numbers may change under a view of them
        return record(op, data, inputs, True in [x._tracked for x in tensors], attributes, saved)

    return call


_LANES: dict[int, Callable[[Operation], Callable[..., Any]]] = {1: _unary, 2: _binary}


def _plain(x: Any) -> Any:
    return x if x.__class__ is _ndarray or x.__class__ in _WEAK else numbers(x)


def _wrapped(x: Any, dtype: Any = None) -> Tensor:
    if x.__class__ not in _WEAK:
        return x if isinstance(x, Tensor) else constant(numbers(x))
    # NumPy's weak promotion. As ready 0-d arrays, floats make a ufunc call a third faster.
    if dtype.kind != "f" or x.__class__ is complex:
        return constant(np.array(x, np.result_type(dtype, x)))  # type: ignore[arg-type]
    made = constant(np.array(x, dtype))
    if x and len(_scalars) < 1024:  # 0.0 and -0.0 would be one key
        _scalars[x, dtype.num] = made
    return made


def operation(
    forward: Callable[..., Any] | None = None,
    *,
    rule: Callable[..., Any] | tuple[Callable[..., Any] | None, ...] | None = None,
    broadcasts: bool | None = None,
    saves: bool = False,
    view: bool = False,
    domain: Real | tuple[Real, ...] | None = None,
    samples: Callable[..., Any] | None = None,
    kinks: Kink | tuple[Kink, ...] | None = None,
    explain: Callable[..., Any] | None = None,
    method: str | tuple[str, ...] | None = None,
    **odd: Any,
) -> Callable[[F], F]:
    """Turn a function of arrays into an operation that records, differentiates and explains.

    Parameters
    ----------
    forward : callable, optional
        Computes the value from arrays; by default the decorated function itself. Inputs are the
        parameters before ``/`` (or ``*inputs``; without either, those without a default); all
        others are attributes.
    rule : callable, or tuple with one per input
        ``rule(g, out, *inputs, **attributes)`` returns the cotangent of its input, written with
        operators and operations so that it serves every order. ``None``: no derivative. For
        several inputs a single callable returns all cotangents as a tuple; it may also ask for
        ``saved`` (``None`` at higher order: recompute) and ``needs`` (which inputs want one).
    broadcasts : bool, optional
        The engine sums cotangents back to the inputs' shapes. By default true for a ufunc.
    saves, view : bool
        ``forward`` returns ``(value, saved)``; a view of an input, copied if that is a leaf.
    domain : Real or tuple with one per input; samples : callable
        Where the tests draw operands; ``samples(rng)`` returns ``(inputs, attributes)``.
    kinks : Kink or tuple of Kink
        The documented value at each point without a derivative.
    explain : callable, optional
        ``explain(*arrays, **attributes)`` returns a better error when the forward is refused.
    method : str or tuple of str
        Methods and operators of Tensor that mean this operation, ``"__radd__"`` by ``"__add__"``.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> @tg.operation(rule=lambda g, out, x: g * 2 * x, domain=tg.Real(-3, 3))
    ... def squared(x):
    ...     return x * x
    >>> tg.grad(squared)(3.0)
    array(6.)
    """
    facts = checked(forward, rule, (broadcasts, saves, view, domain, samples, kinks, explain), odd)

    def decorate(function: F) -> F:
        op = Operation(function, forward, rule, *facts)
        ours = str(function.__module__).startswith("tinygrad_edu.")
        registry[op.name if ours else f"{function.__module__}.{function.__qualname__}"] = op
        factory = _LANES.get(0 if op.defaults else op.lane, _general)
        call: Any = functools.wraps(function)(factory(op))
        # So that Python's own complaint about missing arguments names the operation.
        call.__code__ = call.__code__.replace(co_name=op.name, co_qualname=op.name)
        call.op, op.call = op, call
        for name in several(method):
            setattr(Tensor, name, call)
            if op.arity == 2 and name.startswith("__") and name not in _ORDER:
                setattr(Tensor, f"__r{name[2:]}", lambda y, x: call(x, y))
        return call  # type: ignore[no-any-return]

    return decorate
