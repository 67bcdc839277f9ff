"""Checks of the exercises of lesson 16."""

import numpy as np

from tinygrad_edu.lessons import require


def loss_of_d(answer):
    """The discriminator's loss."""
    rng = np.random.default_rng(16)
    guess = answer(np.zeros(5), np.zeros(5))
    require(np.ndim(guess) == 0, "the loss is one number: take the mean over the samples")
    require(
        abs(guess - np.log(2)) > 1e-9,
        "real and generated samples each count with their own mean: add the two, not half of them",
    )
    require(abs(guess - 2 * np.log(2)) < 1e-9, "scores of 0 are guessing: that costs ln 2 twice")
    good = answer(np.full(3, 4.0), np.full(3, -4.0))
    require(
        good < 0.1,
        "a discriminator that is right must pay little: real wants high scores, fake low ones",
    )
    with np.errstate(all="ignore"):
        wild = answer(np.array([-1000.0]), np.array([0.0]))
    require(np.isfinite(wild), "a score of -1000 overflows: use np.logaddexp(0, ...)")
    real, fake = rng.normal(size=7), rng.normal(size=4)
    right = np.logaddexp(0, -real).mean() + np.logaddexp(0, fake).mean()
    require(abs(answer(real, fake) - right) < 1e-9, "take a mean over each batch on its own")


def best_answer(answer):
    """The best discriminator there is."""
    require(abs(answer(0.3, 0.3) - 0.5) < 1e-9, "where both are as dense, nobody can do but guess")
    require(abs(answer(0.7, 0.0) - 1.0) < 1e-9, "where nothing is generated, all is real")
    p, q = np.random.default_rng(17).random((2, 50))
    found = np.array([answer(a, b) for a, b in zip(p, q, strict=True)])
    require(np.all((found >= 0) & (found <= 1)), "it is a probability, so it lies between 0 and 1")
    require(
        np.allclose(found, p / (p + q), atol=1e-9),
        "set the derivative by a to 0: -p / a + q / (1 - a) = 0, and solve for a",
    )


def slope_of_g(answer):
    """How hard the generator is pulled."""
    require(answer(0.0) < 0, "a higher score is a lower loss for the generator: mind the sign")
    require(abs(answer(0.0) + 0.5) < 1e-9, "at a score of 0 the slope has the size 1/2")
    require(
        abs(answer(-12.0) + 1.0) < 1e-3,
        "samples that fool nobody must be pulled hardest: this is the slope that saturates",
    )
    s = np.random.default_rng(18).normal(scale=3, size=30)
    right = -1 / (1 + np.exp(s))
    require(
        np.allclose([answer(v) for v in s], right, atol=1e-6),
        "use the chain rule on ln(1 + exp(-s))",
    )


EXERCISES = (loss_of_d, best_answer, slope_of_g)
