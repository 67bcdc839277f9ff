"""``tg.explain``: paths whose products sum to the gradient; steps of backward as text."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import errors


def program(draw: Any, x: tg.Tensor, other: tg.Tensor) -> tg.Tensor:
    """A random graph over vectors and a sum at its end."""
    values = [x, other]
    for _ in range(draw(st.integers(0, 5))):
        a, b = (values[draw(st.integers(0, len(values) - 1))] for _ in range(2))
        how = draw(st.sampled_from(["multiply", "subtract", "tanh", "cumulative_sum", "detach"]))
        if how in ("multiply", "subtract"):
            values.append(getattr(tg, how)(a, b))
        elif how == "detach":
            values.append(a.detach() + b)
        else:
            values.append(getattr(tg, how)(a))
    return tg.sum(values[-1] * values[draw(st.integers(0, len(values) - 1))])


def naive_count(target: tg.Tensor, source: tg.Tensor) -> int:
    if target is source:
        return 1
    return sum(naive_count(x, source) for x in target.inputs if x.requires_grad)


@given(st.data(), st.integers(1, 3))
def test_products_along_paths_sum_to_the_gradient(data: st.DataObject, size: int) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    x, other = (tg.Parameter(rng.normal(size=size)) for _ in range(2))
    with tg.Tape() as tape:
        y = program(data.draw, x, other)
    count = naive_count(y, x)
    assume(0 < count <= 32)
    weight = rng.normal(size=y.shape)
    answer = tg.explain(y, x, output_gradient=weight)
    assert len(answer.paths) == count
    expected = tape.gradient(y, x, output_gradient=weight).data
    np.testing.assert_allclose(answer.gradient, expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(answer.total, expected, rtol=1e-9, atol=1e-9)


@given(st.data())
def test_each_product_is_that_of_its_local_derivatives(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    x, other = (tg.Parameter(rng.normal(size=2)) for _ in range(2))
    y = program(data.draw, x, other)
    assume(0 < naive_count(y, x) <= 32)
    for path in tg.explain(y, x).paths:
        product = np.ones(())
        for factor in path.factors:
            assert factor.local is not None
            product = np.tensordot(product, factor.local, product.ndim)
            np.testing.assert_allclose(factor.carried, product, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(path.product, product, rtol=1e-9, atol=1e-9)


def test_the_chain_rule_is_written_out_with_names_numbers_and_lines() -> None:
    w = tg.Parameter(-1.0)
    frame: Any = inspect.currentframe()
    line = frame.f_lineno + 2
    with tg.Tape():
        z = w * 2.0
        a = z * z
        said = str(tg.explain(a, w)).splitlines()
    assert said == [
        "d a / d w = -8, the sum over 2 paths",
        "",
        "path 1: a -> z -> w",
        f"  d a / d z  = -2    line {line + 1}  z * z",
        f"  d z / d w  = 2     line {line}  w * 2.0",
        "  product    = (-2) * 2 = -4",
        "",
        "path 2: a -> z -> w",
        f"  d a / d z  = -2    line {line + 1}  z * z",
        f"  d z / d w  = 2     line {line}  w * 2.0",
        "  product    = (-2) * 2 = -4",
        "",
        "sum of the paths: (-4) + (-4) = -8",
    ]


def test_matrices_are_told_by_their_kind() -> None:
    w = tg.Parameter([[1.0, 2.0], [3.0, 4.0]])
    h = tg.tanh(w @ np.array([1.0, 0.5]))
    said = str(tg.explain((h * h).sum(), w))
    assert "= row [1 1]" in said
    assert "= diagonal [" in said
    assert "= matrix 2x4, " in said
    large = tg.Parameter(np.ones((40, 40)))
    answer = tg.explain(tg.sum(large * 2.0), large)
    assert [f.local is None for f in answer.paths[0].factors] == [True, True]
    assert "= a large matrix" in str(answer)


def test_a_large_graph_is_refused_with_the_number_of_its_paths() -> None:
    x = tg.Parameter(1.0)
    y: Any = x
    for _ in range(60):
        y = y + y
    with pytest.raises(errors.ArgumentError, match=f"{2**60} paths"):
        tg.explain(y, x)
    z: Any = x
    for _ in range(2000):
        z = z * 1.0
    with pytest.raises(errors.ArgumentError, match="more than 400 steps"):
        tg.explain(z, x)


def test_what_has_no_gradient_raises_what_a_tape_raises() -> None:
    w, v = tg.Parameter([1.0, 2.0]), tg.Parameter(1.0)
    with tg.Tape():
        loss = tg.sum((w * 2.0).detach() * v)
        with pytest.raises(errors.UnconnectedError, match="cut by `detach`"):
            tg.explain(loss, w)
    with pytest.raises(errors.GradientError, match="2 values"):
        tg.explain(w * 2.0, w)
    with pytest.raises(errors.ArgumentError, match="with respect to Tensors"):
        tg.explain(loss, 3.0)  # type: ignore[arg-type]


def test_explaining_leaves_the_graph_and_the_gradients_alone() -> None:
    w = tg.Parameter(2.0)
    y = w * w
    tg.explain(y, w)
    assert w.grad is None
    y.backward()
    assert w.grad is not None
    assert float(w.grad) == 4.0
    assert tg.explain(w, w).total == 1.0


def test_a_step_of_backward_says_what_arrives_and_what_it_sends() -> None:
    w = tg.Parameter(3.0, name="w")
    b = tg.Parameter([1.0, 2.0])
    frame: Any = inspect.currentframe()
    line = frame.f_lineno + 2
    with tg.Tape() as tape:
        y = (w * w * b).sum()
    said = [str(step).splitlines() for step in tape.step_back(y)]
    code = "w * w * b"
    assert said[1] == [
        f"multiply -> [9 18]   line {line}  {code}",
        "  arrives              [1 1]",
        "  sends to multiply    3",
        "  sends to b           [9 9]",
    ]
    assert said[2] == [
        f"multiply -> 9   line {line}  w * w",
        "  arrives       3",
        "  sends to w    3 * 3 = 9",
        "  sends to w    3 * 3 = 9",
    ]
    assert said[0][0] == f"sum -> 27   line {line}  ({code}).sum()"
