"""Drawn programs: they run, print as code that runs, reach every operation, and shrink."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu.autodiff import registry
from tinygrad_edu.domain import Real
from tinygrad_edu.errors import ArgumentError, SignatureError
from tinygrad_edu.testing import check_vjp, points
from tinygrad_edu.testing.literals import written
from tinygrad_edu.testing.program import Instruction, Program, longest
from tinygrad_edu.testing.programs import programs, sampled_operations

pytestmark = pytest.mark.once  # what no version of Python changes

MANY = 300


def drawn(strategy: st.SearchStrategy[Program], count: int, start: int = 0) -> list[Program]:
    """The same several hundred programs every time; others from another start."""
    found: list[Program] = []

    @seed(start)
    @settings(
        max_examples=count,
        derandomize=False,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(program: Program) -> None:
        found.append(program)

    collect()
    assert len(found) == count
    return found


@pytest.fixture(scope="module")
def many() -> list[Program]:
    return drawn(programs(), MANY)


def smallest(wanted: Callable[[Program], bool], *args: Any) -> Program:
    """What Hypothesis shrinks to."""
    phases = (Phase.generate, Phase.shrink)
    chosen = settings(derandomize=True, database=None, max_examples=1000, phases=phases)
    return find(programs(*args), wanted, settings=chosen)


def reads(line: Instruction) -> list[str]:
    return [x for x in line.operands if isinstance(x, str)]


def test_a_program_gives_the_same_on_arrays_and_tensors(many: list[Program]) -> None:
    for program in many:
        plain = program(*program.leaves)
        traced = program(*[tg.Tensor(x, requires_grad=True) for x in program.leaves])
        assert isinstance(plain, np.ndarray)
        assert traced.requires_grad
        np.testing.assert_array_equal(traced.data, plain, strict=True)


def test_the_printed_code_runs_and_gives_the_same(many: list[Program]) -> None:
    for program in many:
        space: dict[str, Any] = {}
        exec(str(program), space)
        np.testing.assert_array_equal(space["result"], program(*program.leaves), strict=True)


@pytest.mark.thorough
@pytest.mark.once
def test_every_differentiable_operation_with_operands_to_draw_occurs() -> None:
    expected = {
        name
        for name, op in registry.items()
        if op.differentiable
        and (op.domain or op.samples)
        and str(op.call.__module__).startswith("tinygrad_edu.ops")
    }
    assert len(expected) > 40
    assert set(sampled_operations()) == expected
    seen: set[str] = set()
    for start in range(10):  # no run has them all: Hypothesis dwells on what it drew before
        found = drawn(programs(max_rows=4), 5 * len(expected), start)
        seen |= {line.operation for program in found for line in program.instructions}
        if seen == expected:
            break
    assert seen == expected


def test_programs_are_long_and_have_every_structure(many: list[Program]) -> None:
    lengths = Counter(len(program.instructions) for program in many)
    assert sum(count for length, count in lengths.items() if length >= 4) > MANY / 4
    assert max(lengths) >= 6
    readers = [Counter(x for line in p.instructions for x in reads(line)) for p in many]
    shares = {
        "a value that is read more than once": [max(counts.values()) > 1 for counts in readers],
        "an operand that is repeated": [
            any(len(reads(line)) > len(set(reads(line))) for line in p.instructions) for p in many
        ],
        "a result read by two instructions": [
            any(
                sum(line.result in reads(other) for other in p.instructions) > 1
                for line in p.instructions
            )
            for p in many
        ],
        "several leaves": [len(p.leaves) > 1 for p in many],
        "a 0-d value": [any(v.ndim == 0 for v in p.values(*p.leaves).values()) for p in many],
        "an empty value": [any(v.size == 0 for v in p.values(*p.leaves).values()) for p in many],
        "broadcasting": [
            any(
                len({np.shape(values[x]) for x in reads(line)}) > 1
                for values in [p.values(*p.leaves)]
                for line in p.instructions
            )
            for p in many
        ],
        "a constant": [
            any(isinstance(x, np.ndarray) for line in p.instructions for x in line.operands)
            for p in many
        ],
    }
    rare = {name: sum(hits) for name, hits in shares.items() if sum(hits) < MANY / 100}
    assert not rare


def test_the_result_depends_on_every_instruction_and_leaf(many: list[Program]) -> None:
    for program in many:
        names = {line.result for line in program.instructions}
        names |= {f"x{k}" for k in range(len(program.leaves))}
        read = {x for line in program.instructions for x in reads(line)}
        assert names - read == {program.instructions[-1].result}


def test_every_operand_is_inside_its_domain_and_every_value_moderate(many: list[Program]) -> None:
    for program in many:
        values = program.values(*program.leaves)
        for line in program.instructions:
            domain = registry[line.operation].domain
            for operand, real in zip(line.operands, domain, strict=False):
                x = values[operand] if isinstance(operand, str) else operand
                assert points.inside(x, real).all(), (str(line), x)
            assert np.isfinite(values[line.result]).all()
            assert values[line.result].size <= 64
            assert (np.abs(values[line.result]) <= 1000).all()


@pytest.mark.once
@settings(max_examples=30)
@given(programs())
def test_the_gradient_of_a_program_agrees_with_differences(program: Program) -> None:
    def vjp(g: np.ndarray, *xs: np.ndarray) -> tuple[np.ndarray, ...]:
        leaves = [tg.Tensor(x, requires_grad=True) for x in xs]
        answers = tg.Tape().gradient(program(*leaves), leaves, output_gradient=g)
        return tuple(answer.data for answer in answers)

    check_vjp(program, vjp, *program.leaves)


@settings(max_examples=30)
@given(programs(["exp", "multiply", "sum"], max_rows=3))
def test_programs_keep_to_the_operations_and_the_length_asked_for(program: Program) -> None:
    assert 1 <= len(program.instructions) <= 3
    assert {line.operation for line in program.instructions} <= {"exp", "multiply", "sum"}


def test_programs_shrink_to_what_is_needed() -> None:
    three = ["tanh", "exp", "multiply", "sum"]
    one = smallest(lambda p: any(line.operation == "multiply" for line in p.instructions), three)
    assert [line.operation for line in one.instructions] == ["multiply"]
    assert [x.shape for x in one.leaves] == [(), ()]
    both = smallest(
        lambda p: {"tanh", "multiply"} <= {line.operation for line in p.instructions}, three
    )
    assert len(both.instructions) == 2
    shared = smallest(
        lambda p: any(len(reads(x)) > len(set(reads(x))) for x in p.instructions), three
    )
    assert len(shared.instructions) == 2


@pytest.mark.parametrize("name", ["no_such_operation", "argmax", "checkpointed"])
def test_an_operation_that_cannot_be_drawn_is_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match=f"cannot be drawn with `{name}`"):
        smallest(lambda _: True, [name])


def test_a_users_operation_is_drawn_from_its_domain() -> None:
    @tg.operation(np.cbrt, rule=lambda g, out, x: g / (3 * out * out), domain=Real(1.0, 2.0))
    def cube_root(x: Any, /) -> Any:
        """Cube root."""

    name = next(name for name in registry if name.endswith("cube_root"))
    try:
        assert name not in sampled_operations()
        program = smallest(lambda p: len(p.instructions) == 1, [name])
        assert 1.0 < program.leaves[0] < 2.0
        space: dict[str, Any] = {}
        exec(str(program), space)
        assert space["result"] == np.cbrt(program.leaves[0])
    finally:
        del registry[name]


def test_a_program_refuses_another_number_of_leaves() -> None:
    program = smallest(lambda p: len(p.leaves) == 2, ["add"])
    with pytest.raises(SignatureError, match="has 2 leaves, got 1"):
        program(1.0)


def test_the_longest_chain_is_kept_and_counted_anew() -> None:
    leaves = {"x0": np.array(1.0), "x1": np.array(2.0)}
    lines = [
        Instruction("v0", "exp", ("x0",), {}),
        Instruction("v1", "exp", ("x1",), {}),
        Instruction("v2", "add", ("v1", "x1"), {}),
        Instruction("v3", "tanh", ("v0",), {}),
        Instruction("v4", "tanh", ("v3",), {}),
    ]
    kept = longest(leaves, lines)
    assert [str(line) for line in kept.instructions] == [
        "v0 = tg.exp(x0)", "v1 = tg.tanh(v0)", "v2 = tg.tanh(v1)",
    ]  # fmt: skip
    assert len(kept.leaves) == 1
    assert kept(*kept.leaves) == np.tanh(np.tanh(np.exp(1.0)))


VALUES = [
    1, 0.1, True, None, ..., slice(1, None, -1), (), (1,), (1, (2,)), [], [1, None], {"a": (1,)},
    np.array(0.5), np.zeros((0, 2)), np.array([[1 / 3]], np.float32), np.array([True, False]),
    np.arange(3), np.array([np.inf, -np.inf]), np.zeros(0, np.int32), np.float64, np.dtype("f4"),
    np.float64(0.1), -0.0, float("inf"), (..., None, np.array([0, 1])),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_written_as_code_evaluates_to_itself(value: Any) -> None:
    again = eval(written(value), {"np": np})
    if isinstance(value, np.ndarray):
        np.testing.assert_array_equal(again, value, strict=True)
    elif isinstance(value, type | np.dtype):
        assert np.dtype(again) == np.dtype(value)
    elif isinstance(value, tuple) and value and isinstance(value[-1], np.ndarray):
        assert again[:-1] == value[:-1]
        np.testing.assert_array_equal(again[-1], value[-1], strict=True)
    else:
        assert repr(again) == repr(value)
