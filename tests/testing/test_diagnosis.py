"""What a mistake looks like is said in words that lead to it, and never wrongly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tinygrad_edu.testing import check_vjp
from tinygrad_edu.testing.patterns import pattern

pytestmark = pytest.mark.once  # what no version of Python changes

Array = np.ndarray[Any, Any]
few = settings(max_examples=max(10, settings().max_examples // 3))


def diagnosis(f: Any, vjp: Any, *xs: Any) -> str:
    report = check_vjp(f, vjp, *xs, raises=False)
    assert report.verdict == "fail"
    return str(report.diagnosis)


# ---------------------------------------------------------------- patterns between two arrays


def generic(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).uniform(0.5, 2, shape) * np.random.default_rng(
        seed + 1
    ).choice([-1.0, 1.0], shape)


LOOKS: list[tuple[str, Callable[[Array, Array], Array], tuple[int, ...]]] = [
    ("no gradient arrives", lambda n, x: 0 * n, (3,)),
    ("the wrong sign", lambda n, x: -n, (4,)),
    ("1/4 of it, as if a mean", lambda n, x: n / 4, (4,)),
    ("4 times too large", lambda n, x: 4 * n, (4,)),
    ("0.5 of what it should be", lambda n, x: n / 2, (3,)),
    ("transposed", lambda n, x: n.T, (3, 3)),
    ("transposed, axes (0, 2, 1)", lambda n, x: n.transpose(0, 2, 1), (2, 3, 3)),
    ("flipped along axis 0", lambda n, x: n[::-1], (5,)),
    ("flipped along axes (0, 1)", lambda n, x: n[::-1, ::-1], (3, 4)),
    ("shifted by one along axis 1", lambda n, x: np.roll(n, 1, 1), (2, 5)),
    ("entries 0 and 2 of axis 0", lambda n, x: n[[2, 1, 0, 3]], (4, 3)),
    ("a factor x too many", lambda n, x: n * x, (5,)),
    ("a factor x is missing", lambda n, x: n / x, (5,)),
    ("the absolute value", lambda n, x: np.abs(n), (5,)),
    ("the same number, 0.25, is added", lambda n, x: n + 0.25, (5,)),
    ("where the input is negative", lambda n, x: np.where(x < 0, 3 * n, n), (6,)),
    ("border of the array (last end)", lambda n, x: n * (np.arange(6) < 5), (6,)),
    ("every 2. place along axis 1", lambda n, x: n * (np.arange(6) % 2), (2, 6)),
    ("at the borders: look at the padding", lambda n, x: edges(n), (4, 5)),
    ("in one element only, [1, 2]", lambda n, x: at(n, (1, 2)), (3, 4)),
    ("wrong in 3 of 8 elements (zero there)", lambda n, x: at(n, [1, 4, 5], 0.0), (8,)),
]


def edges(n: Array) -> Array:
    out = 2 * n
    out[1:-1, 1:-1] = n[1:-1, 1:-1]
    out[0, 1] = n[0, 1]  # so that no axis has whole slices wrong
    return out


def at(n: Array, place: Any, factor: float = 3.0) -> Array:
    out = n.copy()
    out[place] *= factor
    return out


@pytest.mark.parametrize("text, change, shape", LOOKS, ids=[look[0] for look in LOOKS])
def test_each_pattern_is_recognised(
    text: str, change: Callable[[Array, Array], Array], shape: tuple[int, ...]
) -> None:
    for seed in (0, 10, 20):
        n, x = generic(seed, *shape), generic(seed + 5, *shape)
        assert text in str(pattern(change(n, x), n, x))


def test_something_for_nothing_is_a_straight_through() -> None:
    n = np.zeros(3)
    assert "does not depend on the input" in str(pattern(np.ones(3), n, generic(0, 3)))


@few
@given(st.integers(0, 10**6), st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_unrelated_numbers_look_like_nothing(seed: int, shape: list[int]) -> None:
    a, n, x = (generic(seed + 7 * k, *shape) for k in range(3))
    if a.size > 1:
        assert pattern(a + 0.1 * x, n, x) is None


@few
@given(st.integers(0, 10**6), st.lists(st.integers(1, 4), min_size=0, max_size=3))
def test_every_shape_is_looked_at_without_an_error(seed: int, shape: list[int]) -> None:
    n, x = generic(seed, *shape), generic(seed + 3, *shape)
    for a in (n.copy(), np.roll(n, 1), np.full(n.shape, np.nan), 0 * n, n + np.inf):
        with np.errstate(all="ignore"):
            found = pattern(a, n, x)
        assert found is None or isinstance(found, str)


# ---------------------------------------------------------------- in a check


def product(x: Array, w: Array) -> Array:
    return x @ w


X, W = generic(1, 2, 3), generic(2, 3, 3)


@pytest.mark.parametrize(
    "text, vjp",
    [
        ("the wrong sign in input 1", lambda g, x, w: (g @ w.T, -x.T @ g)),
        ("transposed in input 1", lambda g, x, w: (g @ w.T, (x.T @ g).T)),
        ("a constant factor: 0.5 of what", lambda g, x, w: (g @ w.T / 2, x.T @ g)),
        ("no gradient arrives", lambda g, x, w: (g @ w.T, None)),
        ("ignored in input 0: multiply by g", lambda g, x, w: (np.ones((2, 3)) @ w.T, x.T @ g)),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_wrong_product_of_matrices_is_explained(text: str, vjp: Any) -> None:
    found = check_vjp(product, vjp, X, W, raises=False)
    assert found.verdict == "fail"
    if found.kind == "value":
        assert text in str(found.diagnosis)
    else:
        assert found.kind == "linear", "a cotangent that is ignored is seen before any value"


def test_exchanged_gradients_name_each_other() -> None:
    text = diagnosis(np.multiply, lambda g, x, y: (g * x, g * y), [0.5, 1.5], [2.0, -3.0])
    assert text in ("the gradient of input 1 in input 0", "the gradient of input 0 in input 1")


def test_special_values_hide_no_pattern() -> None:
    # All zeros and ones: transposed, it is itself.
    text = diagnosis(lambda x: x @ X.T, lambda g, x: ((g @ X).T,), np.ones((3, 3)))
    assert text == "transposed"


@pytest.mark.parametrize("off, cause", [(1e-7, "a float32"), (5e-6, "a constant with too few")])
def test_a_small_difference_is_a_matter_of_precision(off: float, cause: str) -> None:
    text = diagnosis(np.sin, lambda g, x: ((1 + off) * g * np.cos(x),), [0.3, 0.8])
    assert f"off by {off:.1e} of its value: {cause}" in text


def test_a_float32_inside_the_gradient_is_recognised() -> None:
    def vjp(g: Array, x: Array) -> tuple[Array]:
        return ((g * np.cos(x)).astype(np.float32).astype(float),)

    assert "a float32 in the gradient" in diagnosis(np.sin, vjp, [0.3, 0.7])


def test_ties_come_before_any_constant_factor() -> None:
    for x in ([1.0, 1.0], [0.5, 0.5, 0.2], [0.0, 0.0, 0.0, 0.0]):
        text = diagnosis(np.max, lambda g, x: (g * (x == x.max()),), x)
        assert "tie" in text
        assert "factor" not in text


def test_a_tie_that_is_shared_wrongly_is_explained_as_one() -> None:
    def vjp(g: Array, x: Array) -> tuple[Array]:
        return (g * (x == x.max()) * 1.5,) if len(np.unique(x)) < x.size else (g * (x == x.max()),)

    text = diagnosis(np.max, vjp, [1.0, 1.0, 0.0])
    assert "tie" in text


def test_a_value_no_slope_has_is_explained_by_the_kink() -> None:
    text = diagnosis(np.abs, lambda g, x: (g * np.where(x == 0, 2, np.sign(x)),), [0.0, 1.0])
    assert "at this kink no slope on any side has that value" in text


def test_a_nan_at_special_values_only_is_a_branch_that_is_not_taken() -> None:
    def vjp(g: Array, x: Array) -> tuple[Array]:
        return (g * 2 * x * x / x,)

    text = diagnosis(lambda x: x * x, vjp, [0.0, 1.0])
    assert "0 / 0 in a branch" in text


def test_one_special_value_that_is_wrong_is_told_from_a_pattern() -> None:
    def vjp(g: Array, x: Array) -> tuple[Array]:
        return (np.where(x == 1, 0, g * np.cos(x)),)

    assert "wrong at this very point" in diagnosis(np.sin, vjp, [1.0, 0.5])


def test_a_shape_that_was_not_summed_back_is_a_broadcast() -> None:
    text = diagnosis(np.multiply, lambda g, x, y: (g * y, g * x), [0.5, 1.0], 2.0)
    assert "a forgotten sum over the axes along which input 1 was broadcast" in text
    text = diagnosis(np.ravel, lambda g, x: (g,), np.ones((2, 2)))
    assert "must have the shape of its input, (2, 2)" in text


def test_a_domain_with_an_end_is_not_left_by_the_diagnosis() -> None:
    def strict(x: Array) -> Array:
        if (x <= 0).any():
            raise ValueError("outside the domain")
        return np.log(x)

    assert diagnosis(strict, lambda g, x: (-g / x,), [1e-3, 0.5]) == "the wrong sign"


def test_manners_need_no_diagnosis() -> None:
    report = check_vjp(np.sin, lambda g, x: (g * np.cos(x), g), [0.5], raises=False)
    assert report.kind == "arity"
    assert report.diagnosis is None


def test_a_kernel_that_is_not_flipped_is_named() -> None:
    def slide(x: Array, w: Array) -> Array:
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape)
        return np.einsum("ijkl,kl->ij", windows, w)

    def vjp(g: Array, x: Array, w: Array) -> tuple[Array, Array]:
        wide = np.pad(g, [(side - 1, side - 1) for side in w.shape])
        return slide(wide, w), slide(x, g)

    rng = np.random.default_rng(0)
    text = diagnosis(slide, vjp, rng.normal(size=(4, 5)), rng.normal(size=(3, 2)))
    assert "the gradient of input 0 needs input 1 reversed along its axes, as a kernel is" in text


def test_a_forgotten_transpose_of_the_other_factor_is_named() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(4, 3)), rng.normal(size=(3, 3))
    text = diagnosis(np.matmul, lambda g, x, w: (g @ w, x.T @ g), x, w)
    assert "the gradient of input 0 needs input 1 transposed" in text
