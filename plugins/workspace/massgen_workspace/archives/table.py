"""The table of contents of a zip archive, which stands at its end (APPNOTE.TXT 6.3.10 of PKWARE, 4.3.12 to 4.3.16).

The standard library's reader makes an object of several hundred bytes of every entry, and a dictionary of them all;
here the table is kept as it is, and looked through an entry at a time.
"""

from __future__ import annotations

import os
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from massgen_workspace.archives.model import MOST_ENTRIES, ArchiveRefused

LEAST_HEADER = 30
"""Bytes that stand before an entry's content, at least."""

_MOST = 32 * 1024 * 1024
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s4B4H3L5H2L")
_LONGEST_COMMENT = 65535
_FULL, _FULL_DISK = 0xFFFFFFFF, 0xFFFF
_ZIP_64 = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the table says of one: ``at`` is where its header begins, ``packed`` and ``size`` its bytes."""

    name: bytes
    system: int
    flags: int
    method: int
    moment: tuple[int, int]
    checksum: int
    packed: int
    size: int
    attributes: int
    at: int


class Table:
    """The table of an open file. Raises `ArchiveRefused` where there is none, or it is too large or broken."""

    def __init__(self, file: int) -> None:
        self._size = os.fstat(file).st_size
        start, length, self._shift = _found(file, self._size)
        if length > _MOST:
            raise ArchiveRefused("its table of contents is too large")
        self._data = os.pread(file, length, start)
        if len(self._data) < length:
            raise broken("its table of contents is not all there")
        self._demand_apart()

    def entries(self) -> Iterator[Entry]:
        """Each entry, in order."""
        at = 0
        while at < len(self._data):
            entry, at = self._entry(at)
            yield entry

    def _entry(self, at: int) -> tuple[Entry, int]:
        """The entry at a place of the table, and where the next one is."""
        try:
            word, _, system, _, _, flags, method, time, day, crc, packed, size, *lengths, _, _, attributes, place = (
                _ENTRY.unpack_from(self._data, at)
            )
        except struct.error:
            raise broken("its table of contents ends too early") from None
        name_end = at + _ENTRY.size + lengths[0]
        extra_end = name_end + lengths[1]
        end = extra_end + lengths[2]
        if word != b"PK\x01\x02" or end > len(self._data):
            raise broken("its table of contents makes no sense")
        size, packed, place = _wide((size, packed, place), self._data[name_end:extra_end])
        entry = Entry(
            name=self._data[at + _ENTRY.size : name_end],
            system=system,
            flags=flags,
            method=method,
            moment=(day, time),
            checksum=crc,
            packed=packed,
            size=size,
            attributes=attributes,
            at=place + self._shift,
        )
        return entry, end

    def _demand_apart(self) -> None:
        """Entries that share bytes unpack to far more than there is."""
        starts, ends = array("Q"), array("Q")
        for entry in self.entries():
            if len(starts) == MOST_ENTRIES:
                raise ArchiveRefused(f"it has more than {MOST_ENTRIES} entries")
            end = entry.at + LEAST_HEADER + entry.packed
            if end > self._size:
                raise broken("an entry goes past its end")
            starts.append(entry.at)
            ends.append(end)
        before = 0
        for number in sorted(range(len(starts)), key=starts.__getitem__):
            if starts[number] < before:
                raise ArchiveRefused("entries in it share the same bytes: it is made to fill the disk")
            before = ends[number]


def broken(why: str) -> ArchiveRefused:
    """What to say of a zip archive that does not follow its format."""
    return ArchiveRefused(f"it is a broken zip archive ({why})")


def _found(file: int, size: int) -> tuple[int, int, int]:
    """Where the table begins, how long it is, and how many bytes stand before the archive itself."""
    start = max(0, size - _END.size - _LONGEST_COMMENT)
    tail = os.pread(file, size - start, start)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise broken("its table of contents is not there")
    _, disk, _, _, _, length, offset, _ = _END.unpack_from(tail, at)
    if disk not in (0, _FULL_DISK):
        raise broken("it is a part of several files")
    end = start + at
    if (wide := _end_64(file, end)) is not None:
        length, offset = wide
        end -= _LOCATOR.size + _END_64.size
    begins = end - length
    if begins < 0 or begins < offset:
        raise broken("its table of contents is elsewhere than it says")
    return begins, length, begins - offset


def _end_64(file: int, end: int) -> tuple[int, int] | None:
    """Length and place of the table, where they take more than 32 bits; None for an archive that does not say so."""
    here = end - _LOCATOR.size - _END_64.size
    if here < 0:
        return None
    data = os.pread(file, _END_64.size + _LOCATOR.size, here)
    if (
        len(data) < _END_64.size + _LOCATOR.size
        or data[_END_64.size :][:4] != b"PK\x06\x07"
        or data[:4] != b"PK\x06\x06"
    ):
        return None
    *_, length, offset = _END_64.unpack_from(data)
    return length, offset


def _wide(numbers: tuple[int, int, int], extra: bytes) -> tuple[int, int, int]:
    """Size, packed size and place, those that do not fit into 32 bits from the extra field of zip64 (4.5.3)."""
    if _FULL not in numbers:
        return numbers
    values = _zip_64(extra)
    try:
        size, packed, place = (next(values) if number == _FULL else number for number in numbers)
    except RuntimeError:
        raise broken("an entry does not say how large it is") from None
    return size, packed, place


def _zip_64(extra: bytes) -> Iterator[int]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == _ZIP_64:
            data = extra[at + 4 : at + 4 + length]
            yield from (value for (value,) in struct.iter_unpack("<Q", data[: len(data) // 8 * 8]))
            return
        at += 4 + length
