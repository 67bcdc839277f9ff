"""A network of neurons as plain data, read from the record of one forward pass (floor 3).

Layers are found by what they look like: a module with a matrix ``weight``, one row for each unit,
that multiplies the last axis of what arrives. Which class it is does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..autodiff import Tape, Tensor
from ..errors import ArgumentError
from ..mode import enable_grad
from ..types import Array
from .paths import shortest, touching

__all__ = ["Column", "Network", "read_network"]


class Column(NamedTuple):
    """One layer of units, or the input.

    Attributes
    ----------
    name, kind : str
        Path and class of its module; of the input ``"x"`` and ``""``.
    functions : tuple of str
        What is applied to the weighted sums, in order.
    sums, values : array, shape (units,), or (samples, units)
        The weighted sums with bias, and what leaves the layer, for one sample or for all.
    weight : array, shape (units, inputs), or None
        None for the input.
    bias : array, shape (units,), or None
        What is added to the sums.
    """

    name: str
    kind: str
    functions: tuple[str, ...]
    sums: Array
    values: Array
    weight: Array | None = None
    bias: Array | None = None


class Network(NamedTuple):
    """Columns from the input to the output, and what the picture has to say about them."""

    columns: tuple[Column, ...]
    notes: tuple[str, ...]


class _Layer(NamedTuple):
    """One use of a module: what arrived, and the weighted sums."""

    path: str
    module: Any
    arrived: Tensor
    sums: Tensor
    weight: Array


def read_network(model: Any, x: Any, sample: int | None = 0) -> Network:
    """Return the layers of a model in the order in which an input passes them.

    Parameters
    ----------
    model : callable
        A module, or anything with ``named_modules`` or with ``weight`` and ``bias`` of its own.
    x : array_like, shape (features,) or (samples, features)
        What it is called with.
    sample : int or None
        Which of the samples to keep the numbers of; None keeps those of all.

    Raises
    ------
    ArgumentError
        For a model without such layers, or whose layers do not follow one another.
    """
    modules = _affine(model)
    if not modules:
        raise ArgumentError(
            f"{type(model).__name__} has no layer whose weight is a matrix (units, inputs)",
            why="circles stand for its rows, and lines for its elements",
            fix="tg.draw(model(x))   # the graph of any model",
        )
    first = modules[0][1].weight
    start = Tensor(x.data if isinstance(x, Tensor) else x, dtype=first.dtype, requires_grad=True)
    quiet = getattr(model, "evaluating", nullcontext)
    with quiet(), enable_grad(), Tape() as tape:
        out = model(start)
    layers = _layers(tape, modules)
    notes = _followed(layers, start)
    count = layers[0].arrived.size // layers[0].arrived.shape[-1]
    if sample is not None and not -count <= sample < count:
        raise ArgumentError(f"sample={sample} is none of the {count} samples", fix="sample=0")
    if sample is not None and count > 1:
        notes.insert(0, f"activations of sample {sample % count} of {count}")
    return Network(tuple(_columns(layers, out, sample)), tuple(notes))


def _affine(model: Any) -> list[tuple[str, Any]]:
    """The modules that have a matrix of weights, with their paths."""
    found = getattr(model, "named_modules", lambda: [("", model)])()
    return [(path, part) for path, part in found if _is_matrix(getattr(part, "weight", None))]


def _is_matrix(weight: Any) -> bool:
    return isinstance(weight, Tensor) and weight.ndim == 2 and weight.dtype.kind == "f"


def _layers(tape: Iterable[Tensor], modules: list[tuple[str, Any]]) -> list[_Layer]:
    """The rows that multiply by one of the weights, in the order in which they were made."""
    owners = {part.weight: (path, part) for path, part in modules}
    found: list[_Layer] = []
    for row in tape:
        if len(row.inputs) == 1 and row.inputs[0] in owners:  # the weight, transposed
            owners[row] = owners[row.inputs[0]]
            continue
        if found and row.inputs[0] is found[-1].sums and _adds(row, found[-1]):
            found[-1] = found[-1]._replace(sums=row)
            continue
        for weight in row.inputs:
            path, part = owners.get(weight, ("", None))
            arrived = row.inputs[row.inputs[0] is weight] if len(row.inputs) > 1 else row
            matrix = None if part is None else _multiplied(row, arrived, part)
            if matrix is not None:
                found.append(_Layer(path, part, arrived, row, matrix))
    return found


def _adds(row: Tensor, layer: _Layer) -> bool:
    """Whether a row adds the layer's bias to its products."""
    bias = getattr(layer.module, "bias", None)
    return len(row.inputs) == 2 and row.inputs[1] is bias and row.shape == layer.sums.shape


def _multiplied(row: Tensor, arrived: Tensor, part: Any) -> Array | None:
    """The matrix (units, inputs) by which a row multiplies the last axis, if that is what it does.

    The numbers tell, so that both ways to store a matrix are read rightly.
    """
    matrix, bias = part.weight.data, getattr(part, "bias", None)
    if arrived.dtype.kind != "f" or not (arrived.ndim and row.ndim and arrived.size and row.size):
        return None
    added = bias.data if any(x is bias for x in row.inputs) and isinstance(bias, Tensor) else 0.0
    given, sums = (x.data.reshape(-1, x.shape[-1])[0] for x in (arrived, row))
    for turned in (matrix, matrix.T):
        if turned.shape == (sums.size, given.size):
            close = np.allclose(turned @ given + added, sums, rtol=1e-3, atol=1e-5, equal_nan=True)
            if close:
                return np.array(turned)
    return None


def _followed(layers: list[_Layer], start: Tensor) -> list[str]:
    """Make sure that each layer is fed by the one before it; say what will not be drawn."""
    if not layers:
        raise ArgumentError(
            "the forward pass used none of the model's matrices as a layer of units",
            fix="tg.draw(model(x))   # the graph of any model",
        )
    notes = []
    if layers[0].arrived is not start:
        way = shortest(layers[0].arrived, start, touching)
        names = _functions(way)
        if any(name not in _SHAPES for name in names):
            notes.append(f"not drawn, before the first layer: {', '.join(dict.fromkeys(names))}")
    for before, after in pairwise(layers):
        same = before.sums.shape[-1] == after.arrived.shape[-1]
        if not same or not shortest(after.arrived, before.sums, touching):
            raise ArgumentError(
                f"layer {after.path or type(after.module).__name__!r} is not fed by the layer "
                f"before it, {before.path or type(before.module).__name__!r}",
                why="a diagram of columns shows layers that follow one another",
                fix="tg.draw(model(x))   # the graph of any model",
            )
        others = {start, *[layer.sums for layer in layers if layer is not before]}
        if _skips(after.arrived, before.sums, others):
            notes.append("connections that skip a layer are not drawn")
    return list(dict.fromkeys(notes))


_SHAPES = frozenset(["reshape", "ravel", "astype", "flatten", "variable"])


def _skips(arrived: Tensor, before: Tensor, others: set[Tensor]) -> bool:
    """Whether something older reaches a layer past the one before it."""
    stack, seen = [arrived], {before}
    while stack:
        tensor = stack.pop()
        if tensor in seen:
            continue
        seen.add(tensor)
        if tensor in others:
            return True
        stack += [x for _, x in touching(tensor)]
    return False


def _functions(way: list[Tensor]) -> tuple[str, ...]:
    """What was applied on a way, its start left out."""
    return tuple([row.op.name for row in way[1:] if row.op is not None])


def _columns(layers: list[_Layer], out: Any, sample: int | None) -> Iterable[Column]:
    start = _row(layers[0].arrived, sample)
    yield Column("x", "", (), start, start)
    for k, layer in enumerate(layers):
        result = layers[k + 1].arrived if k + 1 < len(layers) else out
        way = shortest(result, layer.sums, touching) if isinstance(result, Tensor) else []
        if not way or result.shape[-1:] != layer.sums.shape[-1:]:
            result, way = layer.sums, [layer.sums]
        bias = getattr(layer.module, "bias", None)
        yield Column(
            layer.path,
            type(layer.module).__name__,
            _functions(way),
            _row(layer.sums, sample),
            _row(result, sample),
            layer.weight,
            bias.data.copy() if isinstance(bias, Tensor) else None,
        )


def _row(x: Tensor, sample: int | None) -> Array:
    """The numbers of one sample, or of all."""
    flat: Array = x.data.reshape(-1, x.shape[-1])
    return np.array(flat if sample is None else flat[sample])
