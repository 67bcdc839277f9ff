# %% [markdown]
# # 6. Backpropagation by hand
#
# **Time:** 1 s. **You learn:** to differentiate a network with the chain rule, and why a tape is
# read backwards.

# %%
import numpy as np

import tinygrad_edu as tg

lesson = tg.lessons.begin(6)
rng = np.random.default_rng(0)

# %% [markdown]
# ## The chain rule, with numbers
# Two neurons in a row: $h = \tanh(wx)$, $y = vh$, $L = (y - t)^2$. Forward we compute values.
# Backward we ask of each value: *if it grows a little, how fast does the loss grow?* We know the
# answer at the end, and each step needs only the one after it:
#
# $$\bar y = 2(y - t) \qquad \bar v = \bar y\, h \qquad \bar h = \bar y\, v \qquad
# \bar w = \bar h\,(1 - h^2)\,x.$$
#
# A bar means "slope of the loss with respect to". Nobody multiplies out the whole chain: every
# product serves whatever comes before it. That is all the magic of backpropagation.

# %%
x, t = 0.5, 1.0
w, v = tg.Parameter(2.0, name="w"), tg.Parameter(-1.0, name="v")
with tg.Tape() as tape:
    h = tg.tanh(w * x)
    y = v * h
    loss = (y - t) ** 2

y_bar = 2 * (y.data - t)
v_bar = y_bar * h.data
h_bar = y_bar * v.data
w_bar = h_bar * (1 - h.data**2) * x
dw, dv = tape.gradient(loss, [w, v])
print(f"dL/dw by hand {w_bar:.6f}, tape {dw:.6f}; dL/dv by hand {v_bar:.6f}, tape {dv:.6f}")
assert abs(dw.data - w_bar) < 1e-12
assert abs(dv.data - v_bar) < 1e-12

# %% [markdown]
# The tape tells the same story, last row first: what arrived, and what was sent on. In the page
# `backprop.html` you can step through it: press the space bar, or the arrow keys.

# %%
for step in tape.step_back(loss):
    print(step)
lesson.show(tg.draw(loss, direction="right"), "graph", "Each value, and in colour its slope.")
lesson.show(tg.draw(loss), "backprop.html", "The same, step by step, on a page of its own.")

# %% [markdown]
# ## A whole layer at once
# With matrices the rules keep their look. Remember one thing: *a gradient has the shape of what it
# belongs to*; there is hardly a second way to multiply then. A bias was added to every row, so the
# slopes of all rows are summed up. For $H = \tanh(Z)$, $Z = XW_1 + b_1$ and $Y = HW_2$:
#
# $$\bar Y = \tfrac2n (Y - T) \quad \bar W_2 = H^\top \bar Y \quad
# \bar Z = \bar Y W_2^\top \odot (1 - H^2) \quad
# \bar W_1 = X^\top \bar Z \quad \bar b_1 = \textstyle\sum_{\text{rows}} \bar Z$$
#
# Three ways, for 20 networks of random shapes: these formulas, the tape, and the **central
# difference** $(L(w + \epsilon) - L(w - \epsilon)) / 2\epsilon$, which knows no rule at all.


# %%
def loss_of(X, T, W1, b1, W2):
    return ((tg.tanh(X @ W1 + b1) @ W2 - T) ** 2).sum() / len(X)


def by_hand(X, T, W1, b1, W2):
    H = np.tanh(X @ W1 + b1)
    Y_bar = 2 / len(X) * (H @ W2 - T)
    Z_bar = (Y_bar @ W2.T) * (1 - H**2)
    return X.T @ Z_bar, Z_bar.sum(axis=0), H.T @ Y_bar


def by_differences(X, T, *weights, epsilon=1e-5):
    slopes = [np.zeros_like(W) for W in weights]
    for W, slope in zip(weights, slopes, strict=True):
        for place in np.ndindex(W.shape):
            W[place] += epsilon
            above = loss_of(X, T, *weights)
            W[place] -= 2 * epsilon
            slope[place] = (above - loss_of(X, T, *weights)) / (2 * epsilon)
            W[place] += epsilon
    return slopes


of_tape = of_differences = 0.0
for _ in range(20):
    n, inputs, units, outputs = rng.integers(1, 6, 4)
    shapes = [(n, inputs), (n, outputs), (inputs, units), units, (units, outputs)]
    X, T, *weights = (rng.normal(size=shape) for shape in shapes)
    taped = tg.grad(loss_of, argnums=(2, 3, 4))(X, T, *weights)
    three = zip(by_hand(X, T, *weights), taped, by_differences(X, T, *weights), strict=True)
    for hand, tape_says, difference in three:
        assert hand.shape == tape_says.shape == difference.shape
        size = np.abs(hand).max()
        of_tape = max(of_tape, np.abs(hand - tape_says).max() / size)
        of_differences = max(of_differences, np.abs(hand - difference).max() / size)
print(f"largest relative error: tape {of_tape:.0e}, differences {of_differences:.0e}")
assert of_tape < 1e-12
assert of_differences < 1e-6

# %% [markdown]
# ## Why the order matters
# Now let a value be used twice: $x_1 = x + x$, $x_2 = x_1 + x_1$, and so on. After $n$ rungs of
# this ladder the slope is $2^n$. The obvious program is recursive: send your slope to each input,
# and let it do the same at once. It is **wrong**: when $x_1$ first sends its slope on, only half of
# it has arrived, and the second time that half is sent once more. And it is slow: each rung is
# visited twice as often as the one above.


# %%
def wrong_backward(row, slopes):
    visits = 1
    for source in row.inputs:
        slopes[source] = slopes.get(source, 0.0) + slopes[row]  # d(x + x) is 1 for each x
        visits += wrong_backward(source, slopes)
    return visits


print("rungs   true slope   recursive slope   its visits   visits of the tape")
for rungs in (1, 2, 4, 8, 12):
    x = value = tg.Parameter(1.0)
    with tg.Tape() as tape:
        for _ in range(rungs):
            value = value + value
    visits = wrong_backward(value, slopes := {value: 1.0})
    steps = list(tape.step_back(value))
    print(f"{rungs:5}{2**rungs:13}{slopes[x]:18.6g}{visits:13}{len(steps):21}")
    assert tape.gradient(value, x).data == 2**rungs
    assert (slopes[x] == 2**rungs) == (rungs == 1), "right for one rung, and never again"
    assert (len(steps), visits) == (rungs, 2 ** (rungs + 1) - 1)

# %% [markdown]
# The cure needs no cleverness, only the tape. It was written in the order of time: whoever uses a
# value stands *below* it. Read it from the bottom up, and whoever has something to send to a row
# has sent it before you get there. One visit each, and no recursion, so no network is too deep.
# That is the whole engine, and in exercise 6.3 you write it.
#
# **Change something.** Add 20 to the tuple of rungs. At 60 the recursive program would need some
# ten thousand years.
#
# ## Exercise 6.1: the slope of tanh
# Write `tanh_slope(z)`, for numbers and arrays.


# %%
def tanh_slope(z): ...  # your answer


lesson.check(1, tanh_slope)

# %% [markdown]
# ## Exercise 6.2: a weight that is used twice
# Let $h = \tanh(wx)$, $y = wh$ and $L = (y - t)^2$: the same weight in both layers. Write
# `shared(w, x, t)`: the slope of $L$ with respect to $w$, by hand.


# %%
def shared(w, x, t): ...  # your answer


lesson.check(2, shared)

# %% [markdown]
# ## Exercise 6.3: write the engine
# A tape as plain lists: `rows[k]` is a list of pairs `(j, slope)`: row `k` used row `j`, which
# comes earlier, and grows by `slope` when `j` grows by 1. Write `sweep(rows)`: for every row, the
# slope of the last one with respect to it. For `[[], [(0, 2.0), (0, 3.0)]]` that is `[5.0, 1.0]`.


# %%
def sweep(rows): ...  # your answer


lesson.check(3, sweep)

# %% [markdown]
# ## Sources
# R. Wengert, *A simple automatic derivative evaluation program*, CACM 7, 1964. S. Linnainmaa, BIT
# 16, 1976. D. Rumelhart et al., Nature 323, 1986. A. Griewank, *Evaluating Derivatives*, 2008.
