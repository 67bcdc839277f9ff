# %% [markdown]
# # 16. A GAN on a ring of Gaussians
#
# **Time:** 25 s. **You learn:** how two networks train each other in five steps, and to
# see when the generator collapses.

# %%
import numpy as np
from matplotlib.figure import Figure

import tinygrad_edu as tg
from tinygrad_edu import nn, training

lesson = tg.lessons.begin(16)

# %% [markdown]
# ## Two players
# The data are points in eight small clouds on a circle. A **generator** $G$ turns noise $z$ into
# points. A **discriminator** $D$ gives each point a score $s$: above 0 means "real", below "made";
# the sigmoid $\sigma(s)$ is its probability of "real". Each has a loss of its own:
# $$L_D = -\ln \sigma(D(x)) - \ln(1 - \sigma(D(G(z)))), \qquad L_G = -\ln \sigma(D(G(z))).$$
# $D$ wants to tell them apart, $G$ wants its points to be called real.

# %%
SPREAD = 0.05
ring = tg.data.ring_of_gaussians(4096, spread=SPREAD, rng=0)
real = ring.features.astype(np.float32)
centres = np.stack([real[ring.targets == k].mean(axis=0) for k in range(8)])


def players(seed):
    generator = nn.MLP([2, 64, 64, 2], activation="relu", rng=seed)
    return generator, nn.MLP([2, 64, 64, 1], activation="tanh", rng=seed + 100)


# %% [markdown]
# ## One round, in five named steps
# By hand, with 64 points. In step 2 the fake points go to $D$ **without their graph** (`.data`), so
# that $D$'s step cannot move $G$. In step 4, $L_G$ is computed with the *new* $D$.

# %%
G, D = players(0)
x, frozen = real[:64], np.random.default_rng(1).standard_normal((64, 2)).astype(np.float32)
fake = G(frozen)
print("1 sample             first fake point", fake.data[0].round(3), " first real", x[0].round(3))
loss_d = tg.softplus(-D(x)).mean() + tg.softplus(D(fake.data)).mean()
print(f"2 D loss             {loss_d.item():.4f}   (2 ln 2 = {2 * np.log(2):.4f} is guessing)")
loss_d.backward()
for p in D.parameters():
    p.data -= np.float32(0.1) * p.grad
print(f"3 D gradient, update longest slope {max(abs(p.grad).max() for p in D.parameters()):.4f}")
D.zero_grad()
loss_g = tg.softplus(-D(G(frozen))).mean()
print(f"4 G loss             {loss_g.item():.4f}")
loss_g.backward()
for p in G.parameters():
    p.data -= np.float32(0.1) * p.grad
print(f"5 G gradient, update longest slope {max(abs(p.grad).max() for p in G.parameters()):.4f}")

# `training.fit_gan` is a loop over these five steps: one round of it gives the same weights.
g, d = players(0)
training.fit_gan(
    g, d, [x], (nn.optim.SGD(g, lr=0.1), nn.optim.SGD(d, lr=0.1)),
    noise=lambda count, rng: frozen, progress=False,
)  # fmt: skip
mine, theirs = [*G.parameters(), *D.parameters()], [*g.parameters(), *d.parameters()]
assert all(np.allclose(a.data, b.data, atol=1e-6) for a, b in zip(mine, theirs, strict=True))

# %% [markdown]
# ## Why $G$ does not simply minimise $\ln(1 - \sigma(s))$
# That is what the game says on paper. But a beginner's points get scores far below 0, and there
# that curve is flat: nothing to follow. The loss above has the same direction, and a slope.

# %%
game = nn.functional.generator_loss
saturating = tg.grad(lambda s: game(s, "saturating"))(np.array([-10.0])).item()
nonsaturating = tg.grad(lambda s: game(s, "nonsaturating"))(np.array([-10.0])).item()
print(f"slope at score -10: saturating {saturating:.1e}, non-saturating {nonsaturating:.3f}")
assert abs(saturating) < 1e-4 < 0.99 < abs(nonsaturating)

# %% [markdown]
# ## A recipe that collapses, and one that covers the ring
# They differ in **one number**, the learning rate of $D$. A mode (a cloud) is *hit* when at least
# 2.5 % of the samples, a fifth of its fair share, lie within three deviations of its centre.
#
# If $D$ learns 20 times slower than $G$, then $G$ plays against a $D$ that nearly stands still. The
# best answer to that is one single point: the one $D$ likes most. All noise goes there. When $D$
# has at last learned that this point is fake, all of $G$ hops to the next one.


# %%
def modes(samples):
    """Modes hit, and the share of samples that are on one."""
    far = np.linalg.norm(samples[:, None] - centres, axis=2)
    on = far.min(axis=1) < 3 * SPREAD
    hits = np.bincount(far.argmin(axis=1)[on], minlength=8)
    return int((hits >= len(samples) / 40).sum()), float(on.mean())


class Film(training.GANMonitor):
    def look(self, real, fake, *scores):  # a monitor that keeps the samples of every look
        self.film = [*getattr(self, "film", []), fake]
        return super().look(real, fake, *scores)


def play(seed, rate_of_d):
    generator, discriminator = players(seed)
    recorder = training.GANRecorder(real, count=96, frames=31)
    film = Film(every=lesson.choose(short=80, normal=112), real=real[:512], notes=False)
    rates = ((generator, 1e-3), (discriminator, rate_of_d))
    training.fit_gan(
        generator, discriminator,
        tg.data.DataLoader(real, batch_size=256, shuffle=True, rng=seed),  # 16 batches an epoch
        tuple(nn.optim.Adam(player, lr=rate, betas=(0.5, 0.999)) for player, rate in rates),
        noise=2, epochs=lesson.choose(short=75, normal=112), callbacks=[film, recorder],
        progress=False, rng=seed,
    )  # fmt: skip
    film.recorder = recorder
    return film


seeds, runs, end = range(lesson.choose(short=1, normal=3)), {}, {}
for name, rate in {"D learns slowly": 5e-5, "D keeps up": 1e-3}.items():
    runs[name] = played = [play(seed, rate) for seed in seeds]
    counts = [modes(film.samples) for film in played]
    end[name] = np.median(counts, axis=0)
    print(f"{name}: {'; '.join(f'{hit} of 8 modes, {on:.0%} on one' for hit, on in counts)}")
    print(f"   {played[0]['collapsed'].mean():.0%} of the looks say collapse; {played[0].verdict}")
assert end["D learns slowly"][0] <= 2
assert end["D keeps up"][0] >= lesson.choose(short=6, normal=7)
assert end["D keeps up"][1] > lesson.choose(short=0.3, normal=0.5)

figure = Figure(figsize=(11, 4.9), layout="constrained")
panels = figure.subplots(2, 5, sharex=True, sharey=True)
for row, (name, played) in zip(panels, runs.items(), strict=True):
    film = played[0]
    for panel, k in zip(row, np.linspace(1, len(film.film) - 1, 5).astype(int), strict=True):
        panel.scatter(*real[:800].T, s=2, color="0.78")
        panel.scatter(*film.film[k].T, s=4, color="#c1440e", alpha=0.5)
        panel.set_title(f"step {film.steps[k]}: {modes(film.film[k])[0]} of 8")
        panel.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal", xticks=[], yticks=[])
    row[0].set_ylabel(name)
lesson.show(figure, "ring", "Grey: the data. Red: the generator. Above it hops, below it covers.")
for name, (film, *_) in runs.items():
    page = tg.explorables.gan_replay(film.recorder, modes=centres, reach=3 * SPREAD, title=name)
    lesson.show(page, name.replace(" ", "_"), f"{name}: play it, or go through its five steps.")

# %% [markdown]
# **What to look at.** Upper row: one blob that moves about and never becomes a ring. Lower row: a
# smear that breaks up into eight clouds. No loss would have told you: in a game, a loss says who is
# ahead now, and not how good the samples are.
#
# ## Change something
# Take Adam's usual `betas=(0.9, 0.999)`: momentum remembers an opponent who has moved on.
#
# ## Exercise 16.1: the discriminator's loss
# Write `loss_of_d(real, fake)` of two arrays of *scores*, with NumPy. It must survive a score of
# 1000: $-\ln \sigma(s) = \ln(1 + e^{-s})$, and NumPy has `np.logaddexp`.


# %%
def loss_of_d(real, fake): ...  # your answer


lesson.check(1, loss_of_d)

# %% [markdown]
# ## Exercise 16.2: the best discriminator there is
# Where real samples have density `p` and made ones density `q`, which probability $a$ of "real" is
# the best? It minimises $-p \ln a - q \ln(1 - a)$. Write `best_answer(p, q)`.


# %%
def best_answer(p, q): ...  # your answer


lesson.check(2, best_answer)

# %% [markdown]
# ## Exercise 16.3: how hard the generator is pulled
# Write `slope_of_g(s)`, the derivative of the non-saturating loss $-\ln \sigma(s)$ by $s$.


# %%
def slope_of_g(s): ...  # your answer


lesson.check(3, slope_of_g)

# %% [markdown]
# ## Sources
# - I. Goodfellow et al., *Generative adversarial nets*, 2014: the game (equation 1), the best
#   discriminator (proposition 1), the non-saturating loss (section 3).
# - L. Metz et al., *Unrolled generative adversarial networks*, 2017: this ring, and the hopping.
# - A. Radford et al., *DCGAN*, 2016, section 4: $\beta_1 = 0.5$. M. Kahng et al., *GAN Lab*, 2018.
