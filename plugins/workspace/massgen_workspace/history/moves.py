"""What a transaction moves: within the root, into the trash, out of it, and from where it was made ready."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from massgen_core.jail.roots import Identity

Area = Literal["root", "kept"]
"""The workspace itself, or the folder beside it in which its history keeps what is not in it now."""


@dataclass(frozen=True, slots=True)
class Where:
    """A path in one of the two areas, by real folders."""

    area: Area
    path: bytes

    def inside(self, other: Where) -> bytes | None:
        """The path from another place on, with a slash before it, empty for the same place; None where not in it."""
        if self.area != other.area or not self.path.startswith(other.path):
            return None
        rest = self.path[len(other.path) :]
        return rest if not rest or rest.startswith(b"/") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A file, folder or link on its way, told apart from others by its ``identity``.

    ``entries`` and ``size`` (bytes on the disk) are known of what goes into the trash.
    """

    source: Where
    target: Where
    kind: str
    identity: Identity
    entries: int = 0
    size: int = 0

    @property
    def what(self) -> str:
        """In a word: ``added``, ``moved`` or ``deleted``."""
        if self.source.area == "kept":
            return "added"
        return "deleted" if self.target.area == "kept" else "moved"

    @property
    def path(self) -> bytes:
        """The path in the workspace that it is about."""
        return self.target.path if self.source.area == "kept" else self.source.path


class Moves:
    """Moves in the order in which they are made, and what the tree looks like after them."""

    def __init__(self) -> None:
        self.made: list[Move] = []
        self._at: dict[Where, list[int]] = {}

    def add(self, move: Move) -> None:
        """One more, after all others."""
        for where in (move.source, move.target):
            self._at.setdefault(where, []).append(len(self.made))
        self.made.append(move)

    def origin(self, where: Where) -> Where | None:
        """Where that is now which will be at a place after all moves; None where nothing will be."""
        before = len(self.made)
        while (number := self._last(where, before)) is not None:
            move = self.made[number]
            rest = where.inside(move.target)
            if rest is None:
                return None
            where, before = Where(move.source.area, move.source.path + rest), number
        return where

    def _last(self, where: Where, before: int) -> int | None:
        """The last of the first so many moves that touches a place, or a folder around it."""
        found: int | None = None
        path = where.path
        while path and self._at:
            for number in self._at.get(Where(where.area, path), ()):
                if number < before and (found is None or number > found):
                    found = number
            path = path.rpartition(b"/")[0]
        return found
