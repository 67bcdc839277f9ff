"""tinygrad_edu: automatic differentiation to learn deep learning with, and to keep using."""

from __future__ import annotations

from . import errors
from ._version import __version__
from .autodiff import Operation, Parameter, Step, Tape, Tensor, asarray, operation, unbroadcast
from .domain import Kink, Real
from .mode import config, enable_grad, is_grad_enabled, no_grad
from .ops import *
from .random import seed
