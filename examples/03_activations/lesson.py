# %% [markdown]
# # 3. Activations
#
# **Time:** 10 s. **You learn:** why a network needs a bend in every layer, which bends there are,
# and what their slopes do to learning.

# %%
import itertools

import numpy as np
from matplotlib.figure import Figure

import tinygrad_edu as tg

lesson = tg.lessons.begin(3)
rng = np.random.default_rng(0)

# %% [markdown]
# ## Without a bend, depth is wasted
# Leave the activation out, and two layers are one:
# $(xW_1 + b_1)W_2 + b_2 = x\,(W_1W_2) + (b_1W_2 + b_2)$. A hundred such layers still draw one line.

# %%
x = rng.normal(size=(5, 2))
W1, b1, W2, b2 = (rng.normal(size=shape) for shape in ((2, 8), 8, (8, 1), 1))
two_layers = (x @ W1 + b1) @ W2 + b2
one_layer = x @ (W1 @ W2) + (b1 @ W2 + b2)
print("the two differ by", f"{np.abs(two_layers - one_layer).max():.1e}")
assert np.abs(two_layers - one_layer).max() < 1e-12

# %% [markdown]
# ## The family
# $$\tanh z = \frac{e^z - e^{-z}}{e^z + e^{-z}} \qquad
# \text{sigmoid}\; \sigma(z) = \frac{1}{1 + e^{-z}} \qquad
# \text{relu}(z) = \max(0, z)$$
#
# Look at the dashed slopes, for backpropagation multiplies them, one per layer. The slope of
# sigmoid is at most 1/4: ten layers shrink a gradient by a million *at best*. That of tanh reaches
# 1, but is almost 0 at both ends; a neuron there is *saturated* and hardly learns. That of relu is
# 1 wherever the neuron is awake, and 0 where it is asleep; leaky relu never sleeps quite. At the
# corner of relu there is no slope; this library takes 0 there, as all others do.

# %%
names = ["tanh", "sigmoid", "relu", "leaky_relu", "elu", "gelu"]
plot = tg.plots.activations(names)
lesson.show(plot, "activations", "Six bends, and in dashes the slope of each.")
for name in names:
    steepest = plot.arrays[f"{name} derivative"].max()
    print(f"{name:10}  largest slope {steepest:.2f}, through ten layers {steepest**10:.1e}")
assert abs(plot.arrays["sigmoid derivative"].max() - 0.25) < 1e-12
assert abs(plot.arrays["tanh derivative"].max() - 1.0) < 1e-12
assert set(plot.arrays["relu derivative"]) == {0.0, 1.0}
assert tg.grad(tg.relu)(0.0) == 0.0
z = np.linspace(-5, 5, 101)
assert np.abs(tg.sigmoid(z) - (1 + np.tanh(z / 2)) / 2).max() < 1e-12  # a tanh in disguise

# %% [markdown]
# ## A formula is not yet a program
# Type the formula of tanh as it stands, and for $z = 1000$ the computer says *not a number*:
# $e^{1000}$ is too large for it, and infinity divided by infinity has no value. Yet tanh is simply
# 1 there. The same trap waits in **softmax**, which turns the scores of a classifier into
# probabilities, $p_k = e^{s_k} / \sum_j e^{s_j}$. A reader of handwriting asks once a digit: a 12
# is ten scores for the 1, and ten more for the 2. Only differences of scores count, so the largest
# may be subtracted from all of them first, and then nothing overflows.

# %%
large = np.array([-1000.0, 0.0, 1000.0])
with np.errstate(over="ignore", invalid="ignore"):
    as_written = (np.exp(large) - np.exp(-large)) / (np.exp(large) + np.exp(-large))
print("tanh as written", as_written, " tg.tanh", tg.tanh(large))
print("softmax", tg.softmax(large), " and of two rows", tg.softmax([[1.0, 2.0], [101.0, 102.0]])[1])
assert list(tg.tanh(large)) == [-1.0, 0.0, 1.0]
assert np.isnan(as_written[0])
assert np.isnan(as_written[2])
assert np.allclose(tg.softmax([1.0, 2.0]), tg.softmax([101.0, 102.0]), rtol=0, atol=1e-12)

# %% [markdown]
# ## Two spirals
# Each arm of the spiral is a class; no line tells them apart. The same network, 2-32-32-1, once
# without a bend and then with three different ones. (`Adam` is a quicker way downhill than the
# plain step; lesson 7 explains it. The loss is the subject of lesson 5.)

# %%
points, arm = tg.data.spirals(300, rng=0)
points, arm = points.astype(np.float64), arm.astype(np.float64)
bends = {"none": lambda z: z, "sigmoid": tg.sigmoid, "tanh": tg.tanh, "relu": tg.relu}
units, steps, seeds = 32, 300, lesson.choose(short=1, normal=3)


def learned(bend, seed):
    """A network that has learned the spirals, as a function of points."""
    draw = np.random.default_rng(seed).normal
    sizes = [(2, units), (units, units), (units, 1)]
    W = [tg.Parameter(draw(size=size) * np.sqrt(2 / size[0])) for size in sizes]
    b = [tg.Parameter(np.zeros(size[1])) for size in sizes]
    optimizer = tg.nn.optim.Adam(W + b, lr=0.01)

    def network(x):
        return (bend(bend(x @ W[0] + b[0]) @ W[1] + b[1]) @ W[2] + b[2])[:, 0]

    for _ in range(steps):
        with tg.Tape() as tape:
            loss = tg.bce_with_logits(network(points), arm).mean()
        optimizer.step(tape.gradient(loss, W + b))
    return network


figure = Figure(figsize=(11, 3.6), layout="constrained")
axes = dict(zip(("none", "tanh", "relu"), figure.subplots(1, 3), strict=True))
median = {}
for name, bend in bends.items():
    networks = [learned(bend, seed) for seed in range(seeds)]
    right = [np.mean((network(points).data > 0) == arm) for network in networks]
    median[name] = np.median(right)
    print(f"{name:8} right: median {median[name]:.3f} of", *np.round(right, 3))
    if name in axes:
        tg.plots.decision_boundary(networks[0], points, arm, ax=axes[name])
        axes[name].set_title(f"{name}: {right[0]:.1%} right", loc="left")
lesson.show(figure, "spirals", "No bend, one line. tanh bends smoothly, relu in straight pieces.")
assert median["none"] <= 0.65
assert min(median["tanh"], median["relu"]) >= 0.97, "the network is too small, or stopped too soon"
assert median["sigmoid"] < median["tanh"], "with so many steps even sigmoid gets there"

# %% [markdown]
# ## Look inside
# Each neuron colours the plane by what it answers there; the last one puts these pictures
# together. The page replays several trainings on two moons: turn the knobs for activation, width
# and learning rate, and see the corners of relu, the curves of tanh, and who is slow. (`nn.MLP` and
# `fit` do the steps from above.)

# %%
moons, moon = tg.data.moons(120, noise=0.15, rng=0)
recorders, kinds = [], {"none": tg.nn.Identity}
for lr, bend, width in itertools.product(
    lesson.choose(short=[0.03], normal=[0.003, 0.03]),
    lesson.choose(short=["tanh", "relu"], normal=["none", "sigmoid", "tanh", "relu"]),
    lesson.choose(short=[4], normal=[2, 4, 8]),
):
    model = tg.nn.MLP([2, width, width, 2], activation=kinds.get(bend, bend), rng=0)
    knobs = {"learning rate": lr, "activation": bend, "width": width}
    recorders.append(tg.training.FieldRecorder(moons, moon, settings=knobs, frames=21))
    adam, loss = tg.nn.optim.Adam(model, lr=lr), tg.nn.CrossEntropyLoss()
    tg.training.fit(model, (moons, moon), loss, adam, epochs=lesson.choose(short=5, normal=40),
                    batch_size=20, callbacks=recorders[-1:], progress=False, rng=0)  # fmt: skip
page = tg.explorables.training_replay(recorders, title="Two moons, seen by every neuron")
lesson.show(page, "replay", "Play, turn the knobs, press a neuron to see it large.")
best = {run.settings["activation"]: run.frames[-1]["accuracy"] for run in recorders}
print("right at the end, 8 neurons wide:")
for bend, right in best.items():
    print(f"{bend:8} {right:.3f}")
assert lesson.mode == "short" or best["none"] < 0.95 <= min(best["tanh"], best["relu"])

# %% [markdown]
# **Change something.** Set `units` to 3, then to 8. How many corners does relu need? And give
# sigmoid 1,000 `steps`: it is slow, not unable.
#
# ## Exercise 3.1: leaky relu
# Write `leaky(z, slope)`: `z` where it is above 0, `slope * z` below, for arrays.


# %%
def leaky(z, slope): ...  # your answer


lesson.check(1, leaky)

# %% [markdown]
# ## Exercise 3.2: the slope of sigmoid
# Write `sigmoid_slope(z)`. It should be right at -1000 and 1000 too; `tg.sigmoid` may be used.


# %%
def sigmoid_slope(z): ...  # your answer


lesson.check(2, sigmoid_slope)

# %% [markdown]
# ## Exercise 3.3: softmax
# Write `softmax(scores)` with NumPy, for one row of scores, as large as they may be.


# %%
def softmax(scores): ...  # your answer


lesson.check(3, softmax)

# %% [markdown]
# ## Sources
# X. Glorot, A. Bordes, Y. Bengio, *Deep sparse rectifier neural networks*, AISTATS 2011. G.
# Cybenko, *Approximation by superpositions of a sigmoidal function*, 1989. D. Hendrycks, K.
# Gimpel, *Gaussian error linear units*, 2016.
