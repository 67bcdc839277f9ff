# %% [markdown]
# # 13. Epochs and batch size
#
# **Time:** 6 s. **You learn:** what an epoch, a batch and an update are, and what the batch size
# costs and buys.

# %%
import math

import numpy as np
from matplotlib.figure import Figure

import tinygrad_edu as tg
from tinygrad_edu import nn

lesson = tg.lessons.begin(13)
data = tg.data.load("digits")
images, labels = data.features.reshape(-1, 64), data.targets
x, x_test, y, y_test = tg.data.train_test_split(images, labels, stratify=labels, rng=0)
n = len(x)

# %% [markdown]
# ## Three words that are often swapped
# - The **batch size** $B$: how many samples one *update* of the weights looks at.
# - An **update** (or step): one gradient, one $\theta \leftarrow \theta - \alpha\, g$.
# - An **epoch**: one pass through *all* the samples, batch after batch, each sample once.
#
# You can read that the batch size is the number of passes, or that the weights are updated once per
# epoch. Both are wrong. An epoch has $\lceil n/B \rceil$ updates, the last batch may be smaller,
# and only for $B = n$ is that one:
#
# $$\text{updates} = \text{epochs} \cdot \lceil n / B \rceil$$

# %%
sizes = [len(labels) for _, labels in tg.data.DataLoader(x, y, batch_size=32, shuffle=True, rng=0)]
print(f"{n} samples, B = 32: {len(sizes)} updates in an epoch, the last of {sizes[-1]} samples")
assert len(sizes) == math.ceil(n / 32)
assert sum(sizes) == n

# %% [markdown]
# ## An epoch at rest adds up to the full gradient
# Keep the weights still for an epoch. Each batch gives the mean gradient of *its* samples. Their
# mean, weighted by how many samples a batch has, is exactly the gradient of all the data. A batch
# is a cheap, noisy look at the same thing.


# %%
def network(seed):
    return nn.MLP([64, 32, 10], init="he_normal", dtype=np.float64, rng=seed)


def gradient(model, rows):
    """The gradient of the mean loss of some samples, as one long vector."""
    with tg.Tape() as tape:
        loss = nn.functional.cross_entropy(model(x[rows].astype(float)), y[rows])
    return np.concatenate([np.ravel(g) for g in tape.gradient(loss, model.parameters())])


model, rng = network(0), np.random.default_rng(0)
everything = gradient(model, np.arange(n))
order = rng.permutation(n)
parts = [order[k : k + 32] for k in range(0, n, 32)]
total = sum(len(rows) * gradient(model, rows) for rows in parts) / n
print(f"weighted mean of the batches - full gradient: at most {abs(total - everything).max():.1e}")
assert abs(total - everything).max() < 1e-12

# %% [markdown]
# ## The noise falls like $1/\sqrt{B}$
# How far is the gradient of a random batch from the full one? Four times the samples halve the
# distance. So a batch of 400 costs 100 times what a batch of 4 costs, and is only ten times as
# exact: that is why small batches pay.

# %%
batch_sizes = [1, 4, 16, 64]
noise = [
    np.mean([np.linalg.norm(gradient(model, rng.integers(n, size=B)) - everything)
             for _ in range(lesson.choose(short=100, normal=300))])
    for B in batch_sizes
]  # fmt: skip
slope = np.polyfit(np.log(batch_sizes), np.log(noise), 1)[0]
for B, distance in zip(batch_sizes, noise, strict=True):
    print(f"B = {B:2}: distance {distance:.3f}, times sqrt(B) {distance * B**0.5:.3f}")
print(f"slope in log-log {slope:.2f}; theory says -0.50")
assert abs(slope + 0.5) < 0.06

# %% [markdown]
# ## Loss against epochs, and against the clock
# Three trainings of the same network. The larger the batch, the less noise, and the larger the
# learning rate may be. The epochs are chosen so that each takes about a second.

# %%
plans = {1: (0.02, 4), 32: (0.2, lesson.choose(short=20, normal=80)),
         n: (0.5, lesson.choose(short=200, normal=800))}  # fmt: skip
page = Figure(figsize=(10, 4), layout="constrained")
by_epoch, by_clock = page.subplots(1, 2, sharey=True, gridspec_kw={"wspace": 0.06})
after, stops = {}, {}
print("    B  epochs  updates  ms per epoch   loss  test accuracy")
for B, (rate, epochs) in plans.items():
    model = nn.MLP([64, 32, 10], init="he_normal", rng=0)
    sgd = nn.optim.SGD(model, lr=rate)
    history = tg.training.fit(model, (x, y), nn.CrossEntropyLoss(), sgd, epochs=epochs,
                              batch_size=B, rng=0, progress=False)  # fmt: skip
    right = (tg.training.predict(model, x_test).argmax(axis=1) == y_test).mean()
    print(f"{B:5}{epochs:8}{sgd.steps:9}{1000 * np.median(history.seconds):14.1f}"
          f"{history['loss'][-1]:7.3f}{right:15.3f}")  # fmt: skip
    assert sgd.steps == epochs * math.ceil(n / B)
    assert right >= 0.9
    after[B] = history["loss"][3]
    by_epoch.loglog(history["epoch"], history["loss"], marker=".", label=f"B = {B}")
    by_clock.loglog(np.cumsum(history.seconds), history["loss"], marker=".", label=f"B = {B}")
by_epoch.set(xlabel="epochs", ylabel="loss (mean over the epoch)", title="per epoch: B = 1 wins")
by_clock.set(xlabel="seconds", title="per second: B = 1 is last")
by_epoch.legend(frameon=False)
lesson.show(page, "batch_sizes", "The same three runs. Left the clock is hidden, right it counts.")
print("loss after 4 epochs:", ", ".join(f"B = {B}: {loss:.2f}" for B, loss in after.items()))
assert after[1] < after[32] < after[n]

# %% [markdown]
# Left: per epoch $B = 1$ is far ahead, because it makes 1347 updates where the full batch makes
# one. Right: with the clock it is last. An update is a trip through Python and NumPy, whose cost
# hardly depends on $B$, and a product with 32 rows takes little longer than one with a single row.
# The full batch keeps up here only because 1347 small images are little work at once; its hundreds
# of epochs would be hours on a million images. A few dozen samples are the usual bargain.
#
# **Change one thing:** give all three the same learning rate 0.5. Which one breaks, and why?
#
# ## Exercise 13.1: counting updates
# Write `updates(epochs, n, batch_size)`. The last batch of an epoch may be smaller.


# %%
def updates(epochs, n, batch_size): ...  # your answer


lesson.check(1, updates)

# %% [markdown]
# ## Exercise 13.2: cutting an epoch into batches
# Write `batches(n, batch_size, rng)`: a list of index arrays, in random order (`rng.permutation`).


# %%
def batches(n, batch_size, rng): ...  # your answer


lesson.check(2, batches)

# %% [markdown]
# ## Exercise 13.3: the loss of an epoch
# Each batch reports its mean loss. Write `epoch_loss(losses, sizes)`: the mean over all *samples*.


# %%
def epoch_loss(losses, sizes): ...  # your answer


lesson.check(3, epoch_loss)

# %% [markdown]
# ## Sources
# Goodfellow, Bengio, Courville 2016, section 8.1.3 (batches; the $1/\sqrt{B}$
# argument). Bottou, Curtis, Nocedal 2018, section 3. LeCun et al. 1998, *Efficient BackProp*,
# section 4.1. Data: Alpaydin and Kaynak, UCI.
