"""A bounded pipe for bytes, with back-pressure."""

from __future__ import annotations

import anyio


class BytePipe:
    """Bytes from one task to another; `put` waits while ``limit`` bytes or more are unread."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0
        self._closed = False
        self._ready = anyio.Event()
        self._space = anyio.Event()

    async def put(self, data: bytes) -> None:
        """Add bytes, after waiting for space; they are dropped once the pipe is closed."""
        while self._size >= self._limit and not self._closed:
            if self._space.is_set():
                self._space = anyio.Event()
            await self._space.wait()
        if not self._closed:
            self._pieces.append(data)
            self._size += len(data)
            self._ready.set()

    async def get(self) -> bytes:
        """All unread bytes, never empty; raises `anyio.EndOfStream` when closed and empty."""
        while not self._pieces:
            if self._closed:
                raise anyio.EndOfStream
            if self._ready.is_set():
                self._ready = anyio.Event()
            await self._ready.wait()
        data = b"".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        self._space.set()
        return data

    @property
    def empty(self) -> bool:
        """Nothing is unread."""
        return not self._pieces

    def close(self) -> None:
        """No more bytes come; what is unread can still be read."""
        self._closed = True
        self._ready.set()
        self._space.set()
