"""All that a page knows of a graph, as plain data (floor 3)."""

from __future__ import annotations

from typing import Any

from ...autodiff import registry
from ..label import number, printable, visible
from ..node import Edge, Node, Snapshot
from ..svg_captions import Look, count
from .arrays import EXACT, TABLE, Arrays
from .excerpts import Excerpts
from .formula import Formulas

__all__ = ["facts"]


def facts(seen: Snapshot, look: Look, *, source: bool = True) -> dict[str, Any]:
    """Return nodes, arrays, formulas, lines of code, and the order of the steps.

    Parameters
    ----------
    seen : Snapshot
        The graph.
    look : Look
        Without gradients, or with gaps for them, there are no backward steps.
    source : bool
        Whether lines of the user's code are quoted.
    """
    shown = look._replace(grads=look.grads is True)
    rows = [node for node in seen.nodes.values() if node.is_row]
    small = sum(node.value.size for node in seen.nodes.values() if node.value.size <= TABLE)
    arrays, excerpts, formulas = Arrays(exact=small <= EXACT), Excerpts(), Formulas()
    nodes = {}
    for node in seen.nodes.values():
        entry = _entry(node, shown, arrays)
        entry["formula"] = formulas.enter(node.formula)
        entry["code"] = excerpts.enter(node.site) if source else None
        nodes[node.id] = entry
    backward = [row.id for row in reversed(rows) if row.adjoint is not None and shown.grads]
    return {
        "nodes": nodes,
        "arrays": arrays.entries,
        "formulas": formulas.entries,
        "files": excerpts.files,
        "forward": [row.id for row in rows],
        "backward": backward,
        "roots": list(seen.roots),
        "result": _result(seen),
        "remark": visible(seen.remark) if look.grads is True and not backward else "",
        "counts": _counts(seen, rows),
    }


def _entry(node: Node, look: Look, arrays: Arrays) -> dict[str, Any]:
    inputs = registry[node.op].inputs if node.is_row and node.op in registry else ()
    label = node.name or node.op
    if not label and node.value.size == 1:
        label = number(node.value.item())
    return {
        "kind": "gradient" if node.kind == "op" and node.backwards else node.kind,
        "label": printable(label or node.kind),
        "op": printable(node.op),
        "settings": list(node.settings),
        "module": visible(node.module),
        "shape": "×".join(map(str, node.shape)),
        "type": str(node.dtype),
        "value": arrays.enter(node.value) if look.values else None,
        "adjoint": arrays.enter(node.adjoint) if look.grads else None,
        "inputs": [_reading(edge, inputs, look, arrays) for edge in node.inputs],
        "keeps": [[part.name, part.bytes] for part in node.keeps],
    }


def _reading(edge: Edge, inputs: Any, look: Look, arrays: Arrays) -> list[Any]:
    """Source, what the operation calls this input, whether it wants a gradient, and that."""
    called = inputs[min(edge.position, len(inputs) - 1)] if inputs else ""
    sent = arrays.enter(edge.gradient) if look.grads else None
    return [edge.source, called, edge.tracked, sent]


def _result(seen: Snapshot) -> str:
    """What the gradients are of."""
    ends = [seen.nodes[root] for root in seen.roots if seen.nodes[root].adjoint is not None]
    single = len(ends) == 1 and ends[0].value.size == 1
    name = printable(ends[0].name) if len(ends) == 1 and ends[0].name else ""
    return name or ("loss" if single else "result")


def _counts(seen: Snapshot, rows: list[Node]) -> str:
    weights = [node for node in seen.nodes.values() if node.kind == "parameter"]
    told = [_plural(len(rows), "operation")]
    if weights:
        numbers = _plural(sum(node.value.size for node in weights), "number")
        told.append(f"{_plural(len(weights), 'parameter')} ({numbers})")
    return " · ".join(told)


def _plural(n: int, word: str) -> str:
    return f"{count(n)} {word}{'s' * (n != 1)}"
