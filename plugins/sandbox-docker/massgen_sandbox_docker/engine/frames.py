"""The engine's multiplexed stream, taken apart as it comes.

Every frame is a header of eight bytes (stream number, three zeros, length in network order) and its payload; see
"Stream format" at https://docs.docker.com/reference/api/engine/version/v1.41/#operation/ContainerAttach. A payload is
handed on in the pieces in which it arrives, so a frame of 4 GiB costs no more memory than a small one.
"""

from __future__ import annotations

from collections.abc import Iterator

STDOUT = 1
STDERR = 2
SYSTEM_ERROR = 3

_HEADER = 8


class FrameError(ValueError):
    """The bytes are not a multiplexed stream."""


class FrameParser:
    """An incremental parser: `feed` it what arrives, in any pieces."""

    def __init__(self) -> None:
        self._header = bytearray()
        self._stream = 0
        self._left = 0

    @property
    def between_frames(self) -> bool:
        """Nothing is missing: the stream may end here."""
        return not self._left and not self._header

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The (stream number, bytes) that these bytes hold; raises `FrameError` on garbage."""
        at = 0
        while at < len(data):
            if self._left:
                piece = data[at : at + self._left]
                self._left -= len(piece)
                at += len(piece)
                yield self._stream, piece
            else:
                part = data[at : at + _HEADER - len(self._header)]
                at += len(part)
                self._add_to_header(part)

    def _add_to_header(self, part: bytes) -> None:
        self._header += part
        if len(self._header) < _HEADER:
            return
        stream, padding = self._header[0], bytes(self._header[1:4])
        if stream > SYSTEM_ERROR or padding != b"\0\0\0":
            raise FrameError(f"not a frame of the engine's multiplexed stream: {bytes(self._header)!r}")
        self._stream = stream
        self._left = int.from_bytes(self._header[4:], "big")
        self._header.clear()
