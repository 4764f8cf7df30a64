"""What an archive holds, whatever its format, and how much of it is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from massgen_core.errors import ToolFailed
from massgen_workspace.files.meter import Meter, sized

Kind = Literal["file", "folder", "link", "hard link", "other"]

MOST_ENTRIES = 200_000
"""Entries of one archive."""

_FREE = 64 * 1024 * 1024
_RATIO = 250
"""How many times its own size an archive may unpack to, when that is more than `_FREE` bytes."""


class ArchiveRefused(ToolFailed):
    """An archive that is broken, of no known format, or made to do harm."""

    def __init__(self, reason: str) -> None:
        super().__init__("", reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One entry: its name as the archive has it, rights (0 where it says nothing), time in seconds, a link's target."""

    name: bytes
    kind: Kind
    size: int = 0
    mode: int = 0
    time: float | None = None
    target: bytes = b""
    word: str = ""
    """What it is, where it is something ``other``."""


class Reader(Protocol):
    """The entries of an archive in its order; a file's content is read before the next one is asked for, or not at all.

    Raises `ArchiveRefused` where the archive is broken.
    """

    def members(self) -> Iterator[tuple[Member, Iterator[bytes]]]:
        """Each entry, and the content of a file."""
        ...


class Budget:
    """What is unpacked of one archive, held to a size and to a multiple of the archive's own, while it is read."""

    def __init__(self, meter: Meter, *, size: int, most: int, room: int | None = None) -> None:
        self._meter = meter
        self._size = size
        self._most = most if room is None else min(most, room)
        self._full = room is not None and room < most
        self._taken = 0
        self._entries = 0

    def take(self, count: int) -> None:
        """So many bytes more, 0 for work without any. Raises `ArchiveRefused` where it is too much."""
        self._taken += count
        if self._taken > self._most:
            why = ", and the disk has room for no more" if self._full else ""
            raise ArchiveRefused(f"it unpacks to more than {sized(self._most)}{why}")
        if self._taken > _FREE and self._taken > _RATIO * self._size:
            raise ArchiveRefused(
                f"{sized(self._size)} unpack to more than {sized(self._taken)}: it is made to fill the disk"
            )
        self._meter.add(bytes=count)

    def entry(self) -> None:
        """One entry more. Raises `ArchiveRefused` where they are too many."""
        self._entries += 1
        if self._entries > MOST_ENTRIES:
            raise ArchiveRefused(f"it has more than {MOST_ENTRIES} entries")
        self._meter.add(entries=1)
