"""Small shapes to try functions at: 0-d, size 1, empty, broadcast; a dozen elements at most."""

from __future__ import annotations

import numpy as np

from .entry import Array, Shape

Shapes = tuple[tuple[Shape, ...], ...]

ANY: Shapes = (((),), ((1,),), ((3,),), ((2, 3),), ((1, 4),), ((0,),))
FULL: Shapes = (((1,),), ((3,),), ((4,),), ((2, 3),), ((3, 1),))
VECTOR: Shapes = (((1,),), ((2,),), ((3,),), ((4,),), ((5,),))
LONG: Shapes = (((3,),), ((4,),), ((5,),), ((6,),))
MATRIX: Shapes = (((1, 1),), ((2, 3),), ((3, 2),), ((1, 4),), ((4, 1),))
SQUARE: Shapes = (((1, 1),), ((2, 2),), ((3, 3),))
PAIRED: Shapes = (((), ()), ((1,), (1,)), ((3,), (3,)), ((2, 2), (2, 2)), ((0,), (0,)))
BROADCAST: Shapes = (
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((), (2,)),
    ((2, 2), (2, 1)),
    ((1,), (4,)),
    ((0,), (1,)),
)


def sum_to(g: Array, shape: Shape) -> Array:
    """Add a cotangent up over the axes along which an operand of this shape was repeated."""
    g = np.sum(g, axis=tuple(range(np.ndim(g) - len(shape))))
    ones = tuple(k for k, size in enumerate(shape) if size == 1 and g.shape[k] != 1)
    return np.sum(g, axis=ones, keepdims=True)
