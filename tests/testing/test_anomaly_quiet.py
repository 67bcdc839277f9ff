"""Anomaly mode changes nothing else: no false alarm, same bits, same state, nothing kept alive."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import errors, nn
from tinygrad_edu.data import load
from tinygrad_edu.mode import current

# ---------------------------------------------------------------------------- random programs

# Bounded on all numbers, and with finite slopes: nothing that goes wrong can come from them.
SEEN = np.tri(3, 4, dtype=bool)
OPERATIONS: list[Callable[[Any, Any], Any]] = [
    lambda x, y: x + y,
    lambda x, y: x * tg.tanh(y),
    lambda x, y: x - 0.5 * y,
    lambda x, y: x / (1.0 + y * y),
    lambda x, y: tg.maximum(x, y) - tg.minimum(x, 0.0),
    lambda x, y: tg.where(x > y, x, y),
    tg.logaddexp,
    lambda x, y: tg.exp(-tg.abs(x)) * y,
    lambda x, y: tg.log(1.0 + x * x) + y,
    lambda x, y: tg.sqrt(1.0 + x * x) ** 0.7 * y,
    lambda x, y: tg.sigmoid(x) @ y.T @ y,
    lambda x, y: tg.softmax(x, axis=0) + y.mean(axis=1, keepdims=True),
    lambda x, y: tg.log_softmax(tg.where(SEEN, x, -np.inf), axis=1).max(axis=1)[:, None] + y,
    lambda x, y: tg.concat([x[1:], x[:1]]) * (y.sum() * 0.1),
    lambda x, y: tg.relu(x) + y.std(axis=0),
    lambda x, y: tg.put(x, y[1], 0),
]
programs = st.tuples(
    st.lists(
        st.tuples(st.sampled_from(range(len(OPERATIONS))), st.integers(0, 9), st.integers(0, 9)),
        min_size=1,
        max_size=8,
    ),
    st.integers(0, 2**32 - 1),
)


def computed(program: list[tuple[int, int, int]], seed: int) -> list[Any]:
    """Values, gradients by backward and by the tape, and a second order; bytes and all."""
    rng = np.random.default_rng(seed)
    leaves = [tg.Tensor(np.abs(rng.normal(size=(3, 4))) + 0.1, requires_grad=True) for _ in "ab"]
    with tg.Tape() as tape:
        values = list(leaves)
        for name, i, j in program:
            x, y = values[-1 - i % len(values)], values[-1 - j % len(values)]
            values.append(tg.tanh(OPERATIONS[name](x, y)))
        loss = values[-1].sum() * leaves[0].mean() + leaves[1].sum()
        first = tape.gradient(loss, leaves, create_graph=True)
    total = sum([(g * g).sum() for g in first])
    second = tape.gradient(total, leaves, unconnected="zero")
    loss.backward()
    arrays = [*values, loss, *first, *second]
    return [t.data.tobytes() for t in arrays] + [w.grad.tobytes() for w in leaves]


@settings(max_examples=60)
@given(programs)
def test_random_programs_raise_nothing_and_give_the_same_bits(drawn: Any) -> None:
    program, seed = drawn
    plain = computed(program, seed)
    with tg.detect_anomaly():
        watched = computed(program, seed)
    assert watched == plain


def test_contributions_are_added_in_the_same_order() -> None:
    rng = np.random.default_rng(0)
    x = tg.Tensor(rng.uniform(0.5, 2.0, 100), requires_grad=True)
    a, b = rng.normal(size=(2, 100))

    def summed() -> Any:
        ratio = x / x  # two contributions to x, after the one from the row below
        return tg.Tape().gradient((ratio * a + x * b).sum(), x).data

    plain = summed()
    part = a / x.data
    assert not np.array_equal(plain, b + part - part)  # the other order rounds otherwise
    with tg.detect_anomaly():
        np.testing.assert_array_equal(summed(), plain)


@settings(max_examples=20)
@given(programs)
def test_transforms_give_the_same_bits(drawn: Any) -> None:
    program, seed = drawn
    at = np.random.default_rng(seed).uniform(0.1, 1.0, (2, 3, 4))

    def loss(x: Any, y: Any) -> Any:
        values = [x, y]
        for name, i, j in program:
            a, b = values[-1 - i % len(values)], values[-1 - j % len(values)]
            values.append(tg.tanh(OPERATIONS[name](a, b)))
        return values[-1].mean() + (x * y).sum()

    def answers() -> list[bytes]:
        inner = tg.checkpoint(loss)
        both = tg.value_and_grad(loss, argnums=(0, 1))(*at)
        parts = [both[0], *both[1], tg.grad(inner)(*at)]
        parts += [
            *tg.jvp(loss, tuple(at), tuple(at)),
            tg.hvp(lambda x: loss(x, at[1]), at[0], at[1]),
        ]
        return [np.asarray(part).tobytes() for part in parts]

    plain = answers()
    with tg.detect_anomaly():
        assert answers() == plain


# ---------------------------------------------------------------------------- training


def trained(dropout: float) -> tuple[list[float], list[bytes]]:
    digits = load("digits")
    x, y = digits.features.reshape(-1, 64), digits.targets
    model = nn.MLP([64, 16, 10], dropout=dropout, rng=0)
    optimizer = nn.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    with tg.seed(0):
        for step in range(12):
            batch = slice(64 * step, 64 * (step + 1))
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses, [p.data.tobytes() for p in model.parameters()]


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_training_on_digits_raises_nothing_and_gives_the_same_bits(dropout: float) -> None:
    plain = trained(dropout)
    with tg.detect_anomaly():
        watched = trained(dropout)
    assert watched == plain
    assert watched[0][-1] < watched[0][0]


# ---------------------------------------------------------------------------- block and decorator


def bad() -> None:
    tg.log(tg.asarray([0.0]))


@pytest.fixture(autouse=True)
def state_is_as_before() -> Iterator[None]:
    before, settings_of_numpy = current(), np.geterr()
    yield
    assert current() is before
    assert np.geterr() == settings_of_numpy


def test_state_is_restored_after_the_error_inside_and_outside_a_backward() -> None:
    x = tg.Tensor([0.0, 1.0], requires_grad=True)
    for _ in range(2):
        with tg.detect_anomaly():
            inside = current()
            y = tg.sqrt(x).sum()
            with pytest.raises(errors.AnomalyError):
                y.backward()
            assert current() is inside
            with pytest.raises(errors.AnomalyError):
                bad()
            (x * 2.0).sum().backward()
        with np.errstate(all="ignore"):
            bad()
    np.testing.assert_array_equal(x.grad, [4.0, 4.0])


@pytest.mark.parametrize(
    "decorator", [tg.detect_anomaly, tg.detect_anomaly(), tg.detect_anomaly(inf=True)]
)
def test_decorator_covers_the_call(decorator: Any) -> None:
    @decorator
    def f(x: float) -> Any:
        """Documented."""
        return tg.log(tg.asarray(x))

    assert f(1.0).item() == 0.0
    assert f.__doc__ == "Documented."
    for _ in range(2):
        with pytest.raises(errors.AnomalyError):
            f(0.0)
    with np.errstate(all="ignore"):
        bad()


def test_decorator_of_a_generator_is_refused() -> None:
    def rows() -> Iterator[int]:
        yield 1

    with pytest.raises(errors.ArgumentError):
        tg.detect_anomaly(rows)


def test_blocks_nest_and_the_inner_one_counts() -> None:
    with tg.detect_anomaly():
        with tg.detect_anomaly(inf=False):
            bad()
        with pytest.raises(errors.AnomalyError):
            bad()
        with tg.no_grad(), pytest.raises(errors.AnomalyError):
            bad()


@pytest.mark.parametrize("order", ["tape inside", "tape outside"])
def test_tape_and_mode_work_in_either_order(order: str) -> None:
    x = tg.Tensor([4.0, 0.0], requires_grad=True)
    tape = tg.Tape()
    outer, inner = (
        (tg.detect_anomaly(), tape) if order == "tape inside" else (tape, tg.detect_anomaly())
    )
    with outer, inner:
        y = tg.sqrt(x)
        z = (y * 3.0).sum()
        with pytest.raises(errors.AnomalyError):
            tape.gradient(z, x)
        with pytest.raises(errors.AnomalyError):
            1.0 / y
    assert [row.op.name for row in tape] == ["sqrt", "multiply", "sum", "divide"]
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(tape.gradient(z, x).data, [0.75, np.inf])


def test_numpy_warning_does_not_hide_the_error() -> None:
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        bad()
    with tg.detect_anomaly(), pytest.raises(errors.AnomalyError):
        bad()


def test_exceptions_of_the_block_pass_through() -> None:
    with pytest.raises(KeyError), tg.detect_anomaly():
        raise KeyError("mine")


def test_other_threads_are_not_watched() -> None:
    entered, done = threading.Event(), threading.Event()
    seen: list[str] = []

    def other() -> None:
        entered.wait()
        with np.errstate(all="ignore"):
            bad()
        try:
            tg.detect_anomaly(bad)()
        except errors.AnomalyError:
            seen.append("anomaly")
        seen.append("passed")
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with tg.detect_anomaly():
        entered.set()
        done.wait()
        with pytest.raises(errors.AnomalyError):
            bad()
    thread.join()
    assert seen == ["anomaly", "passed"]


def test_one_decorated_function_in_many_threads() -> None:
    @tg.detect_anomaly
    def step(k: int) -> Any:
        w = tg.Tensor([float(k), 1.0], requires_grad=True)
        for _ in range(30):
            (1.0 / (w * w)).sum().backward()
        return w.grad

    outcomes: dict[int, Any] = {}

    def work(k: int) -> None:
        try:
            outcomes[k] = step(k)
        except errors.AnomalyError as error:
            outcomes[k] = error.index

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes[0] == (0,)
    for k in (1, 2, 3):
        np.testing.assert_allclose(outcomes[k], [-60.0 / k**3, -60.0], rtol=1e-12)


# ---------------------------------------------------------------------------- memory


def test_rows_are_freed_without_the_cycle_collector() -> None:
    x = tg.Tensor([1.0, 0.0], requires_grad=True)
    gc.collect()
    gc.disable()
    try:
        with tg.detect_anomaly():
            y = tg.exp(x)
            loss = (y * y).sum()
            with tg.Tape() as tape:
                g = tape.gradient(loss, x, create_graph=True)
            (g * g).sum().backward()
            links = [weakref.ref(t) for t in (y, loss, g, tape)]
            del y, loss, g, tape
            assert [link() for link in links] == [None] * 4
            root = tg.sqrt(x)
            try:
                (root * 2.0).sum().backward()
            except errors.AnomalyError as error:
                kept = error.with_traceback(None)
            links = [weakref.ref(root)]
            del root
            assert links[0]() is None
        assert kept.op == "sqrt"
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_backward_frees_cotangents_as_it_goes() -> None:
    alive: list[int] = []
    arrays: list[Any] = []

    def rule(g: Any, out: Any, x: Any) -> Any:
        d = g * 1.0
        arrays.append(weakref.ref(d))
        alive.append(sum(link() is not None for link in arrays))
        return d

    @tg.operation(rule=rule)
    def link(x: Any) -> Any:
        return x * 1.0

    x = tg.Tensor([1.0], requires_grad=True)
    with tg.detect_anomaly():
        y = x
        for _ in range(20):
            y = link(y)
        y.backward()
    assert max(alive) <= 3


def test_integers_and_truth_values_pass() -> None:
    with tg.detect_anomaly():
        k = tg.asarray([1, 2, 3])
        assert (k * k > 2).sum().item() == 2
        assert tg.argmax(k).item() == 2


def test_arrays_alone_are_numpys_business() -> None:
    with tg.detect_anomaly():
        assert tg.log(np.zeros(1))[0] == -np.inf
