"""Time training steps of small networks beside PyTorch: LeNet, DCGAN, GPT, and others.

Run ``python benchmarks/bench_nn.py``; ``--help`` lists the options. A step sets the gradients to
none, runs forward and backward, and updates the parameters; float32. Every network is written once,
for both libraries, since the names are the same. It is a report: whatever the verdicts, the exit
status is 0. Only results that disagree stop it.
"""

from __future__ import annotations

import timing  # isort: skip - first, for it sets the number of threads that NumPy starts

import argparse
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from timing import Array, Contender, Goal

import tinygrad_edu as tg

SINGLE = 2e-3  # float32, through several layers
Step = Callable[..., Any]


class Library(NamedTuple):
    """What a network is made of."""

    nn: Any
    optim: Any
    array: Callable[[Array], Any]  # a constant of the library
    numpy: Callable[[Any], Array]


class Training(NamedTuple):
    """Models with their stages, each of which is timed, and the values that show they agree."""

    models: Sequence[Any]
    stages: tuple[tuple[str, Step], ...]
    loss: Callable[..., Any]


def classifier(lib: Library, model: Any, x: Any, labels: Any, lr: float = 1e-3) -> Training:
    """The usual step: scores, cross-entropy, Adam."""
    opt = lib.optim.Adam(model.parameters(), lr=lr)
    f = lib.nn.functional

    def forward() -> Any:
        opt.zero_grad()
        scores = model(x)
        return f.cross_entropy(scores.reshape((-1, scores.shape[-1])), labels)

    def update(loss: Any, _: None) -> None:
        opt.step()

    stages = (("forward", forward), ("backward", lambda loss: loss.backward()), ("update", update))
    return Training([model], stages, lambda loss, *_: loss)


def mlp(lib: Library, rng: np.random.Generator) -> Training:
    """Digits by two hidden layers."""
    nn = lib.nn
    model = nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    x, labels = rng.normal(size=(128, 784)).astype(np.float32), rng.integers(10, size=128)
    return classifier(lib, model, lib.array(x), lib.array(labels))


def lenet(lib: Library, rng: np.random.Generator) -> Training:
    """LeCun et al. 1998 with rectifiers and maxima."""
    nn = lib.nn
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip
    x, labels = rng.normal(size=(64, 1, 28, 28)).astype(np.float32), rng.integers(10, size=64)
    return classifier(lib, model, lib.array(x), lib.array(labels))


def dcgan(lib: Library, rng: np.random.Generator) -> Training:
    """Radford, Metz, Chintala 2016, at the size of digits."""
    nn, batch, noise = lib.nn, 64, 64
    generator = nn.Sequential(
        nn.ConvTranspose2d(noise, 64, 7, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        nn.ConvTranspose2d(64, 32, 4, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
        nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Tanh(),
    )  # fmt: skip
    discriminator = nn.Sequential(
        nn.Conv2d(1, 32, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(32, 64, 4, 2, 1, bias=False), nn.BatchNorm2d(64), nn.LeakyReLU(0.2),
        nn.Conv2d(64, 1, 7), nn.Flatten(0),
    )  # fmt: skip
    settings = {"lr": 2e-4, "betas": (0.5, 0.999)}
    opt_g = lib.optim.Adam(generator.parameters(), **settings)
    opt_d = lib.optim.Adam(discriminator.parameters(), **settings)
    real = lib.array(rng.uniform(-1, 1, size=(batch, 1, 28, 28)).astype(np.float32))
    z = lib.array(rng.normal(size=(batch, noise, 1, 1)).astype(np.float32))
    ones, zeros = lib.array(np.ones(batch, "f")), lib.array(np.zeros(batch, "f"))
    loss_of = nn.BCEWithLogitsLoss()

    def generated() -> Any:
        return generator(z)

    def discriminate(fake: Any) -> Any:
        opt_d.zero_grad()
        loss = loss_of(discriminator(real), ones) + loss_of(discriminator(fake.detach()), zeros)
        loss.backward()
        opt_d.step()
        return loss.detach()  # as for a log: what it was computed from can go

    def deceive(fake: Any, _: Any) -> Any:
        opt_g.zero_grad()
        loss = loss_of(discriminator(fake), ones)
        loss.backward()
        opt_g.step()
        return loss.detach()

    stages = (("generate", generated), ("discriminator", discriminate), ("generator", deceive))
    return Training([generator, discriminator], stages, lambda fake, first, second: first + second)


def gpt(lib: Library, rng: np.random.Generator, width: int = 64, batch: int = 16) -> Training:
    """Radford et al. 2018, of characters."""
    nn, steps, symbols = lib.nn, 64, 75

    class Model(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.symbols = nn.Embedding(symbols, width)
            self.places = nn.Embedding(steps, width)
            block = nn.TransformerEncoderLayer(
                width, 4, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True
            )
            with warnings.catch_warnings():  # PyTorch's, of a path for evaluation
                warnings.simplefilter("ignore")
                self.blocks = nn.TransformerEncoder(block, 2, nn.LayerNorm(width))
            self.head = nn.Linear(width, symbols)

        def forward(self, text: Any) -> Any:
            x = self.symbols(text) + self.places(order)
            return self.head(self.blocks(x, mask, is_causal=True))

    order = lib.array(np.arange(steps))
    # PyTorch wants the mask, and then does not use it.
    mask = None if nn is tg.nn else nn.Transformer.generate_square_subsequent_mask(steps)
    text = rng.integers(symbols, size=(batch, steps + 1))
    labels = lib.array(np.ascontiguousarray(text[:, 1:]).reshape(-1))
    return classifier(lib, Model(), lib.array(np.ascontiguousarray(text[:, :-1])), labels)


def lstm(lib: Library, rng: np.random.Generator) -> Training:
    """Characters, one after the other."""
    nn, steps, symbols, width = lib.nn, 64, 75, 64

    class Model(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.symbols = nn.Embedding(symbols, width)
            self.lstm = nn.LSTM(width, width, batch_first=True)
            self.head = nn.Linear(width, symbols)

        def forward(self, text: Any) -> Any:
            return self.head(self.lstm(self.symbols(text))[0])

    text = rng.integers(symbols, size=(16, steps + 1))
    labels = lib.array(np.ascontiguousarray(text[:, 1:]).reshape(-1))
    return classifier(lib, Model(), lib.array(np.ascontiguousarray(text[:, :-1])), labels)


class Workload(NamedTuple):
    """A network to train, and the largest ratio of our time to PyTorch's."""

    title: str
    build: Callable[[Library, np.random.Generator], Training]
    goal: Goal | None = None


WORKLOADS = {
    "mlp": Workload("784-256-128-10, batch 128", mlp),
    "lenet": Workload("batch 64 of 28 x 28", lenet, Goal(1.3, 1.0)),
    "dcgan": Workload("batch 64 of 28 x 28, a step of each network", dcgan, Goal(1.3, 1.0)),
    "gpt": Workload("2 blocks of 64, 4 heads, batch 16 of 64 steps", gpt, Goal(1.5, 1.0)),
    "gpt128": Workload(
        "2 blocks of 128, 4 heads, batch 8 of 64 steps",
        lambda lib, rng: gpt(lib, rng, 128, 8),
        Goal(1.5, 1.0),
    ),
    "lstm": Workload("64 units, batch 16 of 64 steps", lstm),
}


def ours() -> Library:
    """This package."""
    return Library(tg.nn, tg.nn.optim, tg.asarray, lambda x: x.numpy())


def torchs(torch: Any) -> Library:
    """PyTorch."""
    return Library(torch.nn, torch.optim, torch.tensor, lambda x: x.detach().numpy())


def contender(name: str, lib: Library, work: Workload, states: list[Any]) -> Contender:
    """A training, begun with the given values; the first one asked gives them."""
    training = work.build(lib, np.random.default_rng(0))
    if not states:
        states += [model.state_dict() for model in training.models]
    for model, state in zip(training.models, states, strict=True):
        own = {key: lib.array(np.array(value)) for key, value in state.items()}
        model.load_state_dict(own if name == "torch" else state)

    def results(*held: Any) -> list[Array]:
        slopes = [p.grad for model in training.models for p in model.parameters()]
        arrays = [g if isinstance(g, np.ndarray) else lib.numpy(g) for g in slopes]
        return [lib.numpy(training.loss(*held)), *arrays]

    return Contender(name, training.stages, results)


def main() -> None:
    """Read the options and time the networks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=31, help="turns of each contender")
    parser.add_argument("--only", nargs="+", choices=list(WORKLOADS), default=list(WORKLOADS))
    parser.add_argument("--quick", action="store_true", help="few rounds")
    options = parser.parse_args()
    torch = timing.peer("torch")
    print(timing.machine({"torch": torch}))
    for name in options.only:
        work, states = WORKLOADS[name], []
        with tg.seed(0):
            raced = [contender("ours", ours(), work, states)]
        if torch is not None:
            raced.append(contender("torch", torchs(torch), work, states))
        rounds = min(options.rounds, 9) if options.quick else options.rounds
        samples = timing.race(raced, rounds, repeat=3, tolerance=SINGLE)
        print(f"\n{name}: {work.title}")
        print(timing.times(samples, "milliseconds", 1e6), end="\n\n")
        print(timing.ratios(samples, "ours", {"torch": work.goal} if work.goal else {}), flush=True)


if __name__ == "__main__":
    main()
