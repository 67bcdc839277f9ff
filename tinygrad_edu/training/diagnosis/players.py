"""Two players: who wins, and how much of the data a generator gives."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...mode import no_grad
from ...seeding import seed
from ...types import Array
from .. import catalogue
from ..callback import Callback
from .notes import note
from .trial import array_of

if TYPE_CHECKING:
    from ..run import Run

__all__ = ["GANHealth", "GANMonitor", "gan_health"]

NEIGHBOURS = 5
MOST = 1024  # samples that are compared, the first of each; all pairs are measured
# Of real samples against real ones coverage is 1 - 2**-5 = 0.97; half of it leaves room for noise
# of small batches, and a generator that lost a third of the modes is still spoken of as poor.
COLLAPSED, POOR, STRAY = 0.35, 0.75, 0.25
# Generated samples less than this times as far from each other as real ones are nearly one sample.
ONE_SAMPLE = 0.3
WINS = 0.95
LASTS = 3  # looks after which what they say is no accident


@dataclass(frozen=True)
class GANHealth:
    """How two players stand.

    Attributes
    ----------
    real_accuracy, fake_accuracy : float
        Which part of real and generated samples the discriminator tells right; NaN without scores.
    diversity : float
        Mean distance of generated samples from each other, by that of real ones.
    coverage : float
        Which part of the real samples has a generated one among its nearest neighbours.
    fidelity : float
        Which part of the generated samples is as near to a real one as real ones are.
    collapsed : bool
        Whether the generator gives only a part of the data, or nearly one sample.
    verdict : str
        In words.
    """

    real_accuracy: float
    fake_accuracy: float
    diversity: float
    coverage: float
    fidelity: float
    collapsed: bool
    verdict: str


def gan_health(
    real: Any, fake: Any, real_score: Any = None, fake_score: Any = None, *, threshold: float = 0.0
) -> GANHealth:
    r"""Return how a generator and its discriminator stand.

    .. math:: \text{coverage} = \frac1n \sum_i \big[ \min_j |x_i - \tilde x_j| \le r_k(x_i) \big]

    with :math:`r_k(x_i)` the distance of a real sample from its k-th nearest real neighbour.

    Parameters
    ----------
    real, fake : array_like, shape (samples, ...)
        Real and generated samples, at least 8 of each; best as many of one as of the other.
    real_score, fake_score : array_like, optional
        What the discriminator says of them.
    threshold : float
        Scores above it mean real: 0 for logits, 0.5 for probabilities.

    Returns
    -------
    GANHealth
        ``.verdict`` says it in words.

    Notes
    -----
    Source: Naeem et al. 2020, "Reliable fidelity and diversity metrics for generative models",
    equation 4.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> real = rng.normal(size=(256, 2))
    >>> gan_health(real, rng.normal(size=(256, 2))).verdict
    'healthy: generated samples cover the data'
    >>> gan_health(real, 0.01 * rng.normal(size=(256, 2))).collapsed
    True
    """
    a, b = _rows(real), _rows(fake)
    right = _share(real_score, threshold, True), _share(fake_score, threshold, False)
    if not np.isfinite(b).all():
        words = "generated samples are not finite"
        return GANHealth(right[0], right[1], math.nan, math.nan, math.nan, False, words)
    within, across = _distances(a, a), _distances(a, b)
    diversity = _mean_pair(_distances(b, b)) / max(_mean_pair(within), 1e-12)
    np.fill_diagonal(within, np.inf)
    k = min(NEIGHBOURS, len(a) - 1)
    radius = np.partition(within, k - 1, axis=1)[:, k - 1]
    # Fewer generated samples than real ones reach fewer neighbours; that is no collapse.
    expected = 1 - (1 + len(b) / len(a)) ** -k
    coverage = min(1.0, float(np.mean(across.min(axis=1) <= radius)) / expected)
    fidelity = float(np.mean((across <= radius[:, None]).any(axis=0)))
    collapsed = diversity < ONE_SAMPLE or (coverage < COLLAPSED and fidelity > STRAY)
    words = _words(diversity, coverage, fidelity, collapsed, *right)
    return GANHealth(right[0], right[1], diversity, coverage, fidelity, collapsed, words)


def _words(
    diversity: float, coverage: float, fidelity: float, collapsed: bool, real: float, fake: float
) -> str:
    said = []
    if collapsed:
        said.append(
            f"collapse: generated samples cover {coverage:.0%} of the data, and are "
            f"{diversity:.2g} times as far from each other as real ones"
        )
    elif fidelity <= STRAY:
        said.append(f"far off: {fidelity:.0%} of the generated samples are near a real one")
    elif coverage < POOR:
        said.append(f"parts of the data are missing: {coverage:.0%} of it is covered")
    if min(real, fake) > WINS:
        said.append(
            f"the discriminator wins: it tells {real:.0%} of real and {fake:.0%} of generated "
            "samples right, so the generator's gradient is small"
        )
    elif max(real, fake) < 1 - WINS:
        said.append("the discriminator is wrong about nearly all samples: are labels swapped?")
    elif fake < 1 - WINS and real > WINS:
        said.append("the generator fools the discriminator, which calls everything real")
    return "; ".join(said) or "healthy: generated samples cover the data"


def _rows(given: Any) -> Array:
    array = array_of(given)
    assert array is not None
    return array.reshape(len(array), -1)[:MOST].astype(np.float64)


def _share(score: Any, threshold: float, real: bool) -> float:
    array = array_of(score) if score is not None else None
    if array is None or not array.size:
        return math.nan
    return float(np.mean((array > threshold) == real))


def _distances(a: Array, b: Array) -> Array:
    squares = np.sum(a**2, axis=1)[:, None] + np.sum(b**2, axis=1) - 2 * a @ b.T
    found: Array = np.sqrt(np.maximum(squares, 0))
    return found


def _mean_pair(distances: Array) -> float:
    n = len(distances)
    return float(distances.sum() / max(n * (n - 1), 1))


class GANMonitor(Callback):
    """Keep how two players stand, look after look, and say what lasts.

    Parameters
    ----------
    threshold : float
        As for ``gan_health``.
    every : int
        Among the callbacks of ``fit_gan``: steps between two looks.
    real : array_like, shape (samples, ...), optional
        Among the callbacks of ``fit_gan``: what generated samples are compared with, best held out
        from training. The first 1024 count.
    features : callable, optional
        What real and generated arrays are turned into before they are compared, such as the last
        hidden layer of a classifier: distances of raw images say little.
    notes : bool
        Warn with a ``TrainNote`` when a collapse, or a discriminator that wins, has lasted for
        three looks; the words are kept in ``.notes`` in any case.

    Attributes
    ----------
    history : list of GANHealth
        One of each look.
    steps : list of int
        After which step each look of a run was taken.
    samples : array or None
        What the generator made at the last look of a run, always from the same noise.
    notes : list of str
        What lasted, in words, each said once.

    Notes
    -----
    Nothing of the run changes, not a bit of its random numbers: a look has noise of its own, and
    both players are in evaluation mode meanwhile. A run that is resumed goes on with the looks
    that were taken.

    Examples
    --------
    >>> rng, watch = np.random.default_rng(0), GANMonitor()
    >>> for _ in range(3):
    ...     _ = watch.look(rng.normal(size=(64, 2)), np.zeros((64, 2)))
    >>> watch.verdict[:31]
    'collapse in the last 3 looks: g'
    """

    def __init__(
        self,
        threshold: float = 0.0,
        *,
        every: int = 50,
        real: Any = None,
        features: Callable[[Array], Any] | None = None,
        notes: bool = True,
    ) -> None:
        self.threshold, self.every, self._warns = threshold, max(int(every), 1), notes
        self.real = None if real is None else np.asarray(array_of(real))[:MOST]
        self.features = features
        self.history: list[GANHealth] = []
        self.steps: list[int] = []
        self.samples: Array | None = None
        self.notes: list[str] = []
        self._said: set[str] = set()

    def on_start(self, run: Run) -> None:
        """Refuse a run that has not two players, or nothing to compare with."""
        if self.real is None or not hasattr(run, "drawn"):
            raise catalogue.nothing_to_watch(self.real is None)

    def on_step(self, run: Run) -> None:
        """Look, if it is time to."""
        if run.step % self.every:
            return
        players: Any = run
        critic, real = players.model.discriminator, self.real
        assert real is not None
        with no_grad(), seed(0), run.model.evaluating():
            fake = players.model.generator(players.drawn(len(real))).data
            scores = critic(real).data, critic(fake).data
            of = self.features or (lambda array: array)
            compared = of(real), of(fake)
        self.samples = fake
        self.steps.append(run.step)
        self.look(*compared, *scores)
        self._note()

    def look(
        self, real: Any, fake: Any, real_score: Any = None, fake_score: Any = None
    ) -> GANHealth:
        """Measure samples and scores of one step; see ``gan_health``."""
        seen = gan_health(real, fake, real_score, fake_score, threshold=self.threshold)
        self.history.append(seen)
        return seen

    def __getitem__(self, column: str) -> Array:
        """One attribute of all looks, for plots."""
        return np.array([getattr(seen, column) for seen in self.history])

    @property
    def verdict(self) -> str:
        """What the last look says, and for how long it has been so if it is a collapse."""
        if not self.history:
            return "nothing was looked at"
        last = self.history[-1].verdict
        count = 0
        for seen in reversed(self.history):
            if not seen.collapsed:
                break
            count += 1
        looks = f"collapse in the last {count} looks:"
        return last.replace("collapse:", looks, 1) if count > 1 else last

    def _note(self) -> None:
        """Say what has lasted."""
        recent = [seen.verdict for seen in self.history[-LASTS:]]
        for trouble in ("collapse", "the discriminator wins"):
            lasts = len(recent) == LASTS and all(trouble in words for words in recent)
            if lasts and trouble not in self._said:
                self._said.add(trouble)
                said = f"step {self.steps[-1]}: {self.verdict}"
                self.notes.append(said)
                if self._warns:
                    note(said)

    def state(self) -> dict[str, Any]:
        """Return what was seen, for a run that goes on later."""
        return {
            "looks": [asdict(seen) for seen in self.history], "steps": list(self.steps),
            "notes": list(self.notes), "said": sorted(self._said),
        }  # fmt: skip

    def load(self, saved: dict[str, Any]) -> None:
        """Take over what another monitor saw."""
        self.history = [GANHealth(**seen) for seen in saved["looks"]]
        self.steps = [int(step) for step in saved["steps"]]
        self.notes, self._said = list(map(str, saved["notes"])), set(map(str, saved["said"]))
