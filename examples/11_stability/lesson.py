# %% [markdown]
# # 11. Stability
#
# **Time:** 8 s. **You learn:** to measure how much what was learned hangs on one sample, and how
# much an answer hangs on one pixel.

# %%
from functools import partial

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import training

lesson = tg.lessons.begin(11)

# %% [markdown]
# ## Would one sample have changed it?
# Train twice. The second time, one of the $n$ training samples is replaced by another; everything
# else is the same, the first weights and the order too. If the two results, the **twins**, are
# nearly equal, the algorithm is **stable**. Then it cannot have learned any sample by heart: what
# it does on a sample that it saw is what it would have done without. *Stable learning generalises.*
#
# The plainest learner: logistic regression, $\ell = \log(1 + e^{-y\, w \cdot x})$, $y = \pm 1$,
# by stochastic gradient descent, one sample a step. The samples lie in the unit ball.


# %%
def points(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    x /= np.maximum(1, np.linalg.norm(x, axis=1, keepdims=True))
    return x, np.where(x[:, 0] + rng.normal(size=n) > 0, 1.0, -1.0)  # many labels are wrong


def descent(x, y, rng, rate=0.5, steps=80):
    w = np.zeros(3)
    for i in rng.integers(len(x), size=steps):
        w = w + rate * y[i] * x[i] / (1 + np.exp(y[i] * (x[i] @ w)))
    return w


x, y = points(1, 0)  # the slope stands there by hand, as it is taken 100,000 times; is it right?
downhill = -tg.grad(lambda w: tg.softplus(-y[0] * (x[0] @ w)))(np.zeros(3))
first = descent(x, y, np.random.default_rng(0), rate=1.0, steps=1)
assert np.allclose(first, downhill, rtol=0, atol=1e-12)


# %% [markdown]
# Hardt, Recht and Singer proved what twins of a convex loss do at most. If no sample pulls harder
# than $L$ (here 1), and no rate is above $2/\beta$ (the curvature $\beta$ is at most 1/4), then
# on average over the order of the samples
#
# $$\|w - w'\| \le \frac{2L}{n} \sum_t \alpha_t, \qquad
# |\ell(w) - \ell(w')| \le \frac{2L^2}{n} \sum_t \alpha_t .$$
#
# Twice as many samples, half as far. Each further step, and each larger rate, is paid for.

# %%
draws = lesson.choose(short=60, normal=200)


def twins(n, rate=0.5, steps=80):
    return training.replace_one_stability(
        partial(descent, rate=rate, steps=steps), *points(n, 0),
        lambda w, x, y: np.logaddexp(0, -y * (x @ w)), points(40, 1),
        draws=draws, rates=[rate] * steps, lipschitz=1.0, smoothness=0.25, rng=0,
    )  # fmt: skip


sizes = [20, 40, 80, 160]
found = [twins(n) for n in sizes]
print(found[-1])
gaps, bounds = [each.gap for each in found], [each.bound.gap for each in found]
slope = np.polyfit(np.log(sizes), np.log(gaps), 1)[0]
print("gap of losses ", np.round(gaps, 4), f" slope on logarithmic scales {slope:.2f}")
print("the theorem's ", np.round(bounds, 4))
assert all(gap < bound for gap, bound in zip(gaps, bounds, strict=True))
assert gaps == sorted(gaps, reverse=True)
assert -1.4 < slope < -0.6
series = {"measured": gaps, "at most": bounds}
plot = tg.plots.lines(sizes, series, xlabel="samples", ylabel="gap", log="xy", marks=True)
lesson.show(plot, "replace_one", "Both fall like 1/n. The theorem is for the worst data.")

# %% [markdown]
# ## Twins drift apart
# The longer and the faster they walk, the farther they get. That is why stopping early, and small
# steps, keep a network from learning its samples by heart.

# %%
steps = [10, 20, 40, 80]
drift = {f"rate {rate}": [twins(40, rate, t).distance for t in steps] for rate in (0.05, 0.2, 0.8)}
for name, gone in drift.items():
    print(f"{name:9} distance after {steps} steps:", np.round(gone, 3))
ways = np.array(list(drift.values()))
assert (np.diff(ways, axis=0) > 0).all(), "a larger rate parts the twins"
assert (np.diff(ways, axis=1) > 0).all(), "more steps part the twins"
plot = tg.plots.lines(steps, drift, xlabel="steps", ylabel="distance of weights", marks=True)
lesson.show(plot, "drift", "More steps and larger steps both part the twins.")

# %% [markdown]
# ## Would one pixel have changed the answer?
# The other stability is that of the finished network: its input is disturbed. How fast its answer
# can change, the Jacobian $\partial f / \partial x$ says. Two networks learn the digits: one sees
# clean images, the other noisy ones.

# %%
digits = tg.data.load("digits")
pixels = digits.features.reshape(len(digits), -1).astype(np.float32)
x, x_test, y, y_test = tg.data.train_test_split(pixels, digits.targets, rng=0)
cross_entropy = tg.nn.functional.cross_entropy
models = {}
for name, noise in (("clean", 0.0), ("noisy", 0.3)):
    models[name] = tg.nn.MLP((64, 64, 10), dtype=np.float32, rng=0)
    optimizer = tg.nn.optim.Adam(models[name], lr=3e-3)
    rng = np.random.default_rng(0)
    for _ in range(lesson.choose(short=300, normal=1200)):
        rows = rng.integers(len(x), size=64)
        seen = x[rows] + noise * rng.normal(size=(64, 64)).astype(np.float32)
        optimizer.zero_grad()
        cross_entropy(models[name](seen), y[rows]).backward()
        optimizer.step()


def accuracy(targets, outputs):
    return float((outputs.argmax(axis=1) == targets).mean())


levels = np.array([0.0, 0.1, 0.2, 0.3, 0.4])
curves, jacobian = {}, {}
for name, model in models.items():
    blind = training.noise_sensitivity(model, x_test, y_test, accuracy, levels, rng=0)
    aimed = training.adversarial_curve(model, x_test, y_test, cross_entropy, accuracy, levels)
    curves |= {f"{name}, blind": blind.mean, f"{name}, aimed": aimed.mean}
    jacobian[name] = float(training.input_jacobian_norm(model, x_test).mean())
    print(f"{name}: |Jacobian| {jacobian[name]:.1f}, accuracy {blind.mean[0]:.3f}, at 0.2 "
          f"blind {blind.mean[2]:.3f}, aimed {aimed.mean[2]:.3f}")  # fmt: skip
look = {"xlabel": "size of the disturbance", "ylabel": "test accuracy", "marks": True}
plot = tg.plots.lines(levels, curves, **look)
lesson.show(plot, "disturbed", "Blind noise hurts little; aimed at the loss, it is ruinous.")
assert curves["clean, aimed"][2] < curves["clean, blind"][2] - 0.3
assert curves["noisy, aimed"][1] > curves["clean, aimed"][1]
assert jacobian["noisy"] < jacobian["clean"]

# %% [markdown]
# "Aimed" moves every pixel equally far, but to where the *loss grows*: the gradient again, of the
# input. 64 small pushes that agree add up. **Change something:** make the noise 1.0. The network is
# stabler still; at what price?
#
# ## Exercise 11.1: a twin's data
# Write `replaced(x, i, new)`: the data with sample `i` replaced. The old data stay as they are.


# %%
def replaced(x, i, new): ...  # your answer


lesson.check(1, replaced)

# %% [markdown]
# ## Exercise 11.2: the bill
# Write `bound(rates, lipschitz, n)`: the most by which the losses of twins differ on average.


# %%
def bound(rates, lipschitz, n): ...  # your answer


lesson.check(2, bound)

# %% [markdown]
# ## Exercise 11.3: take aim
# Write `aimed(x, slope, size)`: the input moved by `size` in every pixel so that the loss grows
# most, where `slope` is the gradient of the loss with respect to `x`.


# %%
def aimed(x, slope, size): ...  # your answer


lesson.check(3, aimed)

# %% [markdown]
# ## Sources
# M. Hardt, B. Recht, Y. Singer, *Train faster, generalize better*, ICML 2016. O. Bousquet, A.
# Elisseeff, *Stability and generalization*, JMLR 2, 2002. I. Goodfellow, J. Shlens, C. Szegedy,
# *Explaining and harnessing adversarial examples*, ICLR 2015.
