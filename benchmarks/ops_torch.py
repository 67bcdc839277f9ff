"""What PyTorch calls each operation: for benchmarks beside it and for tests against it.

Where it has the same name and the same arguments nothing stands here. ``counterpart`` returns a
function of the same inputs and settings as ours, on tensors. PyTorch is passed in, never imported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["ALONE", "COUNTERPARTS", "UNDERIVED", "Unlike", "counterpart", "namesake"]

Counterpart = Callable[..., Any]


class Unlike(Exception):
    """PyTorch has the operation, but not with these settings."""


def namesake(torch: Any, name: str) -> Counterpart | None:
    """Return what PyTorch has under the same name."""
    bare = name.removeprefix("linalg.")
    everywhere = torch, torch.special, torch.nn.functional, torch.linalg
    rooms = everywhere if bare == name else (torch.linalg,)
    found = (getattr(room, bare, None) for room in rooms)
    return next((each for each in found if callable(each)), None)


def counterpart(torch: Any, name: str) -> Counterpart | None:
    """Return PyTorch's function for one of our names, or ``None`` where it has none."""
    if name in ALONE:
        return None
    if name in COUNTERPARTS:
        ours = COUNTERPARTS[name]
        return lambda *inputs, **settings: ours(torch, *inputs, **settings)
    return namesake(torch, name)


def renamed(path: str, **names: str) -> Counterpart:
    """The same under another name; settings renamed too."""

    def call(torch: Any, *inputs: Any, **settings: Any) -> Any:
        f = torch
        for part in path.split("."):
            f = getattr(f, part)
        return f(*inputs, **{names.get(name, name): value for name, value in settings.items()})

    return call


def reduction(path: str, **names: str) -> Counterpart:
    """A function of ``dim`` and ``keepdim``, for which no axis means all axes."""
    plain = renamed(path, axis="dim", keepdims="keepdim", **names)

    def call(torch: Any, x: Any, axis: Any = None, dtype: Any = None, **settings: Any) -> Any:
        if dtype is not None:
            raise Unlike
        if axis == ():
            x, axis = x[..., None], -1
            settings["keepdims"] = False
        axis = tuple(range(x.ndim)) if axis is None else axis
        return plain(torch, x, axis=axis, **settings)

    return call


def std(torch: Any, x: Any, axis: Any = None, **settings: Any) -> Any:
    """Of one number PyTorch's is 0 with a gradient that is none."""
    if x.numel() == reduction("sum")(torch, x, axis=axis).numel():
        raise Unlike
    return reduction("std")(torch, x, axis=axis, **settings)


def one_axis(path: str) -> Counterpart:
    """A function that takes one axis only, or with ``None`` all flattened."""

    def call(
        torch: Any, x: Any, axis: Any = None, keepdims: bool = False, dtype: Any = None
    ) -> Any:
        if dtype is not None:
            raise Unlike
        axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        gone = sorted(k % x.ndim for k in axes)
        kept = [k for k in range(x.ndim) if k not in gone]
        flat = x.permute((*kept, *gone)).reshape([*[x.shape[k] for k in kept], -1])
        found = getattr(torch, path)(flat, dim=-1)
        shape = [1 if k in gone else n for k, n in enumerate(x.shape)]
        return found.reshape(shape) if keepdims else found

    return call


def scan(path: str, first: float) -> Counterpart:
    """A running sum or product, perhaps with what it starts from."""

    def call(
        torch: Any, x: Any, axis: Any = None, include_initial: bool = False, dtype: Any = None
    ) -> Any:
        if dtype is not None:
            raise Unlike
        axis = 0 if axis is None else axis
        found = getattr(torch, path)(x, dim=axis)
        if not include_initial:
            return found
        shape = list(x.shape)
        shape[axis] = 1
        return torch.cat([torch.full(shape, first, dtype=x.dtype), found], axis)

    return call


def key_of(torch: Any, key: Any) -> Any:
    """An index as PyTorch takes it."""
    if isinstance(key, tuple):
        return tuple(key_of(torch, part) for part in key)
    if isinstance(key, slice) and (key.step or 1) < 0:
        raise Unlike
    return torch.as_tensor(key) if isinstance(key, (np.ndarray, list)) else key


def put(torch: Any, x: Any, values: Any, key: Any) -> Any:
    """Assignment into a copy."""
    places = np.arange(x.numel()).reshape(x.shape)[key].ravel()
    if len(np.unique(places)) < len(places):
        raise Unlike  # which of several values stays is not promised
    out = x.clone()
    out[key_of(torch, key)] = values
    return out


def scatter_add(torch: Any, x: Any, shape: Any, key: Any) -> Any:
    """Zeros with values added at an index; for a slice or a number, into the part it names."""
    key, zeros = key_of(torch, key), torch.zeros(shape, dtype=x.dtype)
    parts = key if isinstance(key, tuple) else (key,)
    if not parts or not all(isinstance(part, torch.Tensor) for part in parts):
        zeros[key] += x
        return zeros
    return zeros.index_put(parts, x, accumulate=True)


def roll(torch: Any, x: Any, shift: Any, axis: Any = None) -> Any:
    """Equal numbers of shifts and axes."""
    if axis is None:
        return torch.roll(x, sum(shift) if isinstance(shift, tuple) else shift)
    shifts = shift if isinstance(shift, tuple) else (shift,)
    axes = axis if isinstance(axis, tuple) else (axis,)
    longest = max(len(shifts), len(axes))
    return torch.roll(x, *[each * (longest // len(each)) for each in (shifts, axes)])


def squeeze(torch: Any, x: Any, axis: Any = None) -> Any:
    return torch.squeeze(x) if axis is None else torch.squeeze(x, axis)


def expand_dims(torch: Any, x: Any, axis: Any) -> Any:
    axes = axis if isinstance(axis, tuple) else (axis,)
    rank = x.ndim + len(axes)
    for k in sorted(k % rank for k in axes):
        x = x.unsqueeze(k)
    return x


def pad(torch: Any, x: Any, pad_width: Any) -> Any:
    flat = [int(n) for ends in reversed(np.broadcast_to(pad_width, (x.ndim, 2))) for n in ends]
    return torch.nn.functional.pad(x, flat)


def cross_entropy(torch: Any, scores: Any, targets: Any) -> Any:
    if not targets.is_floating_point():
        rows, classes = scores.reshape(-1, scores.shape[-1]), targets.reshape(-1)
        found = torch.nn.functional.cross_entropy(rows, classes, reduction="none")
        return found.reshape(targets.shape)
    return -(targets * torch.log_softmax(scores, -1)).sum(-1)


def cholesky(torch: Any, x: Any, upper: bool = False) -> Any:
    return torch.linalg.cholesky((x + x.mT) * 0.5, upper=upper)


def layer(name: str, gates: int) -> Counterpart:
    """A recurrent layer as a function of its operands; the states of all steps."""

    def call(torch: Any, x: Any, *operands: Any) -> Any:
        states, parameters = operands[:-4], operands[-4:]
        network = getattr(torch, name)
        first = tuple(h[None] for h in states)
        hx = first if len(first) > 1 else first[0]
        return network(x, hx, parameters, True, 1, 0.0, False, False, False)[0]

    return call


F = "nn.functional."
COUNTERPARTS: dict[str, Counterpart] = {
    "equal": renamed("eq"),
    "not_equal": renamed("ne"),
    "bitwise_invert": renamed("bitwise_not"),
    "power": renamed("pow"),
    "sum": reduction("sum"),
    "mean": reduction("mean"),
    "max": reduction("amax"),
    "min": reduction("amin"),
    "var": reduction("var"),
    "std": std,
    "all": reduction("all"),
    "any": reduction("any"),
    "logsumexp": reduction("logsumexp"),
    "prod": one_axis("prod"),
    "argmax": one_axis("argmax"),
    "argmin": one_axis("argmin"),
    "count_nonzero": one_axis("count_nonzero"),
    "cumulative_sum": scan("cumsum", 0.0),
    "cumulative_prod": scan("cumprod", 1.0),
    "diff": renamed("diff", axis="dim"),
    "reshape": lambda torch, x, shape: x.reshape(shape),
    "permute_dims": lambda torch, x, axes=None: x.permute(
        axes if axes is not None else tuple(range(x.ndim))[::-1]
    ),
    "matrix_transpose": lambda torch, x: x.mT,
    "expand_dims": expand_dims,
    "squeeze": squeeze,
    "broadcast_to": renamed("broadcast_to", shape="size"),
    "astype": lambda torch, x, dtype: x.to(getattr(torch, np.dtype(dtype).name)),
    "roll": roll,
    "flip": lambda torch, x, axis: torch.flip(x, (axis,)),
    "rot90": renamed("rot90"),
    "tile": renamed("tile", repetitions="dims"),
    "repeat": lambda torch, x, repeats, axis: torch.repeat_interleave(x, repeats, dim=axis),
    "pad": pad,
    "ravel": renamed("ravel"),
    "swapaxes": renamed("swapaxes", axis1="axis0", axis2="axis1"),
    "tril": renamed("tril", k="diagonal"),
    "triu": renamed("triu", k="diagonal"),
    "concat": lambda torch, *parts, axis=0, sizes=(): torch.cat(parts, axis),
    "stack": lambda torch, *parts, axis: torch.stack(parts, axis),
    "hstack": lambda torch, *parts: torch.hstack(parts),
    "vstack": lambda torch, *parts: torch.vstack(parts),
    "split": lambda torch, x, sections, axis: torch.tensor_split(x, sections, axis)[1],
    "unstack": lambda torch, x, axis: torch.unbind(x, axis)[1],
    "getitem": lambda torch, x, key: x[key_of(torch, key)],
    "put": put,
    "scatter_add": scatter_add,
    "take": lambda torch, x, indices, axis: torch.index_select(x, axis, indices),
    "take_along_axis": renamed("take_along_dim", axis="dim"),
    "where": lambda torch, condition, a, b: torch.where(condition != 0, a, b),
    "sort": lambda torch, x, axis: torch.sort(x, dim=axis)[0],
    "argsort": renamed("argsort", axis="dim"),
    "topk": lambda torch, x, k: torch.topk(x, k)[0],
    "searchsorted": renamed("searchsorted"),
    "unique_values": renamed("unique"),
    "unique_counts": lambda torch, x: torch.unique(x, return_counts=True)[1],
    "unique_inverse": lambda torch, x: torch.unique(x, return_inverse=True)[1],
    "argwhere": renamed("argwhere"),
    "nonzero": lambda torch, x: torch.nonzero(x, as_tuple=True)[0],
    "relu": renamed("relu"),
    "elu": renamed(F + "elu"),
    "celu": renamed(F + "celu"),
    "sigmoid": renamed("sigmoid"),
    "log_sigmoid": renamed(F + "logsigmoid"),
    "softmax": renamed("softmax", axis="dim"),
    "log_softmax": renamed("log_softmax", axis="dim"),
    "softmax_cross_entropy": cross_entropy,
    "bce_with_logits": lambda torch, x, t: torch.nn.functional.binary_cross_entropy_with_logits(
        x, t, reduction="none"
    ),
    "layer_norm": lambda torch, x, *rest: torch.nn.functional.layer_norm(x, x.shape[-1:], *rest),
    "rms_norm": lambda torch, x, w: torch.nn.functional.rms_norm(x, x.shape[-1:], w, 1e-5),
    "batch_norm": lambda torch, x, w, b: torch.nn.functional.batch_norm(
        x, None, None, w, b, training=True
    ),
    "glu": renamed(F + "glu"),
    "polygamma": lambda torch, x, n: torch.polygamma(n, x),
    "linear": renamed(F + "linear"),
    "einsum": lambda torch, *operands, spec: torch.einsum(spec, *operands),
    "vecdot": lambda torch, a, b, axis: torch.linalg.vecdot(a, b, dim=axis),
    "dot": renamed("matmul"),
    "tensordot": renamed("tensordot"),
    "cross": lambda torch, a, b: torch.linalg.cross(a, b),
    "linalg.lstsq": lambda torch, a, b: torch.linalg.lstsq(a, b[:, None])[0][:, 0],
    "linalg.qr": lambda torch, x: torch.linalg.qr(x)[0],
    "linalg.slogdet": lambda torch, x: torch.linalg.slogdet(x)[1],
    "linalg.multi_dot": lambda torch, *parts: torch.linalg.multi_dot(parts),
    "linalg.eigh": lambda torch, x: torch.linalg.eigh((x + x.mT) * 0.5)[1] ** 2,
    "linalg.svd": lambda torch, x: torch.linalg.svd(x, full_matrices=False)[0] ** 2,
    "linalg.cholesky": cholesky,
    "linalg.eigvalsh": lambda torch, x: torch.linalg.eigvalsh((x + x.mT) * 0.5),
    "linalg.norm": renamed("linalg.norm", axis="dim", keepdims="keepdim"),
    "linalg.vector_norm": renamed("linalg.vector_norm", axis="dim", keepdims="keepdim"),
    "linalg.matrix_norm": renamed("linalg.matrix_norm", keepdims="keepdim"),
    "upsample": renamed(F + "interpolate"),
    "hardtanh": renamed(F + "hardtanh"),
    "lstm": layer("lstm", 4),
    "gru": layer("gru", 3),
    "rnn_tanh": layer("rnn_tanh", 1),
}

ALONE: dict[str, str] = {
    "cbrt": "PyTorch has powers only, of which that of a negative number is none",
    "unique_all": "PyTorch does not say where a value stood first",
}

# PyTorch has the value, and no gradient where ours has one.
UNDERIVED = {"heaviside": "ours has a slope in its value at 0"}
