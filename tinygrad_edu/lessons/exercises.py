"""The exercises of a lesson, and the verdict on an answer (floor 5)."""

from __future__ import annotations

import dis
import functools
import sysconfig
import types
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from inspect import getdoc
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError

__all__ = ["Check", "Verdict", "exercises", "is_open", "judged", "require"]

Check = Callable[[Any], None]
LOADED = ("RESUME", "NOP", "CACHE", "MAKE_CELL", "COPY_FREE_VARS", "RETURN_VALUE")


class _Wrong(Exception):
    """An answer does not do what is asked; the text is the hint."""


class Verdict(NamedTuple):
    """What a check says of an answer.

    Attributes
    ----------
    exercise : str
        As in ``"6.1"``.
    status : {"right", "wrong", "open", "raised"}
        ``"open"`` is an answer that nobody has begun, ``"raised"`` one that ended in an error.
    said : str
        The hint, the title of what is open, or the error.
    line : int or None
        Of the answer's file, where it raised.
    """

    exercise: str
    status: str
    said: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = f" (line {self.line})" if self.line else ""
        return f"{self.exercise} {self.status}{': ' if self.said else ''}{self.said}{place}"


def require(condition: Any, hint: str) -> None:
    """Go on if an answer does what is asked.

    Parameters
    ----------
    condition : bool or array of bool
        What must hold, everywhere.
    hint : str
        Names the idea that is missing, and not the answer.

    Examples
    --------
    >>> require(np.tanh(0.0) == 0.0, "tanh goes through the origin")
    """
    if not np.all(np.asarray(condition)):
        raise _Wrong(hint)


def exercises(folder: Path) -> tuple[Check, ...]:
    """Load the checks of a lesson from its ``checks.py``, in order."""
    path = folder / "checks.py"
    spec = spec_from_file_location(f"tinygrad_edu_checks_{folder.name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return tuple(module.EXERCISES)


def judged(exercise: str, check: Check, answer: Any) -> Verdict:
    """Try an answer.

    Parameters
    ----------
    exercise : str
        As in ``"6.1"``.
    check : callable
        Of ``exercises``.
    answer : Any
        What a student wrote: a function, a class or a value.
    """
    if is_open(answer):
        return Verdict(exercise, "open", (getdoc(check) or "").split("\n")[0].removesuffix("."))
    try:
        check(_returning(answer))
    except _Wrong as wrong:
        return Verdict(exercise, "wrong", str(wrong))
    except NotImplementedError:
        return Verdict(exercise, "open", (getdoc(check) or "").split("\n")[0].removesuffix("."))
    except Exception as error:
        said = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        return Verdict(exercise, "raised", said, _line(error, check))
    return Verdict(exercise, "right")


def _returning(answer: Any) -> Any:
    """A function that does not pass when it forgets to return."""
    if not isinstance(answer, types.FunctionType):
        return answer

    @functools.wraps(answer)
    def called(*args: Any, **settings: Any) -> Any:
        result = answer(*args, **settings)
        if result is None:
            raise _Wrong(f"{answer.__name__} returns None: is a `return` missing? print is none")
        return result

    return called


def is_open(answer: Any) -> bool:
    """Tell whether nobody has begun an answer: None, ``...``, or a body of nothing but ``...``.

    Examples
    --------
    >>> def slope(z):
    ...     ...  # your answer
    >>> is_open(slope), is_open(lambda z: 2 * z), is_open(None), is_open(0.0)
    (True, False, True, False)
    """
    if isinstance(answer, types.FunctionType):
        steps = [step for step in dis.get_instructions(answer) if step.opname not in LOADED]
        return all(
            step.opname.startswith(("LOAD_CONST", "RETURN_CONST")) and step.argval is None
            for step in steps
        )
    if isinstance(answer, type):
        written = [value for value in vars(answer).values() if callable(value)]
        return all(isinstance(part, types.FunctionType) and is_open(part) for part in written)
    return answer is None or answer is ...


def picked(checks: tuple[Check, ...], number: int, lesson: int) -> Check:
    """Return a check by its number.

    Raises
    ------
    ArgumentError
        When the lesson has no such exercise.
    """
    if not isinstance(number, int) or not 1 <= number <= len(checks):
        raise ArgumentError(
            f"lesson {lesson} has no exercise {number}; it has {len(checks)}",
            fix=f"lesson.check(1, {checks[0].__name__})",
        )
    return checks[number - 1]


def _line(error: Exception, check: Check) -> int | None:
    """The line in the student's file: the last one outside the check and the packages."""
    found, trace = None, error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name != check.__code__.co_filename and _students(Path(name)):
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _students(file: Path) -> bool:
    package = Path(__file__).resolve().parents[1]
    if file.name == "lesson.py" and file.is_relative_to(package / "series"):
        return True
    return not any(
        file.is_relative_to(root)
        for root in (package, sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"))
    )
