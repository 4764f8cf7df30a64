"""Zip archives, by the standard library, with what it leaves open: how many entries, which of them share bytes."""

from __future__ import annotations

import os
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from io import RawIOBase

from massgen_workspace.archives.model import MOST_ENTRIES, ArchiveRefused, Budget, Kind, Member

_PIECE = 256 * 1024
_MOST_DIRECTORY = 48 * 1024 * 1024
_ENTRY = b"PK\x01\x02"
_LEAST_HEADER = 30
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF_8 = 0x800
_LONGEST_LINK = 4096
_WORDS = {stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
_ERRORS = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    IndexError,
    OverflowError,
    struct.error,
    zlib.error,
)


class _Window(RawIOBase):
    """An open file that refuses a table of contents that is too large to be kept."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._size = os.fstat(file).st_size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        at = offset + (0, self._at, self._size)[whence]
        if at < 0:
            raise OSError("before the beginning")
        self._at = at
        return at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        count = self._size - self._at if size < 0 else min(size, self._size - self._at)
        if count > _MOST_DIRECTORY:
            raise ArchiveRefused("its table of contents is too large")
        data = os.pread(self._file, max(0, count), self._at)
        self._at += len(data)
        if data.count(_ENTRY) > MOST_ENTRIES:
            raise ArchiveRefused(f"it has more than {MOST_ENTRIES} entries")
        return data


class ZipReader:
    """The entries of a zip archive, in the order of its table of contents."""

    def __init__(self, file: int, budget: Budget) -> None:
        self._budget = budget
        self._size = os.fstat(file).st_size
        try:
            self._zip = zipfile.ZipFile(_Window(file))
        except _ERRORS as error:
            raise ArchiveRefused(f"it is a broken zip archive ({error})") from None

    def members(self) -> Iterator[tuple[Member, Iterator[bytes]]]:
        """Each entry, and the content of a file."""
        infos = self._zip.infolist()
        self._demand_apart(infos)
        for info in infos:
            self._budget.entry()
            yield self._member(info), self._content(info)

    def _demand_apart(self, infos: list[zipfile.ZipInfo]) -> None:
        """Entries that share bytes unpack to far more than there is."""
        end = 0
        for info in sorted(infos, key=lambda info: info.header_offset):
            if info.header_offset < end or info.compress_size < 0:
                raise ArchiveRefused("entries in it share the same bytes: it is made to fill the disk")
            end = info.header_offset + _LEAST_HEADER + info.compress_size
        if end > self._size:
            raise ArchiveRefused("it is broken: an entry goes past its end")

    def _member(self, info: zipfile.ZipInfo) -> Member:
        kind, mode, word = _kind(info)
        target = b""
        if kind == "link":
            if info.file_size > _LONGEST_LINK:
                raise ArchiveRefused("it is broken: a link in it is too long")
            target = b"".join(self._content(info))
        return Member(
            name=_name(info),
            kind=kind,
            size=info.file_size if kind == "file" else 0,
            mode=mode,
            time=_time(info),
            target=target,
            word=word,
        )

    def _content(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        if info.flag_bits & _ENCRYPTED:
            raise ArchiveRefused("it is encrypted, and cannot be read without its password")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ArchiveRefused("it is packed in another way than zip archives usually are (deflate)")
        left = info.file_size
        try:
            with self._zip.open(info) as content:
                while piece := content.read(_PIECE):
                    self._budget.take(len(piece))
                    left -= len(piece)
                    yield piece
        except _ERRORS as error:
            raise ArchiveRefused(f"it is a broken zip archive ({error})") from None
        if left:
            raise ArchiveRefused("it is a broken zip archive (an entry has another size than it says)")


def _kind(info: zipfile.ZipInfo) -> tuple[Kind, int, str]:
    mode = info.external_attr >> 16 if info.create_system == 3 else 0
    form = stat.S_IFMT(mode)
    if form == stat.S_IFLNK:
        return "link", 0, ""
    if info.orig_filename.endswith("/") or form == stat.S_IFDIR:
        return "folder", stat.S_IMODE(mode), ""
    if form in _WORDS:
        return "other", 0, _WORDS[form]
    return "file", stat.S_IMODE(mode), ""


def _name(info: zipfile.ZipInfo) -> bytes:
    """The bytes of a name: those that are UTF-8 count as that, whatever the entry says."""
    name = info.orig_filename
    if info.flag_bits & _UTF_8:
        return name.encode("utf-8", "surrogateescape")
    raw = name.encode("cp437", "replace")
    try:
        raw.decode()
    except UnicodeDecodeError:
        return name.encode()
    return raw


def _time(info: zipfile.ZipInfo) -> float | None:
    try:
        return time.mktime((*info.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return None
