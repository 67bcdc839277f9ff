"""Write a file as a whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["replacing"]


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of ``path`` when the block ends without an error.

    Parameters
    ----------
    path : Path
        In a folder that exists. Readers find the old file or the new one, never a part.
    durable : bool
        Wait until the disk has it, so that even a machine that goes down leaves one of the two.

    Raises
    ------
    OSError
        As the system says. The old file is as it was then.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> with replacing(folder / "note.txt") as file:
    ...     file.write(b"whole")
    5
    >>> [each.name for each in folder.iterdir()]
    ['note.txt']
    """
    place = Path(os.path.realpath(path))  # a link stays a link
    # Beside its place, since a file cannot be renamed to another disk; hidden, and never a name
    # that somebody else may be writing to.
    temporary = place.with_name(f".{place.name[:50]}.{secrets.token_hex(4)}")
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(temporary, flags, 0o666), "wb") as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        with suppress(OSError):  # no old file, or no such thing as its mode
            shutil.copymode(place, temporary)
        os.replace(temporary, place)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    if durable:
        _settle(place.parent)


def _settle(folder: Path) -> None:
    """Wait until the disk has the new name, where a system can be asked for that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
