"""Arrays as ``.npz``: a zip file of ``.npy`` members, as ``np.savez`` writes and ``np.load`` reads.

Source: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
"""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Mapping
from typing import BinaryIO

import numpy as np

from ..types import Array
from .faults import Damaged, Refused
from .manifest import MANIFEST_BYTES
from .numbers_only import TYPES, settled
from .zip_directory import Stream, members

__all__ = ["read", "write"]

MANIFEST = "manifest.json"
_HEADER_BYTES = 4096
# The one thing that NumPy writes there. Matching it needs no evaluation of what a file says.
_HEADER = re.compile(
    r"\{\s*'descr':\s*'([<>|=]?\w{1,8})',\s*'fortran_order':\s*(True|False),"
    r"\s*'shape':\s*\(([\d, ]*)\),?\s*\}\s*"
)


def write(file: BinaryIO, arrays: Mapping[str, Array], manifest: bytes | None) -> None:
    """Write arrays, and a manifest if there is one: the same bytes for the same contents."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        if manifest is not None:
            archive.writestr(_entry(MANIFEST), manifest)
        for name, array in arrays.items():
            with archive.open(_entry(f"{name}.npy"), "w") as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def _entry(name: str) -> zipfile.ZipInfo:
    """A member without a time, an owner or a system in which it was written."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry


def read(file: BinaryIO, length: int) -> tuple[dict[str, Array], bytes | None]:
    """Return the arrays by name, and the manifest if there is one.

    Raises
    ------
    Damaged, Refused
        For everything else.
    """
    arrays: dict[str, Array] = {}
    manifest = None
    for member in members(file, length):
        stream = Stream(file, member)
        if member.name == MANIFEST:
            if member.size > MANIFEST_BYTES:
                raise Refused(
                    f"its manifest has {member.size} bytes, at most {MANIFEST_BYTES} are read",
                    "a manifest holds names and settings, no numbers",
                )
            manifest = stream.read(member.size)
        elif member.name.endswith(".npy"):
            arrays[member.name.removesuffix(".npy")] = _array(stream)
        else:
            raise Refused(
                f"it is a zip file that holds {member.name!r:.80}", "arrays end with .npy there"
            )
        stream.finish()
    return arrays, manifest


def _array(stream: Stream) -> Array:
    """The array of a member, made only after its size is known to be there."""
    dtype, shape, reverse = _layout(stream)
    needed = math.prod(shape) * dtype.itemsize
    if needed != stream.left:
        raise Damaged(
            f"{stream.name!r:.80} would have shape {shape} of {dtype}, {needed} bytes, and has "
            f"{stream.left}"
        )
    try:
        array = np.empty(shape[::-1] if reverse else shape, dtype)
    except ValueError as error:  # no numbers, along an axis longer than an address
        raise Damaged(f"{stream.name!r:.80} has no possible shape: {error}") from None
    if array.size:
        stream.fill(array.reshape(-1).view(np.uint8).data)
    return settled(array.T if reverse else array, stream.name)


def _layout(stream: Stream) -> tuple[np.dtype[np.generic], tuple[int, ...], bool]:
    """Type, shape, and whether the first axis runs fastest, from the header of a member."""
    magic = stream.read(8)
    if magic[:6] != b"\x93NUMPY" or magic[6] not in (1, 2, 3):
        raise Damaged(f"{stream.name!r:.80} does not begin as an array does")
    size = int.from_bytes(stream.read(2 if magic[6] == 1 else 4), "little")
    if size > _HEADER_BYTES:
        raise Refused(
            f"{stream.name!r:.80} has a header of {size} bytes",
            f"that of an array of numbers has at most {_HEADER_BYTES}",
        )
    text = stream.read(size).decode("latin-1")
    found = _HEADER.fullmatch(text)
    if found is None or found[1].lstrip("<>|=") not in TYPES:
        raise _no_numbers(stream.name, text)
    lengths = [part.strip() for part in found[3].split(",") if part.strip()]
    if len(lengths) > 64 or any(" " in part or len(part) > 18 for part in lengths):
        raise Damaged(f"{stream.name!r:.80} has an impossible shape")
    return np.dtype(found[1]), tuple(map(int, lengths)), found[2] == "True"


def _no_numbers(name: str, header: str) -> Exception:
    if re.search(r"'\|?O\d*'", header):
        return Refused(
            f"{name!r:.80} holds Python objects, as a pickle",
            "unpacking a pickle runs whatever code its author chose",
            "model.state_dict()   # save this instead: arrays of numbers",
        )
    if "'descr'" in header:
        return Refused(
            f"{name!r:.80} does not hold plain numbers: {header.strip():.120}",
            "weights are arrays of truth values, whole, floating or complex numbers",
        )
    return Damaged(f"{name!r:.80} has no readable header")
