"""Random programs over the registered operations.

Hypothesis draws a list of steps: an operation, which values it would like to read, a shape and a
seed. Whatever it draws becomes a program that runs: a value that an operation cannot take (outside
its domain, or of a shape that its forward refuses when tried) gives way to the next, and in the
end to a new leaf, drawn as the operation's registration says. So lists of steps can be shortened
at will, which is how a failing program shrinks.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from .. import ops as ops_room
from ..domain import Real
from ..errors import ArgumentError
from ..registry import Operation, registry
from ..types import Array, Shape
from . import points
from .drawing import st
from .program import Instruction, Program, longest
from .strategies import seeds

__all__ = ["programs", "sampled_operations"]

Draw = st.DrawFn
MAX_SIZE, LARGEST = 64, 1e3
NEW_LEAF = -1  # the wish for an operand that nothing has read before
WISHES = [0, 0, 0, 0, 1, 1, 2, 3, 5, NEW_LEAF]  # which of the values to read; one of ten
OPERANDS = 3  # that have a wish of their own, as the decimals of one drawn number
SHAPES: list[Shape] = [(), (1,), (2,), (3,), (1, 2), (2, 1), (2, 2), (2, 3), (0,), (0, 2)]
TRIED = 3  # of the values so far, for each operand
_REFUSED = (ValueError, TypeError, IndexError, ArithmeticError, Warning)
# Their settings describe the sampled operands, and their forward does not notice a misfit.
_MADE_TO_MEASURE = frozenset(["concat", "linear", "scatter_add", "softmax_cross_entropy"])
# What a program computes is often a matrix without an inverse, where these have no derivative.
_REGULAR = frozenset(name for name, op in registry.items() if ".linalg." in str(op.call.__module__))


def sampled_operations() -> list[str]:
    """Return the library's differentiable operations that say where to draw their operands.

    Examples
    --------
    >>> {"exp", "matmul", "where"} <= set(sampled_operations())
    True
    """
    return [name for name, op in registry.items() if _usable(op) and _from_the_library(op)]


class Step(NamedTuple):
    """What is drawn for one instruction."""

    operation: str
    wishes: int
    shape: Shape
    seed: int


def programs(ops: Iterable[str] | None = None, max_rows: int = 12) -> st.SearchStrategy[Program]:
    """Draw a program: shared results, diamonds, repeated operands, 0-d and empty arrays.

    Parameters
    ----------
    ops : iterable of str, optional
        Names in the registry; by default ``sampled_operations()``.
    max_rows : int, at least 1
        Most instructions. The result that depends on most others is the program's, what it does
        not depend on is left out.

    Returns
    -------
    Program
        With leaves at which every operand is inside its operation's domain, by a hundredth of the
        interval, and every value is finite, below 1000 and of at most 64 elements (more only where
        an operation's own samples are larger). Shrinks to few instructions.

    Raises
    ------
    ArgumentError
        For an operation that does not exist, has no derivative, or does not say where to draw.

    Examples
    --------
    >>> from hypothesis import find
    >>> program = find(programs(["exp"]), lambda p: len(p.instructions) == 2)
    >>> [str(line) for line in program.instructions]
    ['v0 = tg.exp(x0)', 'v1 = tg.exp(v0)']
    """
    names = sampled_operations() if ops is None else list(ops)
    for name in names:
        if name not in registry or not _usable(registry[name]):
            raise ArgumentError(
                f"programs cannot be drawn with `{name}`",
                why="it is not registered, has no rule, or has neither domain= nor samples=",
                fix="programs(sampled_operations())",
            )
    steps = st.tuples(
        st.sampled_from(names), st.integers(0, 10**OPERANDS - 1), st.sampled_from(SHAPES), seeds
    )
    return _built(steps, max_rows)


@st.composite
def _built(draw: Draw, steps: st.SearchStrategy[tuple[Any, ...]], max_rows: int) -> Program:
    count = draw(st.integers(1, max_rows))  # left to itself, a list would rarely be long
    builder = _Builder()
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        for _ in range(count):
            builder.append(Step(*draw(steps)))
    return longest(builder.leaves, builder.instructions)


def _from_the_library(op: Operation) -> bool:
    return str(op.call.__module__).startswith(ops_room.__name__)


def _usable(op: Operation) -> bool:
    return op.differentiable and bool(op.domain or op.samples)


class _Builder:
    """A program in the making, with the value of every name at its leaves."""

    def __init__(self) -> None:
        self.values: dict[str, Array] = {}
        self.leaves: dict[str, Array] = {}
        self.instructions: list[Instruction] = []

    def append(self, step: Step) -> None:
        """Add the instruction that comes closest to what was drawn.

        It reads at least one value that is already there, or is left out: a program of loose ends
        would be a short one. The first makes its own leaves.
        """
        op = registry[step.operation]
        fresh, settings = _samples(op, step)
        for operands in self._choices(op, fresh, step) if self.values else [tuple(fresh)]:
            arrays = [self.values[x] if isinstance(x, str) else x for x in operands]
            value = _result(op, arrays, settings)
            if value is not None:
                break
        else:
            if not self.values:
                raise ArgumentError(
                    f"`{step.operation}` has no finite value on its own samples",
                    fix="domain=Real(low, high)   # where the operation is registered",
                )
            return
        named = tuple([self._named(op, k, x) for k, x in enumerate(operands)])
        result = f"v{len(self.instructions)}"
        self.values[result] = value
        self.instructions.append(Instruction(result, step.operation, named, settings))

    def _choices(
        self, op: Operation, fresh: list[Array], step: Step
    ) -> Iterator[tuple[str | Array, ...]]:
        """Combinations of operands to try, the wished ones first, each with a known value."""
        candidates = []
        for position, sample in enumerate(fresh):
            wish = WISHES[step.wishes // 10 ** (position % OPERANDS) % 10]
            known = self._known(op, position, sample, wish)
            new: list[str | Array] = [sample]
            if op.domain and sample.size:  # a single number broadcasts with whatever is there
                new.append(sample.reshape(-1)[:1].reshape(()))
            candidates.append(new + known if wish == NEW_LEAF else known + new)
        for operands in itertools.product(*candidates):
            if any(isinstance(x, str) for x in operands):
                yield operands

    def _known(self, op: Operation, position: int, sample: Array, wish: int) -> list[str | Array]:
        """Names of values that may stand at a position, the wished one first.

        Number 0 is the latest result that nothing has read, so that most results lead to the last;
        those that were read before follow, which makes them shared.
        """
        if not _varies(op, position, sample) or op.name in _REGULAR:
            return []
        read = {x for line in self.instructions for x in line.operands if isinstance(x, str)}
        latest = list(self.values)[::-1]
        names = [x for x in latest if x not in read] + [x for x in latest if x in read]
        turn = max(wish, 0) % len(names)
        domain = op.domain[position] if op.domain else None
        suited: list[str | Array] = [
            name
            for name in names[turn:] + names[:turn]
            if (domain is None or _well_inside(self.values[name], domain))
            and (op.name not in _MADE_TO_MEASURE or self.values[name].shape == sample.shape)
        ]
        return suited[:TRIED]

    def _named(self, op: Operation, position: int, operand: str | Array) -> str | Array:
        """Make a new operand a leaf, unless it is a constant."""
        if isinstance(operand, str) or not _varies(op, position, operand):
            return operand
        name = f"x{len(self.leaves)}"
        self.leaves[name] = self.values[name] = operand
        return name


def _samples(op: Operation, step: Step) -> tuple[list[Array], dict[str, Any]]:
    """New operands as the registration says, and the settings that go with them."""
    rng = np.random.default_rng(step.seed)
    if op.domain:
        return [points.generic(domain, step.shape, rng) for domain in op.domain], {}
    assert op.samples is not None
    inputs, settings = op.samples(rng)
    return [np.asarray(x) for x in inputs], settings


def _varies(op: Operation, position: int, sample: Array) -> bool:
    """Whether a position has a derivative; elsewhere a constant stands, such as a condition."""
    ruled = op.joint is not None or op.rules[position] is not None
    return ruled and sample.dtype.kind == "f"


def _well_inside(value: Array, domain: Real) -> bool:
    margin = (domain.high - domain.low) / 100
    inner = (value >= domain.low + margin) & (value <= domain.high - margin)
    return bool(inner.all()) and all(
        bool((np.abs(value - point) >= margin).all()) for point in domain.exclude
    )


def _result(op: Operation, arrays: list[Array], settings: dict[str, Any]) -> Array | None:
    """The value that the forward gives; None where it refuses or leaves the ordinary numbers."""
    try:
        found = op.forward(*arrays, **{**op.defaults, **settings})
    except _REFUSED:
        return None
    value = np.asarray(found[0] if op.saves else found)
    size = max(MAX_SIZE, *[x.size for x in arrays])
    tame = value.dtype.kind == "f" and value.size <= size and bool((np.abs(value) <= LARGEST).all())
    return value if tame else None
