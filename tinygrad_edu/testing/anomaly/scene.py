"""One call of an operation as an error tells it: labels, ranges, the elements that met."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...catalogue import line_of
from ...registry import Operation
from ...source import Site
from ...types import Array, Shape
from .wording import Wording

__all__ = ["Index", "Scene", "element", "extent", "literal", "place", "within"]

Index = tuple[int, ...]


class Scene(NamedTuple):
    """One call of an operation, recorded or not."""

    op: Operation
    inputs: tuple[Any, ...]
    out: Array
    attributes: dict[str, Any]
    origin: Any

    @classmethod
    def of(cls, row: Any) -> Scene:
        """Return the call that made a row."""
        return cls(row.op, row.inputs, row._data, row.attributes or {}, row._origin)

    @property
    def serves(self) -> Any:
        """The row whose gradient this is a step of, if a rule made it."""
        marks = self.origin.marks if self.origin else None
        return marks.serves if marks else None

    @property
    def site(self) -> Site | None:
        """The user's line; for a step of a gradient, that of the operation it belongs to."""
        if self.serves is not None:
            return self.serves.site  # type: ignore[no-any-return]
        return self.origin.site if self.origin else None

    @property
    def arrays(self) -> tuple[Array, ...]:
        """What the inputs hold."""
        return tuple([x._data for x in self.inputs])

    def wording(self) -> Wording:
        """Return the user's code of this call."""
        site = None if self.serves is not None else self.site
        return Wording(self.op, site, len(self.inputs), self.attributes)

    def labels(self) -> list[str]:
        """Return what to call the inputs: as written, by their names, or as the operation does."""
        wording = self.wording()
        if wording.exact:
            return list(wording.labels)
        return [x.name or text for x, text in zip(self.inputs, wording.labels, strict=True)]

    def at(self, index: Index, shape: Shape) -> tuple[float, ...]:
        """Return the inputs' numbers that meet at an index; NaN where there is no single one."""
        matrix = getattr(self.op.forward, "signature", None) is not None
        paired = (len(self.inputs) == 1 or self.op.broadcasts) and not matrix
        return tuple([element(x, index, shape if paired else None) for x in self.arrays])

    def notes(self, labels: Sequence[str], extra: Mapping[str, str]) -> list[str]:
        """Return the lines of facts: ranges, then where the inputs came from, then the module."""
        ranges = dict(zip(labels, map(extent, self.arrays), strict=True))
        ranges = {name: text for name, text in ranges.items() if not literal(name)} | dict(extra)
        lines = [f"{name}  {text}" for name, text in ranges.items()]
        return [*lines, *self._came_from(labels), *self._made_by()]

    def _came_from(self, labels: Sequence[str]) -> list[str]:
        found: dict[str, None] = {}
        for x, label in zip(self.inputs, labels, strict=True):
            origin = x._origin
            name = x.op.name if x.op is not None else origin.reason if origin else ""
            if name != "variable" and origin is not None and origin.site is not None:
                lines = origin.site.expression.splitlines()
                text = f": {lines[0]}" if lines else ""
                found[f"{label} came from `{name}`{line_of(origin.site)}{text}"] = None
        return list(found)

    def _made_by(self) -> list[str]:
        if self.serves is not None:
            name, at = self.serves.op.name, line_of(self.serves.site)
            return [f"`{self.op.name}` is a step of the gradient of `{name}`{at}"]
        if self.origin is None:
            return ["it was made outside the block, so its line is not known"]
        return [f"in module {self.origin.module}"] if self.origin.module else []


def place(index: Index) -> str:
    """Return how an index is written after a name.

    >>> place((1, 2)), place(())
    ('[1, 2]', '')
    """
    return str(list(index)) if index else ""


def element(x: Array, index: Index, shape: Shape | None) -> float:
    """Return the number of an operand that meets an index of an array of ``shape``.

    >>> element(np.array([[5.0], [7.0]]), (1, 2), (2, 3)), element(np.zeros(4), (1,), None)
    (7.0, nan)
    """
    if x.size == 1:
        return _real(x.reshape(())[()])
    try:
        paired = shape is not None and np.broadcast_shapes(x.shape, shape) == shape
    except ValueError:
        paired = False
    return _real(x[within(index, x.shape)]) if paired else math.nan


def within(index: Index, shape: Shape) -> Index:
    """Return the index of the element that broadcasting brings to an index.

    >>> within((1, 2), (4, 1)), within((1, 2), ())
    ((1, 0), ())
    """
    own = index[len(index) - len(shape) :]
    return tuple([0 if n == 1 else i for i, n in zip(own, shape, strict=True)])


def literal(label: str) -> bool:
    """Whether an operand's name is the number itself.

    >>> literal("2.0"), literal("(-2)"), literal("x2")
    (True, True, False)
    """
    try:
        return bool(np.isfinite(float(label.strip("()"))))
    except ValueError:
        return False


def extent(x: Array) -> str:
    """Return shape and type, the range of the finite numbers, and how many are not finite.

    >>> extent(np.array([0.0, np.nan, 2.0]))
    '(3,) float64  range 0 .. 2, 1 of 3 not finite'
    """
    head = f"{x.shape} {x.dtype}"
    if x.dtype.kind not in "fiu" or not x.size:
        return head
    finite = x[np.isfinite(x)]
    span = f"  range {finite.min():.6g} .. {finite.max():.6g}" if finite.size else ""
    if x.size == 1:
        return f"{head} = {x.item():.6g}"
    bad = x.size - finite.size
    return f"{head}{span}" + (f", {bad} of {x.size} not finite" if bad else "")


def _real(x: Any) -> float:
    return float(x) if x.dtype.kind != "c" else float(abs(x))
