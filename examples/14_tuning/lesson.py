# %% [markdown]
# # 14. Hyper-parameter tuning
#
# **Time:** 12 s. **You learn:** to choose what training does not learn, and why random trials
# beat a grid.

# %%
import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.training import search

lesson = tg.lessons.begin(14)
data = tg.data.load("digits")
images, labels = data.features.reshape(-1, 64) - 0.5, data.targets
x, x_test, y, y_test = tg.data.train_test_split(
    images, labels, test_size=0.2, stratify=labels, rng=0
)

# %% [markdown]
# ## What nobody learns for you
# Training finds the weights. Before it begins somebody has to choose: learning rate, batch size,
# number of epochs, width and depth of the network, activation, loss, optimizer, initialisation.
# These are **hyper-parameters**. There is no gradient for them, so one tries.
#
# Each trial trains on one part of the data and is judged on another, the *validation* part. The
# test part stays locked away until the very end: the best of many trials is partly lucky, and only
# data that took no part in the choice shows how much.

# %%
objective = search.training_objective((x, y))  # trains, and returns the validation loss
two = {"rate": search.log_uniform(1e-5, 1.0), "width": search.integer(4, 128, log=True)}
print("one trial:", objective({"rate": 0.01, "width": 32}, 5, np.random.default_rng(0)))

# %% [markdown]
# ## A grid of 9 against 20 random trials
# We do not even know the magnitude of a good rate, so the range is wide, and drawn in *powers* of
# ten: between 0.00001 and 1, plain uniform numbers would nearly all be above 0.1.
#
# A grid of 9 tries 3 rates and 3 widths. Nine random trials try 9 rates **and** 9 widths. When one
# setting matters much more than the other, and that is the rule, six trials of the grid only repeat
# what is known.

# %%
grid = search.grid(objective, two, points=3, budget=5, progress=False, rng=0)
draws = [
    search.random(objective, two, trials=20, budget=5, progress=False, rng=seed)
    for seed in range(lesson.choose(short=1, normal=3))
]
rates = [len({trial.settings["rate"] for trial in trials}) for trials in (grid, list(draws[0])[:9])]
print(f"different rates in 9 trials: grid {rates[0]}, random {rates[1]}")
assert rates == [3, 9]
caption = "The strokes at the edges are the different values that each search has tried."
lesson.show(grid.plot(against=draws[0]), "grid_and_random", caption)
bests = [found.best.score for found in draws]
print(f"best validation loss: grid of 9 {grid.best.score:.3f}; "
      f"20 random {np.round(bests, 3)}, median {np.median(bests):.3f}")  # fmt: skip
assert np.median(bests) <= grid.best.score
caption = "Each point is a trial. The rate decides; the width hardly does, within reason."
lesson.show(draws[0].plot(), "two_settings", caption)
print("share of the differences that each explains:", {
    name: round(share, 2) for name, share in draws[0].importance().items()
})  # fmt: skip

# %% [markdown]
# The number of trials needed does not depend on how many settings there are. If 5 % of all settings
# are good enough for you, $n$ random trials miss them all with chance $0.95^n$; with 59 trials that
# is below 5 %. A grid of 3 values for each of our 9 settings has $3^9 = 19683$ points.
#
# ## The whole list
# Now all of it. The search takes any function of the settings, so the number of epochs can be a
# setting too. Losses cannot be compared with one another, so accuracy decides here.

# %%
everything = {
    "rate": search.log_uniform(1e-4, 1e-1),
    "batch_size": search.choice(16, 32, 64, 128),
    "epochs": search.integer(2, 12),
    "width": search.integer(8, 128, log=True),
    "depth": search.integer(1, 3),
    "activation": search.choice("relu", "tanh", "gelu", "sigmoid"),
    "loss": search.choice("CrossEntropy", "MultiMargin"),
    "optimizer": search.choice("SGD", "RMSprop", "Adam", "AdamW"),
    "init": search.choice("he_normal", "xavier_uniform"),
}
judged = search.training_objective(
    (x, y), score="val_accuracy",
    metrics={"accuracy": lambda y, scores: (scores.argmax(axis=1) == y).mean()},
)  # fmt: skip


def with_epochs(settings, budget, rng):
    rest = {name: value for name, value in settings.items() if name != "epochs"}
    return judged(rest, settings["epochs"], rng)


trials = lesson.choose(short=8, normal=40)
found = search.random(with_epochs, everything, trials=trials, maximize=True, progress=False, rng=0)
for trial in found.ranked()[:3]:
    print(trial)
print("decisive:", [f"{name} {share:.2f}" for name, share in list(found.importance().items())[:3]])
caption = "Nine settings, one score; the ring is the best. SGD with a small rate lies low."
lesson.show(found.plot(), "everything", caption)
assert found.best.score >= lesson.choose(short=0.93, normal=0.96)

# %% [markdown]
# ## Same seed, same result
# Trial $t$ of seed $s$ has random numbers of its own. So a search can be repeated, continued, or
# spread over processes, and says the same.

# %%
again = search.random(with_epochs, everything, trials=3, maximize=True, progress=False, rng=0)
assert [trial.score for trial in again] == [trial.score for trial in found][:3]
assert [trial.settings for trial in again] == [trial.settings for trial in found][:3]
print("three trials repeated: same settings, same scores to the last bit")

# %% [markdown]
# ## Do not finish what is hopeless: halving
# A bad rate shows after one epoch. Successive halving begins many trials with 1 epoch each, keeps
# the best third with 3 times as many, and so on.

# %%
halved = search.halving(objective, two, trials=27, budget=9, progress=False, rng=0)
spent = sum(trial.budget for trial in halved)
print(f"{spent} epochs for 27 beginnings, where all to the end would take {27 * 9}")
print("the survivor:", halved.best)
assert spent < 27 * 9 / 2
assert halved.best.score <= grid.best.score

# %% [markdown]
# ## The test part, once
# The winner trains again on all but the test part, and is looked at once. What the search promised
# was the best of many, so expect a little less.

# %%
final = search.training_objective(
    (x, y), validation=(x_test, y_test), score="val_accuracy", metrics=judged.metrics
)
best = dict(found.best.settings)
promised = found.best.score
test = final(best, best.pop("epochs"), np.random.default_rng(0))["val_accuracy"]
print(f"promised on validation {promised:.3f}, kept on test {test:.3f}")
assert test >= lesson.choose(short=0.9, normal=0.94)

# %% [markdown]
# **Change one thing:** let the rates begin at 1e-4. The middle of the grid then falls on 0.01, by
# luck a very good rate, and the grid is nearly as good. You cannot plan for that luck.
#
# ## Exercise 14.1: a number of any magnitude
# Write `log_uniform(u, low, high)`: `u` is uniform in 0..1, all magnitudes come as often.


# %%
def log_uniform(u, low, high): ...  # your answer


lesson.check(1, log_uniform)

# %% [markdown]
# ## Exercise 14.2: how many trials?
# A share `share` of all settings is good. Write `trials_needed(share, chance)`: the smallest number
# of random trials that hits one with at least this chance.


# %%
def trials_needed(share, chance): ...  # your answer


lesson.check(2, trials_needed)

# %% [markdown]
# ## Exercise 14.3: what to report
# Two lists have the accuracy of each trial. Write `honest(validation, test)`: the number to
# publish.


# %%
def honest(validation, test): ...  # your answer


lesson.check(3, honest)

# %% [markdown]
# ## Sources
# Bergstra and Bengio 2012, *Random search for hyper-parameter optimization*. Jamieson
# and Talwalkar 2016 (successive halving). Cawley and Talbot 2010 (choosing is fitting, too).
