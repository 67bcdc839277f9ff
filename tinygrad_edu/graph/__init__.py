"""Readers of the record: a tape as a table and in bytes, a graph as DOT text."""

from ..arraylike import reach
from .dot import to_dot
from .explain import Explanation, Factor, Path, explain
from .memory import memory
from .text import table
from .why import Link, Why, why

reach["table"] = table
reach["memory"] = memory

__all__ = [
    "Explanation",
    "Factor",
    "Link",
    "Path",
    "Why",
    "explain",
    "memory",
    "table",
    "to_dot",
    "why",
]
