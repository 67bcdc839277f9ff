"""Members of a zip file, found and unpacked without trusting what it says of itself.

Only what ``np.savez`` writes is accepted: one disk, no encryption, stored or deflated, up to 2 GiB.
Every place and size is compared with the file before a byte is taken for data.

Source: PKWARE, ".ZIP File Format Specification" 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from .faults import Damaged, Refused

__all__ = ["Member", "Stream", "members"]

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LOCATOR = 20  # bytes before the end, in the form for large files

# Bytes of directory that are read at once; 30,000 arrays fit.
DIRECTORY = 4 << 20
# What all members may unpack to: some, and some times the file. Zeros shrink a thousandfold, so a
# small file could fill any memory. Weights hardly shrink at all.
ALLOWANCE, RATIO = 64 << 20, 32
_PIECE = 1 << 18
_ENCRYPTED, _UTF8 = 0x1, 0x800
_KNOWN_FLAGS = _UTF8 | 0x8 | 0x6  # sizes after the data; how hard the writer tried
_DEFLATED = 8


class Member(NamedTuple):
    """Where the bytes of one member lie, and how many they are."""

    name: str
    deflated: bool
    checksum: int
    packed: int
    size: int
    start: int


def members(file: BinaryIO, length: int) -> list[Member]:
    """Return the members of a zip file in the order of its directory.

    Parameters
    ----------
    file : binary file
        Open for reading.
    length : int
        Its bytes.

    Raises
    ------
    Damaged, Refused
        Where it contradicts itself, or would unpack to more than a file of its size should.
    """
    entries, directory = _directory(file, length)
    found: list[Member] = []
    spans: list[tuple[int, int]] = []
    for header, raw, entry in entries:
        start = _start(file, header, raw, directory)
        found.append(entry._replace(start=start))
        spans.append((header, start + entry.packed))
    spans.sort()
    if any(end > begin for (_, end), (begin, _) in pairwise([*spans, (directory, directory)])):
        raise Damaged("two of its members lie on top of each other")
    twice, times = Counter(member.name for member in found).most_common(1)[0] if found else ("", 1)
    if times > 1:
        raise Refused(f"it holds {twice!r:.80} twice", "either could be the one that was meant")
    unpacked = sum(member.size for member in found)
    if unpacked > ALLOWANCE + RATIO * length:
        raise Refused(
            f"its {length} bytes would unpack to {unpacked}",
            "weights hardly shrink when they are packed; this looks like an attempt to fill memory",
            "dict(np.load(path, allow_pickle=False))   # if you trust where it comes from",
        )
    return found


def _directory(file: BinaryIO, length: int) -> tuple[list[tuple[int, bytes, Member]], int]:
    """Where each member's header lies, its name as bytes, and the rest; the directory's place."""
    if length < _END.size:
        raise Damaged(f"it has {length} bytes, and a zip file has at least {_END.size}")
    before = min(length - _END.size, _LOCATOR)
    file.seek(length - _END.size - before)
    locator = _exactly(file, before)
    mark, disk, first, here, count, extent, place, comment = _END.unpack(_exactly(file, _END.size))
    if mark != b"PK\5\6" or comment:
        raise Damaged("it does not end as a zip file does")
    if locator[:4] == b"PK\6\7":
        raise Refused(
            "it is a zip file of the form for more than 2 GiB or 65,534 members",
            "only the plain form is read here",
            "dict(np.load(path, allow_pickle=False))   # if you trust where it comes from",
        )
    if disk or first or here != count or place + extent + _END.size != length:
        raise Damaged("its end does not agree with its length")
    if extent > DIRECTORY:
        raise Refused(
            f"its directory has {extent} bytes, at most {DIRECTORY} are read",
            "no model has that many arrays",
        )
    file.seek(place)
    entries = list(_entries(_exactly(file, extent), count))
    return entries, place


def _entries(directory: bytes, count: int) -> Iterator[tuple[int, bytes, Member]]:
    position = 0
    for _ in range(count):
        try:
            fields = _ENTRY.unpack_from(directory, position)
        except struct.error:
            raise Damaged("its directory ends too early") from None
        mark, _, _, flags, method, _, _, checksum, packed, size, named, extra, said = fields[:13]
        header = fields[16]
        position += _ENTRY.size
        raw = directory[position : position + named]
        position += named + extra + said
        if mark != b"PK\1\2" or len(raw) < named or position > len(directory):
            raise Damaged("its directory is broken")
        try:
            name = raw.decode("utf-8" if flags & _UTF8 else "cp437")
        except UnicodeDecodeError:
            raise Damaged("a name in its directory is no text") from None
        if flags & _ENCRYPTED:
            raise Refused(f"{name!r:.80} is encrypted", "there is no password to open it with")
        if flags & ~_KNOWN_FLAGS or method not in (0, _DEFLATED):
            raise Refused(
                f"{name!r:.80} is packed in a way that np.savez does not use (method {method}, "
                f"flags {flags:#x})",
                "only stored and deflated members are read",
            )
        if method == 0 and packed != size:
            raise Damaged(f"{name!r:.80} has two sizes")
        yield header, raw, Member(name, method == _DEFLATED, checksum, packed, size, 0)
    if position != len(directory):
        raise Damaged("its directory holds more than it counts")


def _start(file: BinaryIO, header: int, raw: bytes, limit: int) -> int:
    """Where the data of a member begins, behind a header that must agree with the directory."""
    if header + _LOCAL.size > limit:
        raise Damaged("a member would lie behind the last byte")
    file.seek(header)
    fields = _LOCAL.unpack(_exactly(file, _LOCAL.size))
    mark, named, extra = fields[0], fields[9], fields[10]
    if mark != b"PK\3\4" or named != len(raw) or _exactly(file, named) != raw:
        raise Damaged("a member is not where the directory says")
    return int(header + _LOCAL.size + named + extra)


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise Damaged("it ends too early")
    return data


class Stream:
    """The bytes of one member, unpacked when they are asked for and never more than asked for.

    Parameters
    ----------
    file : binary file
        Used by one stream at a time.
    member : Member
        From ``members``.

    Attributes
    ----------
    left : int
        How many bytes have not been read.
    """

    def __init__(self, file: BinaryIO, member: Member) -> None:
        self.name, self.left = member.name, member.size
        self._file, self._packed, self._checksum = file, member.packed, member.checksum
        self._sum = 0
        self._inflate = zlib.decompressobj(-15) if member.deflated else None
        self._input = b""
        file.seek(member.start)

    def read(self, count: int) -> bytes:
        """Return the next ``count`` bytes, which must be there."""
        buffer = bytearray(min(count, self.left))
        self.fill(memoryview(buffer))
        if len(buffer) < count:
            raise Damaged(f"{self.name!r:.80} ends too early")
        return bytes(buffer)

    def fill(self, view: memoryview) -> None:
        """Write the next bytes into all of ``view``."""
        done = 0
        while done < len(view):
            piece = self._more(min(len(view) - done, _PIECE))
            if not piece:
                raise Damaged(f"{self.name!r:.80} ends too early")
            view[done : done + len(piece)] = piece
            done += len(piece)
        self._sum = zlib.crc32(view, self._sum)
        self.left -= done

    def finish(self) -> None:
        """Raise unless every byte was read, and is the one that was written."""
        if self.left or self._more(1) or self._packed or self._sum != self._checksum:
            raise Damaged(f"{self.name!r:.80} is not what was written: its checksum is another one")

    def _more(self, most: int) -> bytes:
        """Some of the next bytes; none at the end."""
        if self._inflate is None:
            return self._taken(most)
        while True:
            try:
                piece = self._inflate.decompress(self._input, most)
            except zlib.error as error:
                raise Damaged(f"{self.name!r:.80} cannot be unpacked: {error}") from None
            self._input = self._inflate.unconsumed_tail
            if piece or self._inflate.eof:
                return piece
            self._input = self._taken(_PIECE)
            if not self._input:
                return b""

    def _taken(self, most: int) -> bytes:
        data = self._file.read(min(most, self._packed))
        self._packed -= len(data)
        return data
