"""The table of schedules: settings to draw, and each curve written in another way than the code's.

``test_every_schedule.py`` holds each one to it, ``test_parity_schedules.py`` to PyTorch. A schedule
that does not stand here fails a test.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Entry:
    """A schedule with a curve.

    Parameters
    ----------
    name : str
        Its class in ``nn.optim.schedules`` and ``torch.optim.lr_scheduler``.
    naive : callable
        ``naive(t, base, **settings)``, the learning rate after ``t`` steps, step by step.
    settings : strategy of dict
        Keyword arguments of the class.
    wrong : tuple of dict
        Settings that are refused, each with others that make it a call.
    unlike : str
        Why PyTorch has nothing to compare with.
    """

    name: str
    naive: Callable[..., float]
    settings: st.SearchStrategy[dict[str, Any]]
    wrong: tuple[dict[str, Any], ...]
    unlike: str = ""


def factor(t: int) -> float:
    return 1 / (1 + 0.3 * t)


def wavy(t: int) -> float:
    return 1.5 + math.sin(t)


def steps(t: int, base: float, *, step_size: int, gamma: float = 0.1) -> float:
    for k in range(1, t + 1):
        base *= gamma if k % step_size == 0 else 1.0
    return base


def milestones(t: int, base: float, *, milestones: list[int], gamma: float = 0.1) -> float:
    for k in range(t + 1):
        for milestone in milestones:
            base *= gamma if k == milestone else 1.0
    return base


def exponential(t: int, base: float, *, gamma: float) -> float:
    for _ in range(t):
        base *= gamma
    return base


def polynomial(t: int, base: float, *, total_iters: int = 5, power: float = 1.0) -> float:
    return base * (max(total_iters - t, 0) / total_iters) ** power


def constant(t: int, base: float, *, factor: float = 1 / 3, total_iters: int = 5) -> float:
    return base if t >= total_iters else factor * base


def linear(
    t: int,
    base: float,
    *,
    start_factor: float = 1 / 3,
    end_factor: float = 1.0,
    total_iters: int = 5,
) -> float:
    lr = base * start_factor
    for _ in range(min(t, total_iters)):
        lr += base * (end_factor - start_factor) / total_iters
    return lr


def inverse_square_root(t: int, base: float, *, warmup_steps: int = 4000) -> float:
    """Equation 3 of the paper, up to the constant."""
    n = t + 1
    return base * warmup_steps**0.5 * min(n**-0.5, n * warmup_steps**-1.5)


def cosine(t: int, base: float, *, T_max: int, eta_min: float = 0.0) -> float:
    return eta_min + (base - eta_min) * math.cos(math.pi * t / T_max / 2) ** 2


def restarts(t: int, base: float, *, T_0: int, T_mult: int = 1, eta_min: float = 0.0) -> float:
    since, length = 0, T_0
    for _ in range(t):
        since += 1
        if since == length:
            since, length = 0, length * T_mult
    return cosine(since, base, T_max=length, eta_min=eta_min)


def cyclic(
    t: int,
    base: float,
    *,
    base_lr: float,
    max_lr: float,
    step_size_up: int = 2000,
    step_size_down: int | None = None,
    mode: str = "triangular",
    gamma: float = 1.0,
    scale_fn: Callable[[int], float] | None = None,
    scale_mode: str = "cycle",
    **momentum: Any,
) -> float:
    height, cycle, rising = 0.0, 1, True
    for _ in range(t):
        height += 1 / step_size_up if rising else -1 / (step_size_down or step_size_up)
        if rising and height > 1 - 1e-9:
            rising = False
        elif not rising and height < 1e-9:
            rising, height, cycle = True, 0.0, cycle + 1
    scale = {"triangular": 1.0, "triangular2": 2.0 ** (1 - cycle), "exp_range": gamma**t}[mode]
    if scale_fn is not None:
        scale = scale_fn(cycle if scale_mode == "cycle" else t)
    return base_lr + (max_lr - base_lr) * height * scale


def one_cycle(
    t: int,
    base: float,
    *,
    max_lr: float,
    total_steps: int = 0,
    epochs: int = 0,
    steps_per_epoch: int = 0,
    pct_start: float = 0.3,
    anneal_strategy: str = "cos",
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
    three_phase: bool = False,
    **momentum: Any,
) -> float:
    total = total_steps or epochs * steps_per_epoch
    first, last = max_lr / div_factor, max_lr / div_factor / final_div_factor
    top, end = pct_start * total - 1, total - 1
    knots = [(0.0, first), (top, max_lr), (end, last)]
    if three_phase:
        knots.insert(2, (2 * pct_start * total - 2, first))
    if top < 0:
        knots = [(top, max_lr), *knots[2:]]
    for (left, high), (right, low) in pairwise(knots):
        if t <= right:
            part = (t - left) / (right - left) if right > left else 1.0
            if anneal_strategy == "cos":
                part = math.sin(math.pi * part / 2) ** 2
            return high + (low - high) * part
    return last


def length(settings: dict[str, Any]) -> int:
    """How many steps a schedule has; as many as it is asked for, if it has no end."""
    epochs = settings.get("epochs", 30) * settings.get("steps_per_epoch", 2)
    return int(settings.get("total_steps", epochs))


count = st.integers(1, 25)
gamma = st.floats(0.5, 1.05)
unit = st.floats(0.01, 1.0)
low = st.sampled_from([0.0, 1e-4, 0.02])
flag = st.booleans()
momenta = {
    "cycle_momentum": flag,
    "base_momentum": st.floats(0.5, 0.8),
    "max_momentum": st.floats(0.85, 0.99),
}


def drawn(
    required: dict[str, Any] | None = None, **optional: Any
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required or {}, optional=optional)


@st.composite
def one_cycle_settings(draw: Any) -> dict[str, Any]:
    total = draw(st.integers(4, 80))
    length = draw(
        st.sampled_from([{"total_steps": total}, {"epochs": total, "steps_per_epoch": 2}])
    )
    settings: dict[str, Any] = draw(
        drawn(
            {"max_lr": st.floats(0.01, 1.0)},
            anneal_strategy=st.sampled_from(["cos", "linear"]),
            div_factor=st.floats(2.0, 50.0),
            final_div_factor=st.floats(1.0, 1e4),
            three_phase=flag,
            **momenta,
        )
    )
    # At 1 / total PyTorch divides by zero, and above a half its third phase has no length.
    share = draw(st.sampled_from([0.26, 0.3, 0.41, 0.45]))
    return {**length, **settings, "pct_start": share}


CURVES = {
    entry.name: entry
    for entry in [
        Entry(
            "LambdaLR",
            lambda t, base, *, lr_lambda: base * lr_lambda(t),
            drawn({"lr_lambda": st.sampled_from([factor, wavy])}),
            ({"lr_lambda": 0.9}, {"lr_lambda": [factor] * 3}),
        ),
        Entry(
            "StepLR",
            steps,
            drawn({"step_size": count}, gamma=gamma),
            ({"step_size": 0}, {"step_size": 2.5}, {"step_size": 2, "gamma": -0.1}),
        ),
        Entry(
            "MultiStepLR",
            milestones,
            drawn(
                {"milestones": st.lists(st.integers(0, 60), max_size=5).map(sorted)}, gamma=gamma
            ),
            (
                {"milestones": [30, 10]},
                {"milestones": [-1, 10]},
                {"milestones": 30},
                {"milestones": ["a"]},
                {"milestones": [3], "gamma": float("nan")},
            ),
        ),
        Entry("ExponentialLR", exponential, drawn({"gamma": gamma}), ({"gamma": -1},)),
        Entry(
            "PolynomialLR",
            polynomial,
            drawn(total_iters=count, power=st.floats(0.0, 3.0)),
            ({"total_iters": 0}, {"power": -1.0}),
        ),
        Entry(
            "ConstantLR",
            constant,
            drawn(factor=unit, total_iters=count),
            ({"factor": 1.5}, {"factor": -0.5}, {"total_iters": -1}),
        ),
        Entry(
            "LinearLR",
            linear,
            drawn(start_factor=unit, end_factor=st.just(0.0) | unit, total_iters=count),
            ({"start_factor": 0.0}, {"start_factor": 1.1}, {"end_factor": 2}, {"total_iters": 0}),
        ),
        Entry(
            "InverseSquareRootLR",
            inverse_square_root,
            drawn(warmup_steps=count),
            ({"warmup_steps": 0},),
            unlike="PyTorch has none",
        ),
        Entry(
            "CosineAnnealingLR",
            cosine,
            drawn({"T_max": count}, eta_min=low),
            ({"T_max": 0}, {"T_max": 10, "eta_min": -1}),
        ),
        Entry(
            "CosineAnnealingWarmRestarts",
            restarts,
            drawn({"T_0": count}, T_mult=st.integers(1, 3), eta_min=low),
            ({"T_0": 0}, {"T_0": 1.0}, {"T_0": 1, "T_mult": 0}, {"T_0": 1, "eta_min": "0"}),
        ),
        Entry(
            "CyclicLR",
            cyclic,
            drawn(
                {"base_lr": st.floats(0.001, 0.1), "max_lr": st.floats(0.1, 1.0)},
                step_size_up=count,
                step_size_down=count,
                mode=st.sampled_from(["triangular", "triangular2", "exp_range"]),
                gamma=st.floats(0.9, 1.0),
                scale_fn=st.sampled_from([None, factor]),
                scale_mode=st.sampled_from(["cycle", "iterations"]),
                **momenta,
            ),
            tuple(
                {"base_lr": 0.1, "max_lr": 1.0, **wrong}
                for wrong in (
                    {"base_lr": -0.1},
                    {"max_lr": [1.0, 2.0, 3.0]},
                    {"step_size_up": 0},
                    {"step_size_down": 0},
                    {"mode": "square"},
                    {"scale_mode": "epoch"},
                    {"base_momentum": 1.0},
                    {"max_momentum": -0.1},
                    {"cycle_momentum": "yes"},
                )
            ),
        ),
        Entry(
            "OneCycleLR",
            one_cycle,
            one_cycle_settings(),
            (
                {"max_lr": 0.1},
                {"max_lr": 0.1, "epochs": 3},
                *(
                    {"max_lr": 0.1, "total_steps": 10, **wrong}
                    for wrong in (
                        {"total_steps": 0},
                        {"max_lr": -0.1},
                        {"max_lr": []},
                        {"pct_start": 1.5},
                        {"anneal_strategy": "cubic"},
                        {"div_factor": 0.0},
                        {"final_div_factor": -1.0},
                        {"three_phase": 1},
                        {"max_momentum": 1.0},
                    )
                ),
                {"max_lr": 0.1, "epochs": 0, "steps_per_epoch": 3},
            ),
        ),
    ]
}

# These have no curve of their own.
OTHERS = {"ChainedScheduler", "ReduceLROnPlateau", "SequentialLR"}
