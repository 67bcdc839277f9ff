"""The record behind a result as plain data: what every picture is drawn from (floor 3).

One walk without recursion, linear in rows. Nodes are numbered in the order of execution, so the
same program gives the same snapshot. Nothing here changes the graph or anybody's ``.grad``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from ..autodiff import Operation, Parameter, Tape, Tensor, registry
from ..errors import ArgumentError
from ..structure import flatten
from ..types import Operand
from .adjoints import Adjoints, adjoints
from .label import settings, uniform, written_inputs
from .memory import count, kept
from .naming import Names, caller
from .node import Edge, Kept, Node, Snapshot

__all__ = ["Edge", "Kept", "Node", "Snapshot", "ends", "snapshot", "under"]

# Names under which people keep what a network should have answered.
TARGETS = frozenset(["y", "t", "target", "targets", "label", "labels", "truth", "y_true"])
LONGEST_NAME = 28  # of what a value is called by its own expression
_LOOP = re.compile(r"for .+? in (.+):")
COPIED = 1 << 24  # bytes; a larger leaf is looked at where it lies


def snapshot(
    target: Any,
    *,
    grads: bool = True,
    output_gradient: Operand = None,
    names: Mapping[str, Any] | None = None,
) -> Snapshot:
    """Return the graph that leads to a Tensor, to several, or to the ends of a Tape.

    Parameters
    ----------
    target : Tensor, Tape, or nested list, tuple and dict of Tensors
        Where the graph ends.
    grads : bool
        Compute the adjoints, by a sweep of its own.
    output_gradient : array_like, shape of the target, optional
        The cotangent to start from where the target is not a single number.
    names : mapping of str to Tensor, optional
        What to call them, where the variables and models of the calling code do not tell.

    Raises
    ------
    ArgumentError
        For a target that is no Tensor, an empty one, or names of something else.

    Examples
    --------
    >>> w = Tensor(3.0, requires_grad=True, name="w")
    >>> seen = snapshot(w * w)
    >>> [(node.id, node.kind, node.name or node.op) for node in seen.nodes.values()]
    [('leaf0', 'parameter', 'w'), ('op0', 'loss', 'multiply')]
    >>> [(edge.source, edge.position) for edge in seen.edges]
    [('leaf0', 0), ('leaf0', 1)]
    >>> seen.nodes["leaf0"].adjoint, w.grad
    (array(6.), None)
    """
    roots = ends(target)
    rows = under(roots)
    found = adjoints(target, roots, rows, output_gradient) if grads else Adjoints({}, {}, "")
    builder = _Builder(roots, found, Names(caller(), names))
    for row in rows:
        builder.row(row)
    for root in roots:
        if root.op is None:
            builder.leaf(root, "", None)
    ids = tuple([builder.ids[_key(root)] for root in roots])
    saved = sum(builder.memory.values())
    return Snapshot(builder.nodes, ids, builder.names.classes, found.remark, saved)


def ends(target: Any) -> list[Tensor]:
    """Return the tensors at which the graph of a target ends, each once.

    Parameters
    ----------
    target : Tensor, Tape, or nested list, tuple and dict of Tensors
        Of a Tape, the rows that none of its rows reads.
    """
    if isinstance(target, Tape):
        read = {x for row in target for x in row.inputs}
        found = [row for row in target if row not in read]
        if not found:
            raise ArgumentError("the tape is empty: there is nothing to draw", fix="tg.draw(loss)")
        return found
    found = flatten(target)[0]
    if not found or not all(isinstance(t, Tensor) for t in found):
        given = type(target).__name__
        raise ArgumentError(f"a graph leads to a Tensor, got {given}", fix="tg.draw(loss)")
    return list(dict.fromkeys(found))


def under(roots: Iterable[Tensor]) -> list[Tensor]:
    """Return all rows that lead to the roots, in the order in which they were made."""
    stack = [root for root in roots if root.op is not None]
    seen = set(stack)
    while stack:
        for x in stack.pop().inputs:
            if x.op is not None and x not in seen:
                seen.add(x)
                stack.append(x)
    return sorted(seen, key=lambda row: row.index)


def _key(x: Tensor) -> Any:
    """What makes a leaf the same leaf: of an array that was wrapped at each use, the array."""
    return x if x.op is not None or x.index >= 0 or x._origin is not None else id(x._data)


class _Builder:
    """The nodes in the making."""

    def __init__(self, roots: Sequence[Tensor], found: Adjoints, names: Names) -> None:
        self.nodes: dict[str, Node] = {}
        self.ids: dict[Any, str] = {}
        self.memory: dict[int, int] = {}
        self.names = names
        self._roots, self._found = set(roots), found
        self._reads = cache(Operation.reads)  # found by looking at a rule's code
        self._formula = cache(_formula)
        self._written: dict[Any, tuple[str, ...]] = {}
        self._rows = self._leaves = 0

    def row(self, row: Tensor) -> None:
        """Enter a row, and before it the leaves that it is the first to read."""
        op: Any = row.op
        written = self._written_inputs(row)
        sources = [
            self.ids[x] if x.op is not None else self.leaf(x, written[k] if written else "", row, k)
            for k, x in enumerate(row.inputs)
        ]
        identifier = self.ids[row] = f"op{self._rows}"
        self._rows += 1
        edges = [
            Edge(source, identifier, k, x.requires_grad, self._found.sent.get((row, k)))
            for k, (source, x) in enumerate(zip(sources, row.inputs, strict=True))
        ]
        arrays = kept(row, self._reads)
        for _, array in arrays:
            count(array, self.memory)
        self.nodes[identifier] = Node(
            id=identifier,
            kind="loss" if row in self._roots else "op",
            op=op.name,
            name=self.names.of(row),
            settings=settings(row),
            module=row.module,
            inputs=tuple(edges),
            value=row.data,
            adjoint=self._found.arrived.get(row),
            tracked=True,
            root=row in self._roots,
            keeps=tuple([Kept(name, array.shape, array.nbytes) for name, array in arrays]),
            formula=self._formula(op),
            site=row.site,
        )

    def leaf(self, x: Tensor, written: str, reader: Tensor | None, position: int = 0) -> str:
        """Return the identifier of a leaf, entered when it is first read."""
        key = _key(x)
        if key in self.ids and (key is x or x.ndim):  # whether equal numbers are one is chance
            return self.ids[key]
        identifier = self.ids[key] = f"leaf{self._leaves}"
        self._leaves += 1
        name = self.names.of(x, written)
        kind = _kind(x, name, reader if position else None)
        if not name and kind == "constant" and x._origin is not None:
            name = _expression(x)
        if not name and kind in ("parameter", "buffer", "target") and reader is not None:
            name = _role(reader.op, position)
        data = x.data
        self.nodes[identifier] = Node(
            id=identifier,
            kind=kind,
            op=x._origin.reason if kind == "detached" and x._origin is not None else "",
            name=name,
            settings=(),
            module=x.module if kind == "detached" else "",
            inputs=(),
            value=data.copy() if data.flags.writeable and data.nbytes <= COPIED else data,
            adjoint=self._found.arrived.get(x),
            tracked=x.requires_grad,
            root=x in self._roots,
            keeps=(),
            formula="",
            site=x.site,
        )
        return identifier

    def _written_inputs(self, row: Tensor) -> tuple[str, ...]:
        """How the user's line calls the inputs; looked up once for all rows of one place."""
        site: Any = row.site
        if site is None or all(x.op is not None or x.name for x in row.inputs):
            return ()
        key = (site.code, site.offset, row.op, len(row.inputs))
        if key not in self._written:
            self._written[key] = written_inputs(row)
        return self._written[key]


def _kind(x: Tensor, name: str, reader: Tensor | None) -> str:
    """What a leaf is to the graph; ``reader`` is given if it is not the reader's first input."""
    if x.requires_grad or isinstance(x, Parameter):
        return "parameter"
    if any(base.__name__ == "Buffer" for base in type(x).__mro__):  # a class of the floor above
        return "buffer"
    reason = "" if x._origin is None else x._origin.reason
    op = registry.get(reason)
    if reason and (op is None or not op.differentiable or x.dtype.kind != "f"):
        return "detached"
    if x.ndim and reader is not None and _measures(reader):
        return "target"
    if (x.index < 0 and (x.ndim == 0 or not name)) or (not name and uniform(x.data)):
        return "constant"
    return "target" if name in TARGETS else "input"


def _expression(x: Tensor) -> str:
    """How the line that made a value writes it, where that is short; ``rows[...]`` of a loop."""
    if x.site is None:
        return ""
    words = x.site.expression
    if loop := _LOOP.match(words):
        words = f"{loop[1]}[…]"
    return words if len(words) <= LONGEST_NAME and "\n" not in words else ""


def _role(op: Any, position: int) -> str:
    """What an operation calls an input, where that says something: ``weight``, but not ``x``."""
    name: str = op.inputs[min(position, op.arity - 1)]
    return name if len(name) > 3 and not op.variadic else ""


def _measures(reader: Tensor) -> bool:
    """Whether a row compares an answer with what it should be."""
    op: Any = reader.op
    place = f"{reader.module.rpartition('.')[2]} {op.name}".lower()
    return "loss" in place or "entropy" in place


def _formula(op: Operation) -> str:
    return op.formula
