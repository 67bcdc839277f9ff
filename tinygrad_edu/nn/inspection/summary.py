"""A model as a table: what its layers are, give and weigh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...autodiff.tensor import Parameter, Tensor
from ...mode import no_grad
from ...seeding import seed
from ..sharing import shared_paths
from ..tree import Tree, walk
from .calls import copied, run
from .table import aligned, bytes_in_words

__all__ = ["LayerSummary", "Summary", "summary"]


@dataclass(frozen=True)
class LayerSummary:
    """One call of a layer, or a layer that is not called.

    Attributes
    ----------
    path : str
        ``""`` for the model itself; with the number of the call from the second on.
    kind : str
        Its class.
    output : tuple or None
        The shape of what it returned, or a nest of shapes; None if it is not called.
    parameters, trainable : int
        How many numbers it holds itself, and how many of them are trained; what an earlier row
        has counted is not counted again.
    bytes : int
        Of those parameters, and of buffers.
    shared : str
        The path under which its parameters were counted, or ``""``.
    """

    path: str
    kind: str
    output: Any
    parameters: int
    trainable: int
    bytes: int
    shared: str


@dataclass(frozen=True)
class Summary:
    """What ``summary`` returns; ``print`` shows it as a table.

    Attributes
    ----------
    layers : tuple of LayerSummary
        In the order of the calls, layers that are not called last.
    shared : tuple of tuple of str
        Groups of paths that lead to one module or parameter.
    """

    layers: tuple[LayerSummary, ...]
    shared: tuple[tuple[str, ...], ...]

    @property
    def parameters(self) -> int:
        """How many numbers the parameters hold, shared ones counted once."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def trainable(self) -> int:
        """How many of them are trained."""
        return sum(layer.trainable for layer in self.layers)

    @property
    def bytes(self) -> int:
        """The memory of parameters and buffers."""
        return sum(layer.bytes for layer in self.layers)

    def __str__(self) -> str:
        header = ["path", "kind", "output", "parameters", "trainable", "memory"]
        lines = aligned(header, [_cells(layer) for layer in self.layers], left=(0, 1, 2))
        lines.append(
            f"total: {self.parameters:,} parameters, {self.trainable:,} trainable, "
            f"{bytes_in_words(self.bytes)} with buffers"
        )
        lines += [f"shared, counted once: {' = '.join(group)}" for group in self.shared]
        return "\n".join(lines)


def _cells(layer: LayerSummary) -> list[str]:
    output = "not called" if layer.output is None else str(layer.output)
    if layer.shared and not layer.parameters:
        counts = [f"as {layer.shared}", "", ""]
    elif layer.bytes:
        counts = [f"{layer.parameters:,}", f"{layer.trainable:,}", bytes_in_words(layer.bytes)]
    else:
        counts = ["", "", ""]
    return [layer.path, layer.kind, output, *counts]


def summary(model: Any, *inputs: Any, **options: Any) -> Summary:
    """List the layers of a model with the shapes of their outputs and the sizes of their weights.

    Parameters
    ----------
    model : Module
        With any ``forward``. A copy of it is called once, in evaluation mode and with random
        numbers of its own, so that nothing changes: no mode, no buffer, no stream.
    *inputs : array_like
        Arguments of its ``forward``; a batch of one sample is enough.
    **options : any
        Keyword arguments of ``forward``.

    Returns
    -------
    Summary
        ``print`` it, or read ``.layers``, ``.parameters``, ``.trainable``, ``.bytes``, ``.shared``.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu import nn
    >>> net = nn.Sequential(nn.Flatten(), nn.Linear(64, 10), nn.ReLU(), nn.Linear(10, 2))
    >>> print(summary(net, np.zeros((1, 8, 8), np.float32)))
    path  kind        output   parameters  trainable  memory
          Sequential  (1, 2)
    0     Flatten     (1, 64)
    1     Linear      (1, 10)         650        650  2.6 kB
    2     ReLU        (1, 10)
    3     Linear      (1, 2)           22         22    88 B
    total: 672 parameters, 672 trainable, 2.7 kB with buffers
    """
    with no_grad(), seed(0):
        twin = copied(model).eval()
        calls = run(twin, inputs, options).calls
    counted: dict[int, str] = {}
    layers = [_layer(call.path, call.module, _shapes(call.output), counted) for call in calls]
    called = {id(call.module) for call in calls}
    for path, module in twin.named_modules():
        if id(module) not in called and not _only_holds(module):
            layers.append(_layer(path, module, None, counted))
    return Summary(tuple(layers), shared_paths(model))


def _layer(path: str, module: Tree, output: Any, counted: dict[int, str]) -> LayerSummary:
    own = [(name, part) for name, part in walk(module, deep=False) if isinstance(part, Tensor)]
    shared = next((counted[id(part)] for _, part in own if id(part) in counted), "")
    fresh = [part for _, part in own if id(part) not in counted]
    counted.update({id(part): path or type(module).__name__ for part in fresh})
    parameters = [part for part in fresh if isinstance(part, Parameter)]
    return LayerSummary(
        path,
        type(module).__name__,
        output,
        sum(part.size for part in parameters),
        sum(part.size for part in parameters if part.requires_grad),
        sum(part.data.nbytes for part in fresh),
        shared,
    )


def _only_holds(module: Tree) -> bool:
    """Whether a module that is not called is just a list of others, which are."""
    own = [part for _, part in walk(module, deep=False)]
    return bool(own) and all(isinstance(part, Tree) for part in own)


def _shapes(result: Any) -> Any:
    if isinstance(result, Tensor):
        return result.shape
    if isinstance(result, dict):
        return {name: _shapes(part) for name, part in result.items()}
    if isinstance(result, (tuple, list)):
        return tuple([_shapes(part) for part in result])
    return type(result).__name__
