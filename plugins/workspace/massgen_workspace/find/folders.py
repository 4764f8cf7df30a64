"""What is in an open folder: from the kernel's own records where the C library gives them, else from `os.scandir`.

getdents64(2) writes many records into the same memory, and one expression takes them apart: so a name that nobody wants
costs no object, and none costs a call. A record is an inode's number and an offset (8 bytes each), its own length (2),
a kind (1), the name, and at least one NUL up to a multiple of 8 bytes.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Literal, NamedTuple

Kind = Literal["file", "folder", "link", "other"]

_BUFFER = 64 * 1024
_NAME = rb"(?:[^\0]{5}(?:[^\0]{8})*+.{8}|.{5})"
"""With what fills it up: five letters stand in the word that the kind is in; the first word with a NUL is the last."""
_MOST_ENDINGS = 16
_FILE, _FOLDER, _LINK = "\x08", "\x04", "\x0a"
"""Kinds as in readdir(3); a NUL is that of a file system which does not tell."""


class Entries(NamedTuple):
    """The names in a folder in the order of their bytes, as `os.fsdecode` gives them, and what each is but a file."""

    names: list[str]
    kinds: Mapping[str, Kind]


class Reader:
    """Reads one folder after the other, into the same memory."""

    def __init__(self) -> None:
        self._buffer = bytearray(_BUFFER)
        self._getdents = _getdents(self._buffer)

    def read(self, folder: int, endings: tuple[str, ...] = ("",)) -> Entries:
        """All that is in a folder that was just opened, without most of the files that have none of some ``endings``.

        Raises:
            OSError: It cannot be read to its end.
        """
        records = _records(endings)
        if records is None or self._getdents is None:
            return _scanned(folder)
        found = list[bytes]()
        while length := self._getdents(folder):
            found += filter(None, records.findall(self._buffer, 0, length))
        rows = os.fsdecode(b"\0".join(found)).split("\0") if found else []
        if "" in rows:
            os.lseek(folder, 0, os.SEEK_SET)
            return _scanned(folder)
        return _entries(rows)


def _getdents(buffer: bytearray) -> Callable[[int], int] | None:
    """How some records of a folder get into a buffer, which answers their length; None on a system without it."""
    call = getdents64()
    if call is None:
        return None
    size = len(buffer)
    held = (ctypes.c_char * size).from_buffer(buffer)  # while this lives, the buffer stays where it is
    place = ctypes.addressof(held)

    def read(folder: int, held: object = held) -> int:
        while (length := call(folder, place, size)) < 0:
            number = ctypes.get_errno()
            if number != errno.EINTR:
                raise OSError(number, os.strerror(number))
        return length

    return read


@cache
def getdents64() -> Callable[[int, int, int], int] | None:
    """The call: a folder, where its records go, and how many bytes they may have; None where the system has none."""
    try:
        call = ctypes.CDLL(None, use_errno=True).getdents64
    except (OSError, AttributeError, TypeError):
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t)
    call.restype = ctypes.c_ssize_t
    return call


@lru_cache(64)
def _records(endings: tuple[str, ...]) -> re.Pattern[bytes] | None:
    """Finds kinds with names, and nothing at the end, going over what nobody wants; None where all is wanted."""
    if "" in endings or len(endings) > _MOST_ENDINGS:
        return None
    try:
        others = b"".join(b"(?<!%b)" % re.escape(os.fsencode(each)) for each in endings)
    except UnicodeEncodeError:  # half a letter
        return None
    unwanted = rb"\x08[^.][^\0]*+%b|\x04\.\.?\0" % others
    return re.compile(rb"(?s)(?:.{18}(?=%b).%b)*+(?:.{18}(?=(.[^\0]++)).%b|\Z)" % (unwanted, _NAME, _NAME))


def _entries(rows: list[str]) -> Entries:
    """Of kinds with names."""
    kinds: dict[str, Kind] = {row[1:]: _kind(row[0]) for row in rows if row[0] != _FILE}
    return Entries(sorted((row[1:] for row in rows), key=os.fsencode), kinds)


def _kind(letter: str) -> Kind:
    return "folder" if letter == _FOLDER else "link" if letter == _LINK else "other"


def _scanned(folder: int) -> Entries:
    with os.scandir(folder) as entries:
        every = list(entries)
    names = [entry.name for entry in every]
    kinds: dict[str, Kind] = {
        entry.name: _kind_of(entry) for entry in every if not entry.is_file(follow_symlinks=False)
    }
    names.sort(key=None if "".join(names).isascii() else os.fsencode)
    return Entries(names, kinds)


def _kind_of(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return "link"
    return "folder" if entry.is_dir(follow_symlinks=False) else "other"
