"""Small data sets made by a formula and a generator: lessons for one idea each.  Floor 0.

Every function returns a `Dataset`, float32 features and int64 classes (float32 values for a
regression), with the rows in an order that tells nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ArgumentError
from ..seeding import generator
from ..types import Array, Rng
from .datasets import Dataset
from .rows import positive

__all__ = ["blobs", "circles", "made", "moons", "ring_of_gaussians", "sine", "spirals", "xor"]

_PLANE = ("x", "y")


def xor(samples: int = 200, *, noise: float = 0.1, rng: Rng = None) -> Dataset:
    r"""Four clouds at the corners of a square; opposite corners are of one class.

    .. math:: y = [x_1 > 0] \oplus [x_2 > 0] \text{ before noise of deviation } \sigma

    Parameters
    ----------
    samples : int
        Rows, shared out evenly among the corners (±1, ±1).
    noise : float, at least 0
        Standard deviation around a corner; 0 gives the corners themselves.
    rng : Generator or int, optional
        Where chance comes from.

    Examples
    --------
    >>> x, y = xor(4, noise=0, rng=0)
    >>> sorted((*row, label) for row, label in zip(x.tolist(), y.tolist()))
    [(-1.0, -1.0, 0), (-1.0, 1.0, 1), (1.0, -1.0, 1), (1.0, 1.0, 0)]

    References
    ----------
    M. Minsky, S. Papert, *Perceptrons*, 1969: no single layer separates it.
    """
    random, rows = generator(rng), positive("samples", samples)
    corner = np.arange(rows) % 4
    signs = np.stack([corner // 2, corner % 2], axis=1) * 2.0 - 1.0
    points = signs + _spread(noise) * random.standard_normal((rows, 2))
    return made("xor", points, (signs[:, 0] != signs[:, 1]), random, ("equal", "different"))


def spirals(
    samples: int = 300, *, arms: int = 2, turns: float = 1.0, noise: float = 0.02, rng: Rng = None
) -> Dataset:
    r"""Arms that wind around the origin, a class each.

    .. math:: r \sim U[0.05, 1), \quad \varphi = 2 \pi (c / k + t r), \quad
              x = r (\cos \varphi, \sin \varphi)

    Parameters
    ----------
    samples : int
        Rows, shared out evenly among the arms.
    arms : int, at least 1
        Classes :math:`k`.
    turns : float
        How often an arm winds around, :math:`t`.
    noise : float, at least 0
        Standard deviation of what is added to each coordinate.
    rng : Generator or int, optional
        Where chance comes from.

    Examples
    --------
    >>> spirals(90, arms=3, rng=0)
    Dataset('spirals': features (90, 2), targets (90,), 3 classes)

    References
    ----------
    K. Lang, M. Witbrock, *Learning to tell two spirals apart*, 1988.
    """
    random, rows, k = generator(rng), positive("samples", samples), positive("arms", arms)
    arm, radius = np.arange(rows) % k, random.uniform(0.05, 1.0, rows)
    points = radius[:, None] * _around(arm / k + turns * radius)
    points += _spread(noise) * random.standard_normal((rows, 2))
    return made("spirals", points, arm, random, tuple(f"arm {c}" for c in range(k)))


def moons(samples: int = 200, *, noise: float = 0.1, rng: Rng = None) -> Dataset:
    r"""Two half circles that reach into each other.

    .. math:: x = (\cos \varphi, \sin \varphi) \text{ or }
              (1 - \cos \varphi, \tfrac12 - \sin \varphi), \quad \varphi \sim U[0, \pi)

    Parameters
    ----------
    samples : int
        Rows, shared out evenly.
    noise : float, at least 0
        Standard deviation of what is added to each coordinate.
    rng : Generator or int, optional
        Where chance comes from.

    Examples
    --------
    >>> moons(100, rng=0)
    Dataset('moons': features (100, 2), targets (100,), 2 classes)

    References
    ----------
    The shapes are those of scikit-learn's ``make_moons``.
    """
    random, rows = generator(rng), positive("samples", samples)
    lower = np.arange(rows) % 2
    points = _around(random.uniform(0.0, 0.5, rows))
    points = np.where(lower[:, None] == 1, [1.0, 0.5] - points, points)
    points += _spread(noise) * random.standard_normal((rows, 2))
    return made("moons", points, lower, random, ("upper", "lower"))


def circles(
    samples: int = 200, *, factor: float = 0.5, noise: float = 0.05, rng: Rng = None
) -> Dataset:
    r"""A circle within a circle.

    .. math:: x = \rho_c (\cos \varphi, \sin \varphi), \quad
              \rho = (1, f), \quad \varphi \sim U[0, 2 \pi)

    Parameters
    ----------
    samples : int
        Rows, shared out evenly.
    factor : float in (0, 1)
        Radius of the inner one.
    noise : float, at least 0
        Standard deviation of what is added to each coordinate.
    rng : Generator or int, optional
        Where chance comes from.

    Examples
    --------
    >>> x, y = circles(100, noise=0, rng=0)
    >>> [float(np.hypot(*x[y == c].T).mean().round(6)) for c in (0, 1)]
    [1.0, 0.5]

    References
    ----------
    The shapes are those of scikit-learn's ``make_circles``.
    """
    if not 0 < factor < 1:
        raise ArgumentError(
            f"factor={factor!r} is not between 0 and 1",
            why="it is the inner radius; the outer is 1",
            fix="circles(factor=0.5)",
        )
    random, rows = generator(rng), positive("samples", samples)
    inner = np.arange(rows) % 2
    points = np.where(inner == 1, factor, 1.0)[:, None] * _around(random.random(rows))
    points += _spread(noise) * random.standard_normal((rows, 2))
    return made("circles", points, inner, random, ("outer", "inner"))


def blobs(
    samples: int = 300,
    *,
    centers: int | ArrayLike = 3,
    features: int = 2,
    spread: float = 1.0,
    rng: Rng = None,
) -> Dataset:
    r"""Round clouds, a class each.

    .. math:: x \sim N(\mu_c, \sigma^2 I)

    Parameters
    ----------
    samples : int
        Rows, shared out evenly among the clouds.
    centers : int, or array-like of shape (classes, features)
        The centres, or how many to draw from ``U[-10, 10)``.
    features : int
        Columns, if the centres are drawn.
    spread : float, at least 0
        The standard deviation of each cloud.
    rng : Generator or int, optional
        Where chance comes from.

    Examples
    --------
    >>> x, y = blobs(4, centers=[[0.0], [9.0]], spread=0, rng=0)
    >>> sorted(zip(x.ravel().tolist(), y.tolist()))
    [(0.0, 0), (0.0, 0), (9.0, 1), (9.0, 1)]

    References
    ----------
    R. A. Fisher, *The use of multiple measurements in taxonomic problems*, 1936: classes of one
    spread are separated best by planes.
    """
    random, rows = generator(rng), positive("samples", samples)
    if isinstance(centers, (int, np.integer)):
        shape = positive("centers", centers), positive("features", features)
        means = random.uniform(-10.0, 10.0, shape)
    else:
        means = np.array(centers, dtype=np.float64)
    if means.ndim != 2 or not means.size:
        raise ArgumentError(
            f"centers have shape {means.shape}: one row per class is needed",
            fix="blobs(centers=[[0, 0], [5, 5]])",
        )
    cloud = np.arange(rows) % len(means)
    points = means[cloud] + _spread(spread) * random.standard_normal((rows, means.shape[1]))
    return made("blobs", points, cloud, random, tuple(f"blob {c}" for c in range(len(means))))


def sine(
    samples: int = 200, *, periods: float = 1.0, noise: float = 0.1, rng: Rng = None
) -> Dataset:
    r"""A regression whose answer is known: a sine and noise.

    .. math:: y = \sin(\pi p x) + \sigma \varepsilon, \qquad x \sim U[-1, 1), \;
              \varepsilon \sim N(0, 1)

    Parameters
    ----------
    samples : int
        Rows.
    periods : float
        How many periods :math:`p` there are between -1 and 1.
    noise : float, at least 0
        Standard deviation :math:`\sigma`; no model comes below :math:`\sigma^2` on new rows.
    rng : Generator or int, optional
        Where chance comes from.

    Examples
    --------
    >>> x, y = sine(50, noise=0, rng=0)
    >>> x.shape, y.shape, bool(abs(y - np.sin(np.pi * x[:, 0])).max() < 1e-6)
    ((50, 1), (50,), True)

    References
    ----------
    C. Bishop, *Pattern Recognition and Machine Learning*, 2006, section 1.1.
    """
    random, rows = generator(rng), positive("samples", samples)
    x = random.uniform(-1.0, 1.0, rows)
    y = np.sin(np.pi * periods * x) + _spread(noise) * random.standard_normal(rows)
    return Dataset(
        "sine", x[:, None].astype(np.float32), y.astype(np.float32), ("x",), (), "sine", "free"
    )


def ring_of_gaussians(
    samples: int = 800,
    *,
    modes: int = 8,
    radius: float = 2.0,
    spread: float = 0.02,
    rng: Rng = None,
) -> Dataset:
    r"""Small clouds on a circle: a generator that collapses leaves some of them out, visibly.

    .. math:: x \sim N\big(\rho (\cos \tfrac{2 \pi c}{k}, \sin \tfrac{2 \pi c}{k}),
              \; \sigma^2 I\big)

    Parameters
    ----------
    samples : int
        Rows, shared out evenly among the clouds.
    modes : int, at least 1
        Clouds :math:`k`; the class is the cloud.
    radius, spread : float
        Of the circle :math:`\rho`, and the standard deviation of a cloud.
    rng : Generator or int, optional
        Where chance comes from.

    Examples
    --------
    >>> x, y = ring_of_gaussians(8, spread=0, rng=0)
    >>> x[y == 2].round(6).tolist()
    [[0.0, 2.0]]

    References
    ----------
    L. Metz et al., *Unrolled generative adversarial networks*, 2017, section 3.1.
    """
    random, rows, k = generator(rng), positive("samples", samples), positive("modes", modes)
    mode = np.arange(rows) % k
    points = radius * _around(mode / k) + _spread(spread) * random.standard_normal((rows, 2))
    return made("ring_of_gaussians", points, mode, random, tuple(f"mode {c}" for c in range(k)))


def _around(turns: Array) -> Array:
    """Points of the unit circle, shape (samples, 2), by their angles in turns."""
    angle = 2 * np.pi * turns
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _spread(noise: float) -> float:
    if isinstance(noise, (int, float, np.number)) and 0 <= noise < np.inf:
        return float(noise)
    raise ArgumentError(
        f"a standard deviation is a number of at least 0, got {noise!r}", fix="noise=0.1"
    )


def made(
    name: str,
    points: Array,
    classes: Array,
    random: np.random.Generator,
    labels: tuple[str, ...],
    columns: Any = None,
) -> Dataset:
    """Return points and their classes as a data set, the rows in random order."""
    order = random.permutation(len(points))
    if columns is None:
        plane = points.shape[1] == 2
        columns = _PLANE if plane else tuple(f"x{k}" for k in range(points.shape[1]))
    return Dataset(
        name,
        points[order].astype(np.float32),
        classes[order].astype(np.int64),
        columns,
        labels,
        "made by tinygrad_edu.data." + name,
        "free",
    )
