"""Which operations are public, and how to call one with inputs first and settings by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tinygrad_edu as tg
from tinygrad_edu import ops
from tinygrad_edu.registry import Operation, registry

__all__ = ["CALLS", "WITHOUT", "call_of", "every", "itself", "public"]


def _named(lib: Any, name: str) -> Any:
    """What a library has under a name, perhaps in a room of it; ``None`` for nothing."""
    for part in name.split("."):
        lib = getattr(lib, part, None)
    return lib


def by_position(name: str) -> Callable[..., Any]:
    """A function whose settings have no names."""
    return lambda lib, x, **settings: _named(lib, name)(x, *settings.values())


def of_list(name: str) -> Callable[..., Any]:
    """A function of a list of arrays."""
    return lambda lib, *parts, **settings: _named(lib, name)(parts, **settings)


def part(position: int, name: str) -> Callable[..., Any]:
    """One of several arrays that a function returns."""
    return lambda lib, *inputs: _named(lib, name)(*inputs)[position]


def of_symmetric(name: str) -> Callable[..., Any]:
    """Of the symmetric part: which half of a matrix is read is not the same everywhere."""
    return lambda lib, x: _named(lib, name)((x + x.mT) * 0.5)


# How to call what does not take inputs first and settings by name, or does not return one array.
# NumPy is asked in the same words.
CALLS: dict[str, Callable[..., Any]] = {
    **{name: of_list(name) for name in ("concat", "stack", "hstack", "vstack")},
    **{name: by_position(name) for name in ("moveaxis", "swapaxes", "tile", "pad")},
    "split": lambda lib, x, sections, axis: lib.split(x, sections, axis=axis)[1],
    "unstack": lambda lib, x, axis: lib.unstack(x, axis=axis)[1],
    "repeat": lambda lib, x, repeats, axis: lib.repeat(x, repeats, axis=axis),
    "topk": lambda lib, x, k: lib.topk(x, k)[0],
    **{name: part(1, name) for name in ("unique_counts", "unique_inverse", "unique_all")},
    **{name: part(0, name) for name in ("nonzero", "linalg.lstsq", "linalg.qr")},
    "linalg.slogdet": part(1, "linalg.slogdet"),
    "linalg.multi_dot": of_list("linalg.multi_dot"),
    "linalg.matrix_power": by_position("linalg.matrix_power"),
    **{name: of_symmetric(name) for name in ("linalg.cholesky", "linalg.eigvalsh")},
    # Squared, for the signs of eigenvectors and singular vectors are free.
    "linalg.eigh": lambda lib, x: lib.linalg.eigh((x + x.mT) * 0.5)[1] ** 2,
    "linalg.svd": lambda lib, x: lib.linalg.svd(x, full_matrices=False)[0] ** 2,
    "einsum": lambda lib, *operands, spec: lib.einsum(spec, *operands),
    "polygamma": lambda lib, x, n: lib.polygamma(n, x),
    "layer_norm": lambda lib, x, *rest: lib.layer_norm(x, x.shape[-1:], *rest),
    "rms_norm": lambda lib, x, w: lib.rms_norm(x, x.shape[-1:], w),
    "batch_norm": lambda lib, *operands: lib.batch_norm(*operands).value,
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


def every() -> list[str]:
    """Return the names of all public operations, those of ``linalg`` with the room before them."""
    inside = [name for name in ops.linalg.__all__ if name not in ops.__all__]
    return [*ops.__all__, *[f"linalg.{name}" for name in inside if not name.endswith("Result")]]


def public() -> list[str]:
    """Return the names that have a row in the benchmark and a test beside PyTorch."""
    return [name for name in every() if name not in WITHOUT]


def itself(name: str) -> Operation | None:
    """Return the operation that a public name is, ``None`` for a composition of others."""
    op = registry.get(name.removeprefix("linalg."))
    return op if op is not None and op.call is _named(tg, name) else None


def call_of(lib: Any, name: str) -> Callable[..., Any] | None:
    """Return a function of inputs and settings; of our library, or of NumPy if it has the name."""
    call, changed = _named(lib, name), CALLS.get(name)
    if call is None or changed is None:
        return call
    return lambda *inputs, **settings: changed(lib, *inputs, **settings)
