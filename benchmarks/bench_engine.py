"""Time the engine beside its peers: a chain of operations, a Hessian-vector product, big graphs.

Run ``python benchmarks/bench_engine.py``; ``--help`` lists the options. It is a report: whatever
the verdicts, the exit status is 0. Only results that disagree stop it.
"""

from __future__ import annotations

import timing  # isort: skip - first, for it sets the number of threads that NumPy starts

import argparse
import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from timing import Array, Contender, Goal, Samples

import tinygrad_edu as tg

WORKLOADS = ("chain", "hvp", "scaling", "import")
Peers = dict[str, Any]

# The chain: four operations a link.
LINKS, SIZE, SHIFT = 250, 10, 0.1
CHAIN_GOALS = {
    "torch": Goal(0.42, stretch=0.35),
    "mygrad": Goal(0.2),
    "autograd": Goal(0.2),
    "numpy by hand": Goal(2.2),
}


def link_up(h: Any, w: Any, b: Any, tanh: Callable[[Any], Any]) -> Any:
    """Multiply, add, tanh, subtract, again and again; every library runs these very lines."""
    for _ in range(LINKS):
        h = tanh(h * w + b) - SHIFT
    return h


def two_stages(forward: Callable[[], Any], backward: Callable[[Any], Any]) -> Any:
    """Name the usual two stages."""
    return ("forward", forward), ("backward", backward)


def chain_ours(x: Array, w: Array, b: Array) -> Iterator[Contender]:
    """Our engine, as a training loop uses it and under a tape."""
    start, seed = tg.asarray(x), np.ones_like(x)
    weight, bias = parameters = [tg.Tensor(p, requires_grad=True) for p in (w, b)]

    def forward() -> Any:
        weight.grad = bias.grad = None
        return link_up(start, weight, bias, tg.tanh)

    def taped_forward() -> tuple[tg.Tape, Any]:
        with tg.Tape() as tape:
            return tape, link_up(start, weight, bias, tg.tanh)

    def taped_backward(made: tuple[tg.Tape, Any]) -> Any:
        tape, h = made
        return tape.gradient(h, parameters, output_gradient=seed)

    yield Contender(
        "ours",
        two_stages(forward, lambda h: h.backward(seed)),
        lambda h, _: [h.data, *(p.grad for p in parameters)],
    )
    yield Contender(
        "ours, under a Tape",
        two_stages(taped_forward, taped_backward),
        lambda made, gradients: [made[1].data, *(g.data for g in gradients)],
    )


def chain_torch(torch: Any, x: Array, w: Array, b: Array) -> Contender:
    """PyTorch, eager."""
    start, seed = torch.tensor(x), torch.ones(x.shape, dtype=torch.float64)
    weight, bias = (torch.tensor(p, requires_grad=True) for p in (w, b))

    def forward() -> Any:
        weight.grad = bias.grad = None
        return link_up(start, weight, bias, torch.tanh)

    def results(h: Any, _: None) -> list[Array]:
        return [a.numpy() for a in (h.detach(), weight.grad, bias.grad)]

    return Contender("torch", two_stages(forward, lambda h: h.backward(seed)), results)


def chain_mygrad(mygrad: Any, x: Array, w: Array, b: Array) -> Contender:
    """MyGrad as installed, its guard of memory included."""
    start, seed = mygrad.tensor(x, constant=True), np.ones_like(x)
    weight, bias = mygrad.tensor(w), mygrad.tensor(b)

    def forward() -> Any:
        weight.null_grad()
        bias.null_grad()
        return link_up(start, weight, bias, mygrad.tanh)

    def results(h: Any, _: None) -> list[Array]:
        return [h.data, weight.grad, bias.grad]

    return Contender("mygrad", two_stages(forward, lambda h: h.backward(seed)), results)


def chain_autograd(_: Any, x: Array, w: Array, b: Array) -> Contender:
    """HIPS autograd; its forward pass is the call of ``make_vjp``."""
    import autograd.numpy as anp
    from autograd.differential_operators import make_vjp

    seed = np.ones_like(x)
    traced = make_vjp(lambda w, b: link_up(x, w, b, anp.tanh), (0, 1))
    stages = two_stages(lambda: traced(w, b), lambda made: made[0](seed))
    return Contender("autograd", stages, lambda made, gradients: [made[1], *gradients])


def chain_numpy(x: Array, w: Array, b: Array) -> Contender:
    """The same arithmetic by hand: what the calls of NumPy themselves cost."""
    shift = np.array(SHIFT)  # a ready array: Python's float would cost each call a third more

    def forward() -> list[tuple[Array, Array]]:
        h, kept = x, []
        for _ in range(LINKS):
            t = np.tanh(h * w + b)
            kept.append((h, t))
            h = t - shift
        kept.append((h, h))
        return kept

    def backward(kept: list[tuple[Array, Array]]) -> tuple[Array, Array]:
        g, of_w, of_b = np.ones_like(x), np.zeros_like(w), np.zeros_like(b)
        for h, t in reversed(kept[:-1]):
            g = g - g * t * t
            of_b += g
            of_w += g * h
            g = g * w
        return of_w, of_b

    stages = two_stages(forward, backward)
    return Contender("numpy by hand", stages, lambda kept, gradients: [kept[-1][0], *gradients])


def bench_chain(peers: Peers, rounds: int) -> None:
    """1,000 element-wise operations on 10 numbers: the price of recording and sweeping a row."""
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=SIZE), rng.uniform(0.9, 1.3, SIZE), rng.uniform(0.0, 0.2, SIZE)
    contenders = [*chain_ours(x, w, b), chain_numpy(x, w, b)]
    makers = {"torch": chain_torch, "autograd": chain_autograd, "mygrad": chain_mygrad}
    contenders += [make(peers[name], x, w, b) for name, make in makers.items() if peers[name]]
    samples = timing.race(contenders, rounds, repeat=5)
    print(f"chain: {4 * LINKS:,} element-wise operations on {SIZE} float64 numbers")
    print(timing.times(samples, "ns per operation", 4 * LINKS), end="\n\n")
    print(timing.ratios(samples, "ours", CHAIN_GOALS))


def network(p: Sequence[Any], x: Any, y: Any, tanh: Callable[[Any], Any]) -> Any:
    """Return the mean squared error of a tanh network, in any library."""
    return ((tanh(x @ p[0] + p[1]) @ p[2] + p[3] - y) ** 2).mean()


def hvp_ours(p: list[Array], v: list[Array], x: Array, y: Array) -> Iterator[Contender]:
    """The transform, on arrays; and two gradients on a tape."""
    parameters = [tg.Parameter(a) for a in p]
    inputs, wanted = tg.asarray(x), tg.asarray(y)

    def transform() -> Any:
        return tg.hvp(lambda p: network(p, inputs, wanted, tg.tanh), p, v)

    def taped() -> Any:
        with tg.Tape() as tape:
            loss = network(parameters, inputs, wanted, tg.tanh)
            first = tape.gradient(loss, parameters, create_graph=True)
            along = sum((g * u).sum() for g, u in zip(first, v, strict=True))
        return [g.data for g in tape.gradient(along, parameters)]

    yield Contender("ours, tg.hvp", (("product", transform),), lambda found: found)
    yield Contender("ours, under a Tape", (("product", taped),), lambda found: found)


def hvp_torch(torch: Any, p: Any, v: Any, x: Any, y: Any) -> Contender:
    """PyTorch: the gradient of the gradient, the form that its manual recommends."""
    p, v, (x, y) = ([torch.tensor(a) for a in group] for group in (p, v, (x, y)))
    for a in p:
        a.requires_grad_()

    def product() -> Any:
        first = torch.autograd.grad(network(p, x, y, torch.tanh), p, create_graph=True)
        return torch.autograd.grad(first, p, grad_outputs=v)

    return Contender("torch", (("product", product),), lambda found: [g.numpy() for g in found])


def hvp_autograd(_: Any, p: list[Array], v: list[Array], x: Array, y: Array) -> Contender:
    """HIPS autograd: the transposed Jacobian of the gradient, times the vector."""
    import autograd.numpy as anp
    from autograd.differential_operators import grad, make_vjp

    def loss(p: Any) -> Any:
        return anp.mean((anp.dot(anp.tanh(anp.dot(x, p[0]) + p[1]), p[2]) + p[3] - y) ** 2)

    product = make_vjp(grad(loss))
    return Contender("autograd", (("product", lambda: product(p)[0](v)),), lambda found: found)


def bench_hvp(peers: Peers, rounds: int) -> None:
    """The product of a Hessian and a vector for a 16-16-1 network, batch of 16."""
    rng = np.random.default_rng(0)
    shapes = ((16, 16), (16,), (16, 1), (1,))
    p, v = ([rng.normal(size=s) / math.sqrt(16) for s in shapes] for _ in range(2))
    x, y = rng.normal(size=(16, 16)), rng.normal(size=(16, 1))
    contenders = list(hvp_ours(p, v, x, y))
    makers = {"torch": hvp_torch, "autograd": hvp_autograd}
    contenders += [make(peers[name], p, v, x, y) for name, make in makers.items() if peers[name]]
    samples = timing.race(contenders, rounds, repeat=20)
    print("hvp: Hessian-vector product of a 16-16-1 tanh network, batch of 16, float64")
    print(timing.times(samples, "microseconds", 1e3), end="\n\n")
    print(timing.ratios(samples, contenders[0].name, {"torch": Goal(0.55)}))


def straight(x: Any, n: int) -> Any:
    """A chain: each row reads the row before it and the leaf."""
    h = x
    for _ in range(n):
        h = h * x
    return h


def fan(x: Any, n: int) -> Any:
    """n/2 rows read one leaf; a balanced tree of sums brings them together."""
    level = [x * x for _ in range((n + 1) // 2)]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [a + b for a, b in zip(level[::2], level[1::2], strict=False)] + odd
    return level[0]


def doublings(x: Any, n: int) -> Any:
    """n/2 times twice the row before, halved: 2**(n/2) paths, and only n rows."""
    h = x
    for _ in range(n // 2):
        h = (h + h) * 0.5
    return h


def scaling_contender(
    name: str, leaf: Any, seed: Any, shape: Callable[[Any, int], Any], rows: int
) -> Contender:
    """One library on a graph of about ``rows`` rows over one leaf."""

    def build() -> Any:
        leaf.grad = None
        return shape(leaf, rows)

    stages = (("build", build), ("sweep", lambda h: h.backward(seed)))
    return Contender(name, stages, lambda h, _: [np.asarray(leaf.grad) / rows])


def scaling_pair(torch: Any, shape: Callable[[Any, int], Any], rows: int) -> list[Contender]:
    """Our engine and, if it is there, PyTorch."""
    one = np.ones(1)
    pair = [scaling_contender("ours", tg.Parameter(one), one, shape, rows)]
    if torch:
        leaf = torch.tensor(one, requires_grad=True)
        pair.append(scaling_contender("torch", leaf, torch.tensor(one), shape, rows))
    return pair


def scaling_row(samples: Samples, rows: int) -> list[str]:
    """Microseconds per row of both, and the ratio of build and sweep with its verdict."""
    cells = []
    for measured in samples.values():
        for part in ("build", "sweep", "free"):
            cells.append(f"{statistics.median(measured[part]) / rows / 1e3:.2f}")
        pairs = zip(measured["build"], measured["sweep"], strict=True)
        measured["both"] = [build + sweep for build, sweep in pairs]
    if "torch" not in samples:
        return cells + [""] * 8
    median, minima = timing.ratio(samples, "ours", "torch", "both")
    freed, _ = timing.ratio(samples, "ours", "torch", "total")
    goal = Goal(1.0)
    verdict = [str(goal), goal.verdict(median)] if rows >= 10**6 else ["", ""]
    return [*cells, f"{median:.3f}", f"{minima:.3f}", f"{freed:.3f}", *verdict]


def bench_scaling(peers: Peers, rounds: int, largest: int) -> None:
    """Chains, fans and doublings up to a million rows, with the garbage collector as it is."""
    parts = [f"{who} {part}" for who in ("our", "torch") for part in ("build", "sweep", "free")]
    lines = [["us per row", "rows", *parts, "ratio", "of minima", "with free", "target", ""]]
    for shape in (straight, fan, doublings):
        rows = 1000
        while rows <= largest:
            turns = max(3, min(rounds, 600_000 // rows))
            samples = timing.race(scaling_pair(peers["torch"], shape, rows), turns)
            cells = scaling_row(samples, rows)
            lines.append([shape.__name__, f"{rows:,}", *cells])
            rows *= 10
    print("scaling: graphs on one float64 number; medians, default garbage collection;")
    print("ratio: ours to torch's, build and sweep together")
    print(timing.table(lines))


def bench_import(rounds: int) -> None:
    """What ``import`` adds to a fresh interpreter that imports NumPy."""
    modules = ("numpy", "tinygrad_edu")
    statements = {"nothing": "pass", **{f"import {name}": f"import {name}" for name in modules}}
    samples = timing.interpreters(statements, rounds)
    print("import: CPU time of a fresh interpreter")
    print(timing.times(samples, "milliseconds", 1e6), end="\n\n")
    numpy, ours = (np.array(samples[f"import {name}"]["total"]) / 1e6 for name in modules)
    more, least = float(np.median(ours - numpy)), ours.min() - numpy.min()
    verdict = [f"{more:.1f}", f"{least:.1f}", "<= 60", Goal(60.0).verdict(more)]
    rows = [["milliseconds", "median", "of minima", "target", ""], ["ours - numpy", *verdict]]
    print(timing.table(rows))


def main() -> None:
    """Read the options and run the workloads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=31, help="turns of each contender")
    parser.add_argument("--only", default=",".join(WORKLOADS), help="workloads, comma-separated")
    parser.add_argument("--quick", action="store_true", help="few rounds, graphs to 100,000 rows")
    options = parser.parse_args()
    only = options.only.split(",")
    if unknown := sorted(set(only) - set(WORKLOADS)):
        parser.error(f"no workload {', '.join(unknown)}; there are {', '.join(WORKLOADS)}")
    rounds = min(options.rounds, 5) if options.quick else options.rounds
    peers = {name: timing.peer(name) for name in ("torch", "autograd", "mygrad")}
    print(timing.machine(peers))
    for name in (name for name in WORKLOADS if name in only):
        print(flush=True)
        if name == "chain":
            bench_chain(peers, rounds)
        elif name == "hvp":
            bench_hvp(peers, rounds)
        elif name == "scaling":
            bench_scaling(peers, min(rounds, 11), 10**5 if options.quick else 10**6)
        else:
            bench_import(rounds if options.quick else max(11, rounds))


if __name__ == "__main__":
    main()
