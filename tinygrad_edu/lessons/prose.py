"""The prose of a lesson as HTML: Markdown with formulas between dollars (floor 5)."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from ..webpage import escape
from .mathematics import mathml

__all__ = ["INSTALL", "anchor", "html_of", "is_rich"]

INSTALL = 'pip install "tinygrad_edu[lessons]"'
DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.S)
INLINE = re.compile(r"\$(?!\s)([^$]+?)(?<!\s)\$(?!\d)")


def is_rich() -> bool:
    """Tell whether what the extra ``lessons`` brings is installed."""
    try:
        import latex2mathml.converter
        import markdown_it
    except ImportError:
        return False
    return bool(markdown_it and latex2mathml)


def html_of(text: str) -> str:
    """Return Markdown as HTML. Markup in it is text; without the extra, all of it is."""
    if not is_rich():
        return f'<div class="plain">{_plainly(text)}</div>'
    made: str = _reader().render(text)
    return made


def anchor(title: str) -> str:
    """Return the name of a heading in the page's address."""
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def _plainly(text: str) -> str:
    """Headings as headings, everything else as it was written."""
    lines = []
    for line in text.splitlines():
        if heading := re.fullmatch(r"(#{1,4}) (.+)", line):
            level, title = len(heading[1]), heading[2]
            lines.append(f'<h{level} id="{anchor(title)}">{escape(title)}</h{level}>')
        else:
            lines.append(escape(line) + "\n")
    return "".join(lines)


@cache
def _reader() -> Any:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.inline.ruler.before("escape", "formula", _formula)
    reader.block.ruler.before(
        "fence", "formula", _formula_block, {"alt": ["paragraph", "blockquote", "list"]}
    )
    reader.core.ruler.push("anchors", _anchors)
    reader.add_render_rule("formula", _drawn)
    return reader


def _formula(state: Any, silent: bool) -> bool:
    for pattern, display in ((DISPLAY, True), (INLINE, False)):
        if found := pattern.match(state.src, state.pos):
            if not silent:
                token = state.push("formula", "", 0)
                token.content, token.meta = found[1], {"display": display}
            state.pos = found.end()
            return True
    return False


def _formula_block(state: Any, first: int, last: int, silent: bool) -> bool:
    """A formula on lines of its own: in it, a line that begins with a sign is no list."""
    begin = state.bMarks[first] + state.tShift[first]
    found = DISPLAY.match(state.src, begin)
    if found is None or state.src[found.end() :].partition("\n")[0].strip():
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.content, token.meta = found[1], {"display": True}
        state.line = first + found[0].count("\n") + 1
    return True


def _drawn(reader: Any, tokens: Any, k: int, options: Any, env: Any) -> str:
    display = tokens[k].meta["display"]
    drawn = mathml(tokens[k].content.strip(), display=display)
    return f'<div class="formula">{drawn}</div>' if display else drawn


def _anchors(state: Any) -> None:
    for k, token in enumerate(state.tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(state.tokens[k + 1].content))
        for part in token.children or ():
            if part.type == "link_open":
                part.attrSet("rel", "noreferrer")
