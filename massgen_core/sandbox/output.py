"""Bounded places for output: the last bytes of a stream, the first and last ones of many."""

from __future__ import annotations

from collections import deque


class ByteRing:
    """The last ``limit`` bytes of a stream."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: deque[bytes] = deque()
        self._size = 0

    def add(self, data: bytes) -> None:
        """Append, and forget what is too old."""
        self._pieces.append(data[-self._limit :])
        self._size += len(self._pieces[-1])
        while self._size > self._limit:
            extra = self._size - self._limit
            first = self._pieces.popleft()
            self._size -= len(first)
            if len(first) > extra:
                self._pieces.appendleft(first[extra:])
                self._size += len(first) - extra

    def bytes(self) -> bytes:
        """What is kept, oldest first."""
        return b"".join(self._pieces)


class HeadAndTail:
    """The first and the last half of ``limit`` bytes, and the count of all."""

    def __init__(self, limit: int) -> None:
        self._head = bytearray()
        self._head_limit = limit - limit // 2
        self._tail = ByteRing(max(1, limit // 2))
        self._limit = limit
        self.total: int = 0

    def add(self, data: bytes) -> None:
        """Append bytes."""
        self.total += len(data)
        room = self._head_limit - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        if data:
            self._tail.add(data)

    def bytes(self) -> bytes:
        """Everything while it fits; else head and tail with a line between them that counts what is left out."""
        tail = self._tail.bytes()
        if self.total <= self._limit:
            return bytes(self._head) + tail
        mark = f"\n[… {self.total - self._limit} bytes left out …]\n".encode()
        kept = max(0, self._limit - len(mark))
        head, end = kept - kept // 2, kept // 2
        return (bytes(self._head[:head]) + mark + (tail[-end:] if end else b""))[: self._limit]
