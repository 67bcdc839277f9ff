"""The same operations in PyTorch and JAX, under the names of ours, and their gradients.

Each takes the inputs of a kink and returns an array; ``None`` where there is no such operation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
jnp = jax.numpy
F = torch.nn.functional

Function = Callable[..., Any]


def _prelu(x: Any, slope: Any) -> Any:
    return F.prelu(x.reshape(1), slope.reshape(1))


def _first_of_windows(x: Any) -> Any:
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (2,), (2,), "VALID")


# What both libraries have under the same name.
SAME = ["remainder", "abs", "log", "log2", "log10", "max", "min", "maximum", "minimum", "hypot",
        "sqrt", "fmax", "fmin", "copysign", "nan_to_num", "logaddexp", "logaddexp2"]  # fmt: skip
PEERS: dict[str, tuple[Function | None, Function | None]] = {
    **{name: (getattr(torch, name), getattr(jnp, name)) for name in SAME},
    "logsumexp": (lambda x: torch.logsumexp(x, 0), jax.scipy.special.logsumexp),
    "std": (lambda x: torch.std(x, correction=0), jnp.std),
    "relu": (torch.relu, jax.nn.relu),
    "leaky_relu": (_prelu, jax.nn.leaky_relu),
    "hardtanh": (F.hardtanh, jax.nn.hard_tanh),
    "elu": (F.selu, jax.nn.selu),
    "softplus": (F.softplus, jax.nn.softplus),
    "atan2": (torch.atan2, jnp.arctan2),
    "power": (torch.pow, jnp.power),
    "cbrt": (None, jnp.cbrt),
    "clip": (torch.clamp, jnp.clip),
    "asin": (torch.asin, jnp.arcsin),
    "acos": (torch.acos, jnp.arccos),
    "acosh": (torch.acosh, jnp.arccosh),
    "atanh": (torch.atanh, jnp.arctanh),
    "power_norm": (torch.linalg.vector_norm, jnp.linalg.norm),
    "svdvals": (torch.linalg.svdvals, lambda x: jnp.linalg.svd(x, compute_uv=False)),
    "largest": (lambda x: F.max_pool1d(x[None], 2, 2)[0], _first_of_windows),
}


def torch_gradients(f: Function, inputs: tuple[Any, ...]) -> list[Any]:
    """The gradients of the sum of the result."""
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    f(*tensors).sum().backward()
    return [
        np.zeros(np.shape(x)) if t.grad is None else t.grad.numpy()
        for x, t in zip(inputs, tensors, strict=True)
    ]


def jax_gradients(f: Function, inputs: tuple[Any, ...]) -> list[Any]:
    """The gradients of the sum of the result."""
    with jax.enable_x64(True):
        arrays = [jnp.asarray(x, dtype=jnp.float64) for x in inputs]
        every = tuple(range(len(arrays)))
        found = jax.grad(lambda *xs: f(*xs).sum(), argnums=every)(*arrays)
        return [np.asarray(g) for g in found]
