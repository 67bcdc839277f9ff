"""Checks of the exercises of lesson 9."""

import numpy as np

from tinygrad_edu.lessons import require


def penalised_gradient(answer):
    """The gradient of data and penalty together."""
    rng = np.random.default_rng(9)
    for n, d, strength in ((7, 3, 0.0), (5, 2, 0.5), (11, 4, 3.0)):
        x, y, w = rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=d)
        found = np.asarray(answer(x, y, w, strength), float)
        require(found.shape == (d,), "there is one slope for each weight")
        data, penalty = 2 * x.T @ (x @ w - y) / n, 2 * strength * w
        if strength == 0:
            require(
                np.allclose(found, data),
                "at strength 0 what is left is the slope of the mean squared error of the data",
            )
        require(
            strength == 0 or not np.allclose(found, penalty),
            "the penalty is added to the loss of the data, it does not replace it",
        )
        require(
            not np.allclose(found, data + penalty / n) or strength == 0,
            "the penalty is a sum over weights, not a mean over samples",
        )
        require(np.allclose(found, data + penalty), "what is the slope of strength * w**2?")


def soft_threshold(answer):
    """The proximal step of L1."""
    w = np.array([2.0, -3.0, 0.2, -0.1, 0.5, 0.0])
    found = np.asarray(answer(w.copy(), 0.5), float)
    require(found.shape == w.shape, "one number for each weight")
    require(found[1] < 0, "a negative weight keeps its sign, and moves towards 0 too")
    require(np.all(found[2:] == 0), "what is within the threshold of 0 becomes 0, exactly")
    require(
        not np.isclose(found[0], 2.0),
        "large weights move as well: by the threshold, like all others",
    )
    require(np.allclose(found[:2], [1.5, -2.5]), "each moves by the threshold, towards 0")


def ridge_with_bias(answer):
    """Ridge whose bias is free."""
    rng = np.random.default_rng(3)
    x = rng.normal(loc=(5.0, -2.0, 0.0), size=(30, 3))
    y = x @ [1.0, 2.0, -1.0] + 40.0 + rng.normal(size=30)
    w, b = answer(x, y, 0.7)
    w, b = np.asarray(w, float), float(b)
    require(w.shape == (3,), "w has a number for each column of x")
    away = x @ w + b - y
    require(
        abs(away.mean()) < 1e-8,
        "a free bias brings the mean of the errors to 0: penalise the weights alone",
    )
    require(
        not np.allclose(x.T @ away + 0.7 * w, 0, atol=1e-6),
        "the loss is a mean over the samples: the strength must not depend on how many there are",
    )
    require(
        np.allclose(x.T @ away / 30 + 0.7 * w, 0, atol=1e-6),
        "at the minimum every slope of the whole loss is 0: solve for w with the means taken away",
    )


EXERCISES = (penalised_gradient, soft_threshold, ridge_with_bias)
