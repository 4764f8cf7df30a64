"""openat2(2): one system call that opens a path and does not leave the folder that it starts from."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import cache
from typing import ClassVar

_SYSCALL = 437  # the same on every architecture that Linux had by 5.6 but alpha
_NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x02, 0x04, 0x08
_TRIES = 1000
"""A rename anywhere on the machine can make the kernel ask for another try."""


class _OpenHow(ctypes.Structure):
    _fields_: ClassVar = [("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64)]


@cache
def available() -> bool:
    """Whether the kernel has it, and lets us (a sandbox's filter may not)."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        folder = os.open("/", os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.close(open_beneath(folder, b".", os.O_PATH | os.O_CLOEXEC))
    except OSError:
        return False
    finally:
        os.close(folder)
    return True


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def open_beneath(folder: int, path: bytes, flags: int, mode: int = 0, *, follow: bool = True) -> int:
    """Open a relative path; links are followed as far as they stay beneath ``folder``, none at all without ``follow``.

    Raises:
        OSError: ``EXDEV`` where it would lead out, also while somebody moves folders about.
    """
    resolve = _BENEATH | _NO_MAGICLINKS | (0 if follow else _NO_SYMLINKS)
    how = _OpenHow(flags | os.O_CLOEXEC, mode if flags & os.O_CREAT else 0, resolve)
    for _ in range(_TRIES):
        found = _libc().syscall(_SYSCALL, folder, path, ctypes.byref(how), ctypes.sizeof(how))
        if found >= 0:
            return int(found)
        number = ctypes.get_errno()
        if number not in (errno.EAGAIN, errno.EINTR):
            raise OSError(number, os.strerror(number), os.fsdecode(path))
    raise OSError(errno.EXDEV, "folders were moved about all the time", os.fsdecode(path))
