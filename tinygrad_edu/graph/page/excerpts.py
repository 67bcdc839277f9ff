"""The user's lines around an operation, with the exact sub-expression marked (floor 3)."""

from __future__ import annotations

import linecache
from os.path import basename
from typing import Any

from ...source import Site
from ..label import visible

__all__ = ["Excerpts"]

AROUND, LONGEST = 2, 9


class Excerpts:
    """The lines that a page quotes, by file. Of a file only its own name is kept.

    Attributes
    ----------
    files : list of dict
        ``{"name": "train.py", "lines": {"12": "y = x @ w"}}``.
    """

    def __init__(self) -> None:
        self.files: list[dict[str, Any]] = []
        self._known: dict[str, int] = {}
        self._places: dict[tuple[Any, int], list[int] | None] = {}

    def enter(self, site: Site | None) -> list[int] | None:
        """Return file, first and last line, and first and end column; columns are in UTF-16."""
        if site is None:
            return None
        key = (site.code, site.offset)
        if key not in self._places:
            self._places[key] = self._entry(site)
        return self._places[key]

    def _entry(self, site: Site) -> list[int] | None:
        first, last, start, end = site.span
        lines = {n: _line(site, n) for n in (first, last)}
        if not lines[first].strip():
            return None
        if site.filename not in self._known:
            self._known[site.filename] = len(self.files)
            self.files.append({"name": visible(basename(site.filename)), "lines": {}})
        place = self._known[site.filename]
        for n in range(max(first - AROUND, 1), min(last, first + LONGEST) + AROUND + 1):
            if text := _line(site, n):
                self.files[place]["lines"][str(n)] = text
        if start is None or end is None:
            return [place, first, last, 0, _units(lines[last])]
        marks = [_column(lines[first], start), _column(lines[last], end)]
        return [place, first, last, *marks]


def _line(site: Site, n: int) -> str:
    return linecache.getline(site.filename, n).rstrip()


def _column(line: str, in_bytes: int) -> int:
    """Where a column of Python's, in bytes of UTF-8, is for JavaScript."""
    return _units(line.encode(errors="surrogatepass")[:in_bytes].decode(errors="replace"))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2
