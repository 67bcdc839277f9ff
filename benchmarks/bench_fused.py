"""Time fused operations beside their compositions and PyTorch: softmax, losses, layers, attention.

Run ``python benchmarks/bench_fused.py``; ``--help`` lists the options. Forward and backward of each
with a random cotangent, float32. It is a report: whatever the verdicts, the exit status is 0. Only
results that disagree stop it.
"""

from __future__ import annotations

import timing  # isort: skip - first, for it sets the number of threads that NumPy starts

import argparse
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from timing import Array, Contender, Goal

import tinygrad_edu as tg

F = Callable[..., Any]
SINGLE = 2e-4  # float32, sums of thousands


class Workload(NamedTuple):
    """One operation on operands of given shapes.

    ``fused`` and ``composed`` take Tensors; ``peer`` takes PyTorch and its tensors. The goals are
    the largest ratios of our time to that of the composition, which must not be faster, and to that
    of PyTorch, where one was set.
    """

    shapes: Sequence[tuple[int, ...]]
    fused: F
    composed: F
    peer: F
    torch: float | None = None
    composition: float = 1.0


def softmax(x: Any) -> Any:
    """Of elementary operations."""
    powers = tg.exp(x - tg.max(x, axis=-1, keepdims=True))
    return powers / tg.sum(powers, axis=-1, keepdims=True)


def cross_entropy(rows: int, classes: int, torch: float) -> Workload:
    """Scores and class numbers."""
    labels = np.random.default_rng(1).integers(classes, size=rows)
    hot = np.eye(classes, dtype=np.float32)[labels]

    def composed(x: Any) -> Any:
        shifted = x - tg.max(x, axis=-1, keepdims=True)
        logs = tg.log(tg.sum(tg.exp(shifted), axis=-1))
        return logs - tg.sum(shifted * hot, axis=-1)

    def peer(torch: Any, x: Any) -> Any:
        classes = torch.tensor(labels)
        return torch.nn.functional.cross_entropy(x, classes, reduction="none")

    return Workload(
        [(rows, classes)],
        lambda x: tg.softmax_cross_entropy(x, labels),
        composed,
        peer,
        torch,
        0.55,
    )


def bce(rows: int) -> Workload:
    """Logits and probabilities."""
    targets = np.random.default_rng(1).random((rows, rows)).astype(np.float32)

    def composed(x: Any) -> Any:
        return tg.maximum(x, 0.0) - x * targets + tg.log1p(tg.exp(-tg.abs(x)))

    def peer(torch: Any, x: Any) -> Any:
        loss = torch.nn.functional.binary_cross_entropy_with_logits
        return loss(x, torch.tensor(targets), reduction="none")

    fused = lambda x: tg.bce_with_logits(x, targets)  # noqa: E731
    return Workload([(rows, rows)], fused, composed, peer)


def linear(rows: int, features: int, outputs: int, torch: float, composition: float) -> Workload:
    """An affine map."""
    return Workload(
        [(rows, features), (outputs, features), (outputs,)],
        tg.linear,
        lambda x, w, b: tg.matmul(x, w.mT) + b,
        lambda torch, *operands: torch.nn.functional.linear(*operands),
        torch,
        composition,
    )


def standardized(x: Any, axis: tuple[int, ...]) -> Any:
    """Of elementary operations."""
    centred = x - tg.mean(x, axis=axis, keepdims=True)
    return centred / tg.sqrt(tg.mean(centred * centred, axis=axis, keepdims=True) + 1e-5)


def layer_norm(rows: int, features: int) -> Workload:
    """With weight and bias."""
    return Workload(
        [(rows, features), (features,), (features,)],
        lambda x, w, b: tg.layer_norm(x, features, w, b),
        lambda x, w, b: standardized(x, (-1,)) * w + b,
        lambda torch, x, w, b: torch.nn.functional.layer_norm(x, (features,), w, b),
        1.39,
        0.55,
    )


def batch_norm(shape: tuple[int, ...]) -> Workload:
    """With weight and bias, by the batch's own statistics."""
    axis = (0, *range(2, len(shape)))
    spread = (1, -1, *[1] * (len(shape) - 2))
    return Workload(
        [shape, shape[1:2], shape[1:2]],
        lambda x, w, b: tg.batch_norm(x, w, b).value,
        lambda x, w, b: standardized(x, axis) * w.reshape(spread) + b.reshape(spread),
        lambda torch, x, w, b: torch.nn.functional.batch_norm(x, None, None, w, b, training=True),
    )


def attention(*shape: int) -> Workload:
    """Causal attention of samples, heads, positions and features."""
    positions, features = shape[-2:]
    closed = np.triu(np.full((positions, positions), -1e9, np.float32), 1)

    def composed(q: Any, k: Any, v: Any) -> Any:
        scores = tg.matmul(q, tg.matrix_transpose(k)) * features**-0.5 + closed
        return tg.matmul(softmax(scores), v)

    def peer(torch: Any, *operands: Any) -> Any:
        return torch.nn.functional.scaled_dot_product_attention(*operands, is_causal=True)

    fused = lambda *operands: tg.scaled_dot_product_attention(*operands, is_causal=True)  # noqa: E731
    return Workload([shape] * 3, fused, composed, peer, 0.9, 0.69)


def unary(name: str, **settings: Any) -> Workload:
    """An activation function of 512 by 512 numbers."""
    erf = lambda x: x * tg.erfc(x * -(0.5**0.5)) * 0.5  # noqa: E731
    tanh = lambda x: x * (tg.tanh((x + x * x * x * 0.044715) * 0.7978846) + 1.0) * 0.5  # noqa: E731
    composed = {
        "silu": lambda x: x * tg.sigmoid(x),
        "gelu": tanh if settings else erf,
        "softplus": lambda x: tg.logaddexp(x, 0.0),
        "leaky_relu": lambda x: tg.where(x > 0, x, x * 0.01),
        "elu": lambda x: tg.where(x > 0, x, tg.expm1(tg.minimum(x, 0.0))),
    }
    return Workload(
        [(512, 512)],
        lambda x: getattr(tg, name)(x, **settings),
        composed[name],
        lambda torch, x: getattr(torch.nn.functional, name)(x, **settings),
    )


WORKLOADS: dict[str, Callable[[], Workload]] = {
    "cross-entropy 128x10": lambda: cross_entropy(128, 10, 0.47),
    "cross-entropy 512x1000": lambda: cross_entropy(512, 1000, 0.82),
    "softmax 512x1000": lambda: Workload(
        [(512, 1000)], tg.softmax, softmax, lambda torch, x: torch.softmax(x, -1)
    ),
    "bce 512x512": lambda: bce(512),
    "linear 32x64x64": lambda: linear(32, 64, 64, 0.21, 0.66),
    "linear 128x784x128": lambda: linear(128, 784, 128, 0.82, 0.98),
    "layer norm 512x128": lambda: layer_norm(512, 128),
    "batch norm 128x64": lambda: batch_norm((128, 64)),
    "batch norm 64x32x14x14": lambda: batch_norm((64, 32, 14, 14)),
    "attention 8x4x64x32": lambda: attention(8, 4, 64, 32),
    "gelu tanh": lambda: unary("gelu", approximate="tanh"),
    "gelu": lambda: unary("gelu"),
    "silu": lambda: unary("silu"),
    "softplus": lambda: unary("softplus"),
    "leaky_relu": lambda: unary("leaky_relu"),
    "elu": lambda: unary("elu"),
}


def ours(name: str, f: F, operands: Sequence[Array], cotangent: Array) -> Contender:
    """Forward and backward of our own."""
    tensors = [tg.Parameter(x) for x in operands]

    def forward() -> Any:
        for x in tensors:
            x.grad = None
        return f(*tensors)

    def results(out: Any, _: None) -> list[Array]:
        return [out.data, *[x.grad for x in tensors]]

    stages = (("forward", forward), ("backward", lambda out: out.backward(cotangent)))
    return Contender(name, stages, results)


def torchs(torch: Any, f: F, operands: Sequence[Array], cotangent: Array) -> Contender:
    """The same of PyTorch."""
    tensors, seed = [torch.tensor(x, requires_grad=True) for x in operands], torch.tensor(cotangent)

    def forward() -> Any:
        for x in tensors:
            x.grad = None
        return f(torch, *tensors)

    def results(out: Any, _: None) -> list[Array]:
        return [out.numpy(force=True), *[x.grad.numpy() for x in tensors]]

    return Contender(
        "torch", (("forward", forward), ("backward", lambda y: y.backward(seed))), results
    )


def raced(work: Workload, torch: Any, rounds: int) -> list[str]:
    """Microseconds of each, and our ratios to the others with their verdicts."""
    rng = np.random.default_rng(0)
    operands = [rng.normal(size=shape).astype(np.float32) for shape in work.shapes]
    out = work.fused(*operands)
    cotangent = rng.normal(size=out.shape).astype(np.float32)
    contenders = [ours(n, f, operands, cotangent) for n, f in
                  (("fused", work.fused), ("composed", work.composed))]  # fmt: skip
    if torch:
        contenders.append(torchs(torch, work.peer, operands, cotangent))
    samples = timing.race(contenders, rounds, repeat=10, tolerance=SINGLE)
    cells = []
    for name in ("fused", "composed", "torch"):
        figures = np.array(samples[name]["total"] if name in samples else [np.nan]) / 1e3
        cells.append(f"{timing.short(float(np.median(figures)))} ({timing.short(figures.min())})")
    for name, limit in (("composed", work.composition), ("torch", work.torch)):
        if name in samples:
            median, minima = timing.ratio(samples, "fused", name, "total")
            judged = ["", ""] if limit is None else [str(Goal(limit)), Goal(limit).verdict(median)]
            cells += [f"{median:.2f} ({minima:.2f})", *judged]
        else:
            cells += ["", "", ""]
    return cells


def main() -> None:
    """Read the options and run the workloads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=31, help="turns of each contender")
    parser.add_argument("--only", help="only workloads whose name has this in it")
    options = parser.parse_args()
    chosen = [name for name in WORKLOADS if not options.only or options.only in name]
    if not chosen:
        parser.error(f"no workload has {options.only!r} in it; there are {', '.join(WORKLOADS)}")
    peers = {"torch": timing.peer("torch")}
    print(timing.machine(peers))
    print("\nmicroseconds of CPU time, median (minimum); ratios of these, and the largest wanted")
    lines = [["forward and backward", "fused", "composed", "torch", "fused/composed", "", "",
              "fused/torch", "", ""]]  # fmt: skip
    for name in chosen:
        lines.append([name, *raced(WORKLOADS[name](), peers["torch"], options.rounds)])
    print(timing.table(lines))


if __name__ == "__main__":
    main()
