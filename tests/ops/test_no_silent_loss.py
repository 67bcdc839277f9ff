"""What would lose a gradient or answer another question than the one asked is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

W = tg.Tensor([3.0, 1.0, 2.0], requires_grad=True)


@pytest.mark.parametrize(
    "f",
    [
        lambda: tg.linspace(W[0], 1.0, 3),
        lambda: tg.linspace(0.0, W[0], 3),
        lambda: np.linspace(W[0], W[1], 3),
        lambda: tg.arange(W[0]),
        lambda: tg.arange(0.0, 5.0, W[0]),
        lambda: tg.pad(W, 1, constant_values=W[0]),
    ],
)
def test_constants_made_of_a_tensor_that_requires_a_gradient_are_refused(
    f: Callable[[], Any],
) -> None:
    with pytest.raises(tg.errors.SignatureError) as caught:
        f()
    assert caught.value.fix
    with tg.no_grad():
        assert not f().requires_grad


def test_the_number_that_numpys_full_like_repeats_gets_its_gradient() -> None:
    filled: Any = np.full_like(W, W[0])
    np.testing.assert_array_equal(tg.Tape().gradient(filled.sum(), W).data, [3.0, 0.0, 0.0])


@pytest.mark.parametrize("f", [tg.take, tg.take_along_axis])
def test_indices_that_change_afterwards_change_no_gradient(f: Callable[..., Any]) -> None:
    x, indices = tg.Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True), np.array([0, 1, 2])
    y = f(x, indices)
    indices[:] = 3
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [1.0, 1.0, 1.0, 0.0])


def test_where_needs_both_values() -> None:
    with pytest.raises(tg.errors.SignatureError):
        tg.where([True, False])  # type: ignore[call-arg]


@pytest.mark.parametrize("dtype", [str, object, "datetime64[s]"])
def test_a_type_that_holds_no_numbers_is_refused_in_the_callers_words(dtype: Any) -> None:
    with pytest.raises(tg.errors.DTypeError, match="not a type of number"):
        tg.astype(W, dtype)


@pytest.mark.parametrize(
    "f",
    [
        lambda: tg.stack(3.0),  # type: ignore[arg-type]
        lambda: tg.pad(W, 1, constant_values="a"),
        lambda: tg.dropout(W, "a"),  # type: ignore[arg-type]
    ],
)
def test_settings_that_are_no_numbers_or_lists_are_refused_with_a_fix(
    f: Callable[[], Any],
) -> None:
    with pytest.raises(tg.errors.ArgumentError) as caught:
        f()
    assert caught.value.fix


def test_einsum_takes_plain_numbers() -> None:
    np.testing.assert_array_equal(tg.einsum("->", 3.0), np.array(3.0), strict=True)
    np.testing.assert_array_equal(tg.einsum(",->", 3.0, 2), np.array(6.0), strict=True)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, parts: tg.concat([x, x], axis=9),
        lambda x, parts: tg.roll(x, 1, axis=9),
        lambda x, parts: tg.take(*parts, axis=9),
        lambda x, parts: tg.argsort(*parts[:1], axis=9),
        lambda x, parts: tg.concat([x, x], axis=0.5),  # type: ignore[arg-type]
        lambda x, parts: tg.elu(x, alpha="a"),  # type: ignore[arg-type]
    ],
)
def test_the_offered_edit_runs_whatever_the_operation_takes(f: Callable[..., Any]) -> None:
    x = tg.Tensor([1.0, 2.0])
    with pytest.raises(tg.errors.TinygradError) as caught:
        f(x, [x, [0]])
    edit = str(caught.value.fix).partition("   #")[0]
    known = {"tg": tg, "x": x, "parts": [x, [0]], "help": lambda called: called}
    assert eval(edit, known) is not None


@pytest.mark.parametrize(
    ("f", "wanted"),
    [
        (tg.getitem, [1.0, 1.0, 0.0]),
        (lambda x, key: tg.getitem(x, (key,)), [1.0, 1.0, 0.0]),
        (lambda x, key: tg.put(x, 9.0, key), [0.0, 0.0, 1.0]),
        (lambda x, key: tg.scatter_add(x[:2] * np.array([2.0, 1.0]), (3,), key) * [5.0, 6.0, 7.0],
         [10.0, 6.0, 0.0]),
    ],
)  # fmt: skip
def test_an_index_that_changes_afterwards_changes_no_gradient(
    f: Callable[..., Any], wanted: list[float]
) -> None:
    x, key = tg.Tensor([1.0, 2.0, 3.0], requires_grad=True), np.array([0, 1])
    y = f(x, key)
    key[:] = 2
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, wanted)
