"""Natural mistakes in an operation of one's own: refused where they are made, with the edit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.registry import registry

ANY: Any = None  # so that wrong types may be given


@pytest.fixture(autouse=True)
def registry_is_put_back() -> Iterator[None]:
    before = dict(registry)
    yield
    registry.clear()
    registry.update(before)


def refused(call: Callable[[], Any], what: str, fix: str, why: str = "") -> None:
    with pytest.raises(tg.errors.TinygradError) as caught:
        call()
    assert what in caught.value.what
    assert fix in (caught.value.fix or "")
    assert why in (caught.value.why or "")


def forgotten(g: Any, out: Any, x: Any) -> Any:
    2 * g * x


def squared(**facts: Any) -> Any:
    def sq(x: Any) -> Any:
        return x * x

    return tg.operation(**facts)(sq)


@pytest.mark.parametrize("order", [1, 2])
def test_a_rule_without_return_is_refused_with_its_place(order: int) -> None:
    sq = squared(rule=forgotten)
    transform: Any = tg.grad if order == 1 else tg.hessian
    line = forgotten.__code__.co_firstlineno
    refused(
        lambda: transform(sq)(3.0),
        "the rule of `sq` returned None",
        f"test_own_operations.py:{line}; or rule=None",
        "a rule answers with the gradient of its input",
    )


def test_a_rule_that_answers_with_numbers_has_a_second_derivative_of_zero() -> None:
    slope = squared(rule=lambda g, out, x: np.full(x.shape, 6.0))
    assert tg.hessian(slope)(3.0) == 0.0


def test_what_a_checkpointed_function_ignores_gets_zeros() -> None:
    x = tg.Tensor([1.0], requires_grad=True)
    y = tg.Tensor([1.0], requires_grad=True)
    tg.checkpoint(lambda x, y: x * 2)(x, y).sum().backward()
    assert (x.grad, y.grad) == (2.0, 0.0)


def test_one_rule_of_several_without_return_is_refused_and_none_in_its_place_is_not() -> None:
    def product(*rules: Any) -> Any:
        return tg.operation(rule=rules, broadcasts=True)(lambda x, y: x * y)

    def lost(g: Any, out: Any, x: Any, y: Any) -> None:
        return None

    right = lambda g, out, x, y: g * y  # noqa: E731
    x = tg.Tensor([2.0], requires_grad=True)
    y = tg.Tensor([5.0], requires_grad=True)
    refused(lambda: product(right, lost)(x, y).sum().backward(), "for input 1", "rule=(...)")
    product(right, None)(x, y).sum().backward()
    assert x.grad == 5.0
    assert y.grad is None


def test_a_joint_rule_may_leave_out_only_what_nobody_needs() -> None:
    def joint(g: Any, out: Any, x: Any, y: Any, needs: Any) -> Any:
        return g * y, (g * x if needs[0] else None)

    times = tg.operation(rule=joint)(lambda x, y: x * y)
    y = tg.Tensor([5.0], requires_grad=True)
    refused(lambda: times([2.0], y).sum().backward(), "returned None for input 1", "return ...")
    x = tg.Tensor([2.0], requires_grad=True)
    times(x, [5.0]).sum().backward()
    assert x.grad == 5.0


@pytest.mark.parametrize("x", [3.0, [1.0, 2.0], tg.Tensor([1.0, 2.0])], ids=["float", "list", "t"])
def test_a_forward_that_saves_nothing_is_refused_by_the_call(x: Any) -> None:
    ex = tg.operation(rule=lambda g, out, x, saved: (g * saved,), saves=True)(
        lambda x: np.exp(x) * 1.0
    )
    refused(lambda: ex(x), "saves, but its forward returned", "return value, saved")
    ex.op.samples = lambda rng: ((rng.random(2),), {})
    refused(lambda: tg.testing.check_op(ex), "saves, but its", "return value, saved")


@pytest.mark.parametrize("x", [3.0, [1.0, 2.0], np.ones(2), tg.Tensor([1.0, 2.0])])
@pytest.mark.parametrize("inputs", [1, 2])
def test_a_forward_without_return_is_refused_for_numbers_and_arrays(x: Any, inputs: int) -> None:
    def nothing(x: Any) -> Any:
        x * x

    if inputs == 2:
        rule = lambda g, out, x, y: g  # noqa: E731
        both = tg.operation(rule=(rule, rule))(lambda x, y: nothing(x))
        refused(lambda: both(x, x), "returned None, not an array", "return result")
    else:
        sq = tg.operation(rule=lambda g, out, x: g)(nothing)
        refused(lambda: sq(x), "returned None, not an array", "return result")


@pytest.mark.parametrize("x", [[1.0, 2.0], tg.Tensor([1.0, 2.0], requires_grad=True)])
def test_a_forward_with_two_results_is_refused(x: Any) -> None:
    minmax = tg.operation(rule=lambda g, out, x: g)(lambda x: (x.min(), x.max()))
    refused(lambda: minmax(x), "returned 2 values", "np.stack([a, b], axis=-1)", "one result")


def test_a_body_under_a_given_forward_is_refused() -> None:
    def doubled(x: Any) -> Any:
        """A docstring."""
        return np.arctan(x) * 2

    def nothing(x: Any) -> Any:
        """A docstring."""

    decorate = tg.operation(np.arctan, rule=lambda g, out, x: g / (1 + x * x))
    refused(lambda: decorate(doubled), "`doubled` has a body, and `arctan`", "without arctan")
    assert decorate(nothing)(1.0) == np.arctan(1.0)


def test_an_input_without_a_rule_that_has_a_slope_fails_the_check() -> None:
    half = tg.operation(
        rule=(None, lambda g, out, x, y: g * x), broadcasts=True, domain=(tg.Real(), tg.Real())
    )(lambda x, y: x * y)
    report = tg.testing.check_op(half, raises=False, mutation=False)
    said = report.failures["inputs without a rule have no slope"]
    assert "input 0 has no rule, and the slope at index (0, 0) is" in said
    words = said.split("is ")[1].replace(",", "").split()
    slope, g, y = float(words[0]), float(words[4]), float(words[10])
    assert slope == pytest.approx(g * y, rel=1e-6)


def test_a_forward_that_writes_into_its_input_is_told_first() -> None:
    def sq(x: Any) -> Any:
        x *= x
        return x

    op = tg.operation(rule=lambda g, out, x: 2 * g * x, domain=tg.Real())(sq)
    report = tg.testing.check_op(op, raises=False)
    assert str(report) == "sq: fail; the forward of `sq` writes into its input"
    refused(lambda: tg.testing.check_op(op), str(report), "x = x * x   # not x *= x")


def test_a_forward_that_only_knows_axes_is_named() -> None:
    op = tg.operation(rule=lambda g, out, x: 2 * g * x, domain=tg.Real())(
        lambda x: [v * v for v in x]
    )
    report = tg.testing.check_op(op, raises=False)
    assert "the forward of `<lambda>` raised TypeError for float64 ()" in str(report)


def rules_of(*rules: Any, **facts: Any) -> Callable[[], Any]:
    return lambda: tg.operation(rule=rules if len(rules) > 1 else rules[0], **facts)(
        lambda x, y=2.0: x * y
    )


def joint_of(rule: Any, **facts: Any) -> Callable[[], Any]:
    return lambda: tg.operation(rule=rule, **facts)(lambda x, y: x * y)


PROMISE = tg.Kink("x = 0", "0", "a middle", at=(0.0,), gives=(0.0,))
# What is done, what the message says, and what the edit says.
AT_THE_DECORATOR: dict[str, tuple[Callable[[], Any], str, str]] = {
    "saved misspelt": (
        lambda: squared(rule=lambda g, out, x, save: (g * save,), saves=True),
        "rule(g, out, x)", "lambda g, out, x, saved: ...   # did you mean saved?"),
    "needs misspelt": (
        joint_of(lambda g, out, x, y, need: (g, g)), "rule(g, out, x, y)", "mean needs?"),
    "a setting misspelt": (
        lambda: tg.operation(rule=lambda g, out, x, lamb: g)(lambda x, *, lam=1.0: x),
        "rule(g, out, x, lam)", "did you mean lam?"),
    "saved, and nothing is": (
        lambda: squared(rule=lambda g, out, x, saved: (g * saved,)), "'saved'", "saves=True"),
    "saved in a joint rule, and nothing is": (
        joint_of(lambda g, out, x, y, saved: (g, g)), "asks for `saved`", "saves=True"),
    "another order": (
        lambda: squared(rule=lambda g, x, out: 2 * g * x),
        "takes (g, x, out), and gets (g, out, x)", "lambda g, out, x: ..."),
    "inputs in another order": (
        joint_of(lambda g, out, y, x: (g, g)), "gets (g, out, x, y)", "lambda g, out, x, y"),
    "an input with a default": (
        rules_of(lambda g, out, x, y: g * y, lambda g, out, x, y: g * x),
        "has 1 input and 2 rules", "(x, y=2.0, /)"),
    "not called": (
        lambda: tg.operation(lambda x: x * x), "without being called", "@tg.operation(rule="),
    "rule in the place of the forward": (
        lambda: tg.operation(lambda g, out, x: 2 * g * x), "a rule in the place",
        "rule=lambda g, out, x: ..."),
    "rules=": (
        lambda: squared(rules=lambda g, out, x: 2 * g * x), "'rules'", "did you mean rule=?"),
    "an unknown keyword": (lambda: squared(colour=1), "'colour'", "rule="),
    "a number": (lambda: tg.operation(ANY or 3.0), "got float", "@tg.operation(rule="),
    "a decorated number": (lambda: tg.operation()(ANY or 3.0), "got float", "rule="),
    "two numbers as domain": (
        lambda: squared(domain=(-2.0, 2.0)), "(-2.0, 2.0) is no interval", "tg.Real(-2.0, 2.0)"),
    "a kink in words": (lambda: squared(kinks="x = 0"), "tg.Kink, got 'x = 0'", "kinks=tg.Kink("),
    "a kink without gives": (
        lambda: tg.Kink("x = 0", "0", "a middle", at=(0.0,)), "gives ()", "gives=(0.0,)"),
    "a kink by its point": (lambda: tg.Kink(ANY or 0.0, "0", "a"), "where is", "tg.Kink("),
}  # fmt: skip


@pytest.mark.parametrize("what", AT_THE_DECORATOR)
def test_it_is_refused_at_the_decorator_with_the_edit(what: str) -> None:
    act, says, edit = AT_THE_DECORATOR[what]
    refused(act, says, edit)


def test_an_input_with_a_default_is_called_a_setting() -> None:
    act = AT_THE_DECORATOR["an input with a default"][0]
    refused(act, "2 rules", "/", "y has a default, so it is a setting")


def test_a_kink_may_be_a_number_and_several_may_be_a_list() -> None:
    assert tg.Kink("x = 0", "0", "a middle", at=0.0, gives=0.0) == PROMISE
    op = squared(rule=lambda g, out, x: 2 * g * x, domain=tg.Real(), kinks=[PROMISE])
    assert op.op.kinks == (PROMISE,)
    assert tg.testing.check_op(op, mutation=False).verdict == "pass"


def test_a_forward_for_single_numbers_gets_the_edit_for_arrays() -> None:
    ex = tg.operation(rule=lambda g, out, x: g * out)(lambda x: math.exp(x) * 1.0)
    refused(lambda: ex([1.0, 2.0]), "`<lambda>`", "np.exp(x)")
    rel = tg.operation(rule=lambda g, out, x: g * (x > 0))(lambda x: x if x > 0 else 0.0)
    refused(lambda: rel(tg.Tensor([1.0, -2.0])), "truth value", "np.where(x > 0, ..., ...)")


def test_the_edit_for_an_axis_calls_the_users_own_operation() -> None:
    def total(x: Any, /, *, axis: int = -1) -> Any:
        return np.sum(x, axis=axis)

    op = tg.operation(rule=lambda g, out, x, axis: tg.expand_dims(g, axis) + 0 * x)(total)
    with pytest.raises(tg.errors.IndexingError) as caught:
        op(tg.Tensor([1.0, 2.0]), axis=3)
    assert (caught.value.fix or "").startswith(("total(", "op("))
