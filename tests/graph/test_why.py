"""``tg.why`` names the true cut; whether there is one is decided by a graph that the test keeps."""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

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


@pytest.mark.thorough
@settings(max_examples=2000)
@given(st.data(), st.sampled_from([2, 5]))
def test_thousands_of_graphs_are_explained(data: st.DataObject, odds: int) -> None:
    test_why_finds_the_path_or_the_first_cut_on_one.hypothesis.inner_test(data, odds)


@given(
    st.integers(0, 3),
    st.sampled_from([float, tg.Tensor.item, tg.Tensor.numpy]),
    st.integers(0, 3),
    st.booleans(),
)
def test_every_conversion_under_a_tape_is_suggested_with_its_line(
    before: int, how: Any, after: int, gone: bool
) -> None:
    w, v = tg.Parameter(2.0, name="w"), tg.Parameter(3.0, name="v")
    with tg.Tape() as tape:
        x: Any = w * v
        for _ in range(before):
            x = tg.tanh(x * v)
        number, line = how(x), here()
        loss = v * number
        for _ in range(after):
            loss = tg.exp(loss * 0.1)
        if gone:  # the tape holds it all the same
            del x
    answer = tg.why(loss, w, tape=tape)
    assert (answer.connected, answer.reason, answer.line) == (False, "conversion", line)
    assert "became a plain number by" in str(answer)
    assert tg.why(loss, v, tape=tape).connected


def test_a_conversion_is_suggested_by_the_tape_that_the_caller_holds() -> None:
    w, v = tg.Parameter(2.0), tg.Parameter(3.0)
    for how in (float, tg.Tensor.item, tg.Tensor.numpy):
        with tg.Tape() as tape:
            number, line = how(w * w), here()  # type: ignore[operator]
            loss = v * number
        assert len(tape) == 2
        answer = tg.why(loss, w)
        assert (answer.connected, answer.reason, answer.line) == (False, "conversion", line)
        assert "became a plain number by" in str(answer)


def test_sources_that_cannot_have_a_gradient_say_which_kind_they_are() -> None:
    v = tg.Parameter([1.0, 2.0], name="v")
    plain, whole, unused = tg.Tensor([1.0, 2.0]), tg.Tensor([1, 2]), tg.Parameter(1.0)
    loss = (v * plain * whole).sum()
    assert tg.why(loss, plain).reason == "requires_grad"
    assert tg.why(loss, whole).reason == "dtype"
    assert tg.why(loss, unused).reason == "not an input"
    assert "unused" in str(tg.why(loss, unused))
    assert tg.why(loss, v).connected
    assert tg.why(v, v).path[0].label == "v"


def test_an_input_without_a_rule_is_named_with_its_operation() -> None:
    @tg.operation(rule=(lambda g, out, x, y: g * y, None), domain=(tg.Real(-1, 1),) * 2)
    def half(x: Any, y: Any, /) -> Any:
        return x * y

    x, y = tg.Parameter(2.0), tg.Parameter(3.0)
    answer = tg.why(half(x, y) * 2.0, y)
    assert (answer.connected, answer.reason) == (False, "half")
    assert isinstance(answer.error, errors.NotDifferentiable)
    with pytest.raises(errors.NotDifferentiable, match="`half`"):
        tg.Tape().gradient(half(x, y), y)
    assert tg.why(half(x, y) * y, y).connected


def test_without_a_tape_a_cut_whose_past_is_gone_is_called_probable() -> None:
    w, v = tg.Parameter([1.0, 2.0]), tg.Parameter([3.0, 4.0])
    loss = ((w * 2.0).detach() * v).sum()
    line = here() - 1
    answer = tg.why(loss, w)
    assert (answer.reason, answer.line) == ("gone", line)
    assert "probably the path was cut by `detach`" in str(answer)


def test_sixty_doublings_and_a_long_chain_are_explained_without_walking_every_path() -> None:
    x = tg.Parameter(1.0, name="x")
    y: Any = x
    for _ in range(60):
        y = y + y
    for _ in range(5000):
        y = y * 1.0
    answer = tg.why(y, x)
    assert answer.paths == 2**60
    assert len(answer.path) == 5061
    assert len(str(answer).splitlines()) < 40


def test_what_is_no_tensor_is_refused() -> None:
    x = tg.Parameter(1.0)
    with pytest.raises(errors.ArgumentError, match="asked of one Tensor"):
        tg.why(3.0, x)  # type: ignore[arg-type]
    with pytest.raises(errors.ArgumentError, match="with respect to Tensors"):
        tg.why(x, 3.0)  # type: ignore[arg-type]
