"""Time convolution and pooling beside PyTorch: each direction alone, float32, batches of 64.

Run ``python benchmarks/bench_windows.py``; ``--help`` lists the options. It is a report: whatever
the verdicts, the exit status is 0. Only results that disagree stop it.
"""

from __future__ import annotations

import timing  # isort: skip - first, for it sets the number of threads that NumPy starts

import argparse
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from timing import Array, Contender, Goal

import tinygrad_edu as tg

BATCH = 64


class Convolution(NamedTuple):
    """A layer: channels, size, outputs, kernel, stride, padding, and goals by what is asked."""

    channels: int
    size: int
    outputs: int
    kernel: int
    stride: int
    padding: int
    goals: dict[str, float]

    def __str__(self) -> str:
        kernel = f"{self.kernel}x{self.kernel}" + (f" stride {self.stride}" * (self.stride > 1))
        return f"{self.channels}->{self.outputs} {kernel} on {self.size}x{self.size}"


# Ratios to PyTorch that a prototype reached; 15 % more is within what the machine drifts.
CONVOLUTIONS = (
    Convolution(1, 28, 16, 5, 1, 0, {"forward": 0.32, "weight": 0.22}),
    Convolution(16, 12, 32, 5, 1, 0,
                {"forward": 1.15, "weight": 0.97, "input": 1.6, "both": 1.15}),
    Convolution(64, 14, 128, 4, 2, 1,
                {"forward": 0.92, "weight": 0.83, "input": 0.97, "both": 0.88}),
)  # fmt: skip
POOL = {"forward": 0.08, "input": 2.5, "total": 0.28}
DRIFT = 1.15
REPEAT = 5  # passes a turn: a training loop finds its memory warm, too


def as_left_by_a_layer(x: Array) -> Array:
    """The same numbers with the channels side by side, as our own operations leave them."""
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)


def ours(
    name: str, f: Callable[..., Any], arrays: list[Array], wanted: list[bool], g: Array
) -> Any:
    """Our engine; only the wanted gradients are computed."""
    tensors = [tg.Tensor(x, requires_grad=w) for x, w in zip(arrays, wanted, strict=True)]
    asked = [t for t, w in zip(tensors, wanted, strict=True) if w]

    def backward(y: Any) -> Any:
        return [d.data for d in tg.Tape().gradient(y, asked, output_gradient=g)]

    stages = ("forward", lambda: f(*tensors)), ("backward", backward)
    return Contender(name, stages, lambda y, found: [y.data, *found])


def theirs(
    torch: Any, f: Callable[..., Any], arrays: list[Array], wanted: list[bool], g: Array
) -> Any:
    """PyTorch, in its usual layout."""
    tensors = [torch.tensor(x, requires_grad=w) for x, w in zip(arrays, wanted, strict=True)]
    asked, seed = [t for t in tensors if t.requires_grad], torch.tensor(g)
    stages = (
        ("forward", lambda: f(*tensors)),
        ("backward", lambda y: torch.autograd.grad(y, asked, seed)),
    )
    results = lambda y, found: [a.detach().numpy() for a in (y, *found)]  # noqa: E731
    return Contender("torch", stages, results)


def products(layer: Convolution, arrays: list[Array], wanted: list[bool], g: Array) -> Contender:
    """Only the products of matrices, of windows that are ready: what is left is copying.

    The rest of the input's gradient, its sum over overlapping windows, stays outside the clock.
    """
    x, w = arrays
    frame: dict[str, Any] = {"stride": layer.stride, "padding": layer.padding}
    windows = np.ascontiguousarray(tg.unfold(x, layer.kernel, **frame).transpose(0, 2, 1))
    rows, kernels = windows.reshape(-1, windows.shape[2]), w.reshape(len(w), -1)
    arrived = np.ascontiguousarray(g.transpose(0, 2, 3, 1)).reshape(len(rows), -1)

    def backward(_: Array) -> list[Array]:
        columns = [arrived @ kernels] if wanted[0] else []
        return columns + ([arrived.T @ rows] if wanted[1] else [])

    def results(y: Array, found: list[Array]) -> list[Array]:
        value = y.reshape(len(x), -1, len(w)).transpose(0, 2, 1).reshape(g.shape)
        if wanted[0]:
            columns = found[0].reshape(windows.shape).transpose(0, 2, 1)
            found = [tg.fold(columns, layer.size, layer.kernel, **frame), *found[1:]]
        return [value, *found]

    stages = ("forward", lambda: rows @ kernels.T), ("backward", backward)
    return Contender("products alone", stages, results)


Races = Iterator[tuple[str, list[Contender]]]


def races(
    torch: Any,
    our: Callable[..., Any],
    their: Callable[..., Any],
    arrays: list[Array],
    questions: dict[str, list[bool]],
    floor: Callable[..., Contender] | None = None,
) -> Races:
    """For each set of wanted gradients the contenders."""
    value = our(*arrays)
    g = np.random.default_rng(1).normal(size=value.shape).astype(np.float32)
    left = [as_left_by_a_layer(arrays[0]), *arrays[1:]]
    for question, wanted in questions.items():
        racers = [
            ours("ours", our, left, wanted, as_left_by_a_layer(g)),
            ours("ours, rows of pixels", our, arrays, wanted, g),
        ]
        if floor:
            racers.append(floor(arrays, wanted, g))
        if torch:
            racers.append(theirs(torch, their, arrays, wanted, g))
        yield question, racers


def report(title: str, rows_of: Races, goals: dict[str, float], rounds: int) -> None:
    """One line for each direction: milliseconds, the ratio to PyTorch, and the verdict."""
    header = ["median (minimum)", "ours, ms", "torch, ms", "ratio", "of minima", "rows of pixels",
              "products alone", "target", ""]  # fmt: skip
    rows = [header]
    for question, contenders in rows_of:
        samples = timing.race(contenders, rounds, repeat=REPEAT, tolerance=1e-3)
        if len(rows) == 1:
            rows.append(line("forward", samples, "forward", goals))
        rows.append(line(question, samples, "backward", goals))
        if "total" in goals:
            rows.append(line("total", samples, "total", goals))
    print(title)
    print(timing.table(rows), end="\n\n", flush=True)


def line(label: str, samples: timing.Samples, part: str, goals: dict[str, float]) -> list[str]:
    """A row of the table."""
    figures = {name: np.array(measured[part]) / 1e6 for name, measured in samples.items()}
    cells = {
        name: f"{timing.short(np.median(f))} ({timing.short(f.min())})"
        for name, f in figures.items()
    }
    if "torch" not in samples:
        return [label, cells["ours"], *[""] * 7]
    median, minima = timing.ratio(samples, "ours", "torch", part)
    others = [
        f"{timing.ratio(samples, name, 'torch', part)[0]:.3f}" if name in samples else ""
        for name in ("ours, rows of pixels", "products alone")
    ]
    verdict = ["", ""]
    if label in goals:
        goal = Goal(round(goals[label] * DRIFT, 3), goals[label])
        verdict = [str(goal), goal.verdict(median)]
    return [label, cells["ours"], cells["torch"], f"{median:.3f}", f"{minima:.3f}", *others,
            *verdict]  # fmt: skip


def bench_convolution(torch: Any, layer: Convolution, rounds: int) -> None:
    """Forward, and the gradients of the weight, of the input and of both."""
    rng = np.random.default_rng(0)
    shapes = (
        (BATCH, layer.channels, layer.size, layer.size),
        (layer.outputs, layer.channels, layer.kernel, layer.kernel),
    )
    arrays = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    frame: dict[str, Any] = {"stride": layer.stride, "padding": layer.padding}
    questions = {"weight": [False, True], "input": [True, False], "both": [True, True]}
    rows_of = races(
        torch,
        lambda x, w: tg.conv2d(x, w, **frame),
        lambda x, w: torch.nn.functional.conv2d(x, w, **frame),
        arrays,
        {k: v for k, v in questions.items() if layer.channels > 1 or k == "weight"},
        lambda *given: products(layer, *given),
    )
    report(f"convolution {layer}", rows_of, layer.goals, rounds)


def bench_pooling(torch: Any, rounds: int) -> None:
    """Largest of 2 x 2; PyTorch keeps the places, as it does whenever a gradient is wanted."""
    x = np.random.default_rng(0).normal(size=(BATCH, 16, 24, 24)).astype(np.float32)
    rows_of = races(
        torch,
        lambda x: tg.max_pool2d(x, 2),
        lambda x: torch.nn.functional.max_pool2d(x, 2),
        [x],
        {"input": [True]},
    )
    report("max pooling 2x2 of 16 channels, 24x24", rows_of, POOL, rounds)


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=31, help="turns of each contender")
    rounds = parser.parse_args().rounds
    torch = timing.peer("torch")
    print(timing.machine({"torch": torch}), end="\n\n")
    for layer in CONVOLUTIONS:
        bench_convolution(torch, layer, rounds)
    bench_pooling(torch, rounds)


if __name__ == "__main__":
    main()
