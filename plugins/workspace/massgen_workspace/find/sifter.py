"""Tell which files hold some bytes: a program of its own, of which several work side by side.

    python -I -S sifter.py SOCKET BYTES

Each message over the socket (a descriptor's number, the bytes in hexadecimal) is a folder's descriptor and names in it,
with NULs between them; the answer to each are the numbers of those that may hold the bytes, two bytes for each.
"""

from __future__ import annotations

import os
import sys
from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
"""For a file by its name in an open folder: no link is followed, and no pipe waited for."""

LARGEST_MESSAGE = 128 * 1024
NOTHING = b"\xff"
"""An answer without numbers."""

_BUFFER = 1024 * 1024
_PAGE = 4096
_WIDE = 0xFE
"""The first byte of a text in UTF-16 or UTF-32 is it or more, or it is a NUL: such a text is read by letters."""


class Sifter:
    """Looks into one file after the other, with the same memory for each."""

    def __init__(self, needle: bytes) -> None:
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._overlap = len(needle) - 1
        self._holds = _finder(self._buffer, needle)

    def sift(self, folder: int | None, names: Sequence[bytes]) -> array[int]:
        """The numbers of the files that hold the bytes somewhere, or in which that can't be said.

        They are in a folder that is open, or else in the one that this program works in.
        """
        found = array("H")
        buffer, views, holds = self._buffer, (self._view,), self._holds
        for number, name in enumerate(names):
            try:
                file = os.open(name, FLAGS, dir_fd=folder)
            except OSError:
                continue
            try:
                length = os.readv(file, views)
                if (
                    holds(length)
                    or (length and (buffer[0] >= _WIDE or not buffer[0]))
                    or (length and length % _PAGE == 0 and self._goes_on(file, length))
                ):
                    found.append(number)
            except OSError:
                continue
            finally:
                os.close(file)
        return found

    def _goes_on(self, file: int, length: int) -> bool:
        """The same for what follows: what may be the beginning of the text is kept in front of it.

        It ends where the file did when this began: others may write faster than anybody reads.
        """
        left = os.fstat(file).st_size - length
        while left > 0:
            kept = min(self._overlap, length)
            self._view[:kept] = bytes(self._view[length - kept : length])
            more = os.readv(file, (self._view[kept:],))
            length, left = kept + more, left - more
            if not more:
                return False
            if self._holds(length):
                return True
            if not self._buffer[kept] and not bytes(self._view[kept:length]).strip(b"\0"):
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
        asked.send(NOTHING)  # it has begun
        while True:
            message, folders, _, _ = socket.recv_fds(asked, LARGEST_MESSAGE, 1)
            if not folders:
                return
            os.fchdir(folders[0])
            os.close(folders[0])
            asked.send(sifter.sift(None, message.split(b"\0")).tobytes() or NOTHING)


if __name__ == "__main__":
    main(int(sys.argv[1]), bytes.fromhex(sys.argv[2]))
