"""Arrays with the values of others and a layout of their own."""

from __future__ import annotations

from ...types import Array
from ..drawing import st
from ..layout import LAYOUTS

__all__ = ["LAYOUTS", "layouts"]

Draw = st.DrawFn


@st.composite
def layouts(draw: Draw, x: Array | st.SearchStrategy[Array]) -> Array:
    """Draw an array with the values of another and a layout of its own; shrinks to C order.

    Parameters
    ----------
    x : ndarray, or a strategy of them
        The values. It is copied, never changed.

    Returns
    -------
    ndarray
        Same shape, dtype and values; in C or Fortran order, with gaps, reversed, with the axes
        rotated, or read-only.

    Examples
    --------
    >>> import numpy as np
    >>> from hypothesis import find
    >>> x = np.arange(4.0).reshape(2, 2)
    >>> find(layouts(x), lambda y: y.strides != x.strides).strides
    (8, 16)
    """
    values = draw(x) if isinstance(x, st.SearchStrategy) else x
    return LAYOUTS[draw(st.sampled_from(list(LAYOUTS)))](values)
