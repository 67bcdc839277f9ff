"""Wrong: the right numbers in the wrong places, and faults at some elements or some inputs only."""

from __future__ import annotations

import numpy as np

from .entry import Array, Arrays, spoil, wrong
from .reductions import softmax
from .windows import conv1d_vjp, conv2d_vjp, strided_vjp


def last_zeroed(a: Array, g: Array, *xs: Array) -> Array:
    """Lose the last element."""
    out = a.copy()
    out.flat[-1:] = 0.0
    return out


def rolled(a: Array, g: Array, *xs: Array) -> Array:
    """Move every element on by one."""
    return np.roll(a, 1)


for _name in ("exp", "matmul", "cumsum", "gather", "layer_norm", "average_pool1d", "sort"):
    spoil(f"{_name}: last element zeroed", last_zeroed)
for _name in ("tanh", "softmax", "conv1d", "prod"):
    spoil(f"{_name}: rolled", rolled)

# Matrices the wrong way round.
spoil("transpose: reshaped instead", lambda a, g, x: g.reshape(x.shape).copy())
spoil("inv: transposed", lambda a, g, x: a.T.copy())
spoil("det: transposed", lambda a, g, x: a.T.copy())
spoil("logdet: transposed", lambda a, g, x: a.T.copy())
spoil("quadratic_form: one side only", lambda a, g, m, x: g * m @ x, input=1)
spoil("outer: exchanged sides", lambda a, g, x, y: (g @ y)[::-1].copy())
spoil("eigenvalues: cotangent reversed", lambda a, g, x: a[::-1, ::-1].copy())
spoil("eigenvalues: diagonal only", lambda a, g, x: np.diag(np.diag(a)))
spoil("cholesky: diagonal not halved", lambda a, g, x: a + np.diag(np.diag(a)))
spoil("cholesky: lower triangle only", lambda a, g, x: np.tril(a))
spoil(
    "solve: not transposed", lambda a, g, m, b: np.linalg.solve(m + 4 * np.eye(len(m)), g), input=1
)
spoil("solve: outer product the wrong way", lambda a, g, m, b: a.T.copy())
spoil("solve_triangular: upper part kept", lambda a, g, m, b: a + np.triu(np.ones_like(a), 1))
spoil("trace: all elements", lambda a, g, x: np.full(x.shape, float(g)))
spoil("einsum_batched: batches exchanged", lambda a, g, x, y: a[::-1].copy())
spoil(
    "bilinear_form: transposed back",
    lambda a, g, x, m, y: g * np.resize(np.outer(y, x), m.shape),
    input=1,
)

# Sums over the wrong axis, shapes that do not match.
wrong(
    "sum_rows: wrong axis", lambda g, x: (np.resize(np.repeat(g[None, :], x.shape[1], 0), x.shape),)
)
wrong("repeat_rows: mean for sum", lambda g, x: (g.mean(0),))
wrong("add: broadcast not summed", lambda g, x, y: (g.copy(), g.copy()), input=None, tags="shape")
wrong("multiply: broadcast not summed", lambda g, x, y: (g * y, g * x), input=None, tags="shape")
wrong(
    "matmul_batched: batch not summed",
    lambda g, a, b: (g @ b.T, np.swapaxes(a, 1, 2) @ g),
    input=1,
    tags="shape",
)
spoil(
    "linear: bias with an axis kept",
    lambda a, g, *xs: g.sum(0, keepdims=True),
    input=2,
    tags="shape",
)
spoil(
    "maximum: broadcast by its first row",
    lambda a, g, x, y: a if g.shape == y.shape else np.resize(g * (x <= y), y.shape),
    input=1,
)
spoil(
    "interpolate: first of a broadcast",
    lambda a, g, x, y, t: np.reshape((g * (y - x)).ravel()[: t.size], t.shape),
    input=2,
)
wrong("exp: one gradient too many", lambda g, x: (g * np.exp(x), g), tags="shape", input=None)
wrong("dot: one gradient missing", lambda g, x, y: (g * y,), tags="shape", input=None)
wrong("sum: not spread out", lambda g, x: (g,), tags="shape", input=None)

# Ties and kinks.


def all_ties_full(g: Array, x: Array) -> Arrays:
    """Give the full cotangent to each of the largest."""
    return (g[..., None] * (x == x.max(-1, keepdims=True)),)


for _name in ("max", "max_first", "max_of_four"):
    wrong(f"{_name}: full to every tie", all_ties_full, tags="ties hard")
wrong(
    "min: full to every tie",
    lambda g, x: (g[..., None] * (x == x.min(-1, keepdims=True)),),
    tags="ties hard",
)
wrong(
    "maximum: full to both",
    lambda g, x, y: tuple(np.broadcast_to(a, g.shape) for a in (g * (x >= y), g * (y >= x))),
    input=None,
    tags="shape ties hard",
)
wrong("median: full to every tie", lambda g, x: (g * (x == np.median(x)),), tags="ties hard")
wrong(
    "spread: full to every tie",
    lambda g, x: (g * (x == x.max()) - g * (x == x.min()),),
    tags="ties hard",
)
wrong(
    "largest_size: full to every tie",
    lambda g, x: (g * np.sign(x) * (np.abs(x) == np.abs(x).max()),),
    tags="ties hard",
)
spoil(
    "max_pool1d: only its last window",
    lambda a, g, x: np.eye(x.size)[x.size - 3 + np.argmax(x[-3:])] * g[-1],
)
wrong("sort: not put back", lambda g, x: (g.copy(),))
wrong(
    "sort: order applied forwards",
    lambda g, x: (np.take_along_axis(g, np.argsort(x, -1, kind="stable"), -1),),
)
spoil("hinge: mask forgotten", lambda a, g, x, y: -g * y)
spoil("relu: mask forgotten", lambda a, g, x: g.copy())
spoil("relu: minus one half at 0", lambda a, g, x: np.where(x == 0, -0.5 * g, a), tags="hard")
spoil("abs: 2 at 0", lambda a, g, x: np.where(x == 0, 2 * g, a), tags="hard")
spoil("leaky_relu: slope of both at 0", lambda a, g, x: np.where(x == 0, 1.1 * g, a), tags="hard")
spoil("hardsigmoid: ends at 2", lambda a, g, x: g * (np.abs(x) < 2) / 6)
spoil("huber: not cut off", lambda a, g, x: g * x)
spoil(
    "identity: kinks cancel to nothing at 0", lambda a, g, x: np.where(x == 0, 0.0, a), tags="hard"
)
spoil("elu: nothing at 0", lambda a, g, x: np.where(x == 0, 0.0, a), tags="hard")
spoil("x_abs_x: sign", lambda a, g, x: 2 * g * x)
spoil("remainder: y ignored", lambda a, g, x, y: 0 * a, input=1)
spoil("where_gt: branches exchanged", lambda a, g, x, y: g * np.where(x > 0, 1.0, y))
spoil("class_margin: true class not pushed", lambda a, g, x: np.append(0.0, a[1:]))

# Wrong at some values or sizes only.
spoil("cube: wrong for x < 0", lambda a, g, x: a * np.sign(x))
spoil("exp: wrong beyond 2", lambda a, g, x: np.where(x > 2, 1.1 * a, a))
spoil("square: wrong at exactly 1", lambda a, g, x: np.where(x == 1, 0 * a, a), tags="hard")
spoil("sum: wrong from five elements", lambda a, g, x: a * (1.0 if x.size < 5 else 0.5))
spoil("cumsum: wrong from four elements", lambda a, g, x: a if x.size < 4 else a[::-1].copy())
spoil("softmax: wrong for one element", lambda a, g, x: a + 0.1 * (x.shape[-1] == 1) * g)
spoil(
    "var: wrong where values repeat",
    lambda a, g, x: a if np.unique(x).size == x.size else a + 0.5 * g,
    tags="ties",
)
spoil("tanh: zero at 0", lambda a, g, x: np.where(x == 0, 0.0, a), tags="hard")
spoil(
    "norm: twice where values repeat",
    lambda a, g, x: a * (1 + (np.unique(x).size < x.size)),
    tags="ties",
)
wrong("prod: divided by the element", lambda g, x: (g * np.prod(x) / x,), tags="nan zeros")
wrong(
    "cumprod: divided by the element",
    lambda g, x: (np.cumsum((g * np.cumprod(x))[::-1])[::-1] / x,),
    tags="nan zeros",
)
wrong("squares: NaN at 0", lambda g, x: (g * x * x / x,), tags="nan")
wrong("x_abs_x: NaN at 0", lambda g, x: (2 * g * np.abs(x) * x / x,), tags="nan")
wrong("abs_power_3_2: NaN at 0", lambda g, x: (1.5 * g * x / np.sqrt(np.abs(x)),), tags="nan")

# Convolutions, pools and gathers.
wrong(
    "conv1d: kernel flipped", lambda g, x, w: (conv1d_vjp(g, x, w[::-1])[0], conv1d_vjp(g, x, w)[1])
)
wrong(
    "conv1d: weights' gradient flipped",
    lambda g, x, w: (conv1d_vjp(g, x, w)[0], conv1d_vjp(g, x, w)[1][::-1]),
    input=1,
)
wrong(
    "conv1d: border lost",
    lambda g, x, w: (conv1d_vjp(g, x, w)[0] * (np.arange(x.size) > 0), conv1d_vjp(g, x, w)[1]),
)
wrong(
    "conv1d: last window lost",
    lambda g, x, w: conv1d_vjp(g * (np.arange(g.size) < max(g.size - 1, 1)), x, w),
    input=None,
)
spoil("conv1d_strided: padding off by one", lambda a, g, x, w: np.append(a[1:], 0.0))
wrong(
    "conv1d_strided: stride forgotten",
    lambda g, x, w: strided_vjp(np.resize(g, g.shape) * (np.arange(g.size) == 0), x, w),
    input=None,
)
spoil("conv2d: channels swapped", lambda a, g, x, w: a[::-1].copy())
spoil(
    "conv2d: kernel transposed",
    lambda a, g, x, w: np.resize(np.swapaxes(a, 2, 3), w.shape),
    input=1,
)
wrong(
    "conv2d: kernel flipped",
    lambda g, x, w: (conv2d_vjp(g, x, w[..., ::-1, ::-1])[0], conv2d_vjp(g, x, w)[1]),
)
spoil(
    "conv2d: border lost", lambda a, g, x, w: a * (np.arange(x.shape[2]) < max(x.shape[2] - 1, 1))
)
spoil("average_pool1d: divided by two", lambda a, g, x: 1.5 * a)
spoil("upsample: every second only", lambda a, g, x: 2 * g[..., ::2])
spoil("roll: the same way again", lambda a, g, x: np.roll(g, 1))
spoil("flip: not flipped back", lambda a, g, x: g.copy())
spoil(
    "concatenate: split at the other length",
    lambda a, g, x, y: g[-x.size :].copy() if x.size else a,
)
spoil("tril: upper part let through", lambda a, g, x: g.copy())
spoil("slice: put at the start", lambda a, g, x: np.append(g, np.zeros(x.size - g.size)))
spoil("masked_softmax: mask forgotten", lambda a, g, x: softmax(x) * (g - (g * softmax(x)).sum()))


def overwritten(g: Array, x: Array) -> Arrays:
    """Assign where elements repeat, instead of adding."""
    out = np.zeros_like(x)
    out[[0, 2, 2, 1, 0]] = g
    return (out,)


wrong("gather: repeats overwrite", overwritten)
