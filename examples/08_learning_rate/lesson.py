# %% [markdown]
# # 8. The learning rate
#
# **Time:** 4 s. **You learn:** how large a step may be, how to find a good one, and what the
# gradients of each layer say about it.

# %%
import numpy as np
from matplotlib.figure import Figure

import tinygrad_edu as tg

lesson = tg.lessons.begin(8)

# %% [markdown]
# ## How large is too large?
# Near a minimum every loss is a parabola, $L(w) = \tfrac{c}{2} w^2$, with curvature $c$. Its slope
# is $c\,w$, so a step of descent multiplies the distance to the minimum by a fixed number:
# $$w \leftarrow w - \eta\, c\, w = (1 - \eta c)\, w.$$
# That shrinks exactly if $|1 - \eta c| < 1$, that is if $\eta < 2/c$. At $1/c$ one step suffices.
# Below the edge it zigzags home, above it every step is worse than the last.


# %%
def descent(curvature, lr, steps, w=1.0):
    """Where w is after each step; the slope comes from the tape."""
    slope, way = tg.grad(lambda w: curvature / 2 * w**2), [w]
    for _ in range(steps):
        way.append(way[-1] - lr * float(slope(way[-1])))
    return np.array(way)


for c in (0.5, 4.0, 100.0):
    below, above = (abs(descent(c, lr, 200)[-1]) for lr in (1.9 / c, 2.1 / c))
    print(f"curvature {c:5}: after 200 steps, lr 1.9/c is {below:.0e} away and 2.1/c {above:.0e}")
    assert below < 1e-8
    assert above > 1e7

figure = Figure(figsize=(11, 2.9), layout="constrained")
bend = np.linspace(-1.9, 1.9, 200)
for ax, factor in zip(figure.subplots(1, 4, sharey=True), (0.2, 1.0, 1.9, 2.1), strict=True):
    way = descent(1.0, factor, 7)
    tg.plots.lines(bend, {"loss": bend**2 / 2}, title=f"lr = {factor}/c", xlabel="w", ax=ax)
    ax.plot(way, way**2 / 2, "o-", color="#c2410c")
    ax.set_ylim(-0.1, 1.9)
    ax.get_legend().remove()
lesson.show(figure, "parabola", "Creeps, arrives in one step, zigzags home, zigzags away.")

# %% [markdown]
# ## The same edge in real data
# Linear regression on 442 people with diabetes has ten weights, so ten curvatures: the eigenvalues
# of the Hessian. The **largest** one sets the edge for all; the smallest one then has to wait.

# %%
x, y = tg.data.load("diabetes")
x = tg.data.StandardScaler().fit_transform(x).astype(np.float64)
y = (y - y.mean()) / y.std()


def loss(w):
    return ((x @ w - y) ** 2).mean()


curvatures = np.linalg.eigvalsh(tg.hessian(loss)(np.zeros(10)))
least = loss(np.linalg.lstsq(x, y)[0])
ends = []
for factor in (1.9, 2.1):
    w = np.zeros(10)
    for _ in range(200):
        w = w - factor / curvatures[-1] * tg.grad(loss)(w)
    ends.append(loss(w))
print(f"curvatures from {curvatures[0]:.3f} to {curvatures[-1]:.3f}; least loss {least:.4f}")
print(f"200 steps with lr 1.9/c end at loss {ends[0]:.4f}, with 2.1/c at {ends[1]:.0e}")
assert abs(ends[0] - least) < 0.002
assert ends[1] > 1e6

# %% [markdown]
# ## Finding a rate by trying them all
# A network has too many curvatures to list, and they change as it learns. `lr_find` trains for a
# hundred steps, each with a larger rate, and puts everything back. Read the curve from the left:
# flat (too small to matter), falling (useful), rising (past the edge). Take a third of the rate
# where it falls fastest: what survives one step need not survive a thousand.

# %%
digits = tg.data.load("digits")
x, x_test, labels, labels_test = tg.data.train_test_split(
    digits.features.reshape(-1, 64), digits.targets, stratify=digits.targets, rng=0
)
cross_entropy = tg.nn.functional.cross_entropy


def network(lr=0.01, seed=0):
    model = tg.nn.MLP([64, 64, 10], rng=seed)
    return model, tg.nn.optim.SGD(model, lr=lr)


model, optimizer = network()
found = tg.training.lr_find(
    model, (x, labels), cross_entropy, optimizer, low=1e-4, high=100.0, rng=0
)  # fmt: skip
good = found.suggestion / 3
plot = tg.plots.lines(
    found.rates, {"loss of a batch": found.losses, "smoothed": found["smoothed"]}, log="x",
    xlabel="learning rate", ylabel="loss",
)  # fmt: skip
plot.ax.set_ylim(1.4, 4)
plot.ax.axvline(good, color="#c2410c")
plot.ax.annotate(f"{good:.2f}", (good, 3.6), (-30, 0), textcoords="offset points")
lesson.show(plot, "lr_find", "Flat, then falling, then over the edge: choose before the bottom.")

# %% [markdown]
# ## Is it right? And what do the gradients say?
# Three rates, three seeds each, the same five epochs. A monitor notes how large each update of a
# weight matrix is beside the matrix: $\eta \|\nabla W\| / \|W\|$. A rule of thumb is about 0.001
# for a long training; in one of five epochs it is twenty times that. At a hundredth of the rate
# nothing is learned; at thirty times, all units are soon switched off for good, and updates are 0.

# %%
losses, ratios = {}, {}
for name, lr in {"a hundredth": good / 100, "found": good, "thirty times": good * 30}.items():
    runs = []
    for seed in range(3):
        model, optimizer = network(lr, seed)
        monitor = tg.training.Monitor(every=10, notes=False)
        tg.training.fit(
            model, (x, labels), cross_entropy, optimizer, epochs=5, callbacks=[monitor],
            progress=False, rng=seed,
        )  # fmt: skip
        test = tg.training.evaluate(model, (x_test, labels_test), cross_entropy)["loss"]
        runs.append((test, np.median(monitor.ratios["0.weight"])))
    losses[name], ratios[name] = np.median(runs, axis=0)
    print(
        f"{name:<13} lr {lr:7.4f}  test loss {losses[name]:6.3f}  update/weight {ratios[name]:.5f}"
    )
assert losses["found"] < 0.4
assert losses["a hundredth"] > 1.5
assert losses["thirty times"] > 2.0
assert ratios["found"] > 10 * ratios["a hundredth"]

# %% [markdown]
# ## The length of the gradient, layer by layer
# A sigmoid passes on at most a quarter of each gradient. Ten of them: the first layers hear next
# to nothing, and no single rate suits them all. With ReLU and He's start all layers learn alike.
#
# **Change one thing:** put `"tanh"` in the place of `"sigmoid"`.

# %%
lengths = {}
for activation, start in {"sigmoid": "xavier_normal", "relu": "he_normal"}.items():
    model = tg.nn.MLP([64] * 11 + [10], activation=activation, init=start, rng=0)
    cross_entropy(model(x[:200]), labels[:200]).backward()
    weights = [p for name, p in model.named_parameters() if "weight" in name]
    lengths[activation] = np.array([np.linalg.norm(p.grad) for p in weights])
fade = {name: each[-1] / each[0] for name, each in lengths.items()}
print(f"the last layer's gradient is {fade['sigmoid']:.0e} times the first's with sigmoid, "
      f"{fade['relu']:.1f} times with ReLU")  # fmt: skip
plot = tg.plots.lines(
    np.arange(1, 12), lengths, log="y", marks=True, xlabel="layer, from the input",
    ylabel="length of the gradient",
)  # fmt: skip
lesson.show(plot, "layers", "A straight line down in decades: each sigmoid takes its share.")
assert fade["sigmoid"] > 1e4
assert fade["relu"] < 100

# %% [markdown]
# ## Exercise 8.1: the edge
# The loss is $w^\top H w / 2$ for a symmetric matrix $H$. Which rate must descent stay below?


# %%
def largest_rate(hessian): ...  # your answer


lesson.check(1, largest_rate)

# %% [markdown]
# ## Exercise 8.2: how many steps?
# How many steps until the distance to the minimum is at most `share` of what it was, on a parabola?


# %%
def steps_needed(curvature, lr, share): ...  # your answer: a whole number


lesson.check(2, steps_needed)

# %% [markdown]
# ## Exercise 8.3: update beside weight
# The ratio that the monitor keeps, for one step of plain gradient descent.


# %%
def update_ratio(weights, gradient, lr): ...  # your answer


lesson.check(3, update_ratio)

# %% [markdown]
# ## Sources
# Goodfellow, Bengio, Courville 2016, sections 4.3 and 8.2; Smith 2017 (trying all
# rates); Hochreiter 1991 (fading gradients). Next: a loss that prefers small weights.
