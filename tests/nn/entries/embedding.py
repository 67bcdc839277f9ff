"""Entries of tables of learned rows."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .entry import Drawn, Entry, labels


@st.composite
def embedding(draw: Any) -> Drawn:
    rows, width = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    numbers = draw(labels(*draw(st.sampled_from([(), (3,), (2, 2)])), classes=rows - 1))
    # The last row is for padding and not looked up: its gradient is no derivative.
    options = {"padding_idx": draw(st.sampled_from([None, rows - 1, -1]))}
    # Longer than any row: one that is made shorter has no derivative either.
    options["max_norm"] = draw(st.sampled_from([None, 100.0]))
    return Drawn((numbers,), (rows, width), options)


ENTRIES = [Entry("Embedding", embedding())]
