"""The table of optimizers: settings to draw, and each formula for one number, as papers have it.

``test_every_optimizer.py`` holds each one to its formula, to the laws, and to differences;
``test_parity_optimizers.py`` to PyTorch. An optimizer that does not stand here fails a test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

from hypothesis import strategies as st

Numbers = dict[str, float]


@dataclass(frozen=True)
class Entry:
    """An optimizer.

    Parameters
    ----------
    name : str
        Its class in ``nn.optim`` and ``torch.optim``.
    naive : callable
        ``naive(p, g, state, **settings) -> p`` steps with one number; ``state`` is changed.
    settings : dict of strategies
        All of them, in ranges where 50 steps neither blow up nor lose their digits.
    """

    name: str
    naive: Callable[..., float]
    settings: dict[str, st.SearchStrategy[Any]]

    @property
    def drawn(self) -> st.SearchStrategy[dict[str, Any]]:
        """Some settings, others left at their defaults."""
        others = {name: strategy for name, strategy in self.settings.items() if name != "lr"}
        return st.fixed_dictionaries({"lr": self.settings["lr"]}, optional=others)


def sgd(p: float, g: float, s: Numbers, **o: Any) -> float:
    g = (-g if o["maximize"] else g) + o["weight_decay"] * p
    mu = o["momentum"]
    if not mu:
        return float(p - o["lr"] * g)
    s["b"] = mu * s["b"] + (1 - o["dampening"]) * g if "b" in s else g
    return float(p - o["lr"] * (g + mu * s["b"] if o["nesterov"] else s["b"]))


def adagrad(p: float, g: float, s: Numbers, **o: Any) -> float:
    g = (-g if o["maximize"] else g) + o["weight_decay"] * p
    s["t"] = s.get("t", 0) + 1
    s["sum"] = s.get("sum", o["initial_accumulator_value"]) + g**2
    return float(p - o["lr"] / (1 + (s["t"] - 1) * o["lr_decay"]) * g / (sqrt(s["sum"]) + o["eps"]))


def adadelta(p: float, g: float, s: Numbers, **o: Any) -> float:
    g = (-g if o["maximize"] else g) + o["weight_decay"] * p
    s["g2"] = o["rho"] * s.get("g2", 0.0) + (1 - o["rho"]) * g**2
    d = sqrt(s.get("d2", 0.0) + o["eps"]) / sqrt(s["g2"] + o["eps"]) * g
    s["d2"] = o["rho"] * s.get("d2", 0.0) + (1 - o["rho"]) * d**2
    return float(p - o["lr"] * d)


def rmsprop(p: float, g: float, s: Numbers, **o: Any) -> float:
    g = (-g if o["maximize"] else g) + o["weight_decay"] * p
    s["v"] = o["alpha"] * s.get("v", 0.0) + (1 - o["alpha"]) * g**2
    s["m"] = o["alpha"] * s.get("m", 0.0) + (1 - o["alpha"]) * g
    d = g / (sqrt(s["v"] - (s["m"] ** 2 if o["centered"] else 0.0)) + o["eps"])
    s["b"] = o["momentum"] * s.get("b", 0.0) + d
    return float(p - o["lr"] * s["b"])


def moments(g: float, s: Numbers, betas: tuple[float, float]) -> None:
    s["t"] = s.get("t", 0) + 1
    s["m"] = betas[0] * s.get("m", 0.0) + (1 - betas[0]) * g
    s["v"] = betas[1] * s.get("v", 0.0) + (1 - betas[1]) * g**2


def decay(p: float, g: float, o: dict[str, Any]) -> tuple[float, float]:
    """Of the parameter, or in the gradient."""
    g = -g if o["maximize"] else g
    if o["decoupled_weight_decay"]:
        return p - o["lr"] * o["weight_decay"] * p, g
    return p, g + o["weight_decay"] * p


def adam(p: float, g: float, s: Numbers, **o: Any) -> float:
    p, g = decay(p, g, o)
    b1, b2 = o["betas"]
    moments(g, s, o["betas"])
    s["largest"] = max(s.get("largest", 0.0), s["v"])
    v = s["largest"] if o["amsgrad"] else s["v"]
    mean, square = s["m"] / (1 - b1 ** s["t"]), v / (1 - b2 ** s["t"])
    return float(p - o["lr"] * mean / (sqrt(square) + o["eps"]))


def adamw(p: float, g: float, s: Numbers, **o: Any) -> float:
    return adam(p, g, s, **o, decoupled_weight_decay=True)


def adamax(p: float, g: float, s: Numbers, **o: Any) -> float:
    p, g = decay(p, g, {**o, "decoupled_weight_decay": False})
    moments(g, s, o["betas"])
    s["u"] = max(o["betas"][1] * s.get("u", 0.0), abs(g) + o["eps"])
    return float(p - o["lr"] / (1 - o["betas"][0] ** s["t"]) * s["m"] / s["u"])


def nadam(p: float, g: float, s: Numbers, **o: Any) -> float:
    p, g = decay(p, g, o)
    b1, b2 = o["betas"]
    moments(g, s, o["betas"])

    def mu(t: float) -> float:
        return float(b1 * (1 - 0.5 * 0.96 ** (t * o["momentum_decay"])))

    s["product"] = s.get("product", 1.0) * mu(s["t"])
    ahead = mu(s["t"] + 1)
    mean = ahead * s["m"] / (1 - s["product"] * ahead)
    mean += (1 - mu(s["t"])) * g / (1 - s["product"])
    return float(p - o["lr"] * mean / (sqrt(s["v"] / (1 - b2 ** s["t"])) + o["eps"]))


def radam(p: float, g: float, s: Numbers, **o: Any) -> float:
    p, g = decay(p, g, o)
    b1, b2 = o["betas"]
    moments(g, s, o["betas"])
    t, mean = s["t"], s["m"] / (1 - b1 ** s["t"])
    longest = 2 / (1 - b2) - 1
    length = longest - 2 * t * b2**t / (1 - b2**t)
    if length <= 5:
        return float(p - o["lr"] * mean)
    r = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    return float(p - o["lr"] * mean * sqrt(r) * sqrt(1 - b2**t) / (sqrt(s["v"]) + o["eps"]))


flag = st.booleans()
lr = st.floats(1e-3, 0.3)
eps = st.floats(1e-8, 1e-2)
weight_decay = st.sampled_from([0.0, 0.01, 0.3])
betas = st.tuples(st.floats(0.0, 0.95), st.floats(0.3, 0.999))
common = {"lr": lr, "weight_decay": weight_decay, "maximize": flag}
adaptive = {**common, "eps": eps, "betas": betas}
momentum = st.sampled_from([0.0, 0.5, 0.9])


@st.composite
def sgd_settings(draw: Any) -> dict[str, Any]:
    optional = {"weight_decay": weight_decay, "maximize": flag}
    settings: dict[str, Any] = draw(st.fixed_dictionaries({"lr": lr}, optional=optional))
    settings["momentum"] = draw(momentum)
    if settings["momentum"] and draw(flag):
        settings["nesterov"] = True
    else:
        settings["dampening"] = draw(st.sampled_from([0.0, 0.3, -0.2]))
    return settings


class SGDEntry(Entry):
    """Nesterov's form goes with momentum and without dampening only."""

    @property
    def drawn(self) -> st.SearchStrategy[dict[str, Any]]:
        """Settings that go together."""
        return sgd_settings()


OPTIMIZERS = {
    entry.name: entry
    for entry in [
        SGDEntry(
            "SGD",
            sgd,
            {**common, "momentum": momentum, "dampening": st.floats(0, 1), "nesterov": flag},
        ),
        Entry(
            "Adagrad",
            adagrad,
            {
                **common,
                "lr_decay": st.floats(0, 1),
                "initial_accumulator_value": st.sampled_from([0.0, 0.1, 2.0]),
                "eps": eps,
            },
        ),
        Entry(
            "Adadelta",
            adadelta,
            {**common, "rho": st.floats(0.3, 0.99), "eps": st.floats(1e-6, 1e-2)},
        ),
        Entry(
            "RMSprop",
            rmsprop,
            {
                **common,
                "alpha": st.floats(0.5, 0.99),
                "eps": eps,
                "momentum": momentum,
                "centered": flag,
            },
        ),
        Entry("Adam", adam, {**adaptive, "amsgrad": flag, "decoupled_weight_decay": flag}),
        Entry("AdamW", adamw, {**adaptive, "amsgrad": flag}),
        Entry("Adamax", adamax, adaptive),
        Entry(
            "NAdam",
            nadam,
            {**adaptive, "momentum_decay": st.floats(0, 0.1), "decoupled_weight_decay": flag},
        ),
        Entry("RAdam", radam, {**adaptive, "decoupled_weight_decay": flag}),
    ]
}
