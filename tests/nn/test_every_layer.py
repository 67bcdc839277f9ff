"""What holds for every layer and loss, from the table in ``tests/nn/entries``."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import tinygrad_edu as tg
from tests.nn.entries import ENTRIES
from tests.nn.entries.entry import Repeated, built, tensors, values
from tinygrad_edu import nn

# What this holds does not depend on the version of Python.
pytestmark = pytest.mark.once

# Bases and containers, which compute nothing themselves.
WITHOUT_A_CALL = {"Module", "ModuleDict", "ModuleList", "Sequential"}

every = pytest.mark.parametrize("name", sorted(ENTRIES))


def few(examples: int = 4, thorough: int = 100) -> Any:
    """A handful of examples each, many more in the thorough group."""
    many = settings.get_current_profile_name() == "thorough"
    return settings(
        max_examples=thorough if many else examples, suppress_health_check=[HealthCheck.too_slow]
    )


def test_every_layer_and_loss_stands_in_the_table() -> None:
    kinds = {
        name
        for name, value in vars(nn).items()
        if inspect.isclass(value) and issubclass(value, nn.Module)
    }
    assert kinds - WITHOUT_A_CALL == set(ENTRIES)


@every
@few(2)
@given(data=st.data())
def test_gradients_agree_with_differences(name: str, data: Any) -> None:
    entry = ENTRIES[name]
    drawn = data.draw(entry.drawn)
    layer = Repeated(built(entry, drawn), drawn)
    if not any(np.asarray(x).dtype.kind == "f" for x in drawn.inputs) and not layer.parameters():
        return
    if entry.apart:
        layer.freeze(entry.apart)
    report = tg.testing.check_gradients(
        layer, *drawn.inputs, order=entry.order, unresolved="allow", rng=0
    )
    assert report.verdict == "pass"


@every
@few()
@given(data=st.data())
def test_its_laws_hold(name: str, data: Any) -> None:
    entry = ENTRIES[name]
    drawn = data.draw(entry.drawn)
    layer = built(entry, drawn)
    batch = drawn.inputs[0]
    for law in (*entry.laws, *drawn.laws):
        if batch.ndim > 1 and len(batch) > 1:  # else it is one sample
            getattr(tg.testing.laws, law)(layer, batch)


@every
@few()
@given(data=st.data())
def test_state_goes_to_a_copy_and_back(name: str, data: Any) -> None:
    entry = ENTRIES[name]
    drawn = data.draw(entry.drawn)
    layer, other = built(entry, drawn), built(entry, drawn)
    for parameter in other.parameters():
        parameter.data = parameter.data + 1
    other.load_state_dict(layer.state_dict())
    both = [Repeated(kind, drawn)(*drawn.inputs) for kind in (layer, copy.deepcopy(other))]
    first, second = (values(result) for result in both)
    assert len(first) == len(second)
    for left, right in zip(first, second, strict=True):
        np.testing.assert_array_equal(left, right)


@every
@few()
@given(data=st.data())
def test_float32_stays_float32_in_values_and_gradients(name: str, data: Any) -> None:
    entry = ENTRIES[name]
    drawn = data.draw(entry.drawn)
    layer = built(entry, drawn).astype(np.float32)
    inputs = [
        tg.Tensor(x.astype(np.float32), requires_grad=True) if x.dtype.kind == "f" else x
        for x in map(np.asarray, drawn.inputs)
    ]
    with tg.Tape() as tape:
        results = tensors(Repeated(layer, drawn)(*inputs))
        total = sum([(part * part).sum() for part in results if part.requires_grad], tg.Tensor(0))
    assert {part.dtype for part in results} == {np.dtype(np.float32)}
    wanted = [x for x in inputs if isinstance(x, tg.Tensor)] + layer.parameters()
    if wanted and total.requires_grad:
        for slope in tape.gradient(total, wanted, unconnected="zero"):
            assert slope.dtype == np.float32
