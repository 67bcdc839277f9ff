"""``fit``, ``evaluate`` and ``predict`` against loops written by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, training
from tinygrad_edu.data import DataLoader


def data(samples: int = 20) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(samples, 3))
    return x, x @ [[1.0], [-2.0], [0.5]] + 0.3


def linear() -> tuple[nn.Module, Any]:
    model = nn.Linear(3, 1, rng=0, dtype=np.float64)
    return model, nn.optim.SGD(model, lr=0.05, momentum=0.5)


def loader(batch_size: int = 8) -> DataLoader:
    return DataLoader(*data(), batch_size=batch_size, shuffle=True, rng=1, dtype=np.float64)


def test_fit_is_the_loop_that_one_writes() -> None:
    model, opt = linear()
    history = training.fit(model, loader(), nn.MSELoss(), opt, epochs=3, progress=False)
    other, opt = linear()
    losses = []
    batches = loader()
    for _ in range(3):
        total = 0.0
        for x, y in batches:
            opt.zero_grad()
            loss = ((other(x) - y) ** 2).mean()
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
        losses.append(total / 20)
    np.testing.assert_allclose(history["loss"], losses, rtol=1e-12)
    np.testing.assert_allclose(model.weight.data, other.weight.data, rtol=1e-12)


def test_accumulated_batches_are_one_large_batch() -> None:
    model, opt = linear()
    batches = [tuple(part[k : k + 3] for part in data()) for k in range(0, 20, 3)]
    training.fit(model, batches, nn.MSELoss(), opt, accumulate=3, progress=False)
    other, opt = linear()
    large = [tuple(part[k : k + 9] for part in data()) for k in range(0, 20, 9)]
    training.fit(other, large, nn.MSELoss(), opt, progress=False)
    np.testing.assert_allclose(model.weight.data, other.weight.data, rtol=1e-12)


def test_gradients_are_clipped_before_the_step() -> None:
    model, _ = linear()
    before = model.weight.data.copy()
    step = nn.optim.SGD(model, lr=1.0)
    training.fit(model, [data()], nn.MSELoss(), step, clip_grad_norm=1e-3, progress=False)
    moved = np.linalg.norm(np.append(model.weight.data - before, 0))
    assert 0 < moved <= 1e-3


def test_validation_and_metrics_are_those_of_all_samples() -> None:
    model, opt = linear()
    x, y = data()
    history = training.fit(
        model, (x, y), nn.MSELoss(), opt, epochs=2, validation=DataLoader(x, y, batch_size=7),
        metrics={"worst": lambda t, p: np.abs(t - p).max()}, progress=False, rng=0,
    )  # fmt: skip
    error = model(x.astype(np.float32)).data - y.astype(np.float32)
    assert history.rows[-1]["val_loss"] == pytest.approx((error**2).mean(), rel=1e-5)
    assert history.rows[-1]["val_worst"] == pytest.approx(np.abs(error).max(), rel=1e-5)


def test_modes_and_the_gradient_mode_are_as_before() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5), nn.Linear(2, 1))
    model[1].eval()
    opt = nn.optim.SGD(model, lr=0.1)
    training.fit(model, data(), nn.MSELoss(), opt, validation=data(), progress=False)
    assert [part.training for part in model] == [True, False, True]
    assert tg.is_grad_enabled()


def test_a_schedule_steps_after_each_epoch_or_each_step() -> None:
    for every, expected in (("epoch", [0.05, 0.005, 0.0005]), ("step", [5e-5, 5e-8, 5e-11])):
        model, opt = linear()
        history = training.fit(
            model, loader(), nn.MSELoss(), opt, epochs=3, progress=False,
            schedule=nn.optim.schedules.ExponentialLR(opt, 0.1), schedule_every=every,
        )  # fmt: skip
        np.testing.assert_allclose(history["lr"], expected)


def test_a_plateau_is_one_of_the_validation_loss() -> None:
    model, opt = linear()
    plateau = nn.optim.schedules.ReduceLROnPlateau(opt, factor=0.1, patience=0, threshold=1e9)
    training.fit(
        model, data(), nn.MSELoss(), opt, epochs=3, validation=data(), schedule=plateau,
        progress=False,
    )  # fmt: skip
    assert opt.param_groups[0]["lr"] < 0.05


def test_a_dry_run_leaves_no_trace() -> None:
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4), nn.Linear(4, 1, rng=0))
    opt = nn.optim.Adam(model)
    batches = DataLoader(*data(), shuffle=True, rng=3)
    before = model.state_dict()
    stream = batches.rng.bit_generator.state
    history = training.fit(
        model, batches, nn.MSELoss(), opt, epochs=5, validation=data(), dry_run=True
    )
    assert len(history) == 0
    assert opt.state_dict()["state"] in ({}, {k: {} for k in range(6)})
    assert batches.rng.bit_generator.state == stream
    assert opt.steps == 0
    assert all(parameter.grad is None for parameter in model.parameters())
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_dry_run_finds_what_does_not_fit() -> None:
    model = nn.Linear(3, 2)
    with pytest.raises(tg.errors.ShapeError):
        training.fit(model, data(), nn.MSELoss(), nn.optim.SGD(model), dry_run=True)


def test_events_come_in_their_order() -> None:
    seen = []

    class Listening(training.Callback):
        def on_start(self, run: Any) -> None:
            seen.append("start")

        def on_epoch_start(self, run: Any) -> None:
            seen.append("epoch_start")

        def on_gradients(self, run: Any) -> None:
            assert run.parameters[0].grad is not None
            seen.append("gradients")

        def on_step(self, run: Any) -> None:
            seen.append(f"step {run.step}")

        def on_epoch(self, run: Any) -> None:
            seen.append(f"epoch {len(run.history)}")

        def on_end(self, run: Any) -> None:
            seen.append("end")

    model, opt = linear()
    training.fit(model, loader(10), nn.MSELoss(), opt, callbacks=[Listening()], progress=False)
    one = ["gradients", "step 1", "gradients", "step 2"]
    assert seen == ["start", "epoch_start", *one, "epoch 1", "end"]


def test_a_callback_stops_the_run_and_says_why() -> None:
    class Impatient(training.Callback):
        def on_step(self, run: Any) -> None:
            if run.step == 4:
                run.stop("enough")

    model, opt = linear()
    history = training.fit(
        model, loader(), nn.MSELoss(), opt, epochs=9, callbacks=[Impatient()], progress=False
    )
    assert history.stopped == "enough"
    assert len(history) == 1
    assert "enough" in repr(history)


def test_a_misspelt_event_is_refused() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="on_stepp") as caught:
        type("Mine", (training.Callback,), {"on_stepp": lambda self, run: None})
    assert "on_step(" in str(caught.value.fix)


@pytest.mark.parametrize(
    "given, message",
    [
        (iter([]), "only once"),
        (np.zeros((3, 2)), "in batches"),
        ([np.zeros((3, 3))], "a batch is a tuple"),
        ([], "no batch"),
    ],
)
def test_data_that_cannot_be_gone_through_is_refused(given: Any, message: str) -> None:
    model, opt = linear()
    with pytest.raises(tg.errors.ArgumentError, match=message):
        training.fit(model, given, nn.MSELoss(), opt, progress=False)


def test_a_loss_for_each_sample_is_refused() -> None:
    model, opt = linear()
    with pytest.raises(tg.errors.ShapeError, match="one number"):
        training.fit(model, [data()], nn.MSELoss(reduction="none"), opt, progress=False)


def test_a_loss_without_parameters_is_refused() -> None:
    model, opt = linear()
    model.freeze()
    with pytest.raises(tg.errors.GradientError, match="frozen"):
        training.fit(model, [data()], nn.MSELoss(), opt, progress=False)


def test_predict_answers_in_evaluation_mode() -> None:
    model = nn.Sequential(nn.Linear(3, 2, rng=0, dtype=np.float64), nn.Dropout(0.9))
    x = data()[0]
    np.testing.assert_array_equal(training.predict(model, x, batch_size=7), model[0](x).data)
    assert model.training


def test_a_history_is_a_table(tmp_path: Any) -> None:
    history = training.History([{"epoch": k, "loss": 1 / k} for k in range(1, 40)])
    history.rows[-1]["val_loss"] = float("nan")
    assert len(repr(history).splitlines()) == 17
    lines = history.to_csv(tmp_path / "h.csv").read_text().splitlines()
    assert lines[:3] == ["epoch,loss,val_loss", "1,1.0,", "2,0.5,"]
    assert '"val_loss": null' in history.to_json(tmp_path / "h.json").read_text()
    assert history.best("loss")["epoch"] == 39
    with pytest.raises(tg.errors.ArgumentError, match="val_los"):
        history["val_los"]
