"""``Tape.check`` names the one row of a network whose rule is wrong, and no row of a right one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.errors import ArgumentError, GradientMismatch, GradientUnresolved
from tinygrad_edu.registry import registry

pytestmark = pytest.mark.once

Rule = Callable[..., Any]
ROWS = 60
# Each is tanh with another mistake in its rule; the network has ten places for it.
MISTAKES: dict[str, Rule] = {
    "sign": lambda g, out, x: -g * (1.0 - out * out),
    "factor": lambda g, out, x: 2.0 * g * (1.0 - out * out),
    "a thousandth": lambda g, out, x: 1.001 * g * (1.0 - out * out),
    "a millionth": lambda g, out, x: 1.000001 * g * (1.0 - out * out),
    "not squared": lambda g, out, x: g * (1.0 - out),
    "input for output": lambda g, out, x: g * (1.0 - x * x),
    "term dropped": lambda g, out, x: g,
    "nothing": lambda g, out, x: 0.0 * g,
    "ignores g": lambda g, out, x: 1.0 - out * out + 0.0 * g,
    "last element": lambda g, out, x: g * (1.0 - out * out) * (np.arange(x.shape[-1]) < 7),
}


@pytest.fixture(autouse=True)
def own_operations() -> Iterator[None]:
    """Take out of the registry what a test put in."""
    before = set(registry)
    yield
    for name in set(registry) - before:
        del registry[name]


def operation(rule: Rule) -> Any:
    @tg.operation(rule=rule)
    def bent(x: Any, /) -> Any:
        return np.tanh(x)

    return bent


def recorded(op: Any = tg.tanh, place: int = -1, dtype: Any = np.float64) -> tg.Tape:
    """A network of about sixty rows with ``op`` at one of ten places."""
    rng = np.random.default_rng(place + 2)
    x = tg.Tensor(rng.normal(size=(6, 8)).astype(dtype))
    weights = [tg.Parameter(rng.normal(size=(8, 8)).astype(dtype) / 3) for _ in range(10)]
    bias = tg.Parameter(rng.normal(size=8).astype(dtype))
    with tg.Tape() as tape:
        for k, w in enumerate(weights):
            h = x @ w + bias
            h = op(h) if k == place else tg.tanh(h)
            x = tg.maximum(h, 0.1 * h) * tg.sigmoid(h)
        tg.log_softmax(x).mean()
    assert len(tape) >= ROWS
    return tape


@pytest.mark.parametrize("place", [0, 7])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_one_wrong_row_is_named(mistake: str, place: int) -> None:
    tape = recorded(operation(MISTAKES[mistake]), place)
    with pytest.raises(GradientMismatch) as caught:
        tape.check()
    (wrong,) = caught.value.report.wrong
    assert wrong.row.op.name == caught.value.op == "bent"
    assert wrong.row is tape[wrong.number]
    assert f"row {wrong.number}, gradient of `bent`" in caught.value.what
    assert caught.value.site.expression == "op(h)"


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("place", [0, 3])
def test_a_right_network_passes_in_either_type(dtype: Any, place: int) -> None:
    report = recorded(tg.tanh, place, dtype).check()
    assert report.verdict == "pass"
    assert len(report.rows) >= ROWS
    assert str(report).startswith(f"{len(report.rows)} rows: pass")


def test_a_report_instead_of_an_error_is_plain_data_too() -> None:
    report = recorded(operation(MISTAKES["sign"]), 2).check(raises=False)
    assert report.verdict == "fail"
    plain = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert [row["op"] for row in plain["rows"] if row["verdict"] == "fail"] == ["bent"]
    assert "`bent` at" in str(report)


def test_a_checkpointed_row_is_unresolved_and_raises_only_on_request() -> None:
    x = tg.Parameter([0.5, -1.0])
    with tg.Tape() as tape:
        tg.checkpoint(lambda x: tg.exp(x * x))(x)
    assert tape.check().verdict == "unresolved"
    with pytest.raises(GradientUnresolved, match="check the function itself"):
        tape.check(unresolved="raise")
    with pytest.raises(ArgumentError):
        tape.check(unresolved="perhaps")
