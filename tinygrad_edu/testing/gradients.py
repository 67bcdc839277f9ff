"""``check_gradients``: the same check for functions of Tensors and for modules, to any order."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..autodiff.record import pulled
from ..autodiff.tensor import Tensor, asarray
from ..errors import ArgumentError
from ..reasons import returned_plain_number
from ..structure import flatten
from ..types import Array, Rng
from .arguments import known_choice
from .convention import Convention
from .example import as_code, called
from .gradcheck import Check
from .report import Report

__all__ = ["check_gradients"]


def check_gradients(
    fn: Callable[..., Any],
    *xs: Any,
    order: int = 2,
    cotangent: Any = None,
    at_kink: Convention = None,
    rng: Rng = None,
    raises: bool = True,
    unresolved: str = "raise",
) -> Report:
    r"""Check the gradients of a function of Tensors, or of a module, by numeric derivatives.

    .. math:: \bar x = J(x)^{\mathsf T} g, \qquad
              (x, g) \mapsto J(x)^{\mathsf T} g \text{ is a function too, and is checked likewise}

    Parameters
    ----------
    fn : callable or Module
        ``fn(*xs)`` returns a Tensor, or a nest of them. Of a module, the parameters are inputs
        after ``xs``; a float64 copy is checked.
    *xs : array_like
        Where to check. Floating inputs are differentiated, others passed on as they are.
    order : int, at least 1
        How often to differentiate.
    cotangent, at_kink, rng, raises, unresolved
        As in ``check_vjp``; the first two concern the first order.

    Returns
    -------
    Report
        Of the first order that does not pass, else of the last, with all comparisons counted.

    Raises
    ------
    GradientMismatch, GradientUnresolved
        Which derive from ``AssertionError``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> check_gradients(tg.tanh, [0.5, -1.0], order=3).verdict
    'pass'
    """
    known_choice(unresolved)
    if not isinstance(order, int) or order < 1:
        raise ArgumentError(
            f"order is a whole number of at least 1, not {order!r:.60}", fix="order=2"
        )
    if not callable(fn) or isinstance(fn, type):
        raise ArgumentError(
            f"{fn!r:.60} is not a function of Tensors or a module",
            fix="check_gradients(nn.Linear(3, 2), x)   # an instance, or a function",
        )
    report = _by_order(_program(fn, xs), order, fn, cotangent, at_kink, rng)
    return report.require(unresolved) if raises else report


def _by_order(
    program: Program, order: int, fn: Any, cotangent: Any, at_kink: Convention, rng: Rng
) -> Report:
    """Check a program, then its pullback as a program, and so on."""
    name, compared, count = str(getattr(fn, "__name__", type(fn).__name__)), 0, program.count
    first: Check | None = None
    for k in range(1, order + 1):
        names = program.names
        check = Check(
            program.values, program.pull, program.arrays, cotangent, at_kink, rng, name, names
        )
        first = first or check
        report = check.run()
        report.order, report.compared = k, compared + report.compared
        if report.verdict != "pass":
            call = f"check_gradients({called(fn, 'f')}, {{xs}}, cotangent=g, order={k})"
            report.example = as_code(first.pair, first.g, call, count)
        if report.verdict != "pass" or k == order:
            break
        g = check.pair.cotangent(check.g)
        program = program.derived([g] if check.pair.single else list(g))
        compared, cotangent, at_kink = report.compared, None, None
    return report


class Program:
    """A function of Tensors at one point, as a pair of functions of arrays.

    Parameters
    ----------
    outputs : callable
        From a list of leaves (plain arrays where they are not floating) to a list of Tensors.
    arrays : list of arrays
        The point.
    names : list of str
        What messages call the inputs.
    held : dict
        Leaves that exist already, by position: a module's parameters, given new data each time.
    """

    def __init__(
        self,
        outputs: Callable[[list[Any]], list[Tensor]],
        arrays: list[Array],
        names: list[str],
        held: dict[int, Any],
    ) -> None:
        self.outputs, self.arrays, self.names, self.held = outputs, arrays, names, held
        self.count = len(arrays) - len(held)

    def values(self, *arrays: Array) -> tuple[Array, ...] | Array:
        """Return the outputs as arrays."""
        found = [output._data for output in self.outputs(self._leaves(arrays))]
        return tuple(found) if len(found) != 1 else found[0]

    def pull(self, g: Any, *arrays: Array) -> list[Any]:
        """Return the cotangents of all inputs, by one reverse sweep."""
        leaves = self._leaves(arrays)
        return _pulled(self.outputs(leaves), g if isinstance(g, tuple) else (g,), leaves, False)

    def derived(self, cotangents: list[Array]) -> Program:
        """Return the pullback as a program: of the inputs and the cotangents."""
        count, outputs = len(self.arrays), self.outputs

        def pullback(leaves: list[Any]) -> list[Tensor]:
            inputs, g = leaves[:count], leaves[count:]
            found = _pulled(outputs(inputs), g, inputs, True)
            return [
                x * 0.0 if d is None else asarray(d)
                for x, d in zip(inputs, found, strict=True)
                if isinstance(x, Tensor)
            ]

        names = [*self.names, *[f"cotangent {k}" for k in range(len(cotangents))]]
        return Program(pullback, [*self.arrays, *cotangents], names, self.held)

    def _leaves(self, arrays: Sequence[Array]) -> list[Any]:
        leaves: list[Any] = []
        for k, array in enumerate(arrays):
            if k in self.held:
                self.held[k].data = array
                leaves.append(self.held[k])
            else:
                tracked = array.dtype.kind == "f"
                leaves.append(asarray(array, requires_grad=True) if tracked else array)
        return leaves


def _pulled(
    outputs: list[Tensor], cotangents: Sequence[Any], leaves: list[Any], again: bool
) -> list[Any]:
    seeds: dict[Tensor, Any] = {}
    for output, g in zip(outputs, cotangents, strict=True):
        if output.requires_grad:
            seeds[output] = seeds[output] + g if output in seeds else g
    sources = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
    found = iter(pulled(seeds, sources, again))
    return [next(found) if isinstance(leaf, Tensor) else None for leaf in leaves]


def _program(fn: Callable[..., Any], xs: Sequence[Any]) -> Program:
    arrays = [np.array(x._data if isinstance(x, Tensor) else x) for x in xs]
    names = [f"input {k}" for k in range(len(arrays))]
    if not hasattr(fn, "named_parameters"):
        return Program(lambda leaves: _tensors(fn(*leaves)), arrays, names, {})
    model: Any = copy.deepcopy(fn)
    if hasattr(model, "astype"):
        model.astype(np.float64)
    arrays = [x.astype(float) if x.dtype.kind == "f" else x for x in arrays]
    inside = {key: p for key, p in model.named_parameters() if p.requires_grad}
    count = len(arrays)
    held = dict(enumerate(inside.values(), count))
    arrays += [p.data.copy() for p in held.values()]
    names += [f"parameter `{key}`" for key in inside]
    return Program(lambda leaves: _tensors(model(*leaves[:count])), arrays, names, held)


def _tensors(result: Any) -> list[Tensor]:
    leaves = flatten(result)[0]
    if not leaves:
        raise ArgumentError("the function returned nothing to differentiate", fix="return y")
    for leaf in leaves:
        if not isinstance(leaf, Tensor):
            raise returned_plain_number(leaf)
    return leaves
