"""Wrong: factors, signs and terms; whole gradients that are plainly or subtly another number."""

from __future__ import annotations

import numpy as np

from .entry import Array, Arrays, spoil, wrong
from .pointwise import sigmoid
from .reductions import norm, softmax, standardise
from .shapes import sum_to

# Signs and factors.
for _name in ("exp", "sin", "divide", "softmax"):
    spoil(f"{_name}: sign", lambda a, g, *xs: -a)
spoil("multiply: sign of the second", lambda a, g, *xs: -a, input=1)
spoil("square: factor 2 forgotten", lambda a, g, x: a / 2)
spoil("norm: factor 2", lambda a, g, x: 2 * a)
for _name in ("tanh", "matmul", "relu", "var", "conv1d"):
    spoil(f"{_name}: factor 1.001", lambda a, g, *xs: 1.001 * a, tags="subtle")
for _name in ("exp", "square", "matmul", "logsumexp", "hardsigmoid"):
    spoil(f"{_name}: factor 1 + 1e-6", lambda a, g, *xs: (1 + 1e-6) * a, tags="subtle")
spoil(
    "hardsigmoid: a float32 sixth", lambda a, g, x: a * 6 * float(np.float32(1 / 6)), tags="subtle"
)
spoil("tiny_output: factor 2", lambda a, g, x: 2 * a, tags="scale")
spoil("tiny_output: nothing", lambda a, g, x: 0 * a, tags="scale")
spoil("tiny_input: factor 1.01", lambda a, g, x: 1.01 * a, tags="scale")
spoil("huge_input: factor 1.01", lambda a, g, x: 1.01 * a, tags="scale")
spoil("sin_1e8: sine for cosine", lambda a, g, x: g * 1e8 * np.sin(1e8 * x), tags="scale hard")
spoil("sin_far_out: factor 1.001", lambda a, g, x: 1.001 * a, tags="scale hard")
spoil("square_tiny: factor 1.01", lambda a, g, x: 1.01 * a, tags="scale hard")
spoil("f32_inside: factor 1.01", lambda a, g, x: 1.01 * a, tags="float32 hard")
spoil("lost_digits: factor 1.01", lambda a, g, x: 1.01 * a, tags="hard")
spoil("var_1e4: factor 1.001", lambda a, g, x: 1.001 * a, tags="scale hard")
spoil("exp_float32: factor 1.01", lambda a, g, x: a * np.float32(1.01), tags="float32")
spoil("mixed_scales: small input ignored", lambda a, g, x, y: 0 * a, input=1, tags="scale hard")
spoil("narrow_bump: bump ignored", lambda a, g, x: g, tags="scale hard")

# Another function's derivative.
wrong("sin: derivative of cosine", lambda g, x: (-g * np.sin(x),))
wrong("tanh: 1 - out", lambda g, x: (g * (1 - np.tanh(x)),))
wrong("sigmoid: of the output's sigmoid", lambda g, x: (g * sigmoid(sigmoid(x)) * sigmoid(-x),))
wrong("reciprocal: power 1", lambda g, x: (-g / x,))
wrong("x_to_the_x: power rule only", lambda g, x: (g * x**x,))
wrong("log1p: of the logarithm", lambda g, x: (g / (x + 1e-3),), tags="subtle")
wrong(
    "gelu: of the sigmoid form",
    lambda g, x: (g * (sigmoid(1.702 * x) + 1.702 * x * sigmoid(1.702 * x) * sigmoid(-1.702 * x)),),
)
wrong("silu: gate only", lambda g, x: (g * sigmoid(x),))

# Terms and factors left out.
spoil(
    "layer_norm: mean not moved",
    lambda a, g, x, w, b: (
        a + (g * w).mean(1, keepdims=True) / np.sqrt(x.var(1, keepdims=True) + 0.01)
    ),
)
spoil("batch_norm: statistics held fixed", lambda a, g, x, w, b: g * w / np.sqrt(x.var(0) + 0.01))
spoil("layer_norm: weight forgotten", lambda a, g, x, w, b: a / w)
spoil("rms_norm: second term forgotten", lambda a, g, x: g / np.sqrt((x * x).mean() + 0.01))
spoil("softmax: diagonal only", lambda a, g, x: g * softmax(x) * (1 - softmax(x)))
spoil("softmax: inner product forgotten", lambda a, g, x: g * softmax(x))
spoil("log_softmax: first term only", lambda a, g, x: g.copy())
spoil("cosine_similarity: second term forgotten", lambda a, g, x, y: g * y / (norm(x) * norm(y)))
spoil("matrix_cube: middle term forgotten", lambda a, g, x: g @ x.T @ x.T + x.T @ x.T @ g)
spoil("quadratic_form: as if symmetric", lambda a, g, m, x: 2 * g * m @ x, input=1)
spoil("mean_columns: 1/n forgotten", lambda a, g, x: a * len(x))
spoil("squared_error: 1/n forgotten", lambda a, g, x, y: a * x.size)
spoil("cross_entropy: 1/n forgotten", lambda a, g, x: a * len(x))
spoil("cross_entropy: truth not subtracted", lambda a, g, x: g * softmax(x) / len(x))
spoil("logistic_loss: label ignored", lambda a, g, x, y: g * sigmoid(x) / x.size)
spoil("var: n - 1", lambda a, g, x: a * x.size / max(x.size - 1, 1))
spoil("divergence: plus one forgotten", lambda a, g, p, q: g * np.log(p / q))
spoil("gaussian_nll: logarithm forgotten", lambda a, g, x, v: -g * 0.5 * x * x / v**2, input=1)
spoil("weighted_mean: detached total", lambda a, g, x, w: g * x / w.sum(), input=1)
spoil("interpolate: end of the other side", lambda a, g, x, y, t: sum_to(g * t, x.shape))
spoil("linear: bias from one row", lambda a, g, x, w, b: g[0].copy(), input=2)
spoil("layer_norm: bias from the mean", lambda a, g, x, w, b: g.mean(0), input=2)

# A path cut off, or passed straight through.
spoil("multiply: second input detached", lambda a, g, x, y: 0 * a, input=1)
spoil("softplus: detached", lambda a, g, x: 0 * a)
spoil("logaddexp: detached", lambda a, g, x, y: 0 * a, input=1)
for _name in ("floor", "round", "sign"):
    spoil(f"{_name}: straight through", lambda a, g, x: g.copy(), tags="hard")
spoil("clip: straight through", lambda a, g, x: g.copy())
spoil("first_only: leaks into the other", lambda a, g, x, y: 1e-3 * g, input=1)
spoil("constant: something for nothing", lambda a, g, x: a + g.sum())


def double_centred(a: Array, g: Array, x: Array) -> Array:
    """Divide by the number of elements twice."""
    return a / x.size


spoil("var: 1/n twice", double_centred)


def shares_exchanged(gradients: Arrays, g: Array, *xs: Array) -> Arrays:
    """Give every input the gradient of the other."""
    return gradients[::-1]


for _name in ("dot", "bilinear_near_0", "arctan2", "abs_difference"):
    spoil(f"{_name}: inputs exchanged", shares_exchanged, input=None)


def detached_maximum(g: Array, x: Array) -> Arrays:
    """Differentiate log(sum(exp(x - top))) + top and treat `top` as moving once more."""
    out = g[..., None] * softmax(x)
    np.put_along_axis(out, x.argmax(-1)[..., None], 0.0, axis=-1)
    return (out,)


wrong("logsumexp: largest left out", detached_maximum)
wrong("logsumexp: of the maximum", lambda g, x: (g[..., None] * (x == x.max(-1, keepdims=True)),))
wrong(
    "logsumexp: not normalised", lambda g, x: (g[..., None] * np.exp(x - x.max(-1, keepdims=True)),)
)
wrong("rms_norm: of the output", lambda g, x: (g * standardise(x[None], 1)[0],))
