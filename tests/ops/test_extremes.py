"""Numbers at the ends of their types: huge, tiny, infinite, NaN, complex, beyond the type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

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
