"""Arrays in the IDX format, that of MNIST.  Floor 0.

The file says of what type and shape its array is, and the numbers follow, the last axis fastest,
high byte first. Source: Y. LeCun, C. Cortes, C. Burges, *The MNIST database*, "file formats".
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np

from ..errors import DataError, FileError, MissingFile
from ..types import Array

__all__ = ["opened", "read_idx", "read_up_to"]

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_AXES = 8
_CHUNK = 1 << 20


def read_idx(source: Any, *, max_bytes: int = 1 << 30) -> Array:
    """Read an array from an IDX file, compressed by gzip or not.

    Parameters
    ----------
    source : path or binary file
        Where it is.
    max_bytes : int
        The most that the array may have; a file that announces more is refused unread.

    Returns
    -------
    array
        In the machine's own byte order.

    Raises
    ------
    MissingFile, FileError
        There is no such file, or it cannot be read.
    DataError
        It is no IDX file, or has less or more numbers than it announces.

    Notes
    -----
    Memory never exceeds what was really read by more than a chunk, whatever the file announces.

    Examples
    --------
    >>> import io
    >>> read_idx(io.BytesIO(bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6])))
    array([[1, 2, 3],
           [4, 5, 6]], dtype=uint8)
    """
    with opened(source) as (stream, name):
        try:
            kind, shape = _header(stream, name)
            size = prod(shape) * kind.itemsize
            # An axis of length 0 must not hide that the others are absurd.
            if (least := prod(max(n, 1) for n in shape) * kind.itemsize) > max_bytes:
                why = "no more than that is read unless max_bytes says so"
                _refuse(name, f"announces {least} bytes, {max_bytes} are allowed", why)
            data = read_up_to(stream, size + 1)
        except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
            _refuse(name, f"is damaged: {broken}", "its compression has no end or no sense")
    if len(data) != size:
        more = "more than" if len(data) > size else f"only {len(data)} of"
        _refuse(
            name,
            f"has {more} the {size} bytes that an array of shape {shape} takes",
            "it was cut off, or is something else",
        )
    return np.frombuffer(data, kind).reshape(shape).astype(kind.newbyteorder("="))


@contextmanager
def opened(source: Any) -> Iterator[tuple[BinaryIO, str]]:
    """Give the bytes of a path or binary file, unpacked if they are compressed, and its name."""
    with ExitStack() as stack:
        if hasattr(source, "read"):
            stream, name = source, str(getattr(source, "name", "the file"))
        else:
            name = os.fspath(source)
            stream = stack.enter_context(_open(Path(name)))
        start = stream.read(2)
        stream.seek(-len(start), os.SEEK_CUR)
        if start == b"\x1f\x8b":
            stream = stack.enter_context(gzip.GzipFile(fileobj=stream))
        yield stream, name


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as missing:
        raise MissingFile(
            f"there is no file {path}",
            why=f"this program runs in {Path.cwd()}",
            fix="Path('data.csv').resolve()   # to see where it is looked for",
        ) from missing
    except (OSError, ValueError) as error:
        raise FileError(f"{path} cannot be read: {error}") from error


def read_up_to(stream: BinaryIO, size: int) -> bytes:
    """Return that many bytes, or fewer at the end, without trusting the number."""
    parts = []
    while size > 0 and (part := stream.read(min(size, _CHUNK))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _header(stream: BinaryIO, name: str) -> tuple[np.dtype[Any], tuple[int, ...]]:
    start = stream.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _TYPES:
        _refuse(name, f"begins with {start!r}", "an IDX file begins with 0, 0, and a type 8 to 14")
    axes = start[3]
    if not 0 < axes <= _MOST_AXES:
        _refuse(name, f"announces {axes} axes", f"1 to {_MOST_AXES} are read")
    sizes = stream.read(4 * axes)
    if len(sizes) < 4 * axes:
        _refuse(name, "ends within its header", "it was cut off")
    shape = tuple(int.from_bytes(sizes[k : k + 4], "big") for k in range(0, 4 * axes, 4))
    return np.dtype(_TYPES[start[2]]), shape


def _refuse(name: str, what: str, why: str) -> NoReturn:
    raise DataError(f"{name} {what}", why=why, fix='tg.data.fetch("mnist")   # fetch it again')
