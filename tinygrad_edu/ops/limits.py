"""Elements kept within bounds, and values put in the place of what is no number."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import numbers
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink
from ..types import Operand
from .arithmetic import positive
from .comparison import where
from .floating import isfinite

__all__ = ["clip", "nan_to_num"]


def _bounds(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Elements below, within and above; now and then the upper bound is the lower one."""
    shape, low, high = [
        ((2, 3), (), ()), ((2, 3), (3,), (2, 1)), ((3,), (2, 1), ()), ((), (), ()),
        ((1,), (1,), (1,)),
    ][int(rng.integers(5))]  # fmt: skip
    swap = 1.0 if rng.random() < 0.7 else -1.0
    bounds = -swap * rng.uniform(0.4, 0.9, low), swap * rng.uniform(0.4, 0.9, high)
    return (rng.uniform(-2.0, 2.0, shape), *bounds), {}


@operation(
    np.clip,
    rule=(
        lambda g, out, x, low, high: where((x >= low) & (x <= high), g, 0.0),
        lambda g, out, x, low, high: where((x < low) & (low <= high), g, 0.0),
        lambda g, out, x, low, high: where((x > high) | (low > high), g, 0.0),
    ),
    broadcasts=True,
    samples=_bounds,
    kinks=(
        Kink(
            "x at a bound",
            "1 with respect to x, 0 to the bound",
            "x is allowed there, and its gradient may lead it back inside",
            at=([0.0, 1.0], [0.0, 0.0], [1.0, 1.0]),
            gives=([1.0, 1.0], [0.0, 0.0], [0.0, 0.0]),
            torch=([1.0, 1.0], [0.0, 0.0], [0.0, 0.0]),
            jax=([0.5, 0.5], [0.5, 0.0], [0.0, 0.5]),
        ),
        Kink(
            "both bounds equal",
            "1 to the one that x is beyond",
            "then d clip(x, a, a)/da is 1",
            at=([0.0, 2.0], [1.0, 1.0], [1.0, 1.0]),
            gives=([0.0, 0.0], [1.0, 0.0], [0.0, 1.0]),
            torch=([0.0, 0.0], [0.0, 0.0], [0.0, 1.0]),
            jax=([0.0, 0.0], [0.5, 0.0], [0.5, 1.0]),
        ),
    ),
)
def _clip(x: Operand, low: Operand, high: Operand, /) -> Tensor:
    r"""Elements kept between two bounds: ``clip`` with both of them given.

    .. math:: z = \min(\max(x, a), b), \qquad \bar x = [a \le x \le b]\, \bar z, \quad
              \bar a = [x < a \le b]\, \bar z, \quad \bar b = [\max(x, a) > b]\, \bar z

    >>> _clip([-2.0, 0.5, 3.0], 0.0, 1.0)
    array([0. , 0.5, 1. ])
    """


def clip(x: Operand, /, min: Operand = None, max: Operand = None) -> Tensor:
    r"""Elements kept within bounds; gradients pass to the elements that are within them.

    .. math:: z = \min(\max(x, a), b), \qquad \bar x = [a \le x \le b]\, \bar z

    Parameters
    ----------
    x : array_like
        Any shape.
    min, max : array_like, optional
        Bounds, in shapes that broadcast. They get the gradients of what they replace. Where the
        lower is above the upper, the upper holds.

    Notes
    -----
    At a bound the derivative is 1: an element there is allowed, and may be led back inside.
    Source: Array API standard 2024.12, clip.

    Examples
    --------
    >>> clip([-2.0, 0.5, 3.0], 0.0, 1.0), clip([-2.0, 3.0], max=1.0)
    (array([0. , 0.5, 1. ]), array([-2.,  1.]))
    """
    if min is None and max is None:
        return positive(x)
    kind = x.dtype if isinstance(x, Tensor) else numbers(x).dtype
    return _clip(x, _bound(min, kind, -1), _bound(max, kind, 1))


def _bound(given: Any, kind: np.dtype[Any], side: int) -> Any:
    """What no element exceeds where nothing is given, and no whole number beyond the type's own."""
    if kind.kind not in "iu":
        return side * np.inf if given is None else given
    range_ = np.iinfo(kind)
    end = int(range_.max if side > 0 else range_.min)
    if given is None:
        return end
    if type(given) is not int or range_.min <= given <= range_.max:
        return given
    return int(range_.max if given > 0 else range_.min)


@operation(
    np.nan_to_num,
    rule=lambda g, out, x, nan, posinf, neginf: where(isfinite(x), g, 0.0),
    samples=lambda rng: ((rng.normal(size=[(2, 3), (), (4,)][int(rng.integers(3))]),), {}),
    kinks=Kink(
        "x infinite or NaN",
        "0",
        "the value put there does not depend on x",
        at=([np.nan, np.inf, -np.inf, 1.0],),
        gives=([0.0, 0.0, 0.0, 1.0],),
        torch=([0.0, 0.0, 0.0, 1.0],),
        jax=([0.0, 0.0, 0.0, 1.0],),
    ),
)
def nan_to_num(
    x: Operand,
    /,
    *,
    nan: float = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Tensor:
    r"""The same numbers, with others in the place of NaN and the infinities.

    .. math:: z = x \text{ where it is finite}, \qquad \bar x = [|x| < \infty]\, \bar z

    Parameters
    ----------
    x : array_like
        Any shape.
    nan : float
        Stands in for NaN.
    posinf, neginf : float, optional
        Stand in for the infinities; by default the largest and the least number of the type.

    Notes
    -----
    It cleans values, not gradients: where ``x`` was computed by a rule that gives NaN, 0 times NaN
    is NaN. Source: Harris et al. 2020, NumPy.

    Examples
    --------
    >>> nan_to_num([1.0, float("nan")], nan=5.0)
    array([1., 5.])
    """
