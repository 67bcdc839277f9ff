"""Anomaly mode sees a write through an array that somebody holds, before a gradient is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import errors

Write = Callable[[Any], None]
Made = tuple[tg.Tensor, np.ndarray, Any]


class Change(NamedTuple):
    """A computation that keeps a held array, and what the error must say of it."""

    make: Callable[[], Made]  # the target, the held array, the source
    at: str
    op: str
    label: str


def leaf(*shape: int) -> tg.Tensor:
    rng = np.random.default_rng(len(shape))
    return tg.Tensor(rng.uniform(1.0, 2.0, shape), requires_grad=True)


def operand() -> Made:
    a, w = np.array([3.0, 4.0]), leaf(2)
    return (w * a).sum(), a, w


def operand_of_a_later_row() -> Made:
    a, w = np.array([3.0, 4.0]), leaf(2)
    return tg.exp(tg.tanh(w) - 1.0).sum() + (a @ w), a, w


def truth_values() -> Made:
    mask, w = np.array([True, False]), leaf(2)
    return tg.where(mask, w, 0.0).sum(), mask, w


def handle_of_a_leaf() -> Made:
    w = leaf(2)
    return (w * w).sum(), w.data, w


def shared_leaf() -> Made:
    a = np.array([3.0, 4.0])
    w = tg.asarray(a, requires_grad=True)
    return tg.log(w).sum(), a, w


def view_of_a_held_array() -> Made:
    a, w = np.ones((2, 3)), leaf(3)
    return (w * a[0]).sum(), a[0], w


def targets_of_a_loss() -> Made:
    t, w = np.eye(2), leaf(2, 2)
    return tg.softmax_cross_entropy(w, t).sum(), t, w


def large() -> Made:
    a, w = np.ones((300, 100)), leaf(100)
    return (a * w).sum(), a, w


def large_in_single_precision() -> Made:
    a, w = np.ones((300, 100), np.float32), leaf(100)
    return (a @ w).sum(), a.T, w


def setting() -> Made:
    table, w = np.array([3.0, 4.0]), leaf(2)

    @tg.operation(rule=lambda g, out, x, table: g * table)
    def weighted(x: Any, /, *, table: Any) -> Any:
        return x * table

    return weighted(w, table=table).sum(), table, w


def value_in_a_buffer() -> Made:
    buffer, w = np.zeros(2), leaf(2)

    @tg.operation(rule=lambda g, out, x: g * out)
    def exponential(x: Any) -> Any:
        return np.exp(x, out=buffer)

    return exponential(w).sum(), buffer, w


def saved_in_a_buffer() -> Made:
    buffer, w = np.zeros(2), leaf(2)

    @tg.operation(rule=lambda g, out, x, y, saved: (g * saved, None), saves=True)
    def product(x: Any, y: Any, /) -> Any:
        return x * y, np.multiply(y, 1.0, out=buffer)

    return product(w, np.array([5.0, 6.0])).sum(), buffer, w


CHANGES = {
    "an operand": Change(operand, "w * a", "multiply", "a"),
    "a late operand": Change(operand_of_a_later_row, "a @ w", "matmul", "a"),
    "truth values": Change(truth_values, "tg.where(mask, w, 0.0)", "where", "mask"),
    "the data of a leaf": Change(handle_of_a_leaf, "w * w", "multiply", "w"),
    "an array shared by asarray": Change(shared_leaf, "tg.log(w)", "log", "w"),
    "the base of a view": Change(
        view_of_a_held_array, "w * a[0]", "multiply", "a[0]"
    ),
    "targets": Change(
        targets_of_a_loss, "tg.softmax_cross_entropy(w, t)", "softmax_cross_entropy", "t"
    ),
    "a large array": Change(large, "a * w", "multiply", "a"),
    "a large array of another type": Change(large_in_single_precision, "a @ w", "matmul", "a"),
    "a setting": Change(setting, "weighted(w, table=table)", "weighted", "table"),
    "the value itself": Change(
        value_in_a_buffer, "exponential(w)", "exponential", "its own value"
    ),
    "what the forward saved": Change(
        saved_in_a_buffer, "product(w, np.array([5.0, 6.0]))", "product", "its saved"
    ),
}  # fmt: skip


def last_element(a: Any) -> None:
    a[(-1,) * a.ndim] = a.dtype.type(7) if a.dtype.kind == "f" else ~a[-1]


def turned_round(a: Any) -> None:
    if a.dtype.kind == "f":
        a[...] = np.arange(a.size).reshape(a.shape)
    a[...] = np.roll(a, 1)


def by_one_bit(a: Any) -> None:
    a.ravel(order="K").view(np.uint8)[0] ^= 1


def backward(target: tg.Tensor, source: Any) -> None:
    target.backward()


def gradient(target: tg.Tensor, source: Any) -> None:
    tg.Tape().gradient(target, source)


def gradient_to_differentiate(target: tg.Tensor, source: Any) -> None:
    tg.Tape().gradient(target, source, create_graph=True)


@pytest.mark.parametrize("ask", [backward, gradient, gradient_to_differentiate])
@pytest.mark.parametrize("write", [last_element, turned_round, by_one_bit])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_changed_array_is_named_before_a_gradient_is_computed(
    change: Change, write: Write, ask: Callable[[Any, Any], None]
) -> None:
    with tg.detect_anomaly():
        target, held, source = change.make()
        write(held)
        with pytest.raises(errors.InPlaceError) as info:
            ask(target, source)
    error = info.value
    assert (error.code, error.op) == ("TG-I01", change.op)
    assert error.site is not None
    assert error.site.expression == change.at
    assert f"needs {change.label} as it was" in error.what
    assert source.grad is None


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_same_numbers_written_again_are_no_change(change: Change) -> None:
    with tg.detect_anomaly():
        target, held, source = change.make()
        held[...] = held.copy()
        target.backward()
    assert source.grad is not None


def test_message_tells_the_first_element_that_changed() -> None:
    a, w = np.arange(6.0).reshape(2, 3), leaf(3)
    with tg.detect_anomaly():
        y = (w * a).sum()
        a[1, 1:] = -1.0
        with pytest.raises(errors.InPlaceError, match=r"a\[1, 1\] was 4, is -1"):
            y.backward()


def test_fix_for_an_operand_works() -> None:
    a, w = np.array([3.0, 4.0]), leaf(2)

    def again(fix: str) -> Any:
        space = {"a": a, "w": w}
        y = (w * a).sum()
        exec(fix, space)
        space["a"][0] = 9.0
        y.backward()
        return w.grad

    with tg.detect_anomaly():
        with pytest.raises(errors.InPlaceError) as info:
            again("pass")
        a[0] = 3.0
        np.testing.assert_array_equal(again(info.value.fix), [3.0, 4.0])


def test_fix_for_a_leaf_works() -> None:
    w = leaf(2)
    held, before = w.data, w.data.copy()
    with tg.detect_anomaly():
        loss = (w * w).sum()
        held[0] = 9.0
        with pytest.raises(errors.InPlaceError) as info:
            loss.backward()
        held[0] = before[0]
        exec(info.value.fix, {"loss": loss, "w": w})
        np.testing.assert_array_equal(w.grad, 2 * before)


def test_change_of_what_no_wanted_rule_reads_is_none() -> None:
    a, w, v = np.array([3.0, 4.0]), leaf(2), leaf(2)
    with tg.detect_anomaly(), tg.Tape() as tape:
        y = (w + a).sum() + (v * tg.asarray(a, requires_grad=True)).sum()
        a[0] = 7.0
        tape.gradient(y, w)  # an addition reads nothing
        with pytest.raises(errors.InPlaceError):
            tape.gradient(y, v)


def test_change_between_value_and_pullback_is_seen() -> None:
    a = np.array([3.0, 4.0])
    with tg.detect_anomaly():
        _, pull = tg.vjp(lambda x: x * a, np.ones(2))
        np.testing.assert_array_equal(pull(np.ones(2))[0], [3.0, 4.0])
        a[1] = 0.0
        with pytest.raises(errors.InPlaceError) as info:
            pull(np.ones(2))
    assert info.value.site is not None
    assert info.value.site.expression == "x * a"


def test_change_between_first_and_second_order_is_seen() -> None:
    w = leaf(2)
    with tg.detect_anomaly(), tg.Tape() as tape:
        y = (w**3).sum()
        first = tape.gradient(y, w, create_graph=True)
        w.data[0] += 1.0  # the array, not the attribute
        with pytest.raises(errors.InPlaceError) as info:
            tape.gradient(first.sum(), w)
    assert info.value.site is not None
    assert info.value.site.expression == "w**3"


def test_assigned_data_is_still_refused_with_its_place() -> None:
    w = leaf(2)
    with tg.detect_anomaly():
        y = (w * w).sum()
        w.data -= 1.0
        with pytest.raises(errors.InPlaceError) as info:
            y.backward()
    assert info.value.code == "TG-I01"
    assert info.value.site is not None
    assert info.value.site.expression == "w * w"


def test_without_the_mode_a_held_array_is_not_watched() -> None:
    target, held, source = operand()
    held[0] = 9.0
    target.backward()
    np.testing.assert_array_equal(source.grad, [9.0, 4.0])


@pytest.mark.parametrize("size", [40, 100_000])
def test_numbers_that_only_changed_places_are_seen(size: int) -> None:
    a = np.random.default_rng(0).normal(size=size)
    w = leaf(1)
    with tg.detect_anomaly():
        y = (w * a).sum()
        np.random.default_rng(1).shuffle(a)
        with pytest.raises(errors.InPlaceError):
            y.backward()


def test_change_of_what_only_another_gradient_reads_is_none() -> None:
    w, v = leaf(2), leaf(2)
    with tg.detect_anomaly(), tg.Tape() as tape:
        y = (w * v).sum()
        v.data[0] = 7.0
        np.testing.assert_array_equal(tape.gradient(y, v).data, w.data)
        with pytest.raises(errors.InPlaceError):
            tape.gradient(y, w)
