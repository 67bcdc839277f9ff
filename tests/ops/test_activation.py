"""Activation functions far out, at their corners, and with settings that make no sense."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import partial
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.testing import check_gradients

pytestmark = pytest.mark.once  # numbers that no version of Python changes

F = Callable[..., Any]
ALL: dict[str, F] = {
    "relu": tg.relu,
    "leaky_relu": tg.leaky_relu,
    "leaky_relu 0.3": partial(tg.leaky_relu, negative_slope=0.3),
    "leaky_relu 2": partial(tg.leaky_relu, negative_slope=2.0),
    "prelu": lambda x: tg.prelu(x, 0.2),
    "elu": tg.elu,
    "elu 0.5": partial(tg.elu, alpha=0.5),
    "selu": tg.selu,
    "celu": tg.celu,
    "celu 2": partial(tg.celu, alpha=2.0),
    "hardtanh": tg.hardtanh,
    "relu6": tg.relu6,
    "hardsigmoid": tg.hardsigmoid,
    "hardswish": tg.hardswish,
    "sigmoid": tg.sigmoid,
    "log_sigmoid": tg.log_sigmoid,
    "softplus": tg.softplus,
    "softplus 3": partial(tg.softplus, beta=3.0, threshold=np.inf),
    "silu": tg.silu,
    "gelu": tg.gelu,
    "gelu tanh": partial(tg.gelu, approximate="tanh"),
    "mish": tg.mish,
    "softsign": tg.softsign,
}
EACH = pytest.mark.parametrize("name", ALL)


def derivative(f: F, x: Any, order: int = 1) -> np.ndarray:
    """The derivative of an element-wise function, to any order."""
    for _ in range(order):
        f = tg.grad(lambda x, f=f: tg.sum(f(x)))
    return f(np.asarray(x, float))


@EACH
def test_gradient_is_right_to_the_second_order(name: str) -> None:
    x = np.array([-4.7, -3.4, -2.1, -0.6, -0.2, 0.3, 0.8, 1.7, 2.6, 3.3, 5.2, 6.9])
    check_gradients(ALL[name], x, order=2)


@EACH
def test_huge_arguments_give_finite_values_and_slopes_without_a_warning(name: str) -> None:
    for kind, large in ((np.float64, 1e300), (np.float32, 1e37), (np.float16, 1e4)):
        for far in (-large, -800.0, -100.0, 100.0, 800.0, large):
            x = tg.Tensor(np.full(2, far, kind), requires_grad=True)
            tape = tg.Tape()
            y = ALL[name](x)
            first = tape.gradient(y, x, output_gradient=np.ones(2, kind), create_graph=True)
            assert y.dtype == first.dtype == kind
            assert np.isfinite(y.data).all()
            assert np.isfinite(first.data).all()
            assert abs(float(first.data[0])) <= 3.0
            if first.requires_grad:
                second = tape.gradient(first.sum(), x, unconnected="zero")
                assert np.isfinite(second.data).all()


@EACH
def test_whole_numbers_of_every_type_give_the_value_of_the_same_floats(name: str) -> None:
    expected = ALL[name](np.array([0.0, 3.0, 200.0]))
    for kind in (np.int64, np.uint8, np.int16):
        found = ALL[name](np.array([0, 3, 200], kind))
        np.testing.assert_allclose(found, expected, rtol=1e-15)


@EACH
def test_nan_stays_nan(name: str) -> None:
    assert np.isnan(ALL[name](np.array([np.nan]))).all()


def exactly(x: float, formula: Callable[[Decimal], Decimal]) -> float:
    with localcontext() as context:
        context.prec = 300
        return float(formula(Decimal(x)))


def logistic(x: Decimal) -> Decimal:
    return 1 / (1 + (-x).exp())


def tanh_softplus(x: Decimal) -> Decimal:
    square = (1 + x.exp()) ** 2
    return (square - 1) / (square + 1)


def tanh_gate(x: Decimal) -> Decimal:
    return logistic(slope_of_gate * (x + Decimal("0.044715") * x**3))


slope_of_gate = Decimal("1.59576912160573071175978423973752747")  # the root of 8 / pi


def tanh_gelu_slope(x: Decimal) -> Decimal:
    inner = slope_of_gate * (1 + Decimal("0.134145") * x**2)
    return tanh_gate(x) * (1 + x * (1 - tanh_gate(x)) * inner)


TAILS: list[tuple[str, Callable[[Decimal], Decimal], Callable[[Decimal], Decimal]]] = [
    ("elu", lambda x: x.exp() - 1, lambda x: x.exp()),
    ("celu 2", lambda x: 2 * ((x / 2).exp() - 1), lambda x: (x / 2).exp()),
    ("sigmoid", logistic, lambda x: logistic(x) * logistic(-x)),
    ("log_sigmoid", lambda x: logistic(x).ln(), lambda x: logistic(-x)),
    ("softplus", lambda x: (1 + x.exp()).ln(), logistic),
    ("silu", lambda x: x * logistic(x), lambda x: logistic(x) * (1 + x * logistic(-x))),
    ("mish", lambda x: x * tanh_softplus(x),
     lambda x: tanh_softplus(x) + x * logistic(x) * (1 - tanh_softplus(x) ** 2)),
    ("gelu tanh", lambda x: x * tanh_gate(x), tanh_gelu_slope),
    ("softsign", lambda x: x / (1 - x), lambda x: 1 / (1 - x) ** 2),
]  # fmt: skip


@pytest.mark.parametrize("name, value, slope", TAILS, ids=[row[0] for row in TAILS])
@pytest.mark.parametrize("x", [-1e-9, -0.5, -7.0, -20.0, -300.0])
def test_left_tail_keeps_its_digits(name: str, value: Any, slope: Any, x: float) -> None:
    """Of the tails of value and slope, however small, to 13 digits."""
    np.testing.assert_allclose(ALL[name](x), exactly(x, value), rtol=1e-13)
    np.testing.assert_allclose(derivative(ALL[name], x), exactly(x, slope), rtol=1e-13)


@pytest.mark.parametrize(("low", "high", "units"), [(-12, -8, 80), (-8, -3, 25), (-3, 15, 8)])
def test_gelu_in_single_precision_is_right_to_some_units_in_the_last_place(
    low: float, high: float, units: int
) -> None:
    x = np.random.default_rng(0).uniform(low, high, 5000).astype(np.float32)
    right = np.array([v * math.erfc(-v / math.sqrt(2)) / 2 for v in x.astype(float)])
    got = tg.gelu(x)
    assert got.dtype == np.float32
    assert (np.abs(got - right) <= units * np.spacing(np.abs(right).astype(np.float32))).all()


def test_gelu_in_single_precision_at_the_ends() -> None:
    x = np.array([np.inf, -np.inf, 0.0, -0.0, 1e30, -1e30, np.nan], np.float32)
    np.testing.assert_array_equal(tg.gelu(x), tg.gelu(x.astype(float)).astype(np.float32))
    assert tg.gelu(np.float32(1.0)).shape == ()
    assert tg.gelu(np.zeros((0, 2), np.float32)).shape == (0, 2)
    slope = tg.grad(lambda x: tg.sum(tg.gelu(x)))
    np.testing.assert_array_equal(slope(x[:6]), slope(x[:6].astype(float)))


@pytest.mark.parametrize("x", [-1.0, -5.0, -10.0, -30.0])
def test_left_tail_of_gelu_keeps_its_digits(x: float) -> None:
    below = math.erfc(-x / math.sqrt(2)) / 2
    density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    np.testing.assert_allclose(tg.gelu(x), x * below, rtol=1e-12)
    np.testing.assert_allclose(derivative(tg.gelu, x), below + x * density, rtol=1e-12)


@pytest.mark.parametrize("x", [1e-9, 0.5, 7.0, 40.0, 300.0])
def test_right_tail_of_log_sigmoid_and_softsign_keeps_its_digits(x: float) -> None:
    log_value = exactly(x, lambda x: -(1 + (-x).exp()).ln())
    np.testing.assert_allclose(tg.log_sigmoid(x), log_value, rtol=1e-13)
    log_slope = exactly(x, lambda x: logistic(-x))
    np.testing.assert_allclose(derivative(tg.log_sigmoid, x), log_slope, rtol=1e-13)
    slope = exactly(x, lambda x: 1 / (1 + x) ** 2)
    np.testing.assert_allclose(derivative(tg.softsign, x), slope, rtol=1e-13)


@pytest.mark.parametrize(
    "name, x, slope",
    [
        ("relu", 0.0, 0.0), ("leaky_relu", 0.0, 0.01), ("leaky_relu 2", 0.0, 2.0),
        ("prelu", 0.0, 0.2), ("elu", 0.0, 1.0), ("elu 0.5", 0.0, 0.5),
        ("selu", 0.0, 1.0507009873554805 * 1.6732632423543772), ("celu 2", 0.0, 1.0),
        ("hardtanh", -1.0, 0.0), ("hardtanh", 1.0, 0.0), ("relu6", 0.0, 0.0), ("relu6", 6.0, 0.0),
        ("hardsigmoid", -3.0, 0.0), ("hardsigmoid", 3.0, 0.0), ("hardswish", -3.0, 0.0),
        ("hardswish", 3.0, 1.0), ("softsign", 0.0, 1.0), ("softplus", 20.0, 1 / (1 + np.exp(-20))),
    ],
)  # fmt: skip
def test_slope_at_a_corner_is_the_documented_one(name: str, x: float, slope: float) -> None:
    np.testing.assert_allclose(derivative(ALL[name], x), slope, rtol=1e-15)
    assert np.isfinite(derivative(ALL[name], x, order=2))


def test_softplus_beyond_its_threshold_is_the_argument_itself() -> None:
    np.testing.assert_array_equal(tg.softplus([20.5, 1e3]), [20.5, 1e3])
    assert tg.softplus(20.5, threshold=np.inf) > 20.5
    assert derivative(partial(tg.softplus, beta=2.0, threshold=1.0), 0.6) == 1.0
    assert derivative(partial(tg.softplus, beta=2.0, threshold=1.0), 0.5) < 1.0


def test_learned_slope_of_prelu_is_one_for_all_or_one_a_channel() -> None:
    x = np.arange(-12.0, 12.0).reshape(2, 3, 4)
    single = tg.Tensor([0.25], requires_grad=True)
    tg.sum(tg.prelu(x, single)).backward()
    np.testing.assert_array_equal(single.grad, [x[x < 0].sum()])
    each = tg.Tensor([0.0, 0.5, 1.0], requires_grad=True)
    y = tg.prelu(x, each)
    np.testing.assert_array_equal(y.data, np.where(x > 0, x, x * [[0.0], [0.5], [1.0]]))
    tg.sum(y).backward()
    np.testing.assert_array_equal(each.grad, np.minimum(x, 0).sum((0, 2)))


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_gated_unit_halves_the_axis(axis: int) -> None:
    x = np.random.default_rng(0).normal(size=(4, 2, 6))
    a, b = np.split(x, 2, axis)
    np.testing.assert_allclose(tg.glu(x, axis), a / (1 + np.exp(-b)), rtol=1e-14)
    check_gradients(partial(tg.glu, axis=axis), x[..., :2], order=2)


@pytest.mark.parametrize(
    "wrong, kind",
    [
        (lambda: tg.celu([1.0], alpha=0.0), ValueError),
        (lambda: tg.celu([1.0], alpha=float("nan")), ValueError),
        (lambda: tg.softplus([1.0], beta=0.0), ValueError),
        (lambda: tg.softplus([1.0], beta=-1.0), ValueError),
        (lambda: tg.hardtanh([1.0], 1.0, -1.0), ValueError),
        (lambda: tg.hardtanh([1.0], 1.0, 1.0), ValueError),
        (lambda: tg.glu([1.0, 2.0, 3.0]), ValueError),
        (lambda: tg.glu([1.0, 2.0], axis=1), ValueError),
        (lambda: tg.glu(1.0), ValueError),
        (lambda: tg.prelu([[1.0, 2.0]], [0.1, 0.2, 0.3]), ValueError),
        (lambda: tg.prelu([1.0, 2.0], [0.1, 0.2]), ValueError),
        (lambda: tg.leaky_relu([1.0], "steep"), TypeError),
        (lambda: tg.elu([1.0], alpha="steep"), TypeError),
        (lambda: tg.gelu([1.0], approximate="erf"), ValueError),
        (lambda: tg.silu(np.array([1j])), TypeError),
        (lambda: tg.sigmoid(np.array([1j])), TypeError),
    ],
)
def test_settings_and_operands_that_make_no_sense_are_refused(wrong: F, kind: type) -> None:
    with pytest.raises(tg.errors.TinygradError) as caught:
        wrong()
    assert isinstance(caught.value, kind)
    assert caught.value.fix
