"""Models of many kinds with nothing wrong, each drawn from a seed: nobody should complain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional

Given = tuple[tuple[Any, ...], dict[str, Any]]
SOUND: dict[str, Callable[[int], Given]] = {}


def sound(make: Callable[[int], Given]) -> Callable[[int], Given]:
    SOUND[make.__name__] = make
    return make


def blobs(seed: int, n: int = 64, classes: int = 3, features: int = 4) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(classes, features))
    y = rng.permutation(np.arange(n) % classes)
    x = (centres[y] + 0.4 * rng.normal(size=(n, features))).astype(np.float32)
    return x / x.std(), y


@sound
def mlp_tanh(seed: int) -> Given:
    model = nn.MLP([4, 16, 16, 3], activation="tanh", rng=seed)
    return (model, blobs(seed), nn.CrossEntropyLoss(), nn.optim.SGD(model, lr=0.1)), {}


@sound
def mlp_relu(seed: int) -> Given:
    model = nn.MLP([4, 32, 32, 3], activation="relu", rng=seed)
    return (model, blobs(seed), nn.CrossEntropyLoss(), nn.optim.Adam(model, lr=1e-3)), {}


@sound
def random_labels(seed: int) -> Given:
    rng = np.random.default_rng(seed)
    x, y = np.float32(rng.normal(size=(32, 8))), rng.integers(5, size=32)
    model = nn.MLP([8, 32, 5], rng=seed)
    return (model, (x, y), nn.CrossEntropyLoss(), nn.optim.SGD(model, lr=0.1, momentum=0.9)), {}


@sound
def logistic_regression(seed: int) -> Given:
    x, y = blobs(seed, classes=2)
    model = nn.Linear(4, 1, rng=seed)
    target = np.float32(y)[:, None]
    return (model, (x, target), nn.BCEWithLogitsLoss(), nn.optim.SGD(model, lr=0.1)), {}


@sound
def linear_regression(seed: int) -> Given:
    rng = np.random.default_rng(seed)
    x = np.float32(rng.normal(size=(64, 1)))
    y = 3 * x + 2 + np.float32(0.1 * rng.normal(size=(64, 1)))
    model = nn.Linear(1, 1, rng=seed)
    return (model, (x, y), nn.MSELoss(), nn.optim.SGD(model, lr=0.05)), {}


@sound
def sine(seed: int) -> Given:
    x = np.float32(np.random.default_rng(seed).uniform(-3, 3, size=(64, 1)))
    model = nn.MLP([1, 32, 32, 1], activation="tanh", rng=seed)
    return (model, (x, np.sin(x)), nn.MSELoss(), nn.optim.Adam(model, lr=3e-3)), {}


@sound
def own_squared_error(seed: int) -> Given:
    x = np.float32(np.random.default_rng(seed).normal(size=(40, 3)))
    model = nn.MLP([3, 16, 1], rng=seed)
    loss = lambda p, t: ((p[:, 0] - t) ** 2).mean()  # noqa: E731
    return (model, (x, x[:, 0] * x[:, 1]), loss, nn.optim.Adam(model, lr=1e-3)), {}


@sound
def probabilities(seed: int) -> Given:
    x, y = blobs(seed, classes=2)
    model = nn.Sequential(nn.MLP([4, 8, 1], rng=seed), nn.Sigmoid())
    target = np.float32(y)[:, None]
    return (model, (x, target), nn.BCELoss(), nn.optim.Adam(model, lr=1e-2)), {}


@sound
def log_probabilities(seed: int) -> Given:
    model = nn.Sequential(nn.MLP([4, 16, 3], rng=seed), nn.LogSoftmax(dim=1))
    return (model, blobs(seed), nn.NLLLoss(), nn.optim.Adam(model, lr=1e-3)), {}


@sound
def convolution(seed: int) -> Given:
    rng = np.random.default_rng(seed)
    y = np.arange(24) % 3
    x = np.float32(rng.normal(size=(24, 1, 8, 8)))
    x[np.arange(24), 0, 2 * y, :] += 2
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(128, 3, rng=rng),
    )  # fmt: skip
    return (model, (x, y), nn.CrossEntropyLoss(), nn.optim.Adam(model, lr=1e-3)), {}


@sound
def a_class_for_each_pixel(seed: int) -> Given:
    rng = np.random.default_rng(seed)
    x, y = np.float32(rng.normal(size=(6, 1, 8, 8))), rng.integers(2, size=(6, 8, 8))
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, rng=rng), nn.ReLU(), nn.Conv2d(8, 2, 1, rng=rng)
    )
    return (model, (x, y), nn.CrossEntropyLoss(), nn.optim.Adam(model, lr=1e-2)), {}


@sound
def pictures_from_0_to_1(seed: int) -> Given:
    data = tg.data.load("digits")
    rows = np.random.default_rng(seed).choice(len(data.features), 64, replace=False)
    x, y = data.features[rows].reshape(64, -1), data.targets[rows]
    model = nn.MLP([64, 64, 10], init="he", rng=seed)
    return (model, (x, y), nn.CrossEntropyLoss(), nn.optim.Adam(model, lr=1e-3)), {}


@sound
def batch_normalised(seed: int) -> Given:
    rng = np.random.default_rng(seed)
    model = nn.Sequential(
        nn.Linear(4, 16, rng=rng), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3, rng=seed),
        nn.Linear(16, 3, rng=rng),
    )  # fmt: skip
    return (model, blobs(seed), nn.CrossEntropyLoss(), nn.optim.AdamW(model, lr=1e-2)), {}


class Recurrent(nn.Module):
    def __init__(self, rng: Any) -> None:
        self.cells = nn.LSTM(3, 12, batch_first=True, rng=rng)
        self.head = nn.Linear(12, 2, rng=rng)

    def forward(self, x: Any) -> Any:
        return self.head(self.cells(x)[0][:, -1])


@sound
def lstm_classifier(seed: int) -> Given:
    rng = np.random.default_rng(seed)
    x = np.float32(rng.normal(size=(20, 6, 3)))
    y = (x[:, :, 0].sum(axis=1) > 0).astype(int)
    model = Recurrent(rng)
    return (model, (x, y), nn.CrossEntropyLoss(), nn.optim.Adam(model, lr=5e-3)), {}


class Block(nn.Module):
    def __init__(self, width: int, rng: Any) -> None:
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, 2, batch_first=True, rng=rng)
        self.wide = nn.Linear(width, 4 * width, rng=rng)
        self.narrow = nn.Linear(4 * width, width, rng=rng)

    def forward(self, x: Any, mask: Any = None) -> Any:
        y = self.before(x)
        x = x + self.attention(y, y, y, attn_mask=mask, need_weights=False)[0]
        return x + self.narrow(tg.gelu(self.wide(self.after(x))))


class Encoder(nn.Module):
    def __init__(self, rng: Any) -> None:
        self.block, self.head = Block(8, rng), nn.Linear(8, 3, rng=rng)

    def forward(self, x: Any) -> Any:
        return self.head(self.block(x).mean(axis=1))


@sound
def transformer(seed: int) -> Given:
    rng = np.random.default_rng(seed)
    x, y = np.float32(rng.normal(size=(24, 5, 8))), rng.integers(3, size=24)
    model = Encoder(rng)
    return (model, (x, y), nn.CrossEntropyLoss(), nn.optim.AdamW(model, lr=1e-3)), {}


class SmallGPT(nn.Module):
    def __init__(self, rng: Any) -> None:
        self.tokens, self.places = nn.Embedding(11, 16, rng=rng), nn.Embedding(8, 16, rng=rng)
        self.blocks = [Block(16, rng), Block(16, rng)]
        self.norm, self.head = nn.LayerNorm(16), nn.Linear(16, 11, rng=rng)

    def forward(self, x: Any) -> Any:
        length = x.shape[1]
        mask = np.triu(np.ones((length, length), bool), 1)
        h = self.tokens(x) + self.places(np.arange(length))
        for block in self.blocks:
            h = block(h, mask)
        return self.head(self.norm(h))


@sound
def gpt(seed: int) -> Given:
    rng = np.random.default_rng(seed)
    text = rng.integers(11, size=(6, 9))
    model = SmallGPT(rng)
    loss = lambda p, t: functional.cross_entropy(p.reshape(-1, 11), t.reshape(-1))  # noqa: E731
    return (model, (text[:, :-1], text[:, 1:]), loss, nn.optim.AdamW(model, lr=3e-3)), {}


@sound
def autoencoder(seed: int) -> Given:
    x = blobs(seed, features=8)[0]
    model = nn.MLP([8, 16, 3, 16, 8], activation="tanh", rng=seed)
    return (model, (x, x), nn.MSELoss(), nn.optim.Adam(model, lr=3e-3)), {}


def _players(seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    generator = nn.MLP([4, 32, 2], activation="relu", rng=rng)
    discriminator = nn.Sequential(
        nn.Linear(2, 32, rng=rng), nn.LeakyReLU(0.2), nn.Linear(32, 1, rng=rng)
    )
    return generator, discriminator


@sound
def discriminator(seed: int) -> Given:
    rng, (generator, judge) = np.random.default_rng(seed), _players(seed)
    angle = rng.integers(8, size=32) * np.pi / 4
    real = np.stack([np.cos(angle), np.sin(angle)], axis=1) + 0.05 * rng.normal(size=(32, 2))
    fake = generator(np.float32(rng.normal(size=(32, 4)))).data
    x = np.concatenate([np.float32(real), fake])
    y = np.repeat([[1.0], [0.0]], 32, axis=0).astype(np.float32)
    optimizer = nn.optim.Adam(judge, lr=1e-3, betas=(0.5, 0.999))
    return (judge, (x, y), nn.BCEWithLogitsLoss(), optimizer), {}


@sound
def generator(seed: int) -> Given:
    z, (maker, judge) = np.random.default_rng(seed).normal(size=(32, 4)), _players(seed)
    optimizer = nn.optim.Adam(maker, lr=1e-3, betas=(0.5, 0.999))
    batch = (np.float32(z), np.ones((32, 1), np.float32))
    return (judge, batch, nn.BCEWithLogitsLoss(), optimizer), {"generator": maker}


def plain_step(model: Any, batch: Any, loss: Any, optimizer: Any) -> None:
    optimizer.zero_grad()
    loss(model(batch[0]), batch[1]).backward()
    optimizer.step()


@sound
def own_step(seed: int) -> Given:
    arguments = mlp_tanh(seed)[0]
    return arguments, {"step": plain_step}


@sound
def zero_head(seed: int) -> Given:
    """A last layer of zeros is a good start: its units get different gradients at once."""
    model = nn.MLP([4, 16, 3], rng=seed)
    last = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
    for parameter in last.parameters():
        parameter.data = np.zeros(parameter.shape)
    return (model, blobs(seed), nn.CrossEntropyLoss(), nn.optim.Adam(model, lr=3e-3)), {}


@sound
def deep_residual(seed: int) -> Given:
    rng = np.random.default_rng(seed)

    class Residual(nn.Module):
        def __init__(self) -> None:
            self.norm, self.inner = nn.LayerNorm(16), nn.MLP([16, 16, 16], rng=rng)

        def forward(self, x: Any) -> Any:
            return x + self.inner(self.norm(x))

    parts = [nn.Linear(4, 16, rng=rng), *[Residual() for _ in range(8)], nn.Linear(16, 3, rng=rng)]
    model = nn.Sequential(*parts)
    return (model, blobs(seed), nn.CrossEntropyLoss(), nn.optim.Adam(model, lr=1e-3)), {}
