"""What a broken promise is called in a report: the first line says what, the rest what to do."""

from __future__ import annotations

from ..errors import GradientMismatch, GradientUnresolved, TinygradError
from ..registration import mended
from ..registry import Operation

__all__ = ["diagnosis_of", "told"]

_SAVED = "if saved is None: saved = ...   # computed again, with operations"
_WHY_SAVED = "at higher order nothing is saved, and `saved` is None"


def told(error: Exception, op: Operation | None = None) -> str:
    """Return an error as a few lines: of a check's table what it says first, of ours the edit.

    Examples
    --------
    >>> print(told(AssertionError("value at index 0: 1, expected 2; inputs [0.]")))
    value at index 0: 1, expected 2
    inputs [0.]
    """
    if isinstance(error, (GradientMismatch, GradientUnresolved)):
        return error.what.splitlines()[0]
    unsaved = op is not None and "saved" in op.wants and "None" in str(error)
    if not isinstance(error, TinygradError):
        what, mark, edit = str(error).partition("\nfix   ")
        text = " ".join(what.split()).replace("; inputs ", "\ninputs ") + mark + edit
        fix = _SAVED if unsaved else mended(error)
        said = text if isinstance(error, AssertionError) else f"{type(error).__name__}: {text}"
        return said + (f"\nfix   {fix}" if fix else "")
    lines = [f"{error.code}: {error.what}" if error.code else error.what]
    if error.site is not None and error.site.function not in ("check_op", "mutation_score"):
        lines.append(error.site.lines()[0])
    if why := _WHY_SAVED if unsaved else error.why:
        lines.append(f"why   {why}")
    if fix := _SAVED if unsaved else mended(error) or error.fix:
        lines.append(f"fix   {fix}")
    return "\n".join(lines)


def diagnosis_of(error: Exception) -> str | None:
    """Return what the mistake looks like, where a check of gradients said so."""
    report = getattr(error, "report", None)
    return getattr(report, "diagnosis", None)
