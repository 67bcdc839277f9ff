"""Objectives that other processes find by name; as a program it is a search to kill."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import numpy as np

from tinygrad_edu.training import search

SPACE = {
    "x": search.uniform(-1, 1), "rate": search.log_uniform(1e-4, 1e-1),
    "k": search.integer(1, 9), "shape": search.choice((4,), (4, 4), "none"),
}  # fmt: skip


def noisy(settings: Any, budget: float, rng: np.random.Generator) -> dict[str, float]:
    """Something of everything, with two scores."""
    value = settings["x"] ** 2 + np.log10(settings["rate"]) / 10 + rng.normal() / budget
    return {"loss": value, "size": settings["k"]}


def threads(settings: Any, budget: float, rng: np.random.Generator) -> float:
    """How many threads the BLAS of the process may have."""
    return float(os.environ.get("OPENBLAS_NUM_THREADS", "0"))


def unsafe(settings: Any, budget: float, rng: np.random.Generator) -> float:
    """Ends its process in one trial."""
    if settings["k"] == 3:
        os._exit(7)
    return 0.0


def wrong(settings: Any, budget: float, rng: np.random.Generator) -> float:
    """Has a mistake in one trial."""
    if settings["k"] == 3:
        raise KeyError("learning_rate")
    return 0.0


def slow(settings: Any, budget: float, rng: np.random.Generator) -> float:
    """Says its process, and takes a while."""
    print(os.getpid(), flush=True)
    time.sleep(budget)
    return float(rng.random())


if __name__ == "__main__":
    path, workers, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    search.random(
        slow, SPACE, trials=12, budget=seconds, path=path, resume=True, workers=workers, rng=3,
        progress=False,
    )  # fmt: skip
