"""Entries of losses."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .entry import Drawn, Entry, labels, normal

REDUCTIONS = st.sampled_from(["mean", "sum", "none"])


@st.composite
def compared(draw: Any) -> Drawn:
    shape = draw(st.sampled_from([(), (3,), (2, 2)]))
    return Drawn((draw(normal(*shape)), draw(normal(*shape))), (), {"reduction": draw(REDUCTIONS)})


@st.composite
def cross_entropy(draw: Any) -> Drawn:
    samples, classes = draw(st.integers(1, 3)), draw(st.integers(2, 3))
    inner = draw(st.sampled_from([(), (2,)]))
    options = {
        "reduction": draw(REDUCTIONS),
        "label_smoothing": draw(st.sampled_from([0.0, 0.1])),
    }
    scores = draw(normal(samples, classes, *inner))
    return Drawn((scores, draw(labels(samples, *inner, classes=classes))), (), options)


ENTRIES = [Entry("MSELoss", compared()), Entry("CrossEntropyLoss", cross_entropy())]
