"""Operands of a size worth timing, for operations whose operands are more than numbers.

An operation element by element needs no entry: its domain says all. ``n`` is the length of a side:
hundreds to be timed, a few for the comparison with PyTorch. Each entry returns inputs and settings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["CASES", "Case"]

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


def matrix(**settings: Any) -> Draw:
    """A square matrix far from singular, with values apart from each other."""
    return lambda rng, n: ([_regular(rng, n)], settings)


def _regular(rng: Rng, n: int) -> Any:
    side = min(n, 64)
    return rng.normal(size=(side, side)) / side**0.5 + 2.0 * np.eye(side)


def _system(rng: Rng, n: int) -> Case:
    x = _regular(rng, n)
    return [x, rng.normal(size=(len(x), 8))], {}


def _tall(rng: Rng, n: int) -> Case:
    side = min(n, 64)
    return [rng.normal(size=(2 * side, side)), rng.normal(size=2 * side)], {}


def _integers(rng: Rng, n: int) -> Case:
    return [rng.integers(1, 50, (n, n)), rng.integers(0, 8, (n, n))], {}


def _bits(rng: Rng, n: int) -> Case:
    return [rng.random((n, n)) < 0.9], {"axis": 0}


def _normalized(rng: Rng, n: int) -> Case:
    return [rng.normal(size=(n, n)), rng.normal(size=n), rng.normal(size=n)], {}


def _heads(rng: Rng, n: int) -> Case:
    return [rng.normal(size=(2, max(2, n // 16), n // 4 + 2, 8)) for _ in range(3)], {}


_OF_MATRIX = (
    "det slogdet inv cond matrix_norm matrix_rank pinv eigh eigvalsh svd svdvals cholesky qr"
)

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
    "bce_with_logits": lambda rng, n: ([rng.normal(size=(n, n)), rng.random((n, n))], {}),
    **dict.fromkeys(["layer_norm", "batch_norm"], _normalized),
    "rms_norm": lambda rng, n: (_normalized(rng, n)[0][:2], {}),
    "scaled_dot_product_attention": _heads,
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
    # linear algebra
    **{f"linalg.{name}": matrix() for name in _OF_MATRIX.split()},
    "linalg.matrix_power": matrix(n=3),
    "linalg.solve": _system,
    "linalg.lstsq": _tall,
    "linalg.multi_dot": lambda rng, n: ([rng.normal(size=(n, n)) / n**0.5 for _ in "abc"], {}),
    "linalg.norm": square(axis=1),
    "linalg.vector_norm": square(axis=1, ord=3),
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
