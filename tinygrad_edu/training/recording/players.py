"""``GANRecorder``: one step of a game in its five parts, again and again."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...autodiff.tensor import Tensor
from ...autodiff.transforms import grad
from ...errors import ShapeError
from ...mode import no_grad
from ...nn.functional import discriminator_loss, generator_loss
from ...types import Array
from .. import catalogue
from .frames import Frames

__all__ = ["GANRecorder"]


class GANRecorder(Frames):
    """Keep steps of ``fit_gan`` on points of the plane, each in its five parts.

    The parts are: both sides sample; the discriminator's loss; its update; the generator's loss;
    its update.

    Parameters
    ----------
    data : array_like, shape (samples, 2)
        Real points.
    count : int, at least 8
        How many generated points to watch. Their noise stays the same, so that each is seen to
        move; the training draws noise of its own.
    frames : int, at least 2
        How many steps to keep, evenly spaced.
    points : int, at least 8
        Places in each direction at which the discriminator is asked.
    seed : int
        Of the noise.

    Attributes
    ----------
    frames : list of dict
        ``"at"``, the step; ``"made"``, generated points before the step, after it, and at the end
        of the run once; ``"pulls"``, where less loss of the generator lies for each of them;
        ``"field"``, the discriminator's scores over the plane before and after its update;
        ``"losses"``, those of the discriminator before and after its update, then those of the
        generator; ``"scores"`` of real and generated points, before and after the discriminator's
        update.

    Notes
    -----
    The five parts after: Kahng, Thorat, Chau, Viegas, Wattenberg 2019, *GAN Lab*, section 4.
    """

    def __init__(
        self, data: Any, *, count: int = 128, frames: int = 41, points: int = 36, seed: int = 0
    ) -> None:
        super().__init__(frames)
        rows = np.asarray(data.data if isinstance(data, Tensor) else data)
        if rows.ndim != 2 or rows.shape[1] != 2 or len(rows) < 8:
            raise ShapeError(
                f"real points have shape {rows.shape}, not (samples, 2) with 8 samples or more",
                shapes=[rows.shape],
                fix="GANRecorder(x[:, :2])",
            )
        self.real = rows[np.linspace(0, len(rows) - 1, min(len(rows), 2 * count)).astype(int)]
        low, high = rows.min(axis=0), rows.max(axis=0)
        middle, reach = (low + high) / 2, 0.66 * float((high - low).max()) + 1e-6
        self.region = np.stack([middle - reach, middle + reach], axis=1).astype(np.float64)
        middles = (np.arange(points) + 0.5) / points
        across, up = (a + (b - a) * middles for a, b in self.region)
        self._grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2).astype(rows.dtype)
        self.count, self._side, self._seed = count, points, seed
        self._noise: Any = None
        self.kind = ""

    def on_start(self, run: Any) -> None:
        """Draw the noise."""
        super().on_start(run)
        if not hasattr(run, "noise"):
            raise catalogue.no_game()
        rng, noise = np.random.default_rng(self._seed), run.noise
        self.kind = run.kind
        dtype = run.model.generator.parameters()[0].dtype
        if callable(noise):
            self._noise = noise(self.count, rng)
        else:
            self._noise = rng.standard_normal((self.count, noise)).astype(dtype)
        self._open: dict[str, Any] | None = None

    def on_gradients(self, run: Any) -> None:
        """Look at both players before the update of one of them."""
        own = {id(parameter) for parameter in run.model.generator.parameters()}
        if run.step % self._stride:
            return
        if id(run.parameters[0]) not in own:
            if self._open is None:  # the first of the discriminator's steps
                self._open = self._before(run)
        elif self._open is not None:
            self._between(run, self._open)

    def on_step(self, run: Any) -> None:
        """Look at what the generator makes now, and close the frame."""
        if self._open is None:
            return
        frame, self._open = self._open, None
        made = self._made(run)
        frame["made"].append(made)
        frame["losses"].append(self._lost(run, made))
        self.keep(run.step - 1, lambda: frame)

    def on_end(self, run: Any) -> None:
        """Keep how it ended, without a step."""
        self.close(run, run.step, lambda: {**self._before(run), "end": True})

    def _before(self, run: Any) -> dict[str, Any]:
        made = self._made(run)
        scores = self._scores(run, made)
        return {
            "made": [made], "field": [self._field(run)], "scores": [scores],
            "losses": [self._judged(scores)],
        }  # fmt: skip

    def _between(self, run: Any, frame: dict[str, Any]) -> None:
        (made,) = frame["made"]
        scores = self._scores(run, made)
        frame["field"].append(self._field(run))
        frame["scores"].append(scores)
        frame["losses"] += [self._judged(scores), self._lost(run, made)]
        critic = run.model.discriminator
        with critic.evaluating():
            pull = grad(lambda points: generator_loss(critic(points), self.kind))(Tensor(made))
        frame["pulls"] = -np.asarray(pull.data if isinstance(pull, Tensor) else pull)

    def _made(self, run: Any) -> Array:
        with no_grad(), run.model.evaluating():
            return np.array(run.model.generator(self._noise).data)

    def _scores(self, run: Any, made: Array) -> tuple[Array, Array]:
        with no_grad(), run.model.evaluating():
            of = [run.model.discriminator(points).data.ravel() for points in (self.real, made)]
        return np.array(of[0]), np.array(of[1])

    def _field(self, run: Any) -> Array:
        with no_grad(), run.model.evaluating():
            scores = run.model.discriminator(self._grid).data
        return np.array(scores.reshape(self._side, self._side))

    def _judged(self, scores: tuple[Array, Array]) -> float:
        return float(discriminator_loss(Tensor(scores[0]), Tensor(scores[1]), self.kind).item())

    def _lost(self, run: Any, made: Array) -> float:
        with no_grad(), run.model.evaluating():
            return float(generator_loss(run.model.discriminator(made), self.kind).item())
