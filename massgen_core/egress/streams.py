"""Byte streams around byte streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from anyio.abc import ByteStream


class _Around(ByteStream):
    """A stream that does all that another one does."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream

    @property
    def extra_attributes(self) -> Mapping[Any, Callable[[], Any]]:
        """Those of the stream within."""
        return self._stream.extra_attributes  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]

    async def receive(self, max_bytes: int = 65536) -> bytes:
        """Receive from the stream within."""
        return await self._stream.receive(max_bytes)

    async def send(self, item: bytes) -> None:
        """Send to the stream within."""
        await self._stream.send(item)

    async def send_eof(self) -> None:
        """Close the stream within for sending."""
        await self._stream.send_eof()

    async def aclose(self) -> None:
        """Close the stream within."""
        await self._stream.aclose()


class PrefixedStream(_Around):
    """A stream with bytes put back in front that were read from it already."""

    def __init__(self, stream: ByteStream, prefix: bytes) -> None:
        super().__init__(stream)
        self._prefix = prefix

    async def receive(self, max_bytes: int = 65536) -> bytes:
        """The bytes in front first, then the stream's own."""
        if not self._prefix:
            return await self._stream.receive(max_bytes)
        piece, self._prefix = self._prefix[:max_bytes], self._prefix[max_bytes:]
        return piece


class WatchedStream(_Around):
    """A stream that says whenever bytes have moved through it."""

    def __init__(self, stream: ByteStream, moved: Callable[[], None]) -> None:
        super().__init__(stream)
        self._moved = moved

    async def receive(self, max_bytes: int = 65536) -> bytes:
        """Receive from the stream within, and say so."""
        piece = await self._stream.receive(max_bytes)
        self._moved()
        return piece

    async def send(self, item: bytes) -> None:
        """Send to the stream within, and say so once it was taken."""
        await self._stream.send(item)
        self._moved()
