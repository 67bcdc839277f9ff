"""Schedules of schedules, the one that watches a figure, and what is said when they are misused."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

import tinygrad_edu as tg
from tests.nn.optim.schedules import CURVES
from tests.nn.optim.test_every_schedule import advance, lrs, optimizer
from tinygrad_edu import errors, nn
from tinygrad_edu.nn.optim import schedules

pytestmark = pytest.mark.once  # what no version of Python changes

SCALING = [
    "ConstantLR", "ExponentialLR", "InverseSquareRootLR", "LinearLR", "MultiStepLR", "StepLR",
]  # fmt: skip
few = hypothesis_settings(max_examples=12)


def choose(data: Any, names: list[str], size: int) -> list[tuple[str, dict[str, Any]]]:
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=size))
    return [(name, data.draw(CURVES[name].settings)) for name in chosen]


@few
@given(st.data())
def test_a_chain_multiplies_the_factors(data: Any) -> None:
    parts = choose(data, SCALING, 3)
    opt = optimizer(0.5, 0.2)
    chain = schedules.ChainedScheduler([getattr(schedules, n)(opt, **s) for n, s in parts])
    for t in range(40):
        factors = [CURVES[name].naive(t, 1.0, **settings) for name, settings in parts]
        expected = [base * math.prod(factors) for base in (0.5, 0.2)]
        if 0.0 in factors:
            break
        np.testing.assert_allclose(lrs(opt), expected, rtol=1e-10, atol=1e-13)
        advance(opt, chain)
        assert chain.last_epoch == t + 1


@few
@given(st.data())
def test_a_sequence_starts_each_schedule_at_its_milestone(data: Any) -> None:
    names = [*SCALING, "PolynomialLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts"]
    parts = choose(data, names, 4)
    gaps = [data.draw(st.integers(1, 12)) for _ in parts[1:]]
    milestones = [int(m) for m in np.cumsum(gaps)]
    opt = optimizer(0.5, 0.2)
    sequence = schedules.SequentialLR(
        opt, [getattr(schedules, n)(opt, **s) for n, s in parts], milestones
    )
    for t in range(50):
        turn = sum(t >= m for m in milestones)
        name, settings = parts[turn]
        since = t - [0, *milestones][turn]
        expected = [CURVES[name].naive(since, base, **settings) for base in (0.5, 0.2)]
        np.testing.assert_allclose(lrs(opt), expected, rtol=1e-10, atol=1e-13)
        advance(opt, sequence)


def warm_then_chain(opt: Any) -> Any:
    warm = schedules.LinearLR(opt, 0.1, total_iters=4)
    chain = schedules.ChainedScheduler(
        [schedules.CosineAnnealingLR(opt, 20), schedules.ExponentialLR(opt, 0.9)]
    )
    return schedules.SequentialLR(opt, [warm, chain], [4])


def test_a_chain_may_be_part_of_a_sequence() -> None:
    opt = optimizer(1.0)
    schedule = warm_then_chain(opt)
    for t in range(12):
        late = 0.9 ** (t - 4) * (1 + math.cos(math.pi * (t - 4) / 20)) / 2
        assert lrs(opt)[0] == pytest.approx(late if t >= 4 else 0.1 + 0.9 * t / 4, rel=1e-12)
        advance(opt, schedule)
    assert repr(schedule).startswith("SequentialLR(LinearLR(start_factor=0.1")


@pytest.mark.parametrize("stop", [2, 9])
def test_compositions_go_on_from_their_state(stop: int) -> None:
    first, second = optimizer(1.0), optimizer(1.0)
    one, two = warm_then_chain(first), warm_then_chain(second)
    for _ in range(stop):
        advance(first, one)
    saved = json.loads(json.dumps(one.state_dict()))
    two.load_state_dict(saved)
    for _ in range(8):
        assert lrs(first) == lrs(second)
        advance(first, one)
        two.step()
    for wrong in ({**saved, "_schedulers": []}, {**saved, "_schedulers": [{}, {}]}, {}):
        before = two.state_dict()
        with pytest.raises(errors.LoadError):
            two.load_state_dict(wrong)
        assert two.state_dict() == before


def test_warm_restarts_take_times_between_steps() -> None:
    opt = optimizer(1.0)
    schedule = schedules.CosineAnnealingWarmRestarts(opt, T_0=4, T_mult=2)
    opt.step([np.zeros(1)])
    for time in (0.25, 3.5, 4.0, 11.5, 12.25):
        schedule.step(time)
        expected = schedules.CosineAnnealingWarmRestarts.rate(time, 1.0, T_0=4, T_mult=2)
        assert lrs(opt) == [expected]
        assert schedule.last_epoch == int(time)
    other = schedules.CosineAnnealingWarmRestarts(optimizer(1.0), T_0=4, T_mult=2)
    other.load_state_dict(schedule.state_dict())
    schedule.step()
    other.step()
    expected = schedules.CosineAnnealingWarmRestarts.rate(13.25, 1.0, T_0=4, T_mult=2)
    assert lrs(opt) == other.get_last_lr() == [expected]
    with pytest.raises(errors.ArgumentError, match="epoch"):
        schedule.step(-1.0)
    with pytest.raises(errors.LoadError):
        schedule.load_state_dict({**schedule.state_dict(), "T_cur": "0"})


def test_the_schedule_of_transformers_is_the_papers_equation() -> None:
    width, warm = 512, 4000
    for n in (1, 10, 3999, 4000, 4001, 100_000):
        expected = width**-0.5 * min(n**-0.5, n * warm**-1.5)
        base = (width * warm) ** -0.5
        got = schedules.InverseSquareRootLR.rate(n - 1, base, warmup_steps=warm)
        assert got == pytest.approx(expected, rel=1e-12)


def test_one_cycle_counts_its_steps_and_stays_at_its_end() -> None:
    opt = optimizer(1.0)
    schedule = schedules.OneCycleLR(opt, 1.0, total_steps=10, anneal_strategy="linear")
    for _ in range(10):
        advance(opt, schedule)
    assert lrs(opt)[0] == pytest.approx(1 / 25 / 1e4)
    with pytest.raises(errors.ArgumentError, match="over after its 10 steps") as caught:
        schedule.step()
    longer = eval(str(caught.value.fix), {"opt": opt, "OneCycleLR": schedules.OneCycleLR})
    for _ in range(100):
        advance(opt, longer)


@pytest.mark.parametrize("three", [False, True])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.6, 1.0])
def test_one_cycle_has_an_end_for_every_share(share: float, three: bool) -> None:
    """PyTorch divides by zero at a share of 0.1 of 10 steps, and at 1."""
    options = {"max_lr": 1.0, "total_steps": 10, "pct_start": share, "three_phase": three}
    curve = [schedules.OneCycleLR.rate(t, 0.04, **options) for t in range(11)]
    assert np.isfinite(curve).all()
    assert max(curve) <= 1.0
    assert min(curve) > 0.0


def naive_plateau(figures: list[float], lr: float, **o: Any) -> list[float]:
    """A story told once more: look back for the last figure that was good enough."""
    rates, best, bad, rest = [], None, 0, 0
    for figure in figures:
        margin = o["threshold"] * (abs(best) if o["threshold_mode"] == "rel" and best else 1.0)
        if o["threshold_mode"] == "rel" and best == 0:
            margin = 0.0
        if best is None:
            good = True
        elif o["mode"] == "min":
            sign = 1 if o["threshold_mode"] == "abs" or best >= 0 else -1
            good = figure < best - sign * margin
        else:
            sign = 1 if o["threshold_mode"] == "abs" or best >= 0 else -1
            good = figure > best + sign * margin
        if good:
            best, bad = figure, 0
        else:
            bad += 1
        if rest:
            rest, bad = rest - 1, 0
        if bad > o["patience"]:
            lower = max(lr * o["factor"], o["min_lr"])
            lr = lower if lr - lower > o["eps"] else lr
            bad, rest = 0, o["cooldown"]
        rates.append(lr)
    return rates


plateau = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(["min", "max"]),
        "factor": st.floats(0.1, 0.9),
        "patience": st.integers(0, 3),
        "threshold": st.sampled_from([0.0, 1e-4, 0.1]),
        "threshold_mode": st.sampled_from(["rel", "abs"]),
        "cooldown": st.integers(0, 3),
        "min_lr": st.sampled_from([0.0, 0.02]),
        "eps": st.sampled_from([1e-8, 0.01]),
    }
)
figures = st.lists(st.integers(-3, 8).map(lambda n: n / 4), min_size=1, max_size=40)


@given(plateau, figures)
def test_a_plateau_lowers_the_rate_as_the_story_goes(
    options: dict[str, Any], losses: list[float]
) -> None:
    opt = optimizer(0.5)
    schedule = schedules.ReduceLROnPlateau(opt, **options)
    rates = []
    for loss in losses:
        schedule.step(loss)
        rates += lrs(opt)
    assert rates == pytest.approx(naive_plateau(losses, 0.5, **options), rel=1e-12)


def test_a_plateau_goes_on_from_its_state_and_takes_tensors_and_rates_a_group() -> None:
    first, second = optimizer(1.0, 0.1), optimizer(1.0, 0.1)
    one, two = (
        schedules.ReduceLROnPlateau(opt, patience=1, factor=0.5, min_lr=[0.0, 0.1])
        for opt in (first, second)
    )
    for loss in (3.0, tg.Tensor(2.0), np.float32(2.0), np.array(2.0), float("nan")):
        one.step(loss)
    assert lrs(first) == [0.5, 0.1]
    two.load_state_dict(json.loads(json.dumps(one.state_dict())))
    one.step(2.0)
    two.step(2.0)
    assert one.state_dict() == two.state_dict()
    assert lrs(first) == lrs(second) == [0.25, 0.1]
    with pytest.raises(errors.LoadError):
        two.load_state_dict({**one.state_dict(), "best": None})
    assert "patience=1" in repr(one)
    unjudged = schedules.ReduceLROnPlateau(first).state_dict()
    assert unjudged["best"] == math.inf


def test_a_plateau_asks_for_its_figure_and_for_settings_in_range() -> None:
    opt = optimizer(0.1)
    schedule = schedules.ReduceLROnPlateau(opt)
    for missing in (None, "0.3", np.ones(2)):
        with pytest.raises(errors.ArgumentError, match="judges one number") as caught:
            schedule.step(missing)
        eval(str(caught.value.fix), {"schedule": schedule, "loss": 0.3})
    for wrong in (
        {"mode": "least"},
        {"factor": 1.0},
        {"factor": -0.1},
        {"patience": -1},
        {"threshold": -1.0},
        {"threshold_mode": "relative"},
        {"cooldown": 0.5},
        {"min_lr": -1.0},
        {"min_lr": [0.0, 0.0]},
        {"eps": None},
    ):
        with pytest.raises(errors.ArgumentError) as caught:
            schedules.ReduceLROnPlateau(opt, **wrong)
        code = str(caught.value.fix).partition("   #")[0]
        schedules.ReduceLROnPlateau(opt, **eval(f"dict({code})"))
    with pytest.raises(errors.ArgumentError, match="optimizer"):
        schedules.ReduceLROnPlateau([0.1])


def test_compositions_refuse_what_does_not_go_together() -> None:
    opt, other = optimizer(0.1), optimizer(0.1)
    down = schedules.ExponentialLR(opt, 0.5)
    plateau = schedules.ReduceLROnPlateau(opt)
    elsewhere = schedules.ExponentialLR(other, 0.5)
    chained, sequence = schedules.ChainedScheduler, schedules.SequentialLR
    for parts in ([], [plateau], [down, 0.5], [down, elsewhere], None):
        with pytest.raises(errors.ArgumentError):
            chained(parts)  # type: ignore[arg-type]
        with pytest.raises(errors.ArgumentError):
            sequence(opt, parts, [3])  # type: ignore[arg-type]
    with pytest.raises(errors.ArgumentError, match="another optimizer"):
        chained([elsewhere], optimizer=opt)
    with pytest.raises(errors.ArgumentError, match="optimizer"):
        sequence(None, [down, down], [3])
    for milestones in ([], [3, 5], [0], [5, 3], [4, 4], 3, ["a"]):
        with pytest.raises(errors.ArgumentError, match="milestones") as caught:
            sequence(opt, [down, down], milestones)  # type: ignore[arg-type]
        if len(milestones if isinstance(milestones, list) else []) < 2:
            code = str(caught.value.fix)
            found = eval(f"dict({code})")["milestones"][:1]
            sequence(opt, [down, down], found)
    with pytest.raises(errors.ArgumentError, match="last_epoch"):
        sequence(opt, [down, down], [3], last_epoch=4)


@pytest.mark.parametrize("kind", ["chain", "sequence"])
def test_a_composition_is_refused_a_step_before_the_optimizers(kind: str) -> None:
    opt = optimizer(0.1)
    parts = [schedules.ExponentialLR(opt, 0.5), schedules.ExponentialLR(opt, 0.5)]
    schedule: Any = schedules.ChainedScheduler(parts)
    if kind == "sequence":
        schedule = schedules.SequentialLR(opt, parts, [1])
    with pytest.raises(errors.ModuleError, match="came before the first"):
        schedule.step()
    advance(opt, schedule)
    assert schedule.last_epoch == 1


def test_a_schedule_trains() -> None:
    """Warm-up and a cosine, with a group of another rate: all parts together."""
    model = nn.MLP([2, 8, 1], "tanh", dtype=np.float64, rng=0)
    weights = [p for name, p in model.named_parameters() if name.endswith("weight")]
    biases = [p for name, p in model.named_parameters() if name.endswith("bias")]
    opt = nn.optim.AdamW([{"params": weights}, {"params": biases, "weight_decay": 0.0}], lr=0.05)
    warm, wave = schedules.LinearLR(opt, 0.1, total_iters=5), schedules.CosineAnnealingLR(opt, 95)
    schedule = schedules.SequentialLR(opt, [warm, wave], milestones=[5])
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 2))
    y = np.sin(x[:, :1]) * x[:, 1:]
    losses = []
    for _ in range(100):
        opt.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        nn.optim.clip_grad_norm(model, 1.0)
        opt.step()
        schedule.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
    assert lrs(opt) == pytest.approx([0.0, 0.0], abs=1e-12)
