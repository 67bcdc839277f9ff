"""Functions of SciPy and scikit-learn that are written for the Array API, called with Tensors.

Both libraries read SCIPY_ARRAY_API when they are imported, so the tests run this file in an
interpreter of its own. It prints, for each function, what became of it.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import sklearn
from scipy import constants, integrate, special, stats
from scipy.cluster import vq
from scipy.spatial.transform import Rotation
from sklearn import metrics, preprocessing
from sklearn.decomposition import PCA
from sklearn.metrics import pairwise

import tinygrad_edu as tg

_RNG = np.random.default_rng(0)
ROWS = _RNG.uniform(0.2, 0.9, (6, 3))
X, Y = ROWS[:, 0].copy(), ROWS[:, 1].copy()
CLASSES, GUESSES = _RNG.integers(0, 3, (2, 12))

Case = tuple[Callable[..., Any], tuple[np.ndarray, ...]]


def _named(room: Any, prefix: str, names: str, *operands: np.ndarray) -> dict[str, Case]:
    return {f"{prefix}.{name}": (getattr(room, name), operands) for name in names.split()}


# A gradient flows through all of these, to second order.
DIFFERENTIABLE: dict[str, Case] = {
    **_named(
        special,
        "special",
        "cbrt digamma entr erf erfc exp2 expit expm1 gammaln log1p logit ndtr psi sinc softmax",
        X,
    ),
    **_named(special, "special", "betaln kl_div rel_entr xlog1py xlogy", X, Y),
    **_named(stats, "stats", "circmean circstd circvar gmean hmean kurtosis sem skew", X),
    **_named(stats, "stats", "entropy zmap", X, Y),
    "stats.differential_entropy": (stats.differential_entropy, (ROWS[:, 2].copy(),)),
    "stats.directional_stats": (lambda x: stats.directional_stats(x).mean_direction, (ROWS,)),
    "stats.kstat": (stats.kstat, (X,)),
    "stats.moment": (lambda x: stats.moment(x, 3), (X,)),
    "integrate.trapezoid": (integrate.trapezoid, (X,)),
    "integrate.cumulative_trapezoid": (integrate.cumulative_trapezoid, (X,)),
    "constants.convert_temperature": (
        lambda x: constants.convert_temperature(x, "Celsius", "Fahrenheit"),
        (X,),
    ),
    "spatial.Rotation": (lambda x: Rotation.from_rotvec(x).as_matrix(), (ROWS,)),
    **_named(
        pairwise,
        "pairwise",
        "additive_chi2_kernel linear_kernel polynomial_kernel rbf_kernel sigmoid_kernel",
        ROWS,
        ROWS[:2] + 0.1,
    ),
    "decomposition.PCA": (
        lambda x: PCA(2, svd_solver="full").fit_transform(x),
        (ROWS,),
    ),
    "preprocessing.KernelCenterer": (
        lambda x: preprocessing.KernelCenterer().fit_transform(x),
        (ROWS @ ROWS.T,),
    ),
}
# These answer a Python number or whole numbers.
VALUES: dict[str, Case] = {
    **_named(
        metrics,
        "metrics",
        "max_error mean_absolute_error mean_gamma_deviance mean_pinball_loss"
        " mean_poisson_deviance mean_squared_error mean_squared_log_error root_mean_squared_error",
        X,
        Y,
    ),
    **_named(
        metrics,
        "metrics",
        "accuracy_score confusion_matrix hamming_loss zero_one_loss",
        CLASSES,
        GUESSES,
    ),
    "stats.rankdata": (stats.rankdata, (X,)),
}
# SciPy computes these on plain numbers: right for constants, and refused where a gradient is
# at stake.
WITHOUT_GRADIENT: dict[str, Case] = {
    **_named(special, "special", "erfinv exp1 i0 j1 log_ndtr ndtri", X),
    "special.gammainc": (special.gammainc, (X, Y)),
    "stats.ttest_ind": (lambda x, y: stats.ttest_ind(x, y).pvalue, (X, Y)),
    "stats.jarque_bera": (lambda x: stats.jarque_bera(x).pvalue, (X,)),
    "vq.vq": (lambda x, y: vq.vq(x, y)[1], (ROWS, ROWS[:2].copy())),
}
# These assign to elements of their own copies.
ASSIGNING: dict[str, Case] = {
    **_named(special, "special", "log_softmax logsumexp", X),
    **_named(stats, "stats", "iqr tmean variation zscore", X),
    "stats.pearsonr": (lambda x, y: stats.pearsonr(x, y).statistic, (X, Y)),
    **_named(metrics, "metrics", "explained_variance_score r2_score", X, Y),
    "metrics.f1_score": (
        lambda x, y: metrics.f1_score(x, y, average="macro"),
        (CLASSES, GUESSES),
    ),
    "preprocessing.StandardScaler": (
        lambda x: preprocessing.StandardScaler().fit_transform(x),
        (ROWS,),
    ),
}


def value(f: Callable[..., Any], operands: tuple[np.ndarray, ...]) -> str:
    """Whether Tensors give what arrays give."""
    found = f(*[tg.Tensor(x) for x in operands])
    plain = found.data if isinstance(found, tg.Tensor) else np.asarray(found)
    np.testing.assert_allclose(plain, np.asarray(f(*operands)), rtol=1e-12, atol=1e-14)
    return type(found).__name__


def refusal(f: Callable[..., Any], operands: tuple[np.ndarray, ...]) -> str:
    """What becomes of operands that require a gradient."""
    tracked = [tg.Tensor(x, requires_grad=x.dtype.kind == "f") for x in operands]
    try:
        f(*tracked)
    except tg.errors.TinygradError as error:
        return type(error).__name__
    return "accepted"


def _tried(what: Callable[..., str], case: Case) -> str:
    try:
        return what(*case)
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:500]


def main() -> None:
    warnings.simplefilter("ignore")
    sklearn.set_config(array_api_dispatch=True)
    answers: dict[str, dict[str, str]] = {}
    for name, case in {**DIFFERENTIABLE, **VALUES, **WITHOUT_GRADIENT}.items():
        answers.setdefault(name, {})["value"] = _tried(value, case)
    for name, case in DIFFERENTIABLE.items():
        answers[name]["gradient"] = _tried(
            lambda f, xs: tg.testing.check_gradients(f, *xs, order=2).verdict, case
        )
    for name, case in {**WITHOUT_GRADIENT, **ASSIGNING}.items():
        answers.setdefault(name, {})["refusal"] = _tried(refusal, case)
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
