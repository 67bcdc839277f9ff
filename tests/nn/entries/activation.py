"""Entries of activations."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .entry import Drawn, Entry, normal
from .linear import elementwise


@st.composite
def over_classes(draw: Any) -> Drawn:
    dim = draw(st.sampled_from([0, 1, -1]))
    return Drawn((draw(normal(2, 3)),), (), {"dim": dim})


ENTRIES = [
    *[Entry(name, elementwise()) for name in ("ReLU", "Sigmoid", "Tanh")],
    *[Entry(name, over_classes()) for name in ("LogSoftmax", "Softmax")],
]
