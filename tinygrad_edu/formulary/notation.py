"""Letters and signs of mathematics, in plain text and in LaTeX at once (floor 4)."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

__all__ = [
    "ATOM",
    "CHOICE",
    "LOGIC",
    "POWER",
    "PRODUCT",
    "SUM",
    "Factors",
    "Formula",
    "Unreadable",
    "applied",
    "bar",
    "constant",
    "inside",
    "letter",
    "product",
    "raised",
    "total",
]

# How strongly a formula holds together: one that holds less than its place asks for is put in
# parentheses.
CHOICE, LOGIC, SUM, PRODUCT, POWER, ATOM = range(6)


class Unreadable(Exception):
    """There is no mathematics for this code that would be easier to read."""


class Formula(NamedTuple):
    """A piece of mathematics as text and as LaTeX, and how strongly it holds together."""

    plain: str
    latex: str
    binds: int = ATOM


class Factors(NamedTuple):
    """A product taken apart: its sign, what stands above the line and what below."""

    sign: int
    above: tuple[Formula, ...]
    below: tuple[Formula, ...] = ()


_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_MACRON = "\u0304"
_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "lambda": "λ",
    "lambd": "λ", "mu": "μ", "rho": "ρ", "sigma": "σ", "tau": "τ", "theta": "θ",
}  # fmt: skip
# Constants that rules are written with, found by their value.
_KNOWN = {
    math.pi: ("π", r"\pi"),
    math.e: ("e", "e"),
    math.log(2): ("ln 2", r"\ln 2"),
    math.log(10): ("ln 10", r"\ln 10"),
    math.sqrt(2): ("√2", r"\sqrt 2"),
    1 / math.sqrt(2): ("1/√2", r"\tfrac{1}{\sqrt 2}"),
    math.sqrt(math.pi): ("√π", r"\sqrt\pi"),
    2 / math.sqrt(math.pi): ("2/√π", r"\tfrac{2}{\sqrt\pi}"),
    math.sqrt(2 / math.pi): ("√(2/π)", r"\sqrt{2/\pi}"),
    math.sqrt(2 * math.pi): ("√(2π)", r"\sqrt{2\pi}"),
    1 / math.sqrt(2 * math.pi): ("1/√(2π)", r"\tfrac{1}{\sqrt{2\pi}}"),
    1 / 3: ("1/3", r"\tfrac13"),
    math.inf: ("∞", r"\infty"),
}


def letter(name: str) -> Formula:
    """Write a name: ``x1`` with a subscript, Greek letters as such, words upright.

    Examples
    --------
    >>> letter("x1").plain, letter("_sigma").latex, letter("targets").latex
    ('x₁', '\\\\sigma', '\\\\mathrm{targets}')
    """
    stem, digits = _split(name)
    if stem in _GREEK:
        plain, latex = _GREEK[stem], "\\" + stem.replace("lambd", "lambda").replace("aa", "a")
    else:
        plain, latex = stem, stem if len(stem) == 1 else rf"\mathrm{{{_escaped(stem)}}}"
    return Formula(
        plain + digits.translate(_SUBSCRIPT), latex + (f"_{{{digits}}}" if digits else "")
    )


def bar(name: str) -> Formula:
    """Write the cotangent that belongs to a name.

    Examples
    --------
    >>> bar("x2").latex, bar("weight").plain
    ('\\\\bar{x}_{2}', 'bar(weight)')
    """
    stem, digits = _split(name)
    if len(stem) > 1 and stem not in _GREEK:
        return Formula(f"bar({letter(name).plain})", rf"\overline{{{letter(name).latex}}}")
    under = f"_{{{digits}}}" if digits else ""
    plain = unicodedata.normalize("NFC", letter(stem).plain + _MACRON) + digits.translate(
        _SUBSCRIPT
    )
    return Formula(plain, rf"\bar{{{letter(stem).latex}}}{under}")


def _split(name: str) -> tuple[str, str]:
    name = name.strip("_") or name
    stem = name.rstrip("0123456789")
    return (stem, name[len(stem) :]) if stem else (name, "")


def _escaped(word: str) -> str:
    return word.replace("_", r"\_")


def constant(value: float | bool | str | None) -> Formula:
    """Write a number, by its name where it has one.

    Examples
    --------
    >>> [constant(v).plain for v in (2.0, 0.25, math.log(2), -1, None)]
    ['2', '0.25', 'ln 2', '−1', 'none']
    """
    if value is None or isinstance(value, (bool, str)):
        word = value if isinstance(value, str) else "none" if value is None else str(value).lower()
        return Formula(word, rf"\text{{{_escaped(word)}}}")
    if value != value:
        return Formula("NaN", r"\text{NaN}")
    if value < 0:
        inner = constant(-value)
        return Formula("−" + inner.plain, "-" + inner.latex, SUM)
    for known, (plain, latex) in _KNOWN.items():
        if value == known:
            return Formula(plain, latex, PRODUCT if "/" in plain else POWER)
    text = str(int(value)) if value < 1e15 and value == int(value) else repr(value)
    return Formula(text, text)


def inside(piece: Formula, place: int) -> Formula:
    """Put in parentheses what holds less than its place asks for."""
    if piece.binds >= place:
        return piece
    return Formula(f"({piece.plain})", rf"\left({piece.latex}\right)")


def total(terms: Sequence[tuple[int, Formula]]) -> Formula:
    """Write a sum of signed terms.

    Examples
    --------
    >>> total([(1, letter("x")), (-1, letter("y"))]).plain
    'x − y'
    """
    plain = latex = ""
    for sign, term in terms:
        term = inside(term, PRODUCT)
        plain += (" + " if sign > 0 else " − ") if plain else ("" if sign > 0 else "−")
        latex += (" + " if sign > 0 else " - ") if latex else ("" if sign > 0 else "-")
        plain, latex = plain + term.plain, latex + term.latex
    return Formula(plain, latex, SUM)


def product(factors: Factors) -> Formula:
    """Write a product and what divides it, equal factors as powers, numbers first.

    Examples
    --------
    >>> x = letter("x")
    >>> product(Factors(1, (letter("g"), x, x), (constant(2),))).plain
    'g · x² / 2'
    """
    above, below = _collected(factors.above), _collected(factors.below)
    if below and above and above[0].plain == "1":
        above = above[1:]
    top, bottom = _times(above), _times(below)
    if not below:
        return top
    # `a / b · c` would be read as (a / b) c.
    under = bottom if bottom.binds >= POWER else inside(bottom, ATOM)
    return Formula(
        f"{inside(top, PRODUCT).plain} / {under.plain}",
        rf"\frac{{{top.latex}}}{{{bottom.latex}}}",
        PRODUCT,
    )


def _times(factors: Sequence[Formula]) -> Formula:
    if len(factors) < 2:
        return factors[0] if factors else constant(1)
    parts = [inside(each, POWER) for each in factors]
    return Formula(
        " · ".join([part.plain for part in parts]),
        r" \cdot ".join([part.latex for part in parts]),
        PRODUCT,
    )


def _collected(factors: Sequence[Formula]) -> list[Formula]:
    counts: dict[Formula, int] = {}
    for each in factors:
        counts[each] = counts.get(each, 0) + 1
    numbers = [each for each in counts if each.plain.replace(".", "").isdecimal()]
    ordered = numbers + [each for each in counts if each not in numbers]
    found = [raised(each, constant(counts[each])) if counts[each] > 1 else each for each in ordered]
    return [each for each in found if each.plain != "1"] or found[:1]


def raised(base: Formula, exponent: Formula) -> Formula:
    """Write a power.

    Examples
    --------
    >>> raised(letter("z"), constant(2)).plain, raised(letter("x"), letter("y")).latex
    ('z²', '{x}^{y}')
    """
    foot = inside(base, ATOM)
    if exponent.plain.isdecimal():
        plain = foot.plain + exponent.plain.translate(_SUPERSCRIPT)
    else:
        plain = f"{foot.plain}^{inside(exponent, ATOM).plain}"
    return Formula(plain, f"{{{foot.latex}}}^{{{exponent.latex}}}", POWER)


def applied(name: str, arguments: Sequence[Formula], under: Formula | None = None) -> Formula:
    """Write a function of arguments; ``under`` is written as its subscript.

    Examples
    --------
    >>> applied("tanh", [letter("x")]).latex, applied("sum", [letter("x")], letter("axis")).plain
    ('\\\\tanh\\\\left(x\\\\right)', 'Σ_axis(x)')
    """
    name = name.strip("_")
    plain, latex = _FUNCTIONS.get(name, (name, rf"\operatorname{{{_escaped(name)}}}"))
    if under is not None:
        plain, latex = f"{plain}_{inside(under, ATOM).plain}", f"{latex}_{{{under.latex}}}"
    inner = ", ".join([each.plain for each in arguments])
    latex_inner = ", ".join([each.latex for each in arguments])
    return Formula(f"{plain}({inner})", rf"{latex}\left({latex_inner}\right)")


_FUNCTIONS = {
    "sum": ("Σ", r"\sum"),
    "prod": ("Π", r"\prod"),
    "log": ("ln", r"\ln"),
    "log2": ("log₂", r"\log_2"),
    "log10": ("log₁₀", r"\log_{10}"),
    "sign": ("sgn", r"\operatorname{sgn}"),
    "maximum": ("max", r"\max"),
    "minimum": ("min", r"\min"),
    "digamma": ("ψ", r"\psi"),
    "lgamma": ("ln Γ", r"\ln\Gamma"),
    "sigmoid": ("σ", r"\sigma"),
    "asin": ("arcsin", r"\arcsin"),
    "acos": ("arccos", r"\arccos"),
    "atan": ("arctan", r"\arctan"),
    **{
        name: (name, "\\" + name)
        for name in (
            "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "max",
            "min", "det",
        )
    },
}  # fmt: skip
