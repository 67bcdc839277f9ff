"""What the package says of itself to code written for the Array API."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

FLOATS = ["float16", "float32", "float64"]
WHOLE = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
COMPLEX = ["complex64", "complex128"]


def test_a_tensor_leads_to_the_namespace() -> None:
    x = tg.zeros(2)
    assert x.__array_namespace__() is tg
    assert x.__array_namespace__(api_version=tg.__array_api_version__) is tg
    assert (x.device, x.to_device("cpu") is x) == ("cpu", True)
    with pytest.raises(ValueError, match=r"2019\.01"):
        x.__array_namespace__(api_version="2019.01")


def test_types_of_number_are_numpys() -> None:
    for name in ["bool", *FLOATS, *WHOLE, *COMPLEX]:
        assert getattr(tg, name) is getattr(np, name)


@pytest.mark.parametrize("name", FLOATS + COMPLEX)
def test_limits_of_floats_are_pythons_numbers(name: str) -> None:
    expected = np.finfo(name)
    for given in (name, getattr(tg, name), np.dtype(name), tg.zeros(1, dtype=name)):
        found = tg.finfo(given)
        for fact in ("eps", "max", "min", "smallest_normal"):
            assert type(getattr(found, fact)) is float
            assert getattr(found, fact) == getattr(expected, fact)
        assert (found.bits, found.dtype) == (expected.bits, expected.dtype)


@pytest.mark.parametrize("name", WHOLE)
def test_limits_of_whole_numbers_follow_from_their_bits(name: str) -> None:
    bits = int(name.lstrip("uint"))
    signed = not name.startswith("u")
    found = tg.iinfo(tg.zeros(1, dtype=name))
    assert found.max == 2 ** (bits - signed) - 1
    assert found.min == (-(2 ** (bits - 1)) if signed else 0)
    assert (found.bits, found.dtype) == (bits, np.dtype(name))


@pytest.mark.parametrize("call", [lambda: tg.finfo(tg.int8), lambda: tg.iinfo(tg.float32)])
def test_limits_of_the_other_kind_are_refused(call: Any) -> None:
    with pytest.raises(tg.errors.DTypeError):
        call()


KINDS = {
    "bool": ["bool"],
    "signed integer": WHOLE[:4],
    "unsigned integer": WHOLE[4:],
    "integral": WHOLE,
    "real floating": FLOATS,
    "complex floating": COMPLEX,
    "numeric": [*WHOLE, *FLOATS, *COMPLEX],
}


def test_every_type_is_of_the_kinds_that_list_it() -> None:
    every = ["bool", *KINDS["numeric"]]
    for name, (kind, members) in itertools.product(every, KINDS.items()):
        assert tg.isdtype(np.dtype(name), kind) is (name in members)
        assert tg.isdtype(getattr(tg, name), (kind, tg.bool)) is (name in [*members, "bool"])
    for name, other in itertools.product(every, every):
        assert tg.isdtype(np.dtype(name), getattr(tg, other)) is (name == other)


def test_questions_about_what_is_no_type_are_refused() -> None:
    with pytest.raises(ValueError, match="kind"):
        tg.isdtype(tg.float32, "float")
    with pytest.raises(tg.errors.DTypeError):
        tg.isdtype("floaty", "numeric")
    with pytest.raises(tg.errors.DTypeError):
        tg.result_type("text", tg.float32)


def test_promotion_is_numpys_and_takes_tensors() -> None:
    names = ["bool", *WHOLE, *FLOATS]
    for left, right in itertools.product(names, names):
        expected = np.result_type(left, right)
        assert tg.result_type(getattr(tg, left), tg.zeros(1, dtype=right)) == expected
        assert tg.can_cast(getattr(tg, left), right) == np.can_cast(left, right)
    assert tg.result_type(tg.float32, 1.0) == np.float32
    assert tg.can_cast(tg.zeros(1, dtype="int8"), tg.int16)


def test_the_inspection_object_lists_one_device_and_the_standards_types() -> None:
    info = tg.__array_namespace_info__()
    assert info.devices() == [info.default_device()] == ["cpu"]
    assert info.capabilities()["boolean indexing"] is True
    assert set(info.dtypes()) == {"bool", *WHOLE, *FLOATS[1:], *COMPLEX}
    assert set(info.dtypes(kind="signed integer")) == set(WHOLE[:4])
    assert set(info.dtypes(kind=("bool", "real floating"))) == {"bool", "float32", "float64"}
    defaults = info.default_dtypes(device="cpu")
    assert defaults["real floating"] == tg.zeros(1).dtype
    assert defaults["integral"] == tg.arange(1).dtype
    assert defaults["complex floating"] == tg.asarray(1j).dtype
    with pytest.raises(ValueError, match="cuda"):
        info.dtypes(device="cuda")


def test_constants_are_numpys() -> None:
    assert (tg.e, tg.pi, tg.inf) == (np.e, np.pi, np.inf)
    assert np.isnan(tg.nan)
    assert tg.newaxis is None
    assert tg.zeros(2)[:, tg.newaxis].shape == (2, 1)


def test_astype_returns_what_already_has_the_type_if_it_need_not_copy() -> None:
    x = tg.zeros(2)
    assert tg.astype(x, tg.float64, copy=False) is x
    assert x.astype(tg.float64, copy=False) is x
    assert tg.astype(x, tg.float32, copy=False).dtype == np.float32
    assert not np.shares_memory(tg.astype(x, tg.float64).data, x.data)


def test_one_number_becomes_every_python_number() -> None:
    assert complex(tg.asarray(2.0)) == 2 + 0j
    assert complex(tg.asarray(1 - 2j)) == 1 - 2j
    assert float(tg.asarray(2)) == 2.0
    assert [10, 20, 30][tg.asarray(1)] == 20


@pytest.mark.parametrize("symbol", ["+", "-", "*", "/"])
def test_a_result_is_rebound_by_an_updating_operator_as_a_number_is(symbol: str) -> None:
    names: dict[str, Any] = {"x": tg.Tensor([4.0]) * 1.0, "before": None}
    names["before"] = names["x"]
    match symbol:
        case "+":
            names["x"] += 2.0
        case "-":
            names["x"] -= 2.0
        case "*":
            names["x"] *= 2.0
        case _:
            names["x"] /= 2.0
    assert names["before"].item() == 4.0
    assert names["x"].item() == {"+": 6.0, "-": 2.0, "*": 8.0, "/": 2.0}[symbol]


def test_python_complex_numbers_are_weak_too() -> None:
    assert (tg.ones(1, dtype=tg.complex64) * (2 + 1j)).dtype == np.complex64
    assert (2j + tg.ones(1, dtype=tg.float32)).dtype == np.complex64
    x = tg.ones(1)
    assert (x * 1.0).dtype == np.float64
    assert (x * (1 + 0j)).dtype == np.complex128


def test_factors_of_complex_matrices_are_numpys() -> None:
    rng = np.random.default_rng(0)
    for rows, columns in [(2, 3), (3, 2), (3, 3)]:
        x = rng.normal(size=(rows, columns)) + 1j * rng.normal(size=(rows, columns))
        u, s, vh = tg.linalg.svd(tg.Tensor(x), full_matrices=False)
        assert s.dtype == np.float64
        np.testing.assert_allclose((u * s @ vh).data, x)
        product = tg.vecdot(tg.Tensor(x), tg.Tensor(x))
        np.testing.assert_allclose(product.data, (abs(x) ** 2).sum(axis=-1))
    gram = x @ x.conj().T
    values, vectors = tg.linalg.eigh(tg.Tensor(gram))
    assert values.dtype == np.float64
    np.testing.assert_allclose(vectors.data * values.data @ vectors.data.conj().T, gram)
    assert tg.linalg.slogdet(tg.Tensor(x)).logabsdet.dtype == np.float64
