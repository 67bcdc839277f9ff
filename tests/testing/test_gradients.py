"""check_gradients: functions of Tensors and modules, nested outputs, integers, orders 1 to 4."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.errors import (
    ArgumentError,
    DTypeError,
    GradientMismatch,
    GradientUnresolved,
    TinygradError,
)
from tinygrad_edu.registry import registry
from tinygrad_edu.testing import Report, check_gradients

pytestmark = pytest.mark.once  # what no version of Python changes

Array = np.ndarray[Any, Any]
X = [0.5, -1.0, 0.8]


def mistaken(fn: Any, *xs: Any, **options: Any) -> Report:
    report = check_gradients(fn, *xs, raises=False, **options)
    assert report.verdict == "fail"
    return report


# ---------------------------------------------------------------- functions


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_a_right_function_passes_at_every_order(order: int) -> None:
    report = check_gradients(lambda x: tg.tanh(x) * x, X, order=order)
    assert (report.verdict, report.order) == ("pass", order)
    assert report.compared > 0


@pytest.fixture
def own_operations() -> Iterator[None]:
    """Take out of the registry what a test put in."""
    before = set(registry)
    yield
    for name in set(registry) - before:
        del registry[name]


def exponential(right: int) -> Any:
    """An exponential whose gradient is right as often as asked, and then stops."""
    if right == 0:
        return lambda x: tg.exp(x.detach() if isinstance(x, tg.Tensor) else x)

    def power(x: Any, /) -> Any:
        """Exponential."""
        return np.exp(x)

    power.__name__ = f"exponential_{right}"
    return tg.operation(rule=lambda g, out, x: g * exponential(right - 1)(x))(power)


@pytest.mark.usefixtures("own_operations")
@pytest.mark.parametrize("right", [0, 1, 2, 3])
def test_a_mistake_that_shows_at_one_order_is_found_there(right: int) -> None:
    report = mistaken(exponential(right), X, order=4)
    assert report.order == right + 1
    if right:
        assert f"order {right + 1}" in str(report)
        assert check_gradients(exponential(right), X, order=right).verdict == "pass"


def test_a_value_that_was_detached_is_a_missing_path() -> None:
    report = mistaken(lambda x: x * x.detach(), X)
    assert (report.order, report.input) == (1, 0)
    assert "a constant factor: 0.5" in str(report.diagnosis)


def test_integer_and_boolean_inputs_are_passed_on_as_they_are() -> None:
    seen = []

    def pick(x: Any, i: Any, keep: Any) -> Any:
        seen.append((type(i), i.dtype.kind, keep.dtype))
        return x[i] * keep

    i, keep = np.array([0, 2, 2]), np.array([True, True, False])
    assert check_gradients(pick, X, i, keep).verdict == "pass"
    assert set(seen) == {(np.ndarray, "i", np.dtype(bool))}
    with pytest.raises(DTypeError, match="no input is of a floating type"):
        check_gradients(tg.tanh, [1, 2])


def test_nested_outputs_are_all_differentiated() -> None:
    def nest(x: Any) -> Any:
        return {"a": tg.tanh(x), "b": [x * x, (x.sum(),)]}

    assert check_gradients(nest, X).verdict == "pass"

    def one_lost(x: Any) -> Any:
        return {"a": tg.tanh(x), "b": [x * x, (x.detach().sum(),)]}

    assert mistaken(one_lost, X).input == 0


def test_the_same_tensor_twice_in_the_output_counts_twice() -> None:
    def twice(x: Any) -> Any:
        y = tg.tanh(x)
        return y, y, x

    assert check_gradients(twice, X).verdict == "pass"


def test_tensors_lists_and_numbers_are_taken_as_points() -> None:
    x = tg.Tensor(X, requires_grad=True)
    assert check_gradients(tg.tanh, x).verdict == "pass"
    assert x.grad is None
    assert check_gradients(tg.tanh, 0.5).verdict == "pass"
    assert check_gradients(tg.multiply, [[1.0, 2.0]], 3.0).verdict == "pass"
    assert check_gradients(tg.tanh, np.zeros((0, 2))).verdict == "pass"


def test_one_tensor_in_two_places_is_added_up() -> None:
    assert check_gradients(lambda x: x * x + tg.exp(x) * x, X, order=3).verdict == "pass"


def test_a_function_that_does_not_depend_on_an_input_has_no_gradient_for_it() -> None:
    assert check_gradients(lambda x, y: x * 2.0, X, X).verdict == "pass"
    assert check_gradients(lambda x: tg.Tensor([3.0]), X).verdict == "pass"


@pytest.mark.parametrize("answer", [lambda x: 3.0, lambda x: np.tanh(x.data), lambda x: [x, 1.0]])
def test_plain_numbers_as_outputs_are_refused(answer: Any) -> None:
    with pytest.raises(TinygradError, match="not a Tensor"):
        check_gradients(answer, X)


def test_it_works_where_nothing_is_recorded_outside() -> None:
    with tg.no_grad():
        report = check_gradients(tg.tanh, X, raises=False)
    assert report.verdict in ("pass", "fail")
    assert check_gradients(tg.tanh, X).verdict == "pass"


@pytest.mark.parametrize("order", [0, -1, 1.5, "2"])
def test_orders_that_mean_nothing_are_refused(order: Any) -> None:
    with pytest.raises(ArgumentError, match="order is a whole number"):
        check_gradients(tg.tanh, X, order=order)


def test_the_verdicts_raise_as_those_of_check_vjp() -> None:
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(lambda x: x * x.detach(), X)
    assert caught.value.report.verdict == "fail"
    with pytest.raises(GradientUnresolved):
        check_gradients(lambda x: x * np.nan, X)
    assert check_gradients(lambda x: x * np.nan, X, unresolved="allow").verdict == "unresolved"
    with pytest.raises(ArgumentError):
        check_gradients(tg.tanh, X, unresolved="pass")


def test_a_convention_concerns_the_first_order() -> None:
    assert check_gradients(tg.relu, [0.0, 1.0], at_kink=0.0).verdict == "pass"
    assert mistaken(tg.relu, [0.0, 1.0], at_kink=1.0).kind == "convention"


def test_a_chosen_cotangent_is_used() -> None:
    report = mistaken(lambda x: x * x.detach(), [1.0, 2.0], cotangent=[0.0, 4.0])
    assert report.index == (1,)
    assert report.numeric == pytest.approx(16.0)


# ---------------------------------------------------------------- modules


class Scaled(nn.Module):
    """Multiplies, and may forget its bias."""

    def __init__(self, forgets: bool = False) -> None:
        self.weight = tg.Parameter(np.array([2.0, -1.0, 0.5], np.float32))
        self.bias = tg.Parameter(np.array([0.1, 0.2, 0.3], np.float32))
        self.forgets = forgets

    def forward(self, x: Any) -> Any:
        return tg.tanh(x * self.weight + (self.bias.detach() if self.forgets else self.bias))


def test_parameters_are_inputs_after_the_others_and_are_named() -> None:
    assert check_gradients(Scaled(), [X, X]).verdict == "pass"
    report = mistaken(Scaled(forgets=True), [X, X])
    assert report.input == 2
    assert "parameter `bias`" in str(report)


def test_the_module_itself_is_left_alone() -> None:
    model = Scaled()
    before = {name: p.data.copy() for name, p in model.named_parameters()}
    check_gradients(model, np.array([X, X], np.float32))
    for name, p in model.named_parameters():
        assert p.data.dtype == np.float32
        assert np.array_equal(p.data, before[name])
        assert p.grad is None


def test_a_float32_module_is_checked_in_float64() -> None:
    assert check_gradients(Scaled(), np.array([X], np.float32)).resolution < 1e-7


def test_frozen_parameters_stand_still() -> None:
    model = Scaled(forgets=True)
    model.bias.requires_grad = False
    assert check_gradients(model, [X]).verdict == "pass"


def test_a_network_passes_with_all_its_layers() -> None:
    model = nn.MLP([3, 4, 2], rng=0)
    report = check_gradients(model, [X, X])
    count = sum(p.data.size for p in model.parameters())
    assert report.verdict == "pass"
    assert report.compared > count
