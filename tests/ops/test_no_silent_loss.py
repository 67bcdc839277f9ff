"""What would lose a gradient or answer another question than the one asked is refused."""

from __future__ import annotations

import re
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


X, Z, PAIR = np.ones((2, 3)), np.ones((2, 3), complex), np.ones((1, 2))
GATES = (np.ones((1, 1, 3)), np.ones((6, 3)), np.ones((6, 2)))


@pytest.mark.parametrize(
    "f",
    [
        lambda: tg.split(X, None),  # type: ignore[arg-type]
        lambda: tg.split(X, [0.5]),  # type: ignore[list-item]
        lambda: tg.topk(X, 1.5),  # type: ignore[arg-type]
        lambda: tg.tile(X, 1.5),  # type: ignore[arg-type]
        lambda: tg.roll(X, 1.5),  # type: ignore[arg-type]
        lambda: tg.roll(X, (1, 0.5), axis=(0, 1)),  # type: ignore[arg-type]
        lambda: tg.sort(X, descending="no"),  # type: ignore[arg-type]
        lambda: tg.argsort(X, stable=1),  # type: ignore[arg-type]
        lambda: tg.pad(np.array(3.0), -1),
        lambda: tg.pad(np.array(3.0), 0.5),
        lambda: tg.prelu(X, [0.1, 0.2]),
        lambda: tg.linear(X, X[0]),
        lambda: tg.tensordot(X, X, axes=1),
        lambda: tg.vecdot(X, X[:, :2]),
        lambda: tg.squeeze(X, 9),
        lambda: tg.squeeze(X, 0),
        lambda: tg.squeeze(X[None], 1),
        lambda: tg.squeeze(X[None], (0, 5)),
        lambda: tg.gru(GATES[0], (PAIR, PAIR), GATES[1], GATES[2]),
        lambda: tg.rnn_tanh(GATES[0], [PAIR, PAIR], GATES[1][:2], GATES[2][:2]),
        lambda: tg.relu(Z),
        lambda: tg.relu(tg.Tensor(Z)),
        lambda: tg.hardtanh(Z),
        lambda: tg.relu6(Z),
        lambda: tg.hardswish(Z),
        lambda: tg.softmax(Z),
        lambda: tg.log_softmax(Z),
        lambda: tg.deg2rad(Z),
        lambda: tg.rad2deg(1j),
        lambda: tg.softplus(Z),
    ],
)
def test_what_has_no_meaning_is_refused_with_an_edit_that_runs(f: Callable[[], Any]) -> None:
    with pytest.raises(tg.errors.TinygradError) as caught:
        f()
    edit = str(caught.value.fix).partition("   #")[0]
    x = Z if isinstance(caught.value, tg.errors.DTypeError) else X
    known = {"tg": tg, "np": np, "x": x, "X": X, "PAIR": PAIR}
    assert eval(f"dict({edit})" if re.match(r"\w+=", edit) else edit, known) is not None


@pytest.mark.parametrize("state", [PAIR, tg.Tensor(PAIR), (PAIR,), (PAIR, PAIR, PAIR)])
def test_an_lstm_begins_with_a_state_and_a_cell(state: Any) -> None:
    x, weight_ih, weight_hh = np.ones((1, 1, 3)), np.ones((8, 3)), np.ones((8, 2))
    with pytest.raises(tg.errors.ArgumentError) as caught:
        tg.lstm(x, state, weight_ih, weight_hh)
    assert str(caught.value.fix).startswith("(h, c)")
    output, _ = tg.lstm(x, (PAIR, PAIR), weight_ih, weight_hh)
    assert output.shape == (1, 1, 2)


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "var", "std", "prod", "all", "any"])
def test_only_the_axis_of_a_reduction_may_stand_without_its_name(name: str) -> None:
    """Behind it NumPy has a type, so that a 1 there could mean anything."""
    f = getattr(tg, name)
    for x in (X, tg.Tensor(X, requires_grad=True), tg.Tensor(X) * 1.0):
        np.testing.assert_array_equal(f(x, 0).shape, (3,))
        with pytest.raises(tg.errors.SignatureError) as caught:
            f(x, 0, 1)
        assert re.fullmatch(r"\w+=1", str(caught.value.fix))


def test_settings_are_written_by_name_in_the_offered_edit() -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    mask: Any = np.ones((60, 2), bool)
    for f, written in (
        (lambda: np.add(x, x, where=mask), "where=where"),
        (lambda: np.add(x, x, dtype=np.float32), "dtype=np.float32"),
        (lambda: np.add(x, x, dtype=np.dtype("f4")), "dtype=np.float32"),
        (lambda: np.add(x, x, dtype=float), "dtype=float"),
        (lambda: np.add(x, x, casting="safe"), "casting='safe'"),
    ):
        with pytest.raises(tg.errors.InteropError) as caught:
            f()
        assert written in str(caught.value.fix)


@pytest.mark.parametrize("kind", [bool, np.int8, np.uint16, np.int32, np.int64, np.float16])
def test_angles_of_whole_numbers_have_numpys_type(kind: Any) -> None:
    for name in ("deg2rad", "rad2deg"):
        if kind is not bool:
            x = np.array([0, 90], kind)
            found, wanted = getattr(tg, name)(x), getattr(np, name)(x)
            assert found.dtype == wanted.dtype
            np.testing.assert_allclose(found, wanted, 2 * float(np.finfo(wanted.dtype).eps))


def test_a_size_that_is_left_out_of_adaptive_pooling_is_that_of_the_array() -> None:
    x = np.arange(24.0).reshape(1, 4, 6)
    wanted = x.reshape(1, 4, 2, 3).mean(axis=3)
    np.testing.assert_allclose(tg.adaptive_avg_pool2d(x, (None, 2)), wanted)
    with pytest.raises(tg.errors.ArgumentError):
        tg.adaptive_avg_pool2d(x, (None, None, 2))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: tg.split(x, None),  # type: ignore[arg-type]
        lambda x: tg.split(x, [0.5]),  # type: ignore[list-item]
        lambda x: tg.topk(x, 1.5),  # type: ignore[arg-type]
        lambda x: tg.tile(x, 1.5),  # type: ignore[arg-type]
    ],
)
def test_a_setting_without_a_keyword_is_mended_by_a_whole_call(f: Callable[..., Any]) -> None:
    with pytest.raises(tg.errors.ArgumentError) as caught:
        f(X)
    assert str(caught.value.fix).startswith("tg.")


def test_the_real_part_offered_for_a_complex_tensor_is_one_that_it_has() -> None:
    z = tg.Tensor(Z)
    for f in (lambda: tg.softplus(z), lambda: tg.Tensor(Z, requires_grad=True)):
        with pytest.raises(tg.errors.DTypeError) as caught:
            f()
        found = eval(str(caught.value.fix).partition("   #")[0], {"tg": tg, "x": z})
        np.testing.assert_array_equal(found.data, X)
