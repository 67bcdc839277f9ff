"""Values at points without a derivative, in more forms than the note of an operation states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.autodiff import registry

INF = float("inf")
NAN = float("nan")

# Operation, inputs, attributes, cotangent of the (flattened) result, expected gradients.
Pin = tuple[str, list[Any], dict[str, Any], Any, list[Any]]
PINS: list[Pin] = [
    ("relu", [[0.0, -0.0, 1e-300, -1e-300]], {}, [2.0, 3.0, 5.0, 7.0], [[0, 0, 5, 0]]),
    ("abs", [[0.0, -0.0, -2.0]], {}, [2.0, 3.0, 5.0], [[0, 0, -5]]),
    ("maximum", [[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]], {}, [4.0, 5.0, 6.0], [[2, 0, 6], [2, 5, 0]]),
    ("minimum", [[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]], {}, [4.0, 5.0, 6.0], [[2, 5, 0], [2, 0, 6]]),
    ("maximum", [[0.0], [-0.0]], {}, [4.0], [[2], [2]]),
    ("max", [[3.0, 1.0, 3.0, 3.0]], {}, 6.0, [[2, 0, 2, 2]]),
    ("min", [[1.0, 1.0, 3.0]], {}, 6.0, [[3, 3, 0]]),
    ("max", [[[2.0, 2.0], [1.0, 5.0]]], {"axis": 1}, [4.0, 6.0], [[[2, 2], [0, 6]]]),
    ("min", [[[2.0, 2.0], [2.0, 5.0]]], {"axis": (0, 1)}, 6.0, [[[2, 2], [2, 0]]]),
    ("max", [[0.0, -0.0]], {"keepdims": True}, [6.0], [[3, 3]]),
    ("std", [[2.0, 2.0, 2.0]], {}, 5.0, [[0, 0, 0]]),
    ("std", [[[1.0, 1.0], [0.0, 2.0]]], {"axis": 1}, [5.0, 4.0], [[[0, 0], [-2, 2]]]),
    ("std", [[7.0]], {"keepdims": True}, [5.0], [[0]]),
    ("power", [[0.0, 2.0, -3.0], [0.0, 0.0, 0.0]], {}, [5.0, 5.0, 5.0], [[0, 0, 0], None]),
    ("power", [[0.0, 2.0], 0.0], {}, [5.0, 5.0], [[0, 0], None]),
    ("power", [[0.0, 0.0, 0.0], [0.5, 1.0, 2.0]], {}, [5.0, 5.0, 5.0], [None, [0, 0, 0]]),
    ("power", [[0.0, 0.0], [1.0, 2.0]], {}, [5.0, 5.0], [[5, 0], None]),
    ("power", [[0.0, 0.0, 0.0], 1.0], {}, [5.0, 4.0, 3.0], [[5, 4, 3], None]),
    ("power", [0.0, 0.5], {}, 5.0, [INF, 0]),
    ("sqrt", [[0.0, 4.0]], {}, [2.0, 4.0], [[INF, 1]]),
    ("log", [[0.0, 2.0]], {}, [1.0, 4.0], [[INF, 2]]),
    ("log2", [[0.0]], {}, [1.0], [[INF]]),
    ("log10", [[0.0]], {}, [1.0], [[INF]]),
    ("remainder", [[6.0, -6.0], [3.0, 3.0]], {}, [2.0, 2.0], [[2, 2], [-4, 4]]),
]  # fmt: skip


@pytest.mark.parametrize(
    "name, inputs, attributes, cotangent, expected",
    PINS,
    ids=[f"{pin[0]}-{k}" for k, pin in enumerate(PINS)],
)
@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value):RuntimeWarning")
def test_gradient_at_a_kink_is_the_documented_one(
    name: str, inputs: list[Any], attributes: dict[str, Any], cotangent: Any, expected: list[Any]
) -> None:
    tensors = [tg.Tensor(x, requires_grad=True) for x in inputs]
    registry[name].call(*tensors, **attributes).backward(cotangent)
    for tensor, wanted in zip(tensors, expected, strict=True):
        if wanted is not None:
            np.testing.assert_array_equal(tensor.grad, np.asarray(wanted, float), strict=True)


def test_std_of_equal_elements_has_slope_zero_although_their_mean_rounds() -> None:
    """The mean of three 0.1 is not 0.1, so the computed deviation is not 0."""
    for value in (0.1, 0.7, 1e-3, -1 / 3, 1e10 / 3):
        for count in (3, 6, 7, 10):
            x = tg.Tensor(np.full(count, value), requires_grad=True)
            tg.std(x).backward()
            np.testing.assert_array_equal(x.grad, np.zeros(count))


@pytest.mark.parametrize(
    "f, at_zero",
    [
        (tg.relu, 0.0),
        (tg.abs, 0.0),
        (lambda x: tg.maximum(x, 0.0), 0.5),
        (lambda x: tg.max(tg.stack([x, -x]), axis=0), 0.0),
    ],
    ids=["relu", "abs", "maximum", "max"],
)
def test_second_derivative_at_a_kink_is_finite_and_follows_the_convention(
    f: Callable[..., Any], at_zero: float
) -> None:
    """(x f(x))'' = 2 f'(x) + x f''(x), so at 0 it shows the convention twice."""
    x = tg.Tensor([0.0, 1.0], requires_grad=True)
    with tg.Tape() as tape:
        first = tape.gradient((f(x) * x).sum(), x, create_graph=True)
    second = tape.gradient(first.sum(), x)
    np.testing.assert_array_equal(second.data, [2 * at_zero, 2.0])


def test_the_order_of_tied_elements_does_not_matter() -> None:
    for reduce in (tg.max, tg.min):
        shares = []
        for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
            x = tg.Tensor(np.array([4.0, 4.0, 4.0])[order], requires_grad=True)
            reduce(x).backward()
            shares.append(x.grad)
        np.testing.assert_array_equal(shares[0], shares[1])
        np.testing.assert_array_equal(shares[0], shares[2])


def test_maximum_of_a_tensor_with_itself_has_slope_one() -> None:
    for extremum in (tg.maximum, tg.minimum):
        x = tg.Tensor([1.0, -2.0, 0.0], requires_grad=True)
        extremum(x, x).backward([2.0, 3.0, 5.0])
        np.testing.assert_array_equal(x.grad, [2.0, 3.0, 5.0])


def test_square_of_a_power_of_zero_is_smooth_at_zero() -> None:
    """x**2 and x**3 have all their derivatives at 0."""
    for exponent, second in ((2, 2.0), (3, 0.0)):
        x = tg.Tensor(0.0, requires_grad=True)
        with tg.Tape() as tape:
            first = tape.gradient(x**exponent, x, create_graph=True)
        assert first.item() == 0.0
        assert tape.gradient(first, x).item() == second


def test_mixed_derivative_of_power_where_the_exponent_is_zero() -> None:
    r""":math:`\partial^2 x^y / \partial x \partial y = x^{y-1} (1 + y \ln x)`, 1/x at y = 0."""
    for shape in ((), (2,)):
        x = tg.Tensor(np.full(shape, 2.0), requires_grad=True)
        y = tg.Tensor(np.zeros(shape), requires_grad=True)
        with tg.Tape() as tape:
            first = tape.gradient((x**y).sum(), x, create_graph=True)
        mixed = tape.gradient(first.sum(), y, unconnected="zero")
        np.testing.assert_allclose(mixed.data, np.full(shape, 0.5))
