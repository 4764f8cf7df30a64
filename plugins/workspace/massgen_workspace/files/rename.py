"""A move that never takes the place of something: renameat2(2) with RENAME_NOREPLACE, or what comes nearest to it."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys
from collections.abc import Callable
from functools import cache

from massgen_core.jail.place import Spot

_NOREPLACE = 1
_EXCL = 4
"""renamex_np(2) of macOS."""

_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM})
"""The kernel, the file system or a sandbox's filter does not have it; EINVAL stands for more, and is asked again."""


def move(source: Spot, target: Spot) -> None:
    """Move what is at a spot, a link itself, to another one on the same disk, where nothing is.

    Raises:
        FileExistsError: Something is there.
        OSError: ``EXDEV`` for another disk, ``EINVAL`` for a folder that would come into itself, and so on.
    """
    call = _exclusive()
    if call is not None:
        if call(source, target) == 0:
            return
        number = ctypes.get_errno()
        if number not in _CANNOT:
            raise OSError(number, os.strerror(number), os.fsdecode(source.name))
    move_by_link(source, target)


def move_by_link(source: Spot, target: Spot) -> None:
    """The same without that call: exact for files and links; a folder's target is looked at, and then taken."""
    found = os.stat(source.name, dir_fd=source.folder, follow_symlinks=False)
    if not stat.S_ISDIR(found.st_mode):
        os.link(source.name, target.name, src_dir_fd=source.folder, dst_dir_fd=target.folder, follow_symlinks=False)
        os.unlink(source.name, dir_fd=source.folder)
        return
    try:
        os.stat(target.name, dir_fd=target.folder, follow_symlinks=False)
    except FileNotFoundError:
        os.rename(source.name, target.name, src_dir_fd=source.folder, dst_dir_fd=target.folder)
        return
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fsdecode(target.name))


@cache
def _exclusive() -> Callable[[Spot, Spot], int] | None:
    """The system's own call, where it has one."""
    library = ctypes.CDLL(None, use_errno=True)
    name, flag = ("renameatx_np", _EXCL) if sys.platform == "darwin" else ("renameat2", _NOREPLACE)
    function = getattr(library, name, None)
    if function is None:
        return None
    function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]

    def call(source: Spot, target: Spot) -> int:
        return int(function(source.folder, source.name, target.folder, target.name, flag))

    return call
