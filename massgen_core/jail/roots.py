"""What a session may see of the host, and what it may change: folders by descriptor, with the names it has for them."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Self

from massgen_core.jail.beneath import open_beneath
from massgen_core.jail.errors import PathRefused, refusal

Identity = tuple[int, int]
"""Device and inode: what a file is, whatever it is called."""

OWN = b".massgen-trash"
"""A folder of this program's in a root, which sessions neither see nor change."""

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_DEEPEST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A folder of the host, and the name that a session has for it; sandboxes see it under the same.

    What is ``protected`` (paths in it) may be read alone, also where the rest may be written.
    """

    target: str
    source: Path
    write: bool = False
    protected: Sequence[str] = ()


def guarded(grants: Sequence[Grant], kept: Iterable[Path]) -> Iterator[Grant]:
    """The grants, each protecting what is in it and is ``kept``, or may be read alone under another name."""
    others = [Path(os.path.realpath(path)) for path in (*kept, *(grant.source for grant in grants if not grant.write))]
    for grant in grants:
        source = Path(os.path.realpath(grant.source))
        inside = [str(path.relative_to(source)) for path in others if source in path.parents]
        yield replace(grant, protected=(*grant.protected, *inside)) if grant.write else grant


@dataclass(frozen=True, slots=True, kw_only=True)
class _Protected:
    """A protected path as it is now: its own identity, None where it is not there, and where it stands."""

    name: str
    itself: Identity | None
    parent: Identity | None
    last: bytes
    is_folder: bool


class Root:
    """An open grant; close it when the session ends."""

    def __init__(self, grant: Grant) -> None:
        self.grant = grant
        try:
            self.folder: int = os.open(grant.source, _FOLDER)
        except OSError as error:
            raise refusal(grant.target, error) from error
        self.identity: Identity = identity(os.fstat(self.folder))

    def close(self) -> None:
        """Close it."""
        os.close(self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def protection(self, parent: int, name: bytes) -> str | None:
        """The protected path that something is, or is in; None where it may be changed.

        Raises:
            PathRefused: Its folder is not beneath the root any more.
        """
        protected = list(self._protected())
        if not protected:
            return None
        with suppress(OSError):
            found = identity(os.stat(name, dir_fd=parent, follow_symlinks=False))
            for each in protected:
                if each.itself == found:
                    return each.name
        own = identity(os.fstat(parent))
        for each in protected:
            if (each.parent, each.last) == (own, name):
                return each.name
        folders = {each.itself: each.name for each in protected if each.is_folder}
        above = self._above(parent) if folders else ()
        return next((folders[found] for found in above if found in folders), None)

    def protected_in(self, folder: int) -> str | None:
        """A protected path that stands somewhere in a folder; None where all of it may go."""
        own = identity(os.fstat(folder))
        for name in self.grant.protected:
            with suppress(OSError), _opened(self.folder, _parent(name)) as parent:
                if own in set(self._above(parent)):
                    return name
        return None

    def _protected(self) -> Iterator[_Protected]:
        for name in (*self.grant.protected, os.fsdecode(OWN)):
            last = os.fsencode(PurePosixPath(name).name)
            itself, parent, is_folder = None, None, False
            with suppress(OSError), _opened(self.folder, _parent(name)) as folder:
                parent = identity(os.fstat(folder))
                found = os.stat(last, dir_fd=folder, follow_symlinks=False)
                itself, is_folder = identity(found), stat.S_ISDIR(found.st_mode)
            yield _Protected(name=name, itself=itself, parent=parent, last=last, is_folder=is_folder)

    def _above(self, folder: int) -> Iterator[Identity]:
        """The identities of a folder and of all above it, up to the root."""
        here = os.dup(folder)
        try:
            for _ in range(_DEEPEST):
                found = identity(os.fstat(here))
                yield found
                if found == self.identity:
                    return
                above = os.open("..", _FOLDER, dir_fd=here)
                os.close(here)
                here = above
                if identity(os.fstat(here)) == found:
                    break  # the root of everything
        finally:
            os.close(here)
        raise PathRefused(self.grant.target, "folders were moved out of it meanwhile")


@contextmanager
def _opened(root: int, path: bytes) -> Generator[int]:
    folder = open_beneath(root, path, _FOLDER)
    try:
        yield folder
    finally:
        os.close(folder)


def _parent(name: str) -> bytes:
    return os.fsencode(str(PurePosixPath(name).parent))


def identity(found: os.stat_result) -> Identity:
    """What a file is, by the answer of stat(2)."""
    return found.st_dev, found.st_ino


def kind_of(mode: int) -> str:
    """A file's kind in words."""
    words = {
        stat.S_IFREG: "a file",
        stat.S_IFDIR: "a folder",
        stat.S_IFLNK: "a link",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return words.get(stat.S_IFMT(mode), "nothing that is known")
