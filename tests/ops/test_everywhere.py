"""Every rule, to the second order, at points that Hypothesis draws.

The generated tests of `check_op` look at every element of chosen points; these go wherever an
operation says that it may be sampled, and look along one random direction, which sees a mistake in
any element and costs little: 20 points of each, and 2,000 in the thorough group.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from tests.ops.extrapolation import Rough, slope
from tinygrad_edu import ops
from tinygrad_edu.registry import Operation, registry
from tinygrad_edu.testing import check_vjp, points

# Made when the module is read, before other tests register operations of their own.
DIFFERENTIABLE = [
    name
    for name, op in registry.items()
    if op.differentiable and op.call.__module__.startswith(ops.__name__)
]
SHAPES = [(), (1,), (2,), (3,), (1, 2), (2, 1), (2, 2), (2, 3), (0,), (2, 0)]
SEEDS = st.integers(0, 2**31)
Arrays = list[np.ndarray]


def draw(op: Operation, shape: tuple[int, ...], seed: int) -> tuple[Arrays, dict[str, Any]]:
    """Operands and settings as the registration says, off the ties that samples are fond of."""
    rng = np.random.default_rng(seed)
    if op.samples is not None and (not op.domain or seed % 4 == 0):
        drawn, settings = op.samples(rng)
        inputs = [np.asarray(x) for x in drawn]
        noise = [1e-3 * rng.normal(size=x.shape) for x in inputs]
        pairs = zip(inputs, noise, strict=True)
        return [x + off if x.dtype.kind == "f" else x for x, off in pairs], settings
    return [points.generic(domain, shape, rng) for domain in op.domain], {}


class Line:
    """An operation along a line through a point: its weighted sum and that of its gradient."""

    def __init__(self, name: str, shape: tuple[int, ...], seed: int) -> None:
        self.op = registry[name]
        self.inputs, self.settings = draw(self.op, shape, seed)
        self.moving = [k for k, x in enumerate(self.inputs) if x.dtype.kind == "f"]
        rng = np.random.default_rng(seed + 1)
        start = [self.inputs[k] for k in self.moving]
        self.along, self.across = ([0.1 * rng.normal(size=x.shape) for x in start] for _ in "ab")
        value = self.op.call(*self.inputs, **self.settings)
        self.weights = rng.normal(size=value.shape)

    def leaves(self, t: float, made: Callable[..., Any]) -> list[Any]:
        every: list[Any] = list(self.inputs)
        for k, direction in zip(self.moving, self.along, strict=True):
            every[k] = made(self.inputs[k] + t * direction)
        return every

    def value(self, t: Any) -> Any:
        found = self.op.call(*self.leaves(float(t), np.asarray), **self.settings)
        return float(np.sum(self.weights * found))

    def gradient(self, t: float, again: bool = False) -> tuple[list[Any], list[Any]]:
        every = self.leaves(t, lambda x: tg.Tensor(x, requires_grad=True))
        leaves = [every[k] for k in self.moving]
        with tg.Tape() as tape:
            out = self.op.call(*every, **self.settings)
            found = tape.gradient(
                out, leaves, output_gradient=self.weights, create_graph=again, unconnected="zero"
            )
        return leaves, found

    def slope(self) -> float:
        found = self.gradient(0.0)[1]
        return sum(float(np.sum(g.data * v)) for g, v in zip(found, self.along, strict=True))

    def gradient_across(self, t: Any) -> Any:
        found = self.gradient(float(t))[1]
        return sum(float(np.sum(g.data * u)) for g, u in zip(found, self.across, strict=True))

    def curvature(self) -> float:
        with tg.Tape() as tape:
            leaves, found = self.gradient(0.0, again=True)
            across = sum((g * u).sum() for g, u in zip(found, self.across, strict=True))
        if not isinstance(across, tg.Tensor) or not across.requires_grad:
            return 0.0  # a linear operation has a constant gradient
        second = tape.gradient(across, leaves, unconnected="zero")
        return sum(float(np.sum(h.data * v)) for h, v in zip(second, self.along, strict=True))


def agrees(f: Callable[..., Any], right: float, seed: int) -> bool:
    """Whether a slope is within the error bar; else the checker decides."""
    try:
        numeric, error = slope(f, 0.05)
        if abs(right - numeric) <= error:
            return True
    except Rough:
        pass
    report = check_vjp(f, lambda g, t: (g * right,), 0.0, rng=seed, raises=False)
    return report.verdict != "fail"


def look(name: str, shape: tuple[int, ...], seed: int) -> None:
    line = Line(name, shape, seed)
    assert agrees(line.value, line.slope(), seed)
    if seed % 5 == 0:
        assert agrees(line.gradient_across, line.curvature(), seed)


@pytest.mark.once
@pytest.mark.parametrize("name", DIFFERENTIABLE)
@settings(max_examples=20)
@given(shape=st.sampled_from(SHAPES), seed=SEEDS)
def test_rule_agrees_with_differences_where_it_is_sampled(
    name: str, shape: tuple[int, ...], seed: int
) -> None:
    look(name, shape, seed)


@pytest.mark.thorough
@pytest.mark.once
@pytest.mark.parametrize("name", DIFFERENTIABLE)
@given(shape=st.sampled_from(SHAPES), seed=SEEDS)
def test_rule_agrees_with_differences_wherever_it_may_be_sampled(
    name: str, shape: tuple[int, ...], seed: int
) -> None:
    look(name, shape, seed)


def test_a_slope_that_is_wrong_by_a_part_in_a_million_is_noticed() -> None:
    line = Line("tanh", (2, 3), 5)
    for f, right in ((line.value, line.slope()), (line.gradient_across, line.curvature())):
        assert agrees(f, right, 0)
        assert not agrees(f, right * (1 + 1e-6), 0)
