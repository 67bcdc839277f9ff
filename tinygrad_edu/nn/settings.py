"""Checks of the settings that layers are built with: a wrong one is refused there, not in use."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from .. import errors

__all__ = ["probability", "real", "size", "whole"]


def size(name: str, given: Any, least: int = 0, example: str = "28 * 28") -> int:
    """Return a setting that counts something, as an int.

    Parameters
    ----------
    name : str
        The argument's.
    given : any
        Its value.
    least : int
        The smallest that makes sense.
    example : str
        A value that would do, as code.

    Raises
    ------
    ArgumentError
        When it is no whole number, or too small.

    Examples
    --------
    >>> size("in_features", 3)
    3
    """
    try:
        found = operator.index(given)
    except TypeError:
        found = least - 1
    if found < least or isinstance(given, bool):
        raise errors.ArgumentError(
            f"{name} is a whole number of at least {least}, got {given!r:.60}",
            fix=f"{name}={example}",
        )
    return found


def probability(name: str, given: Any) -> float:
    """Return a setting that is a probability, as a float.

    Raises
    ------
    ArgumentError
        When it is no number from 0 to 1.

    Examples
    --------
    >>> probability("dropout", 0.1)
    0.1
    """
    if isinstance(given, (int, float)) and not isinstance(given, bool) and 0 <= given <= 1:
        return float(given)
    raise errors.ArgumentError(
        f"{name} is a probability, 0 to 1, got {given!r:.60}", fix=f"{name}=0.1"
    )


def real(name: str, given: Any, least: float = -math.inf, example: str = "0.1") -> float:
    """Return a setting that is a number as it is.

    Parameters
    ----------
    name, given, least, example
        As for ``size``.

    Raises
    ------
    ArgumentError
        When it is no number, or too small.

    Examples
    --------
    >>> real("negative_slope", 0.2)
    0.2
    """
    number = isinstance(given, (int, float, np.number)) and not isinstance(given, bool)
    if not number or not given >= least:
        at_least = f" of at least {least:g}" if least > -math.inf else ""
        raise errors.ArgumentError(
            f"{name} is a number{at_least}, got {given!r:.60}", fix=f"{name}={example}"
        )
    return given  # type: ignore[no-any-return]


def whole(name: str, given: Any, example: str = "-1") -> int:
    """Return a setting that is a whole number of either sign, such as an axis.

    Parameters
    ----------
    name, given, example
        As for ``size``.

    Raises
    ------
    ArgumentError
        When it is no whole number.

    Examples
    --------
    >>> whole("dim", -1)
    -1
    """
    if isinstance(given, (int, np.integer)) and not isinstance(given, bool):
        return int(given)
    raise errors.ArgumentError(
        f"{name} is a whole number, got {given!r:.60}", fix=f"{name}={example}"
    )
