"""Strategies for Hypothesis: operands that operations take, at the points where mistakes hide.

Named after those of ``hypothesis.extra.numpy``. They draw small shapes, 0-d and empty ones among
them, and values from a domain ``Real``: half of the arrays repeat a few special points (its ends,
0, 1, a millionth), the others hold generic numbers that all differ. An example shrinks to a small
shape of round numbers, so an end, a tie or an empty axis in a failing example is needed to fail.
"""

from __future__ import annotations

from ...domain import Real
from .indices import indices
from .layouts import LAYOUTS, layouts
from .operands import (
    ConvOperands,
    EinsumOperands,
    conv_operands,
    einsum_operands,
    matmul_operands,
)
from .shapes import axes, broadcastable_shapes, shapes, sides
from .values import (
    arrays,
    broadcastable_arrays,
    broadcastable_tensors,
    cotangents,
    elements,
    filled,
    seeds,
    tensors,
)

__all__ = [
    "ConvOperands", "EinsumOperands", "LAYOUTS", "Real", "arrays", "axes", "broadcastable_arrays",
    "broadcastable_shapes", "broadcastable_tensors", "conv_operands", "cotangents",
    "einsum_operands", "elements", "filled", "indices", "layouts", "matmul_operands",
    "seeds", "shapes", "sides", "tensors",
]  # fmt: skip
