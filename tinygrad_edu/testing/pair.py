"""A function and its vector-Jacobian product, seen as maps between flat float64 vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..arrays import numbers
from ..errors import ArgumentError, DTypeError
from ..types import Array, Shape

__all__ = ["Pair"]

# What a function may raise where it is not defined; a difference that steps there gets no value.
_OUTSIDE = (ArithmeticError, ValueError, np.linalg.LinAlgError)


class Pair:
    """``f`` and ``vjp`` at one point, with all that moves in one vector.

    Parameters
    ----------
    f : callable
        ``f(*xs)`` gives an array, or a tuple of arrays.
    vjp : callable
        ``vjp(g, *xs)`` gives a tuple with the cotangent of each input; ``g`` has the form of
        ``f``'s answer. ``None`` means zero.
    xs : sequence of array_like
        Floating inputs move; integers and booleans stand still.

    Attributes
    ----------
    given : list of arrays
        The inputs as they came, private copies.
    moving : list of int
        Positions of the floating inputs.
    point, base : arrays
        The moving inputs, and the value there, as flat float64 vectors.
    spoiled : list of int
        Positions of the inputs that ``f`` changed in place.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        vjp: Callable[..., Any],
        xs: Sequence[Any],
        names: Sequence[str] = (),
    ) -> None:
        self.f, self.vjp = f, vjp
        self.given = [np.array(numbers(getattr(x, "_data", x))) for x in xs]
        self.names = list(names) or [f"input {k}" for k in range(len(self.given))]
        self.calls = {"f": 0, "vjp": 0}
        self.moving = [k for k, x in enumerate(self.given) if x.dtype.kind == "f"]
        for k, x in enumerate(self.given):
            if x.dtype.kind not in "fiub":
                raise DTypeError(
                    f"input {k} is of dtype {x.dtype}: gradients of real numbers can be checked"
                )
        if not self.moving:
            kinds = ", ".join(str(x.dtype) for x in self.given) or "none given"
            raise DTypeError(
                f"no input is of a floating type ({kinds}), so there is no gradient to check",
                fix="np.asarray(x, float)",
            )
        self.shapes = [self.given[k].shape for k in self.moving]
        self.cuts = np.cumsum([0, *(self.given[k].size for k in self.moving)])
        self.epsilon = max(float(np.finfo(self.given[k].dtype).eps) for k in self.moving)
        self.point = np.concatenate([self.given[k].ravel().astype(float) for k in self.moving])
        self._form: list[Shape] | None = None
        self.single = True
        inputs = self.arrays(self.point.copy())
        self.base = self._flat(self.f(*inputs))
        self.spoiled = [
            k
            for k, (now, before) in enumerate(zip(inputs, self.given, strict=True))
            if not np.array_equal(now, before, equal_nan=before.dtype.kind == "f")
        ]

    def arrays(self, z: Array, *, own_types: bool = False) -> list[Array]:
        """Return fresh arguments for ``f`` with the moving ones taken from the vector."""
        answer = [x if k in self.moving else x.copy() for k, x in enumerate(self.given)]
        for k, shape, low, high in zip(
            self.moving, self.shapes, self.cuts[:-1], self.cuts[1:], strict=True
        ):
            part = z[low:high].reshape(shape)
            answer[k] = part.astype(self.given[k].dtype) if own_types else part
        return answer

    def value(self, z: Array) -> Array:
        """Return ``f`` at a vector of its own; not-a-number where it is not defined."""
        self.calls["f"] += 1
        try:
            y = self._flat(self.f(*self.arrays(z)))
        except _OUTSIDE:
            return np.full(self.base.shape, np.nan)
        return y if y.shape == self.base.shape else np.full(self.base.shape, np.nan)

    def pull(self, g: Array, arguments: Sequence[Array]) -> tuple[Any, ...]:
        """Return what ``vjp`` answers for a flat cotangent, as a tuple."""
        self.calls["vjp"] += 1
        answer = self.vjp(self.cotangent(g), *arguments)
        return tuple(answer) if isinstance(answer, (tuple, list)) else (answer,)

    def pulled(self, g: Array, z: Array) -> Array:
        """Return ``vjp`` as one flat vector over the moving inputs."""
        answers = self.pull(g, self.arrays(z, own_types=True))
        return self.flat(answers)

    def flat(self, answers: Sequence[Any]) -> Array:
        """Join the moving inputs' cotangents; ``None`` counts as zero."""
        parts = [
            np.zeros(int(np.prod(shape))) if answers[k] is None else _plain(answers[k]).ravel()
            for k, shape in zip(self.moving, self.shapes, strict=True)
        ]
        return np.concatenate(parts)

    def cotangent(self, g: Array) -> Any:
        """Return a flat vector in the form of ``f``'s answer, in arrays of its own."""
        assert self._form is not None
        parts, low = [], 0
        for shape in self._form:
            high = low + int(np.prod(shape))
            parts.append(np.array(g[low:high], self.answer_type).reshape(shape))
            low = high
        return parts[0] if self.single else tuple(parts)

    @property
    def relative(self) -> float:
        """How far rounding may move a claim: a billionth, or 2000 roundings of a coarser type."""
        coarse = self.epsilon > np.finfo(float).eps
        return min(2000 * self.epsilon, 0.05) if coarse else 1e-9

    @property
    def answer_type(self) -> Any:
        """The type in which a cotangent arrives: float32 where all moving inputs are."""
        return np.result_type(*[self.given[k].dtype for k in self.moving])

    def place(self, element: int) -> tuple[int, tuple[int, ...]]:
        """Return which input, and which index in it, an element of the vector is."""
        k = int(np.searchsorted(self.cuts, element, side="right")) - 1
        index = np.unravel_index(element - self.cuts[k], self.shapes[k])
        return self.moving[k], tuple(int(i) for i in index)

    def spread(self, part: int) -> slice:
        """Return where the elements of one moving input lie in the vector."""
        return slice(int(self.cuts[part]), int(self.cuts[part + 1]))

    def _flat(self, answer: Any) -> Array:
        single = not isinstance(answer, (tuple, list))
        parts = [_plain(part) for part in ([answer] if single else answer)]
        form = [part.shape for part in parts]
        if self._form is None:
            self._form, self.single = form, single
        elif form != self._form:
            raise ValueError("another shape")
        return (
            np.concatenate([part.ravel() for part in parts])
            if len(parts) > 1
            else (parts[0].flatten())
        )


def _plain(value: Any) -> Array:
    """Return real numbers as float64."""
    if hasattr(value, "requires_grad") and not isinstance(value, np.ndarray):
        raise ArgumentError(
            f"the function returned a {type(value).__name__}, not an array",
            why="check_vjp takes functions of NumPy arrays; a tensor hides its own gradient",
            fix="check_gradients(f, *xs)   # for this library; or from_torch(f), from_jax(f)",
        )
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise DTypeError(
            f"the function returned {array.dtype}, which has no real derivative",
            fix="np.real(y)   # or its imaginary part: two functions, two checks",
        )
    return array.astype(float)
