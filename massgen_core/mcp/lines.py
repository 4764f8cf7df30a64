"""Cutting a byte stream into lines, with an upper bound on each."""

from __future__ import annotations


class LineTooLong(ValueError):
    """A line is longer than the bound; ``limit`` is in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"a line is longer than {limit} bytes")


class LineSplitter:
    """Turns chunks of bytes, cut anywhere, into the lines they hold.

    Only the line feed ends a line; a carriage return before it is taken away. Everything else is kept to the byte.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = bytearray()

    @property
    def rest(self) -> bytes:
        """What came after the last line feed."""
        return bytes(self._rest)

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that this chunk completes.

        Raises:
            LineTooLong: A line, finished or not, exceeds the limit; the splitter is of no use afterwards.
        """
        first, *others = chunk.split(b"\n")
        self._check(len(self._rest) + len(first))
        self._rest += first
        if not others:
            return []
        lines = [bytes(self._rest), *others[:-1]]
        for line in others:
            self._check(len(line))
        self._rest = bytearray(others[-1])
        return [line.removesuffix(b"\r") for line in lines]

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise LineTooLong(self._limit)
