"""``fit_gan``: two players trained against each other, with everything that ``fit`` has.

The game is a run whose model holds both players and whose optimizer stands for two, so that
checkpoints, exact resume, callbacks and the search for a NaN are those of every run.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np

from ..autodiff.tensor import Tensor
from ..catalogue import unknown_choice
from ..data import DataLoader
from ..mode import no_grad
from ..nn import Module
from ..nn.functional import discriminator_loss, generator_loss, gradient_penalty
from ..nn.optim import Optimizer, clip_grad_norm as clipped
from ..nn.saving import load
from ..seeding import generator as stream_of
from ..types import Rng
from . import catalogue
from .batches import batches_of
from .callback import Callback
from .fit import trained
from .history import History
from .run import Run

__all__ = ["fit_gan"]

LOSSES = ("nonsaturating", "saturating", "hinge", "least_squares", "wasserstein")
# Those whose scores are log-odds, where a label can be less than certain.
LOGISTIC = LOSSES[:2]


def fit_gan(
    generator: Module,
    discriminator: Module,
    data: Any,
    optimizers: tuple[Optimizer, Optimizer],
    *,
    noise: int | Callable[[int, np.random.Generator], Any],
    loss: str = "nonsaturating",
    n_critic: int = 1,
    smoothing: float = 0.0,
    penalty: float = 0.0,
    epochs: int = 1,
    batch_size: int = 32,
    callbacks: Sequence[Callback] = (),
    clip_grad_norm: float | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int | None = None,
    resume: bool = False,
    progress: bool = True,
    rng: Rng = None,
) -> History:
    r"""Train a generator against a discriminator, or a critic.

    .. math:: \min_G \max_D \; \mathbb{E} \ln \sigma(D(x))
              + \mathbb{E} \ln\bigl(1 - \sigma(D(G(z)))\bigr)

    Parameters
    ----------
    generator, discriminator : Module
        The second gives a score for each sample, with no sigmoid. Trained in place.
    data : array_like, shape (samples, ...), DataLoader or iterable of batches
        Real samples; of batches that are tuples, the first part.
    optimizers : pair of Optimizer
        The generator's and the discriminator's.
    noise : int, or callable
        The length of standard normal vectors, or ``noise(count, rng)``, which draws a batch.
    loss : {"nonsaturating", "saturating", "hinge", "least_squares", "wasserstein"}
        The game; see ``nn.functional.discriminator_loss``.
    n_critic : int, at least 1
        Steps of the discriminator, each with a batch of its own, before one of the generator.
    smoothing : float in [0, 0.5)
        Real samples are labelled ``1 - smoothing``, in the two logistic games.
    penalty : float, at least 0
        Weight of ``gradient_penalty``; the paper takes 10 with ``loss="wasserstein"``.
    epochs, batch_size, callbacks, clip_grad_norm, checkpoint, checkpoint_every, resume, progress
        As for ``fit``; each player's gradient is clipped by itself. ``on_gradients`` is called
        before each player's step, with ``run.parameters`` those of that player. The generator is
        ``run.model.generator``, the other ``run.model.discriminator``.
    rng : Generator or int, optional
        For the order of the data, the noise, and layers without a stream of their own.

    Returns
    -------
    History
        ``loss`` is the sum of ``discriminator_loss`` and ``generator_loss``; ``real_score`` and
        ``fake_score`` are the discriminator's mean scores before its steps.

    Notes
    -----
    A step of one player leaves no gradient in the other: the discriminator judges samples that
    were made without a graph, and its parameters require no gradient while the generator learns.
    Sources: Goodfellow et al. 2014, algorithm 1; Salimans et al. 2016, section 3.4 (one-sided
    smoothing); Gulrajani et al. 2017, algorithm 1.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> real = np.random.default_rng(0).normal(3.0, 0.5, (64, 1))
    >>> g, d = nn.Linear(2, 1, rng=0), nn.Linear(1, 1, rng=1)
    >>> opt = nn.optim.Adam(g, lr=0.05), nn.optim.Adam(d, lr=0.05)
    >>> history = fit_gan(g, d, real, opt, noise=2, epochs=2, rng=0, progress=False)
    >>> [name for name in history.columns if name.endswith("score")]
    ['real_score', 'fake_score']
    """
    _check(loss, smoothing, penalty, n_critic, epochs, checkpoint_every)
    if resume and checkpoint is None:
        raise catalogue.resume_without_checkpoint()
    run = _Game(
        _Players(generator, discriminator), _Real(data, batch_size, rng), _unused,
        cast(Any, _Pair(*optimizers)), callbacks=callbacks, clip_grad_norm=clip_grad_norm,
        accumulate=n_critic, rng=rng,
    )  # fmt: skip
    run.noise, run.kind, run.smoothing, run.penalty = noise, loss, smoothing, penalty
    with run.under_way(), np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if resume and Path(str(checkpoint)).exists():
            run.load(load(checkpoint), checkpoint)
        return trained(run, epochs, checkpoint, checkpoint_every, progress)


def _check(
    loss: str, smoothing: float, penalty: float, n_critic: Any, epochs: Any, every: Any
) -> None:
    if loss not in LOSSES:
        raise unknown_choice("loss", loss, LOSSES)
    if not 0 <= smoothing < 0.5:
        raise catalogue.bad_range("smoothing", smoothing, "in [0, 0.5)", "0.1")
    if smoothing and loss not in LOGISTIC:
        needed = f"0 for loss={loss!r}, whose scores are no log-odds of a label"
        raise catalogue.bad_range("smoothing", smoothing, needed, "0.0")
    if not 0 <= penalty < math.inf:
        raise catalogue.bad_range("penalty", penalty, "a number of at least 0", "10.0")
    counts = [("n_critic", n_critic, 1), ("epochs", epochs, 0)]
    counts += [] if every is None else [("checkpoint_every", every, 1)]
    for name, value, least in counts:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise catalogue.bad_count(name, value, least)


def _unused(*_: Any) -> Any:
    """A game has two losses, and ``_Game`` knows them."""


class _Players(Module):
    """Both players, as the one model that a run has."""

    generator: Module
    discriminator: Module

    def __init__(self, generator: Module, discriminator: Module) -> None:
        self.generator, self.discriminator = generator, discriminator

    def forward(self, noise: Any) -> Any:
        """Make samples."""
        return self.generator(noise)


class _Pair:
    """Two optimizers, as the one that a run has."""

    def __init__(self, generator: Optimizer, discriminator: Optimizer) -> None:
        self.generator, self.discriminator = generator, discriminator

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        return [*self.generator.param_groups, *self.discriminator.param_groups]

    def state_dict(self) -> dict[str, Any]:
        return {name: player.state_dict() for name, player in vars(self).items()}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        for name, player in vars(self).items():
            player.load_state_dict(saved[name])


class _Real:
    """Batches of real samples alone, as tuples of one."""

    def __init__(self, data: Any, batch_size: int, rng: Rng) -> None:
        if isinstance(data, tuple):
            data = data[0]
        whole = isinstance(data, (np.ndarray, Tensor))
        if whole:
            rows = data.data if isinstance(data, Tensor) else data
            data = DataLoader(rows, batch_size=batch_size, shuffle=True, rng=rng)
        self.batches = batches_of(data, batch_size)

    def __iter__(self) -> Iterator[tuple[Any]]:
        for batch in self.batches:
            yield (batch[0] if isinstance(batch, (tuple, list)) else batch,)

    def __len__(self) -> int:
        return len(self.batches)


class _Game(Run):
    """A run in which a step is one of the generator, after some of the discriminator."""

    model: _Players
    optimizer: Any
    noise: Any
    kind: str
    smoothing: float
    penalty: float
    _player: Optimizer | None = None

    @property
    def drawing(self) -> dict[str, Any]:
        """The noise too, if a function makes it."""
        return {**super().drawing, "noise": self.noise}

    @property
    def parameters(self) -> list[Any]:
        """What the player whose turn it is trains; between steps, both."""
        trains = self._player or self.optimizer
        return [part for group in trains.param_groups for part in group["params"]]

    def one_step(self, group: list[Any]) -> float:
        """Take the discriminator's steps, and the generator's; return the sum of their losses."""
        told = np.zeros(3)
        for batch in group:
            self.samples, (real,) = batch, batch
            told += self._judge(real) / len(group)
            if not np.isfinite(told[0]):
                break
        made = self._make(len(group[-1][0])) if np.isfinite(told[0]) else math.nan
        self.parts = {
            "discriminator_loss": float(told[0]), "generator_loss": made,
            "real_score": float(told[1]), "fake_score": float(told[2]),
        }  # fmt: skip
        self.last_loss = float(told[0]) + made
        return self.last_loss

    def _judge(self, real: Any) -> Any:
        """A step of the discriminator; returns its loss, and the mean scores."""
        critic, optimizer = self.model.discriminator, self.optimizer.discriminator
        with no_grad():
            fake = self.model.generator(self.drawn(len(real))).data
        optimizer.zero_grad()
        of_real, of_fake = critic(real), critic(fake)
        loss = discriminator_loss(of_real, of_fake, self.kind)
        if self.smoothing:
            # The cross-entropy with a label of 1 - s is s times the score more than that with 1.
            loss = loss + self.smoothing * of_real.mean()
        if self.penalty:
            loss = loss + self.penalty * gradient_penalty(critic, real, fake)
        self._follow(loss, optimizer)
        return np.array([loss.item(), of_real.data.mean(), of_fake.data.mean()])

    def _make(self, count: int) -> float:
        """A step of the generator; returns its loss."""
        optimizer = self.optimizer.generator
        optimizer.zero_grad()
        with _still(self.model.discriminator):
            scores = self.model.discriminator(self.model.generator(self.drawn(count)))
            loss = generator_loss(scores, self.kind)
            self._follow(loss, optimizer)
        return float(loss.item())

    def _follow(self, loss: Any, optimizer: Optimizer) -> None:
        if not loss.requires_grad:
            raise catalogue.loss_without_graph()
        loss.backward()
        if not math.isfinite(loss.item()):
            return
        self._player = optimizer
        try:
            self.tell("on_gradients")
            if self.longest is not None:
                clipped(self.parameters, self.longest)
        finally:
            self._player = None
        optimizer.step()

    def drawn(self, count: int) -> Any:
        """Draw noise from the stream that everything random comes from here."""
        rng = stream_of(None)  # inside a run its own, for a look at it that of the look
        if callable(self.noise):
            return self.noise(count, rng)
        dtype = self.model.generator.parameters()[0].dtype
        return rng.standard_normal((count, self.noise)).astype(dtype)


@contextmanager
def _still(model: Module) -> Iterator[None]:
    """Have the parameters of a model require no gradient inside."""
    before = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
    for parameter, _ in before:
        parameter.requires_grad = False
    try:
        yield
    finally:
        for parameter, wanted in before:
            parameter.requires_grad = wanted
