"""What holds for every schedule with a curve, from the table in ``schedules.py``."""

from __future__ import annotations

import inspect
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from tests.nn.optim.schedules import CURVES, OTHERS, length
from tinygrad_edu import errors, nn
from tinygrad_edu.nn.optim import schedules

# What this holds does not depend on the version of Python.
pytestmark = pytest.mark.once

every = pytest.mark.parametrize("name", sorted(CURVES))


def few(thorough: int = 300) -> Any:
    """Some examples each, many more in the thorough group."""
    many = hypothesis_settings.get_current_profile_name() == "thorough"
    return hypothesis_settings(max_examples=thorough if many else 6)


def optimizer(*lrs: float, kind: Any = nn.optim.SGD) -> Any:
    """Of a group for each learning rate."""
    return kind([{"params": [nn.Parameter([1.0])], "lr": lr} for lr in lrs or (0.1,)])


def advance(opt: Any, schedule: Any) -> None:
    opt.step([np.zeros(1)] * len(opt.param_groups))
    schedule.step()


def lrs(opt: Any) -> list[float]:
    return [group["lr"] for group in opt.param_groups]


def fixed(caught: Any) -> dict[str, Any]:
    """The keyword arguments that an error's fix says."""
    code = caught.value.fix.partition("   #")[0]
    return dict(eval(f"dict({code})"))


def test_every_schedule_stands_in_the_table() -> None:
    kinds = {
        name
        for name, value in vars(schedules).items()
        if inspect.isclass(value) and issubclass(value, schedules.LRScheduler)
    }
    assert kinds == set(schedules.__all__)
    assert kinds - {"LRScheduler"} == set(CURVES) | OTHERS


@every
@few()
@given(data=st.data())
def test_learning_rates_are_those_of_the_curve_and_of_the_formula(name: str, data: Any) -> None:
    entry = CURVES[name]
    settings = data.draw(entry.settings)
    opt = optimizer(0.1, 0.03)
    schedule = getattr(schedules, name)(opt, **settings)
    for t in range(min(60, length(settings))):
        expected = [entry.naive(t, base, **settings) for base in (0.1, 0.03)]
        np.testing.assert_allclose(lrs(opt), expected, rtol=1e-10, atol=1e-13)
        assert lrs(opt) == schedule.get_last_lr()
        assert schedule.last_epoch == t
        curve = [schedule._at(t, k) for k in range(2)]
        assert lrs(opt) == curve  # to the bit: nothing drifts
        advance(opt, schedule)


@every
@few()
@given(data=st.data())
def test_it_goes_on_from_its_state_whatever_the_optimizer_was_told(name: str, data: Any) -> None:
    settings = data.draw(CURVES[name].settings)
    stop = data.draw(st.integers(0, min(30, length(settings) - 2)))
    first, second = optimizer(0.1, 0.03), optimizer(0.7, 0.7)
    one, two = (getattr(schedules, name)(opt, **settings) for opt in (first, second))
    for _ in range(stop):
        advance(first, one)
    saved = json.loads(json.dumps(one.state_dict()))
    two.load_state_dict(saved)
    assert first.param_groups[0]["momentum"] == second.param_groups[0]["momentum"]
    for _ in range(min(25, length(settings) - stop - 1)):
        assert lrs(first) == lrs(second)
        advance(first, one)
        two.step()  # its optimizer is new, the training is not


@every
@few()
@given(data=st.data())
def test_it_goes_on_after_a_step_that_is_given(name: str, data: Any) -> None:
    settings = data.draw(CURVES[name].settings)
    first = optimizer(0.1, 0.03)
    one = getattr(schedules, name)(first, **settings)
    for _ in range(data.draw(st.integers(1, min(20, length(settings) - 2)))):
        advance(first, one)
    second = optimizer(0.9, 0.9)
    state = {**second.state_dict(), "param_groups": first.state_dict()["param_groups"]}
    second.load_state_dict(state)
    two = getattr(schedules, name)(second, **settings, last_epoch=one.last_epoch - 1)
    assert two.last_epoch == one.last_epoch
    assert lrs(second) == lrs(first)
    with pytest.raises(errors.ArgumentError, match="initial_lr"):
        getattr(schedules, name)(optimizer(), **settings, last_epoch=3)


@every
def test_a_step_before_the_optimizers_is_refused(name: str) -> None:
    settings = minimal(name)
    opt = optimizer()
    schedule = getattr(schedules, name)(opt, **settings)
    before = lrs(opt)
    with pytest.raises(errors.ModuleError, match=r"before|came before") as caught:
        schedule.step()
    assert lrs(opt) == before
    gradients = [np.zeros(1)]
    code = str(caught.value.fix).replace("opt.step()", "opt.step(gradients)")
    exec(code, {"opt": opt, "schedule": schedule, "gradients": gradients})
    schedule.step()  # said once: what is skipped later is the user's choice
    assert schedule.last_epoch == 2


def minimal(name: str) -> dict[str, Any]:
    required: dict[str, dict[str, Any]] = {
        "LambdaLR": {"lr_lambda": lambda t: 0.5**t},
        "StepLR": {"step_size": 2},
        "MultiStepLR": {"milestones": [2, 4]},
        "ExponentialLR": {"gamma": 0.5},
        "CosineAnnealingLR": {"T_max": 5},
        "CosineAnnealingWarmRestarts": {"T_0": 5},
        "CyclicLR": {"base_lr": 0.1, "max_lr": 1.0},
        "OneCycleLR": {"max_lr": 1.0, "total_steps": 10},
    }
    return required.get(name, {})


@every
def test_a_rate_changed_by_hand_is_scaled_on_by_those_that_scale(name: str) -> None:
    opt, twin = optimizer(0.1), optimizer(0.1)
    schedule, other = (getattr(schedules, name)(o, **minimal(name)) for o in (opt, twin))
    for _ in range(3):
        advance(opt, schedule)
        advance(twin, other)
    opt.param_groups[0]["lr"] *= 0.5
    for _ in range(6):
        advance(opt, schedule)
        advance(twin, other)
        factor = 0.5 if schedule.chainable else 1.0
        if twin.param_groups[0]["lr"] == 0.0:
            factor = 1.0
        if name == "CosineAnnealingLR" and schedule.last_epoch > 5:
            break  # from its zero on there is nothing that could be scaled
        assert lrs(opt)[0] == pytest.approx(lrs(twin)[0] * factor, rel=1e-12)


@every
def test_wrong_settings_are_refused_before_anything_changes_with_some_that_work(name: str) -> None:
    kind = getattr(schedules, name)
    for wrong in CURVES[name].wrong:
        opt = optimizer(0.1)
        groups = [dict(group) for group in opt.param_groups]
        with pytest.raises(errors.ArgumentError) as caught:
            kind(opt, **wrong)
        assert [dict(group) for group in opt.param_groups] == groups
        assert caught.value.fix is not None
        kind(opt, **{**wrong, **fixed(caught)})
    with pytest.raises(errors.ArgumentError, match="optimizer"):
        kind(nn.Linear(1, 1), **minimal(name))
    with pytest.raises(errors.ArgumentError, match="last_epoch"):
        kind(optimizer(), **minimal(name), last_epoch=-2)


@every
def test_a_state_that_is_none_is_refused_and_changes_nothing(name: str) -> None:
    opt = optimizer()
    schedule = getattr(schedules, name)(opt, **minimal(name))
    advance(opt, schedule)
    saved, before = schedule.state_dict(), lrs(opt)
    for wrong in (
        None,
        {},
        {**saved, "last_epoch": "3"},
        {**saved, "last_epoch": -5},
        {**saved, "_last_lr": [0.1, 0.2]},
        {**saved, "_last_lr": ["a"]},
        {**saved, "base_lrs": None},
    ):
        with pytest.raises(errors.LoadError):
            schedule.load_state_dict(wrong)
    assert schedule.state_dict() == saved
    assert lrs(opt) == before


@every
def test_its_repr_says_its_settings(name: str) -> None:
    schedule = getattr(schedules, name)(optimizer(), **minimal(name))
    assert repr(schedule).startswith(f"{name}(")
    for key in set(minimal(name)) - {"base_lr"}:
        assert f"{key}=" in repr(schedule)


@every
def test_momentum_moves_only_where_it_is_asked_for(name: str) -> None:
    opt = optimizer(0.1, kind=nn.optim.Adam)
    schedule = getattr(schedules, name)(opt, **minimal(name))
    before = opt.param_groups[0]["betas"]
    advance(opt, schedule)
    cycled = name in ("CyclicLR", "OneCycleLR")
    assert (opt.param_groups[0]["betas"] != before) == cycled
    assert opt.param_groups[0]["betas"][1] == 0.999
    if cycled:
        with pytest.raises(errors.ArgumentError, match="Adagrad has none") as caught:
            getattr(schedules, name)(optimizer(kind=nn.optim.Adagrad), **minimal(name))
        settings = {**minimal(name), **fixed(caught)}
        getattr(schedules, name)(optimizer(kind=nn.optim.Adagrad), **settings)
