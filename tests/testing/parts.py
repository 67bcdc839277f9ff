"""Switching off one part of the gradient checker, by name or inside a function."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from typing import Any

import pytest

from tinygrad_edu.testing.rule_source import compiled, syntax_tree

Off = Callable[[pytest.MonkeyPatch], None]


def put(owner: Any, name: str, new: Any) -> Off:
    """Put something else in the place of a function, a method or a constant."""
    return lambda patch: patch.setattr(owner, name, new)


def change(owner: Any, name: str, old: str, new: str, also: Any = None) -> Off:
    """Replace an expression inside a function, wherever it stands in it.

    Parameters
    ----------
    old, new : str
        Expressions. It is an error if ``old`` is not there: the test then tests nothing.
    also : module, optional
        Another place that imported the function by name.
    """

    def off(patch: pytest.MonkeyPatch) -> None:
        function = owner.__dict__[name]
        swap = _Swap(old, new)
        tree = syntax_tree(function)
        assert tree is not None
        changed = ast.fix_missing_locations(swap.visit(copy.deepcopy(tree)))
        assert swap.count, f"{name} has no {old!r} any more: what takes its place?"
        made = compiled(changed, function)
        for place in (owner, also):
            if place is not None:
                patch.setattr(place, name, made)

    return off


class _Swap(ast.NodeTransformer):
    def __init__(self, old: str, new: str) -> None:
        self.old = ast.unparse(ast.parse(old, mode="eval").body)
        self.new = ast.parse(new, mode="eval").body
        self.count = 0

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.expr) and ast.unparse(node) == self.old:
            self.count += 1
            return ast.copy_location(copy.deepcopy(self.new), node)
        return self.generic_visit(node)
