# %% [markdown]
# # 19. A quantum GAN
#
# **Time:** 35 s. **You learn:** to simulate qubits with tensors, to train a quantum circuit against
# a discriminator, and to find who is to blame when one number looks good and another does not.

# %%
import time

import numpy as np
from matplotlib.figure import Figure

import tinygrad_edu as tg
from tinygrad_edu import nn

lesson = tg.lessons.begin(19)

# %% [markdown]
# ## Qubits are a vector
# Three qubits have $2^3 = 8$ patterns, 000 to 111. Their **state** $s$ is a vector of 8 numbers of
# length 1, and a measurement answers pattern $x$ with probability $p(x) = s_x^2$. Two gates:
# **RY** turns one qubit: $(a, b) \to (a \cos\frac\theta2 - b \sin\frac\theta2,\;
# a \sin\frac\theta2 + b \cos\frac\theta2)$, with $a$, $b$ the parts of $s$ where it is 0 and 1.
# **CZ** joins two qubits: it flips the sign of $s_x$ where both are 1.
#
# ```text
# qubit 0  0 ─RY─●─────●─RY─ ...    An RY on each qubit, a CZ on each pair of neighbours
# qubit 1  0 ─RY─●──●──┼─RY─ ...    (here a ring), and again. All numbers are real, so tensors
# qubit 2  0 ─RY────●──●─RY─ ...    do; the angles of the RYs are what we train.
# ```


# %%
def signs(n, pairs):
    bits = np.array(list(np.ndindex((2,) * n)))
    return np.prod([1.0 - 2.0 * bits[:, pair].all(axis=1) for pair in pairs], axis=0)


def circuit(angles, joins):
    state = np.eye(2 ** angles.shape[1])[0]  # all qubits are 0
    for layer, row in enumerate(angles):
        state = state * joins[layer % len(joins)] if layer else state
        for qubit, angle in enumerate(row):
            a, b = tg.unstack(state.reshape((2**qubit, 2, -1)), axis=1)
            c, s = tg.cos(angle / 2), tg.sin(angle / 2)
            state = tg.stack([c * a - s * b, s * a + c * b], axis=1).reshape((-1,))
    return state


RING3 = [signs(3, [(0, 1), (1, 2), (2, 0)])]
draws = np.random.default_rng(0).normal(0, 3, (50, 4, 3))  # 50 circuits: 4 layers of 3 angles
worst = max(abs((circuit(angles, RING3) ** 2).sum() - 1) for angles in draws)
print(f"50 random circuits: their probabilities sum to 1, but for {worst:.0e}")
assert worst <= 1e-12
chance = circuit(tg.Tensor([[2.0]], requires_grad=True, name="angle"), [])[1] ** 2
lesson.show(tg.draw(chance), "one_qubit", "One qubit is 1 with probability sin²(θ/2): arithmetic.")

# %% [markdown]
# ## The gradient, twice
# A quantum computer has no tape. It takes two more runs for each angle, by the **parameter shift
# rule**, $\partial p / \partial \theta = \frac12 (p(\theta + \frac\pi2) - p(\theta - \frac\pi2))$.
# The shift is large and the slope exact, because $p$ is a sine wave in $\theta$.


# %%
def chances(angles):
    return circuit(angles, RING3) ** 2


for angles in draws[:10]:
    shifts = np.pi / 2 * np.eye(12).reshape(12, 4, 3)
    slopes = [(chances(angles + h) - chances(angles - h)) / 2 for h in shifts]
    apart = np.abs(tg.jacobian(chances)(angles).reshape(8, 12) - np.transpose(slopes)).max()
    assert apart <= 1e-10
print(f"backpropagation and 24 shifted runs differ by {apart:.0e}")

# %% [markdown]
# ## The game
# The circuit generates; its noise is the measurement itself. The target is a lognormal in 8 bins.
# The discriminator $D$, a small network, scores patterns: it sees 512 samples of either side,
# that is, eight counts. The generator lowers $\sum_x p_\theta(x) \ln(1 + e^{-D(x)})$. Such a game
# circles its solution, so both rates fall to 0, and a running mean of the angles is the answer.


# %%
def play(target, joins, depth, steps, seed):
    rng, n = np.random.default_rng(seed), int(np.log2(len(target)))
    angles = tg.Parameter(rng.normal(0, 0.1, (depth + 1, n)))
    judge = nn.MLP([n, 24, 16, 1], lambda: nn.LeakyReLU(0.2), dtype=float, rng=rng)
    players = [nn.optim.Adam(who, lr=0.05, betas=(0.5, 0.999)) for who in ([angles], judge)]
    rates = [nn.optim.schedules.LinearLR(player, 1.0, 0.0, steps) for player in players]
    mean = nn.optim.ExponentialMovingAverage([angles], decay=0.98)
    seen = 2.0 * np.array(list(np.ndindex((2,) * n))) - 1.0
    for _ in range(steps):
        with tg.Tape() as tape:
            p = circuit(angles, joins) ** 2
            score = judge(seen)[:, 0]
            real, fake = (rng.multinomial(512, q / q.sum()) / 512 for q in (target, p.data))
            judged = (real * tg.softplus(-score) + fake * tg.softplus(score)).sum()
            doubted = (p * tg.softplus(-score)).sum()
        players[0].step(tape.gradient(doubted, [angles]))
        players[1].step(tape.gradient(judged, judge.parameters()))
        mean.update()
        for rate in rates:
            rate.step()
    with mean.swap():
        return circuit(angles.data, joins) ** 2


def distances(target, p):
    there = target > 0  # 0 log 0 counts as 0
    kl = (target[there] * np.log(target[there] / p[there])).sum()
    return kl, np.abs(target - p).sum() / 2  # TV


x = np.arange(8) + 0.5
target = np.exp(-2 * (np.log(x) - 1) ** 2) / x  # lognormal, mu = 1, sigma = 0.5
target /= target.sum()
sample = np.random.default_rng(1).multinomial(512, target) / 512
ax = Figure((6, 3), layout="constrained").subplots()
for place, name, p in [(-1, "target", target), (0, "512 samples of it", sample)]:
    print("{:18} KL {:.4f}  TV {:.4f}".format(name, *distances(target, p)))
    ax.bar(np.arange(8) + 0.27 * place, p, 0.25, label=name)
for seed in range(lesson.choose(short=1, normal=3)):
    start = time.perf_counter()
    made = play(target, RING3, 3, 400, seed)
    kl, tv = distances(target, made)
    print(f"GAN, seed {seed}        KL {kl:.4f}  TV {tv:.4f}  {time.perf_counter() - start:.1f} s")
    assert (kl <= 0.03) & (tv <= 0.06) & (abs(made.sum() - 1) <= 1e-12)
ax.bar(np.arange(8) + 0.27, made, 0.25, label="GAN")
ax.set_xticks(range(8), [f"{k:03b}" for k in range(8)])
ax.legend(frameon=False)
lesson.show(ax.figure, "lognormal", "The GAN is about as near to the target as 512 of its samples.")

# %% [markdown]
# ## Which pattern is missing?
# A 2 x 2 image is four qubits. Six of the 16 images are bars or stripes; each is to have 1/6. A
# popular score is the **valid mass**, the probability of any of the six. We try CZs in a ring, as
# above, and as bricks: on the pairs 01 and 23 in one layer, on 12 and 30 in the next.

# %%
images = np.unique(tg.data.bars_and_stripes(2, rng=0).features, axis=0).reshape(6, 4)
valid = (images @ [8, 4, 2, 1]).astype(int)
six = np.isin(np.arange(16), valid) / 6
ring = [signs(4, [(0, 1), (1, 2), (2, 3), (3, 0)])]
bricks = [signs(4, [(0, 1), (2, 3)]), signs(4, [(1, 2), (3, 0)])]
steps, seeds = lesson.choose(short=(250, 1), normal=(600, 3))
titles, anywhere = [], np.random.default_rng(0).normal(size=(9, 4))
for name, joins, limit, ways in [("ring", ring, 0.18, 12), ("bricks", bricks, 0.06, 15)]:
    runs = [play(six, joins, 4, steps, seed) for seed in range(seeds)]
    runs.sort(key=lambda p: distances(six, p)[1])
    p = runs[seeds // 2]  # the median
    slopes = tg.jacobian(lambda angles: circuit(angles, joins))(anywhere)  # noqa: B023
    rank = np.linalg.matrix_rank(slopes.reshape(16, 36))
    print(f"{name:6} valid mass {p[valid].sum():.3f}, directions {rank}, KL and TV",
          *["{:.4f} {:.4f}".format(*distances(six, run)) for run in runs])  # fmt: skip
    assert (p[valid].sum() >= 0.95) & (distances(six, p)[1] <= limit) & (rank == ways)
    assert p[valid].min() >= 0.08  # none is missing
    titles += [f"{name} {share:.0%}" for share in p[valid]]
pictures = np.tile(images, (2, 1)).reshape(12, 2, 2)
grid = tg.plots.images(pictures, titles, columns=6)
lesson.show(grid, "bars_and_stripes", "How often each valid image comes: 17 % is wanted.")

# %% [markdown]
# **Verdict: it was a trick question.** No pattern is missing. With the ring two come twice as
# often as the others: KL $\frac13 \ln \frac{32}{27} = 0.0566$, TV $\frac16$, whatever the seed. The
# valid mass cannot see that. Nor is the game to blame: states of 4 qubits can move in 15
# directions, and the rank of the Jacobian says that the ring reaches 12, with 2 layers or with 12.
# Bricks reach all, and the same game succeeds. (No quantum advantage here: a laptop did it all.)
#
# **Change something.** Call `play(six, ring, 12, 600, 0)`: do more layers help? Then let the mean
# of the angles go, with `decay=0.0`: what does the circling cost?
#
# ## Exercise 19.1: a gate as a matrix
# Write `ry(angle)`: the 2 x 2 array of RY, which multiplies the vector $(a, b)$.


# %%
def ry(angle): ...  # your answer


lesson.check(1, ry)

# %% [markdown]
# ## Exercise 19.2: a CZ
# Write `cz(state, i, j)` for an array, the state of any number of qubits; qubit 0 is the left bit.


# %%
def cz(state, i, j): ...  # your answer


lesson.check(2, cz)

# %% [markdown]
# ## Exercise 19.3: the gradient without a tape
# Write `shift_slope(f, angles)`: by parameter shifts, the gradient of one probability `f(angles)`,
# such as `lambda angles: chances(angles)[5]`, in the shape of `angles`.


# %%
def shift_slope(f, angles): ...  # your answer


lesson.check(3, shift_slope)

# %% [markdown]
# ## Sources
# Zoufal, Lucchi, Woerner 2019 (the lognormal and its GAN); Benedetti et al. 2019 (bars
# and stripes); Mitarai et al. 2018, Schuld et al. 2019 (parameter shift); Larocca et al. 2023 (more
# angles need not reach more states).
