"""Einstein's summation by one loop over the values of all letters."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .loops import Array, places


def contracted(*operands: Array, spec: str = "->") -> Array:
    """Each step of the loop adds one product to one place."""
    inputs, _, output = spec.partition("->")
    terms = inputs.split(",")
    sizes: dict[str, int] = {}
    for term, x in zip(terms, operands, strict=True):
        sizes.update(zip(term, x.shape, strict=True))
    out = np.zeros([sizes[letter] for letter in output])
    for values in places(tuple(sizes.values())):
        at = dict(zip(sizes, values, strict=True))
        factors = [x[tuple(at[a] for a in t)] for t, x in zip(terms, operands, strict=True)]
        out[tuple(at[letter] for letter in output)] += math.prod(factors)
    return out


REFERENCES: dict[str, Callable[..., Array]] = {"einsum": contracted}
