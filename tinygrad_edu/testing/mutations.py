"""Small changes of a rule's syntax tree, each of them a mistake that somebody once made.

``changes`` yields trees; what they are tried on, and what must notice them, is not its business.
DeMillo, Lipton and Sayward 1978: a test that tells a program from all its slightly wrong
neighbours is likely to tell it from a right one that was misunderstood.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .rule_source import Definition

__all__ = ["Change", "changes"]

_FORM = frozenset({"shape", "ndim", "size", "dtype"})
_ENGINE = frozenset({"needs", "saved"})
# Calls that make one type of another, and say nothing of mathematics.
_CONVERSIONS = frozenset({"tuple", "list", "int", "tolist", "getattr", "astype"})
_OTHER_OPERATOR: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip
_ORDERED = (ast.Sub, ast.Div, ast.Pow, ast.MatMult, ast.Mod, ast.FloorDiv)
_OTHER_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip


class Change(NamedTuple):
    """One change of a tree.

    Its kind, where it is, the text before and after, what that text is part of, and the changed
    tree.
    """

    kind: str
    line: int
    column: int
    before: str
    after: str
    context: str
    tree: Definition


class _Names(NamedTuple):
    """What the parameters of the changed function stand for."""

    cotangent: str
    swappable: tuple[str, ...]
    settings: tuple[str, ...]


def changes(tree: Definition, inputs: int) -> Iterator[Change]:
    """Yield every small change of a rule's tree, or of a function that a rule calls.

    Parameters
    ----------
    tree : ast.Lambda or ast.FunctionDef
        The function's tree; it is not altered.
    inputs : int
        How many inputs the operation has: in ``rule(g, out, *inputs, **settings)`` they and
        ``out`` may be mistaken for each other. Of a function without ``g`` and ``out`` these are
        the first two parameters.

    Examples
    --------
    >>> tree = ast.parse("lambda g, out, x: -g / x", mode="eval").body
    >>> [change.after for change in changes(tree, 1) if change.kind == "operands swapped"]
    ['x / -g']
    """
    names = _names(tree, inputs)
    seen = {ast.dump(tree)}
    for place, node in enumerate(_visited(_body(tree))):
        for kind, replacement in _alternatives(node, names):
            changed = copy.deepcopy(tree)
            ast.fix_missing_locations(ast.copy_location(replacement, node))
            _replace(changed, _visited(_body(changed))[place], replacement)
            if (dump := ast.dump(changed)) not in seen:
                seen.add(dump)
                texts = _text(node), _text(replacement), _context(tree, node)
                yield Change(kind, node.lineno, node.col_offset, *texts, changed)


def _context(tree: Definition, node: ast.AST) -> str:
    """The expression or statement that a node is part of; of the whole rule, nothing.

    A call of one argument says little: ``len(shape)`` is named by what it is part of.
    """
    for parent in ast.walk(tree):
        if parent is not tree and any(child is node for child in ast.iter_child_nodes(parent)):
            alone = isinstance(parent, ast.Call) and parent.args == [node] and not parent.keywords
            return (_context(tree, parent) if alone else "") or _text(parent)
    return ""


def _body(tree: Definition) -> Sequence[ast.AST]:
    return tree.body if isinstance(tree, ast.FunctionDef) else [tree.body]


def _names(tree: Definition, inputs: int) -> _Names:
    given = [arg.arg for arg in (*tree.args.posonlyargs, *tree.args.args)]
    first, last = (1, 2 + inputs) if given[:2] == ["g", "out"] else (0, 2)
    settings = [*given[last:], *[arg.arg for arg in tree.args.kwonlyargs]]
    return _Names(
        given[0] if first else "",
        tuple(given[first:last]),
        tuple(name for name in settings if name not in _ENGINE),
    )


def _visited(body: Sequence[ast.AST]) -> list[ast.expr | ast.stmt]:
    """Expressions and statements in a fixed order, without docstrings and annotations.

    The form of an array is read off by its name, ``x.shape``: a wrong name there seldom is a
    wrong gradient, so that name is not visited; nor is the type in ``x.astype(type)``. A question
    about ``saved`` or ``needs`` chooses what is computed again or not at all: a wrong one costs
    time, and is no wrong gradient.
    """
    found: list[ast.expr | ast.stmt] = []
    for node in body:
        if isinstance(node, (ast.Compare, ast.BoolOp, ast.UnaryOp)) and _of_engine(node):
            continue
        if isinstance(node, (ast.expr, ast.stmt)) and not _is_text(node):
            found.append(node)
        if isinstance(node, ast.Attribute) and node.attr in _FORM:
            continue
        found += _visited(_below(node))
    return found


def _below(node: ast.AST) -> list[ast.AST]:
    """The children of a node that are visited."""
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "astype":
        return [node.func, *(node.args if node.keywords else node.args[:-1])]
    tests = [node.test] if isinstance(node, (ast.If, ast.IfExp)) else getattr(node, "ifs", [])
    asked = {id(test) for test in tests if _of_engine(test)}
    return [child for child in ast.iter_child_nodes(node) if id(child) not in asked]


def _of_engine(test: ast.AST) -> bool:
    """Whether a condition asks for what the engine kept or wants, not for numbers."""
    if isinstance(test, ast.UnaryOp) and not isinstance(test.op, ast.Not):
        return False
    names = {each.id for each in ast.walk(test) if isinstance(each, ast.Name)}
    return not names.isdisjoint(_ENGINE)


def _is_text(node: ast.AST) -> bool:
    value = node.value if isinstance(node, ast.Expr) else node
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _text(node: ast.AST) -> str:
    lines = ast.unparse(node).splitlines()
    return lines[0] if len(lines) == 1 else f"{lines[0]} ..."


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list) and any(each is old for each in value):
                setattr(parent, field, [new if each is old else each for each in value])


Alternatives = Iterator[tuple[str, ast.expr | ast.stmt]]


def _alternatives(node: ast.AST, names: _Names) -> Alternatives:
    """Yield what could stand in a node's place by mistake, and the name of the mistake."""
    node = copy.deepcopy(node)
    match node:
        case ast.BinOp():
            yield from _of_operation(node)
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield "sign dropped", operand
        case ast.Constant(value=value):
            yield from _of_constant(value)
        case ast.Compare(ops=[one]):
            for other in _OTHER_COMPARISONS[type(one)]:
                yield "comparison changed", ast.Compare(node.left, [other()], node.comparators)
        case ast.BoolOp(op=op, values=values):
            swapped = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield "and for or", ast.BoolOp(swapped, values)
            for k in range(len(values)):
                kept = [*values[:k], *values[k + 1 :]]
                yield "condition dropped", kept[0] if len(kept) == 1 else ast.BoolOp(op, kept)
        case ast.IfExp(test=test) | ast.If(test=test) if _of_engine(test):
            return
        case ast.IfExp(body=body, orelse=orelse):
            yield "branch always taken", body
            yield "branch never taken", orelse
        case ast.If(test=test, body=lines, orelse=others):
            for kind, constant in (("branch always taken", True), ("branch never taken", False)):
                yield kind, ast.If(ast.copy_location(ast.Constant(constant), test), lines, others)
        case ast.Call():
            yield from _of_call(node, names)
        case ast.Name(ctx=ast.Load()):
            yield from _of_name(node.id, names)
        case ast.Slice(lower=lower, upper=upper, step=step):
            for k, end in enumerate((lower, upper)):
                if end is not None:
                    ends = [_plus_one(end) if j == k else e for j, e in enumerate((lower, upper))]
                    yield "slice shifted", ast.Slice(ends[0], ends[1], step)
        case ast.AugAssign(target=target, op=op, value=value):
            yield "statement dropped", ast.Pass()
            if type(op) in _OTHER_OPERATOR:
                yield "operator changed", ast.AugAssign(target, _OTHER_OPERATOR[type(op)](), value)


def _of_operation(node: ast.BinOp) -> Alternatives:
    left, right, op = node.left, node.right, node.op
    if isinstance(op, (ast.Add, ast.Sub)):
        yield "term dropped", left
        yield "term dropped", ast.UnaryOp(ast.USub(), right) if isinstance(op, ast.Sub) else right
    else:
        yield "factor dropped", left
        yield "factor dropped", right
    if type(op) in _OTHER_OPERATOR:
        kind = "sign flipped" if isinstance(op, (ast.Add, ast.Sub)) else "operator changed"
        yield kind, ast.BinOp(left, _OTHER_OPERATOR[type(op)](), right)
    if isinstance(op, _ORDERED):
        yield "operands swapped", ast.BinOp(right, op, left)


def _of_constant(value: object) -> Alternatives:
    if isinstance(value, bool):
        yield "setting changed", ast.Constant(not value)
    elif isinstance(value, (int, float)):
        yield "constant changed", ast.Constant(value / 2 if value % 1 else value + 1)
        if isinstance(value, float) and value:
            yield "constant changed", ast.Constant(value * 1.001)


def _of_call(node: ast.Call, names: _Names) -> Alternatives:
    arguments = node.args
    called = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if called in _CONVERSIONS:
        return
    if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
        yield "call removed", node.func.value
    for k, argument in enumerate(arguments):
        if _is_value(argument, names):
            yield "call removed", argument
            if k + 1 < len(arguments) and _is_value(arguments[k + 1], names):
                swapped = [*arguments[:k], arguments[k + 1], argument, *arguments[k + 2 :]]
                yield "arguments swapped", ast.Call(node.func, swapped, node.keywords)
    if isinstance(node.func, ast.Name) and node.func.id == "slice":
        for k, end in enumerate(arguments):
            moved = [_plus_one(end) if j == k else e for j, e in enumerate(arguments)]
            yield "slice shifted", ast.Call(node.func, moved, [])
    for k in range(len(node.keywords)):
        kept = [*node.keywords[:k], *node.keywords[k + 1 :]]
        yield "setting dropped", ast.Call(node.func, arguments, kept)


def _is_value(node: ast.AST, names: _Names) -> bool:
    """Whether an argument may be an array, not a shape, an axis or the like."""
    if isinstance(node, ast.Name):
        return node.id not in names.settings
    form = isinstance(node, ast.Attribute) and node.attr in _FORM
    return not form and not isinstance(node, (ast.Starred, ast.GeneratorExp, ast.ListComp))


def _is_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in {"np", "math"}


def _of_name(name: str, names: _Names) -> Alternatives:
    if name == names.cotangent:
        zero = ast.BinOp(ast.Name(name, ast.Load()), ast.Mult(), ast.Constant(0.0))
        yield "ones for g", ast.BinOp(zero, ast.Add(), ast.Constant(1.0))
        twice = ast.Name(name, ast.Load()), ast.Mult(), ast.Name(name, ast.Load())
        yield "g used twice", ast.BinOp(*twice)
    elif name in names.settings:
        yield "setting changed", ast.Constant(None)
    elif name in names.swappable:
        for other in names.swappable:
            if other != name:
                yield f"{other} for {name}", ast.Name(other, ast.Load())


def _plus_one(node: ast.expr) -> ast.expr:
    return ast.BinOp(node, ast.Add(), ast.Constant(1))
