"""Text of a user's made harmless in XML and HTML (floor 0)."""

from __future__ import annotations

__all__ = ["escape"]

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


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


def _legal(c: str) -> bool:
    if c < " ":
        return c in "\t\n"
    return not ("\x7f" <= c <= "\x9f" or "\ud800" <= c <= "\udfff" or c in "\ufffe\uffff")
