"""``nn.functional``: PyTorch's names, and their arguments in PyTorch's order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn import functional as F

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 4, 6, 5))
SIGNAL = RNG.normal(size=(2, 4, 6))
KERNEL = RNG.normal(size=(6, 2, 3, 2))

# All by position, as people write them.
CALLS: list[tuple[str, tuple[Any, ...]]] = [
    ("conv1d", (SIGNAL, KERNEL[..., 0], KERNEL[:, 0, 0, 0], 2, 1, 1, 2)),
    ("conv2d", (X, KERNEL, None, (2, 1), (1, 0), 2, 2)),
    ("conv_transpose1d", (SIGNAL, KERNEL[:4, :, :, 0], None, 2, 1, 1, 2, 2)),
    ("conv_transpose2d", (X, KERNEL[:4], KERNEL[:4, 0, 0, 0], 3, 1, (1, 2), 2, 1)),
    ("max_pool1d", (SIGNAL, 3, 2, 1, 1, True)),
    ("max_pool2d", (X, 2, 2, 1, (1, 2), True)),
    ("avg_pool1d", (SIGNAL, 3, 2, 1, True, False)),
    ("avg_pool2d", (X, 2, 1, 1, False, True, 3)),
    ("adaptive_avg_pool1d", (SIGNAL, 4)),
    ("adaptive_avg_pool2d", (X, (None, 2))),
    ("interpolate", (X, None, 2.5, "bilinear", True)),
    ("interpolate", (X, None, (1.7, 1.3), "bilinear", False, True)),
    ("interpolate", (SIGNAL, 4, None, "nearest")),
    ("unfold", (X, 2, 2, 1, 2)),
    ("fold", (RNG.normal(size=(2, 8, 12)), (4, 5), 2, 1, 0, 1)),
    ("pad", (X, (1, 2))),
    ("pad", (X, (1, 2, -1, 3), "constant", 2.5)),
    ("pad", (X, (0, -2, 0, 0, 1, -1))),
    ("pad", (X, (3, 2, 1, 5), "reflect")),
    ("pad", (SIGNAL, (2, 1), "replicate")),
    ("pad", (X, (2, 1, 0, 3), "circular")),
    ("leaky_relu", (X, 0.2)),
    ("elu", (X, 2.0)),
    ("celu", (X, 2.0)),
    ("selu", (X,)),
    ("silu", (X,)),
    ("mish", (X,)),
    ("softplus", (X, 2.0, 1.0)),
    ("softsign", (X,)),
    ("hardtanh", (X, -0.5, 0.25)),
    ("relu6", (X,)),
    ("hardsigmoid", (X,)),
    ("hardswish", (X,)),
    ("logsigmoid", (X,)),
    ("glu", (X, 1)),
    ("prelu", (X, np.array([0.1, 0.2, 0.3, 0.4]))),
    ("rrelu", (X, 0.1, 0.3, False)),
    ("softmin", (X, 1)),
    ("softmax", (X, 2)),
    ("log_softmax", (X, 0)),
    ("tanhshrink", (X,)),
    ("softshrink", (X, 0.3)),
    ("hardshrink", (X, 0.3)),
    ("threshold", (X, 0.1, 7.0)),
    ("embedding", (np.array([[1, 0]]), X[0, 0])),
    ("dropout", (X, 0.4, False)),
    ("dropout1d", (SIGNAL, 0.4, False)),
    ("dropout2d", (X, 0.4, False)),
]


@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=[name for name, _ in CALLS])
def test_a_function_of_arrays_is_an_array_and_of_tensors_a_tensor(
    name: str, arguments: tuple[Any, ...]
) -> None:
    function = getattr(F, name)
    value = function(*arguments)
    assert type(value) is np.ndarray
    tensors = [tg.Tensor(a) if isinstance(a, np.ndarray) else a for a in arguments]
    result = function(*tensors)
    assert isinstance(result, tg.Tensor)
    np.testing.assert_array_equal(result.data, value)


@pytest.mark.parity
@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=[name for name, _ in CALLS])
def test_a_function_takes_pytorchs_arguments_in_its_order(
    name: str, arguments: tuple[Any, ...]
) -> None:
    torch = pytest.importorskip("torch")
    given = [torch.tensor(a) if isinstance(a, np.ndarray) else a for a in arguments]
    expected = getattr(torch.nn.functional, name)(*given).numpy()
    np.testing.assert_allclose(getattr(F, name)(*arguments), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parity
def test_gelu_and_one_hot_equal_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    for how in ("none", "tanh"):
        expected = torch.nn.functional.gelu(torch.tensor(X), approximate=how).numpy()
        np.testing.assert_allclose(F.gelu(X, how), expected, atol=1e-12)
    expected = torch.nn.functional.one_hot(torch.tensor([0, 2]), 4).numpy()
    np.testing.assert_array_equal(F.one_hot([0, 2], 4).data, expected)


def test_padding_gradients_go_back_to_where_the_numbers_came_from() -> None:
    x = tg.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    F.pad(x, (2, 1), "reflect").sum().backward()
    np.testing.assert_array_equal(x.grad, [1, 3, 2])
    x.grad = None
    F.pad(x, (-1, 2), value=5.0).sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 1, 1])


@pytest.mark.parametrize(
    "call",
    [
        lambda x: F.pad(x, (1,)),
        lambda x: F.pad(x, 1),
        lambda x: F.pad(x, (1, 1) * 3),
        lambda x: F.pad(x, (1.0, 2)),
        lambda x: F.pad(x, (1, 1), "edge"),
        lambda x: F.pad(x, (1, 1), "reflect", 2.0),
        lambda x: F.pad(x, (-2, -2)),
    ],
)
def test_margins_that_make_no_sense_are_refused(
    call: Callable[[Any], Any], apply_fix: Callable[..., Any]
) -> None:
    x = np.ones((2, 3))
    with pytest.raises((tg.errors.ArgumentError, tg.errors.ShapeError)) as caught:
        call(x)
    if "F.pad" in caught.value.fix:
        assert apply_fix(caught.value, F=F, x=x).ndim == 2
