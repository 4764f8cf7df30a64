"""A file's content into another file: shared with it where the disk can do that, else copied, holes as holes."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

from massgen_workspace.files.meter import Meter

_FICLONE = 0x40049409
"""ioctl_ficlone(2)."""

_SMALL = 128 * 1024
_PIECE = 16 * 1024 * 1024
_READ = 1024 * 1024
_BLOCK = 512
_NEVER = frozenset({errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTTY})
_CANNOT = _NEVER | {errno.EINVAL, errno.EPERM, errno.EBADF, errno.ETXTBSY}
"""The disks cannot, whatever the file is; and with what belongs to one file alone."""


class Contents:
    """Copies contents from one disk to another, and remembers what these two cannot do."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._clones = hasattr(os, "copy_file_range")  # Linux, as is the call
        self._ranges = hasattr(os, "copy_file_range")

    def copy(self, source: int, target: int, size: int, *, holes: bool) -> bool:
        """Copy so many bytes into a new file; returns whether both share them on the disk.

        A file that grows meanwhile is copied up to ``size``, one that shrinks as far as it goes. One without a size may
        hold something all the same, as those of proc(5) do, and is copied up to 128 KiB.
        """
        if not size:
            self._copy(source, target, 0, _SMALL)  # read, as copy_file_range(2) takes such a file for empty
            return False
        if self._clones and self._clone(source, target):  # faster than any copy, also of a small file
            self._meter.add(bytes=size)
            return True
        end = 0
        for start, stop in _filled(source, size) if holes else ((0, size),):
            end = self._copy(source, target, start, stop)
        if holes:
            os.ftruncate(target, max(end, size))
        return False

    def _clone(self, source: int, target: int) -> bool:
        import fcntl

        try:
            fcntl.ioctl(target, _FICLONE, source)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise
            self._clones = error.errno not in _NEVER
            return False
        return True

    def _copy(self, source: int, target: int, at: int, stop: int) -> int:
        """One run of bytes; returns where it ended."""
        while at < stop:
            count = self._range(source, target, at, min(_PIECE, stop - at)) if stop - at > _SMALL else None
            if count is None:
                count = _written(target, os.pread(source, min(_READ, stop - at), at), at)
            if not count:
                break
            at += count
            self._meter.add(bytes=count)
        return at

    def _range(self, source: int, target: int, at: int, count: int) -> int | None:
        """As the kernel copies it; None where it cannot."""
        if not self._ranges:
            return None
        try:
            return os.copy_file_range(source, target, count, at, at)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise
            self._ranges = False
            return None


def has_holes(found: os.stat_result) -> bool:
    """Whether a file takes less of the disk than it is long."""
    return found.st_size > _SMALL and found.st_blocks * _BLOCK < found.st_size


def _written(target: int, piece: bytes, at: int) -> int:
    done = os.pwrite(target, piece, at) if piece else 0
    while done < len(piece):
        done += os.pwrite(target, memoryview(piece)[done:], at + done)
    return done


def _filled(source: int, size: int) -> Iterator[tuple[int, int]]:
    """The runs of a file that are no holes."""
    at = 0
    while at < size:
        try:
            start = os.lseek(source, at, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing but a hole is left
                return
            start = at
        if start >= size:
            return
        at = min(size, os.lseek(source, start, os.SEEK_HOLE))
        yield start, at
