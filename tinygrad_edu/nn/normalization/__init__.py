"""Layers that give numbers mean 0 and variance 1, over a batch or inside each sample.

For each there is a function with PyTorch's name, for ``nn.functional``; the layer keeps parameters
and running statistics, and says in errors where in the network it stands.
"""

from .batch import BatchNorm1d, BatchNorm2d
from .features import group_norm, normalize, rms_norm
from .instance import InstanceNorm1d, InstanceNorm2d
from .layer import GroupNorm, LayerNorm, RMSNorm
from .running import batch_norm, instance_norm

__all__ = [
    "BatchNorm1d", "BatchNorm2d", "GroupNorm", "InstanceNorm1d", "InstanceNorm2d", "LayerNorm",
    "RMSNorm", "batch_norm", "group_norm", "instance_norm", "normalize", "rms_norm",
]  # fmt: skip
