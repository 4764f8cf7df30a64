"""A file's version, however large it is, a piece at a time."""

from __future__ import annotations

import os
import stat
import time
from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock

from massgen_core.jail.place import Spot
from massgen_workspace.files.atomic import version_of_all
from massgen_workspace.files.meter import Meter
from massgen_workspace.text.lines import pieces

_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_PIECE = 1024 * 1024
_MOST = 1000
_RACY = 50_000_000
"""Nanoseconds: a file that was changed so shortly before it was looked at may change again without showing it."""


def version_of_file(spot: Spot) -> str | None:
    """The version (see `atomic.version_of`) of the file at a spot; None where it is none, or cannot be read."""
    try:
        file = os.open(spot.name, _READ, dir_fd=spot.folder)
    except OSError:
        return None
    try:
        return version_of_all(pieces_of(file)) if stat.S_ISREG(os.fstat(file).st_mode) else None
    finally:
        os.close(file)


def pieces_of(file: int, meter: Meter | None = None) -> Iterator[bytes]:
    """All that is in an open file."""
    at = 0
    while piece := os.pread(file, _PIECE, at):
        yield piece
        at += len(piece)
        if meter is not None:
            meter.add(bytes=len(piece))


def version_of_content(file: int, meter: Meter | None = None) -> str:
    """The version of all that is in an open file."""
    return version_of_all(pieces_of(file, meter))


class Versions:
    """The versions of large files: one whose inode, size and times are as they were is not read again.

    Nobody but the kernel sets the time of the last change of an inode (`st_ctime` in inode(7)).
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, int], tuple[tuple[int, int, int], str]] = OrderedDict()
        self._lock = Lock()

    def of(self, file: int) -> str:
        """The version of an open file."""
        found = os.fstat(file)
        key, stamp = (found.st_dev, found.st_ino), (found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        with self._lock:
            known = self._known.get(key)
        if known is not None and known[0] == stamp:
            return known[1]
        settled = time.time_ns() - found.st_ctime_ns > _RACY
        version = version_of_all(pieces(file, 0, found.st_size, _PIECE))  # it may be made longer for ever
        if settled:
            with self._lock:
                self._known[key] = stamp, version
                if len(self._known) > _MOST:
                    self._known.popitem(last=False)
        return version
