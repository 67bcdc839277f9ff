"""What a law found, and the ways to try it on a layer without changing the layer."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from ...autodiff.tensor import Tensor, asarray
from ...errors import ArgumentError, LawBroken
from ...mode import no_grad
from ...types import Array, Shape

__all__ = [
    "LawReport", "apply", "difference", "floats", "rounding", "samples", "settled", "terms_of",
    "trial", "value", "weights_of",
]  # fmt: skip


@dataclass(frozen=True)
class LawReport:
    """What a law found.

    Attributes
    ----------
    law, claim : str
        Its name, and what it says.
    holds : bool
        Whether ``error`` is at most ``allowed``; never for a NaN.
    error, allowed : float
        The largest departure, and what rounding or chance may do.
    where : tuple of int, optional
        The element with that departure.
    facts : dict
        Further figures by name.

    Examples
    --------
    >>> report = LawReport("a_law", "one is one", 0.0, 1e-16)
    >>> report.holds, report.verdict
    (True, 'pass')
    """

    law: str
    claim: str
    error: float
    allowed: float
    where: tuple[int, ...] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return self.error <= self.allowed

    @property
    def verdict(self) -> str:
        """``"pass"`` or ``"fail"``, as in the reports of gradient checks."""
        return "pass" if self.holds else "fail"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for a file."""
        return {**asdict(self), "facts": dict(self.facts), "verdict": self.verdict}

    def __bool__(self) -> bool:
        return self.holds


def settled(report: LawReport, raises: bool, *, why: str, fix: str) -> LawReport:
    """Return the report, or raise with its figures where the law does not hold."""
    if report.holds or not raises:
        return report
    where = "" if report.where is None else f" at {list(report.where)}"
    error = LawBroken(
        f"{report.law}: off by {report.error:.3g}{where}, {report.allowed:.3g} allowed",
        notes=[f"law  {report.claim}"] + [f"{name}  {fact}" for name, fact in report.facts.items()],
        why=why,
        fix=fix,
    )
    error.report = report
    raise error


def rounding(terms: int, *values: Any) -> float:
    """How far a sum of so many numbers, no larger than the largest value, may be off."""
    arrays = [np.asarray(value) for value in values]
    largest = max([float(np.abs(array).max(initial=0.0)) for array in arrays], default=0.0)
    kinds = [array.dtype for array in arrays if array.dtype.kind == "f"]
    eps = max([float(np.finfo(kind).eps) for kind in kinds], default=2.0**-52)
    return eps * max(terms, 2) ** 2 * largest


def terms_of(layer: Any, batch: Array) -> int:
    """The most values that one value of a layer sums: a sample's, or a row of its weights."""
    parameters: list[Shape] = (
        [p.shape for p in layer.parameters()] if hasattr(layer, "parameters") else []
    )
    rows: list[int] = [math.prod(shape) // max(min(shape), 1) for shape in parameters if shape]
    return max(batch[:1].size, *rows, 1)


def weights_of(layer: Any) -> float:
    """The largest parameter, or 1: what a layer multiplies its input by, at most."""
    held: list[Any] = list(getattr(layer, "parameters", list)())
    return max([1.0, *[float(np.abs(p.numpy()).max(initial=0.0)) for p in held]])


def difference(left: Array, right: Array) -> tuple[float, tuple[int, ...] | None]:
    """Return the largest departure, infinite for other shapes, and where it is."""
    if left.shape != right.shape:
        return np.inf, None
    if not left.size:
        return 0.0, None
    gap = np.abs(left - right)
    place = np.unravel_index(int(np.argmax(gap)), gap.shape)
    return float(gap[place]), tuple(int(k) for k in place)


def trial(layer: Any, training: bool | None = None) -> Any:
    """Return a copy of a module in float64 and in that mode; a plain function as it is."""
    if isinstance(layer, type):
        raise ArgumentError(
            f"{layer.__name__} is a class, and the law is about an object of it",
            fix=f"{layer.__name__}(...)",
        )
    if not callable(layer) and not hasattr(layer, "parameters"):
        raise ArgumentError(
            f"a layer is called with a batch, got {layer!r:.60}", fix="nn.Linear(3, 2)"
        )
    if not hasattr(layer, "parameters"):
        return layer
    twin = copy.deepcopy(layer)
    if hasattr(twin, "astype"):
        twin.astype(np.float64)
    if training is not None and hasattr(twin, "train"):
        twin.train() if training else twin.eval()
    return twin


def value(result: Any) -> Array:
    """Return the numbers of a Tensor, or of anything like an array."""
    if isinstance(result, Tensor):
        return result.numpy()
    try:
        array = np.array(result)
    except ValueError:  # rows of several lengths
        array = np.array(None)
    if array.dtype.kind not in "fiubc":
        raise ArgumentError(
            f"{result!r:.60} is not an array of numbers",
            fix="x = np.random.default_rng(0).normal(size=(4, 3))",
        )
    return array


def floats(x: Any) -> Array:
    """Return the numbers in float64."""
    return value(x).astype(np.float64)


def apply(function: Any, *inputs: Any) -> Array:
    """Return the numbers of one call, made on Tensors and without recording."""
    with no_grad():
        return value(function(*[asarray(x) for x in inputs]))


def samples(x: Any, least: int = 2) -> Array:
    """Return a batch as an array of at least so many samples."""
    batch = value(x)
    if batch.ndim < 1 or len(batch) < least:
        raise ArgumentError(
            f"this law compares samples and needs a batch of at least {least}, got shape "
            f"{batch.shape}",
            shapes=(batch.shape,),
            why="the first axis counts the samples",
            fix=f"x = np.random.default_rng(0).normal(size=({max(least, 4)}, 3))",
        )
    return batch
