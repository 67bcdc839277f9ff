# %% [markdown]
# # 9. Regularisation
#
# **Time:** 9 s. **You learn:** to ask for small weights (L2), for few (L1), and to close the gap
# between what a network knows by heart and what it understands.

# %%
import numpy as np
from matplotlib.figure import Figure

import tinygrad_edu as tg

lesson = tg.lessons.begin(9)

# %% [markdown]
# ## A penalty is added to the loss
# L2 regularisation asks for a good fit **and** small weights:
# $$L(w) = \frac1n \sum_{i=1}^{n} (x_i \cdot w - y_i)^2 \;+\; \lambda \sum_{j=1}^{d} w_j^2.$$
# The first sum runs over the $n$ samples, the second over the $d$ **weights**. One often sees the
# penalty written alone, as if it were the whole loss. Minimise that, and all weights become 0: the
# model says the mean to everybody. The data here: 442 people with diabetes, ten measurements each,
# and how far the disease went within a year, all brought to mean 0 and deviation 1.

# %%
people = tg.data.load("diabetes")
x, x_test, y, y_test = tg.data.train_test_split(*people, rng=0)
scaler = tg.data.StandardScaler().fit(x)
x, x_test = (scaler.transform(part).astype(np.float64) for part in (x, x_test))
y, y_test = (y - y.mean()) / y.std(), (y_test - y.mean()) / y.std()
n, d = x.shape


def fit(w, x=x, y=y):
    return ((x @ w - y) ** 2).mean()


STEPS = lesson.choose(short=700, normal=1500)


def descent(loss, steps=STEPS, lr=0.2, proximal=0.0):
    """Walk down from 0; after each step, L1's own step if `proximal` is its strength."""
    slope, w = tg.grad(loss), np.zeros(d)
    for _ in range(steps):
        w = w - lr * slope(w)
        w = np.sign(w) * np.maximum(np.abs(w) - lr * proximal, 0)
    return w


strength, ends = 0.1, {}
for name, loss in {
    "penalty alone": lambda w: strength * (w**2).sum(),
    "data alone": fit,
    "data + penalty": lambda w: fit(w) + strength * (w**2).sum(),
}.items():
    w = descent(loss)
    ends[name] = np.linalg.norm(w), fit(w, x_test, y_test)
    print("{:<14} length of w {:.3f}, test loss {:.3f}".format(name, *ends[name]))
assert ends["penalty alone"][0] < 1e-9
assert ends["data + penalty"][0] < ends["data alone"][0]
assert ends["penalty alone"][1] > 1.4 * ends["data + penalty"][1]

# %% [markdown]
# ## What it does to the gradient, and where it ends
# The slope of $\lambda w_j^2$ is $2 \lambda w_j$: each step also shrinks each weight a little, and
# therefore is called weight decay. For a linear model the end is known in closed form, as **ridge
# regression**: $w = (X^\top X / n + \lambda I)^{-1} X^\top y / n$. Both are checked here.

# %%
w = np.random.default_rng(0).normal(size=d)
with_penalty = tg.grad(lambda w: fit(w) + strength * (w**2).sum())
extra = with_penalty(w) - tg.grad(fit)(w)
print("the penalty adds to the slopes ", extra[:3].round(4), "...")
print("and 2 * strength * w is        ", (2 * strength * w)[:3].round(4), "...")
assert np.abs(extra - 2 * strength * w).max() < 1e-12

ridge = np.linalg.solve(x.T @ x / n + strength * np.eye(d), x.T @ y / n)
walked = descent(lambda w: fit(w) + strength * (w**2).sum())
print(f"descent and closed form differ by {np.abs(walked - ridge).max():.0e}")
assert np.abs(walked - ridge).max() < 1e-10

# %% [markdown]
# ## L1 makes weights exactly 0
# L1 adds $\lambda \sum_j |w_j|$. Its slope is $\pm\lambda$ however small the weight, so it pushes
# all the way to 0; L2's slope fades with the weight, so it never gets there. Plain gradient steps
# dance around 0, though. The **proximal** step stops there: shrink each weight by $\eta\lambda$,
# and what would change sign becomes 0 (`tg.nn.optim.proximal_l1` for models).

# %%
lasso = descent(fit, proximal=strength)
dancing = descent(lambda w: fit(w) + strength * tg.abs(w).sum())
print("weights    ", "  ".join(f"{name:>6}" for name in people.feature_names))
for name, w in {"none": descent(fit), "L2": ridge, "L1": lasso}.items():
    print(f"{name:<11}", "  ".join(f"{value:6.2f}" for value in w))
zeros = [int((w == 0).sum()) for w in (lasso, ridge, dancing)]
print("exact zeros: L1 proximal {}, L2 {}, L1 by plain gradient steps {}".format(*zeros))
assert zeros[0] >= 3
assert zeros[1] == zeros[2] == 0
lesson.show(
    tg.plots.regularisation_balls(), "balls",
    "The lowest point of the loss inside the budget: on a corner of L1, so one weight is 0.",
)  # fmt: skip

strengths = np.geomspace(0.003, 1.5, lesson.choose(short=7, normal=20))
paths = {
    "L2": [np.linalg.solve(x.T @ x / n + s * np.eye(d), x.T @ y / n) for s in strengths],
    "L1": [descent(fit, steps=300, proximal=s) for s in strengths],
}
figure = Figure(figsize=(10, 4), layout="constrained")
for ax, (name, path) in zip(figure.subplots(1, 2, sharey=True), paths.items(), strict=True):
    series = dict(zip(people.feature_names, np.transpose(path), strict=True))
    tg.plots.lines(strengths, series, title=name, xlabel="strength", log="x", ax=ax)
    ax.get_legend().remove()
lesson.show(
    figure, "paths", "A line for each weight. L2: all shrink together. L1: they reach 0 one by one."
)

# %% [markdown]
# ## The gap between training and test
# Sixty points of two noisy moons, and a network with 4,400 weights that can learn them by heart.
# Weight decay, dropout (half of the units are switched off at random while it trains) and early
# stopping (end when points kept aside get worse) each close the gap in their way.
#
# **Change one thing:** set the weight decay to 0.2. Both losses are 0.693 then, $\ln 2$: the
# penalty has won, all weights are gone, and the network throws a coin.

# %%
nn, training = tg.nn, tg.training
loss = nn.functional.binary_cross_entropy_with_logits
gaps, models = {}, {}
for name in ("nothing", "weight decay", "dropout", "early stopping"):
    runs = []
    for seed in range(lesson.choose(short=1, normal=3)):
        x, y = tg.data.moons(60, noise=0.3, rng=seed)
        x_test, y_test = tg.data.moons(1000, noise=0.3, rng=100 + seed)
        y, y_test = y[:, None], y_test[:, None]
        model = nn.MLP([2, 64, 64, 1], dropout=0.5 if name == "dropout" else 0.0, rng=seed)
        decay = 0.02 if name == "weight decay" else 0.0
        optimizer = nn.optim.Adam(model, lr=0.01, weight_decay=decay)
        kept, early = 60, {}
        if name == "early stopping":
            kept = 45
            early = {"validation": (x[kept:], y[kept:])}
            early["callbacks"] = [training.EarlyStopping(patience=20)]
        training.fit(
            model, (x[:kept], y[:kept]), loss, optimizer, batch_size=60, rng=seed, progress=False,
            epochs=lesson.choose(short=150, normal=400), **early,
        )  # fmt: skip
        seen = training.evaluate(model, (x[:kept], y[:kept]), loss)["loss"]
        unseen = training.evaluate(model, (x_test, y_test), loss)["loss"]
        runs.append((seen, unseen, unseen - seen))
        models.setdefault(name, (model, x, y[:, 0]))
    seen, unseen, gaps[name] = np.median(runs, axis=0)
    print(f"{name:<15} training loss {seen:.3f}, test loss {unseen:.3f}, gap {gaps[name]:.3f}")
assert all(gap < gaps["nothing"] for name, gap in gaps.items() if name != "nothing")
assert gaps["weight decay"] < gaps["nothing"] / 2
figure = Figure(figsize=(9, 3.8), layout="constrained")
for ax, name in zip(figure.subplots(1, 2), ("nothing", "weight decay"), strict=True):
    model, x, y = models[name]
    tg.plots.decision_boundary(lambda points, model=model: model(points)[:, 0], x, y, ax=ax)
    ax.set_title(name, loc="left")
lesson.show(figure, "boundaries", "Left: a border bent around single points. Right: a smooth one.")

# %% [markdown]
# ## Exercise 9.1: the whole gradient
# The gradient of the mean squared error of `x @ w` **plus** `strength` times the sum of $w_j^2$.
# By hand, with arrays only.


# %%
def penalised_gradient(x, y, w, strength): ...  # your answer


lesson.check(1, penalised_gradient)

# %% [markdown]
# ## Exercise 9.2: the step of L1
# Move each number towards 0 by `threshold`; what would pass 0 becomes 0.


# %%
def soft_threshold(w, threshold): ...  # your answer


lesson.check(2, soft_threshold)

# %% [markdown]
# ## Exercise 9.3: ridge with a bias
# The $w$ and $b$ that minimise the mean of $(x_i \cdot w + b - y_i)^2$ plus `strength` times the
# sum of $w_j^2$. The bias only shifts the output, so it is **not** penalised. A hint: what is the
# best $b$ once the means of `x` and `y` are taken away?


# %%
def ridge_with_bias(x, y, strength): ...  # your answer: return w, b


lesson.check(3, ridge_with_bias)

# %% [markdown]
# ## Sources
# Hoerl and Kennard 1970 (ridge); Tibshirani 1996 (L1); Parikh and Boyd 2014, section
# 4.3 (proximal step); Srivastava et al. 2014 (dropout); Goodfellow, Bengio, Courville 2016, chapter
# 7. Data: Efron et al. 2004. Next: what more data does, and how test data leak.
