"""Transforms one after the other, and who of them draws.  Floor 0."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ..errors import ArgumentError
from ..seeding import generator
from ..types import Rng

__all__ = ["compose", "takes_rng"]


def compose(*functions: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that applies several transforms, the first first.

    Parameters
    ----------
    *functions : functions of a batch
        Those that have a parameter ``rng`` draw from the same generator, one after the other.

    Examples
    --------
    >>> from functools import partial
    >>> from tinygrad_edu.data import random_noise, random_shift
    >>> augment = compose(partial(random_shift, most=1), random_noise)
    >>> import numpy as np
    >>> augment(np.zeros((2, 8, 8)), rng=0).shape
    (2, 8, 8)
    """
    steps = [(function, takes_rng(function)) for function in functions]

    def composed(x: Any, *, rng: Rng = None) -> Any:
        random = generator(rng)
        for function, draws in steps:
            x = function(x, rng=random) if draws else function(x)
        return x

    return composed


def takes_rng(transform: Callable[..., Any]) -> bool:
    """Return whether a transform asks for a generator by the name of ``rng``."""
    if not callable(transform):
        raise ArgumentError(
            f"transform={transform!r:.60} is not a function",
            fix="transform=tg.data.random_flip",
        )
    try:
        parameters = inspect.signature(transform).parameters.values()
    except (TypeError, ValueError):  # some built-in functions keep theirs secret
        return False
    return any(each.name == "rng" or each.kind is each.VAR_KEYWORD for each in parameters)
