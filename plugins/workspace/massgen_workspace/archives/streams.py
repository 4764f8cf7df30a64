"""The bytes of an archive as a stream that is read forward, unpacked a bounded piece at a time."""

from __future__ import annotations

import bz2
import lzma
import os
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

from massgen_workspace.archives.model import ArchiveRefused, Budget

_PIECE = 256 * 1024
_MOST_MEMORY = 80 * 1024 * 1024
"""Bytes that unpacking xz may take; its largest preset takes 65 MiB."""

_MOST_EMPTY = 1000
"""Parts of a packed stream that hold nothing."""


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """`zlib.decompressobj` as the other two are; its checksums are compared with the content."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)
        self.needs_input: bool = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        found = self._inner.decompress(self._inner.unconsumed_tail + data, max(0, max_length))
        self.needs_input = not self._inner.unconsumed_tail and len(found) < max_length
        return found


UNPACKERS: dict[str, Callable[[], _Unpacker]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(memlimit=_MOST_MEMORY),
}

_ERRORS = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)


def stored(file: int) -> Iterator[bytes]:
    """The bytes of an open file as they are."""
    at = 0
    while piece := os.pread(file, _PIECE, at):
        at += len(piece)
        yield piece


def unpacked(source: Iterator[bytes], kind: str, budget: Budget) -> Iterator[bytes]:
    """A packed stream's content; several packed one behind the other are one.

    Raises:
        ArchiveRefused: It is broken, or ends too early.
    """
    make = UNPACKERS[kind]
    unpacker, data, began, empty, size = make(), b"", False, 0, 0
    while True:
        if not data and unpacker.needs_input:
            data = next(source, b"")
            if not data and not began:
                return
            if not data:
                raise ArchiveRefused("it ends too early")
        budget.take(0)
        try:
            found = unpacker.decompress(data, _PIECE)
        except _ERRORS as error:
            raise ArchiveRefused(f"it is broken: what {kind} has packed cannot be unpacked ({error})") from None
        data, began, size = b"", True, size + len(found)
        if found:
            yield found
        if unpacker.eof:
            empty += not size
            if empty > _MOST_EMPTY:
                raise ArchiveRefused("it is made of parts that hold nothing")
            data = unpacker.unused_data.lstrip(b"\0")  # what tapes and pipes are filled up with
            unpacker, began, size = make(), bool(data), 0


class Tape:
    """A stream from which as much is taken as is asked for, forward."""

    def __init__(self, pieces: Iterator[bytes], budget: Budget) -> None:
        self._pieces = pieces
        self._budget = budget
        self._rest = b""

    def read(self, count: int) -> bytes:
        """So many bytes, fewer at the end."""
        found = bytearray()
        while len(found) < count:
            if not self._rest and not self._fill():
                break
            wanted = count - len(found)
            found += self._rest[:wanted]
            self._rest = self._rest[wanted:]
        return bytes(found)

    def pieces(self, count: int) -> Iterator[bytes]:
        """So many bytes, as they come. Raises `ArchiveRefused` where there are fewer."""
        while count:
            if not self._rest and not self._fill():
                raise ArchiveRefused("it ends too early, in the middle of a file")
            piece, self._rest = self._rest[:count], self._rest[count:]
            count -= len(piece)
            yield piece

    def drain(self) -> None:
        """Read all that is left, so that its checksums are looked at."""
        self._rest = b""
        while self._fill():
            pass

    def _fill(self) -> bool:
        self._rest = next(self._pieces, b"")
        self._budget.take(len(self._rest))
        return bool(self._rest)
