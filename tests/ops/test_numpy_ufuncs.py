"""Every ufunc of NumPy either records on a Tensor, or refuses rather than lose a gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

pytestmark = pytest.mark.once  # what no version of Python changes

UFUNCS = {name: f for name, f in vars(np).items() if isinstance(f, np.ufunc)}
# What has no counterpart here: results in two parts, times, and whole numbers' own business.
WITHOUT = {"divmod", "fmod", "float_power", "frexp", "modf", "ldexp", "spacing", "gcd", "lcm",
           "isnat", "bitwise_count", "matvec", "vecmat"}  # fmt: skip
MATRICES = {"matmul", "vecdot"}
BITS = {"bitwise_and", "bitwise_or", "bitwise_xor", "invert", "left_shift", "right_shift"}
# Their values are piecewise constant, whole or truth.
WITHOUT_DERIVATIVE = {
    "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and",
    "logical_or", "logical_xor", "logical_not", "isfinite", "isinf", "isnan", "signbit", "floor",
    "ceil", "trunc", "rint", "sign", "floor_divide", "nextafter",
}  # fmt: skip


def operands(f: np.ufunc) -> list[Any]:
    if f.__name__ in BITS:
        return [np.array([5, 3]), np.array([1, 2])][: f.nin]
    shift = 1.0 if f.__name__ == "arccosh" else 0.0
    return [np.array([0.25, 0.5]) + shift, np.array([0.75, 0.5])][: f.nin]


@pytest.mark.parametrize("name", sorted(UFUNCS))
def test_a_ufunc_on_tensors_records_or_refuses(name: str) -> None:
    f = UFUNCS[name]
    inputs = operands(f)
    tensors = [tg.Tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    if f.__name__ in WITHOUT:
        with pytest.raises(tg.errors.InteropError) as caught:
            f(*tensors)
        assert caught.value.fix
        return
    found: Any = f(*tensors)
    assert isinstance(found, tg.Tensor)
    np.testing.assert_allclose(found.data, f(*inputs), rtol=1e-15)
    differentiates = f.__name__ not in WITHOUT_DERIVATIVE | BITS
    assert found.requires_grad is differentiates
    if f.nin == 2 and f.__name__ not in MATRICES:  # an array and a number beside a Tensor
        np.testing.assert_array_equal(f(inputs[0], tensors[1]).data, found.data)
        np.testing.assert_array_equal(f(tensors[0], inputs[1]).data, found.data)


def test_the_lists_of_exceptions_name_ufuncs_that_exist() -> None:
    known = {f.__name__ for f in UFUNCS.values()}
    newer = {"matvec", "vecmat"}  # of NumPy 2.2
    assert (WITHOUT | BITS | WITHOUT_DERIVATIVE | MATRICES) - newer <= known


SUGGESTED = [
    (np.fmod, (-7.5, 2.0), "x - tg.trunc(x / y) * y"),
    (np.divmod, (-7.5, 2.0), "x // y, x % y"),
    (np.modf, (-7.5,), "x - tg.trunc(x), tg.trunc(x)"),
    (np.float_power, (7.5, 2.0), "x ** y"),
    (np.ldexp, (7.5, 2), "x * 2.0 ** y"),
]


@pytest.mark.parametrize("f, numbers, fix", SUGGESTED, ids=[row[0].__name__ for row in SUGGESTED])
def test_what_a_refusal_suggests_gives_numpys_value(f: Any, numbers: Any, fix: str) -> None:
    x = tg.Tensor(numbers[0], requires_grad=True)
    y = tg.Tensor(numbers[1]) if len(numbers) > 1 else None
    with pytest.raises(tg.errors.InteropError) as caught:
        f(x) if y is None else f(x, y)
    assert caught.value.fix == fix
    answers: dict[str, Any] = {
        "fmod": lambda: x - tg.trunc(x / y) * y,
        "divmod": lambda: (x // y, x % y),
        "modf": lambda: (x - tg.trunc(x), tg.trunc(x)),
        "float_power": lambda: x**y,
        "ldexp": lambda: x * 2.0**y,
    }
    found = answers[f.__name__]()
    parts = found if isinstance(found, tuple) else (found,)
    expected = np.atleast_1d(f(*numbers)).ravel()
    np.testing.assert_array_equal([part.item() for part in parts], expected)
