# %% [markdown]
# # 1. One neuron
#
# **Time:** 2 s. **You learn:** what a neuron computes, what its bias is for, and how it learns.

# %%
import numpy as np
from matplotlib.figure import Figure

import tinygrad_edu as tg

lesson = tg.lessons.begin(1)

# %% [markdown]
# ## A sum, and a squeeze
# A neuron looks at one **sample**: a short list of numbers $x_1, x_2, \dots$ It multiplies each by
# a **weight**, adds everything up, adds a **bias**, and squeezes the sum into the range -1 to 1:
#
# $$z = \sum_i w_i x_i + b, \qquad a = \tanh(z).$$
#
# A weight says how much its number matters, and in which direction. That is all a neuron does;
# everything later is many of these. Mind one word: the input is *one sample*, not the data set. A
# data set is a pile of samples, and each of them passes through the same neuron.

# %%
x = tg.Tensor([1.0, 2.0], name="x")  # one sample: two numbers
w = tg.Parameter([0.8, -0.4], name="w")  # a weight for each of them
b = tg.Parameter(0.1, name="b")

with tg.Tape() as tape:  # it writes down what is computed, for later
    z = (w * x).sum() + b
    a = tg.tanh(z)
print(f"z = 0.8 * 1 + (-0.4) * 2 + 0.1 = {z:.4f},  a = tanh(z) = {a:.4f}")
assert abs(a.data - np.tanh(0.8 * 1 + (-0.4) * 2 + 0.1)) < 1e-12

# %% [markdown]
# The library calls a row of neurons `Linear`. With one neuron in the row, and our numbers in it, it
# draws itself. Orange is above zero, blue and dashed below; a thick line is a heavy weight.

# %%
row = tg.nn.Sequential(tg.nn.Linear(2, 1, dtype=np.float64), tg.nn.Tanh())
row[0].weight.data, row[0].bias.data = w.data[None, :], b.data[None]
assert abs(row(x).data[0] - a.data) < 1e-12
lesson.show(tg.draw_network(row, x), "neuron", "Two terms of the sum cancel; the bias is left.")

# %% [markdown]
# ## What the bias does
# One often reads that a neuron is silent until its sum passes a threshold. Ours is not. Look at
# $a = \tanh(2x + b)$ for three biases: the curve **moves sideways**, as $2x + b = 2(x + b/2)$, and
# nothing jumps: the slope (dashed) is never above 2. At a jump there is no slope to learn from.


# %%
def with_bias(b):
    def neuron(x):
        return tg.tanh(2 * x + b)

    neuron.__name__ = f"b = {b}"
    return neuron


plot = tg.plots.activations([with_bias(-3), with_bias(0), with_bias(3)])
lesson.show(plot, "bias", "The bias moves the curve: at b = -3 its middle is at x = 1.5.")
places = plot.arrays["x"]
assert np.allclose(with_bias(3)(places), with_bias(0)(places + 1.5), rtol=0, atol=1e-12)
assert max(plot.arrays[f"b = {b} derivative"].max() for b in (-3, 0, 3)) <= 2.0

# %% [markdown]
# ## How wrong is it, and whose fault is that?
# We want the answer 0.5 for this sample. The **loss** $L = (a - 0.5)^2$ says how wrong the neuron
# is. The **gradient** says how fast the loss grows as a weight grows. The chain rule finds it, link
# by link (for the bias the last link is 1), and the tape does the same:
#
# $$\frac{\partial L}{\partial w_i} = \frac{\partial L}{\partial a} \cdot
# \frac{\partial a}{\partial z} \cdot \frac{\partial z}{\partial w_i}
# = 2(a - 0.5) \cdot (1 - a^2) \cdot x_i.$$

# %%
loss = (a - 0.5) ** 2
dw, db = tape.gradient(loss, [w, b])
by_hand = 2 * (a.data - 0.5) * (1 - a.data**2)
print(f"dL/dw  tape {dw.data.round(4)}  by hand {(by_hand * x.data).round(4)}")
print(f"dL/db  tape {db:.4f}  by hand {by_hand:.4f}")
assert np.abs(dw.data - by_hand * x.data).max() < 1e-12
assert abs(db.data - by_hand) < 1e-12

graph = tg.draw(loss, direction="right")
lesson.show(
    graph, "graph", "In colour, the gradients that flow back (of a list, their typical size)."
)
assert all(f">{name}<" in graph.svg for name in ("w", "x", "b", "z = add", "a = tanh"))
assert all(f"{number:.3g}" in graph.svg for number in (a.data, loss.data, db.data))

# %% [markdown]
# ## Downhill
# The gradient points **uphill**: the way in which the loss grows fastest. To learn is to go the
# other way; hence the minus in $w \leftarrow w - \alpha\, \partial L/\partial w$.

# %%
for name, way in (("with the gradient", 0.05), ("not at all", 0.0), ("against it", -0.05)):
    moved = tg.tanh(((w + way * dw) * x).sum() + b + way * db)
    print(f"a small step {name:17}  loss {(moved - 0.5) ** 2:.4f}")
    assert np.sign((moved - 0.5) ** 2 - loss) == np.sign(way)

# %% [markdown]
# ## A neuron draws a line
# Where $z = 0$ a neuron changes its mind: a straight line. Below, it learns to tell two clouds of
# 30 samples apart, with a bias and without one. Without, the line must pass through the origin,
# and no such line lies between the clouds.

# %%
rng = np.random.default_rng(0)
samples = rng.normal(size=(60, 2)) * 0.5 + np.repeat([[1.0, 1.0], [3.0, 3.0]], 30, axis=0)
wanted = np.repeat([-1.0, 1.0], 30)
rate, steps, right = 0.1, 400, {}
figure = Figure(figsize=(9, 4.2), layout="constrained")
for ax, use_bias in zip(figure.subplots(1, 2), (True, False), strict=True):
    w, b = tg.Parameter([0.1, -0.1]), tg.Parameter(0.0)
    for _ in range(steps):
        with tg.Tape() as tape:
            loss = ((tg.tanh(samples @ w + b) - wanted) ** 2).mean()
        dw, db = tape.gradient(loss, [w, b])
        w.data -= rate * dw.data
        b.data -= rate * db.data * use_bias
    tg.plots.decision_boundary(lambda x, w=w.data, b=b.data: x @ w + b, samples, wanted > 0, ax=ax)
    right[use_bias] = np.mean(np.sign(samples @ w.data + b.data) == wanted)
    ax.set_title(f"with{'' if use_bias else 'out'} a bias: {right[use_bias]:.0%} right", loc="left")
lesson.show(figure, "clouds", "Only with a bias can the line leave the origin.")
assert right[False] <= 0.8 < 0.98 <= right[True], "with this rate it has not learned"

# %% [markdown]
# **Change something.** Set `rate` to 5.0 and run again; then to 0.001. One neuron leaps past the
# answer, the other hardly leaves its start. (A claim that no longer holds stops the lesson.)
#
# ## Exercise 1.1: a neuron
# Get a copy of this lesson with `python -m tinygrad_edu lesson 1 --copy .`, put answers in place of
# `...` and run it. First `neuron(x, w, b)`, for samples of any length, with NumPy or `tg`.


# %%
def neuron(x, w, b): ...  # your answer


lesson.check(1, neuron)

# %% [markdown]
# ## Exercise 1.2: put the line where you want it
# Write `bias_through(x, w)`: the bias for which the line $z = 0$ goes through the point `x`.


# %%
def bias_through(x, w): ...  # your answer


lesson.check(2, bias_through)

# %% [markdown]
# ## Exercise 1.3: one step of learning
# Write `learn(x, w, b, target, rate)`: the pair `(w, b)` after one step downhill of
# $L = (a - \text{target})^2$. With a tape or by hand.


# %%
def learn(x, w, b, target, rate): ...  # your answer


lesson.check(3, learn)

# %% [markdown]
# ## Sources
# F. Rosenblatt, *The perceptron*, Psychological Review 65, 1958. M. Nielsen, *Neural Networks and
# Deep Learning*, chapter 1. I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, section 6.1.
