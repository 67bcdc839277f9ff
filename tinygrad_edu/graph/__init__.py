"""Readers of the record: pictures of a computation, tables and bytes of a tape, reasons."""

from ..types import reach
from .dot import to_dot
from .draw import Graph, draw
from .explain import Explanation, Factor, Path, explain
from .memory import memory
from .network_picture import NetworkPicture, draw_network
from .stepping import told
from .text import table
from .why import Link, Why, why

reach["table"] = table
reach["memory"] = memory
reach["draw"] = draw
reach["step"] = told

__all__ = [
    "Explanation",
    "Factor",
    "Graph",
    "Link",
    "NetworkPicture",
    "Path",
    "Why",
    "draw",
    "draw_network",
    "explain",
    "memory",
    "table",
    "to_dot",
    "told",
    "why",
]
