"""Choosing parts of a model: by a pattern of their paths, or by the kind of module.

A pattern is compared from the right, name by name, as ``pathlib`` compares file names: ``conv*``
fits ``conv1`` and ``features.conv1``, ``block*.weight`` fits ``blocks.weight``, and no ``*``
reaches across a dot.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from .. import errors
from ..autodiff.tensor import Parameter
from .tree import Tree, walk

__all__ = ["Match", "check_match", "fits", "nothing_matches", "parameters_in", "spelled_out"]

Match = str | type | tuple[type, ...]


def fits(path: str, part: Any, match: Match) -> bool:
    """Tell whether a pattern fits a path, or the part is of one of the kinds.

    Examples
    --------
    >>> fits("features.conv1", None, "conv*"), fits("conv1.weight", None, "conv*")
    (True, False)
    """
    if not isinstance(match, str):
        return isinstance(part, match)
    names, wanted = path.split("."), match.split(".")
    tail = names[-len(wanted) :]
    return len(tail) == len(wanted) and all(map(fnmatchcase, tail, wanted))


def spelled_out(path: str, match: Match) -> bool:
    """Tell whether a pattern names this very parameter, as ``*.weight`` does."""
    if not isinstance(match, str) or not fits(path, None, match):
        return False
    return path.rpartition(".")[2] == match.rpartition(".")[2]


def parameters_in(model: Tree, match: Match | None) -> list[tuple[str, Parameter]]:
    """Return path and parameter for what is chosen, or lies below a module or list that is.

    Parameters
    ----------
    model : Module
        Where to look. A shared parameter is found by any of its paths.
    match : str, class or tuple of classes, optional
        By default everything is chosen.

    Raises
    ------
    ArgumentError
        When it chooses no parameter.
    """
    named = list(model.named_parameters())
    if match is None:
        return named
    check_match(match)
    parts = [("", model), *walk(model, repeats=True)]
    if isinstance(match, str):
        hits = [part for path, part in parts if any(fits(p, part, match) for p in _leading(path))]
    else:
        hits = [part for path, part in parts if fits(path, part, match)]
    wanted = {id(p) for hit in hits for p in _parameters(hit)}
    found = [(path, parameter) for path, parameter in named if id(parameter) in wanted]
    if not found:
        choices = [path for path, part in parts if path and isinstance(part, (Tree, Parameter))]
        raise nothing_matches(match, choices, "no parameter")
    return found


def _leading(path: str) -> list[str]:
    """The path, and those of what it lies in, lists included."""
    names = path.split(".")
    return [".".join(names[: k + 1]) for k in range(len(names))]


def _parameters(part: Any) -> list[Parameter]:
    if isinstance(part, Parameter):
        return [part]
    return [p for _, p in part.named_parameters()] if isinstance(part, Tree) else []


def check_match(match: Any) -> None:
    """Refuse what is neither a pattern nor a kind of module."""
    kinds = match if isinstance(match, tuple) else (match,)
    if not isinstance(match, str) and not all(isinstance(kind, type) for kind in kinds):
        raise errors.ArgumentError(
            f"match is a pattern of paths or a class of modules, got {match!r:.60}",
            fix='match="conv*"   # or match=nn.Linear',
        )


def nothing_matches(match: Match, paths: list[str], what: str) -> Exception:
    """Say what there is instead, and what was perhaps meant."""
    shown = ", ".join(paths[:20]) + (", ..." if len(paths) > 20 else "")
    if not isinstance(match, str):
        kinds = match if isinstance(match, tuple) else (match,)
        said, near = " or ".join(kind.__name__ for kind in kinds), []
    else:
        said = repr(match)
        plain = re.sub(r"[*?\[\]!]", "", match)
        last = {path.rpartition(".")[2]: path for path in reversed(paths)}
        near = get_close_matches(plain, paths, 1) or [
            last[name] for name in get_close_matches(plain, list(last), 1, 0.5)
        ]
    return errors.ArgumentError(
        f"{what} matches {said}" + (f"; did you mean {near[0]!r}?" if near else ""),
        notes=(f"there are: {shown}" if paths else "the model has no parts",),
        why="a pattern is compared with the last names of a path, and `*` stops at a dot",
        fix=f"match={near[0]!r}" if near else 'match="*"   # everything',
    )
