# %% [markdown]
# # 21. Your own operation, layer and optimizer
#
# **Time:** 4 s. **You learn:** to add to the library with the same tools that it is made of, and to
# prove each part before you use it.

# %%
import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn

lesson = tg.lessons.begin(21)

# %% [markdown]
# ## An operation: a formula and its rule
# Swish is a smooth relative of ReLU. An operation needs two things: how the value is computed, and
# how the gradient $g$ that arrives at the value is passed on to $x$:
#
# $$z = x\,\sigma(x), \qquad \bar x = g\,\bigl(z + \sigma(x)\,(1 - z)\bigr)$$
#
# `domain` says where the tests may draw numbers. This is all; recording, pictures, second
# derivatives come from it.


# %%
@tg.operation(rule=lambda g, out, x: g * (out + tg.sigmoid(x) * (1 - out)), domain=tg.Real(-4, 4))
def swish(x):
    """Swish: z = x sigmoid(x)."""
    return x * tg.sigmoid(x)


print("value, slope, curvature at 1:", swish(1.0), tg.grad(swish)(1.0), tg.hessian(swish)(1.0))
z = np.linspace(-5, 5, 201)
shown = {"swish": swish(z), "its slope": tg.grad(lambda z: swish(z).sum())(z)}
plot = tg.plots.lines(z, shown, title="Swish", xlabel="x")
lesson.show(plot, "swish", "It dips on the left: the slope is negative there.")

# %% [markdown]
# ## Prove it
# `check_op` compares the rule with differences, twice for second derivatives, tries other shapes
# and types, and then does something unusual: it puts small mistakes into your rule, and looks
# whether the checks notice. If they did not, a pass would mean nothing.

# %%
report = tg.testing.check_op(swish)
print(report)
assert report.verdict == "pass"
assert not report.survivors

# %% [markdown]
# ## A layer: parameters and a forward
# A layer is a class with `nn.Parameter`s in its attributes, and a `forward`. Ours is linear, then
# swish with a steepness $\beta$ for each neuron, which is learned as well. The gradient check takes
# a layer as it is, parameters included.


# %%
class SwishLayer(nn.Module):
    def __init__(self, inputs, outputs):
        self.linear = nn.Linear(inputs, outputs)
        self.beta = nn.Parameter(np.ones(outputs, np.float32))

    def forward(self, x):
        return swish(self.linear(x) * self.beta)


layer = SwishLayer(3, 4).astype("float64")
print([f"{name} {weight.shape}" for name, weight in layer.named_parameters()])
print(checked := tg.testing.check_gradients(layer, np.random.default_rng(0).normal(size=(5, 3))))
assert checked.verdict == "pass"

# %% [markdown]
# ## An optimizer: one pure function
# `update` gets a parameter, its gradient and the state of the last step, and returns the new
# parameter and state. Momentum remembers where it was going:
#
# $$m \leftarrow \mu m + g, \qquad \theta \leftarrow \theta - \alpha m$$
#
# Is it right? On the parabola $L = \frac{c}{2}\theta^2$ there is a closed form to compare with. The
# positions obey $\theta_{t+1} = (1 + \mu - \alpha c)\,\theta_t - \mu\,\theta_{t-1}$, and so
# $\theta_t = A r_1^t + B r_2^t$, where $r_{1,2}$ are the roots of $r^2 - (1 + \mu - \alpha c)\, r +
# \mu$.


# %%
class Momentum(nn.optim.Optimizer):
    per_element = ("m",)  # the state has one number for each number of a parameter

    def __init__(self, params, lr=0.1, mu=0.9):
        super().__init__(params, {"lr": lr, "mu": mu})

    @staticmethod
    def update(parameter, gradient, state, *, lr, mu):
        m = mu * state.get("m", 0.0) + gradient
        return parameter - lr * m, {"m": m}


def walk(mu, c=2.0, lr=0.02, steps=150):
    theta = nn.Parameter([1.0])
    optimizer = Momentum([theta], lr=lr, mu=mu)
    way = [1.0]
    for _ in range(steps):
        theta.grad = None
        (0.5 * c * theta**2).sum().backward()
        optimizer.step()
        way.append(theta.data.item())
    r = np.roots([1, -(1 + mu - lr * c), mu]).astype(complex)
    a, b = np.linalg.solve([[1, 1], r], [1, way[1]])
    t = np.arange(steps + 1)
    return np.array(way), (a * r[0] ** t + b * r[1] ** t).real


ways = {}
for mu in (0.0, 0.5, 0.6, 0.9):
    way, formula = walk(mu)
    ways[f"mu = {mu}"] = abs(way) + 1e-12
    print(f"mu = {mu}: |theta| after 150 steps {abs(way[-1]):.1e}, "
          f"off the formula by at most {abs(way - formula).max():.0e}")  # fmt: skip
    assert abs(way - formula).max() < 1e-10
plot = tg.plots.lines(np.arange(151), ways, log="y", title="Distance to the minimum", xlabel="step")
lesson.show(plot, "momentum", "Momentum shortens the way; with 0.9 it overshoots and swings back.")

# %% [markdown]
# The fastest $\mu$ is where both roots meet: $\mu = (1 - \sqrt{\alpha c})^2 = 0.64$ here. Below it
# the way creeps, above it swings.
#
# ## All three at work
# Two spirals that no straight line separates; your operation in your layer, trained by your
# optimizer.

# %%
accuracies = []
for seed in range(lesson.choose(short=1, normal=3)):
    x, y = tg.data.spirals(400, turns=1.0, noise=0.02, rng=seed)
    x, x_test, y, y_test = tg.data.train_test_split(x, y, stratify=y, rng=seed)
    with tg.seed(seed):
        model = nn.Sequential(SwishLayer(2, 32), SwishLayer(32, 32), nn.Linear(32, 2))
        tg.training.fit(model, (x, y), nn.CrossEntropyLoss(), Momentum(model, lr=0.1),
                        epochs=100, progress=False)  # fmt: skip
    accuracies.append((tg.training.predict(model, x_test).argmax(axis=1) == y_test).mean())
print(f"test accuracy, median of {len(accuracies)} seeds: {np.median(accuracies):.3f}")
assert np.median(accuracies) >= 0.97
plot = tg.plots.decision_boundary(model, x_test, y_test)
lesson.show(plot, "spirals", "What the network thinks of each place; the points are test samples.")

# %% [markdown]
# **Change one thing:** in the rule of `swish` write `1 + out` for `1 - out`, and run the lesson
# again. Where does it stop, and what would have happened without the check?
#
# ## Exercise 21.1: an operation
# Make `bump` an operation, $z = 1/(1 + x^2)$, with its rule, domain and one line of docstring.


# %%
def bump(x): ...  # your answer, with @tg.operation(...) above it


lesson.check(1, bump)

# %% [markdown]
# ## Exercise 21.2: a layer
# Write `Affine(features)`: $y = x \cdot \text{weight} + \text{bias}$, element by element, both
# learned; weight begins as ones, bias as zeros.


# %%
class Affine(nn.Module): ...  # your answer


lesson.check(2, Affine)

# %% [markdown]
# ## Exercise 21.3: an update
# Write `rms_update(parameter, gradient, state, lr, beta)` as in `Momentum.update`, with $v
# \leftarrow \beta v + (1 - \beta)\, g^2$ and $\theta \leftarrow \theta - \alpha\, g / (\sqrt v +
# 10^{-8})$. The state is empty at first.


# %%
def rms_update(parameter, gradient, state, lr, beta): ...  # your answer


lesson.check(3, rms_update)

# %% [markdown]
# ## Sources
# Ramachandran, Zoph, Le 2017 (swish). Polyak 1964, Goh 2017 (momentum). Tieleman and Hinton 2012
# (RMSProp). DeMillo, Lipton, Sayward 1978 (mutation testing).
