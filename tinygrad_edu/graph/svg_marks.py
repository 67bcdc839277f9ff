"""The marks that pictures are made of: text, lines, small signs, as SVG with every attribute
resolved, since slides and converters drop style sheets (floor 3)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..webpage import escape
from .label import visible
from .markup import MONO

__all__ = ["arrow", "curve", "escaped", "glyph", "number_", "sign", "text"]

_LETTERS = {
    "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "matmul": "@", "linear": "@",
    "sum": "Σ", "mean": "x̄", "square": "x²", "sqrt": "√", "power": "xⁿ", "exp": "eˣ", "log": "ln",
    "negative": "−", "prod": "Π", "transpose": "T", "matrix_transpose": "T", "abs": "|x|",
    "einsum": "Σ", "vecdot": "·", "sin": "∿", "cos": "∿", "astype": "≈", "reciprocal": "1/x",
}  # fmt: skip
# In a square of 12 around the origin; letters for these would come from another font.
_PATHS = {
    "relu": "M-5,3H0L5,-4",
    "sigmoid": "M-5,4C1,4 -1,-4 5,-4",
    "reshape": "M-5,-3H5V3H-5Z",
    "permute_dims": "M-5,-3L5,3M-5,3L5,-3",
    "getitem": "M-2,-5H-5V5H-2M2,-5H5V5H2",
    "concat": "M-5,-4H-1V4H-5ZM1,-4H5V4H1Z",
    "softmax": "M-4,4V1M0,4V-5M4,4V-1",
    "maximum": "M-5,4L0,-4L5,4",
    "where": "M0,5V0L-5,-5M0,0L5,-5",
    "dropout": "M-4,-4h0.1M0,-4h0.1M4,-4h0.1M-4,0h0.1M4,0h0.1M0,4h0.1M4,4h0.1",
    "conv": "M-5,-5H5V5H-5ZM-5,-1H-1V-5",
    "normalize": "M-5,4C-2,4 -2,-4 0,-4C2,-4 2,4 5,4",
}
_LIKE = {
    "tanh": "sigmoid", "logistic": "sigmoid", "gelu": "relu", "silu": "relu", "elu": "relu",
    "leaky_relu": "relu", "softplus": "relu", "expand_dims": "reshape", "squeeze": "reshape",
    "ravel": "reshape", "broadcast_to": "reshape", "stack": "concat", "log_softmax": "softmax",
    "logsumexp": "softmax", "cross_entropy": "softmax", "softmax_cross_entropy": "softmax",
    "attention": "softmax", "largest": "maximum",
    "max": "maximum", "min": "maximum", "minimum": "maximum", "take": "getitem",
    "convolution": "conv", "conv2d": "conv", "conv1d": "conv", "max_pool": "maximum",
    "layer_norm": "normalize", "batch_norm": "normalize", "swapaxes": "permute_dims",
    "moveaxis": "permute_dims",
}  # fmt: skip


def escaped(words: object) -> str:
    """Return text for XML: markup escaped, what would not show, written out.

    Examples
    --------
    >>> escaped('<b> & "' + chr(0))
    '&lt;b&gt; &amp; &quot;\\\\x00'
    """
    return escape(visible(str(words)))


def number_(x: float) -> str:
    """Return a coordinate with at most one decimal.

    Examples
    --------
    >>> number_(3.0), number_(2.25), number_(-0.01)
    ('3', '2.2', '0')
    """
    rounded = f"{x:.1f}"
    if rounded[-1] == "0":
        rounded = rounded[:-2]
    return "0" if rounded == "-0" else rounded


def text(
    x: float,
    y: float,
    words: str,
    colour: str,
    size: float = 13,
    *,
    bold: bool = False,
    mono: bool = False,
    anchor: str = "start",
    halo: str = "",
) -> str:
    """Return a line of text.

    Parameters
    ----------
    x, y : float
        Where it starts, or its middle or end by ``anchor``; the base line.
    words, colour : str
        What, and in which colour.
    size : float
        Of the font, in pixels.
    bold, mono : bool
        Weight and font.
    anchor : {"start", "middle", "end"}
        What stands at ``x``.
    halo : str
        The colour of a margin, so that lines below do not cross the letters.
    """
    facts = f' font-family="{MONO}"' if mono else ""
    facts += ' font-weight="600"' if bold else ""
    facts += f' text-anchor="{anchor}"' if anchor != "start" else ""
    if halo:
        facts += f' stroke="{halo}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"'
    place = f'x="{number_(x)}" y="{number_(y)}"'
    return f'<text {place} font-size="{size:g}" fill="{colour}"{facts}>{escaped(words)}</text>'


def curve(points: Sequence[tuple[float, float]], right: bool = False) -> str:
    """Return a path through corners that leaves and enters every corner along the ranks."""
    (x, y), *rest = points
    parts = [f"M{number_(x)},{number_(y)}"]
    for u, v in rest:
        if abs((y - v) if right else (x - u)) < 0.6:
            parts.append(f"L{number_(u)},{number_(v)}")
        elif right:
            middle = number_((x + u) / 2)
            parts.append(f"C{middle},{number_(y)} {middle},{number_(v)} {number_(u)},{number_(v)}")
        else:
            middle = number_((y + v) / 2)
            parts.append(f"C{number_(x)},{middle} {number_(u)},{middle} {number_(u)},{number_(v)}")
        x, y = u, v
    return "".join(parts)


def arrow(tip: tuple[float, float], colour: str, thick: float, right: bool = False) -> str:
    """Return the head of an arrow that points along the ranks.

    Drawn as a shape: markers lose their colour in many converters.
    """
    x, y = tip
    long, half = 6.5 + 0.5 * thick, 2.6 + 0.5 * thick
    corners = [(x, y), (x - half, y - long), (x + half, y - long)]
    if right:
        corners = [(x, y), (x - long, y - half), (x - long, y + half)]
    places = " ".join(f"{number_(a)},{number_(b)}" for a, b in corners)
    return f'<polygon points="{places}" fill="{colour}"/>'


def glyph(op: str, x: float, y: float, colour: str) -> str:
    """Return the sign of an operation around a point: a letter, or a small path."""
    if path := _PATHS.get(_LIKE.get(op, op)):
        return (
            f'<path d="{path}" transform="translate({number_(x)},{number_(y)})" fill="none" '
            f'stroke="{colour}" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/>'
        )
    return text(x, y + 4.5, _LETTERS.get(op, "ƒ"), colour, 13, bold=True, anchor="middle")


def sign(kind: str, x: float, y: float, colour: str, size: float = 4.5) -> str:
    """Return ``"plus"`` or ``"minus"`` in a circle, or a triangle ``"up"`` or ``"down"``."""
    if kind in ("plus", "minus"):
        bar = size * 0.55
        lines = f"M{number_(x - bar)},{number_(y)}h{number_(2 * bar)}"
        lines += f"M{number_(x)},{number_(y - bar)}v{number_(2 * bar)}" if kind == "plus" else ""
        return (
            f'<circle cx="{number_(x)}" cy="{number_(y)}" r="{size:g}" fill="none" '
            f'stroke="{colour}" stroke-width="1.3"/><path d="{lines}" stroke="{colour}" '
            'stroke-width="1.3" fill="none"/>'
        )
    tall = math.copysign(size * 0.8, 1 if kind == "down" else -1)
    corners = [(x - size * 0.8, y - tall), (x + size * 0.8, y - tall), (x, y + tall)]
    places = " ".join(f"{number_(a)},{number_(b)}" for a, b in corners)
    return f'<polygon points="{places}" fill="{colour}"/>'
