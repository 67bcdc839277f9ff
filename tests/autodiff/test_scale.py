"""Depth, width and many steps: no recursion, linear work, flat memory, no reference cycles."""

from __future__ import annotations

import contextlib
import gc
import tracemalloc
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.autodiff import registry


@pytest.fixture
def collector_off() -> Iterator[None]:
    """With the cyclic collector off, only reference counts free anything."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def rule_calls(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Counts how often the rules of ``add`` and ``multiply`` run."""
    calls = {"add": 0, "multiply": 0}

    def counted(name: str, rule: Any) -> Any:
        def rule_and_count(g: Any, out: Any, x1: Any, x2: Any) -> Any:
            calls[name] += 1
            return rule(g, out, x1, x2)

        return rule_and_count

    for name in calls:
        op = registry[name]
        monkeypatch.setattr(op, "rules", tuple(counted(name, rule) for rule in op.rules))
    return calls


def chain(x: Any, rows: int) -> Any:
    y = x
    for _ in range(rows):
        y = y + 1e-6
    return y


def check_depth(rows: int) -> None:
    x = tg.Tensor(2.0, requires_grad=True)
    with tg.Tape() as tape:
        y = chain(x, rows)
    y.backward()
    assert x.grad == 1.0
    assert tape.gradient(y, x).item() == 1.0
    assert tape.gradient(y, tape[rows // 2]).item() == 1.0
    assert sum(1 for _ in tape.step_back(y)) == rows == len(tape)


def test_a_chain_of_a_hundred_thousand_rows_goes_through_every_reader() -> None:
    check_depth(100_000)


@pytest.mark.thorough
def test_a_chain_of_a_million_rows_goes_through_every_reader() -> None:
    check_depth(1_000_000)


@pytest.mark.once
@pytest.mark.parametrize("rows", [200_000, pytest.param(1_000_000, marks=pytest.mark.thorough)])
def test_a_long_chain_without_a_tape_is_built_swept_and_freed(rows: int) -> None:
    x = tg.Tensor(2.0, requires_grad=True)
    y = chain(x, rows)
    y.backward()
    assert x.grad == 1.0
    last = weakref.ref(y)
    del y
    assert last() is None


def test_a_recorded_gradient_of_a_long_chain_does_not_recurse() -> None:
    x = tg.Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(5_000):
        y = y * x
    g = tg.Tape().gradient(y, x, create_graph=True)
    assert g.item() == 5_001.0
    assert tg.Tape().gradient(g, x).item() == 5_001.0 * 5_000.0


def test_the_reason_for_a_missing_gradient_is_found_at_any_depth() -> None:
    x, other = tg.Tensor(1.0, requires_grad=True), tg.Tensor(1.0, requires_grad=True)
    y = chain(x, 20_000)
    with pytest.raises(tg.errors.UnconnectedError):
        tg.Tape().gradient(y, other)
    with tg.no_grad():
        silent = chain(x, 20_000)
    with pytest.raises(tg.errors.TinygradError):
        silent.backward()


def test_printing_a_long_tape_elides_its_middle() -> None:
    x = tg.Tensor(2.0, requires_grad=True)
    with tg.Tape() as tape:
        chain(x, 20_000)
    if "table" not in tg.arraylike.reach:
        pytest.skip("no table is connected yet")
    assert len(str(tape).splitlines()) < 200


@pytest.mark.parametrize("rows", [1_000, 2_000, 4_000])
def test_each_rule_runs_once_a_row(rule_calls: dict[str, int], rows: int) -> None:
    """Work is counted, not timed: a sweep path by path would double with every row."""
    x, w = tg.Tensor([1.0, 2.0], requires_grad=True), tg.Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(rows):
        y = y * w
    y.sum().backward()
    assert rule_calls == {"add": 0, "multiply": 2 * rows}


def test_sixty_doublings_are_sixty_rows_not_a_billion_billion_paths(
    rule_calls: dict[str, int],
) -> None:
    x = tg.Tensor(3.0, requires_grad=True)
    with tg.Tape() as tape:
        y = x
        for _ in range(60):
            y = y + y
    assert len(tape) == 60
    y.backward()
    assert x.grad == 2.0**60
    assert rule_calls["add"] == 120
    assert tape.gradient(y, x, create_graph=True).item() == 2.0**60
    assert rule_calls["add"] > 120
    assert str(y.item()) in str(y) or y.item() == 3.0 * 2.0**60


def test_only_rows_on_the_way_to_a_source_are_visited(rule_calls: dict[str, int]) -> None:
    x, w = tg.Tensor(1.0, requires_grad=True), tg.Tensor(1.0, requires_grad=True)
    long = w
    for _ in range(600):
        long = long * 1.0
    y = long + x * 2.0
    assert tg.Tape().gradient(y, x).item() == 2.0
    assert rule_calls["multiply"] == 1


def test_a_wide_fan_out_adds_up_every_contribution() -> None:
    x = tg.Tensor(np.ones(3), requires_grad=True)
    total = tg.stack([x * float(k) for k in range(2_000)]).sum()
    total.backward()
    np.testing.assert_array_equal(x.grad, np.full(3, 2_000 * 1_999 / 2))


def test_a_wide_fan_in_gives_each_leaf_its_own_gradient() -> None:
    leaves = [tg.Tensor(float(k), requires_grad=True) for k in range(3_000)]
    y = leaves[0] * leaves[0]
    for leaf in leaves[1:]:
        y = y + leaf * leaf
    y.backward()
    assert [leaf.grad.item() for leaf in leaves] == [2.0 * k for k in range(3_000)]


# ---------------------------------------------------------------------------- memory


def model() -> list[Any]:
    rng = np.random.default_rng(0)
    shapes = [(8, 3), (8,), (1, 8)]
    return [tg.Tensor(rng.normal(size=shape), requires_grad=True) for shape in shapes]


def loss_of(parts: list[Any]) -> Any:
    W, b, v = parts
    out = v @ tg.tanh(W @ np.array([0.1, 0.2, 0.3]) + b)
    return (out * out).mean() + tg.softmax_cross_entropy(W, np.full((8, 3), 1 / 3)).mean()


def step_backward(parts: list[Any]) -> None:
    for p in parts:
        p.grad = None
    loss_of(parts).backward()
    for p in parts:
        p.data -= 0.01 * p.grad


def step_tape(parts: list[Any]) -> None:
    with tg.Tape() as tape:
        loss = loss_of(parts)
    for p, g in zip(parts, tape.gradient(loss, parts), strict=True):
        p.data -= 0.01 * g.data


def step_twice(parts: list[Any]) -> None:
    with tg.Tape() as tape:
        grads = tape.gradient(loss_of(parts), parts, create_graph=True)
        penalty = (grads[0] * grads[0]).sum() + (grads[2] * grads[2]).sum()
    second = tape.gradient(penalty, parts[:2])
    for p, g in zip(parts, second, strict=False):
        p.data -= 0.001 * g.data


def step_transform(parts: list[Any]) -> None:
    arrays = [p.data for p in parts]
    tg.hvp(lambda W: loss_of([W, *arrays[1:]]), arrays[0], arrays[0])
    tg.grad(lambda W, v: loss_of([W, arrays[1], v]), argnums=(0, 1))(arrays[0], arrays[2])
    tg.jacobian(lambda b: tg.tanh(b * b))(arrays[1])


def step_looking(parts: list[Any]) -> None:
    with tg.Tape() as tape:
        loss = loss_of(parts)
    for step in tape.step_back(loss):
        assert step.row.op is not None
    tape.adjoints(loss)
    with tg.no_grad():
        loss_of(parts)
    with contextlib.suppress(tg.errors.UnconnectedError):
        tape.gradient(loss, tg.Tensor(1.0, requires_grad=True))


def step_checkpoint(parts: list[Any]) -> None:
    tg.checkpoint(lambda W: tg.tanh(W * W).sum())(parts[0]).backward()


STEPS = [step_backward, step_tape, step_twice, step_transform, step_looking, step_checkpoint]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_step_leaves_no_reference_cycles(step: Any, collector_off: None) -> None:
    parts = model()
    step(parts)  # caches fill once
    gc.collect()
    for _ in range(3):
        step(parts)
    assert gc.collect() == 0


@pytest.mark.parametrize("step", [step_backward, step_tape], ids=lambda step: step.__name__)
def test_training_steps_leave_memory_flat(step: Any, collector_off: None) -> None:
    parts = model()
    for _ in range(20):
        step(parts)
    gc.collect()
    objects = len(gc.get_objects())
    tracemalloc.start()
    for _ in range(1_000):  # Python's own free lists of tuples fill up
        step(parts)
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(600):
        step(parts)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(gc.get_objects()) - objects <= 5
    assert after - before < 12_000  # a leak of one 0-d array a step would be 60,000


def test_a_graph_lives_exactly_as_long_as_its_result(collector_off: None) -> None:
    w = tg.Tensor([1.0, 2.0], requires_grad=True)
    h = tg.tanh(w * 2.0)
    y = h.sum()
    row = weakref.ref(h)
    del h
    assert row() is not None  # backward needs it
    y.backward()
    assert row() is not None  # and may be called again
    del y
    assert row() is None


def test_backward_frees_the_adjoints_of_rows_as_it_goes(collector_off: None) -> None:
    """Peak memory of a sweep over a chain is a few arrays, not one per row."""
    x = tg.Tensor(np.ones(50_000), requires_grad=True)
    y = x
    for _ in range(50):
        y = tg.tanh(y)
    y = y.sum()
    tracemalloc.start()
    y.backward()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * 50_000 * 8


def test_an_error_in_the_forward_leaves_no_cycle(collector_off: None) -> None:
    w = tg.Tensor(np.ones((2, 3)), requires_grad=True)

    def fail() -> None:
        with contextlib.suppress(tg.errors.ShapeError):
            w @ w

    fail()
    gc.collect()
    fail()
    assert gc.collect() == 0
