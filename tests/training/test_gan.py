"""Two players: what their steps are, and that neither leaves a trace in the other."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.training.test_resume import Cut, same
from tinygrad_edu import nn, training
from tinygrad_edu.data import DataLoader

pytestmark = pytest.mark.once  # what no version of Python changes

F = nn.functional


def players(dtype: Any = np.float64) -> tuple[Any, Any]:
    g = nn.Sequential(nn.Linear(2, 8, rng=0), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1, rng=1))
    d = nn.Sequential(
        nn.Linear(1, 8, rng=2), nn.LeakyReLU(), nn.Dropout(0.1), nn.Linear(8, 1, rng=3)
    )
    return g.astype(dtype), d.astype(dtype)


def real(samples: int = 40, dtype: Any = np.float64) -> Any:
    return np.random.default_rng(0).normal(2.0, 0.5, (samples, 1)).astype(dtype)


def played(checkpoint: Any = None, **options: Any) -> Any:
    g, d = players(np.float32)
    optimizers = nn.optim.Adam(g, lr=0.01), nn.optim.RMSprop(d, lr=0.02)
    given: dict[str, Any] = {"epochs": 3, "batch_size": 8, "noise": 2, "rng": 0, **options}
    history = training.fit_gan(
        g, d, real(), optimizers, progress=False, checkpoint=checkpoint,
        checkpoint_every=None if checkpoint is None else 1, **given,
    )  # fmt: skip
    states = [optimizer.state_dict() for optimizer in optimizers]
    return [g.state_dict(), d.state_dict(), *states, history.rows]


@pytest.mark.parametrize("kind", ["nonsaturating", "saturating", "hinge", "least_squares"])
def test_a_step_is_that_of_a_loop_written_by_hand(kind: str) -> None:
    x = real(8)
    z = np.random.default_rng(3).normal(size=(8, 2))
    g, d = nn.Linear(2, 1, rng=0, dtype=np.float64), nn.Linear(1, 1, rng=1, dtype=np.float64)
    training.fit_gan(
        g, d, [x], (nn.optim.SGD(g, lr=0.1), nn.optim.SGD(d, lr=0.2)), noise=lambda count, rng: z,
        loss=kind, progress=False,
    )  # fmt: skip
    h, e = nn.Linear(2, 1, rng=0, dtype=np.float64), nn.Linear(1, 1, rng=1, dtype=np.float64)
    F.discriminator_loss(e(x), e(h(z).data), kind).backward()
    for p in e.parameters():
        p.data = p.data - 0.2 * p.grad
    F.generator_loss(e(h(z)), kind).backward()
    for p in h.parameters():
        p.data = p.data - 0.1 * p.grad
    for one, two in ((g, h), (d, e)):
        for name, array in one.state_dict().items():
            np.testing.assert_allclose(array, two.state_dict()[name], rtol=1e-12)


def test_no_gradient_of_one_player_gets_into_the_other() -> None:
    g, d = players()
    seen = []

    class Watch(training.Callback):
        def on_gradients(self, run: training.Run) -> None:
            turn = "g" if run.parameters[0] is g[0].weight else "d"
            of_g = [None if p.grad is None else p.grad.copy() for p in g.parameters()]
            of_d = [None if p.grad is None else p.grad.copy() for p in d.parameters()]
            seen.append((turn, of_g, of_d))

    optimizers = nn.optim.SGD(g, lr=0.1), nn.optim.SGD(d, lr=0.1)
    training.fit_gan(
        g, d, [real(8)] * 4, optimizers, noise=2, n_critic=2, callbacks=[Watch()], progress=False
    )
    assert [turn for turn, *_ in seen] == ["d", "d", "g"] * 2
    assert all(p is None for p in seen[0][1])  # nothing was made for the generator yet
    for (_, g_before, d_before), (turn, g_after, d_after) in pairwise(seen):
        same(*((d_before, d_after) if turn == "g" else (g_before, g_after)))
    assert all(p.requires_grad for p in [*g.parameters(), *d.parameters()])


def test_frozen_parameters_stay_frozen() -> None:
    g, d = players()
    d.freeze("0")
    before = d[0].weight.data.copy()
    optimizers = nn.optim.SGD(g, lr=0.1), nn.optim.SGD(d[3], lr=0.1)
    training.fit_gan(g, d, [real(8)], optimizers, noise=2, progress=False)
    np.testing.assert_array_equal(d[0].weight.data, before)
    assert not d[0].weight.requires_grad


def test_smoothing_is_the_cross_entropy_with_the_smaller_label() -> None:
    x, s = real(8), 0.2
    g, d = nn.Linear(2, 1, rng=0, dtype=np.float64), nn.Linear(1, 1, rng=1, dtype=np.float64)
    z = np.ones((8, 2))
    of_real, of_fake = d(x), d(g(z).data)
    expected = F.binary_cross_entropy_with_logits(of_real, np.full((8, 1), 1 - s))
    expected = expected + F.binary_cross_entropy_with_logits(of_fake, np.zeros((8, 1)))
    history = training.fit_gan(
        g, d, [x], (nn.optim.SGD(g, lr=0.0), nn.optim.SGD(d, lr=0.0)),
        noise=lambda count, rng: z, smoothing=s, progress=False,
    )  # fmt: skip
    assert history["discriminator_loss"][0] == pytest.approx(expected.item(), rel=1e-12)
    assert history["real_score"][0] == pytest.approx(of_real.data.mean(), rel=1e-12)
    assert history["loss"][0] == pytest.approx(
        history["discriminator_loss"][0] + history["generator_loss"][0]
    )


@pytest.mark.parametrize("at", [1, 2, 4, 5])
@pytest.mark.parametrize(
    "options",
    [{"n_critic": 2}, {"loss": "wasserstein", "penalty": 10.0, "clip_grad_norm": 1.0}],
)
def test_a_game_that_is_cut_ends_with_the_same_bits(at: int, options: Any, tmp_path: Path) -> None:
    path = tmp_path / "game.npz"
    with pytest.raises(KeyboardInterrupt):
        played(path, callbacks=[Cut(at)], **options)
    same(played(path, resume=True, **options), played(**options))


def test_a_generator_learns_where_the_samples_are() -> None:
    g = nn.Linear(1, 1, rng=0)
    d = nn.Sequential(nn.Linear(1, 16, rng=1), nn.Tanh(), nn.Linear(16, 1, rng=2))
    centres = []

    class Watch(training.Callback):
        def on_epoch(self, run: training.Run) -> None:
            centres.append(float(g.bias.data[0]))  # the noise has mean 0

    optimizers = nn.optim.Adam(g, lr=0.02, betas=(0.0, 0.9)), nn.optim.Adam(d, lr=0.02)
    training.fit_gan(
        g, d, real(256, np.float32), optimizers, noise=1, epochs=120, loss="wasserstein",
        penalty=1.0, n_critic=2, callbacks=[Watch()], progress=False, rng=0,
    )  # fmt: skip
    # The players circle around the solution: their mean is there, within the samples' deviation.
    assert abs(centres[0] - 2.0) > 1.0
    assert abs(np.mean(centres[60:]) - 2.0) < 0.5


@pytest.mark.parametrize("data", [DataLoader(real(), np.zeros(40)), (real(), np.zeros(40)), real()])
def test_targets_are_passed_over(data: Any) -> None:
    g, d = players(np.float32)
    optimizers = nn.optim.SGD(g, lr=0.1), nn.optim.SGD(d, lr=0.1)
    assert len(training.fit_gan(g, d, data, optimizers, noise=2, progress=False, rng=0)) == 1


def test_a_game_with_a_nan_is_traced() -> None:
    g, d = players()
    bad = real(8)
    bad[3] = np.nan
    with pytest.raises(FloatingPointError) as caught:
        training.fit_gan(
            g, d, [real(8), real(8), bad], (nn.optim.SGD(g), nn.optim.SGD(d)), noise=2,
            progress=False,
        )  # fmt: skip
    assert "step 3, epoch 1, batch 3" in "".join(caught.value.notes)
    assert all(np.isfinite(p.data).all() for p in [*g.parameters(), *d.parameters()])


@pytest.mark.parametrize(
    "options",
    [
        {"loss": "hings"}, {"smoothing": 0.5}, {"smoothing": 0.1, "loss": "hinge"},
        {"penalty": -1.0}, {"n_critic": 0}, {"resume": True},
    ],
)  # fmt: skip
def test_settings_of_no_game_are_refused(options: Any) -> None:
    with pytest.raises(tg.errors.ArgumentError, match=next(iter(options))):
        played(**options)


def watcher(**options: Any) -> training.GANMonitor:
    return training.GANMonitor(every=2, real=real(20, np.float32), notes=False, **options)


def test_a_monitor_changes_nothing_of_a_game_and_goes_on_where_it_was_cut(tmp_path: Path) -> None:
    path, whole, resumed = tmp_path / "game.npz", watcher(), watcher()
    same(played(callbacks=[whole]), played())
    assert whole.steps == [2, 4, 6, 8, 10, 12, 14]
    with pytest.raises(KeyboardInterrupt):
        played(path, callbacks=[watcher(), Cut(7)])
    played(path, resume=True, callbacks=[resumed])
    assert resumed.steps == whole.steps
    assert resumed.history == whole.history
    assert resumed.samples is not None
    np.testing.assert_array_equal(resumed.samples, whole.samples)


def test_a_monitor_compares_what_its_features_are() -> None:
    twice = watcher(features=lambda array: np.hstack([array, array]))
    none = watcher(
        features=lambda array: np.zeros((len(array), 1)) + np.arange(len(array))[:, None]
    )
    played(callbacks=[twice])
    played(callbacks=[none])
    assert none["coverage"].min() == 1.0
    assert twice["coverage"].min() < 1.0


def test_a_collapse_that_lasts_is_said_once() -> None:
    g, d = players(np.float32)
    g[3].weight.data = np.zeros((1, 8), np.float32)  # whatever the noise, one sample
    optimizers = nn.optim.SGD(g, lr=0.0), nn.optim.SGD(d, lr=0.0)
    monitor = training.GANMonitor(every=1, real=real(64, np.float32))
    with pytest.warns(training.TrainNote, match="step 3: collapse in the last 3 looks") as caught:
        training.fit_gan(
            g,
            d,
            [real(8, np.float32)] * 9,
            optimizers,
            noise=2,
            callbacks=[monitor],
            progress=False,
        )
    assert len(caught) == len(monitor.notes) == 1
    assert caught[0].filename == __file__


def test_a_monitor_without_samples_is_refused() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="real samples"):
        played(callbacks=[training.GANMonitor()])


def test_a_monitor_of_two_players_refuses_a_run_of_one_model() -> None:
    model = nn.Linear(1, 1, rng=0)
    with pytest.raises(tg.errors.ArgumentError, match="two players"):
        training.fit(
            model, (real(), real()), nn.MSELoss(), nn.optim.SGD(model, lr=0.1),
            callbacks=[watcher()], progress=False,
        )  # fmt: skip
