# %% [markdown]
# # 5. Losses
#
# **Time:** 2 s. **You learn:** to say in one number how wrong a network is, and to choose that
# number.

# %%
import numpy as np

import tinygrad_edu as tg

lesson = tg.lessons.begin(5)
F = tg.nn.functional
rng = np.random.default_rng(0)

# %% [markdown]
# ## One number for wrong
# A **loss** compares what a network says, $y$, with what it should say, $t$. For quantities:
#
# $$\text{MSE} = \frac1n \sum_i (y_i - t_i)^2 \qquad \text{MAE} = \frac1n \sum_i |y_i - t_i|$$
#
# and Huber's, which of an error $e = y - t$ takes $e^2/2$ up to a size of $\delta$, and beyond it
# the straight line $\delta\,(|e| - \delta/2)$. The slope is what the network feels. Squares pull in
# proportion to the error, absolute errors pull all alike, and Huber's do the one near zero and the
# other far away.


# %%
delta = 2.0


def squared(e):
    return e**2


def absolute(e):
    return abs(e)


def huber(e):
    return tg.where(abs(e) <= delta, e**2 / 2, delta * (abs(e) - delta / 2))


losses = (squared, absolute, huber)
lesson.show(tg.plots.activations(losses), "errors", "Dashed: how hard an error pulls.")
y, t = rng.normal(size=8) * 3, rng.normal(size=8)
assert abs(F.mse_loss(y, t) - sum((a - b) ** 2 for a, b in zip(y, t, strict=True)) / 8) < 1e-10
assert abs(F.l1_loss(y, t) - sum(abs(a - b) for a, b in zip(y, t, strict=True)) / 8) < 1e-10
assert abs(F.huber_loss(y, t, delta=delta) - huber(y - t).mean()) < 1e-10

# %% [markdown]
# ## One bad measurement
# Which single number is nearest to 1, 2, 3, 6 and 100? It depends on who asks. MSE answers with
# the mean, which the 100 drags away. MAE answers with the median. Huber stays near it.

# %%
values, answers = np.array([1.0, 2.0, 3.0, 6.0, 100.0]), np.linspace(0, 300, 30001)
mse, mae, hub = (answers[f(answers[:, None] - values).mean(axis=1).argmin()] for f in losses)
print(f"the loss is least at: squared {mse:.2f}, absolute {mae:.2f}, Huber {hub:.2f}")
assert abs(mse - values.mean()) < 0.01
assert abs(mae - np.median(values)) < 0.01
assert mae <= hub < mse / 2, "with this delta, Huber is no longer near the median"

# %% [markdown]
# ## The loss looks at the output only
# One reads that a loss compares the network with the truth at every layer. No: nobody knows what
# hidden neurons should say. Below, the hidden neurons of the second network are those of the first,
# swapped and of opposite sign. No hidden value agrees, but the outputs do, and so do the losses.
# What hidden layers should do, backpropagation works out from the output (lesson 6).

# %%
x, W1, W2 = rng.normal(size=(8, 3)), rng.normal(size=(3, 2)), rng.normal(size=(2, 1))
one, other = np.tanh(x @ W1), np.tanh(x @ -W1[:, ::-1])
loss_one, loss_other = F.mse_loss(one @ W2, t[:, None]), F.mse_loss(other @ -W2[::-1], t[:, None])
print(f"hidden {one[0].round(3)} and {other[0].round(3)}; loss {loss_one:.6f} and {loss_other:.6f}")
assert np.abs(one - other).max() > 0.5
assert abs(loss_one - loss_other) < 1e-12

# %% [markdown]
# ## Classes
# A classifier gives every class a probability $p$. The loss is **cross entropy**: $-\ln p$ of the
# right class, the surprise. Sure and right costs 0; sure and wrong costs without limit, where a
# square would shrug. Who knows nothing of ten classes pays $\ln 10 = 2.303$: if your training
# starts far from that, something is wrong.

# %%
p = np.linspace(0.001, 1, 500)
surprise = {"cross entropy": -np.log(p), "squared error": (1 - p) ** 2}
labels = {"xlabel": "probability given to the right class", "ylabel": "loss"}
plot = tg.plots.lines(p, surprise, title="The price of being sure and wrong", **labels)
lesson.show(plot, "surprise", "At the left, blue rises without limit; a square stops at 1.")
nothing = F.cross_entropy(np.zeros((5, 10)), np.array([0, 3, 3, 9, 1]))
print(f"knowing nothing of ten classes: {nothing:.4f}")
assert abs(nothing - np.log(10)) < 1e-10

# %% [markdown]
# These losses take **scores** (also called logits) and do the softmax or sigmoid inside, so that
# nothing overflows: for one score $z$ and a truth $t$ of 0 or 1 the loss is
# $\max(z, 0) - zt + \ln(1 + e^{-|z|})$. And the slope is as simple as can be: $\sigma(z) - t$.

# %%
z = tg.Tensor([-1000.0, -2.0, 0.5, 1000.0], requires_grad=True)
truth = np.array([1.0, 0.0, 1.0, 0.0])
with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
    q = 1 / (1 + np.exp(-z.data))
    print("as written ", -truth * np.log(q) - (1 - truth) * np.log(1 - q))
with tg.Tape() as tape:
    each = tg.bce_with_logits(z, truth)
print("from scores", each.data.round(4))
assert np.array_equal(each.data[[0, 3]], [1000.0, 1000.0])
slope = tape.gradient(each.sum(), z)
assert np.abs(slope.data - (tg.sigmoid(z.data) - truth)).max() < 1e-12
scores, classes = rng.normal(size=(6, 4)), np.array([0, 1, 2, 3, 0, 1])
surprises = [np.log(sum(np.exp(s) / np.exp(s[k]))) for s, k in zip(scores, classes, strict=True)]
assert abs(F.cross_entropy(scores, classes) - np.mean(surprises)) < 1e-10

# %% [markdown]
# ## A trap in shapes
# Answers of shape (5, 1), truths of shape (5,): NumPy compares each with each, and training goes
# wrong without a word. This library refuses.

# %%
column, row = np.arange(5.0)[:, None], np.arange(5.0)
print("NumPy, for perfect answers:", wrong := ((column - row) ** 2).mean())
assert wrong == 4.0
try:
    F.mse_loss(column, row)
except tg.errors.ShapeError as error:
    print(error)
else:
    raise AssertionError("25 pairs were compared without a word")

# %% [markdown]
# **Change something.** Make the bad measurement 1,000: which answers move? Then try `delta = 0.1`
# and `delta = 50`. Whom does Huber imitate?
#
# ## Exercise 5.1: Huber
# Write `huber_of(error, delta)` for an array of errors: the value for each, not their mean.


# %%
def huber_of(error, delta): ...  # your answer


lesson.check(1, huber_of)

# %% [markdown]
# ## Exercise 5.2: cross entropy
# Write `cross_entropy(scores, k)` for one row of scores, however large, and the right class `k`.


# %%
def cross_entropy(scores, k): ...  # your answer


lesson.check(2, cross_entropy)

# %% [markdown]
# ## Exercise 5.3: the pull on a score
# Write `pull(scores, k)`: the slope of that loss at each score. For two classes you have seen it.


# %%
def pull(scores, k): ...  # your answer


lesson.check(3, pull)

# %% [markdown]
# ## Sources
# P. Huber, *Robust estimation of a location parameter*, 1964. C. Bishop, *Pattern Recognition and
# Machine Learning*, sections 1.5.5 and 4.3. Goodfellow et al., *Deep Learning*, section 6.2.
