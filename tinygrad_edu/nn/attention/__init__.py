"""Attention: who looks at whom, and the layers made of it."""

from .masks import generate_square_subsequent_mask
from .multihead import MultiheadAttention
from .product import scaled_dot_product_attention

__all__ = [
    "MultiheadAttention", "generate_square_subsequent_mask", "scaled_dot_product_attention",
]  # fmt: skip
