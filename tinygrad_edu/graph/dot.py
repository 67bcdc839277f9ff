"""The graph behind a Tensor as DOT text, for Graphviz and all that reads its language (floor 3).

One box per operation, with the shape that leaves it; leaves hang on the operations that read them.
Rows are numbered in the order of execution, so the same program gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..autodiff import Tensor
from ..errors import ArgumentError
from ..structure import flatten
from .label import number, printable, visible, written_inputs

__all__ = ["to_dot"]

STYLES = {
    "operation": 'shape=box, style="rounded,filled", fillcolor="#ffffff", color="#64748b"',
    "target": 'shape=box, style="rounded,filled,bold", fillcolor="#ffe4e6", color="#be123c"',
    "parameter": 'shape=box, style="filled", fillcolor="#fef3c7", color="#d97706"',
    "input": 'shape=ellipse, style="filled", fillcolor="#dbeafe", color="#2563eb"',
    "constant": 'shape=ellipse, style="filled,dashed", fillcolor="#f1f5f9", color="#94a3b8"',
    "note": 'shape=note, style="dashed", color="#94a3b8", fontcolor="#475569"',
}
ELIDED = "elided"
HEAD = """\
  rankdir=TB
  node [fontname="Helvetica", fontsize=11, margin="0.12,0.06"]
  edge [color="#94a3b8", fontname="Helvetica", fontsize=9]"""


def to_dot(target: Any, *, name: str = "graph", max_nodes: int = 150) -> str:
    """Return the graph that leads to one Tensor or several, in the DOT language.

    Parameters
    ----------
    target : Tensor, or nested list, tuple and dict of Tensors
        Where the graph ends.
    name : str
        The graph's name in the text.
    max_nodes : int, at least 2
        How many operations to draw. Of a larger graph the first and the last ones are drawn, and
        a note stands for those between.

    Returns
    -------
    str
        Edges follow the computation. Where an operation reads several inputs they carry their
        positions, so ``x * x`` has edges 0 and 1; dashed edges carry no gradient.

    Raises
    ------
    ArgumentError
        For a target that is no Tensor, or no target, or ``max_nodes`` below 2.

    Examples
    --------
    >>> w = Tensor(3.0, requires_grad=True, name="w")
    >>> print(to_dot(w * w))  # doctest: +ELLIPSIS
    digraph "graph" {
    ...
      op0 [label="multiply\\n9", shape=box, ...]
      leaf0 [label="w\\n3", shape=box, ...]
      leaf0 -> op0 [label="0"]
      leaf0 -> op0 [label="1"]
    }
    """
    targets = flatten(target)[0]
    if not targets or not all(isinstance(t, Tensor) for t in targets):
        given = type(target).__name__
        raise ArgumentError(f"a graph leads to a Tensor, got {given}", fix="to_dot(loss)")
    if max_nodes < 2:
        raise ArgumentError(f"max_nodes={max_nodes} leaves nothing to draw", fix="max_nodes=150")
    rows = _rows(targets)
    drawing = _Drawing(rows, targets, max_nodes)
    body = [f"  {line}" for line in (*drawing.nodes, *drawing.edges)]
    return "\n".join([f"digraph {_quoted(name)} {{", HEAD, *body, "}", ""])


def _rows(targets: Iterable[Tensor]) -> list[Tensor]:
    """All rows under the targets, in the order in which they were made."""
    stack = [t for t in targets if t.op is not None]
    seen = set(stack)
    while stack:
        for x in stack.pop().inputs:
            if x.op is not None and x not in seen:
                seen.add(x)
                stack.append(x)
    return sorted(seen, key=lambda row: row.index)


class _Drawing:
    """The lines of one drawing: a node for each row, then the leaves, and the edges between."""

    def __init__(self, rows: Sequence[Tensor], targets: Sequence[Tensor], max_nodes: int) -> None:
        self.nodes: list[str] = []
        self.edges: list[str] = []
        self._ids: dict[Tensor, str] = {}
        self._leaves = 0
        # What lies between two places of a topological order can become one node without a cycle:
        # no path leaves it and comes back.
        hidden = max(len(rows) - max_nodes, 0)
        start = max_nodes - max_nodes // 2
        goals = set(targets)
        for k, row in enumerate(rows):
            self._ids[row] = ELIDED if start <= k < start + hidden else f"op{k}"
            if self._ids[row] != ELIDED:
                self._node(f"op{k}", _row_label(row), "target" if row in goals else "operation")
        if hidden:
            counts = f"showing {max_nodes} of {len(rows)} operations"
            self._node(ELIDED, [f"{hidden} operations not drawn", counts], "note")
        for target in dict.fromkeys(targets):
            if target.op is None:
                self._leaf(target, "")
        for row in rows:
            if self._ids[row] != ELIDED:
                self._read(row)
        self._fold([row for row in rows if self._ids[row] == ELIDED])

    def _node(self, identifier: str, label: Iterable[str], kind: str) -> None:
        self.nodes.append(f"{identifier} [label={_quoted(*label)}, {STYLES[kind]}]")

    def _leaf(self, x: Tensor, written: str) -> str:
        """The node of a leaf, made at its first reader; of a constant, one for every reader."""
        if x not in self._ids:
            kind = "constant" if x.index < 0 else "parameter" if x.requires_grad else "input"
            identifier = f"leaf{self._leaves}"
            self._leaves += 1
            self._node(identifier, _leaf_label(x, written, kind), kind)
            if kind == "constant":  # whether equal numbers are one object is chance
                return identifier
            self._ids[x] = identifier
        return self._ids[x]

    def _read(self, row: Tensor) -> None:
        """The edges into a row that is drawn; from the note to a row there is one at most."""
        written = written_inputs(row) or ("",) * len(row.inputs)
        single, from_note = len(row.inputs) == 1, False
        for position, (x, text) in enumerate(zip(row.inputs, written, strict=True)):
            start = self._ids[x] if x.op is not None else self._leaf(x, text)
            if start != ELIDED:
                self._edge(start, self._ids[row], x, "" if single else str(position))
            elif not from_note:
                from_note = True
                self._edge(start, self._ids[row], x)

    def _fold(self, hidden: Iterable[Tensor]) -> None:
        """The edges into the note: one from everything drawn that a row behind it reads."""
        ends = {x: None for row in hidden for x in row.inputs}  # a set in order
        for x in ends:
            if self._ids.get(x, ELIDED) != ELIDED:
                self._edge(self._ids[x], ELIDED, x)

    def _edge(self, start: str, end: str, x: Tensor, label: str = "") -> None:
        facts = [f'label="{label}"'] if label else []
        facts += [] if x.requires_grad else ["style=dashed"]
        self.edges.append(f"{start} -> {end}" + (f" [{', '.join(facts)}]" if facts else ""))


def _row_label(row: Tensor) -> list[str]:
    name = row.op.name if row.op is not None else ""
    title = f"{printable(row.name)} = {printable(name)}" if row.name else printable(name)
    return [title, _size(row), *([printable(row.module)] if row.module else [])]


def _leaf_label(x: Tensor, written: str, kind: str) -> list[str]:
    name = x.name or written
    if not name and x.size == 1:
        return [_size(x)]
    return [printable(name) if name else kind, _size(x)]


def _size(x: Tensor) -> str:
    """The value of a single number, the shape of everything else."""
    return number(x.data.item()) if x.size == 1 else str(x.shape)


def _quoted(*lines: str) -> str:
    r"""Write lines as one quoted string of DOT, in which nothing has a meaning of its own.

    A backslash would start an escape such as ``\N`` and an ampersand an entity.
    """
    plain = [visible(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    return '"' + "\\n".join(plain).replace("&", "&amp;") + '"'
