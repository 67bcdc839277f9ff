r"""Initial values of weights, as pure functions of a shape; nothing here changes a parameter.

Each returns an array of ``shape`` and ``dtype``, float32 by default. ``rng`` is a Generator or a
number, by default the innermost ``tg.seed``. Only ``apply`` writes into a model.
"""

from .distribution import constant, normal, orthogonal, truncated_normal, uniform, zeros
from .model import apply
from .variance import (
    gain,
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
    xavier_normal,
    xavier_uniform,
)

__all__ = [
    "apply", "constant", "gain", "he_normal", "he_uniform", "lecun_normal", "lecun_uniform",
    "normal", "orthogonal", "truncated_normal", "uniform", "xavier_normal", "xavier_uniform",
    "zeros",
]  # fmt: skip
