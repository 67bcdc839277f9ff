"""``tg.why`` names the true cut; whether there is one is decided by a graph that the test keeps."""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import Any

import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import errors

CUTS = ["detach", "stop_gradient", "no_grad", "astype"]


def here() -> int:
    """The caller's line."""
    frame: Any = inspect.currentframe()
    return int(frame.f_back.f_lineno)


def cut(x: tg.Tensor, how: str) -> tuple[tg.Tensor, int]:
    """A value at which gradients stop, and the line on which they do."""
    if how == "detach":
        return x.detach(), here()
    if how == "stop_gradient":
        return tg.stop_gradient(x), here()
    if how == "astype":
        return x.astype(int), here()
    with tg.no_grad():
        return x * 1.0, here()


def cut_at(number: int, x: tg.Tensor, how: str) -> tuple[tg.Tensor, int]:
    """As ``cut``, on lines of its own."""
    code = cut.__code__
    moved = code.replace(co_firstlineno=code.co_firstlineno + 1000 * number)
    return FunctionType(moved, globals())(x, how)  # type: ignore[no-any-return]


class Program:
    """A random graph, with what the test itself knows of it: parents, cuts, lines."""

    def __init__(self, draw: Any, cut_one_in: int) -> None:
        self.w = tg.Parameter([1.5, -2.0], name="w")
        self.other = tg.Parameter([0.5, 3.0], name="other")
        plain = tg.Tensor([2.0, 4.0], name="plain")
        self.values = [self.w, self.other, plain]
        self.parents: list[tuple[int, ...]] = [(), (), ()]
        self.cuts: dict[int, tuple[str, int]] = {}
        for _ in range(draw(st.integers(1, 9))):
            below = st.integers(0, len(self.values) - 1)
            if draw(st.integers(0, cut_one_in)) == 0:
                inputs, how = (draw(below),), draw(st.sampled_from(CUTS))
                if not self.values[inputs[0]].requires_grad:  # nothing to cut
                    continue
                value, line = cut_at(len(self.values), self.values[inputs[0]], how)
                self.cuts[len(self.values)] = (how, line)
            elif draw(st.booleans()):
                inputs = (draw(below), draw(below))
                value = self.values[inputs[0]] * self.values[inputs[1]]
            else:
                inputs = (draw(below),)
                value = tg.tanh(self.values[inputs[0]])
            value.name = f"v{len(self.values)}"
            self.values.append(value)
            self.parents.append(inputs)
        top = len(self.values) - 1
        self.loss = tg.sum(self.values[top] * self.other)
        self.parents.append((top, 1))

    def below(self, start: int, *, through_cuts: bool) -> set[int]:
        """All that a walk from a value down its inputs arrives at."""
        stack, seen = [start], set[int]()
        while stack:
            k = stack.pop()
            if k not in seen:
                seen.add(k)
                stack += self.parents[k] if through_cuts or k not in self.cuts else ()
        return seen


@given(st.data(), st.sampled_from([2, 5]))
def test_why_finds_the_path_or_the_first_cut_on_one(data: st.DataObject, odds: int) -> None:
    with tg.Tape() as tape:
        program = Program(data.draw, odds)
    answer = tg.why(program.loss, program.w, tape=tape)
    top = len(program.parents) - 1
    seen = program.below(top, through_cuts=False)
    assert answer.connected == (0 in seen)
    if answer.connected:
        assert answer.path[0].label == "w"
        assert not any(link.cut for link in answer.path)
        tape.gradient(program.loss, program.w)
        return
    with pytest.raises(errors.TinygradError):
        tape.gradient(program.loss, program.w)
    first = [k for k in program.cuts if k in seen and 0 in program.below(k, through_cuts=True)]
    if first:
        assert (answer.reason, answer.line) in [program.cuts[k] for k in first]
        assert [link.line for link in answer.path if link.cut][-1] == answer.line
    else:
        assert (answer.reason, answer.line, answer.path) == ("not an input", None, ())


@given(st.integers(0, 3), st.sampled_from(CUTS), st.integers(0, 3), st.booleans())
def test_why_names_the_only_cut_although_its_neighbours_are_gone(
    before: int, how: str, after: int, constants: bool
) -> None:
    """Only the tape and the loss hold anything when the question is asked."""
    w = tg.Parameter([1.5, -2.0], name="w")
    v = tg.Parameter([0.5, 3.0])
    with tg.Tape() as tape:
        x: Any = w
        for _ in range(before):
            x = tg.tanh(x * v)
        x, line = cut(x, how)
        scale = tg.Tensor([1.0, 2.0]) * 2.0
        for _ in range(after):
            x = (scale + x) * 0.5 if constants else x * v
        loss = (x * v).sum()
        del x
    answer = tg.why(loss, w, tape=tape)
    assert (answer.connected, answer.reason, answer.line) == (False, how, line)
    assert [link.cut for link in answer.path].count(True) == 1
