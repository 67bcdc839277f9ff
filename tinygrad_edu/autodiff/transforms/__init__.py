"""Functions of functions: arrays in, arrays out; Tensors in, Tensors out; nested to any order."""

from .checkpoint import checkpoint, stop_gradient
from .derivatives import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

__all__ = [
    "checkpoint", "grad", "hessian", "hvp", "jacobian", "jvp", "stop_gradient", "value_and_grad",
    "vjp",
]  # fmt: skip
