"""Products of vectors, matrices and tensors: NumPy's values, exact gradients, errors that help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import errors
from tinygrad_edu.testing import check_gradients

pytestmark = pytest.mark.once  # numbers that no version of Python changes

Shape = tuple[int, ...]
SHAPES: dict[str, list[tuple[Shape, Shape]]] = {
    "dot": [((), (3,)), ((2, 2), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), (3, 2)),
            ((2, 1, 3), (3,)), ((2, 1, 3), (2, 3, 2)), ((3,), (2, 3, 2)), ((0,), (0,))],
    "inner": [((), (3,)), ((3,), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (2, 3))],
    "outer": [((2,), (3,)), ((), (3,)), ((2, 2), (1, 3)), ((0,), (2,))],
    "kron": [((2,), (3,)), ((), (3,)), ((2, 2), (1, 3)), ((2,), (2, 1, 2)), ((0,), (2,))],
    "vecdot": [((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (4, 3)), ((2, 0), (2, 0))],
    "cross": [((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (2, 3))],
}  # fmt: skip
PAIRS = [(name, *pair) for name, pairs in SHAPES.items() for pair in pairs]


def drawn(*shapes: Shape) -> list[Any]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape) for shape in shapes]


@pytest.mark.parametrize("name, first, second", PAIRS)
def test_product_has_numpys_value_and_exact_gradients(
    name: str, first: Shape, second: Shape
) -> None:
    x, y = drawn(first, second)
    ours = getattr(tg, name)
    value = ours(x, y)
    assert type(value) is np.ndarray
    np.testing.assert_allclose(value, getattr(np, name)(x, y), rtol=1e-14, atol=1e-15)
    check_gradients(ours, x, y, order=1)


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
@pytest.mark.parametrize("name", ["vecdot", "cross"])
def test_vectors_may_lie_along_any_axis(name: str, axis: int) -> None:
    x, y = drawn((3, 3), (3, 3))
    found = getattr(tg, name)(x, y, axis=axis)
    np.testing.assert_allclose(found, getattr(np, name)(x, y, axis=axis), rtol=1e-14, atol=1e-15)
    check_gradients(lambda a: getattr(tg, name)(a, y, axis=axis), x, order=1)


@pytest.mark.parametrize("axes", [0, 1, 2, (0, 0), ((0, 1), (1, 0)), (-1, 1), ([], []), ([1], [1])])
def test_tensordot_takes_every_form_of_axes(axes: Any) -> None:
    x, y = drawn((2, 2, 2), (2, 2))
    found = tg.tensordot(x, y, axes=axes)
    np.testing.assert_allclose(found, np.tensordot(x, y, axes=axes), rtol=1e-14, atol=1e-15)
    check_gradients(lambda a, b: tg.tensordot(a, b, axes=axes), x, y, order=1)


@pytest.mark.parametrize("offset", [-4, -2, -1, 0, 1, 2, 3, 4])
@pytest.mark.parametrize("axes", [(0, 1), (1, 0), (-1, -2), (0, 2)])
def test_trace_of_any_diagonal(offset: int, axes: tuple[int, int]) -> None:
    (x,) = drawn((2, 3, 2))
    found = tg.trace(x, offset, *axes)
    np.testing.assert_allclose(found, np.trace(x, offset, *axes), rtol=1e-14, atol=1e-15)
    check_gradients(lambda a: tg.trace(a, offset, *axes), x, order=1)


def test_trace_of_whole_numbers_is_wide_enough() -> None:
    assert tg.trace(np.ones((2, 2), np.int8)).dtype == np.trace(np.ones((2, 2), np.int8)).dtype
    assert tg.trace(np.ones((2, 2), np.int8), dtype=np.float32).dtype == np.float32


# Formulas of einsum, with shapes: NumPy reads them too.
FORMULAS: list[tuple[str, tuple[Shape, ...]]] = [
    ("ij,jk", ((2, 3), (3, 2))), ("ij,jk->ik", ((2, 3), (3, 2))), ("ba", ((2, 3),)),
    ("ii", ((3, 3),)), ("ii->i", ((3, 3),)), ("i->", ((3,),)), ("...i,...i", ((2, 3), (2, 3))),
    ("...ij,...jk", ((2, 1, 2, 3), (3, 3, 2))), ("i...->...i", ((2, 3, 1),)), ("...", ((2, 2),)),
    ("...ii->...i", ((2, 3, 3),)), ("ij,jk,kl->il", ((2, 3), (3, 2), (2, 2))), (",", ((), ())),
    ("a,b,c", ((2,), (3,), (1,))), ("ij,kj->ik", ((2, 1), (3, 3))), ("i,i,i->i", ((2,),) * 3),
    ("ij->", ((2, 3),)), ("...a->...", ((2, 3),)), ("ijk,...->jk", ((2, 1, 3), ())),
    ("zA,Ab", ((2, 2), (2, 1))), ("i j , j k -> i k", ((2, 2), (2, 2))), ("ij,i", ((0, 2), (0,))),
    ("...,...", ((2, 3), (3,))), ("i...,i->...", ((3, 2), (3,))), ("ijij->ij", ((2, 3, 2, 3),)),
]  # fmt: skip


@pytest.mark.parametrize("formula, shapes", FORMULAS)
def test_einsum_reads_a_formula_as_numpy_does_and_has_exact_gradients(
    formula: str, shapes: tuple[Shape, ...]
) -> None:
    operands = drawn(*shapes)
    found = tg.einsum(formula, *operands)
    expected = np.einsum(formula, *operands)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15)
    check_gradients(lambda *xs: tg.einsum(formula, *xs), *operands)


def test_einsum_of_large_operands_multiplies_in_a_good_order() -> None:
    chain = drawn((60, 60), (60, 60), (60, 60), (60, 2))
    found = tg.einsum("ab,bc,cd,de->ae", *chain)  # 60^4 * 2 products, done one by one
    np.testing.assert_allclose(found, np.linalg.multi_dot(chain), rtol=1e-10)


def test_the_value_of_einsum_shares_no_memory_with_its_operand() -> None:
    x = tg.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = tg.einsum("ij->ji", x)
    x.data[0, 1] = 9.0
    assert y.data[1, 0] == 2.0


@pytest.mark.parametrize(
    "formula, shapes, kind, said",
    [
        ("ij,jk", ((2, 3), (2, 4)), errors.ShapeError, "'j' is 3 in operand 0 and 2 in operand 1"),
        ("ii", ((2, 3),), errors.ShapeError, "'i' is 2 in operand 0 and 3 in operand 0"),
        ("i,ii", ((3,), (1, 3)), errors.ShapeError, "'i' is 1 in operand 1 and 3 in operand 1"),
        ("...,...", ((2, 3), (4, 3)), errors.ShapeError, "ellipsis is 2 in operand 0 and 4"),
        ("ij", ((3,),), errors.ShapeError, "names 2 axes, operand 0 has 1"),
        ("i", ((3, 2),), errors.ShapeError, "names 1 axes, operand 0 has 2"),
        ("ab...", ((3,),), errors.ShapeError, "names 2 axes, operand 0 has 1"),
        ("ij->k", ((2, 3),), errors.ArgumentError, "'k' in the result and in no operand"),
        ("ij->iij", ((2, 3),), errors.ArgumentError, "'i' twice in the result"),
        ("i?,j", ((2, 3), (3,)), errors.ArgumentError, "'?' where a letter belongs"),
        ("i.j", ((2, 3),), errors.ArgumentError, "'.' where a letter belongs"),
        ("ij->j->i", ((2, 3),), errors.ArgumentError, "'-' where a letter belongs"),
        ("......", ((2, 3),), errors.ArgumentError, "'.' where a letter belongs"),
        ("ij,jk", ((2, 3),), errors.ArgumentError, "2 terms for 1 operands"),
        ("...i->i", ((2, 3),), errors.ArgumentError, "an ellipsis before the arrow and none"),
        (7, ((2, 3),), errors.ArgumentError, "7 is no formula"),
    ],
)
def test_einsum_names_what_does_not_fit(
    formula: Any, shapes: tuple[Shape, ...], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind) as caught:
        tg.einsum(formula, *drawn(*shapes))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        tg.vecdot,
        lambda x, y: tg.vecdot(x, x, axis=2),
        lambda x, y: tg.vecdot(1.0, x),
        lambda x, y: tg.cross(x, x, axis=0),
        tg.cross,
        lambda x, y: tg.tensordot(x, y, axes=1),
        lambda x, y: tg.tensordot(x, y, axes=5),
        lambda x, y: tg.tensordot(x, y, axes="ab"),
        lambda x, y: tg.tensordot(x, x, axes=((0, 0), (0, 0))),
        lambda x, y: tg.tensordot(x, x, axes=((0,), (0, 1))),
        tg.inner,
        tg.dot,
        lambda x, y: tg.trace(y),
        lambda x, y: tg.trace(x, axis1=0, axis2=-2),
        lambda x, y: tg.trace(x, 0.5),  # type: ignore[arg-type]
    ],
)
@pytest.mark.parametrize("wrap", [tg.Tensor, np.asarray])
def test_products_that_do_not_fit_are_refused_in_our_words(
    call: Callable[..., Any], wrap: Any
) -> None:
    with pytest.raises(errors.TinygradError) as caught:
        call(*[wrap(x) for x in drawn((2, 3), (4,))])
    assert caught.value.fix


@pytest.mark.parametrize(
    "call",
    [
        lambda m: np.dot(m, m),
        lambda m: np.inner(m, m),
        lambda m: np.outer(m, m),
        lambda m: np.kron(m, m),
        np.trace,
        lambda m: np.tensordot(m, m, axes=1),
        lambda m: np.vecdot(m, m),
        lambda m: np.einsum("ij,jk->ik", m, m),
        lambda m: np.einsum("ij,jk", m, m, optimize=True),
    ],
)
def test_numpys_functions_record_through_ours(call: Callable[..., Any]) -> None:
    m = tg.Tensor([[2.0, 1.0], [0.5, 3.0]], requires_grad=True)
    value = call(m)
    assert value.requires_grad
    np.testing.assert_allclose(value.data, call(m.data), rtol=1e-14)
