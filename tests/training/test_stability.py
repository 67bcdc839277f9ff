"""Twins: measured distances against closed forms and the theorem, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.errors import ArgumentError, ShapeError
from tinygrad_edu.nn import functional as F
from tinygrad_edu.training import leave_one_out, replace_one_stability, sgd_stability_bound

pytestmark = pytest.mark.once  # what no version of Python changes

RATE, EPOCHS = 0.5, 3


def points(n: int, seed: int) -> tuple[Any, Any]:
    """Two noisy classes in the unit ball."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, 3))
    x /= np.maximum(1, np.linalg.norm(x, axis=1, keepdims=True))
    return x, np.where(x[:, 0] + random.normal(size=n) > 0, 1.0, -1.0)


def logistic(x: Any, y: Any, rng: np.random.Generator) -> Any:
    """Stochastic gradient descent, a sample a step, on log(1 + exp(-y w x))."""
    w = np.zeros(x.shape[1])
    for _ in range(EPOCHS):
        for i in rng.permutation(len(x)):
            w = w + RATE * y[i] * x[i] / (1 + math.exp(y[i] * (x[i] @ w)))
    return {"w": w}


def logistic_loss(result: Any, x: Any, y: Any) -> Any:
    return np.logaddexp(0, -y * (x @ result["w"]))


def measured(n: int) -> Any:
    # |grad| <= |x| <= 1, and the curvature is at most |x|^2 / 4.
    return replace_one_stability(
        logistic, *points(n, 0), logistic_loss, points(40, 1), draws=24,
        rates=[RATE] * (EPOCHS * n), lipschitz=1.0, smoothness=0.25, rng=0,
    )  # fmt: skip


def test_replacing_a_sample_moves_convex_learning_less_than_the_theorem_allows() -> None:
    found = measured(30)
    assert found.bound == (2 / 30 * RATE * EPOCHS * 30, 2 / 30 * RATE * EPOCHS * 30)
    assert 0 < found.distance < found.bound.distance
    assert 0 < found.gap <= found.worst_gaps.mean() < found.bound.gap
    # L-Lipschitz losses: no gap is larger than L times the distance.
    assert (found.worst_gaps <= found.distances + 1e-15).all()


def test_stability_grows_with_the_number_of_samples_at_a_fixed_number_of_steps() -> None:
    def steps(x: Any, y: Any, rng: np.random.Generator) -> Any:
        w = np.zeros(x.shape[1])
        for i in rng.integers(len(x), size=80):
            w = w + RATE * y[i] * x[i] / (1 + math.exp(y[i] * (x[i] @ w)))
        return {"w": w}

    sizes = [20, 40, 80, 160]
    gaps, distances = [], []
    for n in sizes:
        found = replace_one_stability(
            steps, *points(n, 0), logistic_loss, points(40, 1), draws=150,
            rates=[RATE] * 80, lipschitz=1.0, smoothness=0.25, rng=0,
        )  # fmt: skip
        assert found.bound is not None
        assert found.distance < found.bound.distance == pytest.approx(80 / n)
        assert found.gap < found.bound.gap
        gaps.append(found.gap)
        distances.append(found.distance)
    for values in (gaps, distances):
        assert values == sorted(values, reverse=True)
        slope = np.polyfit(np.log(sizes), np.log(values), 1)[0]
        assert -1.4 < slope < -0.6


def mean_of(x: Any, y: Any, rng: np.random.Generator) -> Any:
    return x.mean(axis=0)


def squares(centre: Any, x: Any, y: Any) -> Any:
    return ((x - centre) ** 2).sum(axis=1)


def test_twins_of_a_mean_are_apart_by_the_nth_part_of_the_change() -> None:
    x = np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 2.0], [2.0, 2.0]])
    other = np.array([[3.0, 4.0]])
    found = replace_one_stability(mean_of, x, np.zeros(4), squares, (other, [0]), draws=12, rng=0)
    assert set(found.indices.tolist()) == {0, 1, 2, 3}
    for index, distance, gap in zip(found.indices, found.distances, found.gaps, strict=True):
        assert distance == pytest.approx(math.dist(x[index], other[0]) / 4)
        before, after = x.mean(axis=0), x.mean(axis=0) + (other[0] - x[index]) / 4
        expected = abs(math.dist(other[0], before) ** 2 - math.dist(other[0], after) ** 2)
        assert gap == pytest.approx(expected)
    np.testing.assert_array_equal(found.gaps, found.worst_gaps)


def test_leaving_a_sample_out_of_a_mean_has_a_closed_form() -> None:
    x = np.array([[0.0], [1.0], [5.0], [2.0]])
    found = leave_one_out(mean_of, x, np.zeros(4), squares)
    assert found.indices.tolist() == [0, 1, 2, 3]
    for index in range(4):
        rest = (x.sum() - x[index, 0]) / 3
        assert found.distances[index] == pytest.approx(abs(rest - 2))
        assert found.gaps[index] == pytest.approx(
            (x[index, 0] - rest) ** 2 - (x[index, 0] - 2) ** 2
        )
        worst = max(abs((z - rest) ** 2 - (z - 2) ** 2) for z in x[:, 0])
        assert found.worst_gaps[index] == pytest.approx(worst)
    some = leave_one_out(mean_of, x, np.zeros(4), squares, draws=2, rng=1)
    assert len(set(some.indices.tolist())) == 2
    np.testing.assert_array_equal(some.distances, found.distances[some.indices])


def network(x: Any, y: Any, rng: np.random.Generator) -> nn.Module:
    with tg.seed(int(rng.integers(2**32))):
        model = nn.Sequential(nn.Linear(3, 4, dtype=float), nn.Tanh(), nn.Linear(4, 2, dtype=float))
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    return model


def each_loss(model: Any, x: Any, y: Any) -> Any:
    return F.cross_entropy(model(x), y, reduction="none")


def test_twins_may_be_modules() -> None:
    x, y = points(10, 0)
    labels = (y > 0).astype(int)
    other = points(5, 1)
    found = replace_one_stability(
        network, x, labels, each_loss, (other[0], (other[1] > 0).astype(int)), draws=3, rng=0
    )
    again = replace_one_stability(
        network, x, labels, each_loss, (other[0], (other[1] > 0).astype(int)), draws=3, rng=0
    )
    assert (found.distances > 0).all()
    np.testing.assert_array_equal(found.distances, again.distances)
    assert leave_one_out(network, x, labels, each_loss, draws=2, rng=0).distance > 0


def test_the_data_stay_as_they_were() -> None:
    x = np.array([[1.0], [2.0]])

    def careless(x: Any, y: Any, rng: Any) -> Any:
        x *= 2
        return x.mean(axis=0)

    replace_one_stability(careless, x, [0, 0], squares, ([[3.0]], [0]), draws=2, rng=0)
    assert x.tolist() == [[1.0], [2.0]]


def test_a_replacement_is_not_rounded_to_the_type_of_the_data() -> None:
    found = replace_one_stability(mean_of, [[0], [0]], [0, 0], squares, ([[0.5]], [0]), rng=0)
    assert found.distance == 0.25


def test_a_training_that_is_not_pure_is_refused() -> None:
    kept = np.zeros(1)

    def goes_on(x: Any, y: Any, rng: Any) -> Any:
        kept[:] += x.mean(axis=0)
        return kept

    for measure, more in ((replace_one_stability, (([[3.0]], [0]),)), (leave_one_out, ())):
        with pytest.raises(ArgumentError, match="two results"):
            measure(goes_on, [[1.0], [2.0]], [0, 0], squares, *more, rng=0)


def test_a_table_has_the_bound_beside_the_measurement() -> None:
    lines = str(measured(10)).split("\n")
    assert lines[0] == "24 twins of 10 samples, one of them changed"
    assert lines[1].split() == ["mean", "largest", "bound"]
    assert [line.split()[-1] for line in lines[2:]] == ["3", "3", "3"]
    unbounded = str(leave_one_out(mean_of, [[0.0], [2.0]], [0, 0], squares))
    assert unbounded.split("\n")[2].rsplit(maxsplit=1)[-1] == "-"


X, Y, OTHERS = [[1.0], [2.0]], [0, 0], ([[3.0]], [0])


@pytest.mark.parametrize(
    "changes",
    [
        {"y": [0]},
        {"x": [], "y": []},
        {"others": ([[3.0, 4.0]], [0])},
        {"others": ([[3.0]], [[0]])},
        {"others": ([], [])},
        {"draws": 0},
        {"draws": 2.0},
        {"draws": True},
        {"rates": [0.1]},
        {"rates": [0.1], "lipschitz": 1.0},
        {"lipschitz": 1.0, "smoothness": 1.0},
        {"rates": [9.0], "lipschitz": 1.0, "smoothness": 1.0},
        {"rates": [-0.1], "lipschitz": 1.0, "smoothness": 1.0},
        {"rates": 0.1, "lipschitz": 1.0, "smoothness": 1.0},
        {"rates": [0.1], "lipschitz": 0.0, "smoothness": 1.0},
        {"rates": [0.1], "lipschitz": 1.0, "smoothness": math.nan},
        {"train": lambda x, y, rng: None},
        {"train": lambda x, y, rng: []},
        {"train": lambda x, y, rng: "model"},
        {"train": lambda x, y, rng: np.array([math.nan])},
        {"loss": lambda w, x, y: 0.5},
        {"loss": lambda w, x, y: np.zeros((1, 1))},
        {"loss": lambda w, x, y: np.array([math.inf])},
        {"rng": "seed"},
    ],
)
def test_what_gives_no_twins_is_refused(changes: dict[str, Any]) -> None:
    call: dict[str, Any] = {
        "train": mean_of, "x": X, "y": Y, "loss": squares, "others": OTHERS, **changes
    }  # fmt: skip
    with pytest.raises((ArgumentError, ShapeError)):
        replace_one_stability(**call)


@pytest.mark.parametrize("draws", [0, 3, 1.5])
def test_as_many_samples_are_left_out_as_there_are(draws: Any) -> None:
    with pytest.raises(ArgumentError, match="draws"):
        leave_one_out(mean_of, X, Y, squares, draws=draws)


def test_a_single_sample_cannot_be_left_out() -> None:
    with pytest.raises(ShapeError, match="one sample"):
        leave_one_out(mean_of, [[1.0]], [0], squares)


def test_models_of_changing_size_are_refused() -> None:
    with pytest.raises(ArgumentError, match="parameters"):
        leave_one_out(lambda x, y, rng: np.ones(len(x)), X, Y, lambda w, x, y: np.zeros(len(x)))


def test_a_bound_adds_up_step_sizes() -> None:
    bound = sgd_stability_bound([0.1, 0.2, 0.3], lipschitz=2.0, smoothness=1.0, samples=10)
    assert bound.distance == pytest.approx(2 * 2 / 10 * 0.6)
    assert bound.gap == pytest.approx(2 * 4 / 10 * 0.6)
    assert sgd_stability_bound([], lipschitz=1.0, smoothness=1.0, samples=1) == (0, 0)
