# %% [markdown]
# # 15. Handwritten digits, end to end
#
# **Time:** 5 s. **You learn:** the whole way from raw images to a saved network that reads a "12".

# %%
import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn

lesson = tg.lessons.begin(15)
print(data := tg.data.load("digits"))
images, labels = data.features, data.targets

# %% [markdown]
# ## 1. Look at the data
# 1797 images of 8 by 8 pixels, 0 for paper and 1 for ink. Each was a black and white scan of 32 by
# 32 points; one pixel is the share of ink in a square of 4 by 4. One image is **one sample**: the
# network sees 64 numbers at its input, never the whole data set at once.

# %%
lesson.show(tg.plots.batch(images, labels, most=24), "data", "Could you read all of them?")
print("how many of each digit:", counts := np.bincount(labels))
assert counts.max() / counts.min() < 1.1  # balanced, so accuracy is a fair judge here

# %% [markdown]
# ## 2. Put some away, and ask what is easy
# Train on 64 %, choose on 16 % (validation), judge **once** on 20 % (test). Before a network, a
# baseline: take the digit whose *mean image* is nearest. A network has to beat that, not guessing.


# %%
def parts(x, y, seed):
    x, x_test, y, y_test = tg.data.train_test_split(x, y, test_size=0.2, stratify=y, rng=seed)
    x, x_val, y, y_val = tg.data.train_test_split(x, y, test_size=0.2, stratify=y, rng=seed)
    return (x, y), (x_val, y_val), (x_test, y_test)


def accuracy(y, scores):
    return (scores.argmax(axis=1) == y).mean()


pixels = images.reshape(-1, 64) - 0.5  # around 0, and the same for every image: nothing can leak
train, validation, test = parts(pixels, labels, seed=0)
means = np.stack([train[0][train[1] == digit].mean(axis=0) for digit in range(10)])
baseline = accuracy(test[1], -((test[0][:, None] - means) ** 2).sum(axis=2))
print(f"nearest mean image: {baseline:.3f} of the test digits")

# %% [markdown]
# ## 3. Train, stop in time, look at the mistakes
# Softmax turns ten scores into chances; cross-entropy is the loss, $-\log p(\text{true digit})$.
# The loss looks at the **output** only; what it says about inner layers comes by the chain rule.
# `EarlyStopping` keeps the weights of the epoch with the least validation loss. A number says how
# many mistakes there are; only pictures say why. Many of them are hard for you, too.


# %%
def perceptron(inputs=64):
    model = nn.MLP([inputs, 256, 128, 10], init="he_normal")
    return model, nn.optim.Adam(model, lr=0.002)


def trained(make, x, y, seed, epochs, batch_size=32):
    train, validation, test = parts(x, y, seed)
    with tg.seed(seed):
        model, optimizer = make()
        history = tg.training.fit(
            model, train, nn.CrossEntropyLoss(), optimizer, epochs=epochs, batch_size=batch_size,
            validation=validation, metrics={"accuracy": accuracy}, progress=False,
            callbacks=[tg.training.EarlyStopping(patience=10)],
        )  # fmt: skip
    return model, history, accuracy(test[1], tg.training.predict(model, test[0]))


runs = [trained(perceptron, pixels, labels, seed, epochs=40) for seed in range(3)]
median = np.median([right for _, _, right in runs])
print(f"test accuracies {[f'{right:.3f}' for *_, right in runs]}, median of 3 seeds {median:.3f}")
assert median >= 0.97
assert median > baseline + 0.04
model, history, _ = runs[0]
plot = tg.plots.history(history, ["loss", "val_loss"])
lesson.show(plot, "history", "The gap between the lines is what the network knows by heart.")

scores = tg.training.predict(model, test[0])
plot = tg.plots.confusion(test[1], scores.argmax(axis=1))
lesson.show(plot, "confusion", "Off the diagonal: which digit was taken for which.")
worst = tg.plots.top_losses(test[0] + 0.5, test[1], scores, most=8)
lesson.show(worst, "worst", "The eight largest losses: truth, answer, loss. Wrong ones are framed.")

# %% [markdown]
# ## 4. Read a "12"
# Now a number that is in no data set. It was drawn for this lesson, one character per point, 16 by
# 16 points for each digit. It is made small exactly as the training data were: a pixel is the share
# of ink in a square, here of 2 by 2. The model is saved and loaded first, as it would be elsewhere.

# %%
DRAWN = """
........###..... .....######.....
.......####..... ....########....
......#####..... ...####..####...
.....######..... ...###....###...
....#######..... ...........###..
....##.####..... ..........####..
.......####..... ..........###...
.......####..... .........####...
.......####..... ........####....
.......####..... .......####.....
.......####..... .....#####......
.......####..... ....#####.......
.......####..... ...###########..
.......####..... ...###########..
"""
ink = np.array([[[c == "#" for c in part] for part in line.split()]
                for line in DRAWN.split("\n")[1:-1]])  # fmt: skip
ink = np.pad(ink, ((1, 1), (0, 0), (0, 0)))  # an empty row above and below
drawn = ink.transpose(1, 0, 2).reshape(2, 8, 2, 8, 2).mean(axis=(2, 4))
tg.save(model, lesson.folder / "digits.npz")
reader = tg.load(lesson.folder / "digits.npz")
chances = tg.softmax(tg.training.predict(reader, drawn.reshape(2, 64).astype(np.float32) - 0.5))
said = "".join(map(str, chances.argmax(axis=1)))
print(f"it reads {said!r}, with chances {chances.max(axis=1).round(3)}")
titles = [f"{p.argmax()}: {p.max():.0%}" for p in chances]
lesson.show(tg.plots.images(drawn, titles), "twelve", "What the network gets, and what it reads.")
assert said == "12"

# %% [markdown]
# **Change one thing:** make the strokes thin. An early version of this "1" was, and two networks of
# six called it a 4: the training digits are thick, and a network knows only what it has seen.
#
# ## 5. Larger images (only with `--full`)
# The same steps on 10,000 images of MNIST, with a perceptron and with a convolutional network.

# %%
if lesson.mode == "full":

    def convolutional():
        model = nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)),
            nn.Conv2d(1, 16, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(32 * 7 * 7, 128), nn.ReLU(), nn.Linear(128, 10),
        )  # fmt: skip
        nn.init.apply(model, "he_normal")
        return model, nn.optim.Adam(model, lr=0.001)

    mnist, digits = tg.data.load("mnist10k")
    for make, gate in ((lambda: perceptron(784), 0.94), (convolutional, 0.975)):
        found = [trained(make, mnist.reshape(-1, 784) * 3, digits, k, 12, 64)[2] for k in range(3)]
        print(f"{np.round(found, 4)}, median of 3 seeds {np.median(found):.4f}")
        assert np.median(found) >= gate

# %% [markdown]
# ## Exercise 15.1: standardise without leaking
# Write `standardise(train, test)`: both shifted and scaled so that each column of **train** has
# mean 0 and deviation 1. Some pixels are always white: a column that never changes becomes 0.


# %%
def standardise(train, test): ...  # your answer


lesson.check(1, standardise)

# %% [markdown]
# ## Exercise 15.2: accuracy from scores
# Write `accuracy_of(scores, labels)`: scores have a row for each image and a column for each digit.


# %%
def accuracy_of(scores, labels): ...  # your answer


lesson.check(2, accuracy_of)

# %% [markdown]
# ## Exercise 15.3: the worst pair
# Write `most_confused(matrix)`: the pair `(true, taken_for)` of the most frequent *mistake*.


# %%
def most_confused(matrix): ...  # your answer


lesson.check(3, most_confused)

# %% [markdown]
# ## Sources
# Alpaydin and Kaynak 1998, UCI (digits). LeCun, Bottou, Bengio, Haffner 1998 (MNIST, convolutions).
# Prechelt 1998, *Early stopping - but when?* He et al. 2015 (initialisation).
