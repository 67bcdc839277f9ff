"""Laws that layers, losses, initialisations and optimizers obey, to be called on one's own.

Each law takes what it is about and some numbers to try it on, and returns a ``LawReport``; a broken
law raises ``LawBroken`` unless ``raises=False``. A module is tried on a copy in float64, so that
nothing of it changes and rounding leaves room for a verdict. Nothing is asked of a layer but to be
callable; ``parameters()``, ``train()``, ``eval()`` and ``astype()`` are used where it has them.

Allowances are never picked. Where a law holds exactly, rounding may do ``eps * terms**2 *
magnitude``: by so much at most is a sum of ``terms`` numbers of at most ``magnitude`` off, in any
order (Higham 2002, section 4.2); ``terms`` is the largest number of values that one value of the
layer sums. Where chance is involved, the bound is one that a right layer passes but for the chance
of five standard deviations, one in 1.7 million.

Examples
--------
>>> import numpy as np, tinygrad_edu as tg
>>> from tinygrad_edu.testing import laws
>>> x = np.random.default_rng(0).normal(size=(4, 3))
>>> laws.sums_to_one(tg.softmax, x).holds
True
>>> print(laws.sums_to_one(tg.sigmoid, x, raises=False).verdict)
fail
"""

from .chance import dropout_keeps_expectation, keeps_variance
from .gradient import adjointness, batch_gradient_is_mean
from .layer import evaluation_is_deterministic, ignores_batch_order, samples_do_not_leak
from .loss import loss_is_minimal, sums_to_one
from .report import LawReport
from .symmetry import commutes_with_shifts, ignores_scale_and_shift, is_linear
from .training import small_step_descends, zero_learning_rate_is_identity

__all__ = [
    "LawReport", "adjointness", "batch_gradient_is_mean", "commutes_with_shifts",
    "dropout_keeps_expectation", "evaluation_is_deterministic", "ignores_batch_order",
    "ignores_scale_and_shift", "is_linear", "keeps_variance", "loss_is_minimal",
    "samples_do_not_leak", "small_step_descends", "sums_to_one", "zero_learning_rate_is_identity",
]  # fmt: skip
