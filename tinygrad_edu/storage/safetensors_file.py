"""Arrays as ``.safetensors``, by the package of that name: the extra ``io``.

The package refuses overlaps, holes and sizes that do not fit. What it leaves to its caller is done
here: the length of the header, names that stand twice, types that NumPy lacks, and memory that
belongs to the array alone.

Source: Hugging Face, "safetensors", section Format.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..errors import DTypeError, MissingDependency
from ..types import Array
from .faults import Damaged, Refused
from .json_text import parsed
from .numbers_only import settled

__all__ = ["begins_like_one", "read", "write"]

# The one key of ours: with two, the package would write them in a random order.
MANIFEST = "tinygrad_edu"
HEADER_BYTES = 4 << 20
_TYPES = (
    "BOOL", "U8", "I8", "U16", "I16", "F16", "U32", "I32", "F32", "U64", "I64", "F64", "C64",
)  # fmt: skip


def begins_like_one(head: bytes) -> bool:
    """Whether the first bytes are a length and the beginning of a header.

    >>> begins_like_one(b"\\x02" + bytes(7) + b"{}")
    True
    """
    return head[8:9] == b"{"


def write(file: BinaryIO, arrays: Mapping[str, Array], manifest: bytes | None) -> None:
    """Write arrays, and a manifest if there is one: the same bytes for the same contents.

    Raises
    ------
    MissingDependency
        Without the package.
    DTypeError
        For numbers that the format does not know.
    """
    package = _package("numpy")
    for name, array in arrays.items():
        if array.dtype == np.complex128:
            raise DTypeError(
                f"{name!r:.80} is complex128, which a .safetensors file cannot hold",
                fix='tg.save(arrays, "model.npz")',
            )
    notes = None if manifest is None else {MANIFEST: manifest.decode("ascii")}
    file.write(package.save(dict(arrays), notes))


def read(file: BinaryIO, length: int, path: Path) -> tuple[dict[str, Array], bytes | None]:
    """Return the arrays by name, and the manifest if there is one.

    Raises
    ------
    MissingDependency
        Without the package.
    Damaged, Refused
        For everything else.
    """
    package = _package()
    _check_header(file, length)
    try:
        with package.safe_open(path, framework="np") as opened:
            notes = opened.metadata() or {}
            arrays = {name: _owned(opened.get_tensor(name), name) for name in opened.keys()}  # noqa: SIM118
    except package.SafetensorError as error:
        raise Damaged(repr(str(error)[:200])[1:-1]) from None  # it quotes names as they are
    text = notes.get(MANIFEST)
    return arrays, None if text is None else text.encode("utf-8", "replace")


def _check_header(file: BinaryIO, length: int) -> None:
    """Raise before the package sees the file, where it would take too much or choose silently."""
    file.seek(0)
    size = int.from_bytes(file.read(8), "little")
    if size > length - 8:
        raise Damaged(f"its header would have {size} bytes, and {length - 8} follow")
    if size > HEADER_BYTES:
        raise Refused(
            f"its header has {size} bytes, at most {HEADER_BYTES} are read",
            "no model has that many arrays",
        )
    for name, entry in parsed(file.read(size)).items():
        if name == "__metadata__":
            continue
        dtype = entry.get("dtype") if isinstance(entry, dict) else None
        shape = entry.get("shape") if isinstance(entry, dict) else None
        if not isinstance(shape, list) or not isinstance(dtype, str):
            raise Damaged(f"its header says neither type nor shape of {name!r:.80}")
        if len(shape) > 64 or any(type(n) is not int or n < 0 for n in shape):
            raise Damaged(f"{name!r:.80} has an impossible shape")
        if math.prod(n for n in shape if n) >= 1 << 59:  # with a zero among them, nobody else asks
            raise Damaged(f"{name!r:.80} has an impossible shape")
        if dtype not in _TYPES:
            raise Refused(
                f"{name!r:.80} is of the type {dtype!r:.20}",
                "NumPy has no such numbers",
                "model.float().state_dict()   # in PyTorch, before it is saved",
            )


def _owned(array: Any, name: str) -> Array:
    return settled(np.array(array), name)


def _package(part: str | None = None) -> Any:
    try:
        import safetensors
        import safetensors.numpy
    except ImportError:
        raise MissingDependency(
            "a .safetensors file needs the package safetensors, which is not installed",
            code="TG-F07",
            why="a .npz file needs nothing: tg.save(model, 'model.npz')",
            fix='pip install "tinygrad_edu[io]"',
        ) from None
    return safetensors.numpy if part else safetensors
