"""One file from one of several places, whole and as pinned, or not at all.  Floor 0.

What has arrived lies beside its place under another name until its checksum is right, so a
download that was cut off goes on where it stopped, and nobody ever reads half a file.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import FileError

__all__ = ["NotFetched", "Pinned", "bring"]

_CHUNK = 1 << 18
_TIMEOUT = 20.0


@dataclass(frozen=True)
class Pinned:
    """A file that is known by its content.

    Attributes
    ----------
    name : str
        What it is called, here and at every mirror.
    size : int
        Its bytes.
    sha256 : str
        Their checksum, 64 hexadecimal digits.
    """

    name: str
    size: int
    sha256: str


class NotFetched(Exception):
    """No mirror gave the file; the argument is a list of (mirror, why not)."""


def bring(file: Pinned, mirrors: Iterable[str], folder: Path) -> Path:
    """Return the path of a pinned file, fetched from the first mirror that has it.

    Parameters
    ----------
    file : Pinned
        What is wanted.
    mirrors : iterable of str
        Addresses of folders that have it, ``https://``, ``http://`` or ``file://``.
    folder : Path
        Where it is kept; made if it is not there.

    Raises
    ------
    NotFetched
        With each mirror's reason.
    FileError
        The folder cannot be written.
    """
    place = folder / file.name
    if is_whole(place, file):
        return place
    try:
        folder.mkdir(parents=True, exist_ok=True)
        reasons = []
        with _part(place) as part:
            for mirror in mirrors:
                address = mirror.rstrip("/") + "/" + file.name
                why = _fetch(address, part, file)
                if not why:
                    os.replace(part, place)
                    return place
                reasons.append((mirror, why))
    except OSError as error:
        raise FileError(
            f"{error.filename or folder} cannot be written: {error.strerror or error}",
            why="what was fetched is kept there",
            fix="export TINYGRAD_EDU_DATA=/another/folder",
        ) from error
    raise NotFetched(reasons)


def is_whole(path: Path, file: Pinned) -> bool:
    """Return whether a file is there and is the pinned one, to the bit."""
    try:
        return path.stat().st_size == file.size and _sha256(path) == file.sha256
    except OSError:
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _part(place: Path) -> Iterator[Path]:
    """Where the file grows: the common place, or one of one's own while another process uses it."""
    common = place.with_name(place.name + ".part")
    with ExitStack() as stack:
        if _locked(common, stack):
            yield common
            with suppress(OSError):
                if not common.stat().st_size:
                    common.unlink()
            return
    own = place.with_name(f"{place.name}.{os.getpid()}.part")
    try:
        yield own
    finally:
        own.unlink(missing_ok=True)


def _locked(path: Path, stack: ExitStack) -> bool:
    """Whether nobody else writes that file until the stack is closed, as far as can be known."""
    try:
        import fcntl
    except ImportError:  # not on Windows, where two writers would end with a wrong checksum
        return True
    stream = stack.enter_context(path.open("ab"))
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _fetch(address: str, part: Path, file: Pinned) -> str:
    """Complete ``part`` from one address; the reason if that fails, else nothing."""
    import http.client
    import ssl
    import urllib.error

    try:
        _go_on(address, part, file)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # the range does not exist there: the part is of something else
            _emptied(part)
        with error:
            return f"HTTP {error.code} {error.reason}"
    except urllib.error.URLError as error:
        return str(error.reason)
    except TimeoutError:
        return "time-out"
    except (http.client.HTTPException, ssl.SSLError, ConnectionError, ValueError) as error:
        return f"{type(error).__name__} {error}".strip()
    size = part.stat().st_size
    if size < file.size:
        return f"stopped after {size:,} of {file.size:,} bytes; the next try goes on there"
    right = size == file.size and _sha256(part) == file.sha256
    if not right:
        _emptied(part)  # nothing of it can be trusted
    return "" if right else "it is another file: its sha256 or size is not the pinned one"


def _emptied(part: Path) -> None:
    with suppress(FileNotFoundError):
        os.truncate(part, 0)


def _go_on(address: str, part: Path, file: Pinned) -> None:
    import urllib.request

    if not address.startswith(("https://", "http://", "file://")):
        raise ValueError(f"{address!r} is no address")
    have = part.stat().st_size if part.exists() else 0
    if have >= file.size:
        if have == file.size and _sha256(part) == file.sha256:
            return
        _emptied(part)
        have = 0
    request = urllib.request.Request(address, headers={"User-Agent": "tinygrad_edu"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
        if address.startswith("file://") and have:
            answer.fp.seek(have)
        elif have and getattr(answer, "status", None) != 206:
            _emptied(part)  # the server sends all of it again
            have = 0
        with part.open("ab") as stream:
            # One byte more than there should be is enough to see that it is another file.
            while have <= file.size and (chunk := answer.read(min(_CHUNK, file.size + 1 - have))):
                stream.write(chunk)
                have += len(chunk)
            stream.flush()
            os.fsync(stream.fileno())
