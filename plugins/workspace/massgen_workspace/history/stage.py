"""Where things are made ready before one change puts them into place; what is left of them goes."""

from __future__ import annotations

import os
from contextlib import suppress
from types import TracebackType
from typing import Self

from massgen_core.jail.errors import PathRefused
from massgen_core.jail.place import Spot
from massgen_core.jail.roots import identity
from massgen_workspace.files.meter import sized
from massgen_workspace.files.syncing import sync_disk
from massgen_workspace.history.kept import Kept, new_stage

_SPARE = 64 * 1024 * 1024
"""Bytes of the disk that are left to others."""


class Stage:
    """Names in the folder beside a workspace, for as long as a block takes."""

    def __init__(self, kept: Kept, *, durable: bool) -> None:
        self._kept = kept
        self._durable = durable
        self._names: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for name in self._names:
            with suppress(OSError):
                self._kept.discard(name)
        if self._names:
            self._kept.sweep()

    def spot(self) -> Spot:
        """A new name, at which something is to be made; its ``name`` is what `Arrange.put` takes.

        Raises:
            OSError: The folder cannot be made.
        """
        name = new_stage()
        folder = self._kept.folder()
        self._names.append(name)
        return Spot(folder, name)

    def wanted(self, path: bytes, found: os.stat_result) -> bool:
        """Whether something belongs into a copy: all but the folder in which that is made."""
        return identity(found) != identity(os.fstat(self._kept.folder()))

    def room(self) -> int:
        """Bytes that the disk has left for something new."""
        found = os.statvfs(self._kept.folder())
        return max(0, found.f_bavail * found.f_frsize - _SPARE)

    def demand_room(self, text: str, size: int) -> None:
        """Raises `PathRefused` where so many bytes do not fit on the disk."""
        room = self.room()
        if size > room:
            raise PathRefused(text, f"it takes {sized(size)}, and the disk has room for {sized(room)}")

    def settle(self) -> None:
        """Wait until the disk has all that was made."""
        if self._durable:
            sync_disk(self._kept.folder())
