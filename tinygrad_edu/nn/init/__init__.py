r"""Initial values of weights, as pure functions of a shape; nothing here changes a parameter.

Each returns an array of ``shape`` and ``dtype``, float32 by default. ``rng`` is a Generator or a
number, by default the innermost ``tg.seed``. Only ``apply`` writes into a model.
"""

from .distribution import constant, normal, ones, truncated_normal, uniform, zeros
from .model import apply
from .structured import dirac, eye, identity, orthogonal, sparse
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
    "apply", "constant", "dirac", "eye", "gain", "he_normal", "he_uniform", "identity",
    "lecun_normal", "lecun_uniform", "normal", "ones", "orthogonal", "sparse", "truncated_normal",
    "uniform", "xavier_normal", "xavier_uniform", "zeros",
]  # fmt: skip
