"""What there is to know of each operation, as data (floor 4)."""

from __future__ import annotations

import difflib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from types import FunctionType
from typing import Any

import numpy as np

from .. import ops, special
from ..domain import Kink, Real
from ..errors import ArgumentError
from ..registry import Operation, registry
from ..structure import flatten
from .adjoint import Adjoint, adjoints_of
from .composition import operations_in

__all__ = ["Entry", "entries", "entry_of", "inner_entries", "is_public"]


@dataclass(frozen=True)
class Entry:
    """One public operation.

    Attributes
    ----------
    name : str
        Its public name.
    family : str
        The part of ``tinygrad_edu.ops`` that it stands in.
    file : str
        Where its source is.
    signature : str
        The parameters, without types.
    summary : str
        The first sentence of its docstring.
    formula : str
        Value and adjoint in LaTeX, from its docstring.
    source : str
        Where the formula comes from.
    aliases : tuple of str
        Other names for the same.
    listed : str
        Of another name, the one under which the operation is listed; else empty.
    op : Operation or None
        Its registration; ``None`` of a composition.
    parts : tuple of str
        The operations that a composition is made of.
    behind : tuple of str
        Of a private operation, those that are made of it or whose rules call it.
    differentiable : bool
        Whether a gradient passes.
    domain : tuple of str
        Where it is tried.
    kinks : tuple of Kink
        What it promises where it has no derivative.
    keeps : tuple of str
        What its rules read: ``"out"``, names of inputs, ``"saved"``.
    memory : str
        What that costs.
    traits : tuple of str
        How it treats shapes and memory.
    """

    name: str
    family: str
    file: str
    signature: str
    summary: str
    formula: str
    source: str
    aliases: tuple[str, ...] = ()
    listed: str = ""
    op: Operation | None = field(default=None, repr=False)
    parts: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    differentiable: bool = False
    domain: tuple[str, ...] = ()
    kinks: tuple[Kink, ...] = ()
    keeps: tuple[str, ...] = ()
    memory: str = ""
    traits: tuple[str, ...] = ()

    @property
    def adjoints(self) -> tuple[Adjoint, ...]:
        """Its rules as mathematics."""
        return adjoints_of(self.op) if self.op is not None else ()


def entries() -> list[Entry]:
    """Return every public operation of the library, family by family.

    Examples
    --------
    >>> [entry.name for entry in entries() if entry.family == "products"][:1]
    ['matmul']
    """
    named: dict[Any, list[tuple[str, str]]] = {}
    for family, name, function in _public():
        named.setdefault(function, []).append((family, name))
    return [
        _described(function, own, *dict.fromkeys([name for _, name in others if name != own[1]]))
        for function, (own, *others) in named.items()
    ]


def inner_entries() -> list[Entry]:
    """Return the private operations that the public ones are made of.

    Examples
    --------
    >>> [entry.behind for entry in inner_entries() if entry.name == "largest"]
    [('max_pool1d', 'max_pool2d')]
    """
    users: dict[str, dict[str, None]] = {}
    listed = entries()
    for entry in listed:
        for part in entry.parts:
            users.setdefault(part, {})[entry.name] = None
    for op in registry.values():
        for rule in (op.joint, *op.rules):
            for part in operations_in(rule) if isinstance(rule, FunctionType) else ():
                users.setdefault(part, {})[op.name] = None
    public = {entry.op for entry in listed}
    return [
        replace(entry_of(op), behind=tuple(users.get(op.name, ())))
        for op in registry.values()
        if op not in public and str(op.call.__module__).startswith(ops.__name__)
    ]


def entry_of(name: str | Operation | Callable[..., Any]) -> Entry:
    """Return one operation: by its name, a private one of the registry too, or a user's own.

    Raises
    ------
    ArgumentError
        For a name that nobody has, with the nearest ones.

    Examples
    --------
    >>> entry_of("tanh").keeps
    ('out',)
    """
    op = name if isinstance(name, Operation) else getattr(name, "op", None)
    if isinstance(op, Operation):
        return _described(op.call, (_family(op.call), op.name))
    public = {each: function for _, each, function in _public()}
    full = next((each for each in (name, f"linalg.{name}") if each in public), None)
    if full is not None:
        others = [each for each in public if public[each] is public[full] and each != full]
        found = _described(public[full], (_family(public[full]), str(full)), *others)
        first = next(each for each in public if public[each] is public[full])
        return replace(found, listed="" if first == full else first)
    if name in registry:
        return entry_of(registry[str(name)])
    near = difflib.get_close_matches(str(name), {**public, **registry}, n=3)
    verb = "are" if len(near) > 1 else "is"
    hint = f"; the nearest {verb} {', '.join(near)}" if near else ""
    raise ArgumentError(f"no operation is called {name!r:.60}{hint}", fix="entry_of('tanh')")


def is_public(op: Operation) -> bool:
    """Return whether an operation of the library is one of its public functions."""
    return any(getattr(function, "op", None) is op for _, _, function in _public())


def _public() -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """Family, name and function of everything public that computes.

    What has a name at the top is an operation of that name; a second one in a room is an alias.
    """
    rooms = [("", module) for module in vars(ops)["families"]]
    rooms += [("linalg.", module) for module in vars(ops.linalg)["families"]]
    for room, module in [*rooms, ("special.", special)]:
        family = room.rstrip(".") or module.__name__.rpartition(".")[2]
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isfunction(value):
                yield family, room + name, value


def _family(function: Callable[..., Any]) -> str:
    """The file or folder of ``ops``; of a user's operation its module."""
    module = str(function.__module__)  # a user's may have none
    return (module.partition(".ops.")[2] or module.rpartition(".")[2]).partition(".")[0]


def _described(function: Any, own: tuple[str, str], *aliases: str) -> Entry:
    family, name = own
    doc = inspect.getdoc(function) or ""
    op: Operation | None = getattr(function, "op", None)
    parts = () if op else tuple(operations_in(function))
    facts: dict[str, Any] = {}
    if op is not None:
        keeps = _keeps(op)
        facts = {
            "domain": _domain(op),
            "kinks": op.kinks,
            "keeps": keeps,
            "memory": _memory(op, keeps),
            "traits": tuple(_traits(op)),
        }
    return Entry(
        name=name,
        family=family,
        file=str(function.__module__).replace(".", "/") + ".py",
        signature=f"{name}{_bare(function)}",
        summary=_said(doc.partition("\n\n")[0]),
        formula=_formula(doc),
        source=source_in(doc) or _source_of_module(function),
        aliases=aliases,
        op=op,
        parts=parts,
        differentiable=op.differentiable if op else _passes(function, parts, doc),
        **facts,
    )


def _bare(function: Callable[..., Any]) -> str:
    """The signature without annotations."""
    found = inspect.signature(function)
    plain = [p.replace(annotation=p.empty) for p in found.parameters.values()]
    return str(found.replace(parameters=plain, return_annotation=found.empty))


def _said(text: str) -> str:
    return " ".join(text.split()).replace("``", "`")


def _formula(doc: str) -> str:
    return " ".join(doc.partition(".. math::")[2].strip().split("\n\n")[0].split())


def _passes(function: Callable[..., Any], parts: tuple[str, ...], doc: str) -> bool:
    """Whether a gradient passes a composition: it takes arrays, and nothing says otherwise."""
    says_no = re.search(r"no derivative|without a derivative", doc.partition("\n\n")[0])
    types = [str(p.annotation) for p in inspect.signature(function).parameters.values()]
    takes = r"\bar" in _formula(doc) or any("Operand" in each for each in types)
    smooth = any(registry[part].differentiable for part in parts)
    return not says_no and takes and (smooth if parts else r"\bar" in _formula(doc))


def source_in(doc: str) -> str:
    """Return what stands behind ``Source:`` or ``References:`` in a docstring, or nothing."""
    found = re.search(r"(?:Source|References|Reference):\s+(.*?)(?:\n\n|\Z)", doc, flags=re.S)
    return _said(found[1]).removesuffix(".") if found else ""


def _source_of_module(function: FunctionType) -> str:
    module = sys.modules.get(str(function.__module__))
    return source_in((inspect.getdoc(module) if module else "") or "")


def _keeps(op: Operation) -> tuple[str, ...]:
    positions = range(len(op.rules) or 1) if op.differentiable else ()
    read = {name for k in positions for name in op.reads(k)}
    order = ["out", *op.inputs, "saved"]
    return tuple([name for name in order if name in read])


def _memory(op: Operation, keeps: tuple[str, ...]) -> str:
    if not op.differentiable:
        return ""
    if not keeps:
        return "nothing; backward asks for shapes at most"
    whole = ["the value"] if "out" in keeps else []
    whole += ["its inputs"] if set(keeps) & set(op.inputs) else []
    said = [f"{' and '.join(whole)}, no copy"] if whole else []
    if "saved" in keeps and not (op.domain or op.samples):
        said.append("what its forward saves")
    elif "saved" in keeps:
        inputs, settings = _draws(op, 1)[0]
        with np.errstate(all="ignore"):
            saved = op.forward(*inputs, **{**op.defaults, **settings})[1]
        shapes = [np.shape(part) for part in flatten(saved)[0] if isinstance(part, np.ndarray)]
        given = ", ".join([str(np.shape(x)) for x in inputs])
        said.append(f"saved for it {_listed(shapes)} where the inputs are {given}")
    return "; ".join(said)


def _listed(shapes: list[tuple[int, ...]]) -> str:
    return ", ".join(map(str, shapes)) or "no array"


def _traits(op: Operation) -> Iterator[str]:
    one_by_one = isinstance(op.forward, np.ufunc) and op.forward.signature is None
    if one_by_one:
        yield "element by element"
    if op.broadcasts and (op.arity > 1 or not one_by_one):
        yield "inputs broadcast"
    if op.view:
        yield "a view: shares memory with its input"
    if op.saves:
        yield "fused: its forward saves values for its rule"
    if op.variadic:
        yield "any number of inputs"


def _domain(op: Operation) -> tuple[str, ...]:
    intervals = zip(op.inputs, op.domain, strict=False)
    said = [", ".join([f"{name} {_interval(real)}" for name, real in intervals])]
    drawn = [_form(op, *draw) for draw in _draws(op, 8)] if op.samples is not None else []
    return tuple([each for each in (*said, *list(dict.fromkeys(drawn))[:2]) if each])


def _interval(real: Real) -> str:
    left, right = "(" if real.open_left else "[", ")" if real.open_right else "]"
    without = f" without {', '.join(f'{x:g}' for x in real.exclude)}" if real.exclude else ""
    return f"in {left}{real.low:g}, {real.high:g}{right}{without}"


Draw = tuple[tuple[Any, ...], dict[str, Any]]


def _draws(op: Operation, count: int) -> list[Draw]:
    rng = np.random.default_rng(0)
    if op.samples is None:
        return [(tuple([real.sample((2, 3), rng) for real in op.domain]), {})]
    return [op.samples(rng) for _ in range(count)]


def _form(op: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> str:
    """One draw in words: the shapes of the inputs, and the settings."""
    names = [op.inputs[min(k, op.arity - 1)] for k in range(len(inputs))]
    shapes = [f"{name} {np.shape(x)}" for name, x in zip(names, inputs, strict=True)]
    values = [f"{name}={_short(value)}" for name, value in settings.items()]
    return ", ".join([*shapes, *values])


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 40 else text[:37] + "..."
