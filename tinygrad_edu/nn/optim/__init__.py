"""Optimizers: how a gradient becomes a step, in pure formulas for all parameters at once."""

from .adam import Adam
from .optimizer import Optimizer
from .sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer"]
