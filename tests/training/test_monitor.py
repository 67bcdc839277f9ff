"""What is seen during a run: troubles are said, sound runs pass in silence and unchanged."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.training.a_run import trained
from tests.training.sound_models import SOUND, blobs
from tinygrad_edu import nn, training
from tinygrad_edu.training import GANMonitor, Monitor, TrainNote, fit, gan_health, inspect

pytestmark = pytest.mark.once  # what no version of Python changes


def watched(
    model: Any,
    optimizer: Any,
    *,
    batch: Any = None,
    steps: int = 40,
    given: bool = True,
    **options: Any,
) -> Any:
    """The words of a monitor that looks at every second step of a short run."""
    data = batch or blobs(0)
    monitor = Monitor(every=2, batch=data if given else None, notes=False)
    loss = options.pop("loss", nn.CrossEntropyLoss())
    size = options.pop("batch_size", 16)
    epochs = -(-steps * size // len(data[1]))
    fit(
        model, data, loss, optimizer, epochs=epochs, batch_size=size, callbacks=[monitor],
        progress=False, rng=0, **options,
    )  # fmt: skip
    return monitor


def small(seed: int, activation: str = "relu") -> Any:
    return nn.MLP([4, 16, 16, 3], activation=activation, rng=seed)


def dead(seed: int) -> tuple[Any, Any]:
    model = small(seed)
    model[0].bias.data = np.full(16, -20.0)
    return model, nn.optim.SGD(model, lr=0.1)


def saturated(seed: int) -> tuple[Any, Any]:
    model = small(seed, "tanh")
    model[0].weight.data = 30 * model[0].weight.data
    return model, nn.optim.SGD(model, lr=0.01)


def vanishing(seed: int) -> tuple[Any, Any]:
    model = nn.MLP([4, *[16] * 10, 3], activation="sigmoid", rng=seed)
    return model, nn.optim.SGD(model, lr=0.1)


def too_slow(seed: int) -> tuple[Any, Any]:
    model = small(seed)
    return model, nn.optim.SGD(model, lr=1e-9)


def too_fast(seed: int) -> tuple[Any, Any]:
    model = small(seed)
    return model, nn.optim.Adam(model, lr=1.0)


def all_zero(seed: int) -> tuple[Any, Any]:
    model = nn.init.apply(small(seed), "zeros")
    return model, nn.optim.SGD(model, lr=0.1)


def other_model(seed: int) -> tuple[Any, Any]:
    return small(seed), nn.optim.SGD(small(seed), lr=0.1)


TROUBLES: dict[str, tuple[Callable[[int], tuple[Any, Any]], str]] = {
    "dead": (dead, "dead"),
    "saturated": (saturated, "saturated"),
    "vanishing": (vanishing, "vanishes"),
    "slow": (too_slow, "next to nothing moves"),
    "fast": (too_fast, "updates of"),
    "zero": (all_zero, "did not change"),
    "other model": (other_model, "none of the 6 parameters of the optimizer"),
}


@pytest.mark.filterwarnings("ignore::tinygrad_edu.nn.note.ModuleNote")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", TROUBLES)
@pytest.mark.parametrize("given", [True, False], ids=["batch", "the run's own"])
def test_a_planted_trouble_is_said(name: str, given: bool, seed: int) -> None:
    make, words = TROUBLES[name]
    monitor = watched(*make(seed), given=given)
    assert any(words in note for note in monitor.notes), monitor.notes


def test_an_exploding_gradient_is_said() -> None:
    x = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
    model = nn.Linear(1, 1, rng=0)
    optimizer = nn.optim.SGD(model, lr=1.2)
    monitor = watched(model, optimizer, batch=(x, 3 * x), loss=nn.MSELoss(), steps=40)
    assert any("length of the gradient" in note for note in monitor.notes), monitor.notes


def test_a_flat_loss_is_said() -> None:
    monitor = watched(*too_slow(0), batch_size=64)
    assert any("the loss is flat" in note for note in monitor.notes)


def run_of(name: str, seed: int, given: bool = True) -> Any:
    (model, batch, loss, optimizer), _ = SOUND[name](seed)
    return watched(model, optimizer, batch=batch, loss=loss, given=given)


PLAIN = [name for name in SOUND if name not in ("generator", "own_step", "zero_head")]


@pytest.mark.parametrize("given", [True, False], ids=["batch", "the run's own"])
@pytest.mark.parametrize("name", PLAIN)
def test_a_sound_run_passes_in_silence(name: str, given: bool) -> None:
    assert run_of(name, 0, given).notes == []


@pytest.mark.thorough
@pytest.mark.parametrize("name", PLAIN)
def test_a_sound_run_passes_in_silence_for_any_seed(name: str) -> None:
    alarms = [
        (seed, given, notes)
        for seed in range(1, 21)
        for given in (True, False)
        if (notes := run_of(name, seed, given).notes)
    ]
    assert not alarms


def test_a_monitor_changes_no_bit_of_a_run() -> None:
    x = np.random.default_rng(0).normal(size=(8, 3))
    batch = (x, (x.sum(axis=1) > 0).astype(int))
    plain = trained()
    looked = trained(callbacks=[Monitor(every=3, batch=batch, notes=False)])
    for name, array in plain[0].items():
        assert array.tobytes() == looked[0][name].tobytes()
    assert [row["loss"] for row in plain[2]] == [row["loss"] for row in looked[2]]


def test_a_monitor_draws_nothing_of_a_random_loss() -> None:
    def run(callbacks: Any) -> Any:
        rng = np.random.default_rng(0)
        model = nn.Linear(4, 3, rng=0)
        loss = lambda p, t: nn.functional.cross_entropy(p, np.where(rng.random(len(t)) < 0.5, t, 0))  # noqa: E731
        fit(model, blobs(0), loss, nn.optim.SGD(model, lr=0.1), epochs=2, progress=False, rng=0,
            callbacks=callbacks)  # fmt: skip
        return model.weight.data

    monitor = Monitor(every=1, notes=False)
    np.testing.assert_array_equal(run([monitor]), run([]))
    assert len(monitor.layers) == 4


def test_layers_are_not_judged_on_few_samples_nor_when_not_wanted() -> None:
    model = nn.Linear(4, 3, rng=0)
    few, unwanted = Monitor(every=1), Monitor(every=1, batch=False)
    for monitor, size in ((few, 15), (unwanted, 64)):
        fit(
            model, blobs(0, n=60), nn.CrossEntropyLoss(), nn.optim.SGD(model, lr=0.1),
            batch_size=size, callbacks=[monitor], progress=False, rng=0,
        )  # fmt: skip
    assert (few.layers, unwanted.layers) == ([], [])
    assert len(few.steps) == 4


def test_a_monitor_looks_at_a_game_without_layers() -> None:
    maker, judge = nn.Linear(2, 2, rng=0), nn.Linear(2, 1, rng=1)
    monitor = Monitor(every=1, notes=False)
    optimizers = (nn.optim.SGD(maker, lr=0.01), nn.optim.SGD(judge, lr=0.01))
    training.fit_gan(
        maker, judge, np.zeros((40, 2), np.float32), optimizers, noise=2, callbacks=[monitor],
        progress=False, rng=0,
    )  # fmt: skip
    assert monitor.steps
    assert monitor.layers == []


def test_a_monitor_goes_on_where_another_stopped() -> None:
    first = watched(*too_slow(0))
    second = Monitor()
    second.load(first.state())
    assert second.state() == first.state()


def test_notes_are_warnings_that_can_be_turned_off() -> None:
    model, optimizer = too_slow(0)
    with pytest.warns(TrainNote, match="did not change|next to nothing moves"):
        fit(
            model, blobs(0), nn.CrossEntropyLoss(), optimizer, epochs=2, progress=False, rng=0,
            callbacks=[Monitor(every=1)],
        )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainNote)
        fit(
            model, blobs(0), nn.CrossEntropyLoss(), optimizer, epochs=2, progress=False, rng=0,
            callbacks=[Monitor(every=1)],
        )  # fmt: skip


def test_inspect_measures_the_update_of_each_layer() -> None:
    model = nn.Sequential(nn.Linear(4, 3, rng=0)).astype("float64")
    x, y = blobs(0)
    optimizer = nn.optim.SGD(model, lr=0.1)
    before = model[0].weight.data.copy()
    seen = inspect(model, (np.float64(x), y), nn.CrossEntropyLoss(), optimizer)
    assert np.array_equal(model[0].weight.data, before)
    optimizer.zero_grad()
    nn.CrossEntropyLoss()(model(np.float64(x)), y).backward()
    expected = 0.1 * np.linalg.norm(model[0].weight.grad) / np.linalg.norm(before)
    assert seen.layers[0].update == pytest.approx(expected, rel=1e-9)
    assert seen.healthy
    assert "update" in str(seen)


def ring(rng: Any, modes: Any, n: int = 256) -> Any:
    angle = rng.choice(modes, n) * np.pi / 4
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) + 0.05 * rng.normal(size=(n, 2))


@pytest.mark.parametrize("seed", range(20))
def test_a_collapsed_generator_is_told_from_a_sound_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    real, every = ring(rng, np.arange(8)), np.arange(8)
    assert gan_health(real, ring(rng, every)).verdict.startswith("healthy")
    assert gan_health(real, ring(rng, every, 100)).verdict.startswith("healthy")
    assert gan_health(real, ring(rng, [2])).collapsed
    assert gan_health(real, ring(rng, [1, 5])).collapsed
    assert gan_health(real, np.full((256, 2), 0.3)).collapsed
    assert "parts of the data are missing" in gan_health(real, ring(rng, every[:5])).verdict
    far = gan_health(real, 5 + ring(rng, every))
    assert not far.collapsed
    assert "far off" in far.verdict


def test_who_wins_is_said() -> None:
    rng = np.random.default_rng(0)
    a, b = ring(rng, np.arange(8)), ring(rng, np.arange(8))
    high, low = np.full(256, 4.0), np.full(256, -4.0)
    assert "discriminator wins" in gan_health(a, b, high, low).verdict
    assert "fools" in gan_health(a, b, high, high).verdict
    assert "swapped" in gan_health(a, b, low, high).verdict
    even = gan_health(a, b, rng.normal(size=256), rng.normal(size=256))
    assert even.verdict.startswith("healthy")
    assert gan_health(a, b, [0.9] * 8, [0.1] * 8, threshold=0.5).fake_accuracy == 1.0


def test_a_gan_monitor_says_how_long_a_collapse_lasts() -> None:
    rng, monitor = np.random.default_rng(0), GANMonitor()
    assert "nothing" in monitor.verdict
    monitor.look(ring(rng, np.arange(8)), ring(rng, np.arange(8)))
    for _ in range(3):
        monitor.look(ring(rng, np.arange(8)), ring(rng, [0]))
    assert "in the last 3 looks" in monitor.verdict
    assert monitor["collapsed"].tolist() == [False, True, True, True]


def test_the_names_are_exported() -> None:
    assert {"preflight", "inspect", "Monitor", "GANMonitor"} <= set(training.__all__)
