"""The page of a lesson that ran: its prose, its code, and what came of it (floor 5)."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from .._version import __version__
from ..webpage import escape, part
from .exercises import Verdict
from .highlight import coloured
from .prose import INSTALL, anchor, html_of, is_rich
from .record import Failure, Item, Picture, Printed, Record

__all__ = ["page"]

TYPES = {
    ".svg": "image/svg+xml", ".png": "image/png", ".gif": "image/gif", ".jpg": "image/jpeg",
}  # fmt: skip
MODES = {"short": "short mode: fewer steps", "full": "full mode: the long run"}


def page(record: Record, folder: Path, mode: str = "normal") -> str:
    """Return the page as one HTML file.

    Parameters
    ----------
    record : Record
        Of the lesson.
    folder : Path
        Where its pictures lie.
    mode : str
        In which it ran.

    Notes
    -----
    No script is in the page, and none could run: its policy allows the style sheet by its hash,
    pictures that stand in the page itself, and nothing else.  All of the lesson is escaped.
    """
    cells = record.by_cell()
    title = next((_title(cell.text) for cell, _ in cells if cell.prose), "") or "Lesson"
    body = []
    for k, (cell, items) in enumerate(cells):
        if cell.prose:
            body.append(_head(cell.text, mode) if k == 0 else html_of(cell.text))
        else:
            body.append(f'<pre class="code"><code>{coloured(cell.text)}</code></pre>')
        body += [_shown(item, folder) for item in items]
    style = part(__package__, "page.css")
    without = "" if is_rich() else (
        f'<p class="note">Prose and formulas are shown as they were written. For a finer page: '
        f"<code>{escape(INSTALL)}</code></p>"
    )  # fmt: skip
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(style)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>"
        f"{_contents(record)}<main>{without}{''.join(body)}"
        f"<footer>Written by tinygrad_edu {__version__}. This page is one file and loads nothing."
        "</footer></main></body></html>\n"
    )


def _title(text: str) -> str:
    return text.partition("\n")[0].lstrip("# ").strip()


def _head(text: str, mode: str) -> str:
    """The first cell: the number above the title, time and what is learned below it."""
    first, _, rest = text.partition("\n")
    number, dot, name = _title(first).partition(". ")
    above = f"Lesson {number}" if dot and number.isdecimal() else "Lesson"
    said = f" · {MODES[mode]}" if mode in MODES else ""
    return (
        f'<header><p class="above">{escape(above)}{escape(said)}</p>'
        f"<h1>{escape(name or _title(first))}</h1></header>"
        f'<div class="lead">{html_of(rest.strip())}</div>'
    )


def _contents(record: Record) -> str:
    titles = [
        title.strip()
        for cell in record.cells
        if cell.prose
        for title in re.findall(r"^## (.+)$", cell.text, flags=re.M)
    ]
    if len(titles) < 2:
        return ""
    links = "".join(f'<a href="#{anchor(each)}">{_short(each)}</a>' for each in titles)
    return f'<nav aria-label="In this lesson">{links}</nav>'


def _short(title: str) -> str:
    """A heading as it fits beside the page: formulas and marks are for the heading itself."""
    return escape(re.sub(r"[$`*]", "", title).replace("\\", ""))


def _shown(item: Item, folder: Path) -> str:
    if isinstance(item, Printed):
        text = item.text.strip("\n")
        return f'<pre class="said">{escape(text)}</pre>' if text.strip() else ""
    if isinstance(item, Failure):
        return f'<pre class="failed">{escape(item.text)}</pre>'
    if isinstance(item, Verdict):
        place = f" (line {item.line})" if item.line else ""
        return (
            f'<p class="verdict {escape(item.status)}"><b>{escape(item.exercise)} '
            f"{escape(item.status)}</b> <span>{escape(item.said)}{place}</span></p>"
        )
    return _picture(item, folder)


def _picture(item: Picture, folder: Path) -> str:
    kind = TYPES.get(Path(item.file).suffix)
    said = f"<figcaption>{escape(item.caption)}</figcaption>" if item.caption else ""
    if kind is None:
        link = f'<a class="open" href="{escape(item.file)}">Open {escape(item.file)}</a>'
        return f'<figure class="piece">{link}{said}</figure>'
    data = base64.b64encode((folder / item.file).read_bytes()).decode()
    name = escape(item.caption or item.file)
    return f'<figure><img src="data:{kind};base64,{data}" alt="{name}">{said}</figure>'


@cache
def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
