"""Time the step of every optimizer, and clipping, beside PyTorch's: a network, many small arrays.

Run ``python benchmarks/bench_optim.py``; ``--help`` lists the options. Gradients are there already
and stay the same; float32. PyTorch's optimizers run as they choose, and with ``foreach=True``. It
is a report: whatever the ratios, the exit status is 0. Only parameters that disagree stop it.
"""

from __future__ import annotations

import timing  # isort: skip - first, for it sets the number of threads that NumPy starts

import argparse
from typing import Any

import numpy as np
from timing import Contender

from tinygrad_edu import nn

SINGLE = 2e-5  # float32, a few dozen steps

SHAPES: dict[str, list[tuple[int, ...]]] = {
    "MLP 784-128-10": [(128, 784), (128,), (10, 128), (10,)],
    "200 small arrays": [(10, 10), (10,)] * 100,
    "two of a million": [(1000, 1000)] * 2,
}

STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "SGD": ("SGD", {"lr": 1e-3}),
    "SGD momentum": ("SGD", {"lr": 1e-3, "momentum": 0.9}),
    "Adam": ("Adam", {}),
    "AdamW": ("AdamW", {}),
    "Adam amsgrad": ("Adam", {"amsgrad": True}),
    "Adamax": ("Adamax", {}),
    "NAdam": ("NAdam", {}),
    "RAdam": ("RAdam", {}),
    "RMSprop": ("RMSprop", {}),
    "Adagrad": ("Adagrad", {}),
    "Adadelta": ("Adadelta", {}),
    "clip_grad_norm": ("", {}),
}


def drawn(shapes: list[tuple[int, ...]]) -> tuple[list[Any], list[Any]]:
    """Parameters and their gradients."""
    rng = np.random.default_rng(0)
    values = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    return values, [rng.normal(size=shape).astype(np.float32) for shape in shapes]


def ours(kind: str, settings: dict[str, Any], shapes: list[tuple[int, ...]]) -> Contender:
    """A step of our own."""
    values, gradients = drawn(shapes)
    parameters = [nn.Parameter(value) for value in values]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    if not kind:
        step: Any = lambda: nn.optim.clip_grad_norm(parameters, 1e6)  # noqa: E731
    else:
        step = getattr(nn.optim, kind)(parameters, **settings).step
    return Contender("ours", (("step", step),), lambda _: [p.data for p in parameters])


def torchs(
    torch: Any, name: str, kind: str, settings: dict[str, Any], shapes: list[tuple[int, ...]]
) -> Contender:
    """The same of PyTorch."""
    values, gradients = drawn(shapes)
    parameters = [torch.nn.Parameter(torch.tensor(value)) for value in values]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = torch.tensor(gradient)
    foreach = True if name == "foreach" else None
    if not kind:
        clip = torch.nn.utils.clip_grad_norm_
        step: Any = lambda: clip(parameters, 1e6, foreach=foreach)  # noqa: E731
    else:
        step = getattr(torch.optim, kind)(parameters, **settings, foreach=foreach).step
    return Contender(name, (("step", step),), lambda _: [p.detach().numpy() for p in parameters])


def raced(torch: Any, name: str, shapes: list[tuple[int, ...]], rounds: int) -> list[str]:
    """Microseconds of each, and our ratios to PyTorch's."""
    kind, settings = STEPS[name]
    contenders = [ours(kind, settings, shapes)]
    if torch:
        contenders += [torchs(torch, c, kind, settings, shapes) for c in ("torch", "foreach")]
    samples = timing.race(contenders, rounds, repeat=10, tolerance=SINGLE)
    cells = []
    for contender in ("ours", "torch", "foreach"):
        figures = np.array(samples[contender]["step"] if contender in samples else [np.nan]) / 1e3
        cells.append(f"{timing.short(float(np.median(figures)))} ({timing.short(figures.min())})")
    for contender in ("torch", "foreach"):
        if contender in samples:
            median, minima = timing.ratio(samples, "ours", contender, "step")
            cells.append(f"{median:.2f} ({minima:.2f})")
    return cells


def main() -> None:
    """Read the options and run the workloads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="turns of each contender")
    parser.add_argument("--only", default="", help="only steps whose name has this in it")
    options = parser.parse_args()
    chosen = [name for name in STEPS if options.only in name]
    if not chosen:
        parser.error(f"no step has {options.only!r} in it; there are {', '.join(STEPS)}")
    peers = {"torch": timing.peer("torch")}
    print(timing.machine(peers))
    for workload, shapes in SHAPES.items():
        print(f"\n{workload}: microseconds of CPU time, median (minimum); ratios of these")
        lines = [["one step", "ours", "torch", "foreach", "ours/torch", "ours/foreach"]]
        for name in chosen:
            lines.append([name, *raced(peers["torch"], name, shapes, options.rounds)])
        print(timing.table([line for line in lines if len(line) == len(lines[-1])]))


if __name__ == "__main__":
    main()
