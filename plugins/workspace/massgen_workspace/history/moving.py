"""Moves as they are made: by descriptor, only of the thing that was meant, and back where that went wrong."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress

from massgen_core.errors import ToolFailed
from massgen_core.jail.beneath import open_beneath
from massgen_core.jail.errors import PathRefused, refusal
from massgen_core.jail.names import shown
from massgen_core.jail.place import Place, Spot
from massgen_core.jail.roots import Root, identity
from massgen_workspace.files import rename
from massgen_workspace.history.kept import Kept
from massgen_workspace.history.moves import Move, Where

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)
_OTHER_DISK = "it is on another disk than the rest of the folder, so it cannot be moved; copy it instead"


class Changed(Exception):
    """A path is not what the plan took it for."""


class Mover:
    """Makes moves in one root and the folder beside it."""

    def __init__(self, root: Root, kept: Kept, *, durable: bool) -> None:
        self._root = root
        self._kept = kept
        self._durable = durable

    def make(self, move: Move) -> None:
        """Make one, if its source still is what it was when the plan was made.

        Raises:
            Changed: It is not, or something is at the target.
            ToolFailed: One of both may not be changed, or cannot be.
        """
        text = shown(move.path)
        try:
            with self._spot(move.source) as source, self._spot(move.target) as target:
                self._demand_writable(move, source, target)
                _demand_identity(move, source)
                rename.move(source, target)
                try:
                    _demand_identity(move, target)
                    self._demand_writable(move, source, target)
                except BaseException:
                    with suppress(OSError):
                        rename.move(target, source)
                    raise
        except (FileExistsError, FileNotFoundError, NotADirectoryError) as error:
            raise Changed from error
        except OSError as error:
            if error.errno == errno.EXDEV:
                raise PathRefused(text, _OTHER_DISK) from error
            raise refusal(text, error) from error

    def back(self, moves: Sequence[Move]) -> None:
        """Take moves back, the last one first; what is somebody else's by now stays."""
        for move in reversed(moves):
            with suppress(OSError, ToolFailed):
                self._back(move)

    def sync(self, changed: Iterable[Where]) -> None:
        """Wait until the disk has the names that were changed."""
        if not self._durable:
            return
        for around in set(map(_around, changed)):
            with suppress(OSError), self._spot(around) as spot:
                folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=spot.folder)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)

    def _back(self, move: Move) -> None:
        """Where it was made: what is in a place of ours is what we put there, elsewhere it has to be the same thing."""
        with self._spot(move.source) as source, self._spot(move.target) as target:
            there = os.stat(target.name, dir_fd=target.folder, follow_symlinks=False)
            if move.target.area == "kept" or there.st_ino == move.identity[1]:
                rename.move(target, source)

    @contextmanager
    def _spot(self, where: Where) -> Generator[Spot]:
        """A place in one of the areas; no link is followed on the way."""
        if where.area == "kept":
            with self._kept.spot(where.path) as spot:
                yield spot
            return
        parent, _, name = where.path.rpartition(b"/")
        folder = open_beneath(self._root.folder, parent, _FOLDER, follow=False)
        try:
            yield Spot(folder, name)
        finally:
            os.close(folder)

    def _demand_writable(self, move: Move, *spots: Spot) -> None:
        for where, spot in zip((move.source, move.target), spots, strict=True):
            if where.area == "root":
                Place(self._root, where.path, shown(where.path)).demand_writable(spot)


def _around(where: Where) -> Where:
    parent = where.path.rpartition(b"/")[0]
    return Where(where.area, parent + b"/." if parent else b".")


def _demand_identity(move: Move, spot: Spot) -> None:
    if identity(os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False)) != move.identity:
        raise Changed
