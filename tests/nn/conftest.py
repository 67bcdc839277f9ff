"""What the tests of layers share: slopes by differences, and the fix of an error, executed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg


def _numeric(f: Callable[[np.ndarray], Any], x: np.ndarray, step: float = 1e-4) -> np.ndarray:
    """Gradient of a scalar function: central differences, extrapolated once (error about h^4)."""
    x = np.array(x, np.float64)
    slopes = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        moved = []
        for h in (step, -step, 2 * step, -2 * step):
            y = x.copy()
            y[index] += h
            moved.append(float(f(y)))
        near, far = moved[0] - moved[1], moved[2] - moved[3]
        slopes[index] = (8 * near - far) / (12 * step)
    return slopes


@pytest.fixture
def numeric() -> Callable[..., np.ndarray]:
    return _numeric


@pytest.fixture
def apply_fix() -> Callable[..., Any]:
    """Evaluate the code of an error's fix, without its comment."""

    def evaluated(error: tg.errors.TinygradError, **names: Any) -> Any:
        assert error.fix is not None
        code = error.fix.partition("   #")[0]
        return eval(code, {"np": np, "tg": tg, "nn": tg.nn, **names})

    return evaluated
