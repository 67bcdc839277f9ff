# %% [markdown]
# # 14. Hyper-parameter tuning
#
# **Time:** 15 s. **You learn:** to search for what the gradient cannot reach, fairly and cheaply.

# %%
from functools import partial

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.training import search

lesson = tg.lessons.begin(14)

# %% [markdown]
# ## What the gradient cannot reach
# Weights are learned. But who chose the learning rate, the batch size, the number of epochs, the
# widths and the depth, the activation, the loss, the optimizer, the first weights? You did. These
# are the **hyper-parameters** $\theta$. Most have no slope (what lies between relu and tanh?), so
# one can only try: train with some $\theta$, and look at a score $s(\theta)$ on samples that the
# training has not seen.
#
# ## A grid wastes its trials
# Suppose one of two settings matters, and nobody knows which. Nine trials in a grid see *three*
# values of each. Nine random trials see *nine* values of the one that matters, for free.


# %%
def only_rate_matters(settings, budget, rng, peak=0.72):
    return np.exp(-(((settings["rate"] - peak) / 0.1) ** 2)) + 0.02 * settings["other"]


plane = {"rate": search.uniform(0, 1), "other": search.uniform(0, 1)}
quiet = {"maximize": True, "progress": False}
grid = search.grid(only_rate_matters, plane, points=3, **quiet)
tried = search.random(only_rate_matters, plane, trials=9, rng=0, **quiet)
seen = [len({trial.settings["rate"] for trial in found.trials}) for found in (grid, tried)]
print(f"nine trials: the grid saw {seen[0]} values of `rate`, random search {seen[1]}")
assert seen == [3, 9]
lesson.show(tried.plot(against=grid), "grid_and_random", "Shadows on an axis: three, or nine.")

won = []
for k, peak in enumerate(np.random.default_rng(0).random(lesson.choose(short=60, normal=300))):
    f = partial(only_rate_matters, peak=peak)  # nobody knows where the good rate is
    by_grid = search.grid(f, plane, points=3, **quiet).best.score
    won.append(search.random(f, plane, trials=9, rng=k, **quiet).best.score > by_grid)
print(f"random search found the better setting for {np.mean(won):.0%} of {len(won)} peaks")
assert np.mean(won) > 0.6

# %% [markdown]
# If a share $p$ of all settings is good, $n$ random trials hit at least one of them with
# probability $1 - (1 - p)^n$: 60 trials find one of the best 5 % with 95 %, *however many settings
# there are*. A grid with three values of eight settings needs $3^8 = 6561$.
#
# ## Every dimension at once
# Digits, in three parts: to learn from, to choose by (**validation**), and the **test** part that
# nobody looks at until the end. A rate is drawn on a logarithmic scale: 0.001 to 0.01 is as long a
# way as 0.01 to 0.1. Epochs are the **budget**.

# %%
digits = tg.data.load("digits")
pixels = digits.features.reshape(len(digits), -1)
x, x_test, y, y_test = tg.data.train_test_split(
    pixels, digits.targets, test_size=360, stratify=digits.targets, rng=0
)
kept = lesson.choose(short=600, normal=len(x))


def accuracy(targets, outputs):
    return (outputs.argmax(axis=1) == targets).mean()


objective = search.training_objective(
    (x[:kept], y[:kept]), validation=0.25, metrics={"accuracy": accuracy}, score="val_accuracy"
)
space = {
    "rate": search.log_uniform(1e-4, 1e-1),
    "batch_size": search.choice(16, 32, 64),
    "width": search.integer(8, 128, log=True),
    "depth": search.integer(1, 3),
    "activation": search.choice("relu", "tanh"),
    "loss": search.choice("CrossEntropyLoss", "MultiMarginLoss"),
    "optimizer": search.choice("SGD", "RMSprop", "Adam"),
    "init": search.choice("he_normal", "xavier_uniform"),
}
two = {name: space[name] for name in ("rate", "width")}  # more a grid cannot afford
epochs = lesson.choose(short=3, normal=10)
scores = []
for seed in range(3):
    nine = search.grid(objective, two, points=3, budget=epochs, rng=seed, **quiet)
    twenty = search.random(objective, space, trials=20, budget=epochs, rng=seed, **quiet)
    scores.append((nine.best.score, twenty.best.score))
of_grid, of_random = np.median(scores, axis=0)
print(f"median of 3 seeds: grid of 9 {of_grid:.3f}, 20 random trials {of_random:.3f}")
assert of_random >= of_grid
print(twenty)
lesson.show(twenty.plot(), "settings", "The score against each setting: a rate too low or too high "
            "ruins everything, the rest matters less.")  # fmt: skip

# The same seed gives the same search: each trial has a generator of its own, whoever runs it, in
# whatever order. That makes `workers=4` safe, and a search that was cut off can go on (`path=`).
again = search.random(objective, space, trials=4, budget=epochs, rng=2, **quiet)
assert [t.scores for t in again.trials] == [t.scores for t in twenty.trials[:4]]

# %% [markdown]
# ## Do not finish what starts badly
# **Successive halving** gives many settings a small budget, the best third three times as much,
# and so on. A bad learning rate is found out after one epoch.

# %%
halved = search.halving(objective, space, trials=27, budget=9, least=1, rng=0, **quiet)
spent = sum(trial.budget for trial in halved.trials)
print(f"27 settings for {spent} epochs instead of {27 * 9}; best {halved.best}")
assert spent <= 27 * 9 / 3
assert halved.best.score > np.median([t.score for t in halved.trials if t.budget == 1])

# %% [markdown]
# ## The winner looks better than it is
# The best of many trials was also lucky. So the test part is looked at now, once, for the one
# setting that was chosen. This is the figure to tell others.

# %%
known = search.training_objective((x, y), validation=(x_test, y_test), score="val_accuracy",
                                  metrics={"accuracy": accuracy})  # fmt: skip
tested = known(twenty.best.settings, lesson.choose(short=6, normal=20), np.random.default_rng(0))
print(f"validation {twenty.best.score:.3f}, test {tested['val_accuracy']:.3f}")
assert tested["val_accuracy"] >= lesson.choose(short=0.85, normal=0.95)

# %% [markdown]
# **Change something.** Give random search 60 trials. Then take `rate` out of the space and say
# `training_objective(..., rate=0.5)`: no other setting saves a rate that is too large.
#
# ## Exercise 14.1: a rate, evenly over the decades
# Write `rate(u)`: for `u` from 0 to 1 a rate from 1e-4 to 1e-1, evenly on the scale of logarithms.


# %%
def rate(u): ...  # your answer


lesson.check(1, rate)

# %% [markdown]
# ## Exercise 14.2: how many trials?
# Write `trials(share, sure)`: the least number of random trials of which at least one lies in the
# best `share` with a probability of at least `sure`. `trials(0.05, 0.95)` is about 60.


# %%
def trials(share, sure): ...  # your answer


lesson.check(2, trials)

# %% [markdown]
# ## Exercise 14.3: the bill of halving
# Write `bill(count, budget, factor)`: the epochs that halving spends on `count` settings if each
# round keeps one in `factor`, the last round has `budget` epochs for one setting, and the round
# before `factor` times fewer. `bill(9, 9, 3)` is 9 times 1, 3 times 3 and 1 time 9.


# %%
def bill(count, budget, factor): ...  # your answer


lesson.check(3, bill)

# %% [markdown]
# ## Sources
# J. Bergstra, Y. Bengio, *Random search for hyper-parameter optimization*, JMLR 13, 2012. K.
# Jamieson, A. Talwalkar, *Non-stochastic best arm identification*, AISTATS 2016. L. Li et al.,
# *Hyperband*, JMLR 18, 2018. G. Cawley, N. Talbot, *On over-fitting in model selection*, JMLR 11,
# 2010.
