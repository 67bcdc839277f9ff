"""Operations on windows of signals and images: convolution, pooling, resampling, patches."""

from .conv import conv1d, conv2d, conv_transpose1d, conv_transpose2d
from .patches import fold, unfold
from .pool import avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from .resampling import adaptive_avg_pool1d, adaptive_avg_pool2d, upsample

__all__ = [
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "max_pool1d",
    "max_pool2d",
    "avg_pool1d",
    "avg_pool2d",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "upsample",
    "unfold",
    "fold",
]
