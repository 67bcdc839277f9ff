"""Mathematics out of an expression's syntax tree; nothing is executed (floor 4)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from .notation import (
    ATOM,
    CHOICE,
    LOGIC,
    POWER,
    PRODUCT,
    SUM,
    Factors,
    Formula,
    Unreadable,
    applied,
    constant,
    inside,
    letter,
    product,
    raised,
    total,
)

__all__ = ["Reader", "called", "is_module"]


class Reader:
    """Writes expressions as mathematics.

    Parameters
    ----------
    symbols : mapping of str to Formula
        How names are written; others as letters or words.
    names : mapping of str to object
        What the expression's other names stand for: modules, functions and numbers.

    Examples
    --------
    >>> tree = ast.parse("g * (1 - out * out)", mode="eval").body
    >>> Reader({"out": letter("z")}).read(tree).plain
    'g · (1 − z²)'
    """

    def __init__(
        self, symbols: Mapping[str, Formula], names: Mapping[str, Any] | None = None
    ) -> None:
        self._symbols, self._names = symbols, names or {}

    def read(self, node: ast.expr) -> Formula:
        """Return an expression as mathematics, or raise ``Unreadable``."""
        match node:
            case ast.Constant(value=None | bool() | int() | float() | str() as value):
                return constant(value)
            case ast.Name(id=name):
                return self._name(name)
            case ast.BinOp(op=ast.Add() | ast.Sub()) if not _doubled(node):
                return total(self._terms(node))
            case ast.BinOp(op=ast.Add() | ast.Mult() | ast.Div()) | ast.UnaryOp(op=ast.USub()):
                return _signed(self._factors(node))
            case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
                return raised(self.read(base), self.read(exponent))
            case ast.BinOp(left=left, op=operator, right=right):
                return self._operated(type(operator), self.read(left), self.read(right))
            case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
                inner = inside(self._condition(operand), ATOM)
                return Formula(f"not {inner.plain}", rf"\lnot {inner.latex}", LOGIC)
            case ast.Compare():
                return _bracketed(self._condition(node))
            case ast.BoolOp(values=values) if all(map(_is_claim, values)):
                return _bracketed(self._condition(node))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._choice(test, body, orelse)
            case ast.Attribute(value=value, attr=name):
                return self._attribute(value, name)
            case ast.Subscript(value=value, slice=key):
                return self._part(value, key)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return applied("", [self.read(part) for part in parts])
            case ast.Starred(value=ast.Attribute() | ast.Subscript() as value):
                return self.read(value)  # part of a shape, joined with the rest
            case ast.Call():
                return self._call(node)
        raise Unreadable(type(node).__name__)

    def _name(self, name: str) -> Formula:
        if name in self._symbols:
            return self._symbols[name]
        value = self._names.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return constant(value)
        return letter(name)

    def _terms(self, node: ast.expr) -> list[tuple[int, Formula]]:
        if isinstance(node, ast.BinOp) and not _doubled(node):
            if isinstance(node.op, ast.Add):
                return self._terms(node.left) + self._terms(node.right)
            if isinstance(node.op, ast.Sub):
                right = [(-sign, term) for sign, term in self._terms(node.right)]
                return self._terms(node.left) + right
        factors = self._factors(node)
        return [(factors.sign, product(factors._replace(sign=1)))]

    def _factors(self, node: ast.expr) -> Factors:
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self._factors(operand)
                return inner._replace(sign=-inner.sign)
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                a, b = self._factors(left), self._factors(right)
                return Factors(a.sign * b.sign, a.above + b.above, a.below + b.below)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                a, b = self._factors(left), self._factors(right)
                return Factors(a.sign * b.sign, a.above + b.below, a.below + b.above)
            case ast.BinOp(left=left) if _doubled(node):
                inner = self._factors(left)
                return inner._replace(above=(constant(2), *inner.above))
            case ast.Constant(value=0.5):
                return Factors(1, (constant(1),), (constant(2),))
            case ast.Call() if (plain := self._as_operator(node)) is not None:
                return self._factors(plain)
        return Factors(1, (self.read(node),))

    def _operated(self, kind: type[ast.operator], left: Formula, right: Formula) -> Formula:
        if kind is ast.MatMult:
            left, right = inside(left, PRODUCT), inside(right, POWER)
            return Formula(
                f"{left.plain} @ {right.plain}", rf"{left.latex}\,{right.latex}", PRODUCT
            )
        if kind is ast.FloorDiv:
            quotient = product(Factors(1, (left,), (right,)))
            return Formula(f"⌊{quotient.plain}⌋", rf"\left\lfloor {quotient.latex} \right\rfloor")
        if kind is ast.Mod:
            left, right = inside(left, ATOM), inside(right, ATOM)
            return Formula(
                f"{left.plain} mod {right.plain}", rf"{left.latex} \bmod {right.latex}", SUM
            )
        if kind in _LOGICAL:
            return _joined(_LOGICAL[kind], [left, right])
        raise Unreadable(kind.__name__)

    def _condition(self, node: ast.expr) -> Formula:
        """A claim as it stands after "where", without the brackets that make a number of it."""
        match node:
            case ast.Compare(left=left, ops=operators, comparators=others):
                plain, latex, _ = inside(self.read(left), SUM)
                for operator, other in zip(operators, others, strict=True):
                    if type(operator) not in _COMPARISONS:
                        raise Unreadable(type(operator).__name__)
                    sign, command = _COMPARISONS[type(operator)]
                    right = inside(self.read(other), SUM)
                    plain, latex = (
                        f"{plain} {sign} {right.plain}",
                        f"{latex} {command} {right.latex}",
                    )
                return Formula(plain, latex, LOGIC)
            case ast.BoolOp(op=operator, values=values) if all(map(_is_claim, values)):
                kind = ast.BitAnd if isinstance(operator, ast.And) else ast.BitOr
                return _joined(_LOGICAL[kind], [self._condition(value) for value in values])
            case ast.Call() if (operation := self._as_operator(node)) is not None:
                return self._condition(operation)
        return self.read(node)

    def _choice(self, test: ast.expr, body: ast.expr, orelse: ast.expr) -> Formula:
        claim, first, second = self._condition(test), self.read(body), self.read(orelse)
        first = inside(first, LOGIC)
        return Formula(
            f"{first.plain} where {claim.plain}, else {second.plain}",
            rf"\begin{{cases}} {first.latex} & {claim.latex} \\ {second.latex} & \text{{else}} "
            r"\end{cases}",
            CHOICE,
        )

    def _attribute(self, value: ast.expr, name: str) -> Formula:
        if is_module(value, self._names):
            if name in ("pi", "e", "inf"):
                return constant({"pi": 3.141592653589793, "e": 2.718281828459045}.get(name, _INF))
            raise Unreadable(name)
        inner = self.read(value)
        if name in ("T", "mT"):
            foot = inside(inner, ATOM)
            return Formula(f"{foot.plain}ᵀ", rf"{{{foot.latex}}}^{{\mathsf T}}", POWER)
        if name in ("shape", "size", "ndim", "dtype"):
            return applied(name, [inner])
        raise Unreadable(name)

    def _part(self, value: ast.expr, key: ast.expr) -> Formula:
        inner = inside(self.read(value), ATOM)
        if any(isinstance(node, _NO_KEY) for node in ast.walk(key)):
            raise Unreadable("an index that is computed")
        bare = ast.unparse(ast.Subscript(ast.Name("_"), key))[2:-1]  # `0, 1:` is no expression
        return Formula(f"{inner.plain}[{bare}]", rf"{inner.latex}[\texttt{{{_typed(bare)}}}]")

    def _as_operator(self, node: ast.Call) -> ast.expr | None:
        """``multiply(x, y)`` as ``x * y``, ``x.astype(t)`` as ``x``, and the like."""
        name, arguments = called(node, self._names)
        if node.keywords and name != "astype":
            return None
        if name in ("astype", "positive", "asarray") and arguments:
            return arguments[0]
        if name in _BINARY and len(arguments) == 2:
            return ast.BinOp(arguments[0], _BINARY[name](), arguments[1])
        if name in _CLAIMS and len(arguments) == 2:
            return ast.Compare(arguments[0], [_CLAIMS[name]()], [arguments[1]])
        if len(arguments) == 1 and name in _ONE:
            return _ONE[name](arguments[0])
        return None

    def _call(self, node: ast.Call) -> Formula:
        plain = self._as_operator(node)
        if plain is not None:
            return self.read(plain)
        name, arguments = called(node, self._names)
        if not name or any(keyword.arg is None for keyword in node.keywords):
            raise Unreadable("call")
        if name == "where" and len(arguments) == 3:
            return self._choice(*arguments)
        inner = [inside(self.read(each), LOGIC if len(arguments) > 1 else CHOICE)
                 for each in arguments]  # fmt: skip
        if len(inner) == 1 and name in _AROUND:
            return _AROUND[name](inner[0])
        settings = {each.arg: each.value for each in node.keywords if each.arg != "keepdims"}
        under = self.read(settings.pop("axis")) if "axis" in settings else None
        for key, value in settings.items():
            setting = self.read(value)
            inner.append(
                Formula(f"{key}={setting.plain}", rf"\texttt{{{_typed(str(key))}}}={setting.latex}")
            )
        return applied(name, inner, under)


def called(node: ast.Call, names: Mapping[str, Any]) -> tuple[str, list[ast.expr]]:
    """Return the name that is called and what it is called with, a method's object first."""
    function, arguments = node.func, list(node.args)
    if isinstance(function, ast.Name):
        return function.id, arguments
    if isinstance(function, ast.Attribute):
        if is_module(function.value, names):
            return function.attr, arguments
        return function.attr, [function.value, *arguments]
    return "", arguments


def is_module(node: ast.expr, names: Mapping[str, Any]) -> bool:
    """Return whether an expression names a module, as ``np`` or ``np.linalg``."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and (
        isinstance(names.get(node.id), ModuleType) or node.id in ("np", "tg")
    )


def _doubled(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add)
        and ast.dump(node.left) == ast.dump(node.right)
    )


def _is_claim(node: ast.expr) -> bool:
    """Whether ``and`` and ``or`` of this are logic: of numbers they choose one of them."""
    negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return negated or isinstance(node, (ast.Compare, ast.BoolOp))


def _signed(factors: Factors) -> Formula:
    inner = product(factors._replace(sign=1))
    return inner if factors.sign > 0 else total([(-1, inner)])


def _bracketed(claim: Formula) -> Formula:
    """Iverson's bracket: 1 where the claim holds, else 0."""
    return Formula(f"[{claim.plain}]", rf"\left[{claim.latex}\right]")


def _joined(sign: tuple[str, str], parts: list[Formula]) -> Formula:
    whole = [inside(part, SUM) for part in parts]
    return Formula(
        f" {sign[0]} ".join([part.plain for part in whole]),
        f" {sign[1]} ".join([part.latex for part in whole]),
        LOGIC,
    )


def _typed(text: str) -> str:
    return text.replace("_", r"\_").replace("{", r"\{").replace("}", r"\}")


def _around(
    left: str, right: str, latex_left: str, latex_right: str
) -> Callable[[Formula], Formula]:
    return lambda x: Formula(
        f"{left}{x.plain}{right}", rf"\left{latex_left} {x.latex} \right{latex_right}"
    )


def _root(x: Formula) -> Formula:
    return Formula(f"√{inside(x, ATOM).plain}", rf"\sqrt{{{x.latex}}}", POWER)


def _exponential(x: Formula) -> Formula:
    return Formula(f"exp({x.plain})", f"e^{{{x.latex}}}", POWER)


_INF = float("inf")
_NO_KEY = (ast.Call, ast.Starred, ast.IfExp, ast.ListComp, ast.GeneratorExp, ast.Lambda)
_BINARY: dict[str, type[ast.operator]] = {
    "add": ast.Add, "subtract": ast.Sub, "multiply": ast.Mult, "divide": ast.Div, "power": ast.Pow,
    "pow": ast.Pow, "floor_divide": ast.FloorDiv, "matmul": ast.MatMult, "remainder": ast.Mod,
}  # fmt: skip
_CLAIMS: dict[str, type[ast.cmpop]] = {
    "equal": ast.Eq, "not_equal": ast.NotEq, "less": ast.Lt, "less_equal": ast.LtE,
    "greater": ast.Gt, "greater_equal": ast.GtE,
}  # fmt: skip
_ONE: dict[str, Callable[[ast.expr], ast.expr]] = {
    "negative": lambda x: ast.UnaryOp(ast.USub(), x),
    "square": lambda x: ast.BinOp(x, ast.Pow(), ast.Constant(2)),
    "reciprocal": lambda x: ast.BinOp(ast.Constant(1), ast.Div(), x),
    "matrix_transpose": lambda x: ast.Attribute(x, "mT"),
    "logical_not": lambda x: ast.UnaryOp(ast.Not(), x),
}
_AROUND: dict[str, Callable[[Formula], Formula]] = {
    "abs": _around("|", "|", "|", "|"),
    "floor": _around("⌊", "⌋", r"\lfloor", r"\rfloor"),
    "sqrt": _root,
    "exp": _exponential,
}
_COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("=", "="), ast.NotEq: ("≠", r"\ne"), ast.Lt: ("<", "<"), ast.LtE: ("≤", r"\le"),
    ast.Gt: (">", ">"), ast.GtE: ("≥", r"\ge"), ast.Is: ("is", r"\text{ is }"),
    ast.IsNot: ("is not", r"\text{ is not }"),
}  # fmt: skip
_LOGICAL: dict[type[ast.operator], tuple[str, str]] = {
    ast.BitAnd: ("and", r"\land"),
    ast.BitOr: ("or", r"\lor"),
}
