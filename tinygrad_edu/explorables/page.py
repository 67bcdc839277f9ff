"""``Page``: what every function of this room returns (floor 5)."""

from __future__ import annotations

import tempfile
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..catalogue import unknown_choice
from ..errors import ArgumentError
from ..graph.palette import DARK, LIGHT, Palette
from ..storage.replacing import replacing
from ..webpage import assembled, escape, part, payload

__all__ = ["Page", "made"]

THEMES = ("auto", "light", "dark")
# Blue and orange first: told apart by everybody. On a light page, and on a dark one.
CLASSES = (
    ("#2563eb", "#ea580c", "#047857", "#7c3aed", "#be123c", "#0e7490", "#a16207", "#475569"),
    ("#60a5fa", "#fb923c", "#34d399", "#a78bfa", "#fb7185", "#22d3ee", "#facc15", "#94a3b8"),
)
SCRIPTS = ("theme.js", "field.js", "chart.js")


class Page:
    """A page to explore, in one file that loads nothing.

    Attributes
    ----------
    html : str
        The whole file.
    title : str
        Its name.

    Examples
    --------
    >>> page = Page("<!doctype html><title>an example</title>", "an example")
    >>> page
    <Page 'an example', 0 kB: page.show(), page.save("page.html")>
    >>> page.save(getfixture("tmp_path") / "page.html").name
    'page.html'
    """

    def __init__(self, html: str, title: str) -> None:
        self.html, self.title = html, title

    def save(self, path: str | Path) -> Path:
        """Write the page to a file, and return its path.

        Parameters
        ----------
        path : str or Path
            With the suffix ``.html``.

        Raises
        ------
        ArgumentError
            For another suffix.
        """
        place = Path(path)
        if place.suffix.lower() not in (".html", ".htm"):
            raise ArgumentError(
                f"a page is written as .html, not {place.suffix or 'without a suffix'}",
                fix=f'page.save("{place.stem}.html")',
            )
        with replacing(place, durable=False) as file:
            file.write(self.html.encode())
        return place

    def show(self) -> Path:
        """Open the page in a browser, and return the temporary file that it shows."""
        place = self.save(Path(tempfile.mkdtemp(prefix="page-")) / "page.html")
        webbrowser.open(place.as_uri())
        return place

    def _repr_html_(self) -> str:
        """What a notebook shows: the page in a frame of its own, which may do nothing outside."""
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="{escape(self.title)}" '
            'sandbox="allow-scripts" style="width:100%;height:720px;border:0"></iframe>'
        )

    def __repr__(self) -> str:
        count = len(self.html.encode())
        size = f"{count / 1e6:.1f} MB" if count > 5e5 else f"{count / 1e3:.0f} kB"
        return f'<Page {self.title!r}, {size}: page.show(), page.save("page.html")>'


def made(
    name: str, title: str, theme: str, data: dict[str, Any], numbers: Sequence[bytes] = ()
) -> Page:
    """Return a page of a kind.

    Parameters
    ----------
    name : str
        Of its markup, style and script in this room.
    title, theme : str
        As the user gave them.
    data : dict
        What the script reads.
    numbers : sequence of bytes
        What it reads beside that, one after the other.

    Raises
    ------
    ArgumentError
        For an unknown theme.
    """
    if theme not in THEMES:
        raise unknown_choice("theme", theme, THEMES)
    html = assembled(
        part(__package__, f"{name}.html") + part(__package__, "player.html"),
        title=title,
        theme=theme,
        style=_variables() + part(__package__, "explorable.css") + part(__package__, f"{name}.css"),
        script="\n".join(part(__package__, file) for file in (*SCRIPTS, f"{name}.js")),
        data=payload({"title": title, **data}, b"".join(numbers)),
        sentence="This page draws with JavaScript, which is switched off here.",
    )
    return Page(html, title)


def _variables() -> str:
    """Both themes for the style sheet; which one holds is the page's business."""

    def lines(theme: Palette, own: Sequence[str]) -> str:
        names = ("canvas", "ink", "muted", "faint", "border", "edge", "positive", "negative", "bad")
        colours = {name: getattr(theme, name) for name in names}
        colours |= {f"class{k}": colour for k, colour in enumerate(own)}
        return "".join(f"--{name}:{colour};" for name, colour in colours.items())

    light, dark = lines(LIGHT, CLASSES[0]), lines(DARK, CLASSES[1])
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f':root[data-theme="dark"]{{color-scheme:dark;{dark}}}\n'
    )
