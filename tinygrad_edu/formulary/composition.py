"""Which operations a plain function is made of, read from its source (floor 4)."""

from __future__ import annotations

import ast
from types import FunctionType
from typing import Any

from ..autodiff import Tensor
from ..registry import Operation
from ..testing.rule_source import Definition, syntax_tree

__all__ = ["operations_in"]

_OPERATORS: dict[type[Any], str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide",
    ast.FloorDiv: "floor_divide", ast.Mod: "remainder", ast.Pow: "power", ast.MatMult: "matmul",
    ast.USub: "negative",
}  # fmt: skip
_PACKAGE = __name__.partition(".")[0]
_INSIDE = (f"{_PACKAGE}.ops", f"{_PACKAGE}.special")


def operations_in(function: FunctionType) -> list[str]:
    """Return the names of the operations that a composition calls, however deep, in order.

    Arithmetic and methods count in the function itself, where they are of its operands.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> operations_in(tg.stack)
    ['expand_dims', 'concat']
    """
    found: dict[str, None] = {}
    seen: set[FunctionType] = set()
    stack = [function]
    while stack:
        each = stack.pop()
        tree = None if each in seen else syntax_tree(each)
        seen.add(each)
        if tree is None:
            continue
        arrays = _arrays(tree) if each is function else set()
        for node in (node for part in _body(tree) for node in ast.walk(part)):
            value = _meant(node, each.__globals__, arrays)
            op = getattr(value, "op", None)
            if isinstance(op, Operation):
                found[op.name] = None
            elif isinstance(value, FunctionType) and value.__module__.startswith(_INSIDE):
                stack.append(value)
            elif (name := _operator(node)) and _mentions(node, arrays):
                found[name] = None
    return list(found)


def _operator(node: ast.AST) -> str | None:
    signs = node.op if isinstance(node, (ast.BinOp, ast.UnaryOp)) else None
    return _OPERATORS.get(type(signs))


def _body(tree: Definition) -> list[ast.AST]:
    return list(tree.body) if isinstance(tree, ast.FunctionDef) else [tree.body]


def _arrays(tree: Definition) -> set[str]:
    """The parameters that are operands, and the names of what is computed from them."""
    parts = [*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs]
    found = {each.arg for each in parts if "Operand" in ast.unparse(each.annotation or each)}
    for node in (node for part in _body(tree) for node in ast.walk(part)):
        if isinstance(node, ast.Assign) and _mentions(node.value, found):
            found |= {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return found


def _mentions(node: ast.AST, names: set[str]) -> bool:
    """Whether the numbers of a named array are used, not only its shape."""
    if isinstance(node, ast.Attribute) and node.attr in ("shape", "ndim", "size", "dtype"):
        return False
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len":
        return False
    if isinstance(node, ast.Name):
        return node.id in names
    return any(_mentions(child, names) for child in ast.iter_child_nodes(node))


def _meant(node: ast.AST, names: dict[str, Any], arrays: set[str]) -> Any:
    """What a name stands for: a global, an attribute of a module, a method of an operand."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        base = names.get(node.value.id) if isinstance(node.value, ast.Name) else None
        if base is not None:
            return getattr(base, node.attr, None)
        return vars(Tensor).get(node.attr) if _mentions(node.value, arrays) else None
    return None
