"""Clipping, proximal L1 and averages of weights."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import errors, nn
from tinygrad_edu.nn import optim

SHAPES: list[tuple[int, ...]] = [(2, 3), (), (4,), (0,)]
norms = st.sampled_from([0.5, 1.0, 2.0, 3.0, math.inf])


def drawn(seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.normal(size=shape)) for shape in SHAPES]


def naive_norm(arrays: list[np.ndarray], order: float) -> float:
    sizes = [abs(float(x)) for array in arrays for x in array.ravel()]
    return max(sizes) if order == math.inf else sum(x**order for x in sizes) ** (1 / order)


@settings(max_examples=30)
@given(st.integers(0, 999), norms, st.just(0.0) | st.floats(1e-100, 20.0))
def test_the_norm_of_everything_is_brought_to_the_limit(
    seed: int, order: float, limit: float
) -> None:
    gradients = drawn(seed)
    params = [nn.Parameter(np.zeros(shape)) for shape in SHAPES]
    kept = []
    for p, g in zip(params, gradients, strict=True):
        p.grad = g
        kept.append(p.grad)
    before = naive_norm(gradients, order)
    assert optim.gradient_norm(gradients, order) == pytest.approx(before, rel=1e-12)
    assert optim.clip_grad_norm(params, limit, order) == pytest.approx(before, rel=1e-12)
    pure = optim.clip_by_norm(gradients, limit, order)
    scale = min(1.0, limit / (before + 1e-6))
    for p, g, held, clipped in zip(params, gradients, kept, pure, strict=True):
        assert p.grad is not None
        np.testing.assert_allclose(p.grad, g * scale, rtol=1e-12)
        np.testing.assert_array_equal(p.grad, clipped)
        np.testing.assert_array_equal(held, g)  # what was kept does not change
    assert naive_norm([p.grad for p in params], order) <= limit * (1 + 1e-12)


@given(st.integers(0, 999), st.floats(0.0, 3.0))
def test_each_number_is_brought_into_the_range(seed: int, limit: float) -> None:
    gradients = drawn(seed)
    params = [nn.Parameter(np.zeros(shape)) for shape in SHAPES]
    for p, g in zip(params, gradients, strict=True):
        p.grad = g
    optim.clip_grad_value(params, limit)
    pure = optim.clip_by_value(gradients, limit)
    for p, g, clipped in zip(params, gradients, pure, strict=True):
        expected = np.array([max(-limit, min(limit, float(x))) for x in g.ravel()])
        np.testing.assert_array_equal(p.grad, expected.reshape(g.shape))
        np.testing.assert_array_equal(clipped, expected.reshape(g.shape))


def test_nests_keep_their_form_and_nothing_stays_nothing() -> None:
    given = {"a": [np.array([3.0]), None], "b": (tg.Tensor([4.0]),)}
    clipped = optim.clip_by_norm(given, 1.0)
    assert clipped["a"][1] is None
    assert isinstance(clipped["b"], tuple)
    assert isinstance(clipped["b"][0], tg.Tensor)
    assert isinstance(optim.clip_by_value(given, 1.0)["b"][0], tg.Tensor)
    assert optim.gradient_norm(given).item() == 5.0
    assert float(optim.gradient_norm([])) == 0.0
    np.testing.assert_allclose(optim.clip_by_norm(np.array([3.0, 4.0]), 1.0), [0.6, 0.8], rtol=1e-6)


def test_what_a_tape_returned_is_clipped_and_goes_to_the_step() -> None:
    model = nn.Linear(2, 1, dtype=np.float64, rng=0)
    optimizer = optim.SGD(model, lr=1.0)
    before = model.weight.data.copy()
    with tg.Tape() as tape:
        loss = 100 * model(np.ones((1, 2))).sum()
    optimizer.step(optim.clip_by_norm(tape.gradient(loss, model), 1.0))
    np.testing.assert_allclose(before - model.weight.data, 1 / math.sqrt(3), rtol=1e-6)


@pytest.mark.parametrize("order, limit", [(1.0, 0.7), (2.0, 0.7), (math.inf, 0.7), (3.0, 50.0)])
def test_clipping_can_be_differentiated(order: float, limit: float) -> None:
    def clipped(x: Any, y: Any) -> Any:
        first, second = optim.clip_by_norm([x, y], limit, order)
        return tg.concat([first.reshape(-1), second])

    x, y = np.random.default_rng(0).normal(size=(2, 2)), np.array([0.3, -2.0])
    assert tg.testing.check_gradients(clipped, x, y, order=2, rng=0).verdict == "pass"


def test_types_stay_and_large_norms_do_not_overflow() -> None:
    w = nn.Parameter(np.zeros(2, np.float32))
    w.grad = np.array([3e30, 4e30], np.float32)
    assert optim.clip_grad_norm([w], 1.0) == pytest.approx(5e30, rel=1e-6)
    assert w.grad.dtype == np.float32
    np.testing.assert_allclose(w.grad, [0.6, 0.8], rtol=1e-6)


def test_a_norm_that_is_not_finite_is_reported_or_raises_and_changes_nothing() -> None:
    model = nn.Linear(2, 1, rng=0)
    model.weight.grad = np.array([[1.0, np.nan]], np.float32)
    model.bias.grad = np.array([2.0], np.float32)  # type: ignore[union-attr]
    for refuse in (
        lambda: optim.clip_grad_norm(model, 1.0, error_if_nonfinite=True),
        lambda: optim.clip_by_norm([model.weight.grad], 1.0, error_if_nonfinite=True),
        lambda: optim.gradient_norm([model.weight.grad], error_if_nonfinite=True),
    ):
        with pytest.raises(
            errors.AnomalyError, match=r"1 of 2 numbers, the first is nan at \(0, 1"
        ):
            refuse()
    with pytest.raises(errors.AnomalyError, match=r"weight \(1, 2\)"):
        optim.clip_grad_norm(model, 1.0, error_if_nonfinite=True)
    assert model.weight.grad[0, 0] == 1.0
    assert math.isnan(optim.clip_grad_norm(model, 1.0))
    assert np.isnan(model.weight.grad).all()
    model.zero_grad()
    model.weight.grad = np.array([[1.0, np.inf]], np.float32)
    assert optim.clip_grad_norm(model, 1.0) == math.inf
    assert model.weight.grad[0, 0] == 0.0
    assert math.isnan(model.weight.grad[0, 1])
    with pytest.raises(errors.AnomalyError, match="too large for its type"):
        optim.gradient_norm([np.full(9, 3e38, np.float32)], 1.0, error_if_nonfinite=True)


@pytest.mark.parametrize(
    "call",
    [
        lambda w: optim.clip_grad_norm([w], -1.0),
        lambda w: optim.clip_grad_norm([w], float("nan")),
        lambda w: optim.clip_grad_norm([w], 1.0, 0.0),
        lambda w: optim.clip_grad_norm([w], 1.0, -2.0),
        lambda w: optim.clip_grad_norm([w], "1"),
        lambda w: optim.clip_grad_value([w], -1.0),
        lambda w: optim.clip_by_value([w.data], None),
        lambda w: optim.proximal_l1([w], -1.0),
        lambda w: optim.ExponentialMovingAverage([w], 1.5),
        lambda w: optim.ExponentialMovingAverage([w], 0.9, use_buffers=1),
    ],
)
def test_wrong_limits_are_refused_with_one_that_works(call: Any) -> None:
    w = nn.Parameter([1.0])
    w.grad = np.ones(1)
    with pytest.raises(errors.ArgumentError) as caught:
        call(w)
    name, value = next(iter(eval(f"dict({caught.value.fix})").items()))
    assert f"{name} is" in str(caught.value)
    assert value in (0.0, 0.999, 1.0, 2.0, False)


def test_proximal_steps_find_the_lasso_solution_with_zeros() -> None:
    """Optimality: the gradient is -penalty * sign(w), and at most penalty where w is 0."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 6))
    y = x @ np.array([2.0, 0.0, -1.0, 0.0, 0.0, 0.0]) + 0.1 * rng.normal(size=40)
    w, lr, penalty = nn.Parameter(np.zeros(6)), 0.2, 0.3
    optimizer = optim.SGD([w], lr=lr)
    for _ in range(300):
        slope = x.T @ (x @ w.data - y) / 40
        optimizer.step([slope])
        optim.proximal_l1([w], lr * penalty)
    zero = w.data == 0.0
    assert list(zero) == [False, True, False, True, True, True]
    assert (np.abs(slope[zero]) < penalty).all()
    np.testing.assert_allclose(slope[~zero], -penalty * np.sign(w.data[~zero]), rtol=1e-9)


class Counted(nn.Module):
    """A layer with a buffer of numbers, and one that counts."""

    def __init__(self) -> None:
        self.fc = nn.Linear(2, 1, dtype=np.float64, rng=0)
        self.mean = nn.Buffer(np.zeros(2))
        self.count = nn.Buffer(np.array(0))

    def forward(self, x: Any) -> Any:
        return self.fc(x - self.mean)


@pytest.mark.parametrize("use_buffers", [False, True])
def test_the_mean_is_that_of_the_formula_and_buffers_are_those_of_the_last_update(
    use_buffers: bool,
) -> None:
    model = Counted()
    ema = optim.ExponentialMovingAverage(model, 0.8, use_buffers=use_buffers)
    rng = np.random.default_rng(0)
    expected: dict[str, Any] = {}
    for turn in range(5):
        model.fc.weight.data = rng.normal(size=(1, 2))
        model.mean.data = rng.normal(size=2)
        model.count.data = np.array(turn)
        ema.update()
        for name, now in model.state_dict().items():
            old = expected.get(name)
            averaged = name.startswith("fc") or (use_buffers and name == "mean")
            expected[name] = 0.8 * old + 0.2 * now if averaged and turn else now
    before = model.state_dict()
    with ema.swap():
        for name, array in model.state_dict().items():
            np.testing.assert_allclose(array, expected[name], rtol=1e-12)
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_the_parameters_come_back_after_an_exception_and_an_update_inside_is_refused() -> None:
    model = nn.Linear(2, 1, dtype=np.float64, rng=0)
    optimizer = optim.SGD(model, lr=1.0)
    ema = optim.ExponentialMovingAverage(model, 0.5)
    ema.update()
    optimizer.step([np.ones((1, 2)), np.ones(1)])
    before = model.state_dict()
    with pytest.raises(errors.ModuleError, match="update"), ema.swap():
        assert not np.array_equal(model.weight.data, before["weight"])
        ema.update()
    with pytest.raises(errors.ModuleError, match="inside swap"), ema.swap(), ema.swap():
        pass
    np.testing.assert_array_equal(model.weight.data, before["weight"])
    with ema.swap():
        pass
    optimizer.step([np.ones((1, 2)), np.ones(1)])
    np.testing.assert_allclose(model.weight.data, before["weight"] - 1)


def test_a_mean_goes_on_from_a_saved_state() -> None:
    model = Counted()
    first, second = (optim.ExponentialMovingAverage(model, 0.9) for _ in range(2))
    for _ in range(2):
        model.fc.weight.data = model.fc.weight.data + 1
        first.update()
    saved = first.state_dict()
    assert list(saved) == ["n_averaged", *(f"module.{name}" for name in model.state_dict())]
    second.load_state_dict(saved)
    model.fc.weight.data = model.fc.weight.data + 1
    first.update()
    second.update()
    assert repr(first) == repr(second) == "ExponentialMovingAverage(decay=0.9, n_averaged=3)"
    for name, array in first.state_dict().items():
        np.testing.assert_array_equal(second.state_dict()[name], array)
    wrong: list[Any] = [
        [],
        {"n_averaged": 1},
        {**saved, "module.more": np.ones(1)},
        {**saved, "n_averaged": 0.5},
        {**saved, "module.mean": np.ones(3)},
        {**saved, "module.mean": np.ones(2, complex)},
    ]
    for bad in wrong:
        with pytest.raises(errors.LoadError):
            second.load_state_dict(bad)
    assert second.n_averaged == 3


def test_no_parameters_are_no_average_and_a_type_may_change() -> None:
    for need in (optim.ExponentialMovingAverage, lambda model: optim.proximal_l1(model, 0.1)):
        with pytest.raises(errors.ModuleError) as caught:
            need(nn.ReLU())
        assert caught.value.code == "TG-M01"
    w = nn.Parameter(np.ones(2))
    ema = optim.ExponentialMovingAverage({"w": w}, 0.5)
    ema.update()
    holder = nn.Linear(1, 1, dtype=np.float64, rng=0)
    ema = optim.ExponentialMovingAverage(holder, 0.5)
    ema.update()
    holder.astype(np.float32)
    ema.update()
    assert ema.state_dict()["module.weight"].dtype == np.float32


@pytest.mark.parity
@given(st.integers(0, 999), norms, st.floats(0.1, 20.0))
def test_clipping_equals_pytorchs(seed: int, order: float, limit: float) -> None:
    torch = pytest.importorskip("torch")
    gradients = [g for g in drawn(seed) if g.size]
    ours = [nn.Parameter(np.zeros(g.shape)) for g in gradients]
    theirs = [torch.nn.Parameter(torch.zeros(g.shape, dtype=torch.float64)) for g in gradients]
    for p, t, g in zip(ours, theirs, gradients, strict=True):
        p.grad, t.grad = g, torch.tensor(g)
    expected = torch.nn.utils.clip_grad_norm_(theirs, limit, order)
    assert optim.clip_grad_norm(ours, limit, order) == pytest.approx(expected.item(), rel=1e-12)
    for p, t in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.grad, t.grad.numpy(), rtol=1e-12)
    torch.nn.utils.clip_grad_value_(theirs, limit / 9)
    optim.clip_grad_value(ours, limit / 9)
    for p, t in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.grad, t.grad.numpy(), rtol=1e-12)


@pytest.mark.parity
def test_averages_equal_pytorchs_and_their_state_goes_there_and_back() -> None:
    torch = pytest.importorskip("torch")
    from torch.optim import swa_utils

    ours, theirs = nn.Linear(3, 2, dtype=np.float64, rng=0), torch.nn.Linear(3, 2).double()
    ema = optim.ExponentialMovingAverage(ours, 0.7)
    averaged = swa_utils.AveragedModel(theirs, multi_avg_fn=swa_utils.get_ema_multi_avg_fn(0.7))
    rng = np.random.default_rng(0)
    for turn in range(8):
        for own, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            own.data = rng.normal(size=own.shape)
            other.data = torch.tensor(own.data.copy())
        ema.update()
        averaged.update_parameters(theirs)
        state = averaged.state_dict()
        assert list(ema.state_dict()) == list(state)
        for name, array in ema.state_dict().items():
            np.testing.assert_allclose(array, state[name], rtol=1e-12)
        if turn == 4:
            own_state = {k: torch.as_tensor(v) for k, v in ema.state_dict().items()}
            ema.load_state_dict(state)
            averaged.load_state_dict(own_state)
