"""Functions of functions: structure in and out, nesting, perturbation confusion, checkpointing."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg

EPS = float(np.finfo(np.float64).eps)
seeds = st.integers(0, 2**32 - 1)
RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(4, 3)), RNG.normal(size=(2, 4))


def layers(x: Any) -> Any:
    """R^3 to R^2, smooth, with every entry of the Jacobian different."""
    return tg.tanh(B @ tg.tanh(A @ x)) * x[:2]


def complex_jacobian(x: np.ndarray) -> np.ndarray:
    """The Jacobian of ``layers`` column by column, by complex steps through NumPy alone."""

    def plain(z: np.ndarray) -> np.ndarray:
        return np.tanh(B @ np.tanh(A @ z)) * z[:2]

    return np.array([plain(x + 1e-30j * e).imag * 1e30 for e in np.eye(3)]).T


# --------------------------------------------------------------------------- what goes in comes out


def test_arrays_give_arrays_and_tensors_tensors_in_every_transform() -> None:
    x, v = np.array([0.1, 0.2, 0.3]), np.array([1.0, -2.0, 0.5])

    def f(z: Any) -> Any:
        return (layers(z) ** 2).sum()

    for wrap, kind in ((np.asarray, np.ndarray), (tg.Tensor, tg.Tensor)):
        z, w = wrap(x), wrap(v)
        value, pullback = tg.vjp(layers, z)
        primal, tangent = tg.jvp(layers, [z], [w])
        results = [
            tg.grad(f)(z), *tg.value_and_grad(f)(z), value, *pullback(wrap(v[:2])), primal, tangent,
            tg.jacobian(layers)(z), tg.hessian(f)(z), tg.hvp(f, z, w),
        ]  # fmt: skip
        assert [type(result) for result in results] == [kind] * len(results)
        assert not any(getattr(result, "requires_grad", False) for result in results)
    np.testing.assert_array_equal(x, [0.1, 0.2, 0.3])


def test_python_floats_are_arguments_and_integers_are_refused() -> None:
    found = tg.grad(lambda x: x * x)(3.0)
    assert type(found) is np.ndarray
    assert found == 6.0
    for whole in (3, np.array([1, 2]), tg.Tensor([1, 2])):
        with pytest.raises(tg.errors.DTypeError):
            tg.grad(lambda x: (x * 1.0).sum())(whole)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_gradients_have_the_type_of_their_argument(dtype: str) -> None:
    x = np.array([0.5, 2.0, 1.0], dtype)
    value, g = tg.value_and_grad(lambda z: (z * z).sum())(x)
    assert value.dtype == g.dtype == dtype
    assert tg.hessian(lambda z: (z * z).sum())(x).dtype == dtype
    assert tg.jvp(lambda z: z * z, [x], [x])[1].dtype == dtype


def test_argnums_choose_arguments_and_their_structure() -> None:
    def f(a: Any, b: Any, c: Any, *, scale: float = 1.0) -> Any:
        return (a * b["w"] * scale + b["b"][0] * c).sum()

    a, b, c = (
        np.array([1.0, 2.0]),
        {"w": np.array([3.0, 4.0]), "b": (5.0, [])},
        np.array([6.0, 7.0]),
    )
    np.testing.assert_array_equal(tg.grad(f)(a, b, c), b["w"])
    np.testing.assert_array_equal(tg.grad(f, argnums=-1)(a, b, c, scale=2.0), [5.0, 5.0])
    g = tg.grad(f, argnums=1)(a, b, c)
    assert list(g) == ["w", "b"]
    assert type(g["b"]) is tuple
    assert g["b"][1] == []
    assert g["b"][0] == 13.0
    both = tg.grad(f, argnums=(2, 0))(a, b, c, scale=2.0)
    assert type(both) is tuple
    np.testing.assert_array_equal(both[0], [5.0, 5.0])
    np.testing.assert_array_equal(both[1], 2.0 * b["w"])
    one = tg.grad(f, argnums=(0,))(a, b, c)
    assert type(one) is tuple
    assert len(one) == 1
    for wrong in (3, (0, 7), "a"):
        with pytest.raises(tg.errors.TinygradError):
            tg.grad(f, argnums=wrong)(a, b, c)


def test_has_aux_carries_anything_beside_the_value() -> None:
    def f(x: Any) -> Any:
        h = x * x
        return h.sum(), {"h": h, "note": "kept", "n": 3}

    g, aux = tg.grad(f, has_aux=True)(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(g, [2.0, 4.0])
    assert type(aux["h"]) is np.ndarray
    assert (aux["note"], aux["n"]) == ("kept", 3)
    (value, aux), g = tg.value_and_grad(f, has_aux=True)(np.array([1.0, 2.0]))
    assert value == 5.0


def test_answers_share_no_memory_with_arguments_or_each_other() -> None:
    x = np.array([1.0, 2.0])
    ga, gb = tg.grad(lambda a, b: (a + b).sum(), argnums=(0, 1))(x, x)
    value, pullback = tg.vjp(lambda z: +z, x)
    seed = np.array([3.0, 4.0])
    (pulled,) = pullback(seed)
    (again,) = pullback(seed)
    primal, tangent = tg.jvp(lambda z: z.reshape(2), [x], [seed])
    arrays = [
        x,
        seed,
        ga,
        gb,
        value,
        pulled,
        again,
        primal,
        tangent,
        tg.hvp(lambda z: (z * z).sum(), x, x),
    ]
    for k, a in enumerate(arrays):
        for b in arrays[:k]:
            assert not np.shares_memory(a, b)
        assert a.flags.writeable


def test_a_transform_leaves_grad_and_requires_grad_of_its_arguments_alone() -> None:
    w = tg.Parameter([1.0, 2.0])
    x = tg.Tensor([3.0, 4.0])
    tg.grad(lambda a, b: (a * b).sum(), argnums=(0, 1))(w, x)
    assert w.grad is None
    assert x.grad is None
    assert w.requires_grad
    assert not x.requires_grad


# ---------------------------------------------------------------------------- values


@settings(max_examples=30)
@given(seed=seeds)
def test_jacobian_pullback_and_pushforward_are_one_matrix(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, v, u = rng.normal(size=3), rng.normal(size=3), rng.normal(size=2)
    J = complex_jacobian(x)
    scale = 64 * EPS * (1 + np.abs(J).max())
    value, pullback = tg.vjp(layers, x)
    np.testing.assert_allclose(tg.jacobian(layers)(x), J, rtol=1e-12, atol=scale)
    np.testing.assert_allclose(pullback(u)[0], u @ J, rtol=1e-11, atol=10 * scale)
    np.testing.assert_allclose(pullback(2 * u)[0], 2 * u @ J, rtol=1e-11, atol=10 * scale)
    primal, tangent = tg.jvp(layers, [x], [v])
    np.testing.assert_allclose(tangent, J @ v, rtol=1e-11, atol=10 * scale)
    np.testing.assert_array_equal(primal, value)
    np.testing.assert_array_equal(primal, layers(x))


@settings(max_examples=20)
@given(seed=seeds)
def test_hessian_is_symmetric_and_hvp_is_its_product(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, v = rng.normal(size=3), rng.normal(size=3)

    def f(z: Any) -> Any:
        return (layers(z) ** 2).sum()

    H = tg.hessian(f)(x)
    scale = 1e-12 * (1 + np.abs(H).max())
    np.testing.assert_allclose(H, H.T, rtol=1e-10, atol=scale)
    np.testing.assert_allclose(tg.hvp(f, x, v), H @ v, rtol=1e-10, atol=10 * scale)
    np.testing.assert_allclose(tg.jvp(tg.grad(f), [x], [v])[1], H @ v, rtol=1e-10, atol=10 * scale)


def test_shapes_of_jacobians_are_output_then_input() -> None:
    shapes = [
        ((), ()),
        ((2,), ()),
        ((), (3,)),
        ((2, 2), (3, 1)),
        ((0,), (2,)),
        ((2,), (0,)),
        ((1, 2), (1,)),
    ]
    for output, given_shape in shapes:
        x = np.ones(given_shape)
        J = tg.jacobian(lambda z, out=output: tg.broadcast_to(z.sum(), out) * 2.0)(x)
        assert J.shape == output + given_shape
        np.testing.assert_array_equal(J, np.full(output + given_shape, 2.0))


def test_nested_structures_go_through_vjp_jvp_jacobian_and_hvp() -> None:
    def f(p: Any, q: Any) -> Any:
        return {"s": p["a"] * q, "t": [p["a"].sum(), q]}

    p, q = {"a": np.array([1.0, 2.0])}, np.array([3.0, 4.0])
    value, pullback = tg.vjp(f, p, q)
    assert list(value) == ["s", "t"]
    gp, gq = pullback({"s": np.array([1.0, 10.0]), "t": [100.0, np.array([0.0, 1.0])]})
    np.testing.assert_array_equal(gp["a"], [103.0, 140.0])
    np.testing.assert_array_equal(gq, [1.0, 21.0])
    _, tangent = tg.jvp(f, [p, q], [{"a": np.array([1.0, 0.0])}, np.array([0.0, 1.0])])
    np.testing.assert_array_equal(tangent["s"], [3.0, 2.0])
    assert tangent["t"][0] == 1.0
    J = tg.jacobian(f, argnums=(0, 1))(p, q)
    np.testing.assert_array_equal(J["s"][0]["a"], np.diag(q))
    np.testing.assert_array_equal(J["t"][1][0]["a"], np.zeros((2, 2)))
    np.testing.assert_array_equal(J["t"][1][1], np.eye(2))
    Hv = tg.hvp(lambda z: (z["a"] ** 3).sum(), p, {"a": np.array([1.0, 1.0])})
    np.testing.assert_array_equal(Hv["a"], 6 * p["a"])


@pytest.mark.parametrize("ask", ["vjp", "jvp", "hvp"])
def test_directions_of_another_structure_or_shape_are_refused(ask: str) -> None:
    x = np.ones(2)
    for wrong in (np.ones(3), [np.ones(2), np.ones(2)], np.ones((1, 2)), np.ones(())):
        with pytest.raises(tg.errors.TinygradError):
            if ask == "vjp":
                tg.vjp(lambda z: z * z, x)[1](wrong)
            elif ask == "jvp":
                tg.jvp(lambda z: z * z, [x], wrong if isinstance(wrong, list) else [wrong])
            else:
                tg.hvp(lambda z: (z * z).sum(), x, wrong)


def test_a_function_of_many_numbers_has_no_grad() -> None:
    with pytest.raises(tg.errors.GradientError):
        tg.grad(lambda x: x * x)(np.ones(2))
    with pytest.raises(tg.errors.TinygradError):
        tg.grad(lambda x: float((x * x).sum()))(np.ones(2))


def test_a_constant_function_has_gradient_zero() -> None:
    x = np.ones(2)
    np.testing.assert_array_equal(tg.grad(lambda z: tg.Tensor(3.0))(x), [0, 0])
    np.testing.assert_array_equal(tg.grad(lambda z: tg.stop_gradient(z).sum())(x), [0, 0])
    np.testing.assert_array_equal(tg.jacobian(lambda z: tg.Tensor([1.0, 2.0]))(x), np.zeros((2, 2)))
    np.testing.assert_array_equal(tg.jvp(lambda z: tg.Tensor([1.0, 2.0]), [x], [x])[1], [0, 0])
    np.testing.assert_array_equal(tg.hessian(lambda z: (z * 2.0).sum())(x), np.zeros((2, 2)))
    np.testing.assert_array_equal(tg.hvp(lambda z: (z * 2.0).sum(), x, x), [0, 0])
    assert tg.grad(tg.grad(lambda z: z * 2.0))(1.0) == 0.0
    # One of two arguments unused.
    both = tg.grad(lambda a, b: (a * 2.0).sum(), argnums=(0, 1))(x, x)
    np.testing.assert_array_equal(both[1], [0, 0])


# ---------------------------------------------------------------------------- nesting


def test_perturbations_of_nested_gradients_are_not_confused() -> None:
    """d/dx (x d/dy (x + y)) = 1: a system that mixes the two variables up says 2 (Siskind 2008)."""
    inner = tg.grad(lambda x: x * tg.grad(lambda y: x + y)(1.0))
    assert inner(1.0) == 1.0
    product = tg.grad(lambda x: x * tg.grad(lambda y: x * y)(2.0))
    assert product(3.0) == 6.0
    same = tg.grad(lambda x: tg.grad(lambda y: x * y * y)(x))  # d/dx of 2 x x
    assert same(3.0) == 12.0
    assert tg.grad(lambda x: tg.jvp(lambda y: x * y * y, [x], [1.0])[1])(3.0) == 12.0
    assert tg.jvp(lambda x: x * tg.jvp(lambda y: x + y, [1.0], [1.0])[1], [1.0], [1.0])[1] == 1.0
    third = tg.grad(tg.grad(tg.grad(lambda x: x**4)))
    assert third(2.0) == 48.0


def test_every_transform_inside_every_other_gives_the_second_derivative() -> None:
    def f(x: Any) -> Any:
        return tg.tanh(x) * x

    def second(x: float) -> float:
        t = np.tanh(x)
        return float(2 * (1 - t * t) - 2 * x * t * (1 - t * t))

    one = {
        "grad": tg.grad,
        "vjp": lambda g: lambda x: tg.vjp(g, x)[1](1.0)[0],
        "jvp": lambda g: lambda x: tg.jvp(g, [x], [1.0])[1],
        "jacobian": tg.jacobian,
        "value_and_grad": lambda g: lambda x: tg.value_and_grad(g)(x)[1],
        "checkpoint": lambda g: tg.grad(tg.checkpoint(g)),
    }
    for outer, first in one.items():
        for inner, other in one.items():
            found = first(other(f))(0.7)
            assert abs(found - second(0.7)) <= 1e-12, (outer, inner)
    assert abs(tg.hessian(f)(0.7) - second(0.7)) <= 1e-12
    assert abs(tg.hvp(f, 0.7, 1.0) - second(0.7)) <= 1e-12


def test_a_transform_inside_a_recorded_computation_is_part_of_it() -> None:
    """A gradient penalty written with ``grad`` trains what the function closes over."""
    w = tg.Parameter([0.5, -1.0])
    x = np.array([1.0, 2.0])
    g = tg.grad(lambda z: tg.tanh(w * z).sum())(tg.Tensor(x))
    (g * g).sum().backward()

    def penalty(weights: np.ndarray) -> np.ndarray:
        return ((weights * (1 - np.tanh(weights * x) ** 2)) ** 2).sum()

    expected = [penalty(w.data + 1e-30j * e).imag * 1e30 for e in np.eye(2)]
    np.testing.assert_allclose(w.grad, expected, rtol=1e-12)


def test_a_transform_of_a_tracked_tensor_connects_to_it() -> None:
    x = tg.Tensor(2.0, requires_grad=True)
    with tg.Tape() as tape:
        h = x * x
        slope = tg.grad(lambda z: z**3)(h)
        y = slope * 5.0
    assert tape.gradient(y, x).item() == 5 * 6 * 4.0 * 4.0
    with tg.no_grad():
        assert not tg.grad(lambda z: z**3)(h).requires_grad


def test_transforms_work_inside_no_grad() -> None:
    with tg.no_grad():
        assert tg.grad(lambda x: x**3)(2.0) == 12.0
        assert tg.grad(tg.grad(lambda x: x**3))(2.0) == 12.0
        assert tg.hvp(lambda x: x**3, 2.0, 1.0) == 12.0
        assert not tg.is_grad_enabled()


def test_an_exception_inside_a_transformed_function_leaves_the_engine_usable() -> None:
    def fails(x: Any) -> Any:
        raise KeyError

    for ask in (tg.grad(fails), tg.jacobian(fails), tg.grad(tg.grad(fails))):
        with pytest.raises(KeyError), tg.no_grad():
            ask(1.0)
    assert tg.is_grad_enabled()
    assert tg.grad(lambda x: x * tg.grad(lambda y: x + y)(1.0))(1.0) == 1.0


def test_stop_gradient_stops_and_goes_through_nests() -> None:
    assert tg.grad(lambda x: x * tg.stop_gradient(x))(3.0) == 3.0
    nest = tg.stop_gradient({"a": [tg.Parameter([1.0]), 2.0], "b": np.ones(2)})
    assert not nest["a"][0].requires_grad
    assert nest["a"][1] == 2.0
    straight = tg.grad(lambda x: (x + tg.stop_gradient(tg.relu(x) - x)).sum())
    np.testing.assert_array_equal(straight(np.array([-1.0, 2.0])), [1.0, 1.0])


# ---------------------------------------------------------------------------- checkpoint


@settings(max_examples=20)
@given(seed=seeds)
def test_checkpoint_changes_no_value_and_no_gradient(seed: int) -> None:
    rng = np.random.default_rng(seed)
    w = tg.Parameter(rng.normal(size=(3, 3)))
    x = tg.Tensor(rng.normal(size=3), requires_grad=True)

    def block(z: Any) -> Any:
        return tg.tanh(w @ z) + z

    plain = (block(block(x)) ** 2).sum()
    plain.backward()
    expected = w.grad, x.grad
    w.grad = x.grad = None
    saved = tg.checkpoint(block)
    thrifty = (saved(saved(x)) ** 2).sum()
    assert thrifty.item() == plain.item()
    thrifty.backward()
    np.testing.assert_allclose(w.grad, expected[0], rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(x.grad, expected[1], rtol=1e-13, atol=1e-15)


def test_checkpoint_keeps_one_row_and_calls_the_function_again_in_backward() -> None:
    calls = []

    def f(z: Any) -> Any:
        calls.append(1)
        return tg.exp(tg.tanh(z * 2.0))

    x = tg.Tensor([0.1, 0.2], requires_grad=True)
    with tg.Tape() as tape:
        y = tg.checkpoint(f)(x)
    assert len(tape) == 1
    assert len(calls) == 1
    y.sum().backward()
    assert len(calls) == 2
    expected = f(x)
    np.testing.assert_array_equal(y.data, expected.data)
    np.testing.assert_array_equal(x.grad, tg.Tape().gradient(expected.sum(), x).data)


def test_checkpoint_repeats_its_random_numbers_and_leaves_the_stream_alone() -> None:
    def noisy(z: Any) -> Any:
        return z * tg.random.generator().normal(size=2)

    with tg.seed(1):
        x = tg.Tensor([1.0, 1.0], requires_grad=True)
        y = tg.checkpoint(noisy)(x)
        y.sum().backward()
        np.testing.assert_array_equal(x.grad, y.data)


def test_checkpoint_of_second_order_equals_the_plain_one() -> None:
    def f(z: Any) -> Any:
        return tg.tanh(z * z).sum()

    x = np.array([0.3, -0.8])
    expected = tg.hessian(f)(x)
    np.testing.assert_allclose(tg.hessian(tg.checkpoint(f))(x), expected, rtol=1e-12, atol=1e-14)


def test_checkpoint_takes_nests_and_several_arguments() -> None:
    a, b = tg.Parameter([1.0, 2.0]), tg.Parameter([3.0, 4.0])
    y = tg.checkpoint(lambda p, *, scale: (p["a"] * p["b"][0] * scale).sum())(
        {"a": a, "b": (b, 1)}, scale=2.0
    )
    y.backward()
    np.testing.assert_array_equal(a.grad, 2 * b.data)
    np.testing.assert_array_equal(b.grad, 2 * a.data)


@pytest.mark.parametrize("closed_over", [False, True])
def test_checkpoint_refuses_numbers_that_changed_since(closed_over: bool) -> None:
    """The function would be called again on other numbers."""
    w = tg.Parameter([1.0, 2.0])
    y = tg.checkpoint(lambda z: ((w if closed_over else z) * z).sum())(w)
    w.data -= 1.0
    with pytest.raises(tg.errors.InPlaceError):
        y.backward()


def test_checkpoint_without_anything_to_differentiate_is_the_function() -> None:
    f = tg.checkpoint(lambda z: z * 2.0)
    assert not f(tg.Tensor([1.0])).requires_grad
    with tg.no_grad():
        assert f(tg.Parameter([1.0])).item() == 2.0


def test_transforms_leave_no_reference_cycles() -> None:
    def all_of_them() -> None:
        x = np.array([0.1, 0.2, 0.3])
        tg.vjp(layers, x)[1](np.ones(2))
        tg.jvp(layers, [x], [x])
        tg.jacobian(layers)(x)
        tg.hvp(lambda z: (layers(z) ** 2).sum(), x, x)
        tg.grad(tg.checkpoint(lambda z: layers(z).sum()))(x)

    all_of_them()
    gc.collect()
    gc.disable()
    try:
        all_of_them()
        assert gc.collect() == 0
    finally:
        gc.enable()
