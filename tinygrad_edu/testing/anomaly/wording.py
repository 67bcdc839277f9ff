"""How the user wrote an operation, and the same code with some operands written otherwise."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from ...registry import Operation, registry
from ...source import Site

__all__ = ["Wording"]

_SYMBOLS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.FloorDiv: "floor_divide",
    ast.Mod: "remainder",
    ast.Pow: "power",
    ast.MatMult: "matmul",
    ast.USub: "negative",
}
_ALIASES = {"true_divide": "divide", "absolute": "abs", "amax": "max", "amin": "min"}
_INFINITIES = frozenset(["inf", "np.inf", "numpy.inf", "math.inf", "float('inf", "float('inf'"])
_MODULES = frozenset({"np", "numpy", "tg", "tinygrad_edu", "nn", "F"})


class Wording:
    """The code of one operation.

    Where the user's expression is not this operation, as inside a layer, the code is what one
    would write for it: the operation's own name, and the names of its parameters.

    Attributes
    ----------
    operands, labels : tuple of str
        One per input; a label is short, and an index may follow it.
    exact : bool
        Whether this is the user's code.

    Examples
    --------
    >>> Wording(registry["log"], None, 1, {}).edited({0: "tg.maximum(_, 1e-12)"})
    'tg.log(tg.maximum(x, 1e-12))'
    """

    def __init__(
        self, op: Operation, site: Site | None, count: int, attributes: Mapping[str, Any]
    ) -> None:
        found = _operation_in(site.expression if site else "", op, count)
        self.exact = found is not None
        if found is None:
            names = (
                op.inputs if len(op.inputs) == count else ["xyzuvw"[k % 6] for k in range(count)]
            )
            given = {k: v for k, v in attributes.items() if v is not op.defaults.get(k)}
            settings = [f"{name}={value!r}" for name, value in given.items() if _plain(value)]
            known = registry.get(op.name) is op
            text = f"{'tg.' * known}{op.name}({', '.join([*names, *settings])})"
            call = ast.parse(text, mode="eval").body
            assert isinstance(call, ast.Call)
            found = call, list(call.args[:count])
        self._tree, self._nodes = found
        self.operands = tuple(map(ast.unparse, self._nodes))
        self.labels = tuple(map(_label, self._nodes))

    def __str__(self) -> str:
        return ast.unparse(self._tree)

    def edited(self, templates: Mapping[int, str], drop: str = "") -> str:
        """Return the code with some operands rewritten.

        Parameters
        ----------
        templates : dict of int to str
            For an operand, an expression in which ``_`` stands for it.
        drop : str
            The name of a setting to leave out.
        """
        swap = {id(self._nodes[k]): (t, self._nodes[k]) for k, t in templates.items()}
        return ast.unparse(_Edit(swap, drop).visit(self._tree))

    def literal(self, position: int) -> bool:
        """Whether an operand is written as a plain number."""
        return isinstance(self._nodes[position], ast.Constant)

    def bounded(self, position: int) -> str:
        """Return a large number in place of an infinity that is written out, else nothing."""
        text = self.operands[position].strip("()")
        sign, name = ("-", text[1:].strip("( ")) if text.startswith("-") else ("", text)
        return f"{sign}10000.0" if name in _INFINITIES else ""


def _plain(value: Any) -> bool:
    """Whether a setting can be written down as it is."""
    if isinstance(value, tuple):
        return all(isinstance(part, int) for part in value)
    return isinstance(value, (int, float, str))


def _label(node: ast.expr) -> str:
    text = ast.unparse(node)
    text = text if len(text) <= 32 else text[:29] + "..."
    whole = isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Constant))
    return text if whole else f"({text})"


class _Edit(ast.NodeTransformer):
    """A copy of a tree with some nodes swapped for an expression around them."""

    def __init__(self, swap: dict[int, tuple[str, ast.expr]], drop: str = "") -> None:
        self._swap, self._drop = swap, drop

    def visit(self, node: ast.AST) -> Any:
        if id(node) in self._swap:
            template, inner = self._swap[id(node)]
            return _Fill(inner).visit(ast.parse(template, mode="eval").body)
        # Rebuilt, since the visitor changes trees in place and the original is used again.
        fields = {name: self._copied(value) for name, value in ast.iter_fields(node)}
        return type(node)(**fields)

    def _copied(self, value: Any) -> Any:
        if isinstance(value, list):
            kept = [v for v in value if not (self._drop and getattr(v, "arg", "") == self._drop)]
            return [self._copied(v) for v in kept]
        return self.visit(value) if isinstance(value, ast.AST) else value


class _Fill(ast.NodeTransformer):
    """Put an expression in the place of every ``_``."""

    def __init__(self, inner: ast.expr) -> None:
        self._inner = inner

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._inner if node.id == "_" else node


def _operation_in(
    expression: str, op: Operation, count: int
) -> tuple[ast.expr, list[ast.expr]] | None:
    """The expression and its operands, if it is a call of just this operation."""
    try:
        statement = ast.parse(expression.strip()).body[0]
    except (SyntaxError, ValueError, IndexError):
        return None
    node: Any = getattr(statement, "value", None)
    if isinstance(statement, ast.AugAssign):
        target = ast.parse(ast.unparse(statement.target), mode="eval").body
        node = ast.BinOp(target, statement.op, statement.value)
    symbol = _SYMBOLS.get(type(node.op)) if hasattr(node, "op") else None
    if isinstance(node, ast.BinOp) and symbol == op.name:
        operands = [node.left, node.right]
    elif isinstance(node, ast.UnaryOp) and symbol == op.name:
        operands = [node.operand]
    elif isinstance(node, ast.Call):
        operands = _arguments(node, op.name)
    else:
        return None
    fits = len(operands) >= count and not any(isinstance(x, ast.Starred) for x in operands)
    return (node, operands[:count]) if fits else None


def _arguments(call: ast.Call, name: str) -> list[ast.expr]:
    """The operands of a call by this name, a method's object first; else none."""
    function = call.func
    if isinstance(function, ast.Name) and _ALIASES.get(function.id, function.id) == name:
        return list(call.args)
    if isinstance(function, ast.Attribute) and _ALIASES.get(function.attr, function.attr) == name:
        owner = function.value
        module = isinstance(owner, ast.Name) and owner.id in _MODULES
        return list(call.args) if module else [owner, *call.args]
    return []
