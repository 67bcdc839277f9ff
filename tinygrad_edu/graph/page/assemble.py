"""The page as one file: markup, style, scripts and data, and a policy that lets nothing in or out
(floor 3)."""

from __future__ import annotations

from typing import Any

from ...webpage import assembled, part, payload
from ..node import Snapshot
from ..palette import Palette, palette
from ..scene import Scene
from ..svg_captions import Look
from .facts import facts
from .scenes import scenes, start

__all__ = ["html"]

SCRIPTS = (
    "record.js", "numbers.js", "formula.js", "stage.js", "painting.js", "gestures.js", "panel.js",
    "overview.js", "find.js", "main.js",
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
    """
    title = title or "computation graph"
    data = facts(seen, look, source=source)
    data["title"], data["notes"], data["theme"] = title, list(notes), look.theme
    data["scenes"], data["modules"] = scenes(seen, drawn, look, max_scenes)
    data["levels"], data["start"] = drawn.levels, start(drawn)
    theme = palette(look.theme)
    data["colours"] = _colours(theme)
    return assembled(
        part(__package__, "page.html"),
        title=title,
        theme=look.theme,
        style=_variables(theme) + part(__package__, "page.css"),
        script="\n".join(part(__package__, name) for name in SCRIPTS),
        data=payload(data),
        sentence="This page draws its graph with JavaScript, which is switched off here.",
    )


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
