"""Orders two to four: closed forms, complex steps, and one Hessian by six routes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg

seeds = st.integers(0, 2**32 - 1)


def derivatives(f: Any, x: float, order: int) -> list[float]:
    """Values of the first ``order`` derivatives, each the recorded gradient of the one before."""
    at = tg.Tensor(x, requires_grad=True)
    tape = tg.Tape()
    y, found = f(at), []
    for _ in range(order):
        y = tape.gradient(y, at, create_graph=True, unconnected="zero")
        found.append(y.item())
    return found


CLOSED: list[tuple[str, Any, Any]] = [
    ("exp", tg.exp, lambda x: [math.exp(x)] * 4),
    (
        "tanh",
        tg.tanh,
        lambda x: [
            1 - math.tanh(x) ** 2,
            -2 * math.tanh(x) * (1 - math.tanh(x) ** 2),
            (6 * math.tanh(x) ** 2 - 2) * (1 - math.tanh(x) ** 2),
            (16 * math.tanh(x) - 24 * math.tanh(x) ** 3) * (1 - math.tanh(x) ** 2),
        ],
    ),
    ("log", tg.log, lambda x: [1 / x, -1 / x**2, 2 / x**3, -6 / x**4]),
    (
        "sqrt",
        tg.sqrt,
        lambda x: [x**-0.5 / 2, -(x**-1.5) / 4, 3 * x**-2.5 / 8, -15 * x**-3.5 / 16],
    ),
    ("cube", lambda x: x**3, lambda x: [3 * x**2, 6 * x, 6, 0]),
    ("product", lambda x: x * x * x * x, lambda x: [4 * x**3, 12 * x**2, 24 * x, 24]),
    ("reciprocal", lambda x: 1 / x, lambda x: [-(x**-2), 2 * x**-3, -6 * x**-4, 24 * x**-5]),
    ("power", lambda x: 2.0**x, lambda x: [2.0**x * math.log(2) ** k for k in (1, 2, 3, 4)]),
    (
        "self power",
        lambda x: x**x,
        lambda x: [
            x**x * (1 + math.log(x)),
            x**x * ((1 + math.log(x)) ** 2 + 1 / x),
            x**x * ((1 + math.log(x)) ** 3 + 3 * (1 + math.log(x)) / x - 1 / x**2),
        ],
    ),
]


@pytest.mark.parametrize("f, closed", [row[1:] for row in CLOSED], ids=[row[0] for row in CLOSED])
@pytest.mark.parametrize("x", [0.3, 1.2, 1.7])
def test_derivatives_to_the_fourth_order_equal_the_closed_form(
    f: Any, closed: Any, x: float
) -> None:
    expected = closed(x)
    np.testing.assert_allclose(derivatives(f, x, len(expected)), expected, rtol=1e-12, atol=1e-13)


def test_self_power_at_one_where_the_rule_meets_an_exponent_of_zero() -> None:
    r"""The second rule asks for :math:`x^{y-1}` at y = 1, and that for a slope at exponent 0."""
    np.testing.assert_allclose(derivatives(lambda x: x**x, 1.0, 3), [1.0, 2.0, 3.0])


def weights(rng: np.random.Generator, inputs: int = 3, hidden: int = 4) -> list[np.ndarray]:
    return [
        rng.normal(size=(hidden, inputs)),
        rng.normal(size=hidden),
        rng.normal(size=(hidden, hidden)),
        rng.normal(size=hidden),
    ]


def network(x: Any, parts: list[np.ndarray]) -> Any:
    """A tanh network of two layers with one output; in operators, so Tensors and arrays both go."""
    W1, b1, W2, v = parts
    return v @ tg.tanh(W2 @ tg.tanh(W1 @ x + b1))


def by_hand(x: np.ndarray, parts: list[np.ndarray]) -> np.ndarray:
    """The gradient of ``network``, worked out on paper; takes complex ``x`` too."""
    W1, b1, W2, v = parts
    h1 = np.tanh(W1 @ x + b1)
    h2 = np.tanh(W2 @ h1)
    return W1.T @ ((W2.T @ (v * (1 - h2 * h2))) * (1 - h1 * h1))


def hessian_by_hand(x: np.ndarray, parts: list[np.ndarray]) -> np.ndarray:
    """A complex step along each axis through the gradient from paper."""
    h = 1e-30
    return np.array([by_hand(x + 1j * h * unit, parts).imag / h for unit in np.eye(x.size)])


def third_by_hand(x: np.ndarray, parts: list[np.ndarray], v: np.ndarray) -> np.ndarray:
    """d/dt of the Hessian along v: real differences, extrapolated, of the complex-step Hessian."""

    def central(h: float) -> np.ndarray:
        return (hessian_by_hand(x + h * v, parts) - hessian_by_hand(x - h * v, parts)) / (2 * h)

    a, b, c = central(4e-3), central(2e-3), central(1e-3)
    first, second = b + (b - a) / 3, c + (c - b) / 3
    return second + (second - first) / 15


def hessian_by_tapes(x: np.ndarray, parts: list[np.ndarray]) -> np.ndarray:
    at = tg.Tensor(x, requires_grad=True)
    with tg.Tape() as outer:
        with tg.Tape() as inner:
            y = network(at, parts)
        g = inner.gradient(y, at, create_graph=True)
    return np.array([outer.gradient(g[k], at).data for k in range(x.size)])


def hessian_by_backward(x: np.ndarray, parts: list[np.ndarray]) -> np.ndarray:
    at = tg.Tensor(x, requires_grad=True)
    rows = []
    for unit in np.eye(x.size):
        at.grad = None
        g = tg.Tape().gradient(network(at, parts), at, create_graph=True)
        g.backward(unit)
        rows.append(at.grad)
    return np.array(rows)


@settings(max_examples=30)
@given(seed=seeds)
def test_hessian_is_the_same_by_every_route(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts, x = weights(rng), rng.normal(size=3)

    def f(z: Any) -> Any:
        return network(z, parts)

    expected = hessian_by_hand(x, parts)
    routes = {
        "hessian": tg.hessian(f)(x),
        "jacobian of grad": tg.jacobian(tg.grad(f))(x),
        "columns of hvp": np.stack([tg.hvp(f, x, unit) for unit in np.eye(3)]),
        "jvp of grad": np.stack([tg.jvp(tg.grad(f), [x], [unit])[1] for unit in np.eye(3)]),
        "two tapes": hessian_by_tapes(x, parts),
        "backward of a recorded gradient": hessian_by_backward(x, parts),
    }
    scale = 1e-12 * (1 + np.abs(expected).max())
    for name, found in routes.items():
        assert type(found) is np.ndarray
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=scale, err_msg=name)
        np.testing.assert_allclose(found, found.T, rtol=1e-9, atol=scale, err_msg=name)


@settings(max_examples=30)
@given(seed=seeds)
def test_third_derivatives_of_a_tanh_network(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts, x, v = weights(rng), rng.normal(size=3), rng.normal(size=3)
    at = tg.Tensor(x, requires_grad=True)
    tape = tg.Tape()
    first = tape.gradient(network(at, parts), at, create_graph=True)
    second = [tape.gradient(first[k], at, create_graph=True) for k in range(3)]
    found = np.array([[tape.gradient(row[k], at).data @ v for k in range(3)] for row in second])
    expected = third_by_hand(x, parts, v)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-7 * (1 + np.abs(expected).max()))
    # Partial derivatives commute: the whole array of third derivatives is symmetric, to rounding.
    whole = np.array([[tape.gradient(row[k], at).data for k in range(3)] for row in second])
    scale = 1e-9 * (1 + np.abs(whole).max())
    for axes in ((1, 0, 2), (0, 2, 1), (2, 1, 0)):
        np.testing.assert_allclose(whole, whole.transpose(axes), rtol=1e-9, atol=scale)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_derivatives_of_a_one_dimensional_network_to_nine_digits(order: int) -> None:
    r"""For :math:`f(x) = v \cdot \tanh(a x + b)` every derivative is known: powers of ``a``."""
    rng = np.random.default_rng(8)
    a, b, v = rng.normal(size=(3, 6))
    t = np.tanh(a * 0.4 + b)
    s = 1 - t * t
    closed = [v @ (a * s), v @ (-2 * a**2 * t * s), v @ (a**3 * (6 * t * t - 2) * s)][order - 1]
    found = derivatives(lambda x: (v * tg.tanh(x * a + b)).sum(), 0.4, order)[-1]
    assert abs(found - closed) <= 1e-9 * abs(closed)
    g: Any = lambda x: (v * tg.tanh(x * a + b)).sum()  # noqa: E731
    for _ in range(order):
        g = tg.grad(g)
    assert abs(g(0.4) - closed) <= 1e-9 * abs(closed)


@settings(max_examples=30)
@given(seed=seeds)
def test_second_derivatives_with_respect_to_weights(seed: int) -> None:
    """Across several sources: the blocks of the Hessian, off the diagonal too."""
    rng = np.random.default_rng(seed)
    W, v, x = rng.normal(size=(2, 3)), rng.normal(size=2), rng.normal(size=3)
    tW, tv = tg.Tensor(W, requires_grad=True), tg.Tensor(v, requires_grad=True)
    tape = tg.Tape()
    gW, gv = tape.gradient(tv @ tg.tanh(tW @ x), [tW, tv], create_graph=True)
    u = rng.normal(size=(2, 3))
    WW, Wv = tape.gradient((gW * u).sum(), [tW, tv])
    h = np.tanh(W @ x)
    s = 1 - h * h
    np.testing.assert_allclose(gv.data, h, rtol=1e-12)
    np.testing.assert_allclose(Wv.data, s * (u @ x), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(
        WW.data, np.outer(-2 * v * h * s * (u @ x), x), rtol=1e-10, atol=1e-12
    )


def test_recorded_gradient_is_differentiable_with_respect_to_its_cotangent() -> None:
    """Two transposes are the Jacobian itself: the pullback is linear in its cotangent."""
    x = tg.Tensor([0.2, -0.4, 1.1], requires_grad=True)
    w = tg.Tensor(np.zeros(3), requires_grad=True)
    tape = tg.Tape()
    pulled = tape.gradient(tg.tanh(x), x, output_gradient=w, create_graph=True)
    direction = np.array([1.0, 2.0, 3.0])
    pushed = tape.gradient(pulled, w, output_gradient=direction)
    np.testing.assert_allclose(pushed.data, (1 - np.tanh(x.data) ** 2) * direction, rtol=1e-14)


def test_second_derivative_of_a_linear_function_is_unconnected_or_zero() -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    tape = tg.Tape()
    g = tape.gradient((x * 3.0).sum(), x, create_graph=True)
    with pytest.raises(tg.errors.UnconnectedError):
        tape.gradient(g.sum(), x)
    np.testing.assert_array_equal(tape.gradient(g.sum(), x, unconnected="zero").data, [0, 0])


@settings(max_examples=30)
@given(seed=seeds)
def test_gradient_penalty_equals_the_closed_form(seed: int) -> None:
    r"""For f = v.tanh(W x): the gradient of :math:`(|\nabla_x f| - 1)^2` with respect to v."""
    rng = np.random.default_rng(seed)
    W, x = rng.normal(size=(4, 3)), rng.normal(size=3)
    v = tg.Tensor(rng.normal(size=4), requires_grad=True)
    at = tg.Tensor(x, requires_grad=True)
    g = tg.Tape().gradient(v @ tg.tanh(W @ at), at, create_graph=True)
    norm = tg.sqrt((g * g).sum())
    ((norm - 1.0) ** 2).backward()
    J = (1 - np.tanh(W @ x) ** 2)[:, None] * W  # the gradient is J.T v
    plain = J.T @ v.data
    expected = 2 * (np.linalg.norm(plain) - 1) / np.linalg.norm(plain) * (J @ plain)
    np.testing.assert_allclose(v.grad, expected, rtol=1e-9, atol=1e-12)
