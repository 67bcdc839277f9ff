"""The formulary in plain text, for a terminal (floor 4)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from ..domain import Kink
from .entry import Entry

__all__ = ["counts", "listing", "peers", "text_of"]

WIDTH = 78
MARGIN = 11


def counts(entries: Sequence[Entry]) -> str:
    """Say how many operations there are.

    Examples
    --------
    >>> from tinygrad_edu.formulary import entry_of
    >>> counts([entry_of("exp"), entry_of("equal")])
    '2 operations, 1 of them differentiable'
    """
    smooth = sum(entry.differentiable for entry in entries)
    return f"{len(entries)} operations, {smooth} of them differentiable"


def listing(entries: Sequence[Entry]) -> str:
    """Return the names, family by family, and how many there are.

    An asterisk marks those that no gradient passes, as its first line says.

    Examples
    --------
    >>> from tinygrad_edu.formulary import entry_of
    >>> print(listing([entry_of("exp"), entry_of("log"), entry_of("equal")]))
    * no gradient passes
    <BLANKLINE>
    exponential  exp log
    comparison   equal*
    <BLANKLINE>
    3 operations, 2 of them differentiable (the others: *)
    """
    width = max([len(entry.family) for entry in entries], default=0) + 2
    lines = ["* no gradient passes", ""]
    for family, members in groupby(entries, key=lambda entry: entry.family):
        names = " ".join([each.name + ("" if each.differentiable else "*") for each in members])
        indent = " " * width
        lines += textwrap.wrap(names, WIDTH, initial_indent=family.ljust(width),
                               subsequent_indent=indent)  # fmt: skip
    return "\n".join([*lines, "", f"{counts(entries)} (the others: *)"])


def text_of(entry: Entry) -> str:
    """Return all there is to know of one operation.

    Examples
    --------
    >>> from tinygrad_edu.formulary import entry_of
    >>> print(text_of(entry_of("exp")))  # doctest: +ELLIPSIS
    exp(x, /)
    Exponential, element by element.
    <BLANKLINE>
    formula    z = e^x, \\qquad \\bar x = \\bar z\\, z
    adjoint    x̄ = z̄ · z
    rule       lambda g, out, x: g * out
    tried      x in [-3, 3]
    kinks      none
    keeps      out: the value, no copy
    ...
    """
    rows: list[tuple[str, Iterable[str]]] = [("formula", [entry.formula])]
    if entry.parts:
        rows.append(("made of", [", ".join(entry.parts)]))
    for adjoint in entry.adjoints:
        rows.append(("adjoint", adjoint.plain))
        rows.append(("rule", adjoint.source.splitlines()))
        said = [f"{name}: {what}" for name, what in adjoint.helpers]
        rows.append(("where", [line for each in said for line in each.splitlines()]))
    if entry.op is not None:
        rows.append(("tried", entry.domain))
    if entry.differentiable and entry.op is not None:
        kinks = [line for kink in entry.kinks for line in _kink(kink)]
        rows.append(("kinks", kinks or ["none"]))
        named = f"{', '.join(entry.keeps)}: " if entry.keeps else ""
        rows.append(("keeps", [named + entry.memory]))
    if not entry.differentiable:
        rows.append(("gradient", ["none passes"]))
    rows += [
        ("shapes", [", ".join(entry.traits)] if entry.traits else []),
        ("also", [_also(entry)] if entry.aliases else []),
        ("source", [entry.source] if entry.source else []),
        ("file", [entry.file] if _of_library(entry) else []),
        ("tested", _tested(entry)),
    ]
    lines = [entry.signature, *textwrap.wrap(entry.summary, WIDTH), ""]
    for title, parts in rows:
        for line in parts:
            lines.append(f"{title:<{MARGIN}}{line}".rstrip())
            title = ""
    return "\n".join(lines)


def _also(entry: Entry) -> str:
    others = [name for name in entry.aliases if name != entry.listed]
    first = f"another name of {entry.listed}" if entry.listed else ""
    return "; ".join([each for each in (first, ", ".join(others)) if each])


def _of_library(entry: Entry) -> bool:
    package = __name__.partition(".")[0]
    return entry.file.startswith(package + "/")


def _tested(entry: Entry) -> list[str]:
    if entry.op is None or not _of_library(entry):
        return []
    return [f"against `{entry.op.name}` in tests/ops/references"]


def _kink(kink: Kink) -> list[str]:
    others = [f"{name} {peers(kink.gives, gives)}" for name, gives in _others(kink)]
    seen = f" ({', '.join(others)})" if others else ""
    return [f"{kink.where}: {kink.value}{seen}", f"  {kink.because}"]


def _others(kink: Kink) -> list[tuple[str, Any]]:
    pairs = [("torch", kink.torch), ("jax", kink.jax)]
    return [(name, gives) for name, gives in pairs if gives is not None]


def peers(ours: tuple[Any, ...], theirs: tuple[Any, ...] | None) -> str:
    """Say what another library gives: the same, or its numbers.

    Examples
    --------
    >>> peers((0.0,), (1.0,)), peers((0.0, None), (0.0, 3.0)), peers((0.0,), None)
    ('1', 'the same', 'no such operation')
    """
    if theirs is None:
        return "no such operation"
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if a is not None and b is not None]
    if all(_figures(a) == _figures(b) for a, b in pairs):
        return "the same"
    return "; ".join([_figures(b) for _, b in pairs])


def _figures(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_figures, value))}]"
    return f"{value + 0.0:.4g}"  # minus zero as zero
