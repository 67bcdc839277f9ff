"""Threads: recording state belongs to one of them, and gradients are the same bits as alone."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Run the jobs at once, each in its own thread, and return what they return."""
    results: list[Any] = [None] * len(jobs)
    start = threading.Barrier(len(jobs))

    def run(k: int, job: Callable[[], Any]) -> None:
        start.wait()
        try:
            results[k] = job()
        except BaseException as error:
            results[k] = error

    threads = [threading.Thread(target=run, args=(k, job)) for k, job in enumerate(jobs)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # change threads 500 times as often as usual
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    finally:
        sys.setswitchinterval(interval)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


class Net:
    """Two layers, enough to share nothing by luck."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.W = tg.Tensor(rng.normal(size=(5, 3)), requires_grad=True)
        self.v = tg.Tensor(rng.normal(size=5), requires_grad=True)
        self.x = rng.normal(size=3)

    def loss(self) -> Any:
        return (self.v @ tg.tanh(self.W @ self.x) - 1.0) ** 2

    def train(self, steps: int = 150) -> bytes:
        for _ in range(steps):
            self.W.grad = self.v.grad = None
            self.loss().backward()
            self.W.data -= 0.01 * self.W.grad
            self.v.data -= 0.01 * self.v.grad
        return self.W.data.tobytes() + self.v.data.tobytes()

    def train_taped(self, steps: int = 150) -> bytes:
        for _ in range(steps):
            with tg.Tape() as tape:
                loss = self.loss()
            assert len(tape) == 5
            gW, gv = tape.gradient(loss, [self.W, self.v])
            self.W.data -= 0.01 * gW.data
            self.v.data -= 0.01 * gv.data
        return self.W.data.tobytes() + self.v.data.tobytes()


def evaluate(net: Net, steps: int = 300) -> set[float]:
    seen = set()
    for _ in range(steps):
        with tg.no_grad():
            value = net.loss()
            assert not value.requires_grad
            assert not tg.is_grad_enabled()
        assert tg.is_grad_enabled()
        seen.add(value.item())
    return seen


def test_evaluating_without_recording_does_not_disturb_training() -> None:
    alone, value = Net(1).train(), Net(2).loss().item()
    for _ in range(3):
        trained, seen = together(Net(1).train, lambda: evaluate(Net(2)))
        assert trained == alone
        assert seen == {value}


def test_a_thread_started_inside_no_grad_records() -> None:
    """A new thread starts with a fresh state, as it does for every context variable."""
    with tg.no_grad():
        (inside,) = together(lambda: Net(0).loss().requires_grad)
        assert not Net(0).loss().requires_grad
    assert inside


def test_a_context_copied_from_no_grad_does_not_record() -> None:
    with tg.no_grad():
        context = contextvars.copy_context()
    assert tg.is_grad_enabled()
    assert not context.run(tg.is_grad_enabled)


def test_two_threads_train_two_models_with_the_same_bits_as_alone() -> None:
    alone = [Net(1).train(), Net(2).train(), Net(3).train_taped()]
    for _ in range(3):
        assert together(Net(1).train, Net(2).train, Net(3).train_taped) == alone


def test_a_tape_sees_the_rows_of_its_own_thread_only() -> None:
    def other() -> int:
        with tg.Tape() as tape:
            for _ in range(50):
                Net(1).loss()
        return len(tape)

    with tg.Tape() as tape:
        counts = together(other, other)
        Net(2).loss()
    assert counts == [250, 250]
    assert len(tape) == 5


def test_threads_share_leaves_through_tape_gradient() -> None:
    """Gradients go to the one who asked; only ``.grad`` is shared state, and nobody touches it."""
    net = Net(4)
    with tg.Tape() as tape:
        loss = net.loss()
    expected = [g.data.tobytes() for g in tape.gradient(loss, [net.W, net.v])]

    def ask() -> set[bytes]:
        found = set()
        for _ in range(150):
            with tg.Tape() as mine:
                again = net.loss()
            for target, one in ((loss, tape), (again, mine)):
                found.add(b"|".join(g.data.tobytes() for g in one.gradient(target, [net.W, net.v])))
        return found

    assert together(ask, ask) == [{b"|".join(expected)}] * 2
    assert net.W.grad is None


def test_two_backward_passes_over_separate_leaves_of_one_constant() -> None:
    """Ready-made constants such as 2.0 are shared between threads, and stay untouched."""

    def job(seed: int) -> Callable[[], bytes]:
        def run() -> bytes:
            w = tg.Tensor(np.random.default_rng(seed).normal(size=64), requires_grad=True)
            for _ in range(200):
                ((w * 2.0 + 0.5) ** 2.0 / 3.0).sum().backward()
            return w.grad.tobytes()

        return run

    alone = [job(1)(), job(2)()]
    assert together(job(1), job(2)) == alone


def test_recording_state_of_interleaved_tasks_is_their_own() -> None:
    async def silent(log: list[bool]) -> None:
        with tg.no_grad():
            for _ in range(5):
                await asyncio.sleep(0)
                log.append(tg.is_grad_enabled())

    async def recording(log: list[bool]) -> None:
        for _ in range(5):
            await asyncio.sleep(0)
            log.append(tg.is_grad_enabled())

    async def both() -> tuple[list[bool], list[bool]]:
        first: list[bool] = []
        second: list[bool] = []
        await asyncio.gather(silent(first), recording(second))
        return first, second

    assert asyncio.run(both()) == ([False] * 5, [True] * 5)


def test_an_exception_leaves_recording_as_it_was() -> None:
    with pytest.raises(ZeroDivisionError), tg.no_grad():
        raise ZeroDivisionError
    assert tg.is_grad_enabled()
    with pytest.raises(ZeroDivisionError), tg.Tape() as tape:
        raise ZeroDivisionError
    Net(0).loss()
    assert len(tape) == 0


def test_no_grad_and_enable_grad_nest_and_decorate() -> None:
    @tg.no_grad()
    def value(depth: int) -> list[bool]:
        with tg.enable_grad():
            inner = tg.is_grad_enabled()
        below = value(depth - 1) if depth else []
        return [tg.is_grad_enabled(), inner, *below]

    assert value(2) == [False, True] * 3
    assert tg.is_grad_enabled()
    block = tg.no_grad()
    with block, block:
        assert not tg.is_grad_enabled()
    assert tg.is_grad_enabled()


def test_one_no_grad_object_serves_two_threads_at_once() -> None:
    block = tg.no_grad()
    entered, leave = threading.Barrier(2), threading.Event()

    def first() -> bool:
        with block:
            entered.wait(10)
            leave.wait(10)
        return tg.is_grad_enabled()

    def second() -> bool:
        try:
            with block:
                entered.wait(10)
            return tg.is_grad_enabled()
        finally:
            leave.set()

    assert together(first, second) == [True, True]
