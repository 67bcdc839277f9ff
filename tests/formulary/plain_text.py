"""A reader of the formulary's plain text that computes what it says, written without looking."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

WORDS = r"where|else|and|or|not|mod"
TOKEN = re.compile(
    rf"\s*((?:{WORDS})\b|bar\(\w+\)|\d+(?:\.\d+)?(?:e[-+]\d+)?|[^\W\d_⁰¹²³⁴⁵⁶⁷⁸⁹][^\W⁰¹²³⁴⁵⁶⁷⁸⁹]*\u0304?[₀-₉]*"
    r"|[⁰¹²³⁴⁵⁶⁷⁸⁹]+|.)"
)
POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in ("exp", "expm1", "log1p", "sin", "cos", "tan", "sinh",
       "cosh", "tanh", "arcsin", "arccos", "arctan", "arcsinh", "arccosh", "arctanh", "hypot",
       "arctan2", "isfinite", "cbrt", "logaddexp", "sinc", "ceil", "trunc")},
    "sgn": np.sign, "max": np.maximum, "min": np.minimum, "σ": lambda x: 1 / (1 + np.exp(-x)),
    "log₂": np.log2, "log₁₀": np.log10,
}  # fmt: skip


class CannotCompute(Exception):
    """The text uses something beyond this small language."""


def computed(text: str, values: Mapping[str, Any]) -> Any:
    """The value of a formula, of names that stand for these values."""
    reader = _Reader([token for token in TOKEN.findall(text) if token.strip()], values)
    found = reader.choice()
    if reader.tokens:
        raise CannotCompute(f"{reader.tokens[:3]} is left of {text}")
    return found


class _Reader:
    def __init__(self, tokens: list[str], values: Mapping[str, Any]) -> None:
        self.tokens, self.values = tokens, values

    def next(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def took(self, *wanted: str) -> str:
        return self.tokens.pop(0) if self.next() in wanted else ""

    def must(self, wanted: str) -> None:
        if not self.took(wanted):
            raise CannotCompute(f"{wanted} expected at {self.tokens[:5]}")

    def choice(self) -> Any:
        first = self.claim()
        if not self.took("where"):
            return first
        condition = self.claim()
        self.must(",")
        self.must("else")
        return np.where(condition, first, self.choice())

    def claim(self) -> Any:
        found = self.compared()
        while word := self.took("and", "or"):
            other = self.compared()
            found = np.logical_and(found, other) if word == "and" else np.logical_or(found, other)
        return found

    def compared(self) -> Any:
        if self.took("not"):
            return np.logical_not(self.compared())
        left, found = self.total(), None
        while sign := self.took("=", "≠", "<", "≤", ">", "≥"):
            right = self.total()
            one = {
                "=": np.equal, "≠": np.not_equal, "<": np.less, "≤": np.less_equal,
                ">": np.greater, "≥": np.greater_equal,
            }[sign](left, right)  # fmt: skip
            found, left = (one if found is None else np.logical_and(found, one)), right
        return left if found is None else found

    def total(self) -> Any:
        found = -self.product() if self.took("−") else self.product()
        while sign := self.took("+", "−"):
            found = found + self.product() if sign == "+" else found - self.product()
        return found

    def product(self) -> Any:
        found = self.power()
        while sign := self.took("·", "/", "mod"):
            other = self.power()
            found = (
                found * other if sign == "·" else found / other if sign == "/" else found % other
            )
        return found

    def power(self) -> Any:
        if self.took("√"):
            return np.sqrt(self.atom())
        found = self.atom()
        if self.next()[:1].translate(POWERS) != self.next()[:1]:
            return found ** int(self.tokens.pop(0).translate(POWERS))
        return found ** self.atom() if self.took("^") else found

    def atom(self) -> Any:
        token = self.tokens.pop(0) if self.tokens else ""
        for left, right in ("()", "[]", "||", "⌊⌋"):
            if token == left:
                inner = self.choice()
                self.must(right)
                around = {"[": lambda x: np.where(x, 1.0, 0.0), "|": np.abs, "⌊": np.floor}
                return around.get(left, lambda x: x)(inner)
        if re.fullmatch(r"\d.*", token):
            return np.float64(token)
        if token in self.values:
            return self.values[token]
        if token == "ln":
            return np.log(self.atom())
        if token in FUNCTIONS and self.took("("):
            arguments = [self.choice()]
            while self.took(","):
                arguments.append(self.choice())
            self.must(")")
            return FUNCTIONS[token](*arguments)
        if token in ("π", "e", "∞"):
            return {"π": np.pi, "e": np.e, "∞": np.inf}[token]
        raise CannotCompute(token)
