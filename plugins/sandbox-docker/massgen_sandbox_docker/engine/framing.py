"""Frames over a byte stream, as the scripts that run inside a container send them: type, number, length, body."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from massgen_core.errors import SandboxError

HEAD = struct.Struct(">cII")


class FramingError(SandboxError):
    """A frame claims to be longer than any may be."""


class FrameReader:
    """Cuts a byte stream into frames, however it arrives; nothing longer than a frame is ever held."""

    def __init__(self, most_body: int) -> None:
        self._most_body = most_body
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, int, bytes]]:
        """The frames that are complete now: type, number, body.

        Raises:
            FramingError: A frame claims to be longer than any may be.
        """
        self._data += data
        while len(self._data) >= HEAD.size:
            kind, number, length = HEAD.unpack_from(self._data)
            if length > self._most_body:
                raise FramingError(f"a frame of {length} bytes")
            if len(self._data) < HEAD.size + length:
                return
            body = bytes(memoryview(self._data)[HEAD.size : HEAD.size + length])
            del self._data[: HEAD.size + length]
            yield kind, number, body
