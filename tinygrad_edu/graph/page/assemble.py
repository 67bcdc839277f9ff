"""The page as one file: markup, style, scripts and data, and a policy that lets nothing in or out
(floor 3)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from functools import cache
from importlib.resources import files
from typing import Any

from ..markup import escape
from ..node import Snapshot
from ..palette import Palette, palette
from ..scene import Scene
from ..svg_captions import Look
from .facts import facts
from .scenes import scenes, start

__all__ = ["html"]

SCRIPTS = (
    "record.js", "numbers.js", "formula.js", "stage.js", "painting.js", "gestures.js", "panel.js",
    "overview.js", "find.js", "player.js", "main.js",
)  # fmt: skip


def html(
    seen: Snapshot,
    drawn: Scene,
    look: Look,
    title: str = "",
    *,
    notes: tuple[str, ...] = (),
    source: bool = True,
    max_scenes: int = 64,
) -> str:
    """Return a page that needs no network and no other file.

    Parameters
    ----------
    seen : Snapshot
        The graph.
    drawn : Scene
        What to show first.
    look : Look
        What to show of it, and how.
    title : str
        The page's name.
    notes : tuple of str
        Sentences for the first panel.
    source : bool
        Whether the lines of the user's code stand in the page.
    max_scenes : int
        How many modules have a picture of their own, the outer ones first.

    Notes
    -----
    The data is compressed and written in base64. That is a tenth of its size as JSON, and no name
    in it can close the element that it stands in. Style and script are allowed by their hashes,
    so nothing else in the page can run, and nothing can be fetched.
    """
    title = title or "computation graph"
    data = facts(seen, look, source=source)
    data["title"], data["notes"], data["theme"] = title, list(notes), look.theme
    data["scenes"], data["modules"] = scenes(seen, drawn, look, max_scenes)
    data["levels"], data["start"] = drawn.levels, start(drawn)
    theme = palette(look.theme)
    data["colours"] = _colours(theme)
    style = _variables(theme) + _file("page.css")
    script = "\n".join(_file(name) for name in SCRIPTS)
    parts = {
        "title": escape(title),
        "theme": look.theme,
        "style": style,
        "style hash": _hash(style),
        "script": script,
        "script hash": _hash(script),
        "data": _packed(data),
    }
    return re.sub(r"\{\{(.+?)\}\}", lambda found: parts[found[1]], _file("page.html"))


@cache
def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _packed(data: dict[str, Any]) -> str:
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _colours(theme: Palette) -> dict[str, Any]:
    """What scripts colour by numbers."""
    kept = ("canvas", "ink", "muted", "faint", "positive", "negative", "bad")
    plain = {name: getattr(theme, name) for name in kept}
    return {**plain, "stops": [list(stop) for stop in theme.stops]}


def _variables(theme: Palette) -> str:
    """The theme for the style sheet."""
    own = {name: getattr(theme, name) for name in ("canvas", "ink", "muted", "faint", "border")}
    own["edge"] = theme.edge
    for kind, ink in theme.kinds.items():
        own |= {f"{kind}-fill": ink.fill, f"{kind}-stroke": ink.stroke, f"{kind}-text": ink.text}
    own |= {f"heat{k}": colour for k, (_, colour) in enumerate(theme.stops)}
    lines = "".join(f"--{name}:{colour};" for name, colour in own.items())
    return f":root{{color-scheme:{theme.name};{lines}}}\n"
