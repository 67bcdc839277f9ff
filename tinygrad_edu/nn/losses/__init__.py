"""Losses: how wrong a prediction is, as one number to make small.

Each is a function, and a module that holds its settings. Shapes must match: nothing broadcasts.
``reduction`` is ``"mean"``, ``"sum"`` or ``"none"``, which keeps one loss for each sample.
"""

from .adversarial import (
    DiscriminatorLoss,
    GeneratorLoss,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
)
from .binary import (
    BCELoss,
    BCEWithLogitsLoss,
    SoftMarginLoss,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    soft_margin_loss,
)
from .classification import CrossEntropyLoss, NLLLoss, cross_entropy, nll_loss
from .divergence import KLDivLoss, kl_div
from .embedding import (
    CosineEmbeddingLoss,
    HingeEmbeddingLoss,
    cosine_embedding_loss,
    hinge_embedding_loss,
)
from .labels import balanced_weights
from .margin import HingeLoss, MultiMarginLoss, hinge_loss, multi_margin_loss
from .penalty import l1_penalty, l2_penalty, soft_threshold
from .ranking import (
    MarginRankingLoss,
    TripletMarginLoss,
    margin_ranking_loss,
    triplet_margin_loss,
)
from .regression import (
    HuberLoss,
    L1Loss,
    MSELoss,
    SmoothL1Loss,
    huber_loss,
    l1_loss,
    mse_loss,
    smooth_l1_loss,
)

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CosineEmbeddingLoss", "CrossEntropyLoss", "DiscriminatorLoss",
    "GeneratorLoss", "HingeEmbeddingLoss", "HingeLoss", "HuberLoss", "KLDivLoss", "L1Loss",
    "MSELoss", "MarginRankingLoss", "MultiMarginLoss", "NLLLoss", "SmoothL1Loss", "SoftMarginLoss",
    "TripletMarginLoss", "balanced_weights", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "cosine_embedding_loss", "cross_entropy",
    "discriminator_loss", "generator_loss", "gradient_penalty", "hinge_embedding_loss",
    "hinge_loss", "huber_loss", "kl_div", "l1_loss", "l1_penalty", "l2_penalty",
    "margin_ranking_loss", "mse_loss", "multi_margin_loss", "nll_loss", "smooth_l1_loss",
    "soft_margin_loss", "soft_threshold", "triplet_margin_loss",
]  # fmt: skip
