"""Patterns by which two arrays differ: a factor, a transposition, a border, a stride."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from ..types import Array

__all__ = ["pattern"]

CLOSE = 1e-5


def pattern(analytic: Array, numeric: Array, x: Array) -> str | None:
    """Return how a wrong gradient relates to the right one, ``None`` when it does not plainly.

    Parameters
    ----------
    analytic, numeric : arrays of one shape
        The claim and the answer.
    x : array of that shape
        The input.

    Examples
    --------
    >>> n = np.array([1.0, 2.0, 4.0])
    >>> pattern(-n, n, n), pattern(3 * n, n, n)
    ('the wrong sign', 'a constant factor: 3 times too large')
    """
    for look in (_factor, _moved, _elementwise, _partly):
        if text := look(analytic, numeric, x):
            return text
    return None


def _near(a: Array, b: Array) -> bool:
    size = float(np.abs(b).max(initial=0))
    return bool(np.allclose(a, b, rtol=CLOSE, atol=CLOSE * size))


def _factor(a: Array, n: Array, x: Array) -> str | None:
    if not a.any():
        return "no gradient arrives: it is zero, as if the path were detached"
    if not n.any():
        return "a gradient where the output does not depend on the input (straight through?)"
    if not np.isfinite(a).all():
        return None
    ratio = float((a * n).sum() / (n * n).sum())
    if not _near(a, ratio * n):
        return None
    if abs(ratio + 1) < CLOSE:
        return "the wrong sign"
    if a.size > 2 and abs(ratio * a.size - 1) < CLOSE:
        return f"a constant factor: 1/{a.size} of it, as if a mean were taken"
    if a.size > 1 and abs(ratio / a.size - 1) < CLOSE:
        return f"a constant factor: {a.size} times too large"
    size = f"{ratio:.6g} times too large" if abs(ratio) > 1 else f"{ratio:.6g} of what it should be"
    return f"a constant factor: {size}"


def _moved(a: Array, n: Array, x: Array) -> str | None:
    """The right numbers in the wrong places."""
    for axes in itertools.permutations(range(a.ndim)):
        if axes == tuple(range(a.ndim)) or tuple(n.shape[k] for k in axes) != a.shape:
            continue
        if _near(a, n.transpose(axes)):
            return "transposed" if a.ndim == 2 else f"transposed, axes {axes}"
    for count in range(1, a.ndim + 1):
        for axes in itertools.combinations(range(a.ndim), count):
            if all(n.shape[k] > 1 for k in axes) and _near(a, np.flip(n, axes)):
                many = f"axis {axes[0]}" if count == 1 else f"axes {axes}"
                return f"flipped along {many}, as by a kernel that is not flipped back"
    for axis in range(a.ndim):
        for text, moved in _rearranged(n, axis):
            if _near(a, moved):
                return text
    return None


def _rearranged(n: Array, axis: int) -> Iterator[tuple[str, Array]]:
    length = n.shape[axis]
    for shift in (1, -1):
        if length > 2:
            yield f"shifted by one along axis {axis}", np.roll(n, shift, axis)
    for i, j in itertools.combinations(range(min(length, 8)), 2):
        order = list(range(length))
        order[i], order[j] = j, i
        yield f"entries {i} and {j} of axis {axis} (channels?) are swapped", n.take(order, axis)


def _elementwise(a: Array, n: Array, x: Array) -> str | None:
    """A factor that is the input itself, or its inverse."""
    with np.errstate(all="ignore"):
        factors: list[tuple[str, Callable[[], Array]]] = [
            ("a factor x too many", lambda: n * x),
            ("a factor x is missing", lambda: n / x),
            ("the absolute value of the gradient", lambda: np.abs(n)),
        ]
        for text, expected in factors:
            wanted = expected()
            if np.isfinite(wanted).all() and _near(a, wanted):
                return text
    if a.size > 1 and np.ptp(a - n) <= CLOSE * float(np.abs(n).max()):
        return f"the same number, {float((a - n).flat[0]):.6g}, is added everywhere"
    return None


def _partly(a: Array, n: Array, x: Array) -> str | None:
    """Right at some elements and wrong at others: say which."""
    wrong = ~np.isclose(a, n, rtol=CLOSE, atol=CLOSE * float(np.abs(n).max(initial=0)))
    if wrong.all() or not wrong.any() or a.size < 3:
        return None
    count = int(wrong.sum())
    if ((x < 0) == wrong).all() or ((x > 0) == wrong).all():
        return (
            f"wrong exactly where the input is {'negative' if (x < 0)[wrong].all() else 'positive'}"
        )
    for axis in range(a.ndim):
        if text := _along(wrong, axis):
            return text
    inner = (slice(1, -1),) * a.ndim
    if a.ndim > 1 and not wrong[inner].any() and min(a.shape) > 2:
        return "wrong only at the borders: look at the padding"
    if count == 1:
        return f"wrong in one element only, {[int(i) for i in np.argwhere(wrong)[0]]}"
    zero = " (zero there)" if not a[wrong].any() else ""
    return f"wrong in {count} of {a.size} elements{zero}"


def _along(wrong: Array, axis: int) -> str | None:
    """Wrong along whole slices of an axis: its ends, or every second or third."""
    others = tuple(k for k in range(wrong.ndim) if k != axis)
    line, full = np.asarray(wrong.any(others)), np.asarray(wrong.all(others))
    length = len(line)
    if length < 3 or line.all() or (line != full).any():
        return None
    where = f"axis {axis}" if wrong.ndim > 1 else "the array"
    places = np.flatnonzero(line)
    if set(places) <= {0, length - 1} or (
        length > 4 and set(places) <= {0, 1, length - 2, length - 1}
    ):
        ends = "first" if places[-1] < length / 2 else "last" if places[0] > length / 2 else "both"
        return f"wrong only at the border of {where} ({ends} end{'s' * (ends == 'both')})"
    for stride in (2, 3, 4):
        for rest in range(stride):
            every = np.arange(length) % stride == rest
            if (line == every).all() or (line == ~every).all():
                return f"wrong at every {stride}. place along {where}: look at the stride"
    return None
