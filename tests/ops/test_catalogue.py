"""Everything public is registered or made of what is, documented, tried, and in the catalogue.

The page is generated: after a change of an operation, write it again with
``python -m tinygrad_edu ops --markdown examples/operations.md``.
"""

from __future__ import annotations

import inspect
from operator import attrgetter
from pathlib import Path

import pytest

import tinygrad_edu as tg
from tests.ops.test_generated import TRIED
from tinygrad_edu import formulary
from tinygrad_edu.formulary import Entry

pytestmark = pytest.mark.once

CHECKOUT = Path(__file__).parents[2]
ENTRIES = formulary.entries()
# They make arrays and compute nothing from any, or return what they are given.
MAKES = {
    "zeros", "ones", "empty", "zeros_like", "ones_like", "empty_like", "arange", "linspace", "eye",
    "from_dlpack", "real", "conj",
}  # fmt: skip


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_public_function_is_registered_or_made_of_operations(entry: Entry) -> None:
    assert entry.op is not None or entry.parts or entry.name in MAKES


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_operation_is_tried_to_the_second_order(entry: Entry) -> None:
    names = entry.parts if entry.op is None else (entry.op.name,)
    assert set(names) <= set(TRIED)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_operation_has_a_sentence_a_formula_an_example_and_a_source(entry: Entry) -> None:
    doc = inspect.getdoc(attrgetter(entry.name)(tg)) or ""
    assert entry.summary.endswith(".")
    assert entry.formula
    assert ">>> " in doc
    assert entry.source, "a line `Source: author year, section or equation.`"


def test_what_only_makes_arrays_is_not_excused_of_more() -> None:
    listed = {entry.name: entry for entry in ENTRIES}
    for name in MAKES & set(listed):
        assert listed[name].op is None
        assert not listed[name].parts


def test_the_page_of_operations_is_what_the_registry_gives() -> None:
    committed = (CHECKOUT / "examples" / "operations.md").read_text(encoding="utf-8")
    now = formulary.page(ENTRIES, formulary.inner_entries())
    assert committed == now, "python -m tinygrad_edu ops --markdown examples/operations.md"


def test_the_readme_states_how_many_operations_there_are() -> None:
    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert formulary.counts(ENTRIES) in " ".join(text.split())


def test_there_are_more_differentiable_operations_than_in_the_libraries_to_learn_from() -> None:
    """MyGrad has about 80; autograd 112 and 10 of linear algebra."""
    assert sum(entry.differentiable for entry in ENTRIES) > 160
