"""The objective that trains: every setting of the list is one line, and reaches its place."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.errors import ArgumentError, TrialError
from tinygrad_edu.training import search

pytestmark = pytest.mark.once  # what no version of Python changes


def problem() -> tuple[Any, Any]:
    x = np.random.default_rng(0).normal(size=(40, 3))
    return x, (x[:, 0] > 0).astype(int)


def accuracy(target: Any, prediction: Any) -> float:
    return float((prediction.argmax(axis=1) == target).mean())


def objective(**options: Any) -> search.TrainingObjective:
    return search.training_objective(problem(), **options)


def called(settings: dict[str, Any], budget: float = 1, **options: Any) -> dict[str, float]:
    return objective(**options)(settings, budget, np.random.default_rng(0))


BASE: dict[str, Any] = {
    "rate": 0.05, "width": 8, "depth": 2, "activation": "relu", "init": "he_normal",
    "optimizer": "SGD", "batch_size": 8,
}  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"rate": 0.1}, {"width": 9}, {"depth": 3}, {"activation": "tanh"}, {"activation": nn.GELU},
        {"init": "xavier_uniform"}, {"optimizer": "adam"}, {"optimizer": nn.optim.RMSprop},
        {"optimizer": partial(nn.optim.SGD, momentum=0.9)}, {"batch_size": 16}, {"momentum": 0.9},
        {"weight_decay": 0.5}, {"dropout": 0.5}, {"clip_grad_norm": 0.01}, {"accumulate": 4},
        {"loss": "multi_margin"}, {"loss": nn.MultiMarginLoss},
        {"loss": nn.functional.cross_entropy, "rate": 0.2},
    ],
    ids=str,
)  # fmt: skip
def test_every_setting_changes_the_training(changed: dict[str, Any]) -> None:
    options = {"metrics": {"accuracy": accuracy}, "score": "val_accuracy"}
    base, other = called(BASE, **options), called({**BASE, **changed}, **options)
    assert base == called(BASE, **options)
    assert base["loss"] != other["loss"]


def test_widths_are_a_choice_of_tuples() -> None:
    shapes = []

    def build(widths: Any, rng: Any) -> nn.Module:
        shapes.append(widths)
        return nn.MLP([3, *widths, 2], rng=rng)

    space = {"widths": search.choice((4,), (4, 4), ())}
    search.grid(objective(model=build), space, progress=False)
    assert shapes == [(4,), (4, 4), ()]
    assert called({"widths": (4, 4)}) == called({"width": 4, "depth": 2})


def test_the_budget_is_the_number_of_epochs() -> None:
    seen: list[int] = []

    class Seen(tg.training.Callback):
        def on_epoch(self, run: Any) -> None:
            seen.append(run.epoch)

    called({}, 3, callbacks=[Seen()])
    assert seen == [1, 2, 3]


def test_the_score_is_of_the_last_epoch_on_the_kept_part() -> None:
    models = []

    def build(rng: Any) -> nn.Module:
        models.append(nn.Linear(3, 2, rng=rng))
        return models[-1]

    made = objective(model=build)
    found = made({"rate": 0.01}, 2, np.random.default_rng(0))
    expected = tg.training.evaluate(models[-1], made.validation, nn.CrossEntropyLoss())
    assert found["val_loss"] == expected["loss"]
    assert (len(made.train[0]), len(made.validation[0])) == (32, 8)
    assert abs(made.validation[1].mean() - problem()[1].mean()) < 0.1


def test_validation_may_be_given() -> None:
    x, y = problem()
    made = search.training_objective((x[:30], y[:30]), validation=(x[30:], y[30:]))
    assert (len(made.train[0]), len(made.validation[0])) == (30, 10)


def test_targets_that_are_numbers_have_as_many_outputs() -> None:
    x, _ = problem()
    made = search.training_objective((x, x[:, :2] * 2), loss="mse", optimizer="sgd")
    assert made({"rate": 0.1}, 30, np.random.default_rng(0))["val_loss"] < 1


def test_a_setting_that_nobody_takes_is_refused() -> None:
    space = {"learning_rate": search.log_uniform(1e-4, 1e-1)}
    with pytest.raises(TrialError, match="nobody takes the setting 'learning_rate'"):
        search.random(objective(), space, progress=False)
    with pytest.raises(ArgumentError, match="'widht'") as caught:
        called({"widht": 3})
    assert caught.value.fix == '"width": ...'


def test_losses_are_not_compared_by_their_own_values() -> None:
    with pytest.raises(ArgumentError, match="different losses"):
        called({"loss": "cross_entropy"})


@pytest.mark.parametrize("settings", [{"optimizer": "adaam"}, {"loss": "crossentropie"}])
def test_an_unknown_name_is_refused_with_a_near_one(settings: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError) as caught:
        called(settings, metrics={"accuracy": accuracy}, score="val_accuracy")
    assert "Adam" in str(caught.value) or "CrossEntropyLoss" in str(caught.value)


def test_a_score_that_is_not_measured_is_refused() -> None:
    with pytest.raises(ArgumentError, match="val_f1"):
        called({}, score="val_f1")


@pytest.mark.parametrize("options", [{"data": [1, 2, 3]}, {"validation": 3}])
def test_data_are_pairs(options: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match="not inputs and targets"):
        search.training_objective(**{"data": problem(), **options})


def test_a_rate_that_diverges_is_a_failed_trial() -> None:
    x, _ = problem()
    made = search.training_objective((x, x[:, :1] * 2), loss="mse", optimizer="sgd")
    space = {"rate": search.choice(1e-2, 1e6)}
    found = search.grid(made, space, budget=9, progress=False)
    assert found.best.settings["rate"] == 1e-2
    assert "Error: " in (found.trials[1].failed or "")


def test_the_file_knows_other_data(tmp_path: Any) -> None:
    space, path = {"rate": search.log_uniform(1e-3, 1e-1)}, tmp_path / "s.jsonl"
    search.random(objective(), space, trials=2, path=path, progress=False, rng=0)
    x, y = problem()
    other = search.training_objective((x + 1, y))
    with pytest.raises(tg.errors.LoadError, match="another search"):
        search.random(other, space, trials=2, path=path, resume=True, progress=False)


def test_workers_train_to_the_same_bits() -> None:
    space = {"rate": search.log_uniform(1e-3, 1e-1), "width": search.integer(2, 9)}
    made = objective(metrics={"accuracy": accuracy})
    one = search.random(made, space, trials=4, progress=False, rng=1)
    assert (
        search.random(made, space, trials=4, workers=2, progress=False, rng=1).trials == one.trials
    )
