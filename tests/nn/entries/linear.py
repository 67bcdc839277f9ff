"""Entries of layers that keep or flatten axes, and of the affine map."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .entry import Drawn, Entry, normal


@st.composite
def linear(draw: Any) -> Drawn:
    features, outputs = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    leading = draw(st.sampled_from([(), (1,), (2,), (2, 2)]))
    x = draw(normal(*leading, features))
    return Drawn((x,), (features, outputs), {"bias": draw(st.booleans())})


@st.composite
def flatten(draw: Any) -> Drawn:
    start, end = draw(st.sampled_from([(1, -1), (0, -1), (0, 1), (1, 2), (2, 2), (-2, -1)]))
    return Drawn((draw(normal(2, 1, 2)),), (), {"start_dim": start, "end_dim": end})


@st.composite
def dropout(draw: Any) -> Drawn:
    return Drawn((draw(normal(2, 3)),), (draw(st.sampled_from([0.0, 0.3, 1.0])),))


@st.composite
def channels_dropped(draw: Any, axes: int) -> Drawn:
    shape = (*draw(st.sampled_from([(2,), (1, 3)])), *[2] * axes)
    return Drawn((draw(normal(*shape)),), (draw(st.sampled_from([0.0, 0.3, 1.0])),))


def elementwise() -> st.SearchStrategy[Drawn]:
    """Examples of a layer without settings that keeps the shape."""
    return st.sampled_from([(3,), (2, 3), (1, 2, 2)]).flatmap(
        lambda shape: normal(*shape).map(lambda x: Drawn((x,)))
    )


ENTRIES = [
    Entry("Linear", linear(), laws=("samples_do_not_leak",)),
    Entry("Flatten", flatten()),
    Entry("Identity", elementwise()),
    Entry("Dropout", dropout(), unlike="its random choices are others"),
    Entry("Dropout1d", channels_dropped(1), unlike="its random choices are others"),
    Entry("Dropout2d", channels_dropped(2), unlike="its random choices are others"),
]
