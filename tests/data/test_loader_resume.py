"""What a resumed run needs of a loader: one generator that can be found, and decides all."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from tinygrad_edu.data import (
    DataLoader,
    StratifiedSampler,
    WeightedSampler,
    compose,
    random_flip,
    random_shift,
)  # fmt: skip

LABELS = np.arange(23) % 3
SETTINGS: dict[str, dict[str, Any]] = {
    "shuffled": {"shuffle": True},
    "weighted": {"sampler": WeightedSampler.balanced(LABELS)},
    "stratified": {"sampler": StratifiedSampler(LABELS), "drop_last": True},
    "augmented": {
        "shuffle": True,
        "transform": compose(partial(random_shift, most=1), random_flip),
    },
    "in threads": {"shuffle": True, "transform": random_flip, "workers": 2},
}


def loader(name: str, seed: int) -> DataLoader:
    images = np.random.default_rng(0).random((23, 4, 4))
    return DataLoader(images, LABELS, batch_size=5, rng=seed, **SETTINGS[name])


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("done", [0, 2])
def test_the_rest_of_an_epoch_is_the_same_after_its_start_is_put_back(name: str, done: int) -> None:
    first, second = loader(name, 1), loader(name, 2)
    list(first)
    held = [key for key, value in vars(first).items() if isinstance(value, np.random.Generator)]
    assert held == ["rng"]
    assert first.rng is not None
    assert second.rng is not None
    second.rng.bit_generator.state = first.rng.bit_generator.state
    going, resumed = iter(first), iter(second)
    for _ in range(done):
        next(going), next(resumed)
    for one, other in zip(going, resumed, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)
    assert first.rng.bit_generator.state == second.rng.bit_generator.state
