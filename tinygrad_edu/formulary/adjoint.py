"""The rule of an operation as mathematics, read from its own source (floor 4).

A lambda, or a function of a few assignments and a ``return``, becomes formulas; its small private
helpers are written out. What branches, loops or runs long stays the source that it is: prose about
code would be one more thing to keep true.
"""

from __future__ import annotations

import ast
import copy
import inspect
import linecache
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from ..registry import Operation
from ..testing.rule_source import Definition, called_by, syntax_tree
from .notation import Formula, Unreadable, bar, letter
from .reading import Reader, called

__all__ = ["Adjoint", "adjoints_of"]

LONGEST = 200  # characters of a formula
MOST = 6  # intermediate values
SMALL = 4  # nodes of an expression that is repeated rather than named


@dataclass(frozen=True)
class Adjoint:
    """The gradient that one rule gives.

    Attributes
    ----------
    inputs : tuple of str
        Whose cotangents they are.
    plain, latex : tuple of str
        The formulas, a line each: intermediate values, then the cotangents. Empty where the source
        says it better.
    source : str
        The rule as it stands in its file.
    helpers : tuple of (str, str)
        The private functions that the formulas or the source name: what each does, in the words
        of its docstring, or its source.
    """

    inputs: tuple[str, ...]
    plain: tuple[str, ...]
    latex: tuple[str, ...]
    source: str
    helpers: tuple[tuple[str, str], ...] = ()


def adjoints_of(op: Operation) -> tuple[Adjoint, ...]:
    """Return the rules of an operation as mathematics, one for each rule it has.

    Examples
    --------
    >>> from tinygrad_edu.registry import registry
    >>> for adjoint in adjoints_of(registry["divide"]):
    ...     print(*adjoint.plain)
    x̄₁ = z̄ / x₂
    x̄₂ = −z̄ · z / x₂
    """
    if op.joint is not None:
        return (_read(op, op.joint, op.inputs),)
    found: dict[Any, tuple[str, ...]] = {}
    for name, rule in zip(op.inputs, op.rules, strict=False):
        if rule is not None:
            found[rule] = (*found.get(rule, ()), name)
    return tuple([_read(op, rule, inputs) for rule, inputs in found.items()])


def _read(op: Operation, rule: Callable[..., Any], inputs: tuple[str, ...]) -> Adjoint:
    tree = syntax_tree(rule)
    if tree is None:
        return Adjoint(inputs, (), (), getattr(rule, "__name__", repr(rule)))
    source = _source(rule, tree)
    try:
        lines, mentioned = _formulas(op, rule, tree, inputs)
    except Unreadable:
        lines, mentioned = [], None
    plain = tuple([f"{left.plain} = {right.plain}" for left, right in lines])
    latex = tuple([f"{left.latex} &= {right.latex}" for left, right in lines])
    if any(len(line) > LONGEST for line in plain):
        plain, latex, mentioned = (), (), None
    return Adjoint(inputs, plain, latex, source, tuple(_helpers(rule, mentioned)))


def _source(function: Callable[..., Any], tree: Definition) -> str:
    """The text of a definition without the indentation of its surroundings."""
    lines = linecache.getlines(function.__code__.co_filename)
    text = ast.get_source_segment("".join(lines), tree) or ast.unparse(tree)
    head, newline, rest = text.partition("\n")
    return head + newline + textwrap.dedent(rest) if isinstance(tree, ast.Lambda) else text


def _helpers(rule: Callable[..., Any], mentioned: set[str] | None) -> Iterator[tuple[str, str]]:
    """The private functions that are named in what is shown, not the ones these call."""
    shown = set(rule.__code__.co_names) if mentioned is None else mentioned
    for name, helper in called_by(rule):
        if name in shown:
            said = (inspect.getdoc(helper) or "").partition("\n\n")[0]
            tree = None if said else syntax_tree(helper)
            yield name, " ".join(said.split()) or (_source(helper, tree) if tree else "")


Line = tuple[Formula, Formula]


def _formulas(
    op: Operation, rule: Callable[..., Any], tree: Definition, inputs: tuple[str, ...]
) -> tuple[list[Line], set[str]]:
    """The lines of a rule, and the names of the functions in them."""
    names = [each.arg for each in (*tree.args.posonlyargs, *tree.args.args)]
    if tree.args.vararg is not None or len(names) < 2:
        raise Unreadable("a rule of any number of inputs")
    written = dict(zip(names, ("g", "out", *op.inputs), strict=False))
    own = next(each for each in "zsvw" if each not in op.inputs)
    symbols = {
        name: bar(own) if ours == "g" else letter(own if ours == "out" else ours)
        for name, ours in written.items()
    }
    reader = Reader(symbols, rule.__globals__)
    steps, answer = _straight(tree)
    inline = _Inlined(rule.__globals__, reader)
    lines: list[Line] = []
    for name, value in steps:
        lines.append((letter(name), reader.read(inline.visit(value))))
    answers = [answer] if op.joint is None else _parts(answer, len(inputs))
    shared = op.joint is None and len(inputs) > 1
    for k, value in enumerate(answers):
        if not (isinstance(value, ast.Constant) and value.value is None):
            right = reader.read(inline.visit(value))
            left = [bar(name) for name in (inputs if shared else inputs[k : k + 1])]
            lines += [(each, right) for each in left]
    return lines, inline.left


def _parts(answer: ast.expr, count: int) -> list[ast.expr]:
    """The cotangents of a joint rule, which may be cut to the inputs that were given."""
    if isinstance(answer, ast.Subscript) and isinstance(answer.slice, ast.Slice):
        answer = answer.value
    if isinstance(answer, (ast.Tuple, ast.List)) and len(answer.elts) == count:
        return list(answer.elts)
    raise Unreadable("not a tuple with a cotangent for each input")


def _straight(tree: Definition) -> tuple[list[tuple[str, ast.expr]], ast.expr]:
    """The named intermediate values of a function without branches, and what it returns."""
    if isinstance(tree, ast.Lambda):
        return [], _simplified(tree.body, {})
    parameters = {each.arg for each in (*tree.args.posonlyargs, *tree.args.args)}
    body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    known: dict[str, ast.expr] = {}
    steps: list[tuple[str, ast.expr]] = []
    for position, statement in enumerate(body[:-1]):
        rest = body[position + 1 :]
        # All before any: `a, b = b, a` reads the old values.
        for name, value in [(n, _simplified(v, known)) for n, v in _assigned(statement)]:
            uses = sum(_uses(each, name) for each in rest)
            changes = name in parameters or any(name in _targets(each) for each in rest)
            if changes or uses < 2 or _small(value) or isinstance(value, ast.Tuple):
                known[name] = value
            elif name in dict(steps):
                raise Unreadable("a name with two meanings")
            else:
                known.pop(name, None)
                steps.append((name, value))
    last = body[-1] if body else None
    if not isinstance(last, ast.Return) or last.value is None or len(steps) > MOST:
        raise Unreadable("not a few assignments and a return")
    return steps, _simplified(last.value, known)


def _assigned(statement: ast.stmt) -> list[tuple[str, ast.expr]]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return [(name, value)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            return [(name, value)]
        case ast.AugAssign(target=ast.Name(id=name), op=operator, value=value):
            return [(name, ast.BinOp(ast.Name(name), operator, value))]
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value) if all(
            isinstance(target, ast.Name) for target in targets
        ):
            parts = _taken_apart(value, len(targets))
            return [(ast.unparse(t), part) for t, part in zip(targets, parts, strict=True)]
    raise Unreadable(type(statement).__name__)


def _taken_apart(value: ast.expr, count: int) -> list[ast.expr]:
    match value:
        case ast.Tuple(elts=parts) if len(parts) == count:
            return parts
        case ast.IfExp(test=test, body=ast.Tuple() as body, orelse=ast.Tuple() as orelse):
            pairs = zip(body.elts, orelse.elts, strict=True)
            return [ast.IfExp(test, first, second) for first, second in pairs]
    return [ast.Subscript(value, ast.Constant(k)) for k in range(count)]


def _targets(statement: ast.stmt) -> set[str]:
    """The names that a statement gives a value."""
    names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}


def _uses(tree: ast.AST, name: str) -> int:
    return sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree))


def _small(value: ast.expr) -> bool:
    return sum(isinstance(node, ast.expr) for node in ast.walk(value)) < SMALL


def _simplified(value: ast.expr, known: dict[str, ast.expr]) -> ast.expr:
    return _Simplified(known).visit(copy.deepcopy(value))  # type: ignore[no-any-return]


class _Simplified(ast.NodeTransformer):
    """Values for names, and without the questions that only save work.

    Which inputs want a gradient and whether the forward's values are still at hand: neither
    changes the value.
    """

    def __init__(self, known: dict[str, ast.expr]) -> None:
        self._known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self._known.get(node.id, node))

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        match node:
            case ast.IfExp(
                test=ast.Subscript(value=ast.Name(id="needs")), orelse=ast.Constant(value=None)
            ):
                return self.visit(node.body)
            case ast.IfExp(
                test=ast.Call(func=ast.Name(id="isinstance"), args=[_, ast.Name(id="Tensor")])
            ):
                return self.visit(node.orelse)  # arrays and Tensors take two roads to one value
            case ast.IfExp(test=ast.Compare(left=ast.Name(id="saved"), ops=[ast.Is()])):
                return self.visit(node.body)
            case ast.IfExp(test=ast.Compare(left=ast.Name(id="saved"), ops=[ast.IsNot()])):
                return self.visit(node.orelse)
            case ast.IfExp(test=ast.Compare(left=ast.Subscript(value=ast.Name(id="needs")))):
                return self.visit(node.body)
        return self.generic_visit(node)


class _Inlined(ast.NodeTransformer):
    """Writes out calls of private helpers that are a formula themselves; notes the others."""

    def __init__(self, names: dict[str, Any], reader: Reader, depth: int = 3) -> None:
        self._names, self._reader, self._depth = names, reader, depth
        self.left: set[str] = set()

    def visit_Call(self, node: ast.Call) -> Any:
        node = self.generic_visit(node)  # type: ignore[assignment]
        name, arguments = called(node, self._names)
        helper = self._names.get(name) if isinstance(node.func, ast.Name) else None
        if not isinstance(helper, FunctionType) or hasattr(helper, "op"):
            return node
        try:
            return self._written_out(helper, arguments, node.keywords)
        except Unreadable:
            self.left.add(name)
            return node

    def _written_out(
        self, helper: FunctionType, arguments: list[ast.expr], keywords: list[ast.keyword]
    ) -> ast.expr:
        tree = syntax_tree(helper)
        if tree is None or self._depth == 0 or not helper.__name__.startswith("_"):
            raise Unreadable(helper.__name__)
        try:
            given = inspect.signature(helper).bind(
                *arguments, **{str(each.arg): each.value for each in keywords}
            )
        except TypeError:
            raise Unreadable(helper.__name__) from None
        steps, answer = _straight(tree)
        if steps or not all(isinstance(each, ast.expr) for each in given.arguments.values()):
            raise Unreadable(helper.__name__)
        inner = _Inlined(helper.__globals__, self._reader, self._depth - 1)
        body: ast.expr = inner.visit(_simplified(answer, given.arguments))
        self._reader.read(body)
        self.left |= inner.left
        return body
