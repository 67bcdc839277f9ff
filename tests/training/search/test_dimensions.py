"""Dimensions draw what they say, and refuse what makes no sense."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from tinygrad_edu import nn
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.training import search
from tinygrad_edu.training.search.dimensions import label


def many(dimension: Any, count: int = 4000) -> list[Any]:
    rng = np.random.default_rng(0)
    return [dimension.draw(rng) for _ in range(count)]


def test_uniform_draws_evenly_between_its_ends() -> None:
    values = np.array(many(search.uniform(-2, 6)))
    assert values.min() >= -2
    assert values.max() <= 6
    counts = np.histogram(values, bins=8, range=(-2, 6))[0]
    assert abs(counts - 500).max() < 5 * np.sqrt(500)


def test_log_uniform_draws_each_decade_as_often() -> None:
    values = np.array(many(search.log_uniform(1e-5, 1e-1)))
    assert values.min() >= 1e-5
    assert values.max() <= 1e-1
    counts = np.histogram(np.log10(values), bins=4, range=(-5, -1))[0]
    assert abs(counts - 1000).max() < 5 * np.sqrt(1000)


def test_integer_draws_all_values_both_ends_included() -> None:
    values, counts = np.unique(many(search.integer(2, 5)), return_counts=True)
    assert values.tolist() == [2, 3, 4, 5]
    assert abs(counts - 1000).max() < 5 * np.sqrt(1000)


def test_integer_of_magnitudes_draws_each_doubling_as_often() -> None:
    values = np.array(many(search.integer(1, 63, log=True)))
    assert {1, 2, 63} <= set(values.tolist())
    expected = np.diff(np.log([0.5, 1.5, 15.5, 63.5])) / np.log(127)
    counts = np.histogram(values, bins=[0.5, 1.5, 15.5, 63.5])[0]
    assert (abs(counts - 4000 * expected) < 5 * np.sqrt(4000 * expected)).all()


@pytest.mark.parametrize("dimension", [search.integer(3, 3), search.integer(3, 3, log=True)])
def test_an_integer_may_have_one_value(dimension: Any) -> None:
    assert set(many(dimension, 20)) == {3}


def test_choice_draws_the_very_objects() -> None:
    assert set(many(search.choice(nn.ReLU, nn.Tanh, None), 99)) == {nn.ReLU, nn.Tanh, None}


@pytest.mark.parametrize(
    "dimension, points, expected",
    [
        (search.uniform(0, 1), 3, [0, 0.5, 1]),
        (search.log_uniform(1e-4, 1), 3, [1e-4, 1e-2, 1]),
        (search.integer(1, 4), None, [1, 2, 3, 4]),
        (search.integer(1, 9), 3, [1, 5, 9]),
        (search.integer(1, 2), 5, [1, 2]),
        (search.integer(1, 100, log=True), 3, [1, 10, 100]),
        (search.choice("a", "b", "c"), 2, ["a", "b", "c"]),
    ],
)
def test_points_of_a_grid(dimension: Any, points: Any, expected: list[Any]) -> None:
    found = dimension.points(points)
    if isinstance(expected[0], str):
        assert found == expected
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda: search.uniform(1, 1), lambda: search.uniform(0, float("inf")),
        lambda: search.uniform("a", 2), lambda: search.log_uniform(0, 1),
        lambda: search.log_uniform(-1, 1), lambda: search.integer(5, 4),
        lambda: search.integer(1.5, 4),  # type: ignore[arg-type]
        lambda: search.integer(True, 4), lambda: search.integer(0, 4, log=True),
        search.choice, lambda: search.choice(["relu", "tanh"]),
        lambda: search.choice("a", "a"), lambda: search.choice(lambda: 1, lambda: 2),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_a_fix(make: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    assert caught.value.fix


@pytest.mark.parametrize(
    "space, fix",
    [
        ({}, "log_uniform"), ([1], "log_uniform"), ({"k": [1, 2]}, "search.choice(1, 2)"),
        ({"k": 3}, "search.choice(3)"), ({3: search.choice(1)}, '"3"'),
    ],
)  # fmt: skip
def test_what_is_no_space_is_refused_with_a_fix(space: Any, fix: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        search.random(lambda *_: 0.0, space, progress=False)
    assert fix in (caught.value.fix or "")


def test_values_have_labels_that_tell_them_apart() -> None:
    sgd = partial(nn.optim.SGD, momentum=0.9)
    found = [label(v) for v in (sgd, (1,), np.float32(0.5), float("inf"), True, None, np.tanh)]
    assert found == ["SGD(momentum=0.9)", "(1,)", 0.5, "inf", True, None, "tanh"]
