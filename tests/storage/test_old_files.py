"""Files in ``format_1`` were written by version 0.1.0; every later version has to read them.

They hold ``model()`` and ``state()`` as written below. A change that makes one of these tests fail
needs a new number in ``tinygrad_edu.storage.manifest``, and a way to read the old form.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn

pytestmark = pytest.mark.once  # what no version of Python changes

OLD = Path(__file__).with_name("format_1")
SUFFIXES = (".npz", ".safetensors")


def model() -> nn.Sequential:
    made = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.25), nn.Tanh(), nn.Linear(2, 2, bias=False))
    made.extend([nn.ReLU(), made[3]])
    for k, parameter in enumerate(made.parameters()):
        parameter.data = np.arange(parameter.size).reshape(parameter.shape) / 7 - k
    made[0].bias.requires_grad = False
    return made.eval()


def state() -> dict[str, Any]:
    return {
        "epoch": 3,
        "best": float("inf"),
        "betas": (0.9, 0.999),
        "groups": [{"lr": 0.1, "name": None, "nesterov": True}],
        "state": {0: {"step": 5, "mean": np.arange(4.0)}, 1: {}},
        "flags": np.array([True, False]),
    }


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_model_of_format_1_is_read(suffix: str) -> None:
    if suffix == ".safetensors":
        pytest.importorskip("safetensors")
    wanted, found = model(), tg.load(OLD / f"model{suffix}")
    assert repr(found) == repr(wanted)
    assert found[3] is found[5]
    assert not found.training
    assert [p.requires_grad for p in found.parameters()] == [True, False, True]
    for name, array in wanted.state_dict().items():
        np.testing.assert_array_equal(found.state_dict()[name], array)
    x = np.ones((2, 3), np.float32)
    np.testing.assert_array_equal(found(x).data, wanted(x).data)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_state_of_format_1_is_read(suffix: str) -> None:
    if suffix == ".safetensors":
        pytest.importorskip("safetensors")
    found, wanted = tg.load(OLD / f"state{suffix}"), state()
    np.testing.assert_array_equal(found["state"][0].pop("mean"), wanted["state"][0].pop("mean"))
    np.testing.assert_array_equal(found.pop("flags"), wanted.pop("flags"))
    assert found == wanted
