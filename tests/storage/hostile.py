"""Files that are wrong in a known way, written without the code that reads them."""

from __future__ import annotations

import io
import json
import struct
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np


def npy(descr: str, shape: str, data: bytes, order: str = "False", version: int = 1) -> bytes:
    """A ``.npy`` file that says what it is told to say."""
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode("latin-1")
    size = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + data


def zipped(members: Mapping[str, bytes] | list[tuple[str, bytes]], compress: bool = False) -> bytes:
    """A zip file; a list may name a member twice."""
    buffer = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore")  # of a name that stands twice
        for name, data in members.items() if isinstance(members, Mapping) else members:
            archive.writestr(name, data)
    return buffer.getvalue()


def safetensors(header: Any, data: bytes = b"", length: int | None = None) -> bytes:
    """A ``.safetensors`` file that says what it is told to say."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(dtype: str, shape: list[int], begin: int, end: int) -> dict[str, Any]:
    """The entry of one array in such a header."""
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def manifest(arrays: Mapping[str, np.ndarray], tree: Any, **changed: Any) -> bytes:
    """A manifest with a checksum that is right."""
    described = {
        name: [array.dtype.name, list(array.shape), zlib.crc32(array.tobytes())]
        for name, array in arrays.items()
    }
    whole = {"format": 1, "package": "0.1.0", "kind": "model", "tree": tree, "arrays": described}
    whole |= changed
    text = json.dumps(whole, separators=(",", ":")).encode()
    return json.dumps({**whole, "checksum": zlib.crc32(text)}, separators=(",", ":")).encode()


def npz(arrays: Mapping[str, np.ndarray], text: bytes | None = None) -> bytes:
    """A ``.npz`` with a manifest."""
    members = {} if text is None else {"manifest.json": text}
    for name, array in arrays.items():
        buffer = io.BytesIO()
        np.save(buffer, array)
        members[f"{name}.npy"] = buffer.getvalue()
    return zipped(members)
