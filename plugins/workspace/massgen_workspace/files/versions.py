"""A file's version, however large it is, a piece at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from massgen_workspace.files.atomic import version_of_all
from massgen_workspace.files.meter import Meter
from massgen_workspace.jail.place import Spot

_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_PIECE = 1024 * 1024


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
