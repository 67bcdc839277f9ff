"""Operations on windows of signals and images: convolution, pooling, resampling, patches."""

from .conv import conv1d, conv2d, conv_transpose1d, conv_transpose2d

__all__ = ["conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d"]
