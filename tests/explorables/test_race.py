"""The race as a file: its ways are those of the optimizers, its states follow their definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.explorables.test_training_replay import opened
from tinygrad_edu import nn
from tinygrad_edu.explorables import optimizer_race


def bowl(x: Any, y: Any) -> Any:
    return x**2 + 4 * y**2


def way(numbers: bytes, place: list[int]) -> Any:
    start, length = place
    return np.frombuffer(numbers[start : start + length], "<f4").reshape(-1, 2)


def test_ways_are_those_of_gradient_descent_by_hand() -> None:
    data, numbers = opened(optimizer_race(bowl, start=(1.0, -1.0), rates=(0.1,), steps=9))
    ways = [way(numbers, row["points"]) for row in data["ways"][0]]
    found = dict(zip(data["names"], ways, strict=True))
    steps = np.arange(10)
    np.testing.assert_allclose(
        found["SGD"], np.stack([0.8**steps, -(0.2**steps)], axis=1), rtol=1e-6
    )
    place, speed = np.array([1.0, -1.0]), np.zeros(2)
    for k in range(9):
        np.testing.assert_allclose(found["momentum"][k], place, rtol=1e-5, atol=1e-6)
        speed = 0.9 * speed + np.array([2.0, 8.0]) * place
        place = place - 0.1 * speed
    assert data["ways"][0][0]["heights"][0] == 5


@pytest.mark.parametrize("share, state", [(0.9, "converged"), (1.1, "diverged")])
def test_gradient_descent_converges_exactly_below_two_by_the_curvature(
    share: float, state: str
) -> None:
    rate = share * 2 / 8
    sgd = {"SGD": lambda parameters, lr: nn.optim.SGD(parameters, lr=lr)}
    page = optimizer_race(bowl, start=(1.0, 1.0), rates=(rate,), steps=150, optimizers=sgd)
    ((told,),) = opened(page)[0]["ways"]
    assert (told["converged"] is not None, told["diverged"] is not None) == (
        state == "converged", state == "diverged"
    )  # fmt: skip


def test_creeping_along_a_valley_is_not_convergence() -> None:
    page = optimizer_race(
        lambda x, y: 100 * (y - x**2) ** 2 + (1 - x) ** 2, rates=(1e-4,), steps=100
    )
    assert [told["converged"] for told in opened(page)[0]["ways"][0]] == [None] * 4


def test_numbers_that_are_not_finite_are_divergence() -> None:
    page = optimizer_race(
        lambda x, y: tg.exp(x**2 + y**2), start=(1.5, 1.5), rates=(1.0,), log=False
    )
    told = opened(page)[0]["ways"][0]
    assert told[0]["diverged"] is not None
    assert told[0]["heights"][-1] is None or told[0]["heights"][-1] > 1e3


def test_equal_races_give_equal_bytes_in_few() -> None:
    assert optimizer_race(bowl).html == optimizer_race(bowl).html
    assert len(optimizer_race(bowl).html) < 250_000


@pytest.mark.parametrize(
    "given, words",
    [
        ({"x": (1.0, -1.0)}, "x=.* pair"),
        ({"y": (0.0, float("inf"))}, "y=.* pair"),
        ({"start": (1.0,)}, "start="),
        ({"rates": ()}, "rates="),
        ({"rates": (0.1, -0.1)}, "rates="),
        ({"steps": 0}, "steps=0"),
        ({"theme": "pink"}, "theme"),
    ],
)
def test_bad_settings_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(tg.errors.ArgumentError, match=words):
        optimizer_race(bowl, **given)


def test_surfaces_without_heights_or_gradients_are_refused() -> None:
    for surface in (lambda x, y: 3.0, lambda x, y: np.asarray(x * 0.0 + np.nan)):
        with pytest.raises(tg.errors.ArgumentError, match="surface gives"):
            optimizer_race(surface)
    with pytest.raises(tg.errors.ArgumentError, match="without a gradient"):
        optimizer_race(lambda x, y: tg.stop_gradient(x + y))
