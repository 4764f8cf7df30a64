"""Waiting until the disk has something: a file, the names in a folder, or all that was written."""

from __future__ import annotations

import ctypes
import os


def sync_disk(folder: int) -> None:
    """All that was written to the disk of an open folder, in one call however many files it is (syncfs(2))."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if call is None or call(folder) != 0:
        os.sync()


def sync_path(path: str | os.PathLike[str]) -> None:
    """A file, or the names in a folder, by whomever they were written (fsync(2))."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
