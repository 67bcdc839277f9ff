# %% [markdown]
# # 20. Test your own gradient
#
# **Time:** 2 s. **You learn:** to find a wrong gradient, and to know what is wrong with it.

# %%
import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.testing import check_gradients, check_vjp

lesson = tg.lessons.begin(20)

# %% [markdown]
# ## A wrong gradient is silent
# A student writes a ReLU with its backward pass. In the code a *vector-Jacobian product* gets `g`,
# the gradient of the loss with respect to the output, and `x`, and returns the gradient of the
# input:
#
# $$\bar x = J^{\mathsf T} g, \qquad \text{for ReLU} \quad \bar x_i = g_i \cdot [x_i > 0]$$
#
# The student multiplies by the value where the slope belongs. Nothing crashes, and a network
# trained with it even learns a little. That is the trouble.


# %%
def relu(x):
    return np.maximum(x, 0.0)


def wrong_relu_vjp(g, x):
    return (g * np.maximum(x, 0.0),)


def right_relu_vjp(g, x):
    return (g * (x > 0),)


def trained_with(vjp, steps=300):
    """Fit sin(3x) with 20 ReLUs, by hand, with this backward pass for them; return the loss."""
    rng, x = np.random.default_rng(0), np.linspace(-1, 1, 41)[:, None]
    W1, b, W2 = rng.normal(size=(1, 20)), rng.normal(size=20), rng.normal(size=(20, 1)) / 5
    for _ in range(steps):
        z = x @ W1 + b
        error = relu(z) @ W2 - np.sin(3 * x)
        g = 2 * error / len(x)
        (dz,) = vjp(g @ W2.T, z)
        W1, b, W2 = W1 - 0.1 * x.T @ dz, b - 0.1 * dz.sum(axis=0), W2 - 0.1 * relu(z).T @ g
    return (error**2).mean()


first, right, wrong = (trained_with(right_relu_vjp, 1), trained_with(right_relu_vjp),
                       trained_with(wrong_relu_vjp))  # fmt: skip
print(f"loss {first:.3f} at first; after 300 steps {right:.4f} with the right ReLU, "
      f"{wrong:.4f} with the wrong one")  # fmt: skip
assert right < wrong < 0.2 * first  # the wrong one learns, too: the loss does not give it away

# %% [markdown]
# ## Compare with differences
# A slope can be measured: $\frac{f(x + h) - f(x - h)}{2h}$. `check_vjp` takes many steps $h$, and
# each number that it measures carries its own error bar. A gradient outside the bar fails, and no
# tolerance has to be chosen. The last line says what the mistake **looks like**.

# %%
many = np.linspace(-2, 2, 81)
h = 1e-6
slopes = {
    "measured": (relu(many + h) - relu(many - h)) / (2 * h),
    "the student's": wrong_relu_vjp(np.ones(81), many)[0],
}
plot = tg.plots.lines(many, slopes, title="The slope of ReLU", xlabel="x", ylabel="slope")
lesson.show(plot, "slopes", "They agree on the left, cross at x = 1, and part for larger x.")
x = np.array([0.5, -1.0, 2.0, 3.0])
report = check_vjp(relu, wrong_relu_vjp, x, raises=False)
print(report)
assert report.diagnosis == "a factor x too many"
assert check_vjp(relu, right_relu_vjp, x).verdict == "pass"

# %% [markdown]
# ## At the kink
# At $x = 0$ ReLU has no slope. From the left it is 0, from the right 1, and any number between is a
# fair answer; the usual convention is 0. The check of most tutorials, one $h$ and one tolerance,
# measures 0.5 there and calls a right ReLU wrong. Ours asks for a slope in the gap.

# %%
zero = np.array([0.0])
print("the naive difference at 0 says", ((relu(zero + h) - relu(zero - h)) / (2 * h)).round(6))
verdicts = []
for slope in (0.0, 0.5, 1.0, 1.5):
    claim = lambda g, x, slope=slope: (g * np.where(x == 0, slope, x > 0),)  # noqa: E731
    verdicts.append(check_vjp(relu, claim, np.array([0.0, 1.0]), raises=False).verdict)
    print(f"slope {slope} at 0: {verdicts[-1]}")
assert verdicts == ["pass", "pass", "pass", "fail"]

# %% [markdown]
# ## A convolution, with a mistake that hides
# Slide a kernel $w$ over an image: $y_{ij} = \sum_{ab} x_{i+a, j+b}\, w_{ab}$. The gradient of $x$
# is again a convolution, of $g$ with a wide border of zeros, and the kernel **turned around**. The
# student forgot to turn it, and tested with a symmetric blur, which looks the same both ways.


# %%
def convolve(x, w):
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape)
    return np.einsum("ijab,ab->ij", windows, w)


def wrong_convolve_vjp(g, x, w):
    wide = np.pad(g, [(side - 1, side - 1) for side in w.shape])
    return convolve(wide, w), convolve(x, g)


rng = np.random.default_rng(0)
image, blur = rng.normal(size=(5, 5)), np.array([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]])
kernel = rng.normal(size=(3, 3))
print("with the blur:", check_vjp(convolve, wrong_convolve_vjp, image, blur))
report = check_vjp(convolve, wrong_convolve_vjp, image, kernel, raises=False)
print("with any kernel:", report.verdict)
print("looks like:", report.diagnosis)
assert report.diagnosis.endswith("input 1 reversed along its axes, as a kernel is")

# %% [markdown]
# So test with numbers that have no pattern, and that are not all positive, equal, zero or square.
# Mend the rule with `w[::-1, ::-1]`; and once more with the library's own convolution, to which the
# same check is applied, second derivatives included.


# %%
def convolve_vjp(g, x, w):
    wide = np.pad(g, [(side - 1, side - 1) for side in w.shape])
    return convolve(wide, w[::-1, ::-1]), convolve(x, g)


print("mended:", check_vjp(convolve, convolve_vjp, image, kernel))
conv = tg.nn.Conv2d(1, 2, 3, rng=0).astype("float64")
print("ours:", found := check_gradients(conv, image[None, None]))
assert (found.verdict, found.order) == ("pass", 2)

# %% [markdown]
# **Change one thing:** let `wrong_relu_vjp` return `g * np.sign(x)`, or `g`, or change `g` in
# place. What does each look like? In your own tests one line does it, with inputs drawn at random:
# `test_relu = tg.testing.gradient_test(tg.relu)`.
#
# ## Exercise 20.1: a backward pass for leaky ReLU
# $y = x$ for $x > 0$, else $0.1x$. Write `leaky_vjp(g, x)`; it returns a tuple of one gradient.


# %%
def leaky_vjp(g, x): ...  # your answer


lesson.check(1, leaky_vjp)

# %% [markdown]
# ## Exercise 20.2: a layer with a bias
# For `x @ w + b` write `layer_vjp(g, x, w, b)`: three gradients. Here `b` is added to every row.


# %%
def layer_vjp(g, x, w, b): ...  # your answer


lesson.check(2, layer_vjp)

# %% [markdown]
# ## Exercise 20.3: softmax
# $s = e^x / \sum e^x$ of one vector. Write `softmax_vjp(g, x)`: one number moves *all* the shares.


# %%
def softmax_vjp(g, x): ...  # your answer


lesson.check(3, softmax_vjp)

# %% [markdown]
# ## Sources
# Griewank and Walther 2008, chapter 3 (reverse mode). Press et al., *Numerical
# Recipes*, section 5.7 (step sizes). Clarke 1983 (slopes at kinks). Dumoulin and Visin 2016
# (convolutions).
