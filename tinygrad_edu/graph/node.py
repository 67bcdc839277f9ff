"""A graph as plain data: nodes, readings and where they came from (floor 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ..mode import BACKWARDS
from ..source import Site
from ..types import Array, Shape

__all__ = ["Edge", "Kept", "Node", "Snapshot"]


class Edge(NamedTuple):
    """One reading of a tensor: argument ``position`` of ``target`` is ``source``.

    ``tracked`` says whether gradients flow through it, ``gradient`` is what was sent back.
    """

    source: str
    target: str
    position: int
    tracked: bool
    gradient: Array | None


class Kept(NamedTuple):
    """An array that backward will read: a parameter of the rule, ``out`` or ``saved``."""

    name: str
    shape: Shape
    bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A row or a leaf.

    Attributes
    ----------
    id : str
        ``"op3"``, counted in the order of execution, or ``"leaf0"``, in the order of first reading.
    kind : str
        Of a row ``"op"``, or ``"loss"`` where the graph ends. Of a leaf ``"input"``, ``"target"``,
        ``"parameter"``, ``"buffer"``, ``"constant"`` or ``"detached"``: cut off by ``detach``,
        ``no_grad`` or an operation without a derivative.
    op : str
        The operation; of a detached leaf, what cut it off; else ``""``.
    name : str
        What the user calls it, or ``""``.
    settings : tuple of str
        Those that differ from their defaults, as ``"axis=0"``.
    module : str
        The path of the module call that made it, as ``"Net.cell#2"``, or ``""``.
    inputs : tuple of Edge
        In the order of the arguments; the same source may stand there twice.
    value, adjoint : ndarray
        The numbers, and the gradient of the graph's end with respect to them if there is one.
    tracked, root : bool
        Whether it requires a gradient; whether the graph was asked to end here.
    keeps : tuple of Kept
        What its rule will read.
    formula : str
        The operation's mathematics, value and adjoint, as LaTeX.
    site : Site or None
        The user's place, where one was recorded.
    """

    id: str
    kind: str
    op: str
    name: str
    settings: tuple[str, ...]
    module: str
    inputs: tuple[Edge, ...]
    value: Array
    adjoint: Array | None
    tracked: bool
    root: bool
    keeps: tuple[Kept, ...]
    formula: str
    site: Site | None

    @property
    def shape(self) -> Shape:
        """The shape of its value."""
        return self.value.shape

    @property
    def dtype(self) -> str:
        """The type of its numbers."""
        return str(self.value.dtype)

    @property
    def backwards(self) -> bool:
        """Whether a gradient's own computation made it."""
        return BACKWARDS in self.module

    @property
    def is_row(self) -> bool:
        """Whether an operation made it."""
        return self.kind in ("op", "loss")


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A graph at one moment.

    Attributes
    ----------
    nodes : dict of str to Node
        In an order in which everything stands after what it reads.
    roots : tuple of str
        Where the graph ends.
    classes : dict of str to str
        The class of a module by its path without call numbers, where that could be found.
    remark : str
        What the gradients are of, where that is not plain, or why there are none.
    saved : int
        Bytes that backward will read, each piece of memory once.
    """

    nodes: dict[str, Node]
    roots: tuple[str, ...]
    classes: dict[str, str]
    remark: str
    saved: int

    @property
    def edges(self) -> Iterable[Edge]:
        """All readings, in the order of execution."""
        return (edge for node in self.nodes.values() for edge in node.inputs)

    @property
    def differentiated(self) -> bool:
        """Whether adjoints are there."""
        return any(node.adjoint is not None for node in self.nodes.values())
