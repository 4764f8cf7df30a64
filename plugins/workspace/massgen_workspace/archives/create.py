"""An archive made of files and folders, in the order of names; what is in it does not depend on who makes it."""

from __future__ import annotations

import os
import stat
import tarfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from typing import IO, Any, Literal, Protocol, cast

from massgen_core.errors import ToolFailed
from massgen_core.jail.errors import PathRefused
from massgen_core.jail.names import shown
from massgen_core.jail.place import Spot
from massgen_core.jail.roots import kind_of
from massgen_workspace.files.descent import Visit, Wanted, visits
from massgen_workspace.files.meter import Meter

Format = Literal["zip", "tar", "tar.gz", "tar.bz2", "tar.xz"]
FORMATS: tuple[Format, ...] = ("tar.gz", "tar.bz2", "tar.xz", "tar", "zip")

_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_PIECE = 1024 * 1024
_EARLIEST, _LATEST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)
_MODES: dict[Format, Literal["w|", "w|gz", "w|bz2", "w|xz"]] = {
    "tar": "w|",
    "tar.gz": "w|gz",
    "tar.bz2": "w|bz2",
    "tar.xz": "w|xz",
}


class Packer(Protocol):
    """Puts one thing after the other into an archive."""

    def add(self, name: bytes, visit: Visit, content: IO[bytes] | None) -> None:
        """Put a folder, a link or a file with its content into it, under a name."""
        ...

    def close(self) -> None:
        """Write what belongs to the end."""
        ...


def format_of(name: str) -> Format:
    """The format that a name ends with.

    Raises:
        ToolFailed: It ends with none.
    """
    short = {".tgz": "tar.gz", ".tbz2": "tar.bz2", ".txz": "tar.xz"}
    for ending, format in (*((f".{each}", each) for each in FORMATS), *short.items()):
        if name.lower().endswith(ending):
            return cast("Format", format)
    raise ToolFailed("", f"{name}: it ends with no known format; these are made: {', '.join(FORMATS)}")


def packer(file: IO[bytes], format: Format) -> Packer:
    """What packs into an open file."""
    return _Zip(file) if format == "zip" else _Tar(file, format)


def pack(into: Packer, top: Spot, name: bytes, *, wanted: Wanted, meter: Meter) -> None:
    """Put what is at a spot into an archive under a name, a folder with all that is in it.

    Raises:
        PathRefused: Something in it is a pipe, socket or device, or cannot be read.
        OSError: It is not there, or folders are moved about meanwhile.
    """
    with closing(visits(top, wanted=wanted)) as found:
        for visit in found:
            if visit.what != "leave":
                inside = b"/".join(part for part in (name, visit.path) if part)
                if inside:
                    _add(into, inside, visit, meter)
                meter.add(entries=1)


def _add(into: Packer, name: bytes, visit: Visit, meter: Meter) -> None:
    if not stat.S_ISREG(visit.found.st_mode):
        if not (stat.S_ISDIR(visit.found.st_mode) or stat.S_ISLNK(visit.found.st_mode)):
            raise PathRefused(shown(name), f"it is {kind_of(visit.found.st_mode)}: it cannot be packed")
        into.add(name, visit, None)
        return
    file = os.open(visit.name, _READ, dir_fd=visit.folder)
    with os.fdopen(file, "rb", buffering=0) as content:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            raise PathRefused(shown(name), "it is no file by now")
        exact = cast("IO[bytes]", _Exact(content, found.st_size, meter))
        into.add(name, Visit(visit.what, visit.path, visit.folder, visit.name, found), exact)


class _Exact:
    """A file of the size that it had when it was opened: a tar archive says it before the content."""

    def __init__(self, file: IO[bytes], size: int, meter: Meter) -> None:
        self._file = file
        self._left = size
        self._meter = meter

    def read(self, count: int = -1) -> bytes:
        count = self._left if count < 0 else min(count, self._left)
        data = self._file.read(count) if count else b""
        if count and not data:  # it has become shorter
            data = bytes(count)
        self._left -= len(data)
        self._meter.add(bytes=len(data))
        return data


class _Tar:
    def __init__(self, file: IO[bytes], format: Format) -> None:
        self._tar = tarfile.open(  # noqa: SIM115 -- `close` does
            fileobj=file, mode=_MODES[format], format=tarfile.PAX_FORMAT
        )

    def add(self, name: bytes, visit: Visit, content: IO[bytes] | None) -> None:
        mode = visit.found.st_mode
        entry = tarfile.TarInfo(os.fsdecode(name))
        entry.mode, entry.mtime = stat.S_IMODE(mode) & 0o777, visit.found.st_mtime
        if stat.S_ISDIR(mode):
            entry.type = tarfile.DIRTYPE
        elif stat.S_ISLNK(mode):
            entry.type, entry.linkname = tarfile.SYMTYPE, os.fsdecode(os.readlink(visit.name, dir_fd=visit.folder))
        else:
            entry.size = visit.found.st_size
        self._tar.addfile(entry, cast("IO[bytes]", _Whole(content)) if content is not None else None)
        cast("Any", self._tar).members.clear()  # it keeps every one, which nobody asks for

    def close(self) -> None:
        self._tar.close()


class _Whole:
    """Reads as much as is asked for, as `tarfile` wants it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, count: int) -> bytes:
        pieces: list[bytes] = []
        while count and (piece := self._file.read(count)):
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)


class _Zip:
    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)

    def add(self, name: bytes, visit: Visit, content: IO[bytes] | None) -> None:
        mode = visit.found.st_mode
        try:
            text = name.decode()
        except UnicodeDecodeError:
            raise PathRefused(shown(name), "a zip archive holds names that are UTF-8 alone; make a tar") from None
        info = zipfile.ZipInfo(text + "/" if stat.S_ISDIR(mode) else text, _moment(visit.found.st_mtime))
        info.create_system, info.external_attr = 3, (stat.S_IFMT(mode) | stat.S_IMODE(mode) & 0o777) << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        if content is None:
            info.compress_type = zipfile.ZIP_STORED
            data = os.readlink(visit.name, dir_fd=visit.folder) if stat.S_ISLNK(mode) else b""
            self._zip.writestr(info, data)
            return
        info.file_size = visit.found.st_size
        with self._zip.open(info, "w", force_zip64=info.file_size > 2**31 - 1) as target:
            for piece in _pieces(content):
                target.write(piece)

    def close(self) -> None:
        self._zip.close()


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    while piece := content.read(_PIECE):
        yield piece


def _moment(seconds: float) -> tuple[int, int, int, int, int, int]:
    """Local time, as zip archives have it; they begin in 1980."""
    try:
        found = time.localtime(seconds)[:6]
    except (ValueError, OverflowError, OSError):
        return _EARLIEST
    return min(max(found, _EARLIEST), _LATEST)
