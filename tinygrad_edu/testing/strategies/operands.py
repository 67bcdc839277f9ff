"""Operands that fit each other: of matrix products, convolutions and Einstein sums."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from ...domain import Real
from ...errors import ArgumentError
from ...types import Array, Shape
from ..drawing import st
from .shapes import broadcastable_shapes, sides
from .values import ANYWHERE, Domains, filled

__all__ = [
    "ConvOperands", "EinsumOperands", "conv_operands", "einsum_operands", "matmul_operands",
]  # fmt: skip

Draw = st.DrawFn


class ConvOperands(NamedTuple):
    """Input, weight and settings of a convolution that fit each other."""

    x: Array
    w: Array
    settings: dict[str, Any]


class EinsumOperands(NamedTuple):
    """Subscripts of an Einstein sum and the arrays that they describe."""

    subscripts: str
    operands: tuple[Array, ...]


@st.composite
def matmul_operands(
    draw: Draw,
    elements: Domains = ANYWHERE,
    dtype: DTypeLike = np.float64,
    *,
    min_side: int = 0,
    max_side: int = 3,
) -> tuple[Array, Array]:
    """Draw two arrays that can be multiplied as matrices.

    Parameters
    ----------
    elements : Real, or two of them
        The domain of the elements.
    dtype : float dtype
        Of both.
    min_side, max_side : int, at least 0
        Shortest and longest axis.

    Returns
    -------
    two ndarrays
        Of shapes (..., n, k) and (..., k, m) with up to two leading axes that broadcast; each may
        be a vector of k instead. An inner size of 0, whose product is zero, occurs too.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(matmul_operands(), lambda pair: True)
    (array([1.]), array([1.]))
    """
    side = sides(min_side=min_side, max_side=max_side)
    inner = draw(side)
    left: Shape = (inner,)
    right: Shape = (inner,)
    before, after = draw(st.booleans()), draw(st.booleans())
    leading = draw(broadcastable_shapes(2, max_dims=2, min_side=min_side, max_side=max_side))
    if before:
        left = (*leading[0], draw(side), inner)
    if after:
        right = (*leading[1], inner, draw(side))
    x, y = draw(filled([left, right], elements, dtype))
    return x, y


@st.composite
def conv_operands(
    draw: Draw,
    dims: int = 2,
    elements: Domains = ANYWHERE,
    dtype: DTypeLike = np.float64,
    *,
    max_channels: int = 2,
    max_kernel: int = 3,
    max_output: int = 3,
) -> ConvOperands:
    """Draw the operands of a convolution, with settings that leave at least one output.

    Parameters
    ----------
    dims : int, 1 or 2
        How many axes the kernel slides along.
    elements : Real, or two of them
        The domain of input and weight.
    dtype : float dtype
        Of both.
    max_channels : int, at least 1
        Most channels of a group, in and out.
    max_kernel, max_output : int, at least 1
        Longest kernel axis, and about the longest output axis.

    Returns
    -------
    ConvOperands
        ``x`` of shape (batch, channels, ...), ``w`` of shape (filters, channels / groups, ...),
        and ``settings`` with tuples ``stride``, ``padding``, ``dilation`` and the number
        ``groups``. A kernel spread by its dilation always fits into the padded input; the last
        step may leave some of the input over. The batch may be empty.

    Examples
    --------
    >>> from hypothesis import find
    >>> x, w, settings = find(conv_operands(1), lambda drawn: True)
    >>> x.shape, w.shape, settings
    ((1, 1, 1), (1, 1, 1), {'stride': (1,), 'padding': (0,), 'dilation': (1,), 'groups': 1})
    """
    if dims < 1:
        raise ArgumentError(f"a kernel slides along at least one axis, got dims={dims}", fix="1")
    lengths, kernel, strides, paddings, dilations = [], [], [], [], []
    for _ in range(dims):
        size, stride = draw(st.integers(1, max_kernel)), draw(st.integers(1, 3))
        dilation, padding = draw(st.integers(1, 2)), draw(st.integers(0, 2))
        steps, over = draw(st.integers(0, max_output - 1)), draw(st.integers(0, stride - 1))
        spread = (size - 1) * dilation + 1
        lengths.append(max(spread + steps * stride + over - 2 * padding, 1))
        kernel.append(size)
        strides.append(stride)
        paddings.append(padding)
        dilations.append(dilation)
    groups = draw(st.integers(1, 2))
    channels, filters = (draw(st.integers(1, max_channels)) for _ in range(2))
    wanted = [
        (draw(sides(max_side=2)), groups * channels, *lengths),
        (groups * filters, channels, *kernel),
    ]
    x, w = draw(filled(wanted, elements, dtype))
    settings = {"stride": strides, "padding": paddings, "dilation": dilations}
    return ConvOperands(x, w, {**{k: tuple(v) for k, v in settings.items()}, "groups": groups})


@st.composite
def einsum_operands(
    draw: Draw,
    elements: Real = ANYWHERE,
    dtype: DTypeLike = np.float64,
    *,
    max_operands: int = 3,
    max_dims: int = 3,
    max_side: int = 3,
) -> EinsumOperands:
    """Draw the subscripts of an Einstein sum and arrays that they describe.

    Parameters
    ----------
    elements : Real
        The domain of the elements.
    dtype : float dtype
        Of all operands.
    max_operands : int, at least 1
        Most operands.
    max_dims, max_side : int, at least 0
        Most axes of an operand and the longest of them.

    Returns
    -------
    EinsumOperands
        With diagonals (a letter twice in one operand), sums (a letter that the result lacks),
        products without a shared letter, 0-d operands and axes of length 0 and 1.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(einsum_operands(), lambda drawn: "ii" in drawn.subscripts)
    EinsumOperands(subscripts='ii->', operands=(array([[1.]]),))
    """
    letters = st.lists(st.sampled_from("ijkl"), max_size=max_dims)
    read = ["".join(draw(letters)) for _ in range(draw(st.integers(1, max_operands)))]
    used = sorted(set("".join(read)))
    length = {letter: draw(sides(max_side=max_side)) for letter in used}
    result = draw(st.lists(st.sampled_from(used), unique=True)) if used else []
    wanted = [tuple([length[letter] for letter in word]) for word in read]
    operands = draw(filled(wanted, elements, dtype))
    return EinsumOperands(",".join(read) + "->" + "".join(result), operands)
