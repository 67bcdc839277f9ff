"""SciPy's special functions from our operations: identities, edges and gradients."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import special

INSIDE = np.array([1e-12, 0.01, 0.2, 0.26, 0.4999, 0.5, 0.51, 0.74, 0.76, 0.99])


@pytest.mark.parametrize("probability", INSIDE)
def test_logit_is_the_inverse_of_expit(probability: float) -> None:
    p = float(probability)
    np.testing.assert_allclose(special.expit(special.logit(p)), p, rtol=1e-13)
    slope = tg.grad(special.logit)(p)
    np.testing.assert_allclose(slope, 1 / (p * (1 - p)), rtol=1e-13)


def test_logit_keeps_its_digits_at_one_half() -> None:
    np.testing.assert_allclose(special.logit(0.5 + 2.0**-40), 2.0**-38, rtol=1e-15)


def plain_xlogy(x: float, y: float) -> float:
    if math.isnan(x) or math.isnan(y):
        return math.nan
    if x == 0:
        return 0.0
    logarithm = math.log(y) if y > 0 else (-math.inf if y == 0 else math.nan)
    return x * logarithm


EDGES = [0.0, 0.5, 1.0, 3.0, math.inf, -1.0, math.nan]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_products_with_logarithms_are_zero_where_the_factor_is() -> None:
    for x in EDGES:
        for y in EDGES:
            expected = plain_xlogy(x, y)
            np.testing.assert_allclose(special.xlogy(x, y), expected)
            np.testing.assert_allclose(special.xlog1py(x, y - 1.0), expected)


def plain_rel_entr(x: float, y: float) -> float:
    if math.isnan(x) or math.isnan(y):
        return math.nan
    if x > 0 and y > 0:
        return x * math.log(x / y)
    return 0.0 if x == 0 and y >= 0 else math.inf


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_divergences_are_infinite_where_there_is_none() -> None:
    finite = [x for x in EDGES if not math.isinf(x)]
    for x in finite:
        for y in finite:
            expected = plain_rel_entr(x, y)
            np.testing.assert_allclose(special.rel_entr(x, y), expected, atol=1e-15)
            np.testing.assert_allclose(special.kl_div(x, y), expected - x + y, atol=1e-15)
        wanted = -math.inf if x < 0 else -plain_xlogy(x, x)
        np.testing.assert_allclose(special.entr(x), wanted)


def test_ndtr_is_the_normal_distribution_with_both_tails() -> None:
    for x in (-30.0, -5.0, -1.0, 0.0, 0.5, 4.0):
        expected = 0.5 * math.erfc(-x / math.sqrt(2))
        # Rounding x moves the logarithm of the tail by x^2 units in the last place.
        rounding = 4 * (1 + x * x) * float(np.finfo(float).eps)
        np.testing.assert_allclose(special.ndtr(x), expected, rtol=rounding)


def test_betaln_is_a_ratio_of_factorials() -> None:
    for a in range(1, 6):
        for b in range(1, 6):
            ratio = math.factorial(a - 1) * math.factorial(b - 1) / math.factorial(a + b - 1)
            found = special.betaln(float(a), float(b))
            np.testing.assert_allclose(found, math.log(ratio), atol=1e-14)


ONE = {"logit": special.logit, "entr": special.entr, "ndtr": special.ndtr}
TWO = {
    name: getattr(special, name) for name in ("xlogy", "xlog1py", "rel_entr", "kl_div", "betaln")
}


@pytest.mark.parametrize("f", [*ONE.values(), *TWO.values()], ids=[*ONE, *TWO])
def test_gradients_are_right_to_second_order(f: Any) -> None:
    x, y = np.array([0.1, 0.3, 0.6, 0.9]), np.array([0.7, 0.2, 0.5, 0.4])
    operands = (x,) if f in ONE.values() else (x, y)
    assert tg.testing.check_gradients(f, *operands, order=2).verdict == "pass"


def test_gradients_at_an_impossible_outcome_are_finite() -> None:
    p = np.array([0.0, 1.0])
    assert np.isfinite(tg.grad(lambda x: special.entr(x).sum())(p)).all()
    assert np.isfinite(tg.grad(lambda x: special.rel_entr(x, p).sum())(p)).all()


def test_a_certain_weight_of_zero_still_has_the_logarithm_as_slope() -> None:
    np.testing.assert_allclose(tg.grad(special.xlogy)(0.0, 2.0), math.log(2.0))


def test_arrays_give_arrays_and_tensors_tensors() -> None:
    for name in special.__all__:
        operands = [np.array([0.3, 0.6])] * (2 if name in TWO else 1)
        if name == "polygamma":
            operands.insert(0, 1)
        f = getattr(special, name)
        assert isinstance(f(*operands), np.ndarray), name
        assert isinstance(f(*[tg.asarray(x) if np.ndim(x) else x for x in operands]), tg.Tensor)
