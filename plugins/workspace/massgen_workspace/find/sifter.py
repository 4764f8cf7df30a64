"""Tell which files hold some bytes: a program of its own, of which several work side by side.

    python -I -S sifter.py SOCKET BYTES

Each message over the socket (a descriptor's number, the bytes in hexadecimal) has descriptors of folders, and names in
each: NULs between names, slashes between folders. The answer are the numbers of those that may hold the bytes, counted
through all folders, two bytes for each.
"""

from __future__ import annotations

import os
import sys
from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
"""For a file by its name in an open folder: no link is followed, and no pipe waited for."""

LARGEST_MESSAGE = 32 * 1024
MOST_FOLDERS = 8
NOTHING = b"\xff"
"""An answer without numbers."""

_BUFFER = 256 * 1024
_PIECE = 64 * 1024
"""Room that there is for each file; what is longer is read on."""
_PAGE = 4096
_WIDE = 0xFE
"""The first byte of a text in UTF-16 or UTF-32 is it or more, or it is a NUL: such a text is read by letters."""


class Sifter:
    """Reads one file behind the other into the same memory, and looks through many of them at once."""

    def __init__(self, needle: bytes) -> None:
        self._needle = needle
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._holds = _finder(self._buffer, needle)
        self._long = _Long(needle)

    def sift(self, folder: int, names: Sequence[bytes]) -> list[int]:
        """The numbers of the files in an open folder that hold the bytes somewhere, or in which that can't be said."""
        found, read, at = set[int](), list[tuple[int, int]](), 0
        buffer, view = self._buffer, self._view
        for number, name in enumerate(names):
            try:
                file = os.open(name, FLAGS, dir_fd=folder)
            except OSError:
                continue
            try:
                length = os.readv(file, (view[at:],))
                if length:
                    read.append((number, at))
                    if (
                        buffer[at] >= _WIDE
                        or not buffer[at]
                        or (length % _PAGE == 0 and self._long.holds(file, view[at : at + length]))
                    ):
                        found.add(number)
                    at += length
            except OSError:
                continue
            finally:
                os.close(file)
            if at > _BUFFER - _PIECE:
                found.update(self._which(read, at))
                read, at = [], 0
        found.update(self._which(read, at))
        return sorted(found)

    def _which(self, read: Sequence[tuple[int, int]], end: int) -> Iterator[int]:
        """Of files that were read, each from some place on, those that hold the bytes."""
        if self._holds(end):
            for number, start in reversed(read):
                if self._buffer.find(self._needle, start, end) >= 0:
                    yield number
                end = start


class _Long:
    """Reads what follows the beginning of a long file."""

    def __init__(self, needle: bytes) -> None:
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._overlap = len(needle) - 1
        self._holds = _finder(self._buffer, needle)

    def holds(self, file: int, before: memoryview) -> bool:
        """Whether it holds the bytes: what may be the beginning of them is kept in front of each piece.

        It ends where the file did when this began: others may write faster than anybody reads.
        """
        left = os.fstat(file).st_size - len(before)
        while left > 0:
            kept = min(self._overlap, len(before))
            self._view[:kept] = bytes(before[len(before) - kept :])
            more = os.readv(file, (self._view[kept:],))
            before, left = self._view[: kept + more], left - more
            if not more:
                return False
            if self._holds(kept + more):
                return True
            if not self._buffer[kept] and not bytes(self._view[kept : kept + more]).strip(b"\0"):
                return True  # a hole: whoever reads it in lines will say so
        return False


def _finder(buffer: bytearray, needle: bytes) -> Callable[[int], bool]:
    """Whether some bytes are among the first so many of a buffer: by memmem(3), which skips what cannot be them."""
    try:
        import ctypes

        memmem = ctypes.CDLL(None).memmem
    except (ImportError, OSError, AttributeError, TypeError):  # a system without it
        return lambda length: buffer.find(needle, 0, length) >= 0
    memmem.restype = ctypes.c_void_p
    memmem.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t)
    held = ctypes.c_char.from_buffer(buffer)  # while this lives, the buffer stays where it is
    place, size = ctypes.addressof(held), len(needle)
    return lambda length, held=held: memmem(place, length, needle, size) is not None


def main(number: int, needle: bytes) -> None:
    """Message after message, until the other side is gone."""
    import socket

    sifter = Sifter(needle)
    with socket.socket(fileno=number) as asked:
        while True:
            message, folders, _, _ = socket.recv_fds(asked, LARGEST_MESSAGE, MOST_FOLDERS)
            if not folders:
                return
            asked.send(_answer(sifter, message, folders))


def _answer(sifter: Sifter, message: bytes, folders: Sequence[int]) -> bytes:
    answer, before = array("H"), 0
    for folder, text in zip(folders, message.split(b"/"), strict=True):
        names = text.split(b"\0")
        answer.extend(before + number for number in sifter.sift(folder, names))
        os.close(folder)
        before += len(names)
    return answer.tobytes() or NOTHING


if __name__ == "__main__":
    main(int(sys.argv[1]), bytes.fromhex(sys.argv[2]))
