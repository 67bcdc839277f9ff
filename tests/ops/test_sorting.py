"""Sorted elements keep their gradients; positions and different values say that they have none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import errors

pytestmark = pytest.mark.once  # what no version of Python changes

TIED = np.array([[2.0, 1.0, 2.0, 1.0], [0.0, -0.0, 3.0, 0.0]])


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_sorting_keeps_equal_elements_in_order(axis: int, descending: bool) -> None:
    order = tg.argsort(TIED, axis=axis, descending=descending)
    for line, found in zip(np.moveaxis(TIED, axis, -1), np.moveaxis(order, axis, -1), strict=True):
        wanted = sorted(range(len(line)), key=lambda k: line[k], reverse=descending)
        np.testing.assert_array_equal(found, wanted)
    wanted = np.sort(TIED, axis=axis)
    wanted = np.flip(wanted, axis) if descending else wanted
    np.testing.assert_array_equal(tg.sort(TIED, axis=axis, descending=descending), wanted)


def test_each_element_gets_the_gradient_of_its_place_in_the_order() -> None:
    x = tg.Tensor([3.0, 1.0, 3.0, 2.0], requires_grad=True)
    tg.sort(x).backward([10.0, 20.0, 30.0, 40.0])
    np.testing.assert_array_equal(x.grad, [30.0, 10.0, 40.0, 20.0])
    np.testing.assert_array_equal(
        tg.hessian(lambda t: (tg.sort(t) ** 2 * np.array([1.0, 2.0, 3.0])).sum())(
            np.array([3.0, 1.0, 2.0])
        ),
        np.diag([6.0, 2.0, 4.0]),
    )


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("k", [0, 1, 2])
def test_topk_chooses_the_first_of_equal_elements(k: int, axis: int, largest: bool) -> None:
    x = tg.Tensor(TIED, requires_grad=True)
    values, indices = tg.topk(x, k, axis=axis, largest=largest)
    order = tg.argsort(TIED, axis=axis, descending=largest)
    np.testing.assert_array_equal(indices.data, np.take(order, range(k), axis))
    np.testing.assert_array_equal(values.data, np.take_along_axis(TIED, indices.data, axis))
    values.backward(np.ones(values.shape))
    chosen = np.zeros(TIED.shape)
    np.put_along_axis(chosen, indices.data, 1.0, axis)
    np.testing.assert_array_equal(x.grad, chosen)


@pytest.mark.parametrize("k", [-1, 5, 1.5])
def test_topk_refuses_more_elements_than_there_are(k: Any) -> None:
    with pytest.raises(errors.ArgumentError):
        tg.topk(tg.Tensor(TIED), k)


def test_nan_is_sorted_above_all_numbers_and_unlike_itself() -> None:
    x = np.array([np.nan, 1.0, np.nan])
    np.testing.assert_array_equal(tg.sort(x), [1.0, np.nan, np.nan])
    np.testing.assert_array_equal(tg.unique_counts(x).counts, [1, 1, 1])


@pytest.mark.parametrize("name", ["unique_all", "unique_counts", "unique_inverse"])
def test_different_values_are_those_of_numpy(name: str) -> None:
    found, wanted = getattr(tg, name)(TIED), getattr(np, name)(TIED)
    assert found._fields == wanted._fields
    for part, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(part, other, strict=True)


PLACES: list[tuple[str, Any]] = [
    ("argsort", tg.argsort),
    ("searchsorted", lambda x: tg.searchsorted([0.0, 1.0], x)),
    ("count_nonzero", tg.count_nonzero),
    ("argwhere", tg.argwhere),
    ("nonzero", lambda x: tg.nonzero(x)[0]),
    ("unique_values", tg.unique_values),
    ("unique_counts", lambda x: tg.unique_counts(x).counts),
    ("unique_inverse", lambda x: tg.unique_inverse(x).inverse_indices),
    ("unique_indices", lambda x: tg.unique_all(x).indices),
    ("argsort", lambda x: tg.topk(x, 2).indices),
]


@pytest.mark.parametrize(("name", "f"), PLACES, ids=[f"{p[0]}-{k}" for k, p in enumerate(PLACES)])
def test_what_has_no_derivative_names_itself_when_a_gradient_is_asked(name: str, f: Any) -> None:
    x = tg.Tensor([2.0, 1.0, 2.0], requires_grad=True)
    with pytest.raises(errors.NotDifferentiable, match=f"`{name}`") as info:
        tg.Tape().gradient((f(x) * 1.0).sum(), x)
    assert info.value.code == "TG-G10"


def test_nonzero_of_a_number_without_axes_is_refused() -> None:
    with pytest.raises(errors.TinygradError):
        tg.nonzero(tg.Tensor(3.0))
