"""What a file says of itself: the version of its form, and what its arrays are together.

The JSON object ``{"format": 1, "package": "0.1.0", "kind": "model", "tree": ...,
"arrays": {"0.weight": ["float32", [2, 3], 3132212], ...}, "checksum": 912831}``. A change that an
older version of the package would misread raises ``FORMAT``; ``understood`` then goes on reading
the older forms. The checksums, CRC-32, tell damage, which ``.safetensors`` does not: they are no
signature.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from .._version import __version__
from ..errors import ArgumentError
from ..types import Array
from .faults import Damaged, Newer
from .json_text import parsed, written as json_written
from .numbers_only import as_bytes

__all__ = ["FORMAT", "MANIFEST_BYTES", "understood", "written"]

FORMAT = 1
# As text. Lists of numbers that long are arrays; nothing that large is parsed from a file.
MANIFEST_BYTES = 4 << 20


def written(kind: str, tree: Any, arrays: Mapping[str, Array]) -> bytes:
    """Return the manifest as JSON.

    Raises
    ------
    ArgumentError
        For one that is too long to be read again.
    """
    manifest = {
        "format": FORMAT,
        "package": __version__,
        "kind": kind,
        "tree": tree,
        "arrays": _described(arrays),
    }
    text = json_written({**manifest, "checksum": zlib.crc32(json_written(manifest))})
    if len(text) > MANIFEST_BYTES // 2:  # the header of .safetensors quotes it again
        raise ArgumentError(
            f"settings and plain numbers take {len(text)} bytes as text",
            why=f"at most {MANIFEST_BYTES // 2} are read again; arrays may be of any size",
            fix="np.asarray(history)   # an array for a long list of numbers",
        )
    return text


def understood(text: bytes, arrays: Mapping[str, Array]) -> tuple[str, Any]:
    """Return kind and tree of a manifest that belongs to these arrays.

    Raises
    ------
    Damaged, Newer
        For another one.
    """
    manifest = parsed(text)
    format, package = manifest.get("format"), manifest.get("package")
    if type(format) is not int or format < 1 or not isinstance(package, str):
        raise Damaged("its manifest does not say in which version of the form it is written")
    if format > FORMAT:
        raise Newer(format, package)
    checksum = manifest.pop("checksum", None)
    try:
        right = zlib.crc32(json_written(manifest))
    except (ValueError, RecursionError) as error:  # 1e999 is JSON, and no number
        raise Damaged(f"its manifest cannot be read: {error!s:.200}") from None
    if checksum != right:
        raise Damaged("its manifest is not what was written: its checksum is another one")
    if manifest.keys() != {"format", "package", "kind", "tree", "arrays"}:
        raise Damaged(f"its manifest has the parts {', '.join(manifest)!s:.200}")
    if not isinstance(manifest["kind"], str):
        raise Damaged("its manifest does not say what it describes")
    if manifest["arrays"] != _described(arrays):
        raise Damaged("its arrays are not those that its manifest lists")
    return manifest["kind"], manifest["tree"]


def _described(arrays: Mapping[str, Array]) -> dict[str, list[Any]]:
    return {
        name: [array.dtype.name, list(array.shape), zlib.crc32(as_bytes(array))]
        for name, array in arrays.items()
    }
