"""Read and write a file of arrays, in the format that its name or its first bytes say."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from ..types import Array
from . import catalogue, npz_file, safetensors_file
from .faults import Damaged, Newer, Refused
from .manifest import MANIFEST_BYTES, understood, written
from .numbers_only import as_stored
from .replacing import replacing

__all__ = ["Contents", "read", "write"]

SUFFIXES = (".npz", ".safetensors")
# The plain form of a zip file counts so far; a .safetensors file has no such end.
_NPZ_BYTES = (1 << 31) - (1 << 20)
_NAME_BYTES = 1000


class Contents(NamedTuple):
    """What a file holds.

    Attributes
    ----------
    arrays : dict of str to array
        By name, in memory of their own.
    kind : str
        What the manifest describes; empty without one.
    tree : any
        The description, in the words of that kind.
    """

    arrays: dict[str, Array]
    kind: str = ""
    tree: Any = None


def write(path: Any, arrays: Mapping[str, Any], kind: str = "", tree: Any = None) -> Path:
    """Write a file of arrays as a whole or not at all.

    Parameters
    ----------
    path : str or path
        Ends with ``.npz`` or ``.safetensors``; what is there is replaced.
    arrays : mapping of str to array
        What to write, under which names. Converted to rows of little-endian numbers.
    kind, tree
        A manifest: what the arrays are together, as JSON values. Without a kind there is none,
        and the file is what any other library would write.

    Returns
    -------
    Path
        Where it lies.

    Raises
    ------
    FileError
        When the system cannot write there. The old file is as it was.
    ArgumentError, DTypeError, MissingDependency
        For names, numbers and formats that cannot be.

    Notes
    -----
    The bytes depend on the contents alone: there is no time and no name of a user among them.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> read(write(folder / "weights.npz", {"w": [1.0, 2.0]})).arrays
    {'w': array([1., 2.])}
    """
    place = _place(path)
    if place.suffix not in SUFFIXES:
        raise catalogue.unknown_suffix(place, SUFFIXES)
    stored = {_name(name): as_stored(array, str(name)) for name, array in arrays.items()}
    text = written(kind, tree, stored) if kind else None
    _fits(place, stored)
    if os.path.isdir(place):
        raise catalogue.not_a_file(place)
    try:
        with replacing(place) as file:
            form = npz_file if place.suffix == ".npz" else safetensors_file
            form.write(file, stored, text)
    except OSError as error:
        raise catalogue.cannot_write(place, error) from error
    return place


def _fits(place: Path, arrays: Mapping[str, Array]) -> None:
    if place.suffix == ".npz" and sum(array.nbytes for array in arrays.values()) > _NPZ_BYTES:
        raise catalogue.too_large(place)
    # In the directory of the one format and in the header of the other; no more is read again.
    listed = sum(len(json.dumps(name)) + 100 + 20 * array.ndim for name, array in arrays.items())
    if listed > MANIFEST_BYTES // 2:
        raise catalogue.too_many(place, len(arrays))


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise catalogue.unwritable_name(name)
    try:
        length = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        raise catalogue.unwritable_name(name) from None
    if length > _NAME_BYTES or "\0" in name or name == "__metadata__":
        raise catalogue.unwritable_name(name)
    return name


def read(path: Any) -> Contents:
    """Read a file of arrays, whatever its name ends with.

    Parameters
    ----------
    path : str or path
        A ``.npz`` or ``.safetensors`` file, from here, from NumPy or from PyTorch.

    Raises
    ------
    FileError
        When there is no such file, or the system cannot read it.
    LoadError
        When it is something else, cut off, damaged, from a newer version or made to harm.
    MissingDependency
        For a ``.safetensors`` file without the package of that name.
    """
    place = _place(path)
    with _opened(place) as file:
        length = os.fstat(file.fileno()).st_size
        try:
            return _contents(file, length, place)
        except Damaged as fault:
            raise catalogue.damaged(place, length, fault) from None
        except Refused as fault:
            raise catalogue.refused(place, fault) from None
        except Newer as fault:
            raise catalogue.newer(place, fault) from None
        except OSError as error:
            raise catalogue.cannot_read(place, error) from error


def _contents(file: BinaryIO, length: int, place: Path) -> Contents:
    head = file.read(128)
    if head.startswith(b"PK") and not catalogue.is_of_pytorch(head):
        arrays, text = npz_file.read(file, length)
    elif safetensors_file.begins_like_one(head):
        arrays, text = safetensors_file.read(file, length, place)
    else:
        raise catalogue.another_format(place, head)
    return Contents(arrays) if text is None else Contents(arrays, *understood(text, arrays))


def _place(path: Any) -> Path:
    if not isinstance(path, (str, os.PathLike)):
        raise catalogue.not_a_path(path)
    text = os.fspath(path)
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        raise catalogue.not_a_path(path) from None
    if not isinstance(text, str) or "\0" in text:
        raise catalogue.not_a_path(path)
    return Path(text)


def _opened(place: Path) -> BinaryIO:
    """The file, if it is one: opening a pipe would wait for ever, and a device never ends."""
    try:
        if stat.S_ISREG(place.stat().st_mode):
            return place.open("rb")
    except FileNotFoundError:
        raise catalogue.missing(place) from None
    except OSError as error:
        if error.errno == errno.ENOTDIR:
            raise catalogue.missing(place) from None
        raise catalogue.cannot_read(place, error) from error
    raise catalogue.not_a_file(place)
