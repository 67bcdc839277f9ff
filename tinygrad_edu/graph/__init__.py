"""Readers of the record: a tape as a table and in bytes, a graph as DOT text."""

from ..arraylike import reach
from .dot import to_dot
from .memory import memory
from .text import table

reach["table"] = table
reach["memory"] = memory

__all__ = ["memory", "table", "to_dot"]
