"""Optimizers: how a gradient becomes a step, in pure formulas for all parameters at once."""

from . import schedules
from .adadelta import Adadelta
from .adagrad import Adagrad
from .adam import Adam, AdamW
from .adamax import Adamax
from .averaging import ExponentialMovingAverage
from .clipping import clip_by_norm, clip_by_value, clip_grad_norm, clip_grad_value, gradient_norm
from .nadam import NAdam
from .optimizer import Optimizer
from .proximal import proximal_l1, soft_threshold
from .radam import RAdam
from .rmsprop import RMSprop
from .sgd import SGD

__all__ = [
    "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "ExponentialMovingAverage", "NAdam",
    "Optimizer", "RAdam", "RMSprop", "clip_by_norm", "clip_by_value", "clip_grad_norm",
    "clip_grad_value", "gradient_norm", "proximal_l1", "schedules", "soft_threshold",
]  # fmt: skip
