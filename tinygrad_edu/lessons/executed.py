"""A lesson that ran, as Markdown: what other generators of pages read (floor 5)."""

from __future__ import annotations

import re
from pathlib import Path

from .exercises import Verdict
from .page import TYPES
from .record import Failure, Item, Picture, Printed, Record

__all__ = ["markdown"]


def markdown(record: Record) -> str:
    """Return the cells with what came of them. Pictures are named as files beside it."""
    parts = []
    for cell, items in record.by_cell():
        parts.append(cell.text if cell.prose else _fenced(cell.text, "python"))
        parts += [shown for item in items if (shown := _shown(item))]
    return "\n\n".join(parts) + "\n"


def _shown(item: Item) -> str:
    if isinstance(item, Verdict):
        return _fenced(str(item), "text")
    if isinstance(item, Picture):
        caption = re.sub(r"([\\\[\]`*_<>$])", r"\\\1", item.caption)
        if Path(item.file).suffix not in TYPES:
            return f"[Open {item.file}]({item.file}). {caption}"
        return f"![{caption}]({item.file})" + (f"\n\n*{caption}*" if caption else "")
    assert isinstance(item, (Printed, Failure))
    text = item.text.strip("\n")
    return _fenced(text, "text") if text.strip() else ""


def _fenced(text: str, kind: str) -> str:
    """A fence longer than any in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{kind}\n{text}\n{fence}"
