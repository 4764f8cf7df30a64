"""What a background process has said, kept up to a bound, and read from wherever a reader has come to."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from massgen_core.sandbox import Stream
from massgen_core.shell.letters import whole_letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Output from one place to another: both streams, where to go on, and how many bytes before it are gone."""

    stdout: bytes
    stderr: bytes
    cursor: int
    missed: int


class Log:
    """The last ``limit`` bytes of both streams, in the order in which they came; a cursor counts bytes of both."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: deque[tuple[Stream, bytes]] = deque()
        self._first = 0
        self.end: int = 0

    def add(self, stream: Stream, data: bytes) -> None:
        """Append, and forget what is too old."""
        self._pieces.append((stream, data))
        self.end += len(data)
        while self.end - self._first > self._limit:
            stream, oldest = self._pieces.popleft()
            extra = min(len(oldest), self.end - self._first - self._limit)
            self._first += extra
            if extra < len(oldest):
                self._pieces.appendleft((stream, oldest[extra:]))

    def read(self, cursor: int, limit: int) -> Piece:
        """At most ``limit`` bytes after ``cursor``, cut between letters; a negative one counts from the end."""
        wanted = cursor if cursor >= 0 else max(0, self.end + cursor)
        start = min(max(wanted, self._first), self.end)
        found: dict[Stream, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        at, room = self._first, limit
        for stream, data in self._pieces:
            there = data[max(0, start - at) :]
            part = there[:room] if len(there) <= room else whole_letters(there[:room])
            found[stream] += part
            at, room = at + len(data), room - len(part) if len(part) == len(there) else 0
        taken = len(found["stdout"]) + len(found["stderr"])
        return Piece(
            stdout=bytes(found["stdout"]),
            stderr=bytes(found["stderr"]),
            cursor=start + taken,
            missed=max(0, min(self._first, self.end) - wanted) if cursor >= 0 else 0,
        )
