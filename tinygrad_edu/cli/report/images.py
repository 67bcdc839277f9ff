"""Small grey pictures inside the page, as PNG in a data address (floor 6)."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

from ...types import Array

__all__ = ["address", "png"]


def png(pixels: Array) -> bytes:
    """Return an image as the bytes of a PNG file.

    Parameters
    ----------
    pixels : array, shape (height, width)
        0 is white and 1 black, as ink.

    Notes
    -----
    Source: ISO/IEC 15948, Portable Network Graphics, 5.3 and 7.3; every row has filter 0.
    """
    height, width = pixels.shape
    grey = (255 * (1 - np.clip(pixels, 0, 1))).round().astype(np.uint8)
    rows = np.concatenate([np.zeros((height, 1), np.uint8), grey], axis=1).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def address(pixels: Array) -> str:
    """Return an image as a ``data:`` address."""
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
