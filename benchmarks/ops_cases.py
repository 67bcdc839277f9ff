"""Operands of a size worth timing, for operations whose operands are more than numbers.

An operation element by element needs no entry: its domain says all. ``n`` is the length of a side:
hundreds to be timed, a few for the comparison with PyTorch. Each entry returns inputs and settings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import ops
from tinygrad_edu.registry import Operation, registry

__all__ = ["CALLS", "CASES", "WITHOUT", "Case", "call_of", "itself", "public"]

Rng = np.random.Generator
Case = tuple[list[Any], dict[str, Any]]
Draw = Callable[[Rng, int], Case]


def square(**settings: Any) -> Draw:
    """One matrix of n by n."""
    return lambda rng, n: ([rng.normal(size=(n, n))], settings)


def pair(**settings: Any) -> Draw:
    """Two matrices of n by n."""
    return lambda rng, n: ([rng.normal(size=(n, n)), rng.normal(size=(n, n))], settings)


def row(count: int, **settings: Any) -> Draw:
    """So many vectors of n."""
    return lambda rng, n: ([rng.normal(size=n) for _ in range(count)], settings)


def away(**settings: Any) -> Draw:
    """A matrix without elements near 0, 1 or 3, where functions may bend."""
    return lambda rng, n: (
        [rng.uniform(0.1, 0.9, (n, n)) * rng.choice([-1.0, 1.0, 2.0], (n, n))],
        settings,
    )


def images(**settings: Any) -> Draw:
    """Some images with channels, of about n by n numbers in all."""
    return lambda rng, n: ([rng.normal(size=(2, 4, *_sides(n, 2)))], settings)


def lines(**settings: Any) -> Draw:
    """Some sequences with channels, of about n by n numbers in all."""
    return lambda rng, n: ([rng.normal(size=(2, 4, *_sides(n, 1)))], settings)


def kernels(axes: int, transposed: bool = False, **settings: Any) -> Draw:
    """Images or sequences, weights and a bias."""

    def draw(rng: Rng, n: int) -> Case:
        groups, channels = settings.get("groups", 1), 8 if n > 16 else 4
        first = [(channels, 4 // groups), (4, channels // groups)][transposed]
        x = rng.normal(size=(2, 4, *_sides(n, axes)))
        return [x, rng.normal(size=(*first, *[3] * axes)), rng.normal(size=channels)], settings

    return draw


def _sides(n: int, axes: int) -> tuple[int, ...]:
    return (max(6, n * n // 8),) if axes == 1 else (max(6, int(n / 8**0.5)),) * 2


def recurrent(gates: int, states: int) -> Draw:
    """A sequence, states and parameters."""

    def draw(rng: Rng, n: int) -> Case:
        steps, samples, features, size = (20, 32, 64, 64) if n > 16 else (3, 2, 3, 2)
        rows = gates * size
        first = [(steps, samples, features)] + [(samples, size)] * states
        shapes = [*first, (rows, features), (rows, size), (rows,), (rows,)]
        return [rng.normal(size=shape) / 4 for shape in shapes], {}

    return draw


def _labels(rng: Rng, n: int) -> Case:
    return [rng.normal(size=(n, n)), rng.dirichlet(np.ones(n), n)], {}


def _layer(rng: Rng, n: int) -> Case:
    return [rng.normal(size=(n, n)), rng.normal(size=(n, n)), rng.normal(size=n)], {}


def _rows_of(rng: Rng, n: int) -> Case:
    return [rng.normal(size=(n, n))], {"key": rng.integers(n, size=n)}


def _rows_put(rng: Rng, n: int) -> Case:
    return [rng.normal(size=(n, n)), rng.normal(size=(n, n))], {"key": rng.permutation(n)}


def _rows_added(rng: Rng, n: int) -> Case:
    return [rng.normal(size=(n, n))], {"shape": (n, n), "key": rng.integers(n, size=n)}


def _taken(rng: Rng, n: int) -> Case:
    return [rng.normal(size=(n, n)), rng.integers(n, size=n)], {"axis": 0}


def _taken_along(rng: Rng, n: int) -> Case:
    return [rng.normal(size=(n, n)), rng.integers(n, size=(n, 3))], {"axis": 1}


def _condition(rng: Rng, n: int) -> Case:
    return [rng.random((n, n)) < 0.5, rng.normal(size=(n, n)), rng.normal(size=(n, n))], {}


def _sorted(rng: Rng, n: int) -> Case:
    return [np.sort(rng.normal(size=n)), rng.normal(size=(n, n))], {}


def _whole(rng: Rng, n: int) -> Case:
    return [rng.integers(0, 9, (n, n)).astype(float)], {}


def _patches(rng: Rng, n: int) -> Case:
    side = max(6, n // 8)
    columns = rng.normal(size=(2, 4 * 9, side * side))
    return [columns], {"output_size": (side, side), "kernel_size": 3, "padding": 1}


def _points(rng: Rng, n: int) -> Case:
    return [rng.normal(size=(n, n, 3)), rng.normal(size=(n, n, 3))], {}


def _integers(rng: Rng, n: int) -> Case:
    return [rng.integers(1, 50, (n, n)), rng.integers(0, 8, (n, n))], {}


def _bits(rng: Rng, n: int) -> Case:
    return [rng.random((n, n)) < 0.9], {"axis": 0}


CASES: dict[str, Draw] = {
    # of whole numbers, and with settings
    **dict.fromkeys(["bitwise_and", "bitwise_or", "bitwise_xor"], _integers),
    **dict.fromkeys(["bitwise_left_shift", "bitwise_right_shift"], _integers),
    "bitwise_invert": lambda rng, n: (_integers(rng, n)[0][:1], {}),
    **dict.fromkeys(["logical_and", "logical_or", "logical_xor"], pair()),
    "logical_not": square(),
    "clip": away(min=-0.95, max=0.95),
    "nan_to_num": square(),
    "round": square(decimals=1),
    # reductions and scans
    **dict.fromkeys(
        ["sum", "mean", "max", "min", "prod", "logsumexp", "argmax", "argmin"], square(axis=1)
    ),
    "var": square(axis=0, correction=1),
    "std": square(axis=0, correction=1),
    **dict.fromkeys(["all", "any", "count_nonzero"], _bits),
    "cumulative_sum": square(axis=1),
    "cumulative_prod": square(axis=1),
    "diff": square(axis=1, n=2),
    # shapes
    "reshape": square(shape=-1),
    "permute_dims": square(axes=(1, 0)),
    "matrix_transpose": square(),
    "expand_dims": square(axis=1),
    "squeeze": lambda rng, n: ([rng.normal(size=(n, 1, n))], {"axis": 1}),
    "broadcast_to": lambda rng, n: ([rng.normal(size=(n, 1))], {"shape": (n, n)}),
    "astype": square(dtype=np.float64),
    "roll": square(shift=3, axis=1),
    "flip": square(axis=1),
    "rot90": square(),
    "tile": square(repetitions=(2, 1)),
    "repeat": square(repeats=2, axis=1),
    "pad": square(pad_width=((1, 2), (3, 0))),
    "ravel": square(),
    "swapaxes": square(axis1=0, axis2=1),
    "moveaxis": square(source=0, destination=1),
    "tril": square(k=1),
    "triu": square(k=-1),
    "diagonal": square(offset=1),
    "diag": row(1),
    "trace": square(),
    **dict.fromkeys(["concat", "stack"], pair(axis=1)),
    **dict.fromkeys(["hstack", "vstack"], pair()),
    "split": square(sections=2, axis=1),
    "unstack": square(axis=1),
    # indices
    "getitem": _rows_of,
    "put": _rows_put,
    "scatter_add": _rows_added,
    "take": _taken,
    "take_along_axis": _taken_along,
    "where": _condition,
    "sort": square(axis=1),
    "argsort": square(axis=1),
    "topk": square(k=2),
    "searchsorted": _sorted,
    **dict.fromkeys(["unique_values", "unique_counts", "unique_inverse", "unique_all"], _whole),
    **dict.fromkeys(["argwhere", "nonzero"], _whole),
    # activations with settings
    **dict.fromkeys(["selu", "mish", "relu6", "hardsigmoid", "hardswish", "log_sigmoid"], away()),
    "elu": away(alpha=1.3),
    "celu": away(alpha=0.5),
    "leaky_relu": away(negative_slope=0.1),
    "prelu": lambda rng, n: ([away()(rng, n)[0][0], np.asarray(rng.random())], {}),
    "gelu": away(approximate="tanh"),
    "glu": lambda rng, n: ([rng.normal(size=(n, 2 * n))], {}),
    **dict.fromkeys(["softmax", "log_softmax"], square(axis=-1)),
    "softmax_cross_entropy": _labels,
    "polygamma": lambda rng, n: ([rng.uniform(0.5, 4.0, (n, n))], {"n": 2}),
    # products
    "matmul": pair(),
    "linear": _layer,
    "einsum": pair(spec="ij,kj->ik"),
    **dict.fromkeys(["inner", "tensordot", "dot"], pair()),
    "vecdot": pair(axis=-1),
    "outer": row(2),
    "kron": lambda rng, n: ([rng.normal(size=(n, n)), rng.normal(size=(2, 3))], {}),
    "cross": _points,
    # windows
    "conv1d": kernels(1, stride=2, padding=1),
    "conv2d": kernels(2, padding=1),
    "conv_transpose1d": kernels(1, transposed=True, stride=2, output_padding=1),
    "conv_transpose2d": kernels(2, transposed=True, stride=2, groups=2),
    "max_pool1d": lines(kernel_size=2),
    "max_pool2d": images(kernel_size=3, stride=2, padding=1),
    "avg_pool1d": lines(kernel_size=2),
    "avg_pool2d": images(kernel_size=3, stride=2, padding=1),
    "adaptive_avg_pool1d": lines(output_size=4),
    "adaptive_avg_pool2d": images(output_size=(3, 2)),
    "upsample": images(scale_factor=2, mode="bilinear"),
    "unfold": images(kernel_size=3, padding=1),
    "fold": _patches,
    # recurrent layers
    "rnn_tanh": recurrent(1, 1),
    "gru": recurrent(3, 1),
    "lstm": recurrent(4, 2),
}


def by_position(name: str) -> Callable[..., Any]:
    """A function whose settings have no names."""
    return lambda lib, x, **settings: getattr(lib, name)(x, *settings.values())


def of_list(name: str) -> Callable[..., Any]:
    """A function of a list of arrays."""
    return lambda lib, *parts, **settings: getattr(lib, name)(parts, **settings)


def second(name: str) -> Callable[..., Any]:
    """A function that returns several arrays."""
    return lambda lib, x: getattr(lib, name)(x)[1]


# How to call what does not take inputs first and settings by name, or does not return one array.
# NumPy is asked in the same words.
CALLS: dict[str, Callable[..., Any]] = {
    **{name: of_list(name) for name in ("concat", "stack", "hstack", "vstack")},
    **{name: by_position(name) for name in ("moveaxis", "swapaxes", "tile", "pad")},
    "split": lambda lib, x, sections, axis: lib.split(x, sections, axis=axis)[1],
    "unstack": lambda lib, x, axis: lib.unstack(x, axis=axis)[1],
    "repeat": lambda lib, x, repeats, axis: lib.repeat(x, repeats, axis=axis),
    "topk": lambda lib, x, k: lib.topk(x, k)[0],
    **{name: second(name) for name in ("unique_counts", "unique_inverse", "unique_all")},
    "nonzero": lambda lib, x: lib.nonzero(x)[0],
    "einsum": lambda lib, *operands, spec: lib.einsum(spec, *operands),
    "polygamma": lambda lib, x, n: lib.polygamma(n, x),
    "lstm": lambda lib, x, h, c, *parameters: lib.lstm(x, (h, c), *parameters)[0],
    "gru": lambda lib, *operands: lib.gru(*operands)[0],
    "rnn_tanh": lambda lib, *operands: lib.rnn_tanh(*operands)[0],
}

_MAKES = "makes an array of no operand"
_ALIAS = "another name of an operation that has a row"
_NOTHING = "of real numbers it computes nothing"

WITHOUT: dict[str, str] = {
    **dict.fromkeys(["asarray", "from_dlpack", "zeros", "ones", "full", "empty"], _MAKES),
    **dict.fromkeys(["zeros_like", "ones_like", "full_like", "empty_like", "one_hot"], _MAKES),
    **dict.fromkeys(["arange", "linspace", "eye"], _MAKES),
    **dict.fromkeys(["arcsin", "arccos", "arctan", "arctan2", "pow"], _ALIAS),
    **dict.fromkeys(["arcsinh", "arccosh", "arctanh"], _ALIAS),
    **dict.fromkeys(["real", "imag", "conj"], _NOTHING),
    "broadcast_arrays": "broadcast_to for each array",
    "meshgrid": "broadcast_to for each array",
    "dropout": "random; a product with a mask",
    "deg2rad": "a product with a number",
    "rad2deg": "a product with a number",
}


def public() -> list[str]:
    """Return the names that have a row in the benchmark and a test beside PyTorch."""
    return [name for name in ops.__all__ if name not in WITHOUT]


def itself(name: str) -> Operation | None:
    """Return the operation that a public name is, ``None`` for a composition of others."""
    op = registry.get(name)
    return op if op is not None and op.call is getattr(tg, name) else None


def call_of(lib: Any, name: str) -> Callable[..., Any] | None:
    """Return a function of inputs and settings; of our library, or of NumPy if it has the name."""
    call, of_several = getattr(lib, name, None), CALLS.get(name)
    if call is None or of_several is None:
        return call
    return lambda *inputs, **settings: of_several(lib, *inputs, **settings)
