"""Two folders side by side, by what is in their files: in the order of names, without keeping either of them."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from massgen_core.jail.beneath import open_beneath
from massgen_core.jail.roots import Root, identity
from massgen_workspace.comparing.contents import first_difference
from massgen_workspace.files.meter import Meter
from massgen_workspace.find.walk import Found, walk

_LOOK = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_NOFOLLOW", 0)
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC

What = Literal["added", "removed", "changed", "mode", "type", "renamed"]


@dataclass(frozen=True, slots=True)
class Side:
    """One of both folders: its root, and its path there."""

    root: Root
    start: bytes

    def path(self, inside: bytes) -> bytes:
        """A path from the root on."""
        return b"/".join(part for part in (self.start, inside) if part)

    @contextmanager
    def file(self, inside: bytes) -> Generator[int | None]:
        """A file in it, open; None where it is no file, or cannot be read."""
        try:
            opened = open_beneath(self.root.folder, self.path(inside), _READ, follow=False)
        except OSError:
            yield None
            return
        try:
            yield opened if stat.S_ISREG(os.fstat(opened).st_mode) else None
        finally:
            os.close(opened)

    def look(self, inside: bytes) -> os.stat_result | None:
        """What is there; None where nothing is any more."""
        try:
            opened = open_beneath(self.root.folder, self.path(inside), _LOOK, follow=False)
        except OSError:
            return None
        try:
            return os.fstat(opened)
        finally:
            os.close(opened)

    def target(self, inside: bytes) -> bytes:
        """Where a link leads."""
        try:
            opened = open_beneath(self.root.folder, self.path(inside), _LOOK, follow=False)
        except OSError:
            return b""
        try:
            return os.readlink(b"", dir_fd=opened)
        except OSError:
            return b""
        finally:
            os.close(opened)

    def entries(self, *, ignored: bool) -> Iterator[Found]:
        """Everything in it, by its path from the folder on."""
        cut = len(self.start) + 1 if self.start else 0
        for found in walk(self.root, self.start, ignored=ignored):
            yield Found(found.path[cut:], found.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """One difference: ``path`` is that on the right, of what was removed that on the left; ``old`` is what it was."""

    what: What
    path: bytes
    kind: str
    old: bytes | None = None
    sizes: tuple[int | None, int | None] = (None, None)
    modes: tuple[int | None, int | None] = (None, None)
    same_content: bool = False


def deltas(left: Side, right: Side, *, ignored: bool, meter: Meter) -> Iterator[Delta]:
    """What differs, in the order of names; what was renamed is told as removed and added."""
    for path, one, other in _pairs(left.entries(ignored=ignored), right.entries(ignored=ignored)):
        meter.add(entries=1)
        if one is None or other is None:
            side, found = (right, other) if one is None else (left, one)
            assert found is not None
            yield _alone(side, found, "added" if one is None else "removed")
        elif one.kind != other.kind:
            yield Delta(what="type", path=path, kind=f"{one.kind} → {other.kind}")
        elif (delta := _both(left, right, path, one.kind, meter)) is not None:
            yield delta


def _pairs(left: Iterator[Found], right: Iterator[Found]) -> Iterator[tuple[bytes, Found | None, Found | None]]:
    """Both sides together, by path; both come in the order of the names in each folder."""
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        keys = [each.path.split(b"/") if each is not None else None for each in (one, other)]
        if keys[1] is None or (keys[0] is not None and keys[0] < keys[1]):
            assert one is not None
            yield one.path, one, None
            one = next(left, None)
        elif keys[0] is None or keys[1] < keys[0]:
            assert other is not None
            yield other.path, None, other
            other = next(right, None)
        else:
            assert one is not None
            yield one.path, one, other
            one, other = next(left, None), next(right, None)


def _alone(side: Side, found: Found, what: Literal["added", "removed"]) -> Delta:
    seen = side.look(found.path) if found.kind == "file" else None
    size, mode = (seen.st_size, stat.S_IMODE(seen.st_mode)) if seen is not None else (None, None)
    if what == "added":
        return Delta(what=what, path=found.path, kind=found.kind, sizes=(None, size), modes=(None, mode))
    return Delta(what=what, path=found.path, kind=found.kind, sizes=(size, None), modes=(mode, None))


def _both(left: Side, right: Side, path: bytes, kind: str, meter: Meter) -> Delta | None:
    one, other = left.look(path), right.look(path)
    if one is None or other is None or identity(one) == identity(other):
        return None
    modes = stat.S_IMODE(one.st_mode), stat.S_IMODE(other.st_mode)
    if kind == "link":
        same = left.target(path) == right.target(path)
        return None if same else Delta(what="changed", path=path, kind=kind)
    same = kind != "file" or (one.st_size == other.st_size and _same(left, right, path, meter))
    if same and modes[0] == modes[1]:
        return None
    sizes = (one.st_size, other.st_size) if kind == "file" else (None, None)
    return Delta(what="mode" if same else "changed", path=path, kind=kind, sizes=sizes, modes=modes, same_content=same)


def _same(left: Side, right: Side, path: bytes, meter: Meter) -> bool:
    with left.file(path) as one, right.file(path) as other:
        return one is not None and other is not None and first_difference(one, other, meter) is None
