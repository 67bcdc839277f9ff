"""Which operations a plain function is made of, read from its source (floor 4)."""

from __future__ import annotations

import ast
from types import FunctionType
from typing import Any

from ..autodiff import Tensor
from ..registry import Operation
from ..testing.rule_source import syntax_tree

__all__ = ["operations_in"]

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide",
    ast.FloorDiv: "floor_divide", ast.Mod: "remainder", ast.Pow: "power", ast.MatMult: "matmul",
    ast.USub: "negative",
}  # fmt: skip
_INSIDE = __name__.partition(".")[0] + ".ops"


def operations_in(function: FunctionType) -> list[str]:
    """Return the names of the operations that a composition calls, however deep, in order.

    Arithmetic counts where it stands in the function itself and not about a shape.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> operations_in(tg.softmax)
    ['exp', 'log_softmax']
    """
    found: dict[str, None] = {}
    seen: set[FunctionType] = set()
    stack = [function]
    while stack:
        each = stack.pop()
        if each in seen:
            continue
        seen.add(each)
        tree = syntax_tree(each)
        nodes = [] if tree is None else [node for part in _body(tree) for node in ast.walk(part)]
        for node in nodes:
            value = _meant(node, each.__globals__)
            op = getattr(value, "op", None)
            if isinstance(op, Operation):
                found[op.name] = None
            elif isinstance(value, FunctionType) and value.__module__.startswith(_INSIDE):
                stack.append(value)
            elif each is function and (name := _operator(node)):
                found[name] = None
    return list(found)


def _operator(node: ast.AST) -> str | None:
    if not isinstance(node, (ast.BinOp, ast.UnaryOp)):
        return None
    inner = list(ast.walk(node))
    words = {part.attr for part in inner if isinstance(part, ast.Attribute)}
    words |= {part.id for part in inner if isinstance(part, ast.Name)}
    return None if words & _ABOUT_SHAPES else _OPERATORS.get(type(node.op))


_ABOUT_SHAPES = {"shape", "ndim", "size", "len", "axis", "axes"}


def _body(tree: ast.Lambda | ast.FunctionDef) -> list[ast.AST]:
    return list(tree.body) if isinstance(tree, ast.FunctionDef) else [tree.body]


def _meant(node: ast.AST, names: dict[str, Any]) -> Any:
    """What a name stands for: a global, an attribute of a module, a method of a Tensor."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        base = names.get(node.value.id) if isinstance(node.value, ast.Name) else None
        return getattr(base, node.attr, None) if base is not None else vars(Tensor).get(node.attr)
    return None
