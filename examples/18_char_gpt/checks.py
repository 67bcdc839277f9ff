"""Checks of the exercises of lesson 18."""

import numpy as np

from tinygrad_edu.lessons import require


def causal_mask(answer):
    """Who may see whom."""
    for steps in (1, 2, 5):
        mask = np.asarray(getattr(answer(steps), "data", answer(steps)))
        require(mask.shape == (steps, steps), "a row for each position, a column for each other")
        require(mask.dtype == bool, "truth values: True where it may look")
        require(mask.diagonal().all(), "a position knows its own character, and guesses the next")
        require(not np.triu(mask, 1).any(), "a position sees what comes later: it could cheat")
        require(mask.sum() == steps * (steps + 1) // 2, "all that came before may be seen")


def bits_per_character(answer):
    """Bits."""
    p = np.array([0.5, 0.125, 0.25, 1.0])
    said = float(answer(p))
    require(said >= 0, "a logarithm of a probability is negative; a need is not")
    require(abs(said - 1.5 * np.log(2)) > 1e-6, "those are nats: a bit is a logarithm to base 2")
    require(abs(said + np.log2(p.mean())) > 1e-6, "the mean is of the logarithms, not inside")
    require(abs(said - 6) > 1e-6, "for each character: a longer text is not a worse model")
    require(abs(said - 1.5) < 1e-9, "probability 1/2 needs one bit, 1/8 needs three")
    require(abs(float(answer(np.full(7, 1 / 75))) - np.log2(75)) < 1e-9, "wrong for another text")


def attend(answer):
    """Attention."""
    rng = np.random.default_rng(4)
    for steps, d in ((5, 4), (3, 9)):
        q, k, v = rng.normal(size=(3, steps, d))
        result = answer(q, k, v)
        found = np.asarray(getattr(result, "data", result), dtype=float)
        require(found.shape == (steps, d), "one vector of the size of v for each position")
        require(np.isfinite(found).all(), "there is a number that is not finite")
        require(np.allclose(found[0], v[0]), "the first position sees itself only, and reads its v")
        rough = _attended(q, k, v, 1.0)
        require(not np.allclose(found, rough), "the scores grow with d: what does the formula do?")
        require(not np.allclose(found, _attended(k, q, v, d**0.5)), "whose query meets whose key?")
        require(np.allclose(found, _attended(q, k, v, d**0.5)), "each row of weights must sum to 1")


def _attended(q, k, v, scale):
    rows = []
    for i in range(len(q)):
        powers = np.exp([q[i] @ k[j] / scale for j in range(i + 1)])
        rows.append(powers / powers.sum() @ v[: i + 1])
    return np.array(rows)


EXERCISES = (causal_mask, bits_per_character, attend)
