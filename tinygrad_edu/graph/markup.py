"""Text in SVG and HTML: made harmless, and measured without a font library (floor 3)."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["MONO", "UI", "escape", "width"]

# What is as wide as the table below comes first: system-ui may be anything.
UI = "Inter, Helvetica, Arial, 'Liberation Sans', system-ui, sans-serif"
MONO = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})

# Widths in ems of a semibold sans-serif, by class of letters. The same on every machine, so that
# the same program writes the same bytes; a little generous, so that text stays inside its box.
_WIDTHS = {
    letter: em
    for letters, em in {
        "iIjl|!.,:;'`": 0.31, "ftr()[]{}/\\ -\"*°": 0.41, "Jcksvxyz?": 0.56, "mMW@%": 0.93,
        "ACDGHNOQRUVXYw&": 0.74, "aeghnopqudbELFTSPBKZ": 0.63,
    }.items()
    for letter in letters
}  # fmt: skip


def escape(text: object) -> str:
    """Write text so that XML and HTML read it back as it is, in content and in attributes.

    Letters that XML cannot hold, control characters and lone surrogates, become question marks.

    Examples
    --------
    >>> escape('<img src="x">' + chr(0) + "é")
    '&lt;img src=&quot;x&quot;&gt;?é'
    """
    words = str(text)
    if not words.isprintable():
        words = "".join([c if _legal(c) else "?" for c in words])
    return words.translate(_ENTITIES)


@lru_cache(maxsize=4096)
def width(text: str, size: float, *, mono: bool = False) -> float:
    """Return about how wide a text is set.

    Parameters
    ----------
    text : str
        One line.
    size : float
        Of the font, in pixels; the answer is in pixels too.
    mono : bool
        Set in a font whose letters are equally wide.

    Examples
    --------
    >>> width("iii", 10) < width("www", 10) < width("WWW", 10)
    True
    """
    if mono:
        return 0.61 * size * len(text)
    return size * sum([_WIDTHS.get(c, 0.63 if ord(c) < 0x2E80 else 1.0) for c in text])


def _legal(c: str) -> bool:
    if c < " ":
        return c in "\t\n"
    return not ("\x7f" <= c <= "\x9f" or "\ud800" <= c <= "\udfff" or c in "\ufffe\uffff")
