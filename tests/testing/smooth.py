"""Random smooth functions whose derivative is known to the last bits, by a complex step.

A complex step subtracts nothing, so it shares no error with differences (Squire and Trapp 1998).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

Array = np.ndarray[Any, Any]

STEPS: dict[str, Any] = {
    "exp": lambda z: np.exp(z / 4),
    "sin": np.sin,
    "tanh": np.tanh,
    "arctan": np.arctan,
    "square": lambda z: z * z,
    "root": lambda z: np.sqrt(2 + np.cos(z)),
    "hump": lambda z: z * np.exp(-z / 3),
    "quotient": lambda z: z / (1.5 + np.sin(z)),
    "neighbours": lambda z: z + z * np.roll(z, 1),
    "total": lambda z: z + np.cos(z.sum()),
}
SIZES = st.floats(-8.0, 8.0).map(lambda exponent: 10.0**exponent)


@dataclass(frozen=True)
class Smooth:
    """``height * (last o ... o first)(x / unit)``, from vectors to vectors."""

    steps: tuple[str, ...]
    unit: float = 1.0
    height: float = 1.0

    def __call__(self, x: Array) -> Array:
        z = x / self.unit
        for step in self.steps:
            z = STEPS[step](z)
        return self.height * z

    def jacobian(self, x: Array) -> Array:
        """Return d f_o / d x_i as an array, (inputs, outputs)."""
        h = 1e-30 * self.unit
        return np.array([self(x + 1j * h * e).imag / h for e in np.eye(x.size)])

    def vjp(self, g: Array, x: Array) -> tuple[Array]:
        """Return the true cotangent."""
        return (self.jacobian(x) @ g,)


@st.composite
def smooth(draw: Any, sizes: st.SearchStrategy[float] | None = None) -> tuple[Smooth, Array]:
    """Draw a function and a point of its own size; by default both of ordinary size."""
    steps = draw(st.lists(st.sampled_from(list(STEPS)), min_size=1, max_size=3))
    unit, height = (1.0, 1.0) if sizes is None else (draw(sizes), draw(sizes))
    count, seed = draw(st.integers(1, 3)), draw(st.integers(0, 2**32 - 1))
    x = unit * np.random.default_rng(seed).uniform(-2, 2, count)
    return Smooth(tuple(steps), unit, height), x
