"""Text in SVG and HTML, measured without a font library (floor 3)."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["MONO", "UI", "width"]

# What is as wide as the table below comes first: system-ui may be anything.
UI = "Inter, Helvetica, Arial, 'Liberation Sans', system-ui, sans-serif"
MONO = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"

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
