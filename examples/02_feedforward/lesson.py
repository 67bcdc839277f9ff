# %% [markdown]
# # 2. Feed-forward networks
#
# **Time:** 5 s. **You learn:** what one neuron cannot do, how layers do it, and how to watch a
# network fire.

# %%
import numpy as np

import tinygrad_edu as tg

lesson = tg.lessons.begin(2)


# %% [markdown]
# ## One line is not enough
# *Exclusive or*: say yes (1) if one of two switches is on, and no (-1) if none or both are. Four
# samples, and no neuron can learn them: whatever its weights, the "no" samples and the "yes"
# samples have equal sums, $z_{00} + z_{11} = w_1 + w_2 + 2b = z_{01} + z_{10}$, so they cannot lie
# on opposite sides of zero. Here are 1,000 random neurons; the best gets 3 of 4.

# %%
samples = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
wanted = np.array([[-1.0], [1.0], [1.0], [-1.0]])
rng = np.random.default_rng(0)
sums = samples @ rng.normal(size=(2, 1000)) + rng.normal(size=1000)
right = (np.sign(sums) == wanted).sum(axis=0)
print(f"the best of 1,000 neurons answers {right.max()} of 4 rightly")
assert np.abs(sums[0] + sums[3] - sums[1] - sums[2]).max() < 1e-12
assert right.max() == 3

# %% [markdown]
# ## Layers
# So we ask four neurons, and let a fifth judge their answers. Neurons side by side are a **layer**;
# their weights are the columns of a matrix, and one product computes all of them:
#
# $$h = \tanh(x W_1 + b_1), \qquad y = \tanh(h W_2 + b_2).$$
#
# The input flows forward only, from layer to layer: a *feed-forward* network. Layers between input
# and output are called hidden, as nobody says what their values should be.
#
# | | $x$ | $W_1$ | $h$ | $W_2$ | $y$ |
# |---|---|---|---|---|---|
# | shape | (4 samples, 2) | (2, 4) | (4, 4) | (4, 1) | (4, 1) |

# %%
seed, units = 1, 4
rng = np.random.default_rng(seed)
W1, b1 = tg.Parameter(rng.normal(size=(2, units))), tg.Parameter(np.zeros(units))
W2, b2 = tg.Parameter(rng.normal(size=(units, 1)) / 2), tg.Parameter(np.zeros(1))


def network(x):
    return tg.tanh(tg.tanh(x @ W1 + b1) @ W2 + b2)


def drawn():
    """The same network made of `tg.nn` layers, which keep a row for each neuron, seeing (0, 1)."""
    model = tg.nn.MLP([2, units, 1], activation="tanh", dtype=np.float64)
    model.append(tg.nn.Tanh())
    for layer, W, b in ((model[0], W1, b1), (model[2], W2, b2)):
        layer.weight.data, layer.bias.data = W.data.T, b.data
    assert np.abs(model(samples).data - network(samples).data).max() < 1e-12
    return tg.draw_network(model, samples[1], scale=1.0)


# %% [markdown]
# ## Watch it learn
# An epoch is one pass over all samples. As in lesson 1, each parameter steps against its gradient.
# In the pictures a circle's colour is its **activation**: orange fires towards 1, blue towards -1,
# white is undecided. The small dots are biases: they shift what a neuron needs in order to fire,
# but are no on-off switch. The same as text: one character for each hidden neuron, then the output.


# %%
def shades(values):
    return "".join("·░▒▓█"[round(2 * v + 2)] for v in np.ravel(values))


parameters, pictures, film = [W1, b1, W2, b2], {}, {}
every = lesson.choose(short=100, normal=15)
print("epoch  loss    (0,0)    (0,1)    (1,0)    (1,1)     · -1 ... ▒ 0 ... █ 1")
for epoch in range(301):
    with tg.Tape() as tape:
        loss = ((network(samples) - wanted) ** 2).mean()
    if epoch in (0, 10, 50, 300):
        hidden = np.tanh(samples @ W1.data + b1.data)
        rows = zip(hidden, network(samples).data, strict=True)
        print(f"{epoch:5}  {loss:.4f}  " + "   ".join(f"{shades(h)} {shades(y)}" for h, y in rows))
        pictures[epoch] = drawn()
    if epoch % every == 0:
        film[epoch] = drawn()
    for p, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
        p.data -= 0.3 * gradient.data
for epoch, picture in pictures.items():
    lesson.show(picture, f"epoch_{epoch:03}", f"Sample (0, 1) after {epoch} epochs; wanted: 1.")
lesson.show(tg.plots.network_shades(film), "film.gif", "The same as a film, epoch by epoch.")
assert loss.data < 0.02, "300 epochs were not enough with this start"
assert np.all(np.sign(network(samples).data) == wanted)

# %% [markdown]
# ## The input is one sample
# An image is a sample too: its 8 x 8 pixels, laid out in a row, are 64 inputs. The network is as
# wide as *one sample*, 64, and not as the data set, 1,797. We may push many samples through at
# once, as rows of one matrix; each is computed as if it were alone. The first circles below are
# some of the pixels of one zero; the network is untrained, so its answer means nothing yet.

# %%
digits = tg.data.load("digits")
model = tg.nn.Sequential(
    tg.nn.Flatten(), tg.nn.Linear(64, 16, rng=1), tg.nn.Tanh(), tg.nn.Linear(16, 10, rng=2)
)
print(f"data set {digits.features.shape}, one sample {digits.features[0].shape}")
for path, value in tg.nn.activations(model, digits.features[:1]).items():
    print(f"  after {type(model[int(path)]).__name__:8} {value.shape}")
together = model(digits.features[:50]).data
alone = np.concatenate([model(digits.features[k : k + 1]).data for k in range(50)])
assert np.abs(together - alone).max() < 1e-5  # single precision: 7 digits
assert model[1].weight.shape == (16, 64)
lesson.show(tg.draw_network(model, digits.features[:1]), "digit", "64 pixels in, 10 scores out.")

# %% [markdown]
# **Change something.** Give it `units = 2`. Does it still learn? Try other seeds: with two hidden
# neurons about one start in three gets stuck, with four hardly any.
#
# ## Exercise 2.1: a layer
# Write `layer(x, W, b)`: the tanh layer, for one sample or many.


# %%
def layer(x, W, b): ...  # your answer


lesson.check(1, layer)

# %% [markdown]
# ## Exercise 2.2: how many numbers does a network learn?
# Write `count(sizes)`: how many weights and biases; `sizes` is `[2, 4, 1]` for the first network.


# %%
def count(sizes): ...  # your answer


lesson.check(2, count)

# %% [markdown]
# ## Exercise 2.3: be the optimizer
# Find weights yourself: `xor_by_hand()` returns `(W1, b1, W2, b2)` with two hidden neurons, so that
# `relu(x @ W1 + b1) @ W2 + b2` is 0, 1, 1, 0 for the four samples; `relu(z)` is the larger of 0
# and `z`. A hint: let one neuron count the switches, and the other speak up only for both.


# %%
def xor_by_hand(): ...  # your answer


lesson.check(3, xor_by_hand)

# %% [markdown]
# ## Sources
# M. Minsky, S. Papert, *Perceptrons*, 1969, on what one layer cannot do. D. Rumelhart, G. Hinton,
# R. Williams, *Learning representations by back-propagating errors*, Nature 323, 1986.
