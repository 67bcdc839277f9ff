"""Time pictures of graphs: ours as SVG and as a page, and Graphviz on the same DOT text.

Run ``python benchmarks/bench_pictures.py``; ``--help`` lists the options. It is a report: whatever
the verdicts, the exit status is 0. Seconds are of the CPU, those of Graphviz's process included;
the two take turns. What takes Graphviz longer than ``--limit`` is not asked again.
"""

from __future__ import annotations

import timing  # isort: skip - first, for it sets the number of threads that NumPy starts

import argparse
import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.graph.export import program

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.graph.models import gpt

OPEN = 10**6  # draws every operation as a box of its own


class Picture(NamedTuple):
    """What is drawn, its format, and in how many seconds and bytes it should be."""

    name: str
    draw: Callable[[], Any]
    format: str = "svg"
    seconds: float = 0.0
    bytes: int = 0


def residual(rows: int) -> Any:
    """The loss of a network of that many operations: tanh layers with a way around each."""
    rng = np.random.default_rng(0)
    h = tg.Tensor(rng.normal(size=(4, 8)), name="x") @ weight(rng, "W")
    for k in range((rows - 2) // 4):
        h = h + tg.tanh(h @ weight(rng, f"W{k}") + tg.Parameter(np.zeros(8), name=f"b{k}"))
    return h.sum()


def weight(rng: np.random.Generator, name: str) -> tg.Parameter:
    return tg.Parameter(rng.normal(size=(8, 8)) / 9, name=name)


def pictures(sizes: list[int]) -> list[Picture]:
    """All that is timed."""
    goals = {20: 0.03, 2000: 1.5, 10_000: 10.0}
    found: list[Picture] = []
    for rows in sizes:
        loss = residual(rows)
        found.append(
            Picture(
                f"{rows:,} operations, open",
                lambda loss=loss: tg.draw(loss, max_nodes=OPEN),  # type: ignore[misc]
                seconds=goals.get(rows, 0.0),
            )
        )
    found.append(Picture("GPT of 12 blocks", gpt))
    found.append(Picture("GPT of 12 blocks, open", lambda: gpt(max_nodes=OPEN)))
    found.append(Picture("GPT of 12 blocks, page", gpt, "html", 3.0, 1_000_000))
    return found


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of this process and of those that it waited for, and the result."""
    gc.collect()
    start = sum(os.times()[:4])
    result = work()
    return sum(os.times()[:4]) - start, result


def laid_out(dot: Path, text: str, limit: float) -> bool:
    """Let Graphviz write an SVG; whether it did within the limit."""
    command = [str(dot), "-Kdot", "-Tsvg"]
    try:
        subprocess.run(command, input=text.encode(), capture_output=True, timeout=limit, check=True)
    except subprocess.TimeoutExpired:
        return False
    return True


def fresh() -> None:
    """Forget the layouts of the round before."""
    from tinygrad_edu.graph.layout_layers import arrange

    arrange.cache_clear()


def raced(picture: Picture, rounds: int, limit: float) -> list[str]:
    """A row of the table: both medians, their ratio, the size and the verdict."""
    ours: list[float] = []
    theirs: list[float] = []
    dot = program("svg") if picture.format == "svg" else None
    in_time = True
    for _ in range(rounds):
        fresh()
        took, text = seconds(lambda: picture.draw().render(picture.format))
        ours.append(took)
        if dot is not None and in_time:
            source = picture.draw().dot
            took, in_time = seconds(lambda: laid_out(dot, source, limit))  # noqa: B023 - used at once
            theirs += [took] if in_time else []
    own = median(ours)
    if not in_time:
        other, ratio = f"over {limit:g}", f"over {limit / own:.0f}"
    else:
        other = f"{median(theirs):.3f}" if theirs else ""
        ratio = f"{median(theirs) / own:.1f}" if theirs else ""
    size = len(text.encode())
    wanted = [f"< {picture.seconds:g} s"] if picture.seconds else []
    wanted += [f"< {picture.bytes:,} bytes"] if picture.bytes else []
    met = (not picture.seconds or own < picture.seconds) and size < (picture.bytes or np.inf)
    verdict = ("PASS " if met else "over ") + ", ".join(wanted) if wanted else ""
    return [picture.name, f"{own:.3f}", other, ratio, f"{size:,}", verdict]


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--rounds", type=int, default=5, help="how often everything is drawn")
    reader.add_argument("--limit", type=float, default=30, help="seconds that Graphviz may take")
    reader.add_argument("--sizes", default="20,200,2000,10000", help="numbers of operations")
    given = reader.parse_args()
    print(timing.machine({}))
    head = ["", "ours, s", "Graphviz, s", "ratio", "bytes", "goal"]
    sizes = [int(size) for size in given.sizes.split(",")]
    rows = [raced(picture, given.rounds, given.limit) for picture in pictures(sizes)]
    print(timing.table([head, *rows]))


if __name__ == "__main__":
    main()
