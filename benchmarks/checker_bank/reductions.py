"""Correct: sums, products, norms and normalisations."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.domain import Real

from .entry import Array, Arrays, right
from .shapes import FULL, LONG, MATRIX, VECTOR


def others(x: Array) -> Array:
    """Product of all other elements: exact beside zeros."""
    flat = x.ravel()
    return np.array([np.prod(np.delete(flat, k)) for k in range(flat.size)], x.dtype).reshape(
        x.shape
    )


def running_product_vjp(g: Array, x: Array) -> Arrays:
    """Sum over the outputs of the products without one factor, by definition."""
    out = np.zeros_like(x)
    for k in range(x.size):
        out[: k + 1] += g[k] * others(x[: k + 1])
    return (out,)


def norm(x: Array) -> Array:
    """Euclidean length."""
    return np.sqrt((x * x).sum())


def norm_vjp(g: Array, x: Array) -> Arrays:
    """The unit vector; nothing at the origin."""
    length = norm(x)
    return (g * x / length if length > 0 else np.zeros_like(x),)


def softmax(x: Array) -> Array:
    """Shares along the last axis."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def softmax_vjp(g: Array, x: Array) -> Arrays:
    """p (g - <g, p>)."""
    p = softmax(x)
    return (p * (g - (g * p).sum(-1, keepdims=True)),)


def logsumexp(x: Array) -> Array:
    """Smooth maximum along the last axis."""
    top = x.max(-1)
    return top + np.log(np.exp(x - top[..., None]).sum(-1))


def cosine(x: Array, y: Array) -> Array:
    """Cosine of the angle between two vectors."""
    return x @ y / (norm(x) * norm(y))


def cosine_vjp(g: Array, x: Array, y: Array) -> Arrays:
    """Each pulls the other towards itself, across."""
    a, b, c = norm(x), norm(y), cosine(x, y)
    return g * (y / (a * b) - c * x / a**2), g * (x / (a * b) - c * y / b**2)


def standardise(x: Array, axis: int) -> Array:
    """Mean nothing and variance one."""
    centred = x - x.mean(axis, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis, keepdims=True) + 0.01)


def standardise_vjp(g: Array, x: Array, axis: int) -> Array:
    """The cotangent less its mean and less its part along the output."""
    centred = x - x.mean(axis, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis, keepdims=True) + 0.01)
    z = centred / scale
    return (g - g.mean(axis, keepdims=True) - z * (g * z).mean(axis, keepdims=True)) / scale


def layer_norm_vjp(g: Array, x: Array, w: Array, b: Array) -> Arrays:
    """Input, weight and bias of a normalisation of rows."""
    z = standardise(x, 1)
    return standardise_vjp(g * w, x, 1), (g * z).sum(0), g.sum(0)


def batch_norm_vjp(g: Array, x: Array, w: Array, b: Array) -> Arrays:
    """Input, weight and bias of a normalisation of columns."""
    z = standardise(x, 0)
    return standardise_vjp(g * w, x, 0), (g * z).sum(0), g.sum(0)


def rms_norm(x: Array) -> Array:
    """Divide by the root of the mean square."""
    return x / np.sqrt((x * x).mean() + 0.01)


def rms_norm_vjp(g: Array, x: Array) -> Arrays:
    """The quotient rule."""
    r = np.sqrt((x * x).mean() + 0.01)
    return (g / r - x * (g * x).mean() / r**3,)


def variance_vjp(g: Array, x: Array) -> Arrays:
    """Two n-ths of the distance from the mean."""
    return (2 * g * (x - x.mean()) / x.size,)


def deviation_vjp(g: Array, x: Array) -> Arrays:
    """Mean of |x - mean|: the sign, less its own mean."""
    s = np.sign(x - x.mean())
    return (g * (s - s.mean()) / x.size,)


right(
    "sum",
    np.sum,
    lambda g, x: (np.broadcast_to(g, x.shape).copy(),),
    (((3,),), ((2, 3),), ((),), ((0,),)),
    Real(),
)
right(
    "sum_rows",
    lambda x: x.sum(1),
    lambda g, x: (np.repeat(g[:, None], x.shape[1], 1),),
    (*MATRIX, ((2, 0),)),
    Real(),
)
right(
    "mean_columns",
    lambda x: x.mean(0),
    lambda g, x: (np.repeat(g[None, :], x.shape[0], 0) / x.shape[0],),
    MATRIX,
    Real(),
)
right("var", np.var, variance_vjp, FULL, Real(), tags="hard")
right("var_1e4", np.var, variance_vjp, FULL, Real(9999, 10001), marks=(1e4,), tags="hard scale")
right(
    "mean_deviation",
    lambda x: np.abs(x - x.mean()).mean(),
    deviation_vjp,
    FULL,
    Real(),
    tags="kink",
)
right("prod", np.prod, lambda g, x: (g * others(x),), FULL, Real(), tags="zeros")
right("cumsum", np.cumsum, lambda g, x: (np.cumsum(g[::-1])[::-1].copy(),), VECTOR, Real())
right("cumprod", np.cumprod, running_product_vjp, VECTOR, Real(), tags="zeros hard")
right("norm", norm, norm_vjp, FULL, Real(), tags="kink")
right(
    "norm_small",
    norm,
    norm_vjp,
    VECTOR,
    Real(-1e-9, 1e-9),
    marks=(1e-10, -1e-10),
    tags="kink scale hard",
)
right(
    "l1_norm", lambda x: np.abs(x).sum(), lambda g, x: (g * np.sign(x),), FULL, Real(), tags="kink"
)
right(
    "squares",
    lambda x: 0.5 * (x * x).sum(),
    lambda g, x: (g * x,),
    (*FULL, ((0,),), ((),)),
    Real(),
)
right("softmax", softmax, softmax_vjp, FULL, Real(-6, 6))
right(
    "log_softmax",
    lambda x: x - logsumexp(x)[..., None],
    lambda g, x: (g - softmax(x) * g.sum(-1, keepdims=True),),
    FULL,
    Real(-6, 6),
)
right(
    "logsumexp",
    logsumexp,
    lambda g, x: (g[..., None] * softmax(x),),
    FULL,
    Real(-6, 6),
    tags="hard",
)
right(
    "logsumexp_sharp",
    lambda x: logsumexp(1000 * x) / 1000,
    lambda g, x: (g[..., None] * softmax(1000 * x),),
    LONG,
    Real(),
    tags="hard ties",
)
right(
    "cosine_similarity",
    cosine,
    cosine_vjp,
    (((2,), (2,)), ((4,), (4,))),
    Real(),
    accepts=lambda x, y: norm(x) > 0.1 and norm(y) > 0.1,
)
right(
    "dot",
    lambda x, y: x @ y,
    lambda g, x, y: (g * y, g * x),
    (((1,), (1,)), ((4,), (4,)), ((0,), (0,))),
    Real(),
)
right(
    "layer_norm",
    lambda x, w, b: standardise(x, 1) * w + b,
    layer_norm_vjp,
    (((2, 3), (3,), (3,)), ((1, 4), (4,), (4,))),
    Real(),
)
right(
    "batch_norm",
    lambda x, w, b: standardise(x, 0) * w + b,
    batch_norm_vjp,
    (((3, 2), (2,), (2,)), ((4, 1), (1,), (1,))),
    Real(),
)
right("rms_norm", rms_norm, rms_norm_vjp, VECTOR, Real())
right(
    "weighted_mean",
    lambda x, w: (w * x).sum() / w.sum(),
    lambda g, x, w: (g * w / w.sum(), g * (x - (w * x).sum() / w.sum()) / w.sum()),
    (((1,), (1,)), ((3,), (3,)), ((5,), (5,))),
    Real(),
    Real(0.1, 2),
)
