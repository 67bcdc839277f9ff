# %% [markdown]
# # 7. Loss landscape and optimizers
#
# **Time:** 5 s. **You learn:** what the gradient points at, and how SGD, momentum, RMSProp and Adam
# walk down a loss.

# %%
import numpy as np

import tinygrad_edu as tg

lesson = tg.lessons.begin(7)

# %% [markdown]
# ## The gradient points uphill
# A loss is a height over the weights. Here there are two weights, and the loss is a long valley,
# a hundred times as steep across as along:
# $$L(w) = \tfrac12 \left(w_1^2 + 100\, w_2^2\right).$$
# The gradient $\nabla L$ is the direction in which $L$ **rises** fastest. Whoever wants to go down
# has to walk against it. That is the minus sign in every optimizer:
# $$w \leftarrow w - \eta\, \nabla L(w).$$
# Do not believe it: take a tiny step in each of 360 directions and see which one rises most.


# %%
def valley(w):
    return 0.5 * (w[0] ** 2 + 100 * w[1] ** 2)


start = np.array([-1.8, 0.4])
g = tg.grad(valley)(start)
angles = np.radians(np.arange(360))
circle = np.stack([np.cos(angles), np.sin(angles)])
steepest = circle[:, np.argmax(valley(start[:, None] + 1e-4 * circle))]
print(f"gradient {g}, with length 1: {(g / np.linalg.norm(g)).round(3)}")
print(f"steepest of 360 directions: {steepest.round(3)}")
up, here, down = (valley(start + far * g) for far in (0.002, 0, -0.002))
print(f"loss uphill {up:.2f}, here {here:.2f}, downhill {down:.2f}")
assert steepest @ g > np.cos(np.radians(1)) * np.linalg.norm(g)
assert down < here < up

# %% [markdown]
# ## Descent seeks the least loss, not the least gradient
# Take one weight and $L(w) = (w^2 - 1)^2$. From 0.2, descent goes to $w = 1$, where the *loss* is
# least. The *slope* $4w(w^2 - 1)$ is least elsewhere, at $w = 1/\sqrt 3 = 0.577$: the walk rushes
# past there. Nor is a slope of 0 enough: it is 0 at $w = 0$ too, on top of a hill.

# %%
two_valleys = tg.value_and_grad(lambda w: (w**2 - 1) ** 2)
w, walk = 0.2, []
for _ in range(60):
    height, slope = map(float, two_valleys(w))
    walk.append((slope, w))
    w = w - 0.05 * slope
print(f"descent ends at w = {w:.4f}, loss {height:.0e}; the least slope was at {min(walk)[1]:.2f}")
assert abs(w - 1) < 1e-6
assert abs(min(walk)[1] - 3**-0.5) < 0.1
assert two_valleys(0.0)[1] == 0 < two_valleys(0.0)[0]

# %% [markdown]
# ## Four optimizers
# **SGD** takes the gradient $g$ as it is. **Momentum** keeps a speed $v$: steps in one direction
# add up, zigzags cancel. **RMSProp** divides each slope by its usual size $\sqrt s$, so that steep
# and flat directions get equal steps. **Adam** does both, and makes up for $v$ and $s$ starting
# at 0. Here they are whole; `tg.nn.optim` has the same for every model, and six more.


# %%
def sgd(w, g, kept, t, lr):
    return w - lr * g, kept


def momentum(w, g, kept, t, lr, mu=0.9):
    v = mu * kept.get("v", 0) + g
    return w - lr * v, {"v": v}


def rmsprop(w, g, kept, t, lr, a=0.9):
    s = a * kept.get("s", 0) + (1 - a) * g**2
    return w - lr * g / (np.sqrt(s) + 1e-8), {"s": s}


def adam(w, g, kept, t, lr, a=0.9, b=0.999):
    v = a * kept.get("v", 0) + (1 - a) * g
    s = b * kept.get("s", 0) + (1 - b) * g**2
    return w - lr * (v / (1 - a**t)) / (np.sqrt(s / (1 - b**t)) + 1e-8), {"v": v, "s": s}


RULES = {"SGD": sgd, "momentum": momentum, "RMSProp": rmsprop, "Adam": adam}

# %% [markdown]
# ## The race
# To be fair, each one runs with the best of many learning rates. Then the valley is turned by 45
# degrees, so that it lies along neither weight, and all run again.


# %%
def turned(w):
    return valley(((w[0] + w[1]) / 2**0.5, (w[1] - w[0]) / 2**0.5))


def race(loss, begin):
    slope, best = tg.grad(loss), {}
    for name, rule in RULES.items():
        for lr in np.geomspace(1e-3, 1, lesson.choose(short=13, normal=31)):
            w, kept, way = begin, {}, [begin]
            for t in range(1, 61):
                w, kept = rule(w, slope(w), kept, t, lr)
                way.append(w)
            if name not in best or loss(w) < loss(best[name][-1]):
                best[name] = np.array(way)
    return best


ways, turned_ways = race(valley, start), race(turned, np.array([-2.2, -1.4]) / 2**0.5)
ends = {name: (valley(way[-1]), turned(turned_ways[name][-1])) for name, way in ways.items()}
for name, (along, across) in ends.items():
    print(f"{name:<9} loss {along:.1e} along a weight, {across:.1e} at 45 degrees")
plot = tg.plots.surface(lambda *w: valley(w), (-2.2, 1.2), (-0.9, 0.9), paths=ways)
lesson.show(plot, "race", "SGD bounces off the walls and creeps along the floor; the rest go on.")
plot = tg.plots.surface(lambda *w: turned(w), (-2.4, 1.2), (-2.4, 1.2), paths=turned_ways)
lesson.show(plot, "turned", "RMSProp looks at each weight alone: at 45 degrees its lead is gone.")
assert all(ends[name][0] < ends["SGD"][0] / 10 for name in ("momentum", "RMSProp", "Adam"))
assert ends["RMSProp"][1] > 1000 * ends["RMSProp"][0]
assert np.isclose(*ends["SGD"])  # it cannot tell them apart

# %% [markdown]
# ## Break it yourself
# Open the page and move the learning rate: at which one does SGD go off, and who stays calm? Then
# play, and watch who zigzags. The curvature across is 100, so SGD must stay below $2/100$.

# %%
rates = lesson.choose(short=(0.01, 0.03), normal=(0.001, 0.003, 0.01, 0.019, 0.021, 0.1, 0.3))
page = tg.explorables.optimizer_race(
    lambda *w: valley(w), start=start, x=(-2.2, 1.2), y=(-1.7, 1.7), steps=100, rates=rates,
    title="Four optimizers in a long valley",
)  # fmt: skip
lesson.show(
    page, "race_to_play", "Four optimizers, step by step; the slider changes the learning rate."
)

# %% [markdown]
# ## The landscape of a real network
# A network of 65 weights tells two moons apart. Nobody can draw 65 directions, but one can draw a
# plane through them: the one that holds most of the four ways. All start from the same untrained
# network, in the middle, so the height there must be its loss.
#
# **Change one thing:** give SGD the rate 3.0. It gets further. Does it go down at every step?

# %%
x, y = tg.data.moons(200, noise=0.2, rng=0)
y = y[:, None]
loss = tg.nn.functional.binary_cross_entropy_with_logits
model = tg.nn.MLP([2, 16, 1], activation="tanh", dtype=np.float64, rng=0)
untrained = {name: p.data.copy() for name, p in model.named_parameters()}
rates = {"SGD": 0.5, "momentum": 0.1, "RMSProp": 0.05, "Adam": 0.1}
states, losses = {}, {}
for name, rule in RULES.items():
    model.load_state_dict(untrained)
    states[name], losses[name], kept = [], [], {}
    for t in range(1, 102):
        states[name].append({key: p.data.copy() for key, p in model.named_parameters()})
        model.zero_grad()
        value = loss(model(x), y)
        value.backward()
        losses[name].append(value.item())
        for key, p in model.named_parameters():
            p.data, kept[key] = rule(p.data, p.grad, kept.get(key, {}), t, rates[name])
model.load_state_dict(untrained)
points = lesson.choose(short=9, normal=41)
plot = tg.plots.loss_landscape(model, (x, y), loss, trajectory=states, points=points)
lesson.show(plot, "network", "From one start to four ends: there is more than one way down.")
middle = plot.arrays["loss"][points // 2, points // 2]
print("loss after 100 steps:", {name: round(values[-1], 3) for name, values in losses.items()})
print(f"height in the middle {middle:.8f}, loss of the untrained network {losses['SGD'][0]:.8f}")
assert abs(middle - losses["SGD"][0]) < 1e-6
assert losses["Adam"][-1] < losses["SGD"][-1] / 1.5

# %% [markdown]
# ## Exercise 7.1: a step
# Write one step of gradient descent on any loss: the new weights, and the old ones left alone.


# %%
def descent_step(loss, w, lr): ...  # your answer: tg.grad(loss)(w) is the gradient


lesson.check(1, descent_step)

# %% [markdown]
# ## Exercise 7.2: Nesterov's momentum
# Momentum that looks ahead: the speed becomes $v = \mu v + g$ as before, but the step is that of
# the next update with the same gradient: $w - \eta\,(g + \mu v)$. Write it like `momentum`.


# %%
def nesterov(w, g, kept, t, lr, mu=0.9): ...  # your answer


lesson.check(2, nesterov)

# %% [markdown]
# ## Exercise 7.3: Adam's first step
# How far does each weight move in Adam's first step, $t = 1$? Leave out the tiny $10^{-8}$.


# %%
def first_step(g, lr): ...  # your answer: the change of w, with its sign


lesson.check(3, first_step)

# %% [markdown]
# ## Sources
# Cauchy 1847 (descent); Polyak 1964 (momentum); Tieleman and Hinton 2012, lecture 6.5
# (RMSProp); Kingma and Ba 2015 (Adam); Li et al. 2018 (landscapes). Next: how large a step may be.
