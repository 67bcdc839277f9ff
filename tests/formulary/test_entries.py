"""What the formulary says of an operation follows from its registration, for a user's too."""

from __future__ import annotations

import inspect
import re
from operator import attrgetter
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import formulary, ops
from tinygrad_edu.formulary.entry import source_in
from tinygrad_edu.formulary.text import peers
from tinygrad_edu.registry import registry

pytestmark = pytest.mark.once

KINK = tg.Kink("x = 0", "0", "a choice", at=(0.0,), gives=(0.0,), torch=(0.0,), jax=(float("nan"),))


@tg.operation(
    rule=lambda g, out, x, scale: g * scale * (x > 0),
    samples=lambda rng: ((rng.normal(size=(2, 3)),), {"scale": 2.0}),
    kinks=KINK,
)
def ramp(x: Any, /, *, scale: float = 1.0) -> Any:
    r"""Scaled ``relu``, for a test.

    .. math:: z = s \max(x, 0), \qquad \bar x = \bar z s [x > 0]

    Source: a book.
    """
    return np.maximum(x, 0.0) * scale


def test_an_operation_of_the_user_is_described_like_the_librarys_own() -> None:
    text = formulary.text_of(formulary.entry_of(ramp))
    assert (
        text
        == r"""ramp(x, /, *, scale=1.0)
Scaled `relu`, for a test.

formula    z = s \max(x, 0), \qquad \bar x = \bar z s [x > 0]
adjoint    x̄ = z̄ · scale · [x > 0]
rule       lambda g, out, x, scale: g * scale * (x > 0)
tried      x (2, 3), scale=2.0
kinks      x = 0: 0 (torch the same, jax nan)
             a choice
keeps      x: its inputs, no copy
source     a book"""
    )


def test_a_composition_names_its_operations_and_says_that_a_gradient_passes() -> None:
    entry = formulary.entry_of("stack")
    assert entry.parts == ("expand_dims", "concat")
    assert entry.differentiable
    assert "made of    expand_dims, concat" in formulary.text_of(entry)


def test_what_no_gradient_passes_says_so() -> None:
    entry = formulary.entry_of("argmax")
    assert not entry.differentiable
    assert "none passes" in formulary.text_of(entry)
    assert "keeps" not in formulary.text_of(entry)


@pytest.mark.parametrize(
    "name, keeps, words",
    [
        ("add", (), "nothing; backward asks for shapes at most"),
        ("exp", ("out",), "the value, no copy"),
        ("multiply", ("x1", "x2"), "its inputs, no copy"),
        ("divide", ("out", "x2"), "the value and its inputs, no copy"),
    ],
)
def test_what_backward_keeps_is_what_the_rules_read(
    name: str, keeps: tuple[str, ...], words: str
) -> None:
    entry = formulary.entry_of(name)
    assert (entry.keeps, entry.memory) == (keeps, words)


def test_saved_values_are_listed_with_their_shapes() -> None:
    entry = formulary.entry_of("softmax_cross_entropy")
    assert "saved" in entry.keeps
    assert "saved for it (" in entry.memory


def test_shapes_views_and_broadcasting_are_said() -> None:
    assert "inputs broadcast" in formulary.entry_of("add").traits
    assert "element by element" in formulary.entry_of("add").traits
    assert "element by element" not in formulary.entry_of("matmul").traits
    assert "a view: shares memory with its input" in formulary.entry_of("reshape").traits


def test_intervals_are_written_with_their_ends_and_holes() -> None:
    @tg.operation(domain=tg.Real(0.0, 2.0, open_left=True, exclude=(1.0,)))
    def somewhere(x: Any) -> Any:
        return x

    assert formulary.entry_of(somewhere).domain == ("x in (0, 2] without 1",)


def test_an_operation_without_a_module_is_described_too() -> None:
    @tg.operation(rule=lambda g, out, x: g, domain=tg.Real())
    def homeless(x: Any) -> Any:
        """The same."""
        return x

    homeless.__module__ = None
    assert formulary.text_of(formulary.entry_of(homeless)).startswith("homeless(x)\nThe same.")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(tg.errors.ArgumentError, match=r"'tanhh'; the nearest .* tanh"):
        formulary.entry_of("tanhh")


def test_a_private_operation_can_be_looked_up_although_it_is_not_listed() -> None:
    private = formulary.entry_of(registry["concat"])
    assert private.op is registry["concat"]
    assert private not in formulary.entries()


def test_an_alias_is_no_operation_of_its_own() -> None:
    for entry in formulary.entries():
        for alias in entry.aliases:
            assert attrgetter(alias)(tg) is attrgetter(entry.name)(tg)
    assert "special.expit" in formulary.entry_of("sigmoid").aliases
    assert formulary.entry_of("special.expit").op is formulary.entry_of("sigmoid").op


def test_every_public_function_of_the_operations_is_listed_once() -> None:
    listed = [name for entry in formulary.entries() for name in (entry.name, *entry.aliases)]
    functions = [
        room + name
        for room, module in (("", ops), ("linalg.", tg.linalg), ("special.", tg.special))
        for name in module.__all__
        if inspect.isfunction(getattr(module, name))
    ]
    assert sorted(listed) == sorted(functions)


@pytest.mark.parametrize(
    "doc, source",
    [
        ("One.\n\nSource: A 2000, section 1.2.\n\nMore.", "A 2000, section 1.2"),
        ("One. Source: A 2000,\nequation 3.", "A 2000, equation 3"),
        ("One.\n\nReferences: B 1999; C.", "B 1999; C"),
        ("One. Resource: no.", ""),
    ],
)
def test_the_source_is_what_stands_behind_its_word(doc: str, source: str) -> None:
    assert source_in(doc) == source


def test_gradients_of_other_libraries_are_compared_where_we_promise_one() -> None:
    assert peers(([0.0, 1.0], None), ([0.0, 1.0], [9.0, 9.0])) == "the same"
    assert peers((0.5, 0.5), (1.0, 0.0)) == "1; 0"
    assert peers((0.0,), (float("nan"),)) == "nan"
    assert peers((0.0,), (-0.0,)) == "the same"


def test_the_page_has_a_section_for_every_operation_and_a_row_for_every_kink() -> None:
    found = formulary.entries()
    page = formulary.page(found)
    assert page.count("\n### ") == len(found)
    assert sum(line.startswith("| [`") for line in page.splitlines()) == sum(
        len(entry.kinks) for entry in found
    )
    assert page.count("```math") * 2 <= page.count("```")
    assert page.count("```") % 2 == 0


def test_marks_of_alignment_stand_in_something_aligned() -> None:
    page = formulary.page(formulary.entries(), formulary.inner_entries())
    blocks = re.findall(r"^```math\n(.*?)^```$", page, flags=re.S | re.M)
    assert len(blocks) > 300
    assert [block for block in blocks if "&" in block and r"\begin{" not in block] == []


def test_no_cell_of_the_table_of_kinks_breaks_it() -> None:
    page = formulary.page(formulary.entries())
    rows = [line for line in page.splitlines() if line.startswith("| [`")]
    assert rows
    assert {row.replace("\\|", "").count("|") for row in rows} == {7}


def test_another_name_says_what_it_is_another_name_of() -> None:
    said = formulary.text_of(formulary.entry_of("arctan")).splitlines()
    assert "also       another name of atan" in said
    said = formulary.text_of(formulary.entry_of("atan")).splitlines()
    assert "also       arctan" in said


def test_a_rule_with_a_road_for_arrays_is_shown_by_that_road() -> None:
    (adjoint,) = formulary.entry_of("tanh").adjoints
    assert adjoint.plain == ("x̄ = z̄ − z̄ · z²",)


def test_the_list_explains_its_asterisk_before_the_first_name() -> None:
    assert formulary.listing([formulary.entry_of("equal")]).startswith("* no gradient passes\n")
