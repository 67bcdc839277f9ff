"""The types of number by name, ``tg.float32``: NumPy's own, as NumPy names them (floor 0).

Alone in a file, for here ``bool`` is not Python's. Complex numbers compute as in NumPy, and have no
gradients.
"""

from numpy import (
    bool,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)

__all__ = [
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]
