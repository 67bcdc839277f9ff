"""Reading code: where an operation was called, and which arguments a rule loads (floor 0).

A site is two pointers, a code object and an instruction offset, so that taking one costs about a
microsecond; line, columns and text are looked up only when someone reads them (PEP 657).
"""

from __future__ import annotations

import ast
import dis
import inspect
import linecache
import sys
import weakref
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import islice
from os.path import basename, dirname, join
from types import CodeType, FrameType
from typing import Any, NamedTuple

__all__ = ["Origin", "Site", "here", "loaded", "outside", "severed"]

_PACKAGE = join(dirname(__file__), "")
_SERIES = join(_PACKAGE, "series", "")  # where an installed package has the lessons: users' code


class Site:
    """One place in the user's source.

    Examples
    --------
    >>> site = here()
    >>> site is None or site.line > 0
    True
    """

    __slots__ = ("code", "offset")

    def __init__(self, code: CodeType, offset: int) -> None:
        self.code = code
        self.offset = offset

    @property
    def span(self) -> tuple[int, int, int | None, int | None]:
        """First line, last line, first column, end column; columns are in UTF-8 bytes."""
        positions = islice(self.code.co_positions(), self.offset // 2, None)
        line, last, start, end = next(positions, (None, None, None, None))
        line = line or self.code.co_firstlineno
        return line, last or line, start, end

    @property
    def filename(self) -> str:
        """The file as Python knows it; ``<stdin>`` and the like where there is none."""
        return self.code.co_filename

    @property
    def line(self) -> int:
        """The line number, from 1."""
        return self.span[0]

    @property
    def text(self) -> str:
        """The source line without its indentation, or ``""`` where no source is at hand."""
        return linecache.getline(self.filename, self.line).strip()

    @property
    def expression(self) -> str:
        """The exact sub-expression, or ``""`` without source or columns."""
        first, last, start, end = self.span
        if start is None or end is None:
            return ""
        lines = [linecache.getline(self.filename, n).encode() for n in range(first, last + 1)]
        lines[-1] = lines[-1][:end]
        lines[0] = lines[0][start:]
        return b"".join(lines).decode(errors="replace")

    @property
    def operands(self) -> tuple[str, ...]:
        """How the user wrote the operands of this operation, as far as one can tell."""
        names = [ast.unparse(part) for part in _parts(self.expression)]
        return tuple([name if len(name) <= 32 else name[:29] + "..." for name in names])

    @property
    def terms(self) -> tuple[str, ...]:
        """The operands in full, with parentheses where a larger expression needs them."""
        return tuple([_term(part) for part in _parts(self.expression)])

    @property
    def function(self) -> str:
        """The name of the function or method that is called here, or ``""``."""
        try:
            node = ast.parse(self.expression.strip(), mode="eval").body
        except SyntaxError:
            return ""
        called = getattr(node, "func", None)
        return str(getattr(called, "attr", getattr(called, "id", "")))

    @property
    def statement(self) -> str:
        """The whole line where it is one simple statement, else ``""``."""
        try:
            body = ast.parse(self.text).body
        except SyntaxError:
            return ""
        simple = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)
        return self.text if len(body) == 1 and isinstance(body[0], simple) else ""

    @property
    def assigned(self) -> str:
        """What this line assigns, as an expression: ``x + 1`` of ``x += 1``; or ``""``."""
        try:
            (node,) = ast.parse(self.text).body
        except (SyntaxError, ValueError):
            return ""
        if isinstance(node, ast.AugAssign):
            return f"{ast.unparse(node.target)} {_SYMBOLS[type(node.op)]} {_term(node.value)}"
        return ast.unparse(node.value) if isinstance(node, ast.Assign) else ""

    @property
    def condition(self) -> str:
        """The expression whose truth was asked, or ``""`` where it is more than one value."""
        try:
            (statement,) = ast.parse(self.expression.strip()).body
        except (SyntaxError, ValueError):
            return ""
        node = getattr(statement, "test", getattr(statement, "value", None))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node = node.operand
        single = isinstance(node, ast.Compare) and len(node.ops) == 1
        value = isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp))
        return ast.unparse(node) if node is not None and (single or value) else ""

    @property
    def subscript(self) -> tuple[str, str] | None:
        """The base and the key of an expression ``base[key]``."""
        try:
            node = ast.parse(self.expression.strip(), mode="eval").body
        except SyntaxError:
            return None
        if not isinstance(node, ast.Subscript):
            return None
        bare = ast.Subscript(ast.Name("_"), node.slice)  # `0, 1:` is no expression of its own
        return ast.unparse(node.value), ast.unparse(bare)[2:-1]

    def lines(self) -> list[str]:
        """``file:line``, the source line, and a caret line under the sub-expression."""
        where = f"at {basename(self.filename)}:{self.line}"
        raw = linecache.getline(self.filename, self.line).rstrip()
        if not raw.strip():
            return [where]
        text = raw.lstrip()
        first, last, start, end = self.span
        shown = [f"{where}    {text}"]
        if start is not None and end is not None:
            before = len(raw.encode()[:start].decode(errors="replace"))
            until = len(raw) if last != first else len(raw.encode()[:end].decode(errors="replace"))
            margin = len(where) + 4 + before - (len(raw) - len(text))
            shown.append(" " * margin + "^" * max(until - before, 1))
        return shown

    def __repr__(self) -> str:
        return f"<Site {basename(self.filename)}:{self.line}>"


@lru_cache(maxsize=512)
def _parts(expression: str) -> tuple[ast.expr, ...]:
    try:
        node = ast.parse(expression.strip()).body[0]
    except (SyntaxError, ValueError, IndexError):
        return ()
    parts: list[ast.expr] = []
    if isinstance(node, ast.AugAssign):
        parts = [node.target, node.value]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.BinOp):
        parts = [node.value.left, node.value.right]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Compare):
        parts = [node.value.left, *node.value.comparators]
    elif isinstance(node, ast.Expr) and isinstance(node.value, (ast.Subscript, ast.Attribute)):
        parts = [node.value.value]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.UnaryOp):
        parts = [node.value.operand]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        parts = list(node.value.args)
        if any(isinstance(part, ast.Starred) for part in parts):
            return ()  # how many operands it stands for is not written
        func = node.value.func
        if isinstance(func, ast.Attribute) and not _is_module(func.value):
            parts.insert(0, func.value)
    return tuple(parts)


def _term(node: ast.expr) -> str:
    text = ast.unparse(node)
    open_ended = (ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda, ast.UnaryOp)
    return f"({text})" if isinstance(node, open_ended) else text


_SYMBOLS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**",
    ast.FloorDiv: "//", ast.Mod: "%", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
_MODULES = frozenset({"np", "numpy", "math", "tg", "tinygrad_edu", "linalg", "nn", "F"})


def _is_module(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):  # np.linalg
        node = node.value
    return isinstance(node, ast.Name) and node.id in _MODULES


class Origin(NamedTuple):
    """Where a row was made or, with ``sources``, what kept a value from becoming a row.

    ``sources`` are weak links to what went in, so that an explanation keeps no memory alive; what
    was made of constants alone was not cut and has none. ``before`` are the cuts of the constants
    that went in, and ``form`` is shape and type of the value, for when it is gone. ``marks``, in
    anomaly mode, tell whether the numbers that the row's rule reads have changed.
    """

    site: Site | None
    module: str = ""
    reason: str = ""
    sources: tuple[weakref.ref[Any], ...] = ()
    marks: Any = None
    form: tuple[tuple[int, ...], Any] = ((), float)
    before: tuple[Any, ...] = ()


_REMEMBERED = 16


def severed(
    value: Any, inputs: Sequence[Any], reason: str, site: Site | None, module: str
) -> Origin:
    """Return the origin of a value that is no row, so that the gap can be explained.

    Parameters
    ----------
    value : Tensor
        The constant in the making.
    inputs : sequence of Tensor
        What it was computed from. If none is tracked, nothing was cut here; what cut the
        constants among them goes along either way, for they may be gone when someone asks. In a
        loop those pile up, so the newest are kept.
    reason : str
        What kept it from becoming a row.
    site, module
        Where.
    """
    tracked = True in [x._tracked for x in inputs]
    links = tuple([weakref.ref(x) for x in inputs]) if tracked else ()
    own = Origin(site, module, reason, links, None, (value._data.shape, value._data.dtype))
    if tracked and site is None:  # evaluating, and nobody watches: its own cut says enough
        return own
    others = [x._origin for x in inputs if x._origin is not None and not x._tracked]
    cuts = {id(cut): cut for other in others for cut in other.before or (other,) if cut.sources}
    if not cuts:
        return own
    before = (*cuts.values(), own) if tracked else tuple(cuts.values())
    return own._replace(before=before[-_REMEMBERED:])


def here() -> Site | None:
    """Return the innermost place outside this package on the current stack.

    Returns
    -------
    Site or None
        ``None`` when every frame belongs to the package, as in the main job.
    """
    frame = outside(sys._getframe(1))
    return None if frame is None else Site(frame.f_code, frame.f_lasti)


def outside(frame: FrameType | None) -> FrameType | None:
    """Return the innermost frame, from this one outwards, that does not belong to this package."""
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith(_PACKAGE) or name.startswith(_SERIES):
            break
        frame = frame.f_back
    return frame


def loaded(function: Callable[..., Any]) -> set[str]:
    """Return the names of the parameters whose values a function's code loads.

    A parameter that is only asked for its shape, size, axes or type is not loaded. Without a code
    object to read, every parameter counts.

    Examples
    --------
    >>> sorted(loaded(lambda g, out, x, y: g * y + x.shape[0]))
    ['g', 'y']
    """
    code = getattr(function, "__code__", None)
    if code is None:
        return set(inspect.signature(function).parameters)
    steps = list(dis.get_instructions(code))
    found: set[str] = set()
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        if step.opname.startswith(("LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE")):
            names = step.argval if isinstance(step.argval, tuple) else (step.argval,)
            form = after is not None and after.opname == "LOAD_ATTR" and after.argval in _FORM
            found.update(names[:-1] if form else names)
    return found


_FORM = frozenset({"shape", "ndim", "size", "dtype"})
