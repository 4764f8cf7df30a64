"""Open a path beneath a folder: by the kernel's own call where that does, else one name after the other."""

from __future__ import annotations

import errno
import os

from massgen_core.jail import openat2, walk

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)
_LONGEST = 4095
"""Bytes of a path that Linux takes in one call."""


def open_beneath(folder: int, path: bytes, flags: int, mode: int = 0, *, follow: bool = True) -> int:
    """Open a relative path; links are followed as far as they stay beneath ``folder``, none at all without ``follow``.

    Raises:
        OSError: ``EXDEV`` where it would lead out.
    """
    if not openat2.available():
        return walk.open_beneath(folder, path, flags, mode, follow=follow)
    if len(path) <= _LONGEST:
        return openat2.open_beneath(folder, path or b".", flags, mode, follow=follow)
    if b".." not in path.split(b"/"):
        try:
            return _in_parts(folder, path, flags, mode)
        except OSError as error:
            if error.errno != errno.ELOOP or not follow:
                raise
    return walk.open_beneath(folder, path, flags, mode, follow=follow)


def _in_parts(folder: int, path: bytes, flags: int, mode: int) -> int:
    """A path that is too long for one call, in as few as take it; without links, for these may lead back up."""
    here = os.dup(folder)
    try:
        while len(path) > _LONGEST:
            cut = path.rfind(b"/", 0, _LONGEST + 1)
            if cut <= 0:
                raise OSError(errno.ENAMETOOLONG if cut else errno.EXDEV, os.fsdecode(path[:64]))
            inner = openat2.open_beneath(here, path[:cut], _FOLDER, follow=False)
            os.close(here)
            here, path = inner, path[cut:].lstrip(b"/")
        return openat2.open_beneath(here, path or b".", flags, mode, follow=False)
    finally:
        os.close(here)
