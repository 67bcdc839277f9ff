"""The losses of lesson 5 have the values of scikit-learn and SciPy."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.nn import functional as F

metrics = pytest.importorskip("sklearn.metrics")
special = pytest.importorskip("scipy.special")
pytestmark = pytest.mark.parity


@pytest.mark.parametrize("seed", range(5))
def test_losses_are_those_of_other_libraries_to_ten_digits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y, t = rng.normal(size=40) * 3, rng.normal(size=40)
    scores, k = rng.normal(size=(40, 5)) * 3, rng.integers(0, 5, 40)
    truth = np.concatenate([[0, 1], rng.integers(0, 2, 38)])
    pairs = {
        "mse": (F.mse_loss(y, t), metrics.mean_squared_error(t, y)),
        "mae": (F.l1_loss(y, t), metrics.mean_absolute_error(t, y)),
        "huber": (F.huber_loss(y, t, delta=1.5), special.huber(1.5, y - t).mean()),
        "cross entropy": (
            F.cross_entropy(scores, k),
            metrics.log_loss(k, special.softmax(scores, axis=1), labels=range(5)),
        ),
        "binary": (
            F.binary_cross_entropy_with_logits(y, truth.astype(float)),
            metrics.log_loss(truth, special.expit(y)),
        ),
    }
    for name, (ours, theirs) in pairs.items():
        assert abs(float(ours) - theirs) < 1e-10, name
