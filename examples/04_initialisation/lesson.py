# %% [markdown]
# # 4. Initialisation
#
# **Time:** 3 s. **You learn:** which first weights let a deep network learn, and what a good start
# does not do.

# %%
import numpy as np
from matplotlib.figure import Figure

import tinygrad_edu as tg

lesson = tg.lessons.begin(4)
init = tg.nn.init

# %% [markdown]
# ## What a sum does to size
# A neuron adds $n$ products. With random weights of standard deviation $\sigma$ and inputs of size
# 1 the sum has the size $\sigma\sqrt n$, and not $\sigma n$: pluses and minuses partly cancel. Each
# layer multiplies by that factor again. For 100 inputs and $\sigma = 0.01$ it is 0.1, and after 20
# layers a signal is $10^{-20}$ of what it was.
#
# To keep the size, make the factor 1: $\sigma^2 = 1/n$. Two corrections: relu throws the negative
# half away, so He takes $\sigma^2 = 2/n$; tanh squeezes a little, so Xavier's $\sigma^2 =
# 2/(n_{in} + n_{out})$, which minds the way back as well, gets a *gain* of 5/3 on $\sigma$.

# %%
rng = np.random.default_rng(0)
n, depth, x = 100, 20, rng.normal(size=(500, 100))
sums = x @ rng.normal(0.0, 0.01, size=(n, n))
print(f"one layer of N(0, 0.01): size {sums.std():.4f}, expected {0.01 * np.sqrt(n):.4f}")
assert abs(sums.std() - 0.1) < 0.005

# %% [markdown]
# ## Twenty layers
# Five starts, nothing trained. Left: the size of the activations, layer by layer. Right: that of
# the gradient when it arrives there, coming from layer 20. A healthy start is flat in both. With
# weights of size 1 all seems well on the left, but the neurons are stuck near -1 and 1, and the
# gradient explodes.

# %%
starts = {
    "N(0, 0.01), tanh": (tg.tanh, lambda: init.normal((n, n), std=0.01, rng=rng)),
    "N(0, 1), tanh": (tg.tanh, lambda: init.normal((n, n), std=1.0, rng=rng)),
    "Xavier, gain 5/3, tanh": (tg.tanh, lambda: init.xavier_normal((n, n), gain=5 / 3, rng=rng)),
    "Xavier, relu": (tg.relu, lambda: init.xavier_normal((n, n), rng=rng)),
    "He, relu": (tg.relu, lambda: init.he_normal((n, n), rng=rng)),
}
layers, sizes, gradients = range(1, depth + 1), {}, {}
for name, (bend, draw) in starts.items():
    h = tg.Tensor(x, requires_grad=True)
    with tg.Tape() as tape:
        passed = [h := bend(h @ draw()) for _ in layers]
    arrived = tape.adjoints(h, output_gradient=rng.normal(size=h.shape))
    sizes[name] = [h.data.std() for h in passed]
    gradients[name] = [np.sqrt((arrived[h] ** 2).mean()) for h in passed]
    print(f"{name:23} signal {sizes[name][-1]:.0e}, gradient {gradients[name][0]:.0e}")
figure = Figure(figsize=(10.5, 4.2), layout="constrained")
for ax, found in zip(figure.subplots(1, 2, sharey=True), (sizes, gradients), strict=True):
    title = "size of " + ("the activations" if found is sizes else "the gradient")
    tg.plots.lines(layers, found, title=title, xlabel="layer", log="y", marks=True, ax=ax)
    ax.axhspan(0.3, 3, color="#dcfce7", zorder=0)
lesson.show(figure, "layers", "Only two starts stay by the green band, 0.3 to 3, on both sides.")
for good in ("Xavier, gain 5/3, tanh", "He, relu"):
    assert 0.3 <= min(sizes[good]) <= max(sizes[good]) <= 3, f"{good}: it fades or grows"
assert max(sizes["N(0, 0.01), tanh"][-1], gradients["N(0, 0.01), tanh"][0]) < 1e-15
assert sizes["N(0, 1), tanh"][-1] > 0.9, "so nearly all of them are -1 or 1"
assert gradients["N(0, 1), tanh"][0] > 1e6

# %% [markdown]
# ## Equal neurons stay equal
# Two hidden neurons with the same weights give the same answers, get the same gradients, make the
# same steps. Eight of them stay one neuron, eight times. All zeros are worse: no gradient gets
# through to the first layer. So we draw at random. (A third input, always 1, serves as bias.)

# %%
points, label = tg.data.xor(200, rng=0)
points, wanted = np.column_stack([points, np.ones(200)]), 2.0 * label[:, None] - 1


def train(W1, W2):
    parameters = [tg.Parameter(W1), tg.Parameter(W2)]
    for _ in range(300):
        with tg.Tape() as tape:
            loss = ((tg.tanh(points @ parameters[0]) @ parameters[1] - wanted) ** 2).mean()
        for p, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
            p.data -= 0.1 * gradient.data
    return parameters[0].data, loss


constant, stuck = train(np.full((3, 8), 0.5), np.full((8, 1), 0.5))
zero, _ = train(np.zeros((3, 8)), np.zeros((8, 1)))
_, learned = train(rng.normal(size=(3, 8)), rng.normal(size=(8, 1)) / 3)
print("constant start, two of eight neurons after training:", *constant.T[:2].round(4))
print(f"loss: constant {stuck:.3f}, random {learned:.3f}")
assert np.all(constant == constant[:, :1]), "all hidden neurons are identical, to the last bit"
assert np.all(zero == 0), "zeros have not moved"
assert learned < stuck / 2

# %% [markdown]
# ## What a good start does not do
# One reads that initialisation prevents overfitting. It does not. Sixty digits are learned by heart
# from each good start, and new ones read no better from one than from another. What closes the gap
# is more data (lesson 10). The last table is `init_report`: it measures any model before its first
# step, here one that starts too small.

# %%
digits = tg.data.load("digits")
images, labels = digits.features.reshape(-1, 64), digits.targets


def accuracies(start, samples, seed):
    order = np.random.default_rng(seed).permutation(len(images))
    known, new = order[:samples], order[-500:]
    model = tg.nn.MLP([64, 64, 10], init=start, rng=seed)
    optimizer = tg.nn.optim.Adam(weights := list(model.parameters()), lr=0.01)
    for _ in range(100):
        with tg.Tape() as tape:
            loss = tg.softmax_cross_entropy(model(images[known]), labels[known]).mean()
        optimizer.step(tape.gradient(loss, weights))
    return [np.mean(model(images[k]).data.argmax(axis=1) == labels[k]) for k in (known, new)]


seeds, gaps = range(lesson.choose(short=1, normal=3)), {}
for start, samples in (("he", 60), ("xavier", 60), ("he", 1000)):
    known, new = np.median([accuracies(start, samples, seed) for seed in seeds], axis=0)
    gaps[start, samples] = known - new
    print(f"{start:6} {samples:4} digits: {known:.3f} of the known, {new:.3f} of new ones")
assert abs(gaps["he", 60] - gaps["xavier", 60]) < 0.05, "both starts overfit alike"
assert gaps["he", 1000] < min(gaps["he", 60], gaps["xavier", 60]) / 2

small = init.apply(tg.nn.MLP([64, 32, 10], rng=0), "normal", std=0.01, rng=0)
print(tg.nn.init_report(small, images[:100]))

# %% [markdown]
# **Change something.** Take a fifth off He (`0.8 * init.he_normal(...)`), then 5 %. How exact must
# a start be, if 20 layers each multiply by it?
#
# ## Exercise 4.1: He
# Write `he_std(inputs)`: the standard deviation $\sigma$ for a relu layer with so many inputs.


# %%
def he_std(inputs): ...  # your answer


lesson.check(1, he_std)

# %% [markdown]
# ## Exercise 4.2: from normal to uniform
# Spread evenly over $-a$ to $a$, numbers have a standard deviation of $a/\sqrt3$. Write
# `uniform_limit(std)`: the $a$ for it.


# %%
def uniform_limit(std): ...  # your answer


lesson.check(2, uniform_limit)

# %% [markdown]
# ## Exercise 4.3: how small does it get?
# Write `size_after(std, width, layers)`: the size of a signal, at first 1, after so many layers of
# `width` neurons with random weights of size `std` and no activation.


# %%
def size_after(std, width, layers): ...  # your answer


lesson.check(3, size_after)

# %% [markdown]
# ## Sources
# X. Glorot, Y. Bengio, *Understanding the difficulty of training deep feedforward neural networks*,
# AISTATS 2010 (Xavier). K. He et al., *Delving deep into rectifiers*, ICCV 2015.
