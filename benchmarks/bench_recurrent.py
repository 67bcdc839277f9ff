"""Time a recurrent layer over a sequence: all steps as one operation, composed, and PyTorch's.

Run ``python benchmarks/bench_recurrent.py``; ``--help`` lists the options. It is a report: whatever
the verdicts, the exit status is 0. Only results that disagree stop it.
"""

from __future__ import annotations

import timing  # isort: skip - first, for it sets the number of threads that NumPy starts

import argparse
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from timing import Array, Contender, Goal

import tinygrad_edu as tg

STEPS, SAMPLES, FEATURES, SIZE = 20, 32, 64, 64
GATES = {"lstm": 4, "gru": 3, "rnn_tanh": 1}
TORCH = {"lstm": "LSTM", "gru": "GRU", "rnn_tanh": "RNN"}
GOALS = {
    "lstm": {
        "ours, step by step": Goal(0.59),
        "torch": Goal(1.16),
        "torch, step by step": Goal(0.47),
    }
}


class Library:
    """What the composition needs: two functions, and how to join the steps."""

    def __init__(self, sigmoid: Any, tanh: Any, stack: Any, columns: Any) -> None:
        self.sigmoid, self.tanh, self.stack, self.columns = sigmoid, tanh, stack, columns


def columns(z: Any, count: int) -> list[Any]:
    """The gates one by one, as slices."""
    size = z.shape[1] // count
    return [z[:, k * size : (k + 1) * size] for k in range(count)]


def step_by_step(name: str, lib: Library, x: Any, h: Any, w: Any, u: Any, b: Any, d: Any) -> Any:
    """The layer from small operations, every library by these very lines."""
    c, found, sigmoid, tanh = h, [], lib.sigmoid, lib.tanh
    for step in x:
        if name == "lstm":
            i, f, a, o = lib.columns(step @ w.T + b + h @ u.T + d, 4)
            c = sigmoid(f) * c + sigmoid(i) * tanh(a)
            h = sigmoid(o) * tanh(c)
        elif name == "gru":
            r, z, n = lib.columns(step @ w.T + b, 3)
            of_r, of_z, of_n = lib.columns(h @ u.T + d, 3)
            z = sigmoid(z + of_z)
            h = (1.0 - z) * tanh(n + sigmoid(r + of_r) * of_n) + z * h
        else:
            h = tanh(step @ w.T + b + h @ u.T + d)
        found.append(h)
    return lib.stack(found)


def ours(
    title: str, run: Callable[..., Any], x: Array, seed: Array, parameters: Sequence[Array]
) -> Contender:
    """Forward, and backward to the parameters, as in the first layer of a network."""
    start, weights = tg.asarray(x), [tg.Parameter(p) for p in parameters]

    def forward() -> Any:
        for weight in weights:
            weight.grad = None
        return run(start, *weights)

    return Contender(
        title,
        (("forward", forward), ("backward", lambda out: out.backward(seed))),
        lambda out, _: [out.data, *(weight.grad for weight in weights)],
    )


def torchs(
    torch: Any, title: str, run: Callable[..., Any], x: Array, seed: Array, weights: Sequence[Any]
) -> Contender:
    """The same in PyTorch."""
    start, along = torch.tensor(x), torch.tensor(seed)

    def forward() -> Any:
        for weight in weights:
            weight.grad = None
        return run(start, *weights)

    return Contender(
        title,
        (("forward", forward), ("backward", lambda out: out.backward(along))),
        lambda out, _: [a.numpy() for a in (out.detach(), *(weight.grad for weight in weights))],
    )


def contenders(name: str, torch: Any) -> list[Contender]:
    """All implementations of one layer, with the same numbers."""
    rng = np.random.default_rng(0)
    rows, zero = GATES[name] * SIZE, np.zeros((SAMPLES, SIZE), np.float32)
    shapes = [(rows, FEATURES), (rows, SIZE), (rows,), (rows,)]
    parameters = [(rng.normal(size=shape) / 8).astype(np.float32) for shape in shapes]
    x = rng.normal(size=(STEPS, SAMPLES, FEATURES)).astype(np.float32)
    seed = rng.normal(size=(STEPS, SAMPLES, SIZE)).astype(np.float32)
    lib = Library(tg.sigmoid, tg.tanh, tg.stack, columns)
    fused = getattr(tg, name)
    found = [
        ours("ours", lambda x, *p: fused(x, None, *p)[0], x, seed, parameters),
        ours(
            "ours, step by step",
            lambda x, *p: step_by_step(name, lib, x, tg.asarray(zero), *p),
            x,
            seed,
            parameters,
        ),
    ]
    if torch is not None:
        network = getattr(torch.nn, TORCH[name])(FEATURES, SIZE)
        with torch.no_grad():
            for into, value in zip(network.parameters(), parameters, strict=True):
                into.copy_(torch.tensor(value))
        weights = list(network.parameters())
        start, chunk = torch.tensor(zero), lambda z, count: torch.chunk(z, count, 1)
        lib_torch = Library(torch.sigmoid, torch.tanh, torch.stack, chunk)
        found.append(torchs(torch, "torch", lambda x, *_: network(x)[0], x, seed, weights))
        found.append(
            torchs(
                torch,
                "torch, step by step",
                lambda x, *p: step_by_step(name, lib_torch, x, start, *p),
                x,
                seed,
                weights,
            )
        )
    return found


def main() -> None:
    """Read the options and time the layers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=61, help="turns of each contender")
    parser.add_argument("--only", nargs="+", choices=list(GATES), default=list(GATES))
    parser.add_argument("--quick", action="store_true", help="few rounds")
    options = parser.parse_args()
    torch = timing.peer("torch")
    print(timing.machine({"torch": torch}))
    for name in options.only:
        rounds = min(options.rounds, 9) if options.quick else options.rounds
        samples = timing.race(contenders(name, torch), rounds, tolerance=1e-4)
        sizes = f"{STEPS} steps, {SAMPLES} samples, {FEATURES} features, state {SIZE}, float32"
        print(f"\n{name}: {sizes}, gradients of the parameters")
        print(timing.times(samples, "microseconds", 1e3), end="\n\n")
        print(timing.ratios(samples, "ours", GOALS.get(name, {})), flush=True)


if __name__ == "__main__":
    main()
