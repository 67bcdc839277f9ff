"""Every error that the library raises, and the one form that their messages have (floor 0).

A message says what happened with the values and shapes, shows the user's line with a caret under
the sub-expression, says why it matters and gives the edit that mends it. Each class also is the
built-in exception that a Python programmer would expect, so ``except ValueError`` keeps working.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from .source import Site, here
from .types import Shape

__all__ = [
    "AnomalyError",
    "ArgumentError",
    "DTypeError",
    "DataError",
    "DivergedError",
    "FileError",
    "GradientError",
    "GradientMismatch",
    "GradientUnresolved",
    "IndexingError",
    "InPlaceError",
    "InteropError",
    "LawBroken",
    "LinAlgError",
    "LoadError",
    "MissingDependency",
    "MissingFile",
    "MissingGradient",
    "ModuleError",
    "NotDifferentiable",
    "OperationFailed",
    "RuleError",
    "ShapeError",
    "SignatureError",
    "TapeError",
    "TinygradError",
    "TrialError",
    "TruthError",
    "UnconnectedError",
]


class TinygradError(Exception):
    """The root of the library's errors.

    Parameters
    ----------
    what : str
        What happened, with the values.
    code : str, optional
        The stable name of the situation, such as ``"TG-S01"``.
    shapes : iterable of shapes
        Shapes of the operands, in order.
    notes : iterable of str
        Further lines of facts, one each.
    why : str, optional
        Why it cannot go on.
    fix : str, optional
        The edit that mends it, as code.
    op : str, optional
        The operation's name.
    site : Site, optional
        The user's place; by default the innermost frame outside the package.

    Examples
    --------
    >>> print(ShapeError("got 3 values for 2 names", fix="names[:3]"))  # doctest: +ELLIPSIS
    got 3 values for 2 names
    ...
      fix   names[:3]
    """

    def __init__(
        self,
        what: str,
        *,
        code: str | None = None,
        shapes: Iterable[Shape] = (),
        notes: Iterable[str] = (),
        why: str | None = None,
        fix: str | None = None,
        op: str | None = None,
        site: Site | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.code = code
        self.shapes = tuple(tuple(shape) for shape in shapes)
        self.notes = tuple(notes)
        self.why = why
        self.fix = fix
        self.op = op
        self.site = here() if site is None else site

    def __reduce__(self) -> tuple[Any, ...]:
        # A site points into live code, which cannot travel to another process; its text can.
        lines = tuple(self.site.lines()) if self.site is not None else ()
        fields = {"code": self.code, "shapes": self.shapes, "notes": (*lines, *self.notes)}
        return _restored, (type(self), self.what, {**fields, "why": self.why, "fix": self.fix})

    def __str__(self) -> str:
        lines = [f"{self.code}: {self.what}" if self.code else self.what]
        if self.site is not None:
            lines += ["  " + line for line in self.site.lines()]
        lines += ["  " + note for note in self.notes]
        if self.why:
            lines.append(f"  why   {self.why}")
        if self.fix:
            lines.append(f"  fix   {self.fix}")
        return "\n".join(lines)


def _restored(kind: type[TinygradError], what: str, fields: dict[str, Any]) -> TinygradError:
    error = kind(what, **fields)
    error.site = None
    return error


class ArgumentError(TinygradError, ValueError):
    """An argument has a value that the function cannot use."""


class ShapeError(TinygradError, ValueError):
    """Shapes do not fit each other or the operation."""


class DTypeError(TinygradError, TypeError):
    """A type of number that cannot be used here, such as the gradient of an integer."""


class LinAlgError(TinygradError, np.linalg.LinAlgError):
    """A matrix that has no such factors, inverse or solution: singular, or not definite."""


class SignatureError(TinygradError, TypeError):
    """An operation was called with arguments that it does not take."""


class IndexingError(TinygradError, IndexError):
    """An index outside its axis, or an axis that the array does not have."""


class GradientError(TinygradError, ValueError):
    """A gradient was asked for in a way that has no answer."""


class MissingGradient(GradientError, AttributeError):
    """``.grad`` of a value that keeps none; ``hasattr(y, "grad")`` is False."""


class UnconnectedError(GradientError):
    """No path of differentiable operations leads from the source to the target."""


class _CheckError(TinygradError, AssertionError):
    report: Any = None

    def __reduce__(self) -> tuple[Any, ...]:
        # A report is plain data and travels along; the rows of a tape stay where they live.
        report = None if hasattr(self.report, "rows") else self.report
        return (*super().__reduce__(), {"report": report})


class GradientMismatch(_CheckError):
    """A check found a gradient that is wrong; ``report`` holds the evidence."""


class GradientUnresolved(_CheckError):
    """A check could not tell whether a gradient is right; ``report`` says why."""


class OperationFailed(TinygradError, AssertionError):
    """An operation breaks a promise of its registration, or its tests miss a mistake."""

    report: Any = None


class NotDifferentiable(TinygradError, TypeError):
    """A derivative was asked through an operation that has none."""


class RuleError(TinygradError, ValueError):
    """A gradient rule returned something that cannot be a gradient."""


class TapeError(TinygradError, RuntimeError):
    """A tape was used in a way that it cannot follow."""


class InPlaceError(TinygradError, RuntimeError):
    """A value that backward needs was, or would be, overwritten."""


class AnomalyError(TinygradError, FloatingPointError):
    """A value that is not finite, at the operation that made it; raised by anomaly mode.

    Parameters
    ----------
    what : str
        What happened, with the values.
    index : tuple of int
        Where in the array the first such value stands.
    value : float
        That value: NaN or an infinity.
    facts
        As for every error of the library.
    """

    def __init__(
        self, what: str, *, index: tuple[int, ...] = (), value: float = math.nan, **facts: Any
    ) -> None:
        super().__init__(what, **facts)
        self.index, self.value = index, value

    def __reduce__(self) -> tuple[Any, ...]:
        restore, (kind, what, fields) = super().__reduce__()
        return restore, (kind, what, {**fields, "index": self.index, "value": self.value})


class DivergedError(TinygradError, FloatingPointError):
    """A training run whose loss is no longer a number, with no single operation to blame."""


class TrialError(TinygradError, RuntimeError):
    """A trial that ends a search: the objective raised something, or its process died.

    Parameters
    ----------
    what : str
        What happened.
    trial : int
        The number of the trial; -1 before the first one.
    facts
        As for every error of the library.
    """

    def __init__(self, what: str, *, trial: int = -1, **facts: Any) -> None:
        super().__init__(what, **facts)
        self.trial = trial

    def __reduce__(self) -> tuple[Any, ...]:
        restore, (kind, what, fields) = super().__reduce__()
        return restore, (kind, what, {**fields, "trial": self.trial})


class InteropError(TinygradError, TypeError):
    """A NumPy function that would silently drop the gradient."""


class TruthError(TinygradError, ValueError):
    """The truth value of more than one number."""


class DataError(TinygradError, ValueError):
    """A data set that is unknown, missing or malformed."""


class LoadError(TinygradError, ValueError):
    """A file that cannot be read as what it claims to be, or does not fit."""


class FileError(TinygradError, OSError):
    """A file that the system cannot open, read or write."""


class MissingFile(FileError, FileNotFoundError):
    """A file that is not there."""


class MissingDependency(TinygradError, ImportError):
    """A package that only some rooms need is not installed."""


class ModuleError(TinygradError, ValueError):
    """A module or optimizer that was put together wrongly."""


class LawBroken(TinygradError, AssertionError):
    """A layer, loss or optimizer departs from a law; ``report`` has the figures."""

    report: Any = None
