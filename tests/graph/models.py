"""The gallery: programs from one operation to a transformer, each drawn as its author would.

Every entry takes the settings of ``tg.draw``. Only NumPy is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import data, nn
from tinygrad_edu.graph import Graph

gallery: dict[str, Callable[..., Graph]] = {}


def entry(draw: Callable[..., Graph]) -> Callable[..., Graph]:
    gallery[draw.__name__] = draw
    return draw


def weights(rng: np.random.Generator, *shape: int) -> nn.Parameter:
    return nn.Parameter(rng.normal(size=shape) / np.sqrt(shape[-1]))


class LeNet(nn.Module):
    """LeCun et al. 1998, with ReLU and maxima."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.conv1 = Convolution(rng, 6, 1)
        self.conv2 = Convolution(rng, 16, 6)
        self.classifier = nn.MLP([256, 120, 84, 10], rng=rng, dtype=float)

    def forward(self, x: Any) -> Any:
        x = tg.max_pool2d(tg.relu(self.conv1(x)), 2)
        x = tg.max_pool2d(tg.relu(self.conv2(x)), 2)
        return self.classifier(x.reshape(len(x), -1))


class Convolution(nn.Module):
    def __init__(self, rng: np.random.Generator, out: int, channels: int) -> None:
        self.weight = weights(rng, out, channels, 5, 5)
        self.bias = nn.Parameter(np.zeros(out))

    def forward(self, x: Any) -> Any:
        return tg.conv2d(x, self.weight, self.bias)


class LSTMCell(nn.Module):
    """Hochreiter and Schmidhuber 1997, with the gate of Gers et al. 2000."""

    def __init__(self, rng: np.random.Generator, features: int, size: int) -> None:
        self.inner = nn.Linear(size, 4 * size, rng=rng, dtype=float)
        self.outer = nn.Linear(features, 4 * size, rng=rng, dtype=float)

    def forward(self, x: Any, h: Any, c: Any) -> Any:
        i, f, g, o = tg.split(self.outer(x) + self.inner(h), 4, axis=-1)
        c = tg.sigmoid(f) * c + tg.sigmoid(i) * tg.tanh(g)
        return tg.sigmoid(o) * tg.tanh(c), c


class LSTM(nn.Module):
    """One cell, called at every step, and an answer at the last."""

    def __init__(self, rng: np.random.Generator, features: int, size: int) -> None:
        self.cell = LSTMCell(rng, features, size)
        self.head = nn.Linear(size, 1, rng=rng, dtype=float)
        self.size = size

    def forward(self, sequence: Any) -> Any:
        h = c = tg.zeros((sequence.shape[1], self.size))
        for x in sequence:
            h, c = self.cell(x, h, c)
        return self.head(h)


class LayerNorm(nn.Module):
    def __init__(self, size: int) -> None:
        self.weight, self.bias = nn.Parameter(np.ones(size)), nn.Parameter(np.zeros(size))

    def forward(self, x: Any) -> Any:
        return tg.layer_norm(x, x.shape[-1], self.weight, self.bias)


class Attention(nn.Module):
    """Causal, with several heads; Vaswani et al. 2017, section 3.2."""

    def __init__(self, rng: np.random.Generator, size: int, heads: int) -> None:
        self.qkv = nn.Linear(size, 3 * size, rng=rng, dtype=float)
        self.out = nn.Linear(size, size, rng=rng, dtype=float)
        self.heads = heads

    def forward(self, x: Any) -> Any:
        batch, length, size = x.shape
        parts = self.qkv(x).reshape(batch, length, 3, self.heads, -1)
        q, k, v = tg.permute_dims(parts, (2, 0, 3, 1, 4))
        z = tg.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(tg.permute_dims(z, (0, 2, 1, 3)).reshape(batch, length, size))


class MLP(nn.Module):
    def __init__(self, rng: np.random.Generator, size: int) -> None:
        self.up = nn.Linear(size, 4 * size, rng=rng, dtype=float)
        self.down = nn.Linear(4 * size, size, rng=rng, dtype=float)

    def forward(self, x: Any) -> Any:
        return self.down(tg.gelu(self.up(x)))


class Block(nn.Module):
    def __init__(self, rng: np.random.Generator, size: int, heads: int) -> None:
        self.norm1, self.attention = LayerNorm(size), Attention(rng, size, heads)
        self.norm2, self.mlp = LayerNorm(size), MLP(rng, size)

    def forward(self, x: Any) -> Any:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    """Radford et al. 2019: learned positions, norms first, one table for words in and out."""

    def __init__(self, blocks: int, *, size: int = 24, heads: int = 3, words: int = 60) -> None:
        rng = np.random.default_rng(0)
        self.table, self.places = weights(rng, words, size), weights(rng, 16, size)
        self.blocks = [Block(rng, size, heads) for _ in range(blocks)]
        self.norm = LayerNorm(size)

    def forward(self, tokens: Any) -> Any:
        x = self.table[tokens] + self.places[: tokens.shape[-1]]
        for block in self.blocks:
            x = block(x)
        return self.norm(x) @ self.table.mT


class Residual(nn.Module):
    """He et al. 2016: two layers, and a way around them."""

    def __init__(self, rng: np.random.Generator, size: int) -> None:
        self.first = nn.Linear(size, size, rng=rng, dtype=float)
        self.second = nn.Linear(size, size, rng=rng, dtype=float)

    def forward(self, x: Any) -> Any:
        return tg.relu(x + self.second(tg.relu(self.first(x))))


class ResNet(nn.Module):
    def __init__(self, blocks: int, size: int = 16) -> None:
        rng = np.random.default_rng(0)
        self.stem = nn.Linear(8, size, rng=rng, dtype=float)
        self.blocks = [Residual(rng, size) for _ in range(blocks)]
        self.head = nn.Linear(size, 3, rng=rng, dtype=float)

    def forward(self, x: Any) -> Any:
        x = tg.relu(self.stem(x))
        for block in self.blocks:
            x = block(x)
        return self.head(x)


@entry
def square(**look: Any) -> Graph:
    x = tg.Parameter(3.0, name="x")
    return tg.draw(x * x, **look)


@entry
def xor(**look: Any) -> Graph:
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    labels = np.array([[0.0], [1.0], [1.0], [0.0]])
    rng = np.random.default_rng(1)
    W1 = tg.Parameter(rng.normal(size=(2, 8)), name="W1")
    b1 = tg.Parameter(np.zeros(8), name="b1")
    W2 = tg.Parameter(rng.normal(size=(8, 1)), name="W2")
    with tg.Tape():
        h = tg.tanh(x @ W1 + b1)
        loss = ((h @ W2 - labels) ** 2).mean()
    return tg.draw(loss, **look)


@entry
def digits(**look: Any) -> Graph:
    source = data.load("digits")
    x = source.features[:16].reshape(16, -1) / 16.0
    labels = source.targets[:16]
    model = nn.MLP([64, 32, 16, 10], rng=0)
    with tg.Tape():
        loss = nn.functional.cross_entropy(model(x), labels)
    return tg.draw(loss, **look)


@entry
def lenet(**look: Any) -> Graph:
    images = np.random.default_rng(0).normal(size=(2, 1, 28, 28))
    labels = np.array([3, 7])
    model = LeNet(np.random.default_rng(1))
    with tg.Tape():
        loss = nn.functional.cross_entropy(model(images), labels)
    return tg.draw(loss, **look)


@entry
def lstm(*, steps: int = 20, **look: Any) -> Graph:
    sequence = np.random.default_rng(0).normal(size=(steps, 3, 2))
    target = np.zeros((3, 1))
    model = LSTM(np.random.default_rng(1), 2, 4)
    with tg.Tape():
        loss = nn.functional.mse_loss(model(sequence), target)
    return tg.draw(loss, **look)


@entry
def gpt(*, blocks: int = 12, **look: Any) -> Graph:
    tokens = np.random.default_rng(0).integers(0, 60, size=(2, 8))
    following = np.roll(tokens, -1, axis=1)
    model = GPT(blocks)
    with tg.Tape():
        loss = nn.functional.cross_entropy(model(tokens).reshape(16, -1), following.reshape(16))
    return tg.draw(loss, **look)


@entry
def residual(**look: Any) -> Graph:
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(6, 8)), rng.integers(0, 3, size=6)
    model = ResNet(3)
    with tg.Tape():
        loss = nn.functional.cross_entropy(model(x), labels)
    return tg.draw(loss, **look)


@entry
def doublings(**look: Any) -> Graph:
    total = tg.Parameter(1.0, name="x")
    for _ in range(60):
        total = total + total
    return tg.draw(total, **look)


@entry
def chain(*, length: int = 3000, **look: Any) -> Graph:
    y = tg.Parameter(0.5, name="x")
    for _ in range(length // 3):
        y = tg.sin(y * 1.1 + 0.1)
    return tg.draw(y, **look)


@entry
def before_backward(**look: Any) -> Graph:
    w = tg.Parameter([[0.5, -1.0], [1.5, 2.0]], name="w")
    x = tg.Tensor([[1.0, 2.0]], name="x")
    loss = tg.sum(tg.sigmoid(x @ w) ** 2)
    return tg.draw(loss, **look)


@entry
def after_backward(**look: Any) -> Graph:
    w = tg.Parameter([[0.5, -1.0], [1.5, 2.0]], name="w")
    x = tg.Tensor([[1.0, 2.0]], name="x")
    loss = tg.sum(tg.sigmoid(x @ w) ** 2)
    loss.backward()
    return tg.draw(loss, **look)


@entry
def second_order(**look: Any) -> Graph:
    w = tg.Parameter(0.7, name="w")
    x = tg.Tensor(1.5, name="x")
    with tg.Tape() as tape:
        loss = tg.tanh(w * x) ** 2
        slope = tape.gradient(loss, w, create_graph=True)
    return tg.draw(slope, **look)
