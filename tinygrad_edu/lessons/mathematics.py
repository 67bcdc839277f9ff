"""Formulas as MathML, which browsers draw themselves (floor 5)."""

from __future__ import annotations

import re
from functools import cache
from xml.etree import ElementTree

from ..webpage import escape

__all__ = ["mathml"]

SPACE = "http://www.w3.org/1998/Math/MathML"
TAGS = frozenset({
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup",
    "msubsup", "mover", "munder", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded",
    "mphantom",
})  # fmt: skip
ATTRIBUTES = frozenset({
    "display", "stretchy", "fence", "form", "accent", "columnalign", "mathvariant", "width",
    "linethickness", "minsize", "maxsize", "separator", "lspace", "rspace", "columnspacing",
    "rowspacing", "displaystyle", "scriptlevel",
})  # fmt: skip
# The converter knows these under other names.
NAMES = (("{aligned}", "{split}"), ("{align}", "{align*}"))
# Where the letters of each style begin in Unicode: browsers ignore most of `mathvariant`.
BOLD = {"bold": (0x1D400, 0x1D41A), "bold-italic": (0x1D468, 0x1D482)}


@cache
def mathml(formula: str, *, display: bool = False) -> str:
    """Return a formula as markup; as escaped text where it cannot be read.

    Parameters
    ----------
    formula : str
        LaTeX, without dollars.
    display : bool
        Whether it stands on a line of its own.

    Raises
    ------
    ImportError
        Without ``latex2mathml``.

    Examples
    --------
    >>> mathml(r"\\href{javascript:x}{<b>}")
    '<code>\\\\href{javascript:x}{&lt;b&gt;}</code>'
    """
    from latex2mathml.converter import convert

    text = formula
    for before, after in NAMES:
        text = text.replace(before, after)
    try:
        made = convert(text, display="block" if display else "inline")
        root = ElementTree.fromstring(made)
    except Exception:  # the converter has errors of many kinds, some of them bare
        return f"<code>{escape(formula)}</code>"
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{SPACE}}}")
        if element.tag not in TAGS or "href" in element.attrib or "style" in element.attrib:
            return f"<code>{escape(formula)}</code>"
        _plain(element)
    root.set("xmlns", SPACE)  # which the names of the parts lost above
    return ElementTree.tostring(root, encoding="unicode")


def _plain(element: ElementTree.Element) -> None:
    """Leave what browsers draw, and say the rest in characters."""
    style = element.get("mathvariant")
    if style in BOLD and element.text:
        element.text = "".join(_bold(letter, *BOLD[style]) for letter in element.text)
        del element.attrib["mathvariant"]
    for name in set(element.attrib) - ATTRIBUTES:
        del element.attrib[name]
    _spaced(element)


def _bold(letter: str, upper: int, lower: int) -> str:
    if re.fullmatch("[A-Z]", letter):
        return chr(upper + ord(letter) - ord("A"))
    return chr(lower + ord(letter) - ord("a")) if re.fullmatch("[a-z]", letter) else letter


def _spaced(row: ElementTree.Element) -> None:
    """Put a thin space behind the name of a function whose argument has no bracket: tanh z."""
    if row.tag not in ("math", "mrow", "mtd"):
        return
    parts = list(row)
    for k in range(len(parts) - 1, 0, -1):
        name, argument = parts[k - 1], parts[k]
        first = name[0] if name.tag in ("msub", "msup", "msubsup") and len(name) else name
        if first.tag.endswith("mi") and len(first.text or "") > 1 and not _is_sign(argument):
            row.insert(k, ElementTree.Element("mspace", width="0.17em"))


def _is_sign(element: ElementTree.Element) -> bool:
    inner = next(iter(element.iter()), element)
    while inner.tag.endswith("mrow") and len(inner):
        inner = inner[0]
    return inner.tag.endswith(("mo", "mspace"))
