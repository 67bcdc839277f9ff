"""Cross-validation and learning curves against loops written by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, training

pytestmark = pytest.mark.once  # what no version of Python changes


def problem(samples: int = 30) -> tuple[Any, Any]:
    x = np.random.default_rng(0).normal(size=(samples, 3))
    return x, np.repeat([0, 1, 1], samples // 3)


def make() -> tuple[Any, Any]:
    model = nn.Linear(3, 2)
    return model, nn.optim.SGD(model, lr=0.1)


def accuracy(target: Any, prediction: Any) -> float:
    return float((prediction.argmax(axis=1) == target).mean())


def crossed(**options: Any) -> training.Scores:
    given: dict[str, Any] = {"k": 3, "rng": 0, "epochs": 2, **options}
    return training.cross_validate(make, *problem(), loss=nn.CrossEntropyLoss(), **given)


def test_every_fold_trains_a_model_of_its_own_on_the_others() -> None:
    seen, made = [], []

    class Seen(training.Callback):
        def on_start(self, run: training.Run) -> None:
            seen.append(np.concatenate([batch[0] for batch in run.data]))

    def counted() -> Any:
        made.append(make())
        return made[-1]

    x, y = problem()
    scores = training.cross_validate(
        counted, x, y, loss=nn.CrossEntropyLoss(), k=5, rng=0, callbacks=[Seen()],
        metrics={"accuracy": accuracy},
    )  # fmt: skip
    assert len({id(model) for model, _ in made}) == 5
    assert scores["fold"].tolist() == [1, 2, 3, 4, 5]
    rows = {tuple(row): k for k, row in enumerate(np.float32(x))}
    tested = []
    for rest, (model, _), row in zip(seen, made, scores.rows, strict=True):
        test = sorted(set(range(len(x))) - {rows[tuple(sample)] for sample in rest})
        tested += test
        assert len(rest) + len(test) == len(x)
        expected = accuracy(y[test], model(np.float32(x[test])).data)
        assert row["test_accuracy"] == pytest.approx(expected)
    assert sorted(tested) == list(range(len(x)))


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    assert crossed().rows == crossed().rows
    assert crossed().rows != crossed(rng=1).rows


def test_stratified_folds_keep_the_shares() -> None:
    shares: list[float] = []
    training.cross_validate(
        make, *problem(27), loss=nn.CrossEntropyLoss(), k=3, stratified=True, rng=0,
        metrics={"share": lambda t, p: shares.append(t.mean()) or 0.0},
    )  # fmt: skip
    np.testing.assert_allclose(shares, 2 / 3)


def test_a_scaler_learns_from_the_training_part_alone() -> None:
    learned = []

    class Scaler:
        def fit_transform(self, x: Any) -> Any:
            learned.append(len(x))
            return x

        def transform(self, x: Any) -> Any:
            return x

    crossed(scaler=Scaler)
    assert learned == [20, 20, 20]
    assert crossed(scaler=tg.data.StandardScaler).rows != crossed().rows


def test_a_schedule_may_come_with_the_model() -> None:
    def scheduled() -> Any:
        model, optimizer = make()
        return model, optimizer, nn.optim.schedules.ExponentialLR(optimizer, 1e-9)

    x, y = problem()
    loss = nn.CrossEntropyLoss()
    stopped = training.cross_validate(scheduled, x, y, loss=loss, k=3, epochs=2, rng=0)
    np.testing.assert_allclose(stopped["train_loss"], crossed(epochs=1)["train_loss"], rtol=1e-5)


def test_means_and_deviations_are_those_of_the_column() -> None:
    scores = crossed()
    assert scores.mean() == pytest.approx(np.mean(scores["test_loss"]))
    assert scores.std() == pytest.approx(np.std(scores["test_loss"], ddof=1))


def test_a_learning_curve_has_nested_parts_and_one_test_part() -> None:
    parts, tests = [], []

    class Seen(training.Callback):
        def on_start(self, run: training.Run) -> None:
            parts.append({tuple(row) for batch in run.data for row in batch[0]})

    def kept(target: Any, prediction: Any) -> float:
        tests.append(len(target))
        return 0.0

    curve = training.learning_curve(
        make, *problem(), [4, 0.5, 20], loss=nn.CrossEntropyLoss(), test_size=10, rng=0,
        callbacks=[Seen()], metrics={"kept": kept},
    )  # fmt: skip
    assert curve["n"].tolist() == [4, 10, 20]
    assert tests == [4, 10, 10, 10, 20, 10]
    assert parts[0] < parts[1] < parts[2]


def test_a_size_that_there_is_not_is_refused() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="size=99"):
        training.learning_curve(make, *problem(), [99], loss=nn.CrossEntropyLoss())
