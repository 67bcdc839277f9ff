"""What ``check_op`` prints: the mistake first, with numbers that can be computed by hand."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.testing.test_operations import made
from tinygrad_edu.testing import check_gradients, check_op

pytestmark = pytest.mark.once  # what no version of Python changes

ANY: Any = None  # so that wrong types may be given


def said(op: Any) -> str:
    return str(check_op(op, raises=False))


def test_the_diagnosis_stands_under_the_first_line() -> None:
    first, second, *_ = said(made(lambda g, out, x: -3.0 * g * x * x)).splitlines()
    assert first == "cube: fail; 11 of 13 claims hold, mistakes not tried"
    assert second == "  looks like: the wrong sign"


def test_the_numbers_of_a_failing_claim_can_be_computed_by_hand() -> None:
    report = said(made(lambda g, out, x: g * x * x))
    found, expected, g, x = map(
        float,
        re.search(r": (\S+), expected (\S+), for g = (\S+), x = (\S+)", report).groups(),  # type: ignore[union-attr]
    )
    assert found == pytest.approx(g * x * x, rel=1e-8)
    assert expected == pytest.approx(3.0 * g * x * x, rel=1e-8)


def test_the_operation_is_called_by_its_name() -> None:
    report = said(made(lambda g, out, x: g * x))
    assert "gradient of `cube`" in report
    assert "lambda" not in report


def swapped() -> Any:
    rules = (lambda g, out, x, y: g * x, lambda g, out, x, y: g * y)
    return made_of_two(rules, lambda x, y: x * y)


def made_of_two(rule: Any, forward: Callable[..., Any], **facts: Any) -> Any:
    facts = {"domain": (tg.Real(), tg.Real()), "broadcasts": True, **facts}
    return tg.operation(rule=rule, **facts)(forward)


def test_of_single_numbers_the_gradient_of_the_other_input_is_no_factor() -> None:
    report = check_gradients(swapped(), 2.0, 3.0, raises=False)
    assert report.diagnosis is not None
    assert report.diagnosis.startswith("the gradient of input")


def test_a_single_number_has_a_factor_only_if_another_has_the_same() -> None:
    wrong = made(lambda g, out, x: g * x)  # x / 3 times what it should be
    right = made(lambda g, out, x: g * x * x)
    assert check_gradients(wrong, 2.0, raises=False).diagnosis is None
    assert "0.333333" in str(check_gradients(right, 2.0, raises=False).diagnosis)


def test_a_missing_broadcast_is_noticed_where_samples_draw_equal_shapes() -> None:
    rules = (lambda g, out, x, y: g * y, lambda g, out, x, y: g * x)

    def equal(rng: np.random.Generator) -> Any:
        return (rng.normal(size=(2, 3)), rng.normal(size=(2, 3))), {}

    def times(x: Any, y: Any) -> Any:
        return x * y

    lost = check_op(
        made_of_two(rules, times, domain=None, samples=equal, broadcasts=None), raises=False
    )
    assert "broadcasts=True" in lost.failures["empty and single arrays work or are refused"]
    assert check_op(made_of_two(rules, times, domain=None, samples=equal)).verdict == "pass"


def test_an_error_is_broken_into_lines_without_carets() -> None:
    report = said(made(lambda g, out, x: (g * x).sum()))
    assert "^^^" not in report
    assert "            fix   tg.broadcast_to(g, x.shape)" in report.splitlines()


def test_a_domain_outside_the_function_says_where_it_has_no_value() -> None:
    ln = tg.operation(rule=lambda g, out, x: g / x, domain=tg.Real(-2.0, 2.0))(
        lambda x: np.log(x) * 1.0
    )
    assert re.match(r"<lambda>: fail; the value of `<lambda>` is nan at x = -\d", said(ln))


def test_a_rule_that_ignores_that_nothing_is_saved_is_told_so() -> None:
    ex = tg.operation(rule=lambda g, out, x, saved: (g * saved,), saves=True, domain=tg.Real())(
        lambda x: (np.exp(x), np.exp(x))
    )
    assert "fix   if saved is None: saved = ..." in said(ex)


def test_a_rule_for_single_numbers_gets_the_edit_for_arrays() -> None:
    scalar = made(lambda g, out, x: g * math.exp(x))
    assert "fix   tg.exp(x)" in said(scalar)
    branch = made(lambda g, out, x: g if x > 0 else 0 * g)
    assert "fix   tg.where(x > 0, ..., ...)" in said(branch)
    with pytest.raises(ValueError, match="ambiguous") as caught:
        tg.grad(lambda x: branch(x).sum())(np.ones(2))
    assert "tg.where(x > 0, ..., ...)" in caught.value.__notes__[0]
    with pytest.raises(TypeError) as other:
        scalar(tg.Tensor(np.ones(2), requires_grad=True)).sum().backward()
    assert "tg.exp(x)" in other.value.__notes__[0]


def test_a_kink_that_is_not_declared_has_its_place_and_the_keyword() -> None:
    bent = tg.operation(np.abs, rule=lambda g, out, x: g * tg.sign(x), domain=tg.Real())(
        lambda x: None
    )
    report = check_op(bent, raises=False, mutation=False)
    assert " x = 0 but declares no kink" in str(report)
    assert 'fix   kinks=tg.Kink("x = 0", "0"' in str(report)


def test_changes_that_alter_nothing_are_told_as_proved() -> None:
    report = check_op(tg.tanh)
    if report.equivalent:
        assert "nothing (proved)" in str(report)
    flat = tg.operation(domain=tg.Real())(lambda x: np.floor(x) * 1.0)
    assert str(check_op(flat)).endswith("claims hold, mistakes not tried")
