"""What the benchmarks share: one thread, CPU time in shuffled turns, equal results, plain tables.

Import this before NumPy: the numerical libraries read the number of threads when they load.
"""

from __future__ import annotations

import gc
import importlib
import importlib.metadata
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

for _library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # time this checkout, not another installed copy

import numpy as np  # noqa: E402 - not before the number of threads is set

Samples = dict[str, dict[str, list[float]]]  # contender -> part -> one figure a round
Array = np.ndarray[Any, Any]


class Contender(NamedTuple):
    """One implementation of a workload.

    ``stages`` are timed one by one and named; each is called with what those before it returned.
    ``results`` turns what all returned into arrays, to be compared with the other contenders'.
    """

    name: str
    stages: tuple[tuple[str, Callable[..., Any]], ...]
    results: Callable[..., Sequence[Array]]


class Goal(NamedTuple):
    """The largest ratio of our time to a peer's that is good enough; ``stretch`` is the wish."""

    limit: float
    stretch: float | None = None

    def __str__(self) -> str:
        return f"<= {self.limit:g}" + (f" (stretch {self.stretch:g})" if self.stretch else "")

    def verdict(self, ratio: float) -> str:
        """Return PASS or over."""
        return "PASS" if ratio <= self.limit else "over"


def peer(name: str) -> Any:
    """Import a library to compare with, on one thread; ``None``, and a line, if it is missing."""
    try:
        module = importlib.import_module(name)
    except ImportError:
        print(f"{name} is not installed, skipped: pip install {name}")
        return None
    if name == "torch":
        module.set_num_threads(1)
    return module


def machine(peers: Mapping[str, Any]) -> str:
    """Describe where the figures come from."""
    load = " ".join(f"{x:.2f}" for x in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    version = importlib.metadata.version
    found = [f"{name} {version(name)}" for name, module in peers.items() if module is not None]
    return (
        f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} CPUs "
        f"({platform.machine()}), load average {load}\n"
        f"peers: {', '.join(found) or 'none'}\n"
        "One thread each, process CPU time, contenders take turns in shuffled order. The machine\n"
        "is shared: times drift by a third between runs, ratios by some 10 %. Trust the ratios."
    )


def clock(contender: Contender, repeat: int) -> dict[str, float]:
    """Return the mean CPU nanoseconds of every stage, of freeing what they made, and in total."""
    spent = {name: 0 for name, _ in contender.stages}
    spent["free"] = 0
    gc.collect()
    for _ in range(repeat):
        held: list[Any] = []
        for name, stage in contender.stages:
            start = time.process_time_ns()
            held.append(stage(*held))
            spent[name] += time.process_time_ns() - start
        start = time.process_time_ns()
        held.clear()
        spent["free"] += time.process_time_ns() - start
    spent["total"] = sum(spent.values())
    return {name: ns / repeat for name, ns in spent.items()}


def race(
    contenders: Sequence[Contender], rounds: int, repeat: int = 1, tolerance: float = 1e-10
) -> Samples:
    """Check that all contenders agree, then time them in a new order each round."""
    agree(contenders, tolerance)
    return turns(contenders, rounds, repeat)


def turns(contenders: Sequence[Contender], rounds: int, repeat: int = 1) -> Samples:
    """Time contenders in a new order each round."""
    samples: Samples = {c.name: {} for c in contenders}
    order = list(contenders)
    shuffle = random.Random(0).shuffle
    for _ in range(rounds):
        shuffle(order)
        for contender in order:
            for part, ns in clock(contender, repeat).items():
                samples[contender.name].setdefault(part, []).append(ns)
    return samples


def agree(contenders: Sequence[Contender], tolerance: float = 1e-10) -> None:
    """Stop the script unless every contender returns the numbers that the first one does."""
    expected: list[Array] = []
    for contender in contenders:
        held: list[Any] = []
        for _, stage in contender.stages:
            held.append(stage(*held))
        found = [np.array(array) for array in contender.results(*held)]
        if any(not np.isfinite(a).all() for a in found):
            raise SystemExit(f"{contender.name} returned a number that is not finite")
        expected = expected or found
        for k, (a, b) in enumerate(zip(found, expected, strict=True)):
            error = np.abs(a.reshape(b.shape) - b).max() / max(1.0, np.abs(b).max())
            if error > tolerance:
                first = contenders[0].name
                raise SystemExit(
                    f"result {k} of {contender.name} is {error:.1e} from that of {first}"
                )


def ratio(samples: Samples, ours: str, theirs: str, part: str) -> tuple[float, float]:
    """Return the median of the rounds' ratios, and the ratio of the minima."""
    a, b = samples[ours][part], samples[theirs][part]
    return statistics.median(x / y for x, y in zip(a, b, strict=True)), min(a) / min(b)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Align rows of text: the first column to the left, the others to the right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [text.rjust(width) for text, width in zip(row, widths, strict=True)]
        lines.append("  ".join([row[0].ljust(widths[0]), *cells[1:]]).rstrip())
    return "\n".join(lines)


def short(x: float) -> str:
    """Write a positive number with about three figures and no exponent."""
    return f"{x:,.0f}" if x >= 100 else f"{x:.1f}" if x >= 10 else f"{x:.2f}"


def times(samples: Samples, unit: str, scale: float) -> str:
    """Tabulate medians, with minima in parentheses; ``scale`` is nanoseconds per ``unit``."""
    parts = list(next(iter(samples.values())))
    rows = [[f"{unit}, median (minimum)", *parts]]
    for name, measured in samples.items():
        figures = [np.array(measured[part]) / scale for part in parts]
        rows.append([name, *(f"{short(np.median(f))} ({short(f.min())})" for f in figures)])
    return table(rows)


def ratios(samples: Samples, ours: str, goals: Mapping[str, Goal]) -> str:
    """Tabulate our time over everyone's, part by part, with a verdict where there is a goal."""
    parts = [part for part in samples[ours] if part != "free"]
    rows = [[f"{ours} /", *parts, "of minima", "target", ""]]
    for name in samples:
        if name == ours:
            continue
        medians = [ratio(samples, ours, name, part)[0] for part in parts]
        goal = goals.get(name)
        verdict = [str(goal), goal.verdict(medians[-1])] if goal else ["", ""]
        minima = ratio(samples, ours, name, "total")[1]
        rows.append([name, *(f"{m:.3f}" for m in medians), f"{minima:.3f}", *verdict])
    return table(rows)


def interpreters(statements: Mapping[str, str], rounds: int) -> Samples:
    """Return the CPU nanoseconds of fresh interpreters that run one statement each."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    samples: Samples = {name: {"total": []} for name in statements}
    order = list(statements)
    shuffle = random.Random(0).shuffle
    for turn in range(rounds + 1):
        shuffle(order)
        for name in order:
            code = f"{statements[name]}\nimport time; print(time.process_time_ns())"
            call = [sys.executable, "-c", code]
            answer = subprocess.run(call, env=environment, capture_output=True, check=True)
            if turn:  # the first round writes the compiled files
                samples[name]["total"].append(float(answer.stdout))
    return samples
