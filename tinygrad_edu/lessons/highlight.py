"""Python in colour, by the standard library's own reader (floor 5)."""

from __future__ import annotations

import builtins
import io
import keyword
import tokenize

from ..webpage import escape

__all__ = ["coloured"]

BUILTINS = frozenset(name for name in dir(builtins) if name.islower())


def coloured(code: str) -> str:
    """Return code as HTML with a class for each kind of word; unchanged where it is no Python.

    Examples
    --------
    >>> coloured("x = 1  # <one>")
    'x = <i class="n">1</i>  <i class="c"># &lt;one&gt;</i>'
    """
    starts = [0]
    for line in code.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    parts, done, before = [], 0, ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            begin = starts[token.start[0] - 1] + token.start[1]
            end = starts[min(token.end[0], len(starts)) - 1] + token.end[1]
            if (kind := _kind(token, before)) and begin >= done:
                parts.append(escape(code[done:begin]))
                parts.append(f'<i class="{kind}">{escape(code[begin:end])}</i>')
                done = end
            before = token.string
    except (tokenize.TokenError, SyntaxError, IndexError):
        return escape(code)
    return "".join(parts) + escape(code[done:])


def _kind(token: tokenize.TokenInfo, before: str) -> str | None:
    if token.type == tokenize.COMMENT:
        return "c"
    if token.type == tokenize.NUMBER:
        return "n"
    if token.type == tokenize.STRING or tokenize.tok_name[token.type].startswith("FSTRING"):
        return "s"
    if token.type != tokenize.NAME:
        return None
    if keyword.iskeyword(token.string):
        return "k"
    if before in ("def", "class"):
        return "f"
    return "b" if token.string in BUILTINS and before != "." else None
