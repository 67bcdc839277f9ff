"""What every operation gets from its registration, and that its tests notice mistakes.

A new operation is tested unasked; it fails here until it says where to try it, has an independent
reference, and states what it promises at its kinks.
"""

from __future__ import annotations

import pytest

import tinygrad_edu as tg
from tests.ops.references import reference_of
from tinygrad_edu import ops
from tinygrad_edu.registry import registry
from tinygrad_edu.testing import check_op

LIBRARY = {name: op for name, op in registry.items() if "." not in name}
# Its rule runs the user's function again; tests/autodiff tries it on whole programs.
ELSEWHERE = {"checkpointed"}
TRIED = [name for name in LIBRARY if name not in ELSEWHERE]
DIFFERENTIABLE = [name for name in TRIED if LIBRARY[name].differentiable]


@pytest.mark.once
@pytest.mark.parametrize("name", [name for name in TRIED if name not in DIFFERENTIABLE])
def test_operation_without_a_derivative_keeps_its_promises(name: str) -> None:
    report = check_op(LIBRARY[name], reference=reference_of(name))
    assert report.verdict == "pass"


# A stage of CI. `tests/ops/test_everywhere.py` is what the default group has of these rules.
@pytest.mark.thorough
@pytest.mark.once
@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_operation_keeps_its_promises_and_its_tests_notice_every_mistake(name: str) -> None:
    report = check_op(LIBRARY[name], reference=reference_of(name))
    assert report.verdict == "pass"
    assert report.survivors == []
    assert report.killed


@pytest.mark.parametrize("name", TRIED)
def test_operation_says_where_to_try_it_and_has_a_reference(name: str) -> None:
    op = LIBRARY[name]
    assert op.domain or op.samples, "no operands to draw for the tests"
    assert not op.domain or len(op.domain) == op.arity
    assert reference_of(name) is not None, "no reference in tests/ops/references/"


@pytest.mark.parametrize("name", TRIED)
def test_every_kink_says_where_it_is_what_it_gives_and_why(name: str) -> None:
    op = LIBRARY[name]
    for kink in op.kinks:
        assert kink.where and kink.value and kink.because  # noqa: PT018
        assert len(kink.at) == len(kink.gives) == op.arity
        assert any(gradient is not None for gradient in kink.gives)


@pytest.mark.parametrize("name", [name for name in ops.__all__ if name in LIBRARY])
def test_public_operation_states_its_formula_and_shows_an_example(name: str) -> None:
    op = LIBRARY[name]
    assert ".. math::" in op.doc
    assert ">>>" in op.doc
    assert not op.differentiable or r"\bar" in op.formula, "the formula does not state the adjoint"


@pytest.mark.parametrize("name", [name for name in ops.__all__ if name not in LIBRARY])
def test_public_composition_states_its_formula(name: str) -> None:
    found = getattr(ops, name)
    assert ".. math::" in (found.__doc__ or "")
    assert found is getattr(tg, name)


@pytest.mark.parametrize("name", ops.linalg.__all__)
def test_every_name_in_linalg_states_its_formula_and_source_and_shows_an_example(name: str) -> None:
    found = getattr(tg.linalg, name)
    if isinstance(found, type):
        return  # a tuple of results
    for stated in (".. math::", ">>>", "Source: "):
        assert stated in (found.__doc__ or "")
    assert r"\bar" in found.__doc__ or not LIBRARY.get(name, LIBRARY["qr"]).differentiable


def test_operations_known_to_have_kinks_declare_them() -> None:
    known = ["relu", "abs", "max", "min", "maximum", "minimum", "std", "power", "sqrt", "log",
             "log2", "log10", "remainder"]  # fmt: skip
    assert [name for name in known if not LIBRARY[name].kinks] == []


@pytest.mark.parametrize("axis", ["x", 1.5, 9, (0, 1)])
def test_joining_along_what_is_no_axis_is_refused_in_our_words(axis: object) -> None:
    for join in (tg.concat, tg.stack):
        with pytest.raises(tg.errors.TinygradError):
            join([tg.Tensor([1.0]), tg.Tensor([2.0])], axis=axis)
