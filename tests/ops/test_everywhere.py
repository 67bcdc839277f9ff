"""Every rule, to the second order, at thousands of points that Hypothesis draws.

The generated tests of `check_op` try chosen points; these go wherever an operation says that it
may be sampled. Thousands of examples for each: minutes, so they belong to the thorough group.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tinygrad_edu import ops
from tinygrad_edu.registry import Operation, registry
from tinygrad_edu.testing import check_gradients, points

# Made when the module is read, before other tests register operations of their own.
DIFFERENTIABLE = [
    name
    for name, op in registry.items()
    if op.differentiable and op.call.__module__.startswith(ops.__name__)
]
SHAPES = [(), (1,), (2,), (3,), (1, 2), (2, 1), (2, 2), (2, 3), (0,), (2, 0)]


def draw(op: Operation, shape: tuple[int, ...], seed: int) -> tuple[list[Any], dict[str, Any]]:
    """Operands and settings as the registration says."""
    rng = np.random.default_rng(seed)
    if op.samples is not None and (not op.domain or seed % 4 == 0):
        inputs, settings = op.samples(rng)
        return [np.asarray(x) for x in inputs], settings
    return [points.generic(domain, shape, rng) for domain in op.domain], {}


@pytest.mark.thorough
@pytest.mark.once
@pytest.mark.parametrize("name", DIFFERENTIABLE)
@given(shape=st.sampled_from(SHAPES), seed=st.integers(0, 2**31))
def test_rule_agrees_with_differences_wherever_it_may_be_sampled(
    name: str, shape: tuple[int, ...], seed: int
) -> None:
    op = registry[name]
    inputs, settings = draw(op, shape, seed)
    moving = [k for k, x in enumerate(inputs) if x.dtype.kind == "f"]

    def f(*given: Any) -> Any:
        every = list(inputs)
        for k, x in zip(moving, given, strict=True):
            every[k] = x
        return op.call(*every, **settings)

    chosen = [inputs[k] for k in moving]
    order = 2 if seed % 10 == 0 else 1  # the second costs four times the first
    report = check_gradients(f, *chosen, order=order, rng=seed, unresolved="allow")
    assert report.verdict in ("pass", "unresolved")
