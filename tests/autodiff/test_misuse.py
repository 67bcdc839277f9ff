"""Bad input meets a typed error or a right number, never a wrong one or a bare NumPy message."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import errors, nn


def leaf(*values: float) -> tg.Tensor:
    return tg.Tensor(list(values), requires_grad=True)


def test_a_list_of_tracked_tensors_is_refused_and_stack_keeps_the_gradient() -> None:
    w = leaf(1.0, 2.0)
    with pytest.raises(errors.ArgumentError, match="lose the gradient") as info:
        tg.exp([w[0], w[1]])
    parts = eval(info.value.fix, {"tg": tg, "a": w[0], "b": w[1]})
    tg.exp(parts).sum().backward()
    np.testing.assert_allclose(w.grad, np.exp(w.data))
    np.testing.assert_array_equal(tg.exp([tg.Tensor(0.0), 0.0]), [1.0, 1.0])


def test_a_rule_may_close_over_a_tensor_at_every_order() -> None:
    scale = tg.Parameter(3.0)

    @tg.operation(rule=lambda g, out, x: g * scale)
    def scaled(x: Any) -> Any:
        return x * scale.data

    w = leaf(1.0, 2.0)
    with tg.Tape() as tape:
        y = scaled(w).sum()
        first = tape.gradient(y, w, create_graph=True)
    np.testing.assert_array_equal(first.data, [3.0, 3.0])
    assert tape.gradient(first.sum(), scale).item() == 2.0
    y.backward()
    np.testing.assert_array_equal(w.grad, [3.0, 3.0])


def test_data_that_does_not_fit_is_refused_with_its_type_or_shape() -> None:
    whole, w = tg.Tensor([1, 2]), leaf(1.0, 2.0)
    with pytest.raises(errors.DTypeError, match="float64 do not fit a tensor of int64"):
        whole.data = [0.5, 0.5]
    with pytest.raises(errors.ShapeError, match=r"\(3,\)"):
        w.data = [1.0, 2.0, 3.0]
    with pytest.raises(errors.ShapeError, match=r"\(1,\)"):
        w.grad = [1.0]
    np.testing.assert_array_equal(whole.data, [1, 2])
    np.testing.assert_array_equal(w.data, [1.0, 2.0])


def test_a_setting_given_twice_or_once_too_often_is_refused() -> None:
    x = leaf(1.0, 2.0)
    with pytest.raises(errors.SignatureError, match=r"sum\(\)"):
        tg.sum(x, 0, axis=0)  # type: ignore[misc]
    with pytest.raises(errors.SignatureError, match=r"sum\(\)"):
        tg.sum(x, 0, None, False, 7)  # type: ignore[misc]
    assert tg.sum(x, 0).item() == 3.0  # type: ignore[misc]


def test_only_leaves_can_be_told_to_require_a_gradient() -> None:
    w = leaf(1.0, 2.0)
    constant = (w * 3.25).inputs[1]
    for tensor in (constant, w * 2.0, w.detach()):
        with pytest.raises(errors.GradientError, match="leaves"):
            tensor.requires_grad = True
    y = tg.Tensor(w.detach(), requires_grad=True)
    assert y.requires_grad


def test_scores_of_minus_infinity_cost_nothing_where_the_target_is_zero() -> None:
    scores = leaf(0.0, -np.inf, 0.0)
    loss = tg.softmax_cross_entropy(scores, np.array([1.0, 0.0, 0.0]))
    assert loss.item() == pytest.approx(np.log(2.0), rel=1e-15)
    loss.backward()
    np.testing.assert_allclose(scores.grad, [-0.5, 0.0, 0.5], rtol=1e-15)


def test_sigmoid_keeps_its_digits_on_the_left() -> None:
    x = -np.array([12.0, 30.0, 40.0, 700.0])
    expected = np.exp(x) / (1 + np.exp(x))
    np.testing.assert_allclose(tg.sigmoid(x), expected, rtol=4e-16)
    w = tg.Tensor(x, requires_grad=True)
    tg.sigmoid(w).sum().backward()
    np.testing.assert_allclose(w.grad, expected * (1 - expected), rtol=1e-15)


def test_leaf_gradients_are_handed_over_and_not_copied() -> None:
    """Nobody else holds what the last rule made, so the leaf may keep it."""
    made: list[int] = []

    def rule(g: Any, out: Any, x: Any) -> Any:
        d = g * 2.0
        made.append(id(d))
        return d

    @tg.operation(rule=rule)
    def doubled(x: Any) -> Any:
        return x * 2.0

    w = leaf(1.0, 2.0)
    doubled(w).sum().backward()
    assert id(w.grad) == made[0]


def test_an_array_of_tracked_tensors_is_refused_wherever_numpy_would_make_one() -> None:
    x = tg.Tensor(2.0, requires_grad=True)
    held = np.empty(2)
    for make in (
        lambda: np.array([1.0, 2.0]) * [x, x],
        lambda: np.mean([x * 2, x * 3]),
        lambda: np.array([x, x]),
        lambda: np.asarray(x),
        lambda: tg.Tensor([x * 2, x * 3]),
    ):
        with pytest.raises(errors.TinygradError, match="gradient"):
            make()
    held[0] = x.data
    assert held[0] == 2.0
    with tg.no_grad():
        np.testing.assert_array_equal(np.asarray(x), 2.0)


def test_questions_without_a_gradient_are_answered_by_numpy() -> None:
    x = leaf(1.0, np.nan)
    np.testing.assert_array_equal(np.isnan(x), [False, True])
    assert np.allclose(leaf(1.0, 2.0), [1.0, 2.0])
    assert np.zeros_like(x).shape == (2,)


def test_transforms_notice_when_the_value_left_the_graph() -> None:
    for f in (
        lambda x: tg.Tensor(float(x) ** 2),
        lambda x: (x * x).detach(),
        lambda x: None,
        lambda x: (x, x),
    ):
        with pytest.raises(errors.UnconnectedError):
            tg.grad(f)(2.0)
    np.testing.assert_array_equal(tg.grad(lambda x: tg.stop_gradient(x * x))(2.0), 0.0)
    np.testing.assert_array_equal(tg.grad(lambda x: tg.Tensor(3.0))(2.0), 0.0)


def test_hasattr_answers_for_values_without_a_gradient() -> None:
    w = leaf(1.0, 2.0)
    assert hasattr(w, "grad")
    assert not hasattr(w * 2.0, "grad")
    assert getattr(w * 2.0, "grad", None) is None


def test_bare_decorators_work_and_a_bare_operation_says_how() -> None:
    @tg.no_grad
    def evaluated(x: Any) -> Any:
        return x * 2.0

    assert not evaluated(leaf(1.0)).requires_grad
    with pytest.raises(errors.ArgumentError, match=r"decorates a function"):
        tg.operation(np.exp)(leaf(1.0))


def test_jvp_takes_one_array_as_well_as_a_sequence() -> None:
    x, v = np.array([1.0, 2.0]), np.array([1.0, 10.0])
    value, along = tg.jvp(lambda x: x * x, x, v)
    np.testing.assert_array_equal(value, [1.0, 4.0])
    np.testing.assert_array_equal(along, [2.0, 40.0])


def test_directions_and_weights_are_paired_by_key() -> None:
    def f(p: Any) -> Any:
        return (p["a"] ** 2).sum() + (p["b"] ** 3).sum()

    ones, zeros = np.ones(2), np.zeros(2)
    product = tg.hvp(f, {"a": ones, "b": ones}, {"b": ones, "a": zeros})
    np.testing.assert_array_equal(product["a"], zeros)
    np.testing.assert_array_equal(product["b"], 6 * ones)
    _, along = tg.jvp(
        lambda p: p["a"] * 10 + p["b"], ({"a": 1.0, "b": 1.0},), ({"b": 1.0, "a": 0.0},)
    )
    assert float(along) == 1.0
    _, pullback = tg.vjp(lambda x: {"a": x, "b": 2 * x}, ones)
    np.testing.assert_array_equal(pullback({"b": ones, "a": zeros})[0], 2 * ones)
    for wrong in ({"z": ones, "a": ones}, [ones, ones], ones):
        with pytest.raises(errors.ArgumentError):
            tg.hvp(f, {"a": ones, "b": ones}, wrong)


def test_a_checkpoint_that_computes_otherwise_is_refused() -> None:
    rng = np.random.default_rng(0)
    w = leaf(*np.ones(8))
    y = tg.checkpoint(lambda x: x * (rng.random(8) > 0.5))(w).sum()
    with pytest.raises(errors.TapeError, match="something else the second time"):
        y.backward()
    assert w.grad is None


def test_a_checkpoint_never_shares_memory_with_its_argument() -> None:
    w = leaf(1.0, 2.0)
    y = tg.checkpoint(lambda x: x)(w)
    w.data -= 5.0
    np.testing.assert_array_equal(y.data, [1.0, 2.0])


def test_arguments_to_differentiate_are_named_once_and_by_number() -> None:
    for argnums in ((0, 0), (0, -2), True, 2):
        with pytest.raises(errors.ArgumentError, match="argnums"):
            tg.grad(lambda a, b: a * b, argnums)(2.0, 3.0)


def test_a_conversion_in_another_thread_is_not_this_threads_business() -> None:
    started, done = threading.Event(), threading.Event()
    constant = tg.Tensor(3.0)

    def other() -> None:
        started.wait(10)
        float(tg.Parameter(1.0) * 2)
        done.set()

    def f(x: Any) -> Any:
        started.set()
        done.wait(10)
        return constant

    thread = threading.Thread(target=other)
    thread.start()
    assert float(tg.grad(f)(2.0)) == 0.0
    thread.join()


def test_a_tape_decorates_and_generators_are_refused() -> None:
    tape = tg.Tape()
    squared = tape(lambda w: w * w)
    squared(leaf(1.0))
    squared(leaf(1.0))
    assert len(tape) == 2
    with pytest.raises(errors.ArgumentError, match="piece by piece"):

        @tg.no_grad()
        def pieces() -> Any:
            yield 1


def test_a_seed_block_entered_again_repeats_its_numbers() -> None:
    block = tg.seed(5)
    drawn = []
    for _ in range(2):
        with block:
            drawn.append(nn.init.normal((3,)))
    np.testing.assert_array_equal(drawn[0], drawn[1])
