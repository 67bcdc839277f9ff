"""The page of a lesson that ran: its prose, its code, and what came of it (floor 5)."""

from __future__ import annotations

from pathlib import Path

from ..webpage import escape
from .record import Picture, Record

__all__ = ["page"]


def page(record: Record, folder: Path) -> str:
    """Return the page as one HTML file."""
    parts = []
    for cell, items in record.by_cell():
        parts.append(f"<pre>{escape(cell.text)}</pre>")
        for item in items:
            if isinstance(item, Picture):
                parts.append(f'<p><img src="{escape(item.file)}" alt="{escape(item.caption)}"></p>')
            else:
                parts.append(f"<pre>{escape(getattr(item, 'text', str(item)))}</pre>")
    return f'<!doctype html><meta charset="utf-8"><title>Lesson</title>{"".join(parts)}'
