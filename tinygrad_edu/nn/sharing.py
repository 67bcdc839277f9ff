"""Weights that several paths lead to: who shares, and a note where it looks like an accident."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from weakref import WeakSet

from ..autodiff.tensor import Parameter
from .note import note
from .tree import Tree, walk

__all__ = ["note_repeats", "shared_paths"]


def shared_paths(model: Tree) -> tuple[tuple[str, ...], ...]:
    """Return groups of paths that lead to one module with parameters, or to one parameter.

    What lies below a shared module is not listed again.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> encoder = nn.Linear(2, 2)
    >>> shared_paths(nn.Sequential(encoder, nn.Tanh(), encoder))
    (('0', '2'),)
    """
    groups: dict[int, list[str]] = {}
    kinds: dict[int, Any] = {}
    for path, part in walk(model, repeats=True):
        groups.setdefault(id(part), []).append(path)
        kinds[id(part)] = part
    several = {
        key: paths for key, paths in groups.items() if len(paths) > 1 and _weighs(kinds[key])
    }
    every = {path for paths in several.values() for path in paths}
    return tuple(
        [
            tuple(paths)
            for paths in several.values()
            if not all(_below_one_of(path, every) for path in paths)
        ]
    )


def _weighs(part: Any) -> bool:
    return isinstance(part, Parameter) or (isinstance(part, Tree) and bool(_parameters(part)))


def _parameters(part: Tree) -> list[Parameter]:
    return [p for _, p in part.named_parameters()]


def _below_one_of(path: str, shared: set[str]) -> bool:
    names = path.split(".")
    return any(".".join(names[:k]) in shared for k in range(1, len(names)))


# Modules whose lists were looked at; they may go.
_looked_at: WeakSet[Any] = WeakSet()


def note_repeats(model: Tree) -> None:
    """Say, at the first call for a model, that a list in it has one layer several times in a row.

    ``[layer] * 3`` gives that. A layer that comes back later, or as another attribute, is shared
    on purpose, and nothing is said.
    """
    if model in _looked_at:
        return
    _looked_at.add(model)
    for path, module in model.named_modules():
        for name, row in _rows(module):
            same = [a for a, b in pairwise(row) if a is b and isinstance(a, Tree)]
            if same and (held := _parameters(same[0])):
                kind, count = type(same[0]).__name__, sum(part is same[0] for part in row)
                place = ".".join(filter(None, (path, name))) or type(module).__name__
                note(
                    f"{count} layers of {place} are one {kind}: its {sum(p.size for p in held)} "
                    "parameters are shared, and counted once. For layers of their own, write "
                    f"[{kind}(...) for _ in range({count})], not [layer] * {count}."
                )


def _rows(module: Tree) -> Iterator[tuple[str, list[Any]]]:
    """Lists among the attributes, and the numbered attributes of a container."""
    held = vars(module)
    yield "", [part for name, part in held.items() if name.isdigit()]
    yield from [
        (name, list(part)) for name, part in held.items() if isinstance(part, (list, tuple))
    ]
