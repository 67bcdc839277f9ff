"""Numbers at the ends of their types: huge, tiny, infinite, NaN, complex, beyond the type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

pytestmark = pytest.mark.once  # what no version of Python changes

F = Callable[[Any], Any]


def gradient(f: F, x: Any) -> Any:
    t = tg.Tensor(x, requires_grad=True)
    f(t).sum().backward()
    return t.grad


@pytest.mark.parametrize("name", ["logaddexp", "logaddexp2"])
@pytest.mark.parametrize("x", [0.0, 1e3, -1e3, 1e10, -1e16, 1e300])
def test_equal_numbers_have_equal_shares_of_a_logarithm_of_a_sum(name: str, x: float) -> None:
    """The logarithm of 2 is lost in the value, but not in the shares."""
    f = getattr(tg, name)
    for kind in (np.float16, np.float32, np.float64):
        if abs(x) < float(np.finfo(kind).max):
            y = np.asarray(x, kind)
            np.testing.assert_array_equal(tg.grad(f, argnums=(0, 1))(y, y), (0.5, 0.5))


@pytest.mark.parametrize("name", ["logaddexp", "logaddexp2"])
def test_shares_of_a_logarithm_of_a_sum_at_infinities_are_all_or_nothing(name: str) -> None:
    inf = np.inf
    shares = tg.grad(getattr(tg, name), argnums=(0, 1))
    for x, y, wanted in (
        (inf, 0.0, (1, 0)), (0.0, inf, (0, 1)), (-inf, 0.0, (0, 1)), (0.0, -inf, (1, 0)),
        (-inf, -inf, (0, 0)), (inf, -inf, (1, 0)),
    ):  # fmt: skip
        np.testing.assert_array_equal(shares(x, y), wanted)


@pytest.mark.parametrize("name", ["logaddexp", "logaddexp2"])
@pytest.mark.parametrize("lead", [-40.0, 40.0, 300.0])
def test_the_curvature_of_a_logarithm_of_a_sum_keeps_its_digits(name: str, lead: float) -> None:
    """It is the product of both shares, and one is nearly 1."""
    base = 1.0 if name == "logaddexp" else np.log(2.0)
    curvature = tg.hessian(lambda x: getattr(tg, name)(x, 0.0))(lead)
    small = np.exp(-base * abs(lead))
    np.testing.assert_allclose(curvature, base * small / (1.0 + small) ** 2, 1e-13)


@pytest.mark.parametrize("name", ["atan", "erf", "erfc"])
@pytest.mark.parametrize(("kind", "x"), [(np.float16, 300.0), (np.float32, 1e20), (float, 1e200)])
def test_a_slope_whose_square_overflows_is_silent(name: str, kind: Any, x: float) -> None:
    found = gradient(getattr(tg, name), np.array([x, -x], kind))
    np.testing.assert_array_equal(found, np.zeros(2, kind))


def test_no_elements_have_a_variance_without_a_gradient() -> None:
    x = tg.Tensor(np.ones((0, 2)), requires_grad=True)
    found = tg.Tape().gradient(tg.var(x, axis=1), x, output_gradient=np.ones(0))
    assert found.shape == (0, 2)


@pytest.mark.parametrize("f", [tg.max, tg.min])
def test_an_extremum_that_is_nan_sends_nothing_back_and_is_silent(f: Any) -> None:
    x = np.array([[1.0, np.nan, 2.0], [3.0, 4.0, 3.0]])
    found = gradient(lambda t: tg.where([False, True], f(t, axis=1), 0.0), x)
    wanted = [[0, 0, 0], [0, 1, 0] if f is tg.max else [0.5, 0, 0.5]]
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("kind", [bool, np.int8, np.float16, np.float64])
def test_real_numbers_have_no_imaginary_part_however_large(kind: Any) -> None:
    x = np.array([-1.0, 1.0]) if kind is bool else np.array([-1.0, 1.0, 0.0]).astype(kind)
    x = x.astype(kind) if np.dtype(kind).kind != "f" else np.array([-1, -0.0, np.inf], kind)
    np.testing.assert_array_equal(tg.imag(x), np.imag(x), strict=True)
    assert not np.signbit(np.asarray(tg.imag(x), float)).any()


def test_the_gradient_of_an_imaginary_part_is_zero() -> None:
    np.testing.assert_array_equal(gradient(tg.imag, [1.0, np.inf]), [0.0, 0.0])


@pytest.mark.parametrize("name", ["erf", "erfc", "lgamma", "digamma", "i0", "sinc"])
@pytest.mark.parametrize("z", [1j, np.array(1 + 1j), [1j], tg.Tensor([1j])])
def test_functions_of_real_numbers_refuse_complex_ones(name: str, z: Any) -> None:
    with pytest.raises(tg.errors.DTypeError):
        getattr(tg, name)(z)


def test_numbers_beyond_a_type_are_compared_and_divided_as_in_numpy() -> None:
    x = np.array([1, 200], np.uint8)
    for f in (
        lambda x: x < -1, lambda x: x == 1000, lambda x: x <= 1000, lambda x: x / 1000,
        lambda x: -1 / x, lambda x: np.hypot(x, 1000),
    ):  # fmt: skip
        found = f(tg.Tensor(x))
        assert isinstance(found, tg.Tensor)
        np.testing.assert_array_equal(found.data, f(x), strict=True)


@pytest.mark.parametrize("x", [np.array([1], np.int8), tg.Tensor(np.array([1], np.int8))])
def test_a_number_beyond_a_type_is_refused_where_numpy_refuses_it(x: Any) -> None:
    with pytest.raises(tg.errors.DTypeError) as caught:
        tg.add(x, 1000)
    assert "out of bounds for int8" in str(caught.value)
    (fix,) = [eval(str(caught.value.fix), {"x": x})]
    assert tg.add(fix, 1000).item() == 1001


@pytest.mark.parametrize("x", [tg.Tensor([1.0], requires_grad=True), tg.Tensor([1])])
def test_a_number_beyond_every_type_is_refused(x: Any) -> None:
    for f in (lambda: x + 10**400, lambda: x / 10**400, lambda: tg.exp(10**400)):
        with pytest.raises(tg.errors.DTypeError):
            f()


@pytest.mark.parametrize(
    ("kind", "size"), [(np.float16, 1e-6), (np.float32, 1e-30), (float, 1e-200)]
)
def test_the_gradient_of_a_deviation_does_not_depend_on_the_unit(kind: Any, size: float) -> None:
    """Although the squares, and in float16 the inverse deviation, are out of reach."""
    x = np.array([[1, 0, -1], [2, 2, 2]], kind) * kind(size)
    found = gradient(lambda t: tg.std(t, axis=1), x)
    wanted = np.array([[1.0, 0.0, -1.0], [0, 0, 0]]) / np.sqrt(6.0)
    np.testing.assert_allclose(found, wanted, 2 * float(np.finfo(kind).eps))


def test_the_curvature_of_a_small_deviation_grows_as_the_unit_shrinks() -> None:
    curvature = tg.hessian(tg.std)
    one = curvature(np.array([1.0, 0.0, -1.5]))
    np.testing.assert_allclose(curvature(np.array([1.0, 0.0, -1.5]) * 1e-200) * 1e-200, one, 1e-12)


@pytest.mark.parametrize("correction", [0, 1, -2.5])
def test_a_deviation_of_more_numbers_than_a_short_float_counts(correction: float) -> None:
    x = np.zeros(70_000, np.float16)
    x[::2] = 1.0
    found = gradient(lambda t: tg.std(t, correction=correction), x)
    np.testing.assert_allclose(found, (2 * x.astype(float) - 1) / 70_000, 2e-2)


def test_beside_an_infinity_nothing_else_counts_in_a_logarithm_of_a_sum() -> None:
    inf = np.inf
    x = np.array([[inf, 1000.0, 0.0], [inf, -inf, inf], [1.0, 1.0, -inf], [-1e300, inf, 1e300]])
    wanted = [[1, 0, 0], [0.5, 0, 0.5], [0.5, 0.5, 0], [0, 1, 0]]
    np.testing.assert_array_equal(gradient(lambda t: tg.logsumexp(t, axis=1), x), wanted)
    np.testing.assert_array_equal(tg.logsumexp(x, axis=1)[[0, 1, 3]], inf)


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_a_normal_gate_at_the_ends_is_shut_or_open(approximate: str) -> None:
    _gated_at_the_ends(lambda x: tg.gelu(x, approximate=approximate))


@pytest.mark.parametrize("name", ["hardswish", "silu", "mish"])
def test_a_gated_unit_at_the_ends_is_shut_or_open(name: str) -> None:
    _gated_at_the_ends(getattr(tg, name))


def _gated_at_the_ends(f: F) -> None:
    for kind in (np.float16, np.float32, np.float64):
        large = float(np.finfo(kind).max)
        x = np.array([-np.inf, -large, large, np.inf], kind)
        np.testing.assert_array_equal(f(x), [0.0, 0.0, large, np.inf])
        np.testing.assert_array_equal(gradient(f, x), [0.0, 0.0, 1.0, 1.0])
        for end in x:
            assert tg.grad(tg.grad(f))(kind(end)) == 0.0


@pytest.mark.parametrize("x", [-700.0, -40.0, -20.0, -1.0, 20.0, 40.0])
def test_the_curvature_of_softplus_keeps_its_digits(x: float) -> None:
    small = np.exp(-abs(x))
    bent = small / (1.0 + small) ** 2
    np.testing.assert_allclose(tg.hessian(tg.log_sigmoid)(x), -bent, 1e-14)
    smooth = tg.hessian(lambda x: tg.softplus(x, threshold=np.inf))
    np.testing.assert_allclose(smooth(x), bent, 1e-14)


@pytest.mark.parametrize(("name", "sign"), [("asin", 1.0), ("acos", -1.0), ("atanh", 2.0)])
def test_the_curvature_of_an_inverse_circular_function_is_odd_about_0(
    name: str, sign: float
) -> None:
    curvature = tg.hessian(getattr(tg, name))
    for x in (1e-3, 1e-17, -1e-17, 1e-300, 0.0):
        np.testing.assert_allclose(curvature(x), sign * x, 3e-6)
    with np.errstate(divide="ignore"):
        assert curvature(1.0) == sign * np.inf
        assert curvature(-1.0) == -sign * np.inf


def test_a_mean_of_a_window_knows_nothing_of_what_stands_before_it() -> None:
    x = np.array([1e300, np.inf, 1.0, 1e-300, 3e-300])
    np.testing.assert_array_equal(tg.avg_pool1d(x[None], 2, stride=1)[0, 2:], [0.5, 2e-300])
