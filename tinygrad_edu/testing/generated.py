"""The tests that an operation gets from its registration alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from ..registry import Operation
from .cases import Points
from .rule_claims import DEEP_CLAIMS, RULE_CLAIMS
from .value_claims import VALUE_CLAIMS, value_equals

__all__ = ["Check", "generated"]


class Check(NamedTuple):
    """One named test of an operation.

    ``of_rule`` is false where a wrong twin need not be asked: of values, which a wrong rule does
    not change, and of the dear check that says again what cheaper ones said.
    """

    name: str
    run: Callable[[], None]
    of_rule: bool


def generated(
    op: Operation, points: Points, reference: Callable[..., Any] | None = None
) -> list[Check]:
    """Return the tests that follow from an operation's registration.

    Parameters
    ----------
    op : Operation
        What is tested: an operation, or a wrong twin of one.
    points : Points
        Where; made of the operation itself.
    reference : callable, optional
        Computes the value another way, from the same inputs and settings.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.registry import registry
    >>> op = registry["tanh"]
    >>> for check in generated(op, Points(op, np.random.default_rng(0)), np.tanh):
    ...     check.run()
    """
    rules = RULE_CLAIMS if op.differentiable else ()
    deep = DEEP_CLAIMS[: 1 + (None in op.rules)] if op.differentiable else ()
    values = VALUE_CLAIMS if reference is None else (value_equals(reference), *VALUE_CLAIMS)
    return [
        Check(claim.__name__.replace("_", " "), partial(claim, op, points), claim in rules)
        for claim in (*rules, *deep, *values)
    ]
