"""Where a value that is not finite was born, and where it was only passed on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ...structure import flatten
from ...types import Array

__all__ = ["born", "clean", "elementwise", "first", "numbers_in", "tainted"]


def born(value: Array, fed: Sequence[Array], aligned: bool, inf: bool) -> Array | None:
    """Return which elements went wrong here, or ``None`` if none did.

    A NaN is born of numbers without a NaN, an infinity of finite numbers.

    Parameters
    ----------
    value : ndarray
        What was computed.
    fed : sequence of ndarray
        From what.
    aligned : bool
        Each element was computed from the elements at its own place, as broadcasting pairs them;
        otherwise from all.
    inf : bool
        Whether an infinity counts as wrong.

    Examples
    --------
    >>> x = np.array([0.0, np.inf, 1.0])
    >>> born(np.array([-np.inf, np.inf, 0.0]), [x], True, True)
    array([ True, False, False])
    >>> born(np.array([-np.inf, np.inf, 0.0]), [x], False, True) is None
    True
    """
    if clean(value):
        return None
    finite = np.isfinite(value)
    fed = [x for x in fed if x.dtype.kind in "fc"]
    aligned = aligned and _broadcast(fed, value)
    wrong = np.isnan(value) & ~_any(np.isnan, fed, aligned)
    if inf:
        wrong |= ~finite & ~_any(_not_finite, fed, aligned)
    return wrong if wrong.any() else None


def clean(value: Array) -> bool:
    """Whether all is finite, as whole numbers always are: the one question asked of most arrays.

    >>> clean(np.array([1.0, np.inf])), clean(np.array([1, 2]))
    (False, True)
    """
    return value.dtype.kind not in "fc" or bool(np.isfinite(value).all())


def tainted(value: Array, inf: bool) -> Array | None:
    """Return which elements are NaN, with ``inf`` also which are infinite, wherever they came from.

    Examples
    --------
    >>> tainted(np.array([1.0, np.nan, np.inf]), False)
    array([False,  True, False])
    """
    if value.dtype.kind not in "fc":
        return None
    wrong = _not_finite(value) if inf else np.isnan(value)
    return wrong if wrong.any() else None


def elementwise(op: Any) -> bool:
    """Whether each element of the result depends on the elements at its own place alone."""
    return isinstance(op.forward, np.ufunc) and op.forward.signature is None


def first(wrong: Array) -> tuple[int, ...]:
    """Return the index of the first true element."""
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(wrong)), wrong.shape))


def numbers_in(attributes: dict[str, Any] | None) -> Iterable[Array]:
    """Return the numbers among an operation's settings, which also feed its value."""
    leaves = flatten(attributes or {})[0]
    return [np.asarray(x) for x in leaves if isinstance(x, (float, complex, np.ndarray))]


def _not_finite(x: Array) -> Array:
    return ~np.isfinite(x)


def _any(question: Any, fed: Sequence[Array], aligned: bool) -> Any:
    """Whether anything that fed an element answers the question: an array, or one truth value."""
    answers = [question(x) if aligned else question(x).any() for x in fed]
    found: Any = np.False_
    for answer in answers:
        found = found | answer
    return found


def _broadcast(fed: Sequence[Array], value: Array) -> bool:
    try:
        return np.broadcast_shapes(*[x.shape for x in fed], value.shape) == value.shape
    except ValueError:
        return False
