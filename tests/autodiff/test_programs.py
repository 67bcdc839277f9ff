"""Random programs over the registered operations: the sweep against two references.

A program is a list of instructions ``(operation, operands)``; values, shared rows and diamonds
follow from the drawn numbers. The first reference multiplies whole Jacobian matrices forward, one
per instruction, each filled by asking the NumPy forward for a complex or real difference: no rule
of the library, no reverse order, no memo. The second is a difference through the whole program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import example, given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu.autodiff import registry

EPS = float(np.finfo(np.float64).eps)
# Operations that stay bounded and smooth on any real numbers, with the derivative of each operand
# written down once more: different in kind from the rules, which speak of cotangents.
Slopes = Callable[..., tuple[np.ndarray, ...]]
ONES: dict[str, Slopes] = {
    "tanh": lambda x: (1 / np.cosh(x) ** 2,),
    "sigmoid": lambda x: (0.25 / np.cosh(x / 2) ** 2,),
    "negative": lambda x: (-np.ones_like(x),),
    "positive": lambda x: (np.ones_like(x),),
    "relu": lambda x: (np.heaviside(x, 0.0),),
    "abs": lambda x: (np.sign(x),),
}
TWOS: dict[str, Slopes] = {
    "add": lambda x, y: (np.ones_like(x + y), np.ones_like(x + y)),
    "subtract": lambda x, y: (np.ones_like(x + y), -np.ones_like(x + y)),
    "multiply": lambda x, y: (y + 0 * x, x + 0 * y),
    "maximum": lambda x, y: (np.heaviside(x - y, 0.5), np.heaviside(y - x, 0.5)),
    "minimum": lambda x, y: (np.heaviside(y - x, 0.5), np.heaviside(x - y, 0.5)),
    "logaddexp": lambda x, y: (1 / (1 + np.exp(y - x)), 1 / (1 + np.exp(x - y))),
}
# Linear in their operand, so column j of the Jacobian is their value at the j-th unit array.
LINEAR: dict[str, Callable[[Any], Any]] = {
    "sum": tg.sum,
    "mean": lambda x: tg.mean(x, axis=-1) if x.ndim and x.shape[-1] else x * 1.0,
    "reshape": lambda x: tg.reshape(x, (-1,) if x.size else x.shape),
    "permute_dims": tg.permute_dims,
    "expand_dims": lambda x: tg.expand_dims(x, 0) if x.ndim < 3 else x * 2.0,
    "broadcast_to": lambda x: tg.broadcast_to(x, (2, *x.shape)) if x.ndim < 3 else x * -1.0,
    "getitem": lambda x: x[::-1] if x.ndim else x[None],
    "first, twice": lambda x: x[np.array([0, 0])] if x.ndim and x.shape[0] else x[...],
    "concat": lambda x: tg.concat([x, x], axis=0) if x.ndim else tg.stack([x, x]),
}  # fmt: skip
SHAPES: list[tuple[int, ...]] = [(), (), (1,), (2,), (3,), (3, 1), (1, 2), (2, 2), (0,), (2, 0)]


@dataclass(frozen=True)
class Step:
    """One instruction: a name and the numbers that choose its operands among the values so far."""

    name: str
    first: int
    second: int


names = st.sampled_from([*ONES, *TWOS, *TWOS, *LINEAR])
steps = st.builds(Step, names, st.integers(0, 30), st.integers(0, 30))
programs = st.tuples(
    st.lists(st.sampled_from(SHAPES), min_size=1, max_size=3),
    st.lists(steps, min_size=1, max_size=12),
    st.integers(0, 2**32 - 1),
)


def operands(step: Step, values: list[Any]) -> tuple[int, int]:
    """Indices of the operands; the latest values are the likeliest, so that rows are shared."""
    n = len(values)
    return n - 1 - step.first % n, n - 1 - step.second % n


def fits(x: Any, y: Any) -> bool:
    try:
        shape = np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        return False
    return int(np.prod(shape)) <= 24


def run(program: list[Step], leaves: list[Any]) -> list[Any]:
    """Evaluate with the library's operations, on Tensors or on arrays alike."""
    values = list(leaves)
    for step in program:
        i, j = operands(step, values)
        x, y = values[i], values[j]
        if step.name in ONES:
            out = registry[step.name].call(x)
        elif step.name in LINEAR:
            out = LINEAR[step.name](x) if x.size <= 12 else x * 1.0
        else:
            out = registry[step.name].call(x, y if fits(x, y) else x)
        values.append(out)
    return values


def as_matrix(slopes: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The Jacobian of an elementwise operand: one entry a row, at the element it was read from."""
    source = np.broadcast_to(np.arange(int(np.prod(shape))).reshape(shape), slopes.shape).ravel()
    matrix = np.zeros((slopes.size, int(np.prod(shape))))
    matrix[np.arange(slopes.size), source] = slopes.ravel()
    return matrix


def jacobians(program: list[Step], leaves: list[np.ndarray]) -> list[list[np.ndarray]]:
    """For every value, its whole Jacobian with respect to each leaf, carried forward."""
    values = list(leaves)
    table = [
        [np.eye(x.size) if a is b else np.zeros((x.size, y.size)) for b, y in enumerate(leaves)]
        for a, x in enumerate(leaves)
    ]
    for step, out in zip(program, run(program, leaves)[len(leaves) :], strict=True):
        i, j = operands(step, values)
        x, y = values[i], values[j]
        if step.name in ONES:
            (d,) = ONES[step.name](x)
            parts = [(i, as_matrix(d, x.shape))]
        elif step.name in LINEAR:
            f = LINEAR[step.name] if x.size <= 12 else np.positive
            units = np.eye(x.size).reshape(x.size, *x.shape)
            columns = [np.asarray(f(unit)).ravel() for unit in units]
            parts = [(i, np.array(columns).reshape(x.size, out.size).T)]
        else:
            j, y = (j, y) if fits(x, y) else (i, x)
            d, e = TWOS[step.name](x, y)
            parts = [(i, as_matrix(d, x.shape)), (j, as_matrix(e, y.shape))]
        table.append([sum(m @ table[k][leaf] for k, m in parts) for leaf in range(len(leaves))])
        values.append(out)
    return table


def drawn(shapes: list[tuple[int, ...]], seed: int) -> tuple[list[np.ndarray], np.random.Generator]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in shapes], rng


DIAMOND = [Step("multiply", 0, 0), Step("add", 0, 1), Step("multiply", 0, 1), Step("add", 0, 0)]
SCALAR_AGAIN = [
    Step("tanh", 0, 0),
    Step("multiply", 2, 1),
    Step("add", 1, 0),
    Step("add", 2, 0),
    Step("sum", 0, 0),
]


# A 0-d tensor read by several larger rows: its cotangents were NumPy scalars, which np.add refused.
@example(([(3,), ()], [Step("multiply", 0, 1), Step("multiply", 1, 0), Step("add", 0, 2)], 0))
@example(([()], DIAMOND, 1))
@example(([(2,), ()], SCALAR_AGAIN, 2))
@example(([(0,)], [Step("sum", 0, 0), Step("add", 0, 0)], 3))
@given(programs)
def test_gradient_equals_the_product_of_the_jacobians(
    drawn_program: tuple[list[tuple[int, ...]], list[Step], int],
) -> None:
    shapes, program, seed = drawn_program
    arrays, rng = drawn(shapes, seed)
    leaves = [tg.Tensor(x, requires_grad=True) for x in arrays]
    with tg.Tape() as tape:
        target = run(program, leaves)[-1]
    weights = rng.normal(size=target.shape)
    matrices = jacobians(program, arrays)
    expected = [
        (weights.ravel() @ m).reshape(x.shape) for m, x in zip(matrices[-1], arrays, strict=True)
    ]
    found = tape.gradient(target, leaves, output_gradient=weights, unconnected="zero")
    target.backward(weights)
    largest = max(float(np.abs(m).max(initial=0)) for row in matrices for m in row)
    scale = 1e4 * EPS * (1 + largest)
    for leaf, g, wanted in zip(leaves, found, expected, strict=True):
        np.testing.assert_allclose(g.data, wanted, rtol=1e-11, atol=scale, strict=True)
        if leaf.grad is not None:
            np.testing.assert_array_equal(leaf.grad, g.data, strict=True)


@settings(max_examples=50)
@given(programs)
def test_adjoint_of_every_row_equals_the_product_of_the_jacobians_after_it(
    drawn_program: tuple[list[tuple[int, ...]], list[Step], int],
) -> None:
    """Rows as sources: the same program, entered at a row as if that were a leaf."""
    shapes, program, seed = drawn_program
    arrays, rng = drawn(shapes, seed)
    values = run(program, [tg.Tensor(x, requires_grad=True) for x in arrays])
    target = values[-1]
    weights = rng.normal(size=target.shape)
    tape = tg.Tape()
    for k in range(len(arrays), len(values)):
        g = tape.gradient(target, values[k], output_gradient=weights, unconnected="zero")
        plain = [v.data for v in values[: k + 1]]
        matrix = jacobians_from(program, plain, len(arrays), k)
        expected = (weights.ravel() @ matrix).reshape(plain[k].shape)
        scale = 1e4 * EPS * (1 + float(np.abs(matrix).max(initial=0)))
        np.testing.assert_allclose(g.data, expected, rtol=1e-11, atol=scale, strict=True)


def jacobians_from(
    program: list[Step], values: list[np.ndarray], leaves: int, k: int
) -> np.ndarray:
    """Jacobian of the last value with respect to value ``k``, the earlier ones held fixed."""
    return jacobians(program[k + 1 - leaves :], values)[-1][k]


@settings(max_examples=60)
@given(programs)
def test_gradient_along_a_direction_equals_differences_through_the_whole_program(
    drawn_program: tuple[list[tuple[int, ...]], list[Step], int],
) -> None:
    shapes, program, seed = drawn_program
    arrays, rng = drawn(shapes, seed)
    leaves = [tg.Tensor(x, requires_grad=True) for x in arrays]
    target = run(program, leaves)[-1]
    weights = rng.normal(size=target.shape)
    directions = [rng.normal(size=shape) for shape in shapes]
    found = tg.Tape().gradient(target, leaves, output_gradient=weights, unconnected="zero")

    def along(t: float) -> float:
        moved = [x + t * v for x, v in zip(arrays, directions, strict=True)]
        return float((weights * run(program, moved)[-1]).sum())

    analytic = sum(float((g.data * v).sum()) for g, v in zip(found, directions, strict=True))
    # Two differences of different steps: where they disagree, a kink lies between, or curvature.
    coarse, fine = ((along(h) - along(-h)) / (2 * h) for h in (2e-5, 1e-5))
    noise = 1e3 * EPS * (abs(along(0.0)) + 1) / 1e-5
    assert abs(analytic - fine) <= 10 * abs(coarse - fine) + noise + 1e-7 * abs(fine)


@settings(max_examples=60)
@given(programs)
def test_recorded_gradients_equal_plain_ones_and_differentiate_again(
    drawn_program: tuple[list[tuple[int, ...]], list[Step], int],
) -> None:
    shapes, program, seed = drawn_program
    arrays, rng = drawn(shapes, seed)
    leaves = [tg.Tensor(x, requires_grad=True) for x in arrays]
    target = run(program, leaves)[-1]
    weights = rng.normal(size=target.shape)
    tape = tg.Tape()
    plain = tape.gradient(target, leaves, output_gradient=weights, unconnected="zero")
    again = tape.gradient(
        target, leaves, output_gradient=weights, create_graph=True, unconnected="zero"
    )
    for a, b in zip(plain, again, strict=True):
        scale = 1e3 * EPS * (1 + float(np.abs(a.data).max(initial=0)))
        np.testing.assert_allclose(a.data, b.data, rtol=1e-11, atol=scale, strict=True)
    total = sum(((g * g).sum() for g in again), tg.Tensor(0.0))
    hessians = tape.gradient(total, leaves, unconnected="zero")
    # The gradient of |grad|^2 along v is twice grad . (H v): H v by differences of plain gradients.
    directions = [rng.normal(size=shape) for shape in shapes]
    analytic = sum(float((h.data * v).sum()) for h, v in zip(hessians, directions, strict=True))

    def square(t: float) -> float:
        moved = [
            tg.Tensor(x + t * v, requires_grad=True)
            for x, v in zip(arrays, directions, strict=True)
        ]
        out = run(program, moved)[-1]
        answers = tape.gradient(out, moved, output_gradient=weights, unconnected="zero")
        return float(sum((g.data**2).sum() for g in answers))

    coarse, fine = ((square(h) - square(-h)) / (2 * h) for h in (2e-5, 1e-5))
    noise = 1e3 * EPS * (abs(square(0.0)) + 1) / 1e-5
    assert abs(analytic - fine) <= 10 * abs(coarse - fine) + noise + 1e-6 * abs(fine)


@given(programs)
def test_values_do_not_depend_on_recording(
    drawn_program: tuple[list[tuple[int, ...]], list[Step], int],
) -> None:
    shapes, program, seed = drawn_program
    arrays, _ = drawn(shapes, seed)
    plain = run(program, arrays)[-1]
    recorded = run(program, [tg.Tensor(x, requires_grad=True) for x in arrays])[-1]
    with tg.Tape():
        taped = run(program, [tg.Tensor(x, requires_grad=True) for x in arrays])[-1]
    with tg.no_grad():
        silent = run(program, [tg.Tensor(x, requires_grad=True) for x in arrays])[-1]
    assert not silent.requires_grad
    for other in (recorded, taped, silent):
        np.testing.assert_array_equal(other.data, plain, strict=True)


@settings(max_examples=50)
@given(programs)
def test_each_row_is_visited_once_however_often_it_is_shared(
    drawn_program: tuple[list[tuple[int, ...]], list[Step], int],
) -> None:
    shapes, program, seed = drawn_program
    arrays, rng = drawn(shapes, seed)
    leaves = [tg.Tensor(x, requires_grad=True) for x in arrays]
    with tg.Tape() as tape:
        target = run(program, leaves)[-1]
    visited = [step.row for step in tape.step_back(target, rng.normal(size=target.shape))]
    assert len({row.index for row in visited}) == len(visited) <= len(tape)
    assert [row.index for row in visited] == sorted((row.index for row in visited), reverse=True)
