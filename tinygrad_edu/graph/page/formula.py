"""Formulas from docstrings, LaTeX, as trees that a page writes in MathML (floor 3).

Only the part of LaTeX that formulas of operations use. What is not known is shown as it is
written: a formula is help, and no reason to fail.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

__all__ = ["Formulas", "lines"]

# A tag of MathML and its children, or text.
Tree: TypeAlias = list[Any]

DEEPEST = 30
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\S", re.DOTALL)
_SYMBOLS = {
    "pi": "π", "sigma": "σ", "beta": "β", "mu": "μ", "psi": "ψ", "gamma": "γ", "alpha": "α",
    "Phi": "Φ", "phi": "φ", "Gamma": "Γ", "infty": "∞", "epsilon": "ε", "varepsilon": "ε",
    "lambda": "λ", "theta": "θ", "delta": "δ", "Delta": "Δ", "eta": "η", "rho": "ρ", "tau": "τ",
    "omega": "ω", "partial": "∂", "nabla": "∇", "ell": "ℓ",
}  # fmt: skip
_OPERATORS = {
    "sum": "∑", "prod": "∏", "int": "∫", "ne": "≠", "le": "≤", "ge": "≥", "odot": "⊙", "cdot": "·",
    "times": "×", "oplus": "⊕", "otimes": "⊗", "circ": "∘", "mid": "∣", "vee": "∨", "wedge": "∧",
    "cup": "∪", "cap": "∩", "setminus": "∖", "in": "∈", "notin": "∉", "dots": "…", "ldots": "…",
    "cdots": "⋯", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "langle": "⟨",
    "rangle": "⟩", "{": "{", "}": "}", "#": "#", "%": "%", "&": "&", "_": "_", "to": "→",
    "bigvee": "⋁", "bigwedge": "⋀", "approx": "≈", "pm": "±", "lVert": "‖", "rVert": "‖",
    "|": "‖", "star": "⋆", "ast": "∗", "leftarrow": "←", "mapsto": "↦", "equiv": "≡",
}  # fmt: skip
_ACCENTS = {"bar": "¯", "hat": "^", "tilde": "~", "dot": "˙", "overline": "¯", "vec": "→"}
_FUNCTIONS = frozenset(
    [
        "max", "min", "ln", "log", "exp", "det", "sin", "cos", "tan", "sinh", "cosh", "tanh",
        "arcsin", "arccos", "arctan", "bmod", "arg", "gcd",
    ]
)  # fmt: skip
_FONTS = frozenset(["mathsf", "mathrm", "mathbf", "mathbb", "mathcal", "text", "operatorname"])
_SPACES = {",": 0.17, ";": 0.28, ":": 0.22, " ": 0.25, "!": 0.0, "quad": 1.0, "qquad": 2.0}
_FRACTIONS = frozenset(["frac", "tfrac", "dfrac"])
# Sizes, which MathML finds by itself, and words that only move what follows.
_IGNORED = frozenset(
    [
        "textstyle", "displaystyle", "limits", "nolimits", "left", "right", "big", "Big", "bigl",
        "bigr", "Bigl", "Bigr", "bigg",
    ]
)  # fmt: skip


class Formulas:
    """The formulas of a page, each once."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self._known: dict[str, int | None] = {"": None}

    def enter(self, latex: str) -> int | None:
        """Return the place of a formula among the entries; ``None`` where there is none."""
        if latex not in self._known:
            self._known[latex] = len(self.entries)
            self.entries.append(lines(latex))
        return self._known[latex]


def lines(latex: str) -> dict[str, list[Tree]]:
    r"""Return the lines of a formula: what the value is, and what the adjoints are.

    Examples
    --------
    >>> lines(r"z = x^2, \qquad \bar x = 2 x \bar z")["value"]
    [['mrow', ['mi', 'z'], ['mo', '='], ['msup', ['mi', 'x'], ['mn', '2']]]]
    """
    value, _, adjoint = latex.partition(r"\qquad")
    parts = {"value": re.split(r"\\quad\b", value), "adjoint": re.split(r"\\q?quad\b", adjoint)}
    return {
        name: [parsed(cleaned) for part in found if (cleaned := part.strip().rstrip(",.;").strip())]
        for name, found in parts.items()
    }


def parsed(latex: str) -> Tree:
    """Return a formula as a tree; what is too deep or broken, as plain text."""
    reader = _Reader(_TOKEN.findall(latex))
    try:
        row = reader.row("", 0)
    except _TooDeep:
        return ["mtext", latex]
    return row


class _TooDeep(Exception):
    """Braces in braces in braces."""


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.place = tokens, 0

    def row(self, closing: str, depth: int) -> Tree:
        """Read until a brace closes."""
        if depth > DEEPEST:
            raise _TooDeep
        found: list[Tree] = []
        while self.place < len(self.tokens):
            token = self.tokens[self.place]
            if token == closing:
                self.place += 1
                break
            if token in ("^", "_"):
                self.place += 1
                base = found.pop() if found else ["mrow"]
                found.append(self._script(base, token, depth))
            elif (atom := self.atom(depth)) is not None:
                found.append(atom)
        return found[0] if len(found) == 1 and closing else ["mrow", *found]

    def _script(self, base: Tree, token: str, depth: int) -> Tree:
        above = ["mover", "msup"], ["munder", "msub"]
        first = self.atom(depth) or ["mrow"]
        sums = base[:2] in (["mo", "∑"], ["mo", "∏"])
        other = "_" if token == "^" else "^"
        if self.place < len(self.tokens) and self.tokens[self.place] == other:
            self.place += 1
            second = self.atom(depth) or ["mrow"]
            low, high = (first, second) if token == "_" else (second, first)
            return ["munderover" if sums else "msubsup", base, low, high]
        return [above[token == "_"][not sums], base, first]

    def atom(self, depth: int) -> Tree | None:
        """Read one thing that a script can stand on; of what is not drawn, nothing."""
        if self.place >= len(self.tokens):
            return None
        token = self.tokens[self.place]
        self.place += 1
        if token == "{":
            return self.row("}", depth + 1)
        if token.startswith("\\"):
            return self._command(token[1:], depth)
        if token[0].isdigit():
            return ["mn", token]
        return ["mi", token] if token.isalpha() else ["mo", "−" if token == "-" else token]

    def _command(self, name: str, depth: int) -> Tree | None:
        if depth > DEEPEST:
            raise _TooDeep
        if name in _IGNORED:
            return None
        if name in _SPACES:
            return ["space", _SPACES[name]]
        if name in _ACCENTS:
            return ["mover", self.atom(depth + 1) or ["mrow"], ["mo", _ACCENTS[name]]]
        if name in _FRACTIONS:
            top = self.atom(depth + 1) or ["mrow"]
            return ["mfrac", top, self.atom(depth + 1) or ["mrow"]]
        if name == "sqrt":
            return ["msqrt", self.atom(depth + 1) or ["mrow"]]
        if name in _FONTS:
            return ["upright", _words(self.atom(depth + 1) or ["mrow"])]
        if name in _FUNCTIONS:
            return ["upright", "mod" if name == "bmod" else name]
        if name in _OPERATORS:
            return ["mo", _OPERATORS[name]]
        return ["mi", _SYMBOLS.get(name, "\\" + name)]


def _words(tree: Tree) -> str:
    """The letters of a tree, without its form."""
    return "".join(part if isinstance(part, str) else _words(part) for part in tree[1:])
