"""How much does what is learned depend on a single sample?  By training twins.

``train(x, y, rng)`` is a pure function: it makes a new model, trains it on exactly these samples,
takes everything random from the generator ``rng``, and returns a `Module` or a nest of arrays.
``loss(result, x, y)`` returns one loss for each sample, shape (samples,).  Twins get generators in
the same state, so that they differ by their data only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ArgumentError, ShapeError
from ..seeding import generator
from ..types import Array, Rng
from .twins import Floats, Loss, Train, check_pure, distance, pair, trained, whole

__all__ = [
    "Stability",
    "StabilityBound",
    "leave_one_out",
    "replace_one_stability",
    "sgd_stability_bound",
]


class StabilityBound(NamedTuple):
    """What theory allows: to the expected distance of parameters, and to the expected loss gap."""

    distance: float
    gap: float


@dataclass(frozen=True)
class Stability:
    """Twins that were trained with one sample changed; printed, measurements beside the bound.

    Attributes
    ----------
    samples : int
        How many samples training had.
    indices : int64 array, shape (draws,)
        Which sample was changed.
    distances : array, shape (draws,)
        How far apart the parameters of the twins are, in the Euclidean norm.
    gaps : array, shape (draws,)
        Replace-one: the mean of \\|difference of losses\\| over the samples to judge by.
        Leave-one-out: the loss at the sample left out, minus that of the model which knew it.
    worst_gaps : array, shape (draws,)
        The greatest \\|difference of losses\\| instead of the mean.
    bound : StabilityBound or None
        If step sizes and constants of the loss were given.
    """

    samples: int
    indices: NDArray[np.int64]
    distances: Floats
    gaps: Floats
    worst_gaps: Floats
    bound: StabilityBound | None = None

    @property
    def distance(self) -> float:
        """The mean distance of parameters."""
        return float(self.distances.mean())

    @property
    def gap(self) -> float:
        """The mean gap of losses."""
        return float(self.gaps.mean())

    def __str__(self) -> str:
        lines = [f"{len(self.indices)} twins of {self.samples} samples, one of them changed"]
        lines.append(f"{'':<22}{'mean':>12}{'largest':>12}{'bound':>12}")
        rows = [
            ("parameter distance", self.distances, self.bound and self.bound.distance),
            ("loss gap", self.gaps, self.bound and self.bound.gap),
            ("loss gap, worst point", self.worst_gaps, self.bound and self.bound.gap),
        ]
        for name, values, limit in rows:
            shown = "-" if limit is None else f"{limit:.4g}"
            lines.append(f"{name:<22}{values.mean():>12.4g}{values.max():>12.4g}{shown:>12}")
        return "\n".join(lines)


def sgd_stability_bound(
    rates: ArrayLike, *, lipschitz: float, smoothness: float, samples: int
) -> StabilityBound:
    r"""Return how far replacing one sample can move stochastic gradient descent, on average.

    .. math:: \mathrm{E} \|w_T - w_T'\| \le \frac{2 L}{n} \sum_{t=1}^{T} \alpha_t, \qquad
              \mathrm{E} |\ell(w_T, z) - \ell(w_T', z)| \le \frac{2 L^2}{n} \sum_{t=1}^{T} \alpha_t

    for losses :math:`\ell(\cdot, z)` that are convex, :math:`L`-Lipschitz and
    :math:`\beta`-smooth, and step sizes :math:`\alpha_t \le 2 / \beta`.  The expectation is over
    the order of the samples.

    Parameters
    ----------
    rates : array-like, shape (steps,)
        The step sizes :math:`\alpha_t` of all steps, each on one sample or the mean of a batch.
    lipschitz, smoothness : float, above 0
        :math:`L` and :math:`\beta`, in the parameters, for every sample.
    samples : int, at least 1
        :math:`n`.

    Raises
    ------
    ArgumentError
        Constants that are no positive numbers; a step size outside 0..2 / :math:`\beta`.

    Examples
    --------
    >>> sgd_stability_bound([0.5] * 100, lipschitz=1.0, smoothness=0.25, samples=1000)
    StabilityBound(distance=0.1, gap=0.1)

    References
    ----------
    M. Hardt, B. Recht, Y. Singer, *Train faster, generalize better: stability of stochastic
    gradient descent*, ICML 2016, theorem 3.7 and its proof.
    """
    steps = np.asarray(rates, dtype=np.float64)
    constants = {"lipschitz": lipschitz, "smoothness": smoothness, "samples": samples}
    for name, value in constants.items():
        if not 0 < value < np.inf:
            raise ArgumentError(f"{name}={value!r} is no positive number", fix=f"{name}=1")
    limit = 2 / smoothness
    if steps.ndim != 1 or not ((steps >= 0) & (steps <= limit)).all():
        worst = steps.max() if steps.size else 0.0
        raise ArgumentError(
            f"step sizes of shape {steps.shape} up to {worst:.6g}; 2 / smoothness is {limit:.6g}",
            why="the theorem is about one step size after the other, none above 2 / smoothness: "
            "larger ones can drive twins apart",
            fix="np.minimum(rates, 2 / smoothness)",
        )
    distance = 2 * lipschitz * float(steps.sum()) / samples
    return StabilityBound(distance, lipschitz * distance)


def replace_one_stability(
    train: Train,
    x: ArrayLike,
    y: ArrayLike,
    loss: Loss,
    others: tuple[ArrayLike, ArrayLike],
    *,
    draws: int = 10,
    rates: Sequence[float] | Array | None = None,
    lipschitz: float | None = None,
    smoothness: float | None = None,
    rng: Rng = None,
) -> Stability:
    r"""Train twins whose data differ in one sample, and measure how far apart they come out.

    .. math:: \delta_i = \|w(S) - w(S^{(i)})\|, \qquad
              \varepsilon_i = \frac{1}{m} \sum_{z} |\ell(w(S), z) - \ell(w(S^{(i)}), z)|

    where :math:`S^{(i)}` has another sample in the place of the :math:`i`-th.  A uniformly stable
    algorithm generalizes: the expected difference of test and training loss is at most the
    greatest expected gap.

    Parameters
    ----------
    train : callable
        ``train(x, y, rng)``, pure: see the head of the module.
    x, y : array-like, shape (samples, ...)
        The training data :math:`S`.
    loss : callable
        ``loss(result, x, y)``, shape (samples,).
    others : tuple of array-like
        Samples ``(x, y)`` of the same kind that training does not see: replacements are drawn
        from them, and losses are compared on all :math:`m` of them.
    draws : int, at least 1
        How many pairs of twins.
    rates, lipschitz, smoothness : optional, all or none
        For a convex loss: `sgd_stability_bound` is set beside the measurement.
    rng : Generator or int, optional
        Chooses samples, replacements and the seed of each pair.

    Returns
    -------
    Stability

    Raises
    ------
    ShapeError, ArgumentError
        Data that do not belong together; losses that are not one finite number a sample; a
        ``train`` that gives two results from the same data and generator; constants of a bound
        without the others.

    Notes
    -----
    Trains 2 draws + 1 times: every pair has its own seed, since the theorem is about the
    expectation over the order of the samples, and the first is trained twice to see that
    ``train`` is pure.

    Examples
    --------
    >>> found = replace_one_stability(
    ...     lambda x, y, rng: x.mean(axis=0), [[1.0], [2.0], [3.0], [4.0]], [0] * 4,
    ...     lambda centre, x, y: ((x - centre) ** 2).sum(axis=1), ([[5.0]], [0]), draws=4, rng=0)
    >>> bool(found.distances.max() <= 1)
    True

    References
    ----------
    O. Bousquet, A. Elisseeff, *Stability and generalization*, JMLR 2, 2002, definition 6; M.
    Hardt, B. Recht, Y. Singer, ICML 2016, section 2.
    """
    data, unseen = pair(x, y), pair(*others, "others[0]", "others[1]")
    for here, there in zip(data, unseen, strict=True):
        if here.shape[1:] != there.shape[1:]:
            raise ShapeError(
                f"a training sample has shape {here.shape[1:]}, one of others {there.shape[1:]}",
                shapes=[here.shape, there.shape],
                why="one is put in the place of the other",
            )
    samples = len(data[0])
    bound = _bound(rates, lipschitz, smoothness, samples)
    random = generator(rng)
    rows = []
    for draw in range(whole(draws)):
        index, replacement = int(random.integers(samples)), int(random.integers(len(unseen[0])))
        seed = int(random.integers(2**63))
        changed = _replaced(data[0], index, unseen[0][replacement])
        changed_target = _replaced(data[1], index, unseen[1][replacement])
        first = trained(train, data, seed, loss, unseen)
        if draw == 0:
            check_pure(first, trained(train, data, seed, loss, unseen))
        second = trained(train, (changed, changed_target), seed, loss, unseen)
        apart = np.abs(first.losses - second.losses)
        rows.append((index, distance(first, second), apart.mean(), apart.max()))
    return _collected(samples, rows, bound)


def _replaced(array: Array, index: int, value: Array) -> Array:
    changed = array.astype(np.result_type(array, value))
    changed[index] = value
    return changed


def _bound(
    rates: ArrayLike | None, lipschitz: float | None, smoothness: float | None, samples: int
) -> StabilityBound | None:
    if rates is None and lipschitz is None and smoothness is None:
        return None
    if rates is None or lipschitz is None or smoothness is None:
        raise ArgumentError(
            "rates, lipschitz and smoothness: some are given and some are not",
            why="the bound needs all three",
            fix="rates=[0.1] * steps, lipschitz=1.0, smoothness=0.25",
        )
    return sgd_stability_bound(rates, lipschitz=lipschitz, smoothness=smoothness, samples=samples)


def _collected(
    samples: int, rows: list[tuple[int, float, float, float]], bound: StabilityBound | None
) -> Stability:
    indices, distances, gaps, worst = zip(*rows, strict=True)
    return Stability(
        samples, np.array(indices), np.array(distances), np.array(gaps), np.array(worst), bound
    )


def leave_one_out(
    train: Train,
    x: ArrayLike,
    y: ArrayLike,
    loss: Loss,
    *,
    draws: int | None = None,
    rng: Rng = None,
) -> Stability:
    r"""Train twins of which one lacks a sample, and measure what it loses there.

    .. math:: \delta_i = \|w(S) - w(S^{\setminus i})\|, \qquad
              \varepsilon_i = \ell(w(S^{\setminus i}), z_i) - \ell(w(S), z_i)

    The mean of :math:`\varepsilon_i` over all samples is the leave-one-out estimate of the
    difference of test and training loss.

    Parameters
    ----------
    train, x, y, loss
        As `replace_one_stability`.
    draws : int, 1..samples, optional
        How many different samples to leave out; by default every one.
    rng : Generator or int, optional
        Chooses the samples and the one seed of all twins.

    Returns
    -------
    Stability
        Without a bound: the theorem is about replaced samples.

    Raises
    ------
    ShapeError, ArgumentError
        As `replace_one_stability`; a single sample.

    Notes
    -----
    Trains draws + 2 times.  With one sample fewer the generator gives another order, so that the
    distance of a randomized algorithm contains what its randomness alone does.

    Examples
    --------
    >>> found = leave_one_out(
    ...     lambda x, y, rng: x.mean(axis=0), [[0.0], [1.0], [2.0]], [0, 0, 0],
    ...     lambda centre, x, y: ((x - centre) ** 2).sum(axis=1))
    >>> found.indices, found.distances, found.gaps
    (array([0, 1, 2]), array([0.5, 0. , 0.5]), array([1.25, 0.  , 1.25]))

    References
    ----------
    O. Bousquet, A. Elisseeff, *Stability and generalization*, JMLR 2, 2002, definitions 3 and 4.
    """
    data = pair(x, y)
    samples = len(data[0])
    if samples < 2:
        raise ShapeError(
            "one sample",
            shapes=[data[0].shape],
            why="a twin would be left with nothing to learn from",
        )
    count = samples if draws is None else whole(draws)
    if count > samples:
        raise ArgumentError(
            f"draws={count} of {samples} samples",
            why="every sample is left out once at most",
            fix=f"draws={samples}",
        )
    random = generator(rng)
    indices = np.arange(samples) if draws is None else random.permutation(samples)[:count]
    seed = int(random.integers(2**63))
    knew = trained(train, data, seed, loss, data)
    check_pure(knew, trained(train, data, seed, loss, data))
    rows = []
    for index in map(int, indices):
        kept = np.arange(samples) != index
        twin = trained(train, (data[0][kept], data[1][kept]), seed, loss, data)
        apart = twin.losses - knew.losses
        rows.append((index, distance(knew, twin), apart[index], np.abs(apart).max()))
    return _collected(samples, rows, None)
