"""How far a long piece of work has come: it is counted, told, and ended where it is too much or not wanted any more."""

from __future__ import annotations

import time
from collections.abc import Callable

from pydantic import ByteSize

from massgen_core.errors import ToolFailed

Tell = Callable[[int, int], None]
"""Called with entries and bytes now and then; what it raises ends the work."""

_EVERY = 0.3


class TooMuch(ToolFailed):
    """More entries or bytes than there may be."""


class Meter:
    """Entries and bytes so far; ``tell`` hears of them every 0.3 seconds.

    ``most_entries`` and ``most_bytes`` are what there may be; more raises `TooMuch`.
    """

    def __init__(
        self, *, most_entries: int | None = None, most_bytes: int | None = None, tell: Tell | None = None
    ) -> None:
        self.entries = 0
        self.bytes = 0
        self._most_entries = most_entries
        self._most_bytes = most_bytes
        self.tell: Tell | None = tell
        self._next = time.monotonic() + _EVERY

    def allow(self, *, entries: int, bytes: int) -> None:
        """Admit so many more from here on, where there was no bound before or a higher one."""
        self._most_entries = self.entries + entries
        self._most_bytes = self.bytes + bytes

    def add(self, *, entries: int = 0, bytes: int = 0) -> None:
        """Count some more.

        Raises:
            TooMuch: There are too many.
        """
        self.entries += entries
        self.bytes += bytes
        if self._most_entries is not None and self.entries > self._most_entries:
            raise TooMuch("", f"there are more than {self._most_entries} files and folders in it")
        if self._most_bytes is not None and self.bytes > self._most_bytes:
            raise TooMuch("", f"there is more than {sized(self._most_bytes)} in it")
        if self.tell is not None and time.monotonic() >= self._next:
            self._next = time.monotonic() + _EVERY
            self.tell(self.entries, self.bytes)


def sized(count: int) -> str:
    """A number of bytes for people."""
    return ByteSize(count).human_readable(separator=" ")
