"""Every rule against differences, generated from the registry: a new operation is tested unasked.

First order: ``Tape.gradient`` with a random cotangent against extrapolated central differences,
and against a complex step where the forward is analytic. Second order: the map from operands and
cotangent to the gradient is itself differentiated. The tolerances come from the error estimates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import tinygrad_edu as tg
from tinygrad_edu import ops
from tinygrad_edu.autodiff import registry

EPS = float(np.finfo(np.float64).eps)
LIBRARY = {name: op for name, op in registry.items() if "." not in name}
TRIED = [name for name, op in LIBRARY.items() if op.differentiable and (op.domain or op.samples)]
ELEMENTWISE = [name for name in TRIED if LIBRARY[name].domain]
PAIRS = [name for name in ELEMENTWISE if len(LIBRARY[name].domain) == 2]
# The forward is complex differentiable as written, so a complex step has no truncation error.
ANALYTIC = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "negative",
    "positive",
    "power",
    "square",
    "sqrt",
    "reciprocal",
    "exp",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "tanh",
    "log_softmax",
    "softmax_cross_entropy",
    "matmul",
    "sum",
    "mean",
    "broadcast_to",
    "reshape",
    "permute_dims",
    "squeeze",
    "expand_dims",
    "getitem",
    "scatter_add",
    "put",
]
PLAIN_SHAPES = [
    [(), ()], [(3,), (3,)], [(3, 1), (1, 4)], [(), (2, 3)], [(2, 3), ()], [(0,), (1,)],
    [(2, 0), (1, 1)], [(1,), (2, 2)], [(1, 1), ()], [(4,), (3, 4)],
]  # fmt: skip
seeds = st.integers(0, 2**32 - 1)


def shapes(count: int) -> st.SearchStrategy[list[tuple[int, ...]]]:
    """Shapes that broadcast: the usual suspects, or anything small."""
    drawn = mutually_broadcastable_shapes(num_shapes=count, min_side=0, max_side=3, max_dims=3)
    chosen = st.sampled_from(PLAIN_SHAPES).map(lambda pair: pair[:count])
    return st.one_of(chosen, drawn.map(lambda result: list(result.input_shapes)))


def operands(
    name: str, rng: np.random.Generator, wanted: Sequence[tuple[int, ...]]
) -> tuple[list[np.ndarray], dict[str, Any], float]:
    """Draw inputs, attributes, and a step that stays inside the domain."""
    op = LIBRARY[name]
    if not op.domain:
        inputs, attributes = op.samples(rng)
        return [np.asarray(x) for x in inputs], attributes, 0.02
    drawn = [real.sample(shape, rng) for real, shape in zip(op.domain, wanted, strict=True)]
    return drawn, {}, min((real.high - real.low) / 100 for real in op.domain) * 0.4


class Rough(Exception):
    """The function bends or jumps within the steps, so that differences say nothing."""


def slope(f: Callable[[float], float], step: float) -> tuple[float, float]:
    """Derivative of ``f`` at 0 and its error: central differences, extrapolated (Ridders 1982).

    Differences across a kink agree with each other, on its middle slope: false convergence. But
    there, forward and backward slope differ by as much at half the step; of a smooth function by
    half. Only values are compared, so no rule can hide behind this.
    """
    table: list[list[float]] = []
    # Numbers of order one are rounded on the way, even where their difference is small.
    best, error, largest, bend = 0.0, np.inf, 1.0, np.inf
    middle = f(0.0)
    for k in range(7):
        h = step * 0.5**k
        high, low = f(h), f(-h)
        largest = max(largest, abs(high), abs(low))
        before, bend = bend, abs(high - 2 * middle + low) / h
        if bend > 0.75 * before + 64 * EPS * largest / h:
            raise Rough
        row = [(high - low) / (2 * h)]
        for j in range(k):
            row.append(row[j] + (row[j] - table[-1][j]) / (4.0 ** (j + 1) - 1))
            off = max(abs(row[j + 1] - row[j]), abs(row[j + 1] - table[-1][j]))
            if off < error:
                best, error = row[j + 1], off
        table.append(row)
    return best, 10 * error + 64 * EPS * largest / (step * 0.5**6)


def slope_where_smooth(f: Callable[[float], float], step: float) -> tuple[float, float]:
    """The same, but where there is a kink nearby Hypothesis draws again."""
    try:
        return slope(f, step)
    except Rough:
        reject()


def signed(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Weights of both signs, none of them small: no element of a gradient goes unseen."""
    return rng.uniform(0.5, 1.0, shape) * rng.choice([-1.0, 1.0], shape)


def forward(name: str, inputs: Sequence[Any], attributes: dict[str, Any]) -> np.ndarray:
    op = LIBRARY[name]
    result = op.forward(*inputs, **attributes)
    return np.asarray(result[0] if op.saves else result)


def gradient(
    name: str, inputs: Sequence[Any], attributes: dict[str, Any], weights: np.ndarray
) -> list[np.ndarray | None]:
    """The library's gradients, ``None`` for inputs that are not real numbers or have no rule."""
    op = LIBRARY[name]
    tensors = [tg.asarray(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    with tg.Tape() as tape:
        out = op.call(*tensors, **attributes)
    ruled = [bool(op.joint or op.rules[k]) for k in range(len(inputs))]
    tracked = [x for x, rule in zip(tensors, ruled, strict=True) if x.requires_grad and rule]
    answers = iter(tape.gradient(out, tracked, output_gradient=weights))
    return [
        next(answers).data if x.requires_grad and rule else None
        for x, rule in zip(tensors, ruled, strict=True)
    ]


@pytest.mark.parametrize("name", TRIED)
@settings(max_examples=25)
@given(data=st.data(), seed=seeds)
def test_gradient_equals_extrapolated_differences(name: str, data: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    wanted = data.draw(shapes(len(LIBRARY[name].domain))) if LIBRARY[name].domain else []
    inputs, attributes, step = operands(name, rng, wanted)
    weights = signed(rng, forward(name, inputs, attributes).shape)
    for k, g in enumerate(gradient(name, inputs, attributes, weights)):
        if g is None:
            continue
        direction = signed(rng, inputs[k].shape)

        def along(t: float, k: int = k, direction: np.ndarray = direction) -> float:
            moved = [x + t * direction if j == k else x for j, x in enumerate(inputs)]
            return float((weights * forward(name, moved, attributes)).sum())

        numeric, error = slope_where_smooth(along, step)
        terms = g * direction
        assert g.shape == inputs[k].shape
        assert abs(terms.sum() - numeric) <= error + 64 * EPS * (1 + np.abs(terms).sum())


@pytest.mark.parametrize("name", ANALYTIC)
@settings(max_examples=15)
@given(data=st.data(), seed=seeds)
def test_gradient_equals_a_complex_step(name: str, data: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    wanted = data.draw(shapes(len(LIBRARY[name].domain))) if LIBRARY[name].domain else []
    inputs, attributes, _ = operands(name, rng, wanted)
    weights = signed(rng, forward(name, inputs, attributes).shape)
    for k, g in enumerate(gradient(name, inputs, attributes, weights)):
        if g is None:
            continue
        direction = signed(rng, inputs[k].shape)
        moved = [x + 1e-30j * direction if j == k else x for j, x in enumerate(inputs)]
        exact = (weights * forward(name, moved, attributes)).imag * 1e30
        scale = np.abs(exact).sum() + np.abs(g * direction).sum()
        assert abs(exact.sum() - (g * direction).sum()) <= 256 * EPS * (1 + scale)


@pytest.mark.parametrize("name", TRIED)
@settings(max_examples=12)
@given(data=st.data(), seed=seeds)
def test_gradient_of_the_gradient_equals_extrapolated_differences(
    name: str, data: Any, seed: int
) -> None:
    """(x, g) -> gradient is a function like any other, and its own gradient must be right."""
    rng = np.random.default_rng(seed)
    op = LIBRARY[name]
    wanted = data.draw(shapes(len(op.domain))) if op.domain else []
    inputs, attributes, step = operands(name, rng, wanted)
    g = signed(rng, forward(name, inputs, attributes).shape)
    first = gradient(name, inputs, attributes, g)
    mixing = [None if d is None else signed(rng, d.shape) for d in first]

    tensors = [
        tg.Tensor(x, requires_grad=d is not None) for x, d in zip(inputs, first, strict=True)
    ]
    tracked = [x for x in tensors if x.requires_grad]
    cotangent = tg.Tensor(g, requires_grad=True)
    tape = tg.Tape()
    out = op.call(*tensors, **attributes)
    answers = tape.gradient(out, tracked, output_gradient=cotangent, create_graph=True)
    mixed = [
        (d * u).sum() for d, u in zip(answers, [u for u in mixing if u is not None], strict=True)
    ]
    total = sum(mixed[1:], mixed[0])
    sources = [*tracked, cotangent]
    second = [d.data for d in tape.gradient(total, sources, unconnected="zero")]

    directions = [signed(rng, s.shape) for s in sources]

    def along(t: float) -> float:
        steps = iter(directions)
        moved = [
            x if d is None else x + t * next(steps) for x, d in zip(inputs, first, strict=True)
        ]
        answers = gradient(name, moved, attributes, g + t * next(steps))
        pairs = zip(answers, mixing, strict=True)
        return float(sum((d * u).sum() for d, u in pairs if d is not None and u is not None))

    numeric, error = slope_where_smooth(along, step)
    terms = [d * v for d, v in zip(second, directions, strict=True)]
    analytic = sum(float(part.sum()) for part in terms)
    scale = sum(float(np.abs(part).sum()) for part in terms)
    assert abs(analytic - numeric) <= error + 64 * EPS * (1 + scale)


TYPED = [(name, dtype) for name in TRIED for dtype in ("float32", "float64")]
TYPED += [(name, "float16") for name in ELEMENTWISE]


@pytest.mark.parametrize("name, dtype", TYPED)
def test_value_and_gradient_keep_type_and_shape(name: str, dtype: str) -> None:
    rng = np.random.default_rng(3)
    for wanted in PLAIN_SHAPES:
        drawn, attributes, _ = operands(name, rng, wanted[: len(LIBRARY[name].domain)])
        inputs = [x.astype(dtype) if x.dtype.kind == "f" else x for x in drawn]
        if name == "astype":
            attributes = {"dtype": dtype}
        value = LIBRARY[name].call(*[tg.Tensor(x) for x in inputs], **attributes)
        assert value.dtype == dtype
        for x, g in zip(
            inputs, gradient(name, inputs, attributes, np.ones(value.shape)), strict=True
        ):
            assert g is None or (
                type(g) is np.ndarray and g.dtype == x.dtype and g.shape == x.shape
            )


@pytest.mark.parametrize(
    "name", [name for name in LIBRARY if LIBRARY[name].domain or LIBRARY[name].samples]
)
def test_arrays_give_arrays_and_tensors_give_tensors(name: str) -> None:
    op = LIBRARY[name]
    inputs, attributes, _ = operands(
        name, np.random.default_rng(4), PLAIN_SHAPES[2][: len(op.domain)]
    )
    plain = op.call(*inputs, **attributes)
    wrapped = op.call(*[tg.Tensor(x) for x in inputs], **attributes)
    assert type(plain) is np.ndarray
    assert type(wrapped) is tg.Tensor
    np.testing.assert_array_equal(plain, wrapped.data, strict=True)
    if len(op.domain) == 1:
        number = op.call(float(inputs[0].flat[0]))
        assert type(number) is np.ndarray
        assert number.shape == ()


@pytest.mark.parametrize("name", TRIED)
def test_inputs_and_cotangent_are_not_written_to(name: str) -> None:
    rng = np.random.default_rng(5)
    inputs, attributes, _ = operands(name, rng, PLAIN_SHAPES[2][: len(LIBRARY[name].domain)])
    weights = signed(rng, forward(name, inputs, attributes).shape)
    before = [x.copy() for x in (*inputs, weights)]
    for x in (*inputs, weights):
        x.flags.writeable = False  # a write would raise
    gradient(name, inputs, attributes, weights)
    for x, old in zip((*inputs, weights), before, strict=True):
        np.testing.assert_array_equal(x, old)


def reordered(x: np.ndarray, how: str) -> np.ndarray:
    """The same numbers laid out in memory in another way."""
    if how == "columns first":
        return np.array(x, order="F")
    if how == "reversed":
        return np.flip(np.flip(x).copy())
    wide = np.zeros((*x.shape, 2), x.dtype)
    wide[..., 0] = x
    return wide[..., 0]


@pytest.mark.parametrize("how", ["columns first", "reversed", "every other"])
@pytest.mark.parametrize("name", TRIED)
def test_memory_layout_does_not_matter(name: str, how: str) -> None:
    rng = np.random.default_rng(6)
    inputs, attributes, _ = operands(name, rng, [(3, 4), (3, 4)][: len(LIBRARY[name].domain)])
    weights = signed(rng, forward(name, inputs, attributes).shape)
    expected = gradient(name, inputs, attributes, weights)
    strange = [reordered(x, how) for x in inputs]
    found = gradient(name, strange, attributes, reordered(weights, how))
    for a, b in zip(expected, found, strict=True):
        if a is not None and b is not None:
            np.testing.assert_allclose(a, b, rtol=64 * EPS, atol=64 * EPS)


@pytest.mark.parametrize("name", [name for name in PAIRS if name != "remainder"])  # f(x, x) jumps
@settings(max_examples=20)
@given(seed=seeds, shape=st.sampled_from([(), (1,), (3,), (2, 0), (2, 3)]))
def test_one_tensor_as_both_operands_adds_both_contributions(
    name: str, seed: int, shape: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(seed)
    op = LIBRARY[name]
    x = op.domain[0 if name == "power" else 1].sample(shape, rng)
    both = tg.Tensor(x, requires_grad=True)
    weights, direction = signed(rng, shape), signed(rng, shape)
    with tg.Tape() as tape:
        out = op.call(both, both)
    g = tape.gradient(out, both, output_gradient=weights).data

    def along(t: float) -> float:
        moved = x + t * direction
        return float((weights * forward(name, [moved, moved], {})).sum())

    numeric, error = slope_where_smooth(along, 0.02)
    assert abs((g * direction).sum() - numeric) <= error + 64 * EPS * (1 + np.abs(g).sum())


@pytest.mark.parametrize("name", TRIED)
def test_gradient_is_linear_in_the_cotangent(name: str) -> None:
    rng = np.random.default_rng(7)
    inputs, attributes, _ = operands(name, rng, [(3, 1), (1, 4)][: len(LIBRARY[name].domain)])
    shape = forward(name, inputs, attributes).shape
    u, v = signed(rng, shape), signed(rng, shape)
    together = gradient(name, inputs, attributes, u - 3.0 * v)
    apart = zip(
        gradient(name, inputs, attributes, u), gradient(name, inputs, attributes, v), strict=True
    )
    for whole, (first, second) in zip(together, apart, strict=True):
        if whole is not None and first is not None and second is not None:
            scale = 64 * EPS * (1 + np.abs(first).max() + np.abs(second).max())
            np.testing.assert_allclose(whole, first - 3.0 * second, rtol=64 * EPS, atol=scale)


@pytest.mark.parametrize("name", [name for name in ops.__all__ if name in LIBRARY])
def test_public_operation_is_complete(name: str) -> None:
    op = LIBRARY[name]
    assert op.domain or op.samples, "no operands to draw for the tests"
    assert not op.domain or len(op.domain) == op.arity
    assert ".. math::" in op.doc
    assert ">>>" in op.doc
    assert not op.differentiable or r"\bar" in op.formula, "the formula does not state the adjoint"
    for kink in op.kinks:
        assert kink.where
        assert kink.value
        assert kink.because


@pytest.mark.parametrize("name", [name for name in ops.__all__ if name not in LIBRARY])
def test_public_composition_states_its_formula(name: str) -> None:
    found = getattr(ops, name)
    assert ".. math::" in (found.__doc__ or "")
    assert found is getattr(tg, name)


def test_operations_known_to_have_kinks_declare_them() -> None:
    known = [
        "relu",
        "abs",
        "max",
        "min",
        "maximum",
        "minimum",
        "std",
        "power",
        "sqrt",
        "log",
        "log2",
        "log10",
        "remainder",
    ]
    assert [name for name in known if not LIBRARY[name].kinks] == []


def test_the_difference_oracle_rejects_a_rule_that_is_wrong_by_a_part_in_a_million() -> None:
    """The oracle must be able to fail."""
    numeric, error = slope(lambda t: float(np.tanh(0.3 + t)), 0.03)
    right = 1 - np.tanh(0.3) ** 2
    assert abs(right - numeric) <= error
    assert abs(right * (1 + 1e-6) - numeric) > error


AXES: list[Any] = [None, 0, 1, -1, -3, (0, 2), (-1, 0), (1,), (0, 1, 2), ()]
PRODUCTS = [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)),
    ((3,), (5, 3, 2)), ((5, 2, 3), (3,)), ((2, 1, 2, 3), (4, 3, 1)), ((4, 2, 2, 3), (3,)),
    ((3,), (4, 2, 3, 2)), ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((0,), (0,)), ((1, 2, 3), (5, 3, 2)),
]  # fmt: skip
Form = tuple[str, Callable[..., Any], list[tuple[int, ...]]]
FORMS: list[Form] = [(f"matmul {a} {b}", tg.matmul, [a, b]) for a, b in PRODUCTS]
FORMS += [
    (
        f"{name} {axis} {keepdims}",
        partial(getattr(tg, name), axis=axis, keepdims=keepdims),
        [(2, 3, 2)],
    )
    for name in ("sum", "mean", "max", "min", "var", "std")
    for axis in AXES
    for keepdims in (False, True)
    if (name, axis) != ("std", ())  # of single elements it is 0: a kink
]
FORMS += [
    (f"concat {axis}", lambda x, y, axis=axis: tg.concat([x, y, x], axis=axis), [(2, 3), (2, 3)])
    for axis in (0, 1, -1, -2, None)
]
FORMS += [
    (f"stack {axis}", lambda x, y, axis=axis: tg.stack([x, y], axis=axis), [(2, 3), (2, 3)])
    for axis in (0, 1, 2, -1, -3)
]
FORMS += [
    (f"permute_dims {axes}", partial(tg.permute_dims, axes=axes), [(2, 3, 4)])
    for axes in (None, (0, 1, 2), (1, 2, 0), (-1, 0, 1), (2, 1, -3))
]
FORMS += [
    ("concat of unequal lengths", lambda x, y: tg.concat([x, y, x], axis=1), [(2, 1), (2, 3)]),
    ("concat of unlike shapes", lambda x, y: tg.concat([x, y], axis=None), [(2, 2), ()]),
    ("squeeze two", partial(tg.squeeze, axis=(0, -1)), [(1, 3, 1)]),
    ("expand two", partial(tg.expand_dims, axis=(0, -1)), [(2, 3)]),
    ("var corrected", partial(tg.var, axis=(0, 1), correction=1), [(2, 3)]),
    ("std corrected", partial(tg.std, axis=-1, correction=0.5), [(2, 3)]),
    ("softmax axis 0", partial(tg.softmax, axis=0), [(3, 2)]),
    ("log_softmax axis 1 of 3", partial(tg.log_softmax, axis=1), [(2, 3, 2)]),
    ("broadcast 0-d", partial(tg.broadcast_to, shape=(2, 3)), [()]),
    ("broadcast in the middle", partial(tg.broadcast_to, shape=(2, 3, 2)), [(2, 1, 2)]),
    ("where from rows and columns", partial(tg.where, [[True], [False]]), [(3,), (2, 1)]),
    ("put one value", lambda x, v: tg.put(x, v, (slice(None), 1)), [(2, 3), ()]),
    ("put a column", lambda x, v: tg.put(x, v, (slice(None), [0, 2])), [(2, 3), (2, 1)]),
    ("power of a number", lambda x: tg.exp(x) ** -1.5, [(3,)]),
    ("number to the power", lambda x: 2.5**x, [(3,)]),
]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("f, wanted", [form[1:] for form in FORMS], ids=[form[0] for form in FORMS])
def test_gradient_of_every_keyword_form_to_the_second_order(f: Any, wanted: Any, seed: int) -> None:
    """What one draw of ``samples`` does not reach: vectors, batches, axes, mixed lengths."""
    rng = np.random.default_rng(seed)
    inputs = [rng.normal(size=shape) for shape in wanted]
    tensors = [tg.Tensor(x, requires_grad=True) for x in inputs]
    tape = tg.Tape()
    out = f(*tensors)
    w = tg.Tensor(signed(rng, out.shape), requires_grad=True)
    first = tape.gradient(out, tensors, output_gradient=w, create_graph=True)
    mixing = [signed(rng, x.shape) for x in inputs]
    mixed = sum(((g * u).sum() for g, u in zip(first, mixing, strict=True)), tg.Tensor(0.0))
    second = tape.gradient(mixed, [*tensors, w], unconnected="zero")
    directions = [signed(rng, x.shape) for x in (*inputs, out)]

    def value(t: float) -> float:
        moved = [x + t * v for x, v in zip(inputs, directions, strict=False)]
        return float((w.data * f(*moved)).sum())

    def mixed_gradient(t: float) -> float:
        moved = [x + t * v for x, v in zip(inputs, directions, strict=False)]
        points = [tg.Tensor(x, requires_grad=True) for x in moved]
        weights = w.data + t * directions[-1]
        answers = tape.gradient(f(*points), points, output_gradient=weights)
        return float(sum((g.data * u).sum() for g, u in zip(answers, mixing, strict=True)))

    for answers, curve in ((first, value), (second, mixed_gradient)):
        numeric, error = slope(curve, 1e-2)
        terms = [g.data * v for g, v in zip(answers, directions, strict=False)]
        scale = 1 + sum(np.abs(part).sum() for part in terms)
        assert abs(sum(part.sum() for part in terms) - numeric) <= error + 64 * EPS * scale


@pytest.mark.parametrize("offset", [1e-9, 1e-5, 1e-4, 3e-4, 7e-4, 1e-3, 2e-3, 4e-3, 0.01, 0.02])
def test_the_difference_oracle_gives_up_at_a_kink_or_jump_or_is_right(offset: float) -> None:
    curves: list[tuple[Callable[[float], float], float]] = [
        (abs, 1.0), (lambda t: max(t, 2 * t), 2.0), (np.sign, 0.0), (lambda t: t % 1.0, 1.0),
    ]  # fmt: skip
    given_up = 0
    for f, right in curves:
        try:
            numeric, error = slope(lambda t, f=f: float(f(t + offset) + np.sin(t)), 0.03)
            assert abs(numeric - right - 1.0) <= error
        except Rough:
            given_up += 1
    assert given_up == 4 or offset > 4e-4


def test_the_difference_oracle_gives_up_exactly_at_a_kink() -> None:
    with pytest.raises(Rough):
        slope(abs, 0.03)


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min"])
@pytest.mark.parametrize("axis", [0, -1])
def test_a_0d_array_is_reduced_over_an_axis_that_numpy_lets_it_have(name: str, axis: int) -> None:
    x = tg.Tensor(3.0, requires_grad=True)
    y = LIBRARY[name].call(x, axis=axis)
    assert y.shape == np.sum(x.data, axis=axis).shape == ()
    assert tg.Tape().gradient(y * 2.0, x).data == 2.0
