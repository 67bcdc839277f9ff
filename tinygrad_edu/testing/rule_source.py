"""The syntax tree of a rule, and a rule compiled from a changed one.

A rule is most often a lambda inside a decorator's call, one of several on a line, of which
``inspect.getsource`` returns a fragment that does not parse. So the whole file is parsed, and the
node is the one that compiles to the function's own bytecode at the function's own place. Nothing
is executed: the code object is taken out of the compiled module's constants.
"""

from __future__ import annotations

import ast
import copy
import linecache
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from types import CellType, CodeType, FunctionType
from typing import Any, TypeAlias

__all__ = ["called_by", "compiled", "rebound", "syntax_tree"]

Definition: TypeAlias = ast.Lambda | ast.FunctionDef


def syntax_tree(function: Callable[..., Any]) -> Definition | None:
    """Return the tree of a Python function, or ``None`` where there is no source to read.

    Parameters
    ----------
    function : callable
        A lambda or a function made by ``def``, wherever it stands; its file must be unchanged.

    Examples
    --------
    >>> from tinygrad_edu.registry import registry
    >>> ast.unparse(syntax_tree(registry["multiply"].rules[1]))
    'lambda g, out, x1, x2: g * x1'
    """
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return None
    found = [
        (node, made)
        for node in _definitions(_text(code))
        if _first_line(node) == code.co_firstlineno
        and _fingerprint(made := _code_of(node, code)) == _fingerprint(code)
    ]
    # Of rules alike on one line either would do for the compiler, but a report names the column.
    placed = [node for node, made in found if _column(made) == _column(code)]
    chosen = placed or [node for node, _ in found]
    return chosen[0] if chosen else None


def _text(code: CodeType) -> str:
    return "".join(linecache.getlines(code.co_filename))


@lru_cache(maxsize=64)
def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return ast.Module([], [])


@lru_cache(maxsize=64)
def _definitions(text: str) -> tuple[Definition, ...]:
    nodes = ast.walk(_parsed(text))
    return tuple(node for node in nodes if isinstance(node, (ast.Lambda, ast.FunctionDef)))


def _first_line(node: Definition) -> int:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return min([node.lineno, *[each.lineno for each in decorators]])


def _fingerprint(code: CodeType) -> tuple[Any, ...]:
    """All that makes a function do what it does, nested functions included; not where it stands."""
    inner = tuple(
        _fingerprint(each) if isinstance(each, CodeType) else (type(each), repr(each))
        for each in code.co_consts
    )
    return (code.co_code, inner, code.co_names, code.co_varnames, code.co_freevars, code.co_name)


def _column(code: CodeType) -> tuple[int, int]:
    """Where the body starts; (0, 0) where Python was told to keep no columns."""
    places = [(line, column) for line, _, column, _ in code.co_positions() if line and column]
    return min(places, default=(0, 0))


def _code_of(node: Definition, like: CodeType) -> CodeType:
    """Compile one definition inside a function that owns the variables it closes over.

    The file's imports stand before it, since Python calls ``np.sum`` by other instructions than a
    method; they are compiled, never executed.
    """
    bare = copy.copy(node)
    bare.args = copy.copy(node.args)
    bare.args.defaults = [_NOTHING for _ in node.args.defaults]
    bare.args.kw_defaults = [default and _NOTHING for default in node.args.kw_defaults]
    if isinstance(bare, ast.FunctionDef):
        bare.decorator_list = []
    body: ast.stmt = bare if isinstance(bare, ast.FunctionDef) else ast.Expr(bare)
    owned = [ast.arg(name) for name in like.co_freevars]
    shell = ast.FunctionDef("_shell", ast.arguments([], owned, None, [], [], None, []), [body], [])
    shell.type_params = []  # type: ignore[attr-defined]  # asked for since Python 3.12
    imports = [
        line for line in _parsed(_text(like)).body if isinstance(line, (ast.Import, ast.ImportFrom))
    ]
    module = ast.Module([*imports, ast.fix_missing_locations(ast.copy_location(shell, node))], [])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # of a changed tree: it is wrong on purpose
        made = compile(module, like.co_filename, "exec", dont_inherit=True)
    return _named(_named(made, "_shell"), getattr(node, "name", "<lambda>"))


_NOTHING = ast.Constant(None, lineno=1, col_offset=0, end_lineno=1, end_col_offset=0)


def _named(code: CodeType, name: str) -> CodeType:
    return next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)


def compiled(
    tree: Definition, original: Callable[..., Any], namespace: dict[str, Any] | None = None
) -> Callable[..., Any]:
    """Return the function that a changed tree describes, in the original's own surroundings.

    Parameters
    ----------
    tree : ast.Lambda or ast.FunctionDef
        The changed tree, with the original's parameters.
    original : callable
        Lends its globals, closure, defaults and name.
    namespace : dict, optional
        Globals to use instead.

    Examples
    --------
    >>> rule = lambda g, out, x: g * x
    >>> tree = ast.parse("lambda g, out, x: g + x", mode="eval").body
    >>> compiled(tree, rule)(2.0, None, 5.0)
    7.0
    """
    return rebound(original, _code_of(tree, _plain(original).__code__), namespace)


def rebound(
    original: Callable[..., Any],
    code: CodeType | None = None,
    namespace: dict[str, Any] | None = None,
) -> Callable[..., Any]:
    """Return a copy of a function with other code, or other globals, or both.

    Examples
    --------
    >>> rebound(lambda x: x + shift, namespace={"shift": 10})(1)
    11
    """
    source = _plain(original)
    code = source.__code__ if code is None else code
    cells = dict(zip(source.__code__.co_freevars, source.__closure__ or (), strict=True))
    closure = tuple(cells.get(name, CellType()) for name in code.co_freevars)
    names = source.__globals__ if namespace is None else namespace
    made = FunctionType(code, names, source.__name__, source.__defaults__, closure)
    made.__kwdefaults__ = source.__kwdefaults__
    return made


def _plain(function: Callable[..., Any]) -> FunctionType:
    if not isinstance(function, FunctionType):
        raise TypeError(f"{function!r} is not a Python function")
    return function


def called_by(function: Callable[..., Any]) -> Iterator[tuple[str, FunctionType]]:
    """Yield the plain functions of its own module that a function calls, however deep.

    Operations are left out: they have rules of their own. A rule that hands its work to a private
    function is changed there.
    """
    if not isinstance(function, FunctionType):
        return
    seen, stack = set(), [function]
    while stack:
        code = stack.pop().__code__
        for name in code.co_names:
            found = function.__globals__.get(name)
            if not isinstance(found, FunctionType) or name in seen or hasattr(found, "op"):
                continue
            if found.__globals__ is function.__globals__:
                seen.add(name)
                stack.append(found)
                yield name, found
