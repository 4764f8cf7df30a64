"""What was deleted and can be had back, and the bounds of that: its age and its size."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from massgen_workspace.history.journal import Journal
from massgen_workspace.history.kept import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Trashed:
    """Something in the trash: its id there, the path it had, the change that deleted it and when (seconds since 1970).

    ``size`` are bytes on the disk, ``entries`` all files, folders and links in it.
    """

    id: str
    path: bytes
    change: int
    made: float
    kind: str
    entries: int
    size: int


class Trash:
    """The trash of one workspace; ``alone`` is the lock under which its history changes."""

    def __init__(self, kept: Kept, journal: Journal, alone: Callable[[], AbstractContextManager[None]]) -> None:
        self._kept = kept
        self._journal = journal
        self._alone = alone

    def list(self) -> Sequence[Trashed]:
        """All that is in it, the last deleted first."""
        found: list[Trashed] = []
        for slot in self._kept.slots():
            came = self._journal.came_in(slot)
            if came is not None:
                id, made, move = came
                found.append(
                    Trashed(
                        id=slot.decode(),
                        path=move.source.path,
                        change=id,
                        made=made,
                        kind=move.kind,
                        entries=move.entries,
                        size=move.size,
                    )
                )
        return sorted(found, key=lambda each: (each.change, each.path), reverse=True)

    def empty(self, ids: Sequence[str]) -> None:
        """Let some of it go for good."""
        with self._alone():
            for id in ids:
                self._kept.discard(id.encode())
        self._kept.sweep()

    def prune(self, *, age: float, size: int) -> Sequence[Trashed]:
        """Let go what is older than ``age`` seconds, and the oldest of what is more than ``size`` bytes together.

        What the last deletion has put there stays, whatever its size: it can be had back until the next one.
        """
        with self._alone():
            doomed = self._doomed(time.time() - age, size)
            for each in doomed:
                self._kept.discard(each.id.encode())
        if doomed:
            self._kept.sweep()
        return doomed

    def _doomed(self, before: float, size: int) -> Sequence[Trashed]:
        every = self.list()
        total = 0
        doomed: list[Trashed] = []
        for each in every:
            total += each.size
            if each.made < before or (total > size and each.change != every[0].change):
                doomed.append(each)
        return doomed
