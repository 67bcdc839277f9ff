"""Entries of modules that hold modules and run them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .entry import Drawn, Entry, normal


@st.composite
def mlp(draw: Any) -> Drawn:
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    options = {"activation": draw(st.sampled_from(["tanh", "sigmoid"]))}
    return Drawn((draw(normal(2, sizes[0])),), (sizes,), options)


ENTRIES = [Entry("MLP", mlp(), laws=("samples_do_not_leak",), unlike="PyTorch has no MLP")]
