"""The value of every operation computed another way: one element at a time, in plain Python.

Each takes the inputs and the settings of the operation whose name it stands under. Nothing here
calls the library; NumPy lays arrays out and names indices, it does not compute.

Each module is a family and has one of three tables: ``SCALAR`` (functions of plain numbers, applied
element by element), ``REDUCE`` (functions of the list of elements that fall together along an axis)
or ``REFERENCES`` (functions of whole arrays).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import partial
from typing import Any

from .loops import Array, loops, reduced

SCALAR: dict[str, Callable[..., Any]] = {}
REDUCE: dict[str, Callable[..., Any]] = {}
REFERENCES: dict[str, Callable[..., Array]] = {}
for family in pkgutil.iter_modules(__path__, __name__ + "."):
    module = importlib.import_module(family.name)
    SCALAR.update(getattr(module, "SCALAR", {}))
    REDUCE.update(getattr(module, "REDUCE", {}))
    REFERENCES.update(getattr(module, "REFERENCES", {}))


def reference_of(name: str) -> Callable[..., Array] | None:
    """The reference of an operation of the library, by its name."""
    if name in SCALAR:
        return lambda *inputs, **settings: loops(partial(SCALAR[name], **settings), *inputs)
    if name in REDUCE:
        return lambda x, **settings: reduced(REDUCE[name], x, **settings)
    return REFERENCES.get(name)
