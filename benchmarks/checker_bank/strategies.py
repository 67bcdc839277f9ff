"""The domains of the bank under Hypothesis: palettes, ends and repeats, no planted kinks."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume, strategies as st

from .entry import Arrays, Domain


@st.composite
def inputs(draw: Any, domain: Domain) -> Arrays:
    """Draw the inputs of one entry; `marks` are not used: a checker's user does not know them."""
    shapes = draw(st.sampled_from(domain.shapes))
    xs = []
    for index, (real, shape) in enumerate(zip(domain.values, shapes, strict=True)):
        palette = st.sampled_from([float(value) for value in domain.palette(index)])
        ordinary = st.floats(
            real.low, real.high, exclude_min=real.open_left, exclude_max=real.open_right
        ).filter(lambda value, real=real: value not in real.exclude)
        elements = st.one_of(palette, ordinary)
        if draw(st.booleans()):
            elements = st.sampled_from(draw(st.lists(elements, min_size=1, max_size=3)))
        size = int(np.prod(shape))
        values = draw(st.lists(elements, min_size=size, max_size=size))
        xs.append(np.array(values, domain.dtype).reshape(shape))
    assume(domain.accepts(*xs))
    return tuple(xs)
