"""Optimizers: how a gradient becomes a step, in pure formulas for all parameters at once.

Weights are kept small in one of three ways. ``weight_decay`` of most optimizers is an L2 penalty,
added to the gradient, which ``nn.functional.l2_penalty`` in the loss would add too. That of
``AdamW``, or with ``decoupled_weight_decay=True``, draws the weights themselves towards 0. And
``proximal_l1`` after a step is an L1 penalty that makes weights exactly 0.
"""

from . import schedules
from .adadelta import Adadelta
from .adagrad import Adagrad
from .adam import Adam, AdamW
from .adamax import Adamax
from .averaging import ExponentialMovingAverage
from .clipping import clip_by_norm, clip_by_value, clip_grad_norm, clip_grad_value, gradient_norm
from .nadam import NAdam
from .optimizer import Optimizer
from .proximal import proximal_l1
from .radam import RAdam
from .rmsprop import RMSprop
from .sgd import SGD

__all__ = [
    "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "ExponentialMovingAverage", "NAdam",
    "Optimizer", "RAdam", "RMSprop", "clip_by_norm", "clip_by_value", "clip_grad_norm",
    "clip_grad_value", "gradient_norm", "proximal_l1", "schedules",
]  # fmt: skip
