"""Wrong twins are made from the right place, are really wrong, and leave the library alone."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.registry import Operation, registry
from tinygrad_edu.testing.cases import Points
from tinygrad_edu.testing.equivalent import EQUIVALENT, proof_of
from tinygrad_edu.testing.mutants import mutants, twin
from tinygrad_edu.testing.mutations import changes
from tinygrad_edu.testing.operations import noticed_by
from tinygrad_edu.testing.rule_source import called_by, compiled, rebound, syntax_tree

RULED = [name for name, op in registry.items() if op.differentiable and "." not in name]


def rules_of(op: Operation) -> list[Callable[..., Any]]:
    return [rule for rule in ((op.joint,) if op.joint else op.rules) if rule is not None]


def tree_of(text: str) -> Any:
    return ast.parse(text, mode="eval").body


# ---------------------------------------------------------------- where the text is

# fmt: off
ON_ONE_LINE = (lambda x: x + 1, lambda x: x - 1, lambda x: x + 1)
NESTED = lambda x: (lambda y: y * x)  # noqa: E731
# fmt: on


def marked(function: Callable[..., Any]) -> Callable[..., Any]:
    return function


@marked
def decorated(x: float, *, by: float = 2.0) -> float:
    """With a docstring, which is no part of the rule."""
    return x * by


def test_of_several_lambdas_on_a_line_the_right_one_is_found() -> None:
    trees = [syntax_tree(f) for f in ON_ONE_LINE]
    assert [ast.unparse(tree.body) for tree in trees if tree] == ["x + 1", "x - 1", "x + 1"]
    if not sys._xoptions.get("no_debug_ranges"):
        columns = [tree.col_offset for tree in trees if tree]
        assert columns == sorted(set(columns)), "two alike are told apart by where they stand"


def test_a_lambda_in_a_lambda_is_told_from_the_outer_one() -> None:
    outer, inner = syntax_tree(NESTED), syntax_tree(NESTED(3))
    assert outer is not None
    assert inner is not None
    assert ast.unparse(inner) == "lambda y: y * x"
    assert compiled(inner, NESTED(3))(5) == 15


def test_a_decorated_function_is_found_and_keeps_its_defaults() -> None:
    tree = syntax_tree(decorated)
    assert isinstance(tree, ast.FunctionDef)
    assert compiled(tree, decorated)(3.0) == 6.0


@pytest.mark.parametrize("name", RULED)
def test_the_tree_of_every_rule_compiles_to_the_rules_own_bytecode(name: str) -> None:
    for rule in rules_of(registry[name]):
        for function in (rule, *[found for _, found in called_by(rule)]):
            tree = syntax_tree(function)
            assert tree is not None, function
            made = compiled(tree, function).__code__
            assert made.co_code == function.__code__.co_code
            assert made.co_names == function.__code__.co_names


def test_without_a_source_file_there_is_no_tree() -> None:
    made = compiled(tree_of("lambda g, out, x: g * 2"), lambda g, out, x: g)
    elsewhere = rebound(made, made.__code__.replace(co_filename="<nowhere>"))
    assert syntax_tree(elsewhere) is None
    assert syntax_tree(np.add) is None


def test_a_file_changed_since_it_was_imported_gives_no_tree() -> None:
    """Line and name agree, what is done does not: a mutant of other text would prove nothing."""
    code = decorated.__code__.replace(co_consts=(None, 99))
    assert syntax_tree(rebound(decorated, code)) is None


# ---------------------------------------------------------------- what is changed

EXPECTED: list[tuple[str, int, set[tuple[str, str]]]] = [
    ("lambda g, out, x: -g / x", 1, {
        ("sign dropped", "g"), ("factor dropped", "-g"), ("factor dropped", "x"),
        ("operator changed", "-g * x"), ("operands swapped", "x / -g"), ("g used twice", "g * g"),
        ("ones for g", "g * 0.0 + 1.0"), ("out for x", "out"),
    }),
    ("lambda g, out, x: g - out * 0.5", 1, {
        ("term dropped", "g"), ("term dropped", "-(out * 0.5)"), ("sign flipped", "g + out * 0.5"),
        ("operands swapped", "out * 0.5 - g"), ("factor dropped", "out"), ("factor dropped", "0.5"),
        ("operator changed", "out / 0.5"), ("x for out", "x"), ("constant changed", "0.25"),
        ("constant changed", "0.5005"), ("g used twice", "g * g"), ("ones for g", "g * 0.0 + 1.0"),
    }),
    ("lambda g, out, x: x < 0 and x >= g", 1, {
        ("comparison changed", "x <= 0"), ("comparison changed", "x > 0"),
        ("comparison changed", "x > g"), ("comparison changed", "x <= g"),
        ("and for or", "x < 0 or x >= g"), ("condition dropped", "x < 0"),
        ("condition dropped", "x >= g"), ("constant changed", "1"), ("out for x", "out"),
        ("g used twice", "g * g"), ("ones for g", "g * 0.0 + 1.0"),
    }),
    ("lambda g, out, x, axis: sum(x[1:], axis=axis, keepdims=True)", 1, {
        ("call removed", "x[1:]"), ("setting dropped", "sum(x[1:], keepdims=True)"),
        ("setting dropped", "sum(x[1:], axis=axis)"), ("setting changed", "None"),
        ("setting changed", "False"), ("slice shifted", "1 + 1:"), ("constant changed", "2"),
        ("out for x", "out"),
    }),
]  # fmt: skip


@pytest.mark.parametrize("text, inputs, expected", EXPECTED, ids=[row[0] for row in EXPECTED])
def test_all_changes_of_a_rule(text: str, inputs: int, expected: set[tuple[str, str]]) -> None:
    tree = tree_of(text)
    before = ast.dump(tree)
    found = list(changes(tree, inputs))
    assert {(change.kind, change.after) for change in found} == expected
    assert ast.dump(tree) == before, "the original tree was altered"
    assert len({ast.dump(change.tree) for change in found}) == len(found)


def test_the_form_of_an_array_is_not_taken_from_another() -> None:
    tree = tree_of("lambda g, out, x: g.reshape(x.shape)")
    assert "out.shape" not in {change.after for change in changes(tree, 1)}


# ---------------------------------------------------------------- twins


def test_a_twin_records_with_its_own_rule_and_the_original_keeps_its() -> None:
    wrong = twin(registry["exp"], (lambda g, out, x: g * 5.0,), None)
    assert tg.grad(wrong.call)(0.0) == 5.0
    assert tg.grad(tg.exp)(0.0) == 1.0
    assert registry["exp"].rules != wrong.rules
    assert wrong not in registry.values()


@pytest.mark.once
def test_a_twin_with_the_very_same_rules_is_not_noticed() -> None:
    for name in ("multiply", "std", "linear", "put"):
        op = registry[name]
        rules = tuple(rule and rebound(rule) for rule in op.rules)
        same = twin(op, rules, op.joint and rebound(op.joint))
        points = Points(op, np.random.default_rng(0))
        assert noticed_by(mutants(op)[0], points) is not None
        control = mutants(op)[0]
        assert noticed_by(type(control)("same", "", "", same), points) is None


def test_a_twin_that_overwrites_cannot_spoil_the_points_of_the_next() -> None:
    """The first harness shared writable points: after one such twin every other one failed."""
    op = registry["multiply"]
    points = Points(op, np.random.default_rng(0))
    before = [[x.copy() for x in (*case.inputs, case.cotangent)] for case in points.cases]
    for mutant in mutants(op):
        if mutant.name.endswith("overwritten"):
            assert noticed_by(mutant, points) is not None
    for case, old in zip(points.cases, before, strict=True):
        for x, y in zip((*case.inputs, case.cotangent), old, strict=True):
            np.testing.assert_array_equal(x, y)


def test_a_function_that_a_rule_calls_is_changed_too() -> None:
    found = {m.change.partition("   in ")[0] for m in mutants(registry["maximum"])}
    assert "0.5 -> 0.25" in found
    assert "x > y -> x >= y" in found
    x = tg.grad(lambda x: tg.maximum(x, 0.0))(0.0)
    assert x == 0.5, "the library's own function was replaced"


def test_without_text_the_answers_are_changed() -> None:
    op = registry["tanh"]
    nameless = rebound(op.rules[0], op.rules[0].__code__.replace(co_filename="<nowhere>"))
    names = {mutant.name for mutant in mutants(twin(op, (nameless,), None))}
    assert {"sign flipped", "twice", "a thousandth too large", "stale", "rolled"} <= names
    assert all(not mutant.change for mutant in mutants(twin(op, (nameless,), None)))


def test_where_two_rules_are_alike_one_for_the_other_is_no_mistake() -> None:
    assert not [m for m in mutants(registry["add"]) if m.name.startswith("the gradient of")]
    assert [m for m in mutants(registry["multiply"]) if m.name.startswith("the gradient of")]


# ---------------------------------------------------------------- changes that are none


@pytest.mark.thorough
@pytest.mark.once
def test_every_proof_is_of_a_change_that_exists() -> None:
    found = [mutant for name in RULED for mutant in mutants(registry[name])]
    for entry in EQUIVALENT:
        assert any(entry.matches(mutant) for mutant in found), entry
        assert len(entry.because) > 20


@pytest.mark.parametrize("name", ["relu", "maximum", "astype"])
def test_what_is_proved_to_be_no_mistake_is_not_noticed(name: str) -> None:
    _proofs_hold(name)


@pytest.mark.thorough
@pytest.mark.parametrize("name", RULED)
def test_no_proof_covers_a_mistake(name: str) -> None:
    _proofs_hold(name)


def _proofs_hold(name: str) -> None:
    op = registry[name]
    if op.domain or op.samples:
        points = Points(op, np.random.default_rng(0))
        proved = [mutant for mutant in mutants(op) if proof_of(mutant)]
        assert [str(mutant) for mutant in proved if noticed_by(mutant, points)] == []
