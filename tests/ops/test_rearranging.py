"""Shapes turned, cut, repeated and padded: NumPy's answers, exact adjoints, refusals."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import errors

pytestmark = pytest.mark.once  # what no version of Python changes

X = np.arange(1.0, 25.0).reshape(2, 3, 4)
SQUARE = np.arange(1.0, 13.0).reshape(3, 4)


def adjoint_of(f: Any, shape: tuple[int, ...]) -> None:
    """The gradient of a rearrangement is its transpose: exact on whole numbers.

    One element at a time is 1, so what arrives in each place is seen.
    """
    size = int(np.prod(shape))
    rows = [np.asarray(f(unit.reshape(shape))).ravel() for unit in np.eye(size)]
    x = tg.Tensor(np.zeros(shape), requires_grad=True)
    y = f(x)
    weights = np.arange(1.0, 1.0 + y.size)
    found = tg.Tape().gradient(y, x, output_gradient=weights.reshape(y.shape))
    np.testing.assert_array_equal(found.data.ravel(), np.array(rows).reshape(size, -1) @ weights)


def same(f: Any, plain: Any, x: Any) -> None:
    """Equal to NumPy's, of type and shape, for arrays, Tensors and whole numbers; with adjoint."""
    for kind in (float, np.float32, int):
        wanted = plain(x.astype(kind))
        np.testing.assert_array_equal(f(x.astype(kind)), wanted, strict=True)
        np.testing.assert_array_equal(f(tg.Tensor(x.astype(kind))).data, wanted, strict=True)
    adjoint_of(f, x.shape)


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), (), (-2, 0)], ids=str)
def test_flip_is_numpys(axis: Any) -> None:
    same(lambda x: tg.flip(x, axis=axis), lambda x: np.flip(x, axis), X)


@pytest.mark.parametrize("k", range(-5, 6))
@pytest.mark.parametrize("axes", [(0, 1), (1, 0), (-1, 0), (1, 2)], ids=str)
def test_quarter_turns_are_numpys(k: int, axes: Any) -> None:
    same(lambda x: tg.rot90(x, k, axes), lambda x: np.rot90(x, k, axes), X)


@pytest.mark.parametrize("repetitions", [1, 2, 0, (2, 1), (1, 2, 3), (2, 1, 2, 2), ()], ids=str)
def test_tile_is_numpys(repetitions: Any) -> None:
    same(lambda x: tg.tile(x, repetitions), lambda x: np.tile(x, repetitions), SQUARE)


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize("repeats", [0, 1, 3, [2], "one for each"], ids=str)
def test_repeat_is_numpys(repeats: Any, axis: Any) -> None:
    if repeats == "one for each":
        repeats = np.arange(SQUARE.size if axis is None else SQUARE.shape[axis]) % 3
        same(
            lambda x: tg.repeat(x, tg.Tensor(repeats), axis=axis),
            lambda x: np.repeat(x, repeats, axis),
            SQUARE,
        )
    same(lambda x: tg.repeat(x, repeats, axis=axis), lambda x: np.repeat(x, repeats, axis), SQUARE)


@pytest.mark.parametrize("source, place", [(0, -1), (2, 0), ((0, 2), (1, 0)), ((-1, 0), (0, 1))])
def test_moveaxis_is_numpys(source: Any, place: Any) -> None:
    same(lambda x: tg.moveaxis(x, source, place), lambda x: np.moveaxis(x, source, place), X)


@pytest.mark.parametrize("axes", list(itertools.product([0, 1, -1], repeat=2)), ids=str)
def test_swapaxes_is_numpys(axes: Any) -> None:
    same(lambda x: tg.swapaxes(x, *axes), lambda x: np.swapaxes(x, *axes), X)


@pytest.mark.parametrize("where, axis", [(2, 0), ([1], 1), ([0, 2, 5], -1), (4, 2), ([], 0)])
def test_split_is_numpys_and_concat_puts_the_parts_together(where: Any, axis: int) -> None:
    parts, wanted = tg.split(tg.Tensor(X), where, axis=axis), np.split(X, where, axis)
    for part, other in zip(parts, wanted, strict=True):
        np.testing.assert_array_equal(part.data, other, strict=True)
    adjoint_of(lambda x: tg.concat(tg.split(x, where, axis=axis), axis=axis), X.shape)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_unstack_undoes_stack(axis: int) -> None:
    parts = tg.unstack(X, axis=axis)
    assert type(parts) is tuple
    np.testing.assert_array_equal(tg.stack(parts, axis=axis), X)
    adjoint_of(lambda x: tg.stack(tg.unstack(x, axis=axis)[::-1], axis=axis), X.shape)


@pytest.mark.parametrize("indexing", ["xy", "ij"])
@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_meshgrid_is_numpys(count: int, indexing: Any) -> None:
    rows = [np.arange(1.0, 2.0 + k) for k in range(count)]
    found, wanted = tg.meshgrid(*rows, indexing=indexing), np.meshgrid(*rows, indexing=indexing)
    for part, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(part, other, strict=True)
    if count > 1:
        adjoint_of(lambda x: tg.meshgrid(x, rows[0], indexing=indexing)[0], (3,))


@pytest.mark.parametrize("offset", range(-4, 6))
def test_diagonals_and_triangles_are_numpys(offset: int) -> None:
    same(lambda x: tg.diagonal(x, offset), lambda x: np.diagonal(x, offset), SQUARE)
    same(lambda x: tg.diagonal(x, offset, 2, 0), lambda x: np.diagonal(x, offset, 2, 0), X)
    same(lambda x: tg.diag(x, offset), lambda x: np.diag(x, offset), SQUARE)
    same(lambda x: tg.diag(x, offset), lambda x: np.diag(x, offset), SQUARE[0])
    same(lambda x: tg.tril(x, k=offset), lambda x: np.tril(x, offset), X)
    same(lambda x: tg.triu(x, k=offset), lambda x: np.triu(x, offset), X)


def test_a_triangle_cuts_infinities_off() -> None:
    x = np.full((2, 2), np.inf)
    np.testing.assert_array_equal(tg.tril(x), [[np.inf, 0.0], [np.inf, np.inf]])


WIDTHS: list[Any] = [0, 2, (1, 2), ((1, 2), (0, 3)), ((2, 0), (0, 0)), ((5, 7), (9, 1))]


@pytest.mark.parametrize("width", WIDTHS, ids=str)
@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric", "wrap"])
def test_padding_is_numpys(mode: Any, width: Any) -> None:
    same(lambda x: tg.pad(x, width, mode), lambda x: np.pad(x, width, mode=mode), SQUARE)


@pytest.mark.parametrize("value", [2.0, (1.0, -1.0), ((1.0, 2.0), (3.0, 4.0))], ids=str)
def test_constants_around_an_array_are_numpys_and_get_no_gradient(value: Any) -> None:
    width = ((1, 2), (2, 1))
    x = tg.Tensor(SQUARE, requires_grad=True)
    y = tg.pad(x, width, constant_values=value)
    np.testing.assert_array_equal(y.data, np.pad(SQUARE, width, constant_values=value))
    y.backward(np.arange(float(y.size)).reshape(y.shape))
    inner = np.arange(float(y.size)).reshape(y.shape)[1:-2, 2:-1]
    np.testing.assert_array_equal(x.grad, inner)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_differences_are_numpys(axis: int, n: int) -> None:
    same(lambda x: tg.diff(x, axis=axis, n=n), lambda x: np.diff(x, n, axis), SQUARE**2)
    more = {"prepend": 0.0, "append": np.ones((3, 2) if axis else (2, 4))}
    wanted = np.diff(SQUARE, n, axis, **more)
    np.testing.assert_array_equal(tg.diff(SQUARE, axis=axis, n=n, **more), wanted)


def test_differences_of_truth_values_are_whether_they_differ() -> None:
    np.testing.assert_array_equal(tg.diff(np.array([True, False, False])), [True, False])


@pytest.mark.parametrize("indices", [[2, 0, 0], [[-1], [1]], 1, []], ids=str)
@pytest.mark.parametrize("axis", [None, 0, -1])
def test_take_is_numpys(axis: Any, indices: Any) -> None:
    rows = np.array(indices, int)
    same(lambda x: tg.take(x, indices, axis=axis), lambda x: np.take(x, rows, axis), SQUARE)


@pytest.mark.parametrize("axis, size", [(0, (2, 4)), (1, (3, 2)), (-1, (1, 5)), (0, (6, 1))])
def test_take_along_axis_is_numpys(axis: int, size: tuple[int, int]) -> None:
    rows = np.random.default_rng(0).integers(-3, 3, size)
    same(
        lambda x: tg.take_along_axis(x, rows, axis=axis),
        lambda x: np.take_along_axis(x, rows, axis),
        SQUARE,
    )


REFUSED: list[Any] = [
    lambda x: tg.flip(x, axis=3), lambda x: tg.flip(x, axis="x"), lambda x: tg.flip(x, axis=(0, 0)),
    lambda x: tg.rot90(x, 1, (0,)), lambda x: tg.rot90(x, 0.5), lambda x: tg.roll(x, 1, axis=9),
    lambda x: tg.tile(x, -1), lambda x: tg.tile(x, 1.5), lambda x: tg.repeat(x, -1),
    lambda x: tg.repeat(x, [1, 2], axis=1), lambda x: tg.repeat(x, 1.5),
    lambda x: tg.moveaxis(x, (0, 1), 0), lambda x: tg.moveaxis(x, 5, 0),
    lambda x: tg.swapaxes(x, 0, 4), lambda x: tg.split(x, 5), lambda x: tg.split(x, 0),
    lambda x: tg.split(x, "ab"), lambda x: tg.split(x, 1, axis=7), lambda x: tg.unstack(x, axis=4),
    lambda x: tg.broadcast_arrays(x, np.ones(7)), lambda x: tg.meshgrid(x, x),
    lambda x: tg.meshgrid(indexing="xz"), lambda x: tg.diagonal(x, 0, 1, 1),
    lambda x: tg.diagonal(x[0, 0]), tg.diag, lambda x: tg.diag(x.sum()),
    lambda x: tg.tril(x[0, 0]), lambda x: tg.triu(x, k=0.5), lambda x: tg.pad(x, -1),
    lambda x: tg.pad(x, 1.5), lambda x: tg.pad(x, (1, 2, 3)), lambda x: tg.pad(x, 1, "odd"),
    lambda x: tg.pad(x[:0], 1, "edge"), lambda x: tg.take(x, [0.5]), lambda x: tg.take(x, 99),
    lambda x: tg.take(x, [0], axis=3), lambda x: tg.take_along_axis(x, [0], axis=0),
    lambda x: tg.take_along_axis(x, [[[9]]], axis=0), lambda x: tg.diff(x, n=-1),
    lambda x: tg.diff(x, axis=3), lambda x: tg.hstack([]), lambda x: tg.vstack([]),
]  # fmt: skip


@pytest.mark.parametrize("f", REFUSED, ids=[str(k) for k in range(len(REFUSED))])
def test_what_cannot_be_done_is_refused_in_our_words_with_an_edit(f: Any) -> None:
    with pytest.raises(errors.TinygradError) as info:
        f(tg.Tensor(X, requires_grad=True))
    assert info.value.fix
