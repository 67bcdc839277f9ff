"""Every schedule against PyTorch's over sixty steps of drawn settings, alone and composed."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from tests.nn.optim.schedules import CURVES, OTHERS, length
from tests.nn.optim.test_schedule_compositions import figures, plateau
from tinygrad_edu import nn
from tinygrad_edu.nn.optim import schedules

pytestmark = pytest.mark.parity

SHARED = sorted(name for name, entry in CURVES.items() if not entry.unlike)
every = pytest.mark.parametrize("name", SHARED)
kinds = st.sampled_from(["SGD", "Adam", "RMSprop"])


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch")


def pair(torch: Any, kind: str, bases: tuple[float, ...] = (0.1, 0.03)) -> tuple[Any, Any]:
    groups = [{"params": [nn.Parameter([1.0])], "lr": lr} for lr in bases]
    others = [{"params": [torch.nn.Parameter(torch.ones(1))], "lr": lr} for lr in bases]
    return getattr(nn.optim, kind)(groups), getattr(torch.optim, kind)(others)


def agree(ours: Any, theirs: Any) -> None:
    for own, other in zip(ours.param_groups, theirs.param_groups, strict=True):
        assert own["lr"] == pytest.approx(other["lr"], rel=1e-12, abs=1e-16)
        for key in ("momentum", "betas"):
            if key in own:
                assert own[key] == pytest.approx(other[key], rel=1e-12)


def advance(ours: Any, theirs: Any, one: Any, two: Any, *figure: float) -> None:
    ours.step([np.zeros(1)] * len(ours.param_groups))
    theirs.step()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one.step(*figure)
        two.step(*figure)


@pytest.mark.parametrize("name", sorted([*SHARED, *OTHERS]))
def test_arguments_of_schedules_come_in_pytorchs_order(torch: Any, name: str) -> None:
    ours, theirs = (
        [(p.name, p.default) for p in inspect.signature(getattr(room, name)).parameters.values()]
        for room in (schedules, torch.optim.lr_scheduler)
    )
    assert ours == theirs


@every
@hypothesis_settings(max_examples=30)
@given(data=st.data())
def test_sixty_steps_equal_pytorchs(torch: Any, name: str, data: Any) -> None:
    settings = data.draw(CURVES[name].settings)
    ours, theirs = pair(torch, data.draw(kinds))
    one = getattr(schedules, name)(ours, **settings)
    two = getattr(torch.optim.lr_scheduler, name)(theirs, **settings)
    # What others do to a learning rate in between is scaled on, or overwritten.
    change = data.draw(st.integers(0, 59)) if data.draw(st.booleans()) else -1
    if name == "CosineAnnealingLR":
        change = min(change, settings["T_max"] - 1)  # beyond its zero both only add
    for t in range(min(60, length(settings) - 1)):
        agree(ours, theirs)
        np.testing.assert_allclose(one.get_last_lr(), two.get_last_lr(), rtol=1e-12, atol=1e-16)
        if t == change:
            for group in (*ours.param_groups, *theirs.param_groups):
                group["lr"] = group["lr"] * 0.7
        advance(ours, theirs, one, two)


@every
@hypothesis_settings(max_examples=10)
@given(data=st.data())
def test_the_state_of_a_schedule_goes_to_pytorch_and_back(torch: Any, name: str, data: Any) -> None:
    settings = data.draw(CURVES[name].settings)
    kind = data.draw(kinds)
    total = min(40, length(settings) - 2)
    stop = data.draw(st.integers(1, total))
    ours, theirs = pair(torch, kind)
    one = getattr(schedules, name)(ours, **settings)
    two = getattr(torch.optim.lr_scheduler, name)(theirs, **settings)
    for _ in range(stop):
        advance(ours, theirs, one, two)
    new, fresh = pair(torch, kind)
    three = getattr(schedules, name)(new, **settings)
    four = getattr(torch.optim.lr_scheduler, name)(fresh, **settings)
    three.load_state_dict(two.state_dict())
    state = one.state_dict()
    if name == "CyclicLR":
        state["_scale_fn_custom"] = None  # PyTorch asks for a place of its functions
    if name == "LambdaLR":
        state["lr_lambdas"] = [None] * 2
    four.load_state_dict(state)
    for group, saved in zip(fresh.param_groups, ours.state_dict()["param_groups"], strict=True):
        group.update({key: value for key, value in saved.items() if key != "params"})
    for _ in range(stop, total):
        agree(new, fresh)
        advance(new, fresh, three, four)


CHAINABLE = sorted(name for name in SHARED if getattr(schedules, name).chainable)


@hypothesis_settings(max_examples=60)
@given(data=st.data())
def test_chains_equal_pytorchs(torch: Any, data: Any) -> None:
    ours, theirs = pair(torch, "SGD")
    names = data.draw(st.lists(st.sampled_from(CHAINABLE), min_size=1, max_size=3))
    if names.count("CosineAnnealingLR") > 1:
        names = ["CosineAnnealingLR"]
    drawn = [(name, data.draw(CURVES[name].settings)) for name in names]
    drawn = [(n, {**s, "end_factor": max(s.get("end_factor", 1), 0.1)} if n == "LinearLR" else s)
             for n, s in drawn]  # fmt: skip
    one = schedules.ChainedScheduler([getattr(schedules, n)(ours, **s) for n, s in drawn])
    room = torch.optim.lr_scheduler
    two = room.ChainedScheduler([getattr(room, n)(theirs, **s) for n, s in drawn])
    for _ in range(60):
        agree(ours, theirs)
        advance(ours, theirs, one, two)


@hypothesis_settings(max_examples=60)
@given(data=st.data())
def test_sequences_equal_pytorchs(torch: Any, data: Any) -> None:
    ours, theirs = pair(torch, "SGD")
    possible = sorted(set(SHARED) - {"OneCycleLR", "CyclicLR"})
    names = data.draw(st.lists(st.sampled_from(possible), min_size=1, max_size=4))
    drawn = [(name, data.draw(CURVES[name].settings)) for name in names]
    milestones = [int(m) for m in np.cumsum([data.draw(st.integers(1, 20)) for _ in names[1:]])]
    room = torch.optim.lr_scheduler
    one, two = (
        kind.SequentialLR(opt, [getattr(kind, n)(opt, **s) for n, s in drawn], milestones)
        for kind, opt in ((schedules, ours), (room, theirs))
    )
    for _ in range(60):
        agree(ours, theirs)
        advance(ours, theirs, one, two)


@hypothesis_settings(max_examples=100)
@given(plateau, figures)
def test_plateaus_equal_pytorchs(torch: Any, options: dict[str, Any], losses: list[float]) -> None:
    ours, theirs = pair(torch, "SGD")
    one = schedules.ReduceLROnPlateau(ours, **options)
    two = torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, **options)
    for loss in [*losses, float("nan")]:
        advance(ours, theirs, one, two, loss)
        agree(ours, theirs)
    state = two.state_dict()
    assert one.state_dict() == {key: state[key] for key in one.state_dict()}
    one.load_state_dict(state)
    two.load_state_dict(one.state_dict())
