"""How much a folder that a sandbox may write to takes on the disk, looked at without trusting anything in it.

What a sandbox writes may be hostile to whoever reads it: links out of the folder, trees without end, files by the
million, holes. So nothing is opened but folders, relative to their parent and never through a link, and the walk gives
up as soon as it has seen too much, gone too deep, or taken too long.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

LEAST = 4096
"""What a file, folder or link counts for at least: a million empty files use up inodes, if not blocks."""

DEEPEST = 200
LONGEST = 10.0

_BLOCK = 512
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


class Unmeasurable(Exception):
    """It cannot be said how much is used; the text says why."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was counted so far; it stops the walk by `Enough`, or by `Unmeasurable` when time is up."""

    limit: int
    used: int = 0
    deadline: float = field(default_factory=lambda: time.monotonic() + LONGEST)
    _linked: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])

    def add(self, found: os.stat_result) -> None:
        """Count one entry by the blocks that it takes; one with several names only once."""
        if found.st_nlink > 1 and not stat.S_ISDIR(found.st_mode):
            if (found.st_dev, found.st_ino) in self._linked:
                return
            self._linked.add((found.st_dev, found.st_ino))
        self.used += max(found.st_blocks * _BLOCK, LEAST)
        if self.used > self.limit:
            raise Enough
        if time.monotonic() > self.deadline:
            raise Unmeasurable(f"it holds more than can be counted in {LONGEST:g} s")


class Enough(Exception):
    """More than the limit was found."""


def measure(path: str, limit: int, check_cancelled: Callable[[], object] = lambda: None) -> int:
    """Bytes that ``path``, a folder or a file, takes; counting ends where there are more than ``limit``.

    Raises:
        Unmeasurable: It is too deep, too large to be counted in time, or may not be read.
    """
    if os.scandir not in os.supports_fd:
        raise Unmeasurable("this system cannot list folders safely")
    tally = Tally(limit=limit)
    try:
        _measure(path, tally, check_cancelled)
    except Enough:
        pass
    except OSError as error:
        raise Unmeasurable(f"{os.strerror(error.errno or 0)} on {_shown(error.filename)}") from None
    return tally.used


def _measure(path: str, tally: Tally, check_cancelled: Callable[[], object]) -> None:
    top = os.stat(path)  # the place itself was named by the user, and may be a link
    if not stat.S_ISDIR(top.st_mode):
        tally.add(top)
        return
    handle = os.open(path, _FOLDER & ~getattr(os, "O_NOFOLLOW", 0))
    try:
        _walk(handle, tally, top.st_dev, 0, check_cancelled)
    finally:
        os.close(handle)


def _walk(handle: int, tally: Tally, device: int, depth: int, check_cancelled: Callable[[], object]) -> None:
    """Count what is below an open folder; other file systems mounted there are not the sandbox's doing."""
    if depth > DEEPEST:
        raise Unmeasurable(f"its folders are nested more than {DEEPEST} deep")
    check_cancelled()
    for name in list(_counted(handle, tally, device)):
        try:
            below = os.open(name, _FOLDER, dir_fd=handle)
        except (FileNotFoundError, NotADirectoryError):
            continue  # it went away, or is something else by now
        try:
            _walk(below, tally, device, depth + 1, check_cancelled)
        finally:
            os.close(below)


def _counted(handle: int, tally: Tally, device: int) -> Iterator[str]:
    """Count the entries of one folder, and give the folders among them."""
    with os.scandir(handle) as entries:
        for entry in entries:
            try:
                found = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if found.st_dev != device:
                continue
            tally.add(found)
            if stat.S_ISDIR(found.st_mode):
                yield entry.name


def _shown(name: object) -> str:
    """A name from inside, which may hold anything and be of any length."""
    return ascii(name)[:100] if name is not None else "it"
