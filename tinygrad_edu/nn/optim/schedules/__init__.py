"""Schedules: how the learning rate changes over time. Each is a pure curve, and steps along it.

``StepLR.rate(t, 0.1, step_size=30)`` is the learning rate after ``t`` steps, without an optimizer:
to plot. ``StepLR(opt, step_size=30)`` changes that of an optimizer, by one
step at each ``schedule.step()``, after ``opt.step()``. Names, arguments and values are PyTorch's
(``torch.optim.lr_scheduler``).
"""

from .composition import ChainedScheduler, SequentialLR
from .cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from .cyclic import CyclicLR
from .decay import ExponentialLR, LambdaLR, MultiStepLR, PolynomialLR, StepLR
from .one_cycle import OneCycleLR
from .plateau import ReduceLROnPlateau
from .schedule import LRScheduler
from .warmup import ConstantLR, InverseSquareRootLR, LinearLR

__all__ = [
    "ChainedScheduler", "ConstantLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts",
    "CyclicLR", "ExponentialLR", "InverseSquareRootLR", "LRScheduler", "LambdaLR", "LinearLR",
    "MultiStepLR", "OneCycleLR", "PolynomialLR", "ReduceLROnPlateau", "SequentialLR", "StepLR",
]  # fmt: skip
