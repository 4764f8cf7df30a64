"""Zip archives, by their table of contents; each content is read when it is asked for, in constant memory."""

from __future__ import annotations

import os
import stat
import struct
import time
import zlib
from collections.abc import Iterator

from massgen_workspace.archives.model import ArchiveRefused, Budget, Kind, Member
from massgen_workspace.archives.table import LEAST_HEADER, Entry, Table, broken

_PIECE = 256 * 1024
_HEADER = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF_8 = 0x800
_UNIX = 3
_LONGEST_LINK = 4096
_WORDS = {stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}


class ZipReader:
    """The entries of a zip archive, in the order of its table of contents."""

    def __init__(self, file: int, budget: Budget) -> None:
        self._file = file
        self._budget = budget
        self._table = Table(file)

    def members(self) -> Iterator[tuple[Member, Iterator[bytes]]]:
        """Each entry, and the content of a file."""
        for entry in self._table.entries():
            self._budget.entry()
            yield self._member(entry), self._content(entry)

    def _member(self, entry: Entry) -> Member:
        kind, mode, word = _kind(entry)
        target = b""
        if kind == "link":
            if entry.size > _LONGEST_LINK:
                raise ArchiveRefused("it is broken: a link in it is too long")
            target = b"".join(self._content(entry))
        return Member(
            name=_name(entry),
            kind=kind,
            size=entry.size if kind == "file" else 0,
            mode=mode,
            time=_time(entry),
            target=target,
            word=word,
        )

    def _content(self, entry: Entry) -> Iterator[bytes]:
        if entry.flags & _ENCRYPTED:
            raise ArchiveRefused("it is encrypted, and cannot be read without its password")
        if entry.method not in (_STORED, _DEFLATED):
            raise ArchiveRefused("it is packed in another way than zip archives usually are (deflate)")
        left, checksum = entry.size, 0
        packed = self._packed(entry)
        for piece in packed if entry.method == _STORED else self._inflated(packed):
            self._budget.take(len(piece))
            left -= len(piece)
            checksum = zlib.crc32(piece, checksum)
            if left < 0:
                break
            yield piece
        if left:
            raise broken("an entry has another size than it says")
        if checksum != entry.checksum:
            raise broken("the checksum of an entry is wrong")

    def _packed(self, entry: Entry) -> Iterator[bytes]:
        """The bytes of an entry as they are, behind a header that has to have its name."""
        header = os.pread(self._file, LEAST_HEADER + len(entry.name), entry.at)
        if len(header) < LEAST_HEADER + len(entry.name) or not header.startswith(b"PK\x03\x04"):
            raise broken("an entry is not where it should be")
        *_, name, extra = _HEADER.unpack_from(header)
        if name != len(entry.name) or header[LEAST_HEADER:] != entry.name:
            raise broken("an entry has another name than in its table of contents")
        at, left = entry.at + LEAST_HEADER + name + extra, entry.packed
        while left:
            piece = os.pread(self._file, min(left, _PIECE), at)
            if not piece:
                raise broken("it ends too early")
            yield piece
            at, left = at + len(piece), left - len(piece)

    def _inflated(self, packed: Iterator[bytes]) -> Iterator[bytes]:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        data = b""
        while not unpacker.eof:
            data = data or next(packed, b"")
            self._budget.take(0)
            try:
                found = unpacker.decompress(data, _PIECE)
            except zlib.error as error:
                raise broken(str(error)) from None
            if not data and not found:
                return  # the size is not what it should be, then
            data = unpacker.unconsumed_tail
            if found:
                yield found


def _kind(entry: Entry) -> tuple[Kind, int, str]:
    mode = entry.attributes >> 16 if entry.system == _UNIX else 0
    form = stat.S_IFMT(mode)
    if form == stat.S_IFLNK:
        return "link", 0, ""
    if entry.name.endswith(b"/") or form == stat.S_IFDIR:
        return "folder", stat.S_IMODE(mode), ""
    if form in _WORDS:
        return "other", 0, _WORDS[form]
    return "file", stat.S_IMODE(mode), ""


def _name(entry: Entry) -> bytes:
    """The bytes of a name: those that are UTF-8 count as that, whatever the entry says."""
    try:
        entry.name.decode()
    except UnicodeDecodeError:
        return entry.name if entry.flags & _UTF_8 else entry.name.decode("cp437").encode()
    return entry.name


def _time(entry: Entry) -> float | None:
    """Local time, as MS-DOS has it."""
    day, moment = entry.moment
    date = (day >> 9) + 1980, day >> 5 & 15, day & 31
    try:
        return time.mktime((*date, moment >> 11, moment >> 5 & 63, (moment & 31) * 2, 0, 0, -1))
    except (ValueError, OverflowError):
        return None
