"""Time every public operation, forward and backward, beside bare NumPy and PyTorch.

Run ``python benchmarks/bench_ops.py``; ``--help`` lists the options. It is a report: whatever the
ratios, the exit status is 0. A row whose results disagree says so in place of figures.
"""

from __future__ import annotations

import timing  # isort: skip - first, for it sets the number of threads that NumPy starts

import argparse
import gc
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from ops_calls import call_of, itself, public
from ops_cases import CASES
from ops_torch import UNDERIVED, Unlike, counterpart
from timing import Contender, Samples

import tinygrad_edu as tg
from tinygrad_edu.domain import Real

SIDE, LEAST = 256, 300_000  # elements along an axis; nanoseconds that a turn takes at least
CLOSE = 2e-3  # float32 sums in another order; that the numbers are equal is tested elsewhere
HEAD = [
    "operation", "operands", "forward us", "/ NumPy", "/ torch", "backward us", "/ torch",
    "both / torch", "of minima",
]  # fmt: skip
WIDTHS = [24, 28, 10, 7, 7, 11, 7, 12, 9]


class Row(NamedTuple):
    """One operation on one set of operands."""

    name: str
    inputs: list[Any]
    settings: dict[str, Any]

    @property
    def operands(self) -> str:
        """Shapes and type in a few characters."""
        shapes = ["x".join(map(str, x.shape)) or "number" for x in self.inputs[:2]]
        more = ".." * (len(self.inputs) > 2)
        types = {x.dtype.name for x in self.inputs if x.dtype.kind == "f"}
        return f"{', '.join(dict.fromkeys(shapes))}{more} {'/'.join(sorted(types))}"


def rows(name: str, rng: np.random.Generator) -> Iterator[Row]:
    """Yield what an operation is timed on: big float32 arrays, and ten numbers if it can."""
    op = itself(name)
    if name in CASES:
        inputs, settings = CASES[name](rng, SIDE)
        yield Row(name, [_single(x) for x in inputs], settings)
        return
    domains = op.domain if op is not None and op.domain else ()
    for shape, kind in (((SIDE, SIDE), np.float32), ((10,), np.float64)):
        yield Row(name, [_drawn(real, shape, rng).astype(kind) for real in domains], {})


def _drawn(real: Real, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
    return real.sample(shape, rng)


def _single(x: Any) -> Any:
    x = np.asarray(x)
    return x.astype(np.float32) if x.dtype.kind == "f" else x


def ours(row: Row, seed: Any, count: int) -> Contender:
    """Our operation, recorded; backward to all inputs that are no whole numbers."""
    call = call_of(tg, row.name)
    tensors = [tg.Tensor(x, requires_grad=x.dtype.kind == "f") for x in row.inputs]
    return _contender("ours", call, tensors, row.settings, seed, count, lambda out: out.data)


def torchs(torch: Any, row: Row, seed: Any, count: int) -> Contender | None:
    """PyTorch's."""
    call = counterpart(torch, row.name)
    if call is None or (seed is not None and row.name in UNDERIVED):
        return None
    graded = seed is not None
    tensors = [torch.tensor(x, requires_grad=graded and x.dtype.kind == "f") for x in row.inputs]
    seed = torch.tensor(seed) if graded else None
    made = _contender(
        "torch", call, tensors, row.settings, seed, count, lambda out: out.detach().numpy()
    )
    try:
        made.stages[0][1]()
    except Unlike:
        return None
    return made


def _contender(
    title: str, call: Any, tensors: list[Any], settings: Any, seed: Any, count: int, array: Any
) -> Contender:
    wanted = [x for x in tensors if x.requires_grad]

    def forward() -> list[Any]:
        return [call(*tensors, **settings) for _ in range(count)]

    def backward(outs: list[Any]) -> None:
        for out in outs:
            for x in wanted:
                x.grad = None
            out.backward(seed)

    stages: list[tuple[str, Callable[..., Any]]] = [("forward", forward)]
    if seed is None:
        return Contender(title, tuple(stages), lambda outs: [np.asarray(array(outs[0]), float)])
    stages.append(("backward", backward))
    return Contender(
        title,
        tuple(stages),
        lambda outs, _: [array(outs[0]), *[_or_zeros(x) for x in wanted]],
    )


def _or_zeros(x: Any) -> Any:
    return np.zeros(tuple(x.shape)) if x.grad is None else np.asarray(x.grad)


def bare(row: Row, count: int) -> Contender | None:
    """NumPy's function of that name, or else our own forward, with nothing recorded."""
    op, call, settings = itself(row.name), call_of(np, row.name), row.settings
    if call is None and op is not None:
        call, settings = op.forward, {**op.defaults, **row.settings}
    if call is None:
        return None

    def forward() -> list[Any]:
        return [call(*row.inputs, **settings) for _ in range(count)]

    try:
        forward()
    except TypeError:  # other arguments than ours
        return None
    return Contender("numpy", (("forward", forward),), lambda outs: [outs[0]])


def seed_of(row: Row, rng: np.random.Generator) -> Any:
    """Return a cotangent for the value; ``None`` for an operation without a gradient."""
    made = ours(row, None, 1).stages[0][1]()[0]
    return rng.normal(size=made.shape).astype(made.dtype) if made.requires_grad else None


def measured(row: Row, torch: Any, rounds: int, rng: np.random.Generator) -> Samples | str:
    """Time all in turns, as often in each turn as fills ``LEAST``; or say what is wrong."""
    seed = seed_of(row, rng)
    once = ours(row, seed, 1)
    once.stages[0][1]()
    start = time.perf_counter_ns()
    once.stages[0][1]()
    count = max(1, min(200, LEAST // max(1, time.perf_counter_ns() - start)))
    found = [
        ours(row, seed, count),
        torchs(torch, row, seed, count) if torch else None,
        bare(row, count),
    ]
    contenders = [each for each in found if each is not None]
    try:
        timing.agree([each for each in contenders if each.name != "numpy"], CLOSE)
    except SystemExit as error:
        return str(error)
    samples = timing.turns(contenders, rounds)
    return {
        name: {part: [ns / count for ns in spent] for part, spent in parts.items()}
        for name, parts in samples.items()
    }


def aligned(cells: list[str]) -> str:
    """One line of a table that is printed as it grows."""
    first, *rest = zip(cells, WIDTHS, strict=True)
    return "  ".join([first[0].ljust(first[1]), *[text.rjust(width) for text, width in rest]])


def line(row: Row, samples: Samples) -> tuple[list[str], float | None]:
    """Return the cells of a row of the table, and its ratio to PyTorch."""
    mine = samples["ours"]

    def over(peer: str, part: str) -> str:
        known = peer in samples and part in samples[peer] and part in mine
        return f"{timing.ratio(samples, 'ours', peer, part)[0]:.2f}" if known else "-"

    def microseconds(part: str) -> str:
        return timing.short(statistics.median(mine[part]) / 1e3) if part in mine else "-"

    both = timing.ratio(samples, "ours", "torch", "total") if "torch" in samples else None
    cells = [
        row.name, row.operands, microseconds("forward"), over("numpy", "forward"),
        over("torch", "forward"), microseconds("backward"), over("torch", "backward"),
        f"{both[0]:.2f}" if both else "-", f"{both[1]:.2f}" if both else "-",
    ]  # fmt: skip
    return cells, both[0] if both else None


def main() -> None:
    """Read the options and time the operations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="turns of each contender")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="operations")
    parser.add_argument("--quick", action="store_true", help="few rounds")
    parser.add_argument("--worst", type=int, default=10, help="how many of the worst to repeat")
    options = parser.parse_args()
    names = options.only or public()
    if unknown := sorted(set(names) - set(public())):
        parser.error(f"no operation {', '.join(unknown)}")
    torch = timing.peer("torch")
    print(timing.machine({"torch": torch}), end="\n\n")
    gc.freeze()  # what is imported need not be looked through before every turn
    print(aligned(HEAD))
    ranked, complaints = [], []
    for name in names:
        rng = np.random.default_rng(0)
        for row in rows(name, rng):
            samples = measured(row, torch, 5 if options.quick else options.rounds, rng)
            if isinstance(samples, str):
                complaints.append(f"{name}, {row.operands}: {samples}")
                continue
            cells, ratio = line(row, samples)
            print(aligned(cells), flush=True)
            ranked += [(ratio, cells)] if ratio is not None else []
    if options.worst and len(ranked) > options.worst:
        ranked.sort(key=lambda pair: -pair[0])
        print(f"\nthe {options.worst} slowest beside torch")
        print("\n".join(aligned(cells) for _, cells in ranked[: options.worst]))
    if complaints:
        print("\nresults that disagree\n" + "\n".join(complaints))


if __name__ == "__main__":
    main()
