"""Entries of activations."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from .entry import Drawn, Entry, normal
from .linear import elementwise

SHAPES = st.sampled_from([(3,), (2, 3), (1, 2, 2), ()])


@st.composite
def over_classes(draw: Any) -> Drawn:
    dim = draw(st.sampled_from([0, 1, -1]))
    return Drawn((draw(normal(2, 3)),), (), {"dim": dim})


@st.composite
def wide(draw: Any, *edges: float, **settings: Any) -> Drawn:
    """Numbers from all pieces of a function that bends at ``edges``, away from these."""
    options = {name: draw(value) for name, value in settings.items()}
    marks = sorted({*edges, *[float(v) for v in options.values() if isinstance(v, (int, float))]})
    marks += [-value for value in marks]
    centres = [sum(pair) / 2 for pair in zip(sorted(marks), sorted(marks)[1:], strict=False)]
    centres += [max(marks, default=0) + 1.5, min(marks, default=0) - 1.5]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.choice(centres, draw(SHAPES)) + rng.uniform(-0.1, 0.1)
    return Drawn((np.asarray(x),), (), options)


@st.composite
def prelu(draw: Any) -> Drawn:
    shape = draw(st.sampled_from([(2, 3), (1, 2, 2), (2, 1), (3,)]))
    count = draw(st.sampled_from([1, *shape[1:2]]))
    x = draw(normal(*shape))
    return Drawn((x + np.sign(x) * 0.1,), (count, draw(numbers(-0.5, 0.5))))


@st.composite
def halves(draw: Any) -> Drawn:
    dim = draw(st.sampled_from([0, 1, -1]))
    return Drawn((draw(normal(2, 4, 2)),), (), {"dim": dim})


def channels() -> st.SearchStrategy[Drawn]:
    return st.sampled_from([(2, 3, 1, 2), (3, 2, 1)]).flatmap(
        lambda shape: normal(*shape).map(lambda x: Drawn((x,)))
    )


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high).map(lambda value: round(value, 3))


ENTRIES = [
    *[Entry(name, elementwise()) for name in ("ReLU", "Sigmoid", "Tanh")],
    *[Entry(name, elementwise()) for name in ("LogSigmoid", "Mish", "SELU", "SiLU", "Softsign")],
    *[Entry(name, over_classes()) for name in ("LogSoftmax", "Softmax", "Softmin")],
    Entry("Softmax2d", channels()),
    Entry("GLU", halves()),
    Entry("PReLU", prelu()),
    Entry("LeakyReLU", wide(0.0, negative_slope=numbers(0.0, 0.2))),
    Entry("RReLU", wide(0.0), unlike="its random choices are others"),
    Entry("ELU", wide(0.0, alpha=numbers(0.5, 2.0))),
    # PyTorch rounds the inverse of alpha to float32: only where it is exact, values agree.
    Entry("CELU", wide(0.0, alpha=st.sampled_from([0.5, 1.0, 2.0]))),
    Entry("GELU", wide(approximate=st.sampled_from(["none", "tanh"]))),
    Entry("Tanhshrink", wide(0.0)),
    Entry("ReLU6", wide(0.0, 6.0)),
    Entry("Hardsigmoid", wide(3.0), unlike="PyTorch's slope is a sixth, rounded to float32"),
    Entry("Hardswish", wide(3.0)),
    Entry("Hardtanh", wide(min_val=numbers(-2.0, -0.5), max_val=numbers(0.0, 1.0))),
    Entry("Threshold", wide(threshold=numbers(-1.0, 1.0), value=numbers(-9.0, 9.0))),
    Entry("Softshrink", wide(lambd=numbers(0.5, 1.0))),
    Entry("Hardshrink", wide(lambd=numbers(0.5, 1.0))),
    Entry("Softplus", wide(beta=numbers(0.5, 3.0), threshold=numbers(1.0, 4.0))),
]
