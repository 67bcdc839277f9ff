"""A gradient that spoils its inputs, remembers, draws or minds layout is seen at any point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinygrad_edu.testing import check_vjp
from tinygrad_edu.testing.behaviour import LAYOUTS, laid_out

Array = np.ndarray[Any, Any]
Pair = tuple[Callable[..., Any], Callable[..., Any]]
X = np.array([[0.3, -0.8, 1.1], [0.5, 0.9, -1.4]])


def true(g: Array, x: Array) -> Array:
    return 2 * g * x


def square(x: Array) -> Array:
    return x * x


def changes_x() -> Pair:
    def vjp(g: Array, x: Array) -> tuple[Array]:
        out = true(g, x)
        x *= 2
        return (out,)

    return square, vjp


def changes_g() -> Pair:
    def vjp(g: Array, x: Array) -> tuple[Array]:
        out = true(g, x)
        g *= 2
        return (out,)

    return square, vjp


def returns_one_buffer() -> Pair:
    kept = np.zeros_like(X)

    def vjp(g: Array, x: Array) -> tuple[Array]:
        kept[...] = true(g, x)
        return (kept,)

    return square, vjp


def accumulates() -> Pair:
    total = np.zeros_like(X)

    def vjp(g: Array, x: Array) -> tuple[Array]:
        total[...] += true(g, x)
        return (total.copy(),)

    return square, vjp


def remembers_forward() -> Pair:
    saved = []

    def f(x: Array) -> Array:
        saved[:] = [x.copy()]
        return x * x

    return f, lambda g, x: (true(g, saved[0]),)


def draws() -> Pair:
    rng = np.random.default_rng(0)
    return square, lambda g, x: (true(g, x) * rng.choice([0.5, 1.5], x.shape),)


def draws_forward() -> Pair:
    rng = np.random.default_rng(0)
    return lambda x: x * x * rng.choice([0.5, 1.5], x.shape), lambda g, x: (true(g, x),)


def forgets_the_size_of_g() -> Pair:
    return square, lambda g, x: (2 * np.sign(g) * x,)


def forgets_the_sign_of_g() -> Pair:
    return square, lambda g, x: (2 * np.abs(g) * x,)


def decays() -> Pair:
    return square, lambda g, x: (true(g, x) + 0.01 * x,)


def reads_memory_order() -> Pair:
    return square, lambda g, x: (true(g, x.ravel(order="K").reshape(x.shape)),)


def reads_the_base() -> Pair:
    def whole(x: Array) -> Array:
        base = x if x.base is None else x.base
        return np.asarray(base).ravel()[: x.size].reshape(x.shape)

    return square, lambda g, x: (true(g, whole(x)),)


def refuses_read_only() -> Pair:
    def vjp(g: Array, x: Array) -> tuple[Array]:
        x[...] = x + 0.0
        return (true(g, x),)

    return square, vjp


KINDS = {
    changes_x: "mutation",
    changes_g: "mutation",
    returns_one_buffer: "buffer",
    accumulates: "repeatable",
    remembers_forward: "repeatable",
    draws: "repeatable",
    draws_forward: "repeatable",
    forgets_the_size_of_g: "linear",
    forgets_the_sign_of_g: "linear",
    decays: "linear",
    reads_memory_order: "layout",
    reads_the_base: "layout",
    refuses_read_only: "layout",
}


@pytest.mark.parametrize(
    "build, kind", KINDS.items(), ids=lambda each: getattr(each, "__name__", each)
)
def test_each_bad_manner_fails_under_its_own_name(build: Callable[[], Pair], kind: str) -> None:
    report = check_vjp(*build(), X, raises=False)
    assert (report.verdict, report.kind) == ("fail", kind)


def test_good_manners_pass() -> None:
    assert check_vjp(square, lambda g, x: (true(g, x),), X).verdict == "pass"


def test_one_array_in_two_places_is_two_inputs() -> None:
    def vjp(g: Array, x: Array, y: Array) -> tuple[Array, Array]:
        return (g * (x + y), np.zeros_like(y)) if x is y else (g * y, g * x)

    report = check_vjp(np.multiply, vjp, [0.5, 1.0], [2.0, -3.0], raises=False)
    assert (report.verdict, report.kind) == ("fail", "aliasing")
    right = check_vjp(np.multiply, lambda g, x, y: (g * y, g * x), [0.5, 1.0], [2.0, -3.0])
    assert right.verdict == "pass"


def test_the_input_that_was_changed_is_named() -> None:
    def vjp(g: Array, x: Array, y: Array) -> tuple[Array, Array]:
        out = g * y, g * x
        y += 1
        return out

    report = check_vjp(np.multiply, vjp, [0.5], [2.0], raises=False)
    assert (report.kind, report.input) == ("mutation", 1)
    assert "vjp changed input 1 in place" in str(report)


def test_a_function_that_changes_its_input_is_named_and_not_its_gradient() -> None:
    def f(x: Array, y: Array) -> Array:
        y *= 2
        return x * y

    report = check_vjp(f, lambda g, x, y: (2 * g * y, 2 * g * x), [0.5], [2.0], raises=False)
    assert (report.verdict, report.kind, report.input) == ("fail", "mutation", 1)
    assert "f changed input 1 in place" in str(report)
    assert "vjp changed" not in str(report)


def test_an_integer_input_must_be_left_alone_too() -> None:
    def vjp(g: Array, x: Array, i: Array) -> tuple[Any, ...]:
        out = np.zeros_like(x)
        np.add.at(out, i, g)
        i[...] = 0
        return out, None

    report = check_vjp(lambda x, i: x[i], vjp, [0.5, 1.0], [1, 0], raises=False)
    assert (report.kind, report.input) == ("mutation", 1)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (2, 1, 3), (0, 3), (0,)])
def test_a_layout_keeps_shape_type_and_numbers(layout: str, shape: tuple[int, ...]) -> None:
    for kind in (float, np.float32, int, bool):
        x = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(kind)
        y = laid_out(x, layout)
        assert isinstance(y, np.ndarray)
        assert (y.shape, y.dtype) == (x.shape, x.dtype)
        assert np.array_equal(x, y)


def test_each_layout_is_what_it_says() -> None:
    x = np.arange(6.0).reshape(2, 3)
    made = {layout: laid_out(x, layout) for layout in LAYOUTS}
    assert made["Fortran order"].flags.f_contiguous
    assert not made["strided"].flags.c_contiguous
    assert all(stride < 0 for stride in made["reversed"].strides)
    assert not made["read-only"].flags.writeable
