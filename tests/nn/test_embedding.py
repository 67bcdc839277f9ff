"""``Embedding``: what the table of layers cannot know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F

pytestmark = pytest.mark.once  # what no version of Python changes


class Net(nn.Module):
    """A network with a table inside."""

    def __init__(self, layer: nn.Embedding) -> None:
        self.words = layer

    def forward(self, x: Any) -> Any:
        return self.words(x)


def test_rows_are_those_of_the_table_for_any_shape_and_whole_type() -> None:
    layer = nn.Embedding(5, 3, rng=0)
    table = layer.weight.data
    for numbers in (np.array([[4, 0], [0, 1]]), np.array(2), [1, 1], np.zeros((0, 2), int)):
        np.testing.assert_array_equal(layer(numbers).data, table[np.asarray(numbers)])
    for kind in (np.int8, np.uint16, np.int64):
        np.testing.assert_array_equal(layer(np.array([3], kind)).data, table[[3]])
    np.testing.assert_array_equal(layer(tg.Tensor([3])).data, table[[3]])
    assert layer(np.zeros((0,))).shape == (0, 3)


def test_initial_values_are_standard_normal_and_repeat_with_a_seed() -> None:
    layer = nn.Embedding(200, 50, rng=1)
    values = layer.weight.data
    assert values.dtype == np.float32
    assert abs(values.mean()) < 0.03
    assert abs(values.std() - 1) < 0.03
    np.testing.assert_array_equal(nn.Embedding(200, 50, rng=1).weight.data, values)


def test_a_row_looked_up_twice_gets_both_gradients_and_the_others_none() -> None:
    layer = nn.Embedding(4, 2, dtype=np.float64)
    g = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    layer([2, 0, 2]).backward(g)
    np.testing.assert_array_equal(layer.weight.grad, [[3, 4], [0, 0], [6, 8], [0, 0]])


def test_the_row_for_padding_starts_as_zeros_and_gets_no_gradient() -> None:
    layer = nn.Embedding(4, 2, padding_idx=-3, dtype=np.float64, rng=0)
    assert layer.padding_idx == 1
    np.testing.assert_array_equal(layer.weight.data[1], 0)
    layer.weight.data = layer.weight.data + 1
    out = layer([1, 2, 1])
    np.testing.assert_array_equal(out.data, layer.weight.data[[1, 2, 1]])
    out.sum().backward()
    np.testing.assert_array_equal(layer.weight.grad, [[0, 0], [0, 0], [1, 1], [0, 0]])


def test_rows_that_are_too_long_are_made_shorter_in_place() -> None:
    table = np.array([[3.0, 4.0], [0.3, 0.4], [6.0, 8.0]])
    layer = nn.Embedding.from_pretrained(table, freeze=False, max_norm=1.0)
    out = layer([0, 1, 0])
    np.testing.assert_allclose(out.data, [[0.6, 0.8], [0.3, 0.4], [0.6, 0.8]], rtol=1e-6)
    np.testing.assert_allclose(layer.weight.data, [[0.6, 0.8], [0.3, 0.4], [6, 8]], rtol=1e-6)
    np.testing.assert_array_equal(table[0], [3, 4])
    out.sum().backward()  # the rows were changed before they were read
    np.testing.assert_array_equal(layer.weight.grad, [[2, 2], [1, 1], [0, 0]])
    stamp = layer.weight.index
    layer([0, 1])  # short by now: nothing is written, and older graphs stay valid
    assert layer.weight.index == stamp


def test_a_given_table_is_copied_and_frozen() -> None:
    table = np.arange(6.0).reshape(3, 2)
    layer = nn.Embedding.from_pretrained(table)
    assert (layer.num_embeddings, layer.embedding_dim) == (3, 2)
    assert layer.weight.dtype == np.float64
    assert not layer.weight.requires_grad
    table[:] = 7
    np.testing.assert_array_equal(layer([2]).data, [[4, 5]])
    with pytest.raises(tg.errors.ShapeError, match=r"two axes, got shape \(3,\)"):
        nn.Embedding.from_pretrained(np.zeros(3))


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ([[0, 1], [4, 2]], r"x\[1, 0\] = 4, but the table has the 4 rows 0\.\.3"),
        ([3, -1], r"x\[1\] = -1, but"),
        ([1, 4, 2], r"x\[1\] = 4, but"),
        (np.array(9), r"x = 9, but"),
    ],
)
def test_a_number_outside_the_table_names_the_layer_and_the_fix_works(
    numbers: Any, says: str, apply_fix: Callable[..., Any]
) -> None:
    model = Net(nn.Embedding(4, 3))
    with pytest.raises(
        tg.errors.IndexingError, match=r"model\.words = Embedding\(4, 3\): " + says
    ) as caught:
        model(numbers)
    assert isinstance(caught.value, IndexError)
    x = np.asarray(numbers)
    assert caught.value.shapes == (x.shape, (4, 3))
    mended = apply_fix(caught.value, x=x)
    result = mended(x) if isinstance(mended, nn.Module) else model(mended)
    assert result.shape == (*x.shape, 3)


def test_numbers_with_a_fraction_name_the_layer_and_the_fix_works(
    apply_fix: Callable[..., Any],
) -> None:
    model = Net(nn.Embedding(4, 3))
    x = np.array([[0.0, 3.0]])
    with pytest.raises(
        tg.errors.DTypeError, match=r"model\.words = Embedding\(4, 3\) got float64 numbers of"
    ) as caught:
        model(x)
    assert model(apply_fix(caught.value, x=x)).shape == (1, 2, 3)
    with pytest.raises(tg.errors.DTypeError):
        model(np.array([True]))


@pytest.mark.parametrize(
    "build",
    [
        lambda: nn.Embedding(0, 3),
        lambda: nn.Embedding(3, 2.0),
        lambda: nn.Embedding(3, 2, 3),
        lambda: nn.Embedding(3, 2, "a"),
        lambda: nn.Embedding(3, 2, max_norm="a"),
        lambda: nn.Embedding(3, 2, max_norm=-1.0),
        lambda: nn.Embedding(3, 2, norm_type=None),
        lambda: nn.Embedding(3, 2, sparse=True),
        lambda: F.embedding([0], np.zeros((3, 2)), sparse=True),
        lambda: F.embedding([0], np.zeros((3, 2)), 4),
    ],
)
def test_wrong_settings_of_a_table_are_refused_when_it_is_built(build: Callable[[], Any]) -> None:
    with pytest.raises(tg.errors.ArgumentError) as caught:
        build()
    assert caught.value.fix


def test_the_function_takes_arrays_and_returns_one() -> None:
    table = np.arange(6.0).reshape(3, 2)
    found = F.embedding([2, 0], table)
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, table[[2, 0]])
    with pytest.raises(tg.errors.IndexingError, match="`embedding`: x"):
        F.embedding([3], table)
    with pytest.raises(tg.errors.ShapeError, match="two axes"):
        F.embedding([3], table[0])


@pytest.mark.parity
@pytest.mark.parametrize("padding_idx", [None, 1, -1])
@pytest.mark.parametrize("max_norm", [None, 0.5])
@pytest.mark.parametrize("norm_type", [1.0, 2.0])
@pytest.mark.parametrize("by_frequency", [False, True])
def test_all_settings_equal_pytorchs(
    padding_idx: int | None, max_norm: float | None, norm_type: float, by_frequency: bool
) -> None:
    torch = pytest.importorskip("torch")
    settings = (padding_idx, max_norm, norm_type, by_frequency)
    ours = nn.Embedding(5, 3, *settings, dtype=np.float64, rng=0)
    theirs = torch.nn.Embedding(5, 3, *settings).double()
    theirs.load_state_dict({"weight": torch.tensor(ours.weight.data)})
    numbers = np.array([[1, 4, 1], [3, 1, 0]])
    out, expected = ours(numbers), theirs(torch.tensor(numbers))
    np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=1e-12)
    g = np.random.default_rng(0).normal(size=out.shape)
    out.backward(g)
    expected.backward(torch.tensor(g))
    np.testing.assert_allclose(ours.weight.data, theirs.weight.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(ours.weight.grad, theirs.weight.grad.numpy(), rtol=1e-9, atol=1e-12)
