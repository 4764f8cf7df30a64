"""All that is in a folder, by descriptor: no link is followed, and folders that are moved meanwhile lead nowhere.

One folder is open at a time, so a tree may be as deep as it likes.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Literal

from massgen_core.jail.place import Spot
from massgen_core.jail.roots import Identity, identity

Wanted = Callable[[bytes, os.stat_result], bool]
"""Whether something is to be part of it: its path from the top on, and what it is. A folder stands for all in it."""

_LIST = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_LOOK = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)


class Ladder:
    """An open folder at or below a first one; the way up leads to the very folder that it came down from."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._above: list[Identity] = []
        self.here: int = os.dup(first)

    def down(self, name: bytes) -> None:
        """Into a folder. Raises `OSError` where it is none, or a link."""
        below = os.open(name, _LIST, dir_fd=self.here)
        self._above.append(identity(os.fstat(self.here)))
        self._go(below)

    def up(self) -> None:
        """Back. Raises `OSError` (``EXDEV``) where the folder has been moved meanwhile."""
        came_from = self._above.pop()
        if not self._above:
            self._go(os.dup(self._first))
            return
        self._go(os.open("..", _LIST, dir_fd=self.here))
        if identity(os.fstat(self.here)) != came_from:
            raise OSError(errno.EXDEV, "folders were moved meanwhile")

    def close(self) -> None:
        """Close it; the first folder is left to whoever opened it."""
        os.close(self.here)

    def _go(self, folder: int) -> None:
        os.close(self.here)
        self.here = folder


@dataclass(frozen=True, slots=True)
class Visit:
    """One thing on the way: an ``item``, or a folder that is entered or left.

    ``path`` is from the top on, and empty for the top itself. ``folder`` is the folder that it is in, open until the
    next visit, and ``name`` its name there.
    """

    what: Literal["item", "enter", "leave"]
    path: bytes
    folder: int
    name: bytes
    found: os.stat_result


@dataclass(slots=True)
class _Level:
    """The folder around: its path, the names in it that are still to come, and the one that was entered."""

    path: bytes | None
    waiting: list[bytes]
    entered: Visit


def visits(top: Spot, *, wanted: Wanted | None = None) -> Generator[Visit]:
    """A file, link or folder and all in it, in the order of names; what goes away meanwhile is left out.

    Raises:
        OSError: The top is not there, a folder cannot be opened, or folders are moved about.
    """
    ladder = Ladder(top.folder)
    levels: list[_Level] = []
    path: bytes | None = None
    waiting = [top.name]
    try:
        while waiting or levels:
            if not waiting:
                level = levels.pop()
                ladder.up()
                path, waiting, entered = level.path, level.waiting, level.entered
                yield Visit("leave", entered.path, ladder.here, entered.name, entered.found)
                continue
            visit = _visit(ladder.here, path, waiting.pop(), wanted)
            if visit is None:
                continue
            yield visit
            if visit.what == "enter":
                levels.append(_Level(path, waiting, visit))
                ladder.down(visit.name)
                path = visit.path
                waiting = sorted(map(os.fsencode, os.listdir(ladder.here)), reverse=True)
    finally:
        ladder.close()


def _visit(folder: int, around: bytes | None, name: bytes, wanted: Wanted | None) -> Visit | None:
    path = b"" if around is None else around + b"/" + name if around else name
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        if around is None:
            raise
        return None
    if wanted is not None and path and not wanted(path, found):
        return None
    return Visit("enter" if stat.S_ISDIR(found.st_mode) else "item", path, folder, name, found)


def remove_tree(spot: Spot) -> None:
    """Remove a file, link or folder with all in it; nothing there is no error. Raises `OSError` where something stays.

    For folders that are this program's own: what comes into one meanwhile keeps it from going.
    """
    with suppress(FileNotFoundError), closing(visits(spot)) as found:
        for visit in found:
            if visit.what == "item":
                os.unlink(visit.name, dir_fd=visit.folder)
            elif visit.what == "leave":
                os.rmdir(visit.name, dir_fd=visit.folder)
            elif visit.found.st_mode & stat.S_IRWXU != stat.S_IRWXU:
                _open_up(visit)


def _open_up(visit: Visit) -> None:
    """Let the owner into a folder, so that it can be emptied."""
    folder = os.open(visit.name, _LOOK | os.O_NOFOLLOW, dir_fd=visit.folder)
    try:
        with suppress(OSError):
            os.chmod(f"/proc/self/fd/{folder}", 0o700)
    finally:
        os.close(folder)
