# %% [markdown]
# # 10. Data and overfitting
#
# **Time:** 12 s. **You learn:** to keep a test honest, and to see and cure learning by heart.

# %%
import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import data, nn, training
from tinygrad_edu.errors import DataError

lesson = tg.lessons.begin(10)

# %% [markdown]
# ## From things to numbers
# A **sample** becomes a row of numbers: an image is laid flat, numbers are brought to mean 0 and
# deviation 1, so that centimetres and kilograms weigh alike, and a word becomes a 1 among 0s
# (**one-hot**), so that no colour is larger than another.

# %%
print(data.one_hot([2, 0, 1]))  # red, green, blue: as far from each other as any two
digits = data.load("digits")
pixels = digits.features.reshape(len(digits), -1).astype(np.float32)
print("an image", digits.features[0].shape, "becomes a row", pixels[0].shape)

# %% [markdown]
# ## A test is used once
# Part of the samples is kept away: the **test** part. It stands for the world of tomorrow, so
# *nothing* may be learned from it, not even a mean. Scalers here know test parts and refuse them.

# %%
x, x_test, y, y_test = data.train_test_split(
    pixels, digits.targets, test_size=0.3, stratify=digits.targets, rng=0
)
scaler = data.StandardScaler().fit(x)
assert np.allclose(scaler.mean_, x.mean(axis=0), atol=1e-5)
try:
    data.StandardScaler().fit(x_test)
except DataError as refused:
    print(str(refused).splitlines()[0])
else:
    raise AssertionError("a test part was learned from")

# %% [markdown]
# Is that pedantic? Here is pure noise: 80 samples, 2000 features, labels thrown with a coin. There
# is *nothing* to learn. But choose the 20 features that go best with the labels, once of all
# samples, "to save time", and once of the training part, as is right:

# %%
rng = np.random.default_rng(0)
noise, coins = rng.normal(size=(80, 2000)), rng.permutation(np.repeat([0, 1], 40))


def tested_on_noise(leak, k):
    train, test = data.train_test_split(np.arange(80), stratify=coins, rng=k)
    chosen_by = np.arange(80) if leak else train
    signs = 2 * coins[chosen_by] - 1
    best = np.argsort(-np.abs(signs @ noise[chosen_by]))[:20]
    weights = np.sign((2 * coins[train] - 1) @ noise[train][:, best])  # the plainest classifier
    return np.mean((noise[test][:, best] @ weights > 0) == coins[test])


leaked, honest = (np.mean([tested_on_noise(leak, k) for k in range(20)]) for leak in (True, False))
print(f"accuracy on coins: chosen by all samples {leaked:.2f}, by the training part {honest:.2f}")
assert leaked > 0.8
assert abs(honest - 0.5) < 0.1

# %% [markdown]
# A test that leaked is worse than none: it makes coins look predictable.
#
# ## Learning by heart
# A network with 5,000 weights can remember 50 images one by one. Then it is perfect on what it saw,
# and poor on the rest: it **overfits**. The cure that always works is more data. The **learning
# curve** shows how much of it is needed: the gap between the two lines is what was only memorised.


# %%
def accuracy(targets, outputs):
    return (outputs.argmax(axis=1) == targets).mean()


def make():
    model = nn.MLP((64, 64, 10), dtype=np.float32)
    return model, nn.optim.Adam(model, lr=3e-3)


loss = nn.functional.cross_entropy
sizes = lesson.choose(short=[30, 120, 1200], normal=[30, 60, 120, 250, 500, 1200])
repeats = lesson.choose(short=1, normal=3)
curves = [
    training.learning_curve(
        make, x, y, sizes, loss=loss, test=(x_test, y_test), metrics={"accuracy": accuracy},
        epochs=60, rng=seed,
    )
    for seed in range(repeats)
]  # fmt: skip
seen, unseen = (
    np.median([curve[f"{part}_accuracy"] for curve in curves], axis=0) for part in ("train", "test")
)
for n, a, b in zip(sizes, seen, unseen, strict=True):
    print(f"{n:5} samples: {a:.3f} on what it saw, {b:.3f} on the rest, gap {a - b:.3f}")
assert seen.min() > 0.98
assert unseen[-1] > 0.95 > 0.85 > unseen[0]
assert (seen - unseen)[-1] < (seen - unseen)[0] / 4
plot = tg.plots.lines(sizes, {"what it saw": seen, "the rest": unseen}, log="x", marks=True,
                      xlabel="training samples", ylabel="accuracy")  # fmt: skip
lesson.show(plot, "learning_curve", "The gap is what was learned by heart. Data close it.")

# %% [markdown]
# A small network, a penalty on weights, and an early end are other cures (lesson 9). What does not
# cure it is a better start: initialisation decides how fast one learns, not what.
#
# ## Data out of data
# A digit that is moved by a pixel is still the same digit. So each image can be shown in many
# ways: **augmentation**. The network never sees the same image twice, so it cannot memorise it. It
# must suit the data, though: a 6 turned upside down is no 6.


# %%
def augmented(images, rng):
    turned = data.random_rotate(images.reshape(-1, 28, 28), 12, rng=rng)
    return data.random_shift(turned, 2, rng=rng).reshape(-1, 784).astype(np.float32)


large = data.load("mnist10k")  # 28 by 28: there a pixel is little
images, labels = large.features.reshape(-1, 784).astype(np.float32), large.targets
ways = augmented(images[:1].repeat(8, axis=0), 0).reshape(8, 28, 28)
lesson.show(tg.plots.images(ways), "augmented", "One digit, seen in eight ways.")
found = {"as they are": [], "augmented": []}
for seed in range(repeats):
    for name, result in found.items():
        rng = np.random.default_rng(seed)
        few = rng.permutation(5000)[:300]
        model = nn.MLP((784, 64, 10), dtype=np.float32, rng=seed)
        optimizer = nn.optim.Adam(model, lr=2e-3)
        for _ in range(lesson.choose(short=600, normal=800)):
            rows = rng.choice(few, size=32)
            seen = augmented(images[rows], rng) if name == "augmented" else images[rows]
            optimizer.zero_grad()
            loss(model(seen), labels[rows]).backward()
            optimizer.step()
        result.append(accuracy(labels[5000:], training.predict(model, images[5000:])))
plain, better = (float(np.median(result)) for result in found.values())
print(f"300 images, median of {repeats} seeds: {plain:.3f} as they are, {better:.3f} augmented")
assert better > plain + 0.01

# %% [markdown]
# **Change something.** Augment the 8 by 8 digits in the same way. There two pixels are half of it,
# and it hurts. Then flip the large ones left to right (`data.random_flip`).
#
# ## Exercise 10.1: scale without peeking
# Write `scaled(train, test)`: both parts, each column with mean 0 and deviation 1 *over the
# training part*.


# %%
def scaled(train, test): ...  # your answer


lesson.check(1, scaled)

# %% [markdown]
# ## Exercise 10.2: one among zeros
# Write `one_hot(labels, classes)`: a row for each label, 1 at its place.


# %%
def one_hot(labels, classes): ...  # your answer


lesson.check(2, one_hot)

# %% [markdown]
# ## Exercise 10.3: keep some apart
# Write `split(n, share, rng)`: two arrays of row numbers, for training and for the test, which gets
# `round(share * n)` rows by chance (`rng.permutation`).


# %%
def split(n, share, rng): ...  # your answer


lesson.check(3, split)

# %% [markdown]
# ## Sources
# T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, section 7.10.2 (the
# wrong way to choose features). C. Cortes et al., *Learning curves*, NIPS 1994. P. Simard, D.
# Steinkraus, J. Platt, *Best practices for convolutional neural networks*, ICDAR 2003.
