"""How much do generated samples look like real ones?  Floor 0.

`frechet_distance` and `coverage` compare features, shape (samples, features): what a classifier
computes before its last layer, or the coordinates that `pca_features` gives.  Raw pixels work but
say little.  Figures of different features, or of different numbers of samples, do not compare.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ArgumentError, ShapeError
from ..types import Array
from .labels import Floats, one_per_sample

__all__ = ["PCAFeatures", "class_entropy", "coverage", "frechet_distance", "pca_features"]


def frechet_distance(real: ArrayLike, generated: ArrayLike) -> float:
    r"""Return the squared Frechet (2-Wasserstein) distance of the normal distributions fitted.

    .. math:: d^2 = \|\mu_1 - \mu_2\|^2
              + \operatorname{tr}\bigl(\Sigma_1 + \Sigma_2 - 2 (\Sigma_1 \Sigma_2)^{1/2}\bigr)

    Parameters
    ----------
    real, generated : array-like, shape (samples, features)
        Features of at least two samples each; covariances are divided by samples - 1.

    Raises
    ------
    ShapeError, ArgumentError
        Other shapes, different features, one sample, values that are not finite.

    Notes
    -----
    With :math:`\Sigma_i = A_i^\top A_i`, where :math:`A_i` has the centred samples as rows, the
    trace of the root is the sum of the singular values of :math:`A_1 A_2^\top`.  No root of a
    matrix is taken, so covariances may be singular and rounding never makes it complex.

    Examples
    --------
    >>> frechet_distance([[0.0], [2.0]], [[3.0], [5.0]])
    9.0

    References
    ----------
    D. C. Dowson, B. V. Landau, *The Frechet distance between multivariate normal distributions*,
    Journal of Multivariate Analysis 12, 1982, equation 4; in features of a network: M. Heusel et
    al., NeurIPS 2017, section 3 (FID).
    """
    first, second = _feature_pair(real, generated, at_least=2)
    roots = [_root(first), _root(second)]
    spread = sum(float((root**2).sum()) for root in roots)
    joint = np.linalg.svd(roots[0] @ roots[1].T, compute_uv=False).sum()
    shift = first.mean(axis=0) - second.mean(axis=0)
    return max(0.0, float(shift @ shift + spread - 2 * joint))


def _root(features: Floats) -> Floats:
    """A matrix A of no more rows than needed whose A.T @ A is the covariance."""
    centred = (features - features.mean(axis=0)) / np.sqrt(len(features) - 1)
    return np.asarray(np.linalg.qr(centred, mode="r"))


class PCAFeatures:
    """A projection on the directions in which the set it was fitted on varies most.

    Attributes
    ----------
    mean : array, shape (numbers,)
        Of the set fitted on, every sample flattened.
    axes : array, shape (components, numbers)
        Orthonormal rows, by falling variance; the largest entry of each is positive.
    explained : array, shape (components,)
        The share of the variance along each of them.
    """

    def __init__(self, mean: Floats, axes: Floats, explained: Floats, shape: tuple[int, ...]):
        self.mean, self.axes, self.explained, self._shape = mean, axes, explained, shape

    def __call__(self, samples: ArrayLike) -> Floats:
        """Return the coordinates of samples of the shape fitted on, shape (samples, components)."""
        given = np.asarray(samples)
        if given.shape[1:] != self._shape or given.ndim == 0:
            raise ShapeError(
                f"samples of shape {given.shape} for features of samples of shape {self._shape}",
                shapes=[given.shape, self._shape],
                why="the directions were fitted on samples of that shape",
                fix=f"samples.reshape(-1, {', '.join(map(str, self._shape))})",
            )
        coordinates: Floats = (_flat(given, "samples") - self.mean) @ self.axes.T
        return coordinates


def pca_features(fitted_on: ArrayLike, components: int) -> PCAFeatures:
    r"""Return a function that gives samples their principal components: features without a network.

    .. math:: z = V^\top (x - \mu), \qquad X - 1 \mu^\top = U S V^\top

    Parameters
    ----------
    fitted_on : array-like, shape (samples, ...)
        The real samples: the generated ones are seen along the same directions.
    components : int
        How many, at most min(samples - 1, numbers in a sample).

    Returns
    -------
    PCAFeatures
        Called with samples, it returns features of shape (samples, components).

    Raises
    ------
    ShapeError, ArgumentError
        Fewer than two samples, values that are not finite, more components than there are.

    Examples
    --------
    >>> features = pca_features([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]], components=1)
    >>> features([[3.0, 3.0]]).round(3), features.explained.round(3)
    (array([[2.828]]), array([1.]))

    References
    ----------
    H. Hotelling, *Analysis of a complex of statistical variables into principal components*,
    Journal of Educational Psychology 24, 1933.
    """
    given = np.asarray(fitted_on)
    flat = _flat(given, "fitted_on")
    most = min(len(flat) - 1, flat.shape[1])
    count = operator.index(components) if hasattr(components, "__index__") else 0
    if not 1 <= count <= most or isinstance(components, bool):
        raise ArgumentError(
            f"components={components!r} of {len(flat)} samples of {flat.shape[1]} numbers",
            why="n samples vary in n - 1 directions at most",
            fix=f"components={max(1, most)}",
        )
    mean = flat.mean(axis=0)
    _, scale, axes = np.linalg.svd(flat - mean, full_matrices=False)
    axes = axes[:count]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, np.newaxis], axis=1)
    total = float(scale @ scale)
    explained = scale[:count] ** 2 / total if total else np.zeros(count)
    return PCAFeatures(mean, axes * np.where(largest < 0, -1.0, 1.0), explained, given.shape[1:])


def coverage(real: ArrayLike, generated: ArrayLike, *, k: int = 5) -> float:
    r"""Return how many real samples have a generated one in their neighbourhood.

    .. math:: \frac{1}{N} \sum_{i=1}^{N} \bigl[ \min_j \|x_i - y_j\| \le r_k(x_i) \bigr]

    where :math:`r_k(x_i)` is the distance from :math:`x_i` to its :math:`k`-th nearest other real
    sample.

    Parameters
    ----------
    real, generated : array-like, shape (samples, features)
        Features of the real samples :math:`x_i` and of the generated ones :math:`y_j`.
    k : int, 1..real samples - 1
        How wide a neighbourhood is.

    Returns
    -------
    float
        In 0..1; low if the generator leaves out modes.

    Raises
    ------
    ShapeError, ArgumentError
        As `frechet_distance`, but one generated sample will do; ``k`` out of range.

    Notes
    -----
    Neighbourhoods include their rim, so that copies of the real samples cover all of them even if
    some of those are equal.

    Examples
    --------
    >>> coverage([[0.0], [1.0], [10.0], [11.0]], [[0.5], [0.6]], k=1)
    0.5

    References
    ----------
    M. F. Naeem et al., *Reliable fidelity and diversity metrics for generative models*, ICML 2020,
    equation 4.
    """
    first, second = _feature_pair(real, generated, at_least=1)
    count = operator.index(k) if hasattr(k, "__index__") else 0
    if not 1 <= count < len(first) or isinstance(k, bool):
        raise ArgumentError(
            f"k={k!r} for {len(first)} real samples",
            why="a sample has as many neighbours as there are other real samples",
            fix=f"k={max(1, min(5, len(first) - 1))}",
        )
    covered = 0
    for sample in first:
        # The sample itself is at distance 0, so its k-th neighbour is entry k.
        radius = np.partition(((first - sample) ** 2).sum(axis=1), count)[count]
        covered += bool(((second - sample) ** 2).sum(axis=1).min() <= radius)
    return covered / len(first)


def class_entropy(y_pred: ArrayLike, *, base: float | None = None) -> float:
    r"""Return how evenly samples fall into classes, as the entropy of their predicted classes.

    .. math:: H = -\sum_c p_c \ln p_c, \qquad p_c = \frac{1}{n} \sum_{i=1}^{n} [\hat y_i = c]

    Parameters
    ----------
    y_pred : array-like, shape (samples,)
        What a classifier takes the generated samples for.
    base : float above 1, optional
        Of the logarithm; with the number of classes, the result lies in 0..1.

    Returns
    -------
    float
        0 if all are of one class (a collapsed generator), ln K for K classes equally often.

    Raises
    ------
    ShapeError, ArgumentError
        Values that are not class labels, shape (samples,); a base of 1 or less.

    Examples
    --------
    >>> class_entropy([0, 1, 2, 3], base=2)
    2.0

    References
    ----------
    C. E. Shannon, *A mathematical theory of communication*, Bell System Technical Journal 27,
    1948, section 6.
    """
    if base is not None and (isinstance(base, str) or not 1 < base < np.inf):
        raise ArgumentError(f"base={base!r}; a base is a number above 1", fix="base=2")
    _, counts = np.unique(one_per_sample(y_pred, "y_pred"), return_counts=True)
    share = counts / counts.sum()
    entropy = float((share * np.log(1 / share)).sum())
    return entropy if base is None else entropy / float(np.log(base))


def _feature_pair(real: ArrayLike, generated: ArrayLike, *, at_least: int) -> tuple[Floats, Floats]:
    first, second = np.asarray(real), np.asarray(generated)
    if first.ndim != 2 or second.ndim != 2 or first.shape[1] != second.shape[1]:
        raise ShapeError(
            f"real has shape {first.shape} and generated {second.shape}",
            shapes=[first.shape, second.shape],
            why="both are (samples, features), of the same features",
            fix="features = pca_features(real, 10); features(real), features(generated)",
        )
    for name, given, least in (("real", first, 2), ("generated", second, at_least)):
        if len(given) < least or given.shape[1] == 0:
            raise ShapeError(
                f"{name} has shape {given.shape}",
                shapes=[given.shape],
                why=f"at least {least} samples of one feature are needed",
            )
    return _flat(first, "real"), _flat(second, "generated")


def _flat(given: Array, name: str) -> Any:
    """Check that all are finite numbers; one row per sample."""
    if given.dtype.kind not in "iubf" or not np.isfinite(given).all():
        raise ArgumentError(
            f"{name} of dtype {given.dtype} holds values that are not finite numbers",
            why="no distance from them is known",
            fix=f"np.nan_to_num({name})",
        )
    if given.ndim < 1 or given.size == 0:
        raise ShapeError(
            f"{name} has shape {given.shape}", shapes=[given.shape], why="there are no samples"
        )
    return given.reshape(len(given), -1).astype(np.float64)
