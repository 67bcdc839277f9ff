"""A page as one file, with a policy that lets nothing in or out (floor 0)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from functools import cache
from importlib.resources import files
from typing import Any

from .escaping import escape

__all__ = ["assembled", "part", "payload"]


def assembled(
    body: str, *, title: str, theme: str, style: str, script: str, data: str, sentence: str
) -> str:
    """Return a page that needs no network and no other file.

    Parameters
    ----------
    body : str
        Markup of our own, with no text of the user's in it.
    title : str
        The window's name, as the user wrote it.
    theme : str
        Stands in ``data-theme`` of the root element.
    style, script : str
        Style sheet and module; the shared ones of this room go before them.
    data : str
        As ``payload`` returns it; the script reads it with ``unpacked``.
    sentence : str
        What a reader without JavaScript is told.

    Notes
    -----
    Style and script are allowed by their hashes, so nothing else in the page can run, and nothing
    can be fetched.
    """
    style = part(__package__, "controls.css") + style
    script = "\n".join(
        (
            part(__package__, "opening.js"),
            part(__package__, "elements.js"),
            part(__package__, "player.js"),
            script,
        )
    )
    parts = {
        "title": escape(title), "theme": escape(theme), "body": body, "data": data,
        "style": style, "style hash": _hash(style), "script": script, "script hash": _hash(script),
        "sentence": escape(sentence),
    }  # fmt: skip
    shape = part(__package__, "frame.html")
    return re.sub(r"\{\{(.+?)\}\}", lambda found: parts[found[1]], shape)


def payload(data: dict[str, Any], numbers: bytes = b"") -> str:
    """Return data as text that may stand in a page.

    Parameters
    ----------
    data : dict
        What JSON can say.
    numbers : bytes
        What would be too long in JSON; the script gets it as one array of bytes.

    Notes
    -----
    Compressed and in base64: a tenth of the size of the JSON, and no name in it can close the
    element that it stands in.

    Examples
    --------
    >>> "<" in payload({"name": "</script>"})
    False
    """
    text = json.dumps(data, separators=(",", ":"), allow_nan=False).encode()
    whole = text + b"\0" + numbers if numbers else text
    return base64.b64encode(zlib.compress(whole, 9)).decode()


@cache
def part(package: str, name: str) -> str:
    """Return a file that ships with a package as text: a style sheet, a script, markup."""
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
