"""One path of a session: which root it is in, and everything that can be done there by descriptor.

All of it blocks, and belongs into a worker thread.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from massgen_core.jail.beneath import open_beneath
from massgen_core.jail.errors import NotAllowed, PathRefused, refusal
from massgen_core.jail.names import meant, shown
from massgen_core.jail.roots import OWN, Grant, Root, guarded, kind_of

_LOOK = getattr(os, "O_PATH", None)
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)
_LIST = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_MOST_LINKS = 40


@dataclass(frozen=True, slots=True)
class Spot:
    """A name in an open folder: what rename, unlink and the like need; the name is no link that was followed."""

    folder: int
    name: bytes


class Jail:
    """The roots of one session, open; relative paths belong to the first.

    What is in a root that may be changed, and is ``kept`` or may be read alone by another grant, is protected there.
    """

    def __init__(self, grants: Sequence[Grant], *, kept: Iterable[Path] = ()) -> None:
        self.roots: list[Root] = []
        try:
            for grant in guarded(grants, kept):
                self.roots.append(Root(grant))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close all roots."""
        for root in self.roots:
            root.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def place(self, text: str) -> Place:
        """The place that a text means, as a session writes it; nothing is opened yet.

        Raises:
            PathRefused: It is in no root.
        """
        try:
            path = meant(text)
        except ValueError as error:
            raise PathRefused(text, str(error)) from None
        if OWN in path.split(b"/"):
            raise PathRefused(text, "it is this program's own: what was deleted is had back by `undelete_files`")
        if not path.startswith(b"/"):
            return Place(self.roots[0], path, text)
        for root in sorted(self.roots, key=lambda root: len(root.grant.target), reverse=True):
            target = os.fsencode(root.grant.target).rstrip(b"/")
            if path == target or path.startswith(target + b"/"):
                return Place(root, path[len(target) :].lstrip(b"/"), text)
        seen = ", ".join(root.grant.target for root in self.roots)
        raise PathRefused(text, f"it is in none of the folders that are open here: {seen}")


class Place:
    """A path beneath a root, not yet opened; ``text`` is how the session wrote it."""

    def __init__(self, root: Root, path: bytes, text: str) -> None:
        self.root = root
        self.path = path
        self.text = text

    @property
    def full(self) -> str:
        """The path as a session writes it from the root on."""
        target = self.root.grant.target.rstrip("/")
        return shown(os.fsencode(target) + b"/" + self.path) if self.path else target

    @contextmanager
    def file(self) -> Generator[int]:
        """The file, open for reading.

        Raises:
            PathRefused: It is not there, leads out of its root, or is no file.
        """
        with self._opened(_READ if _LOOK is None else _LOOK) as found:
            mode = os.fstat(found).st_mode
            if not stat.S_ISREG(mode):
                raise PathRefused(self.text, f"it is {kind_of(mode)}, not a file")
            if _LOOK is None:
                yield found
                return
            file = self._to_read(found)
            try:
                yield file
            finally:
                os.close(file)

    @contextmanager
    def folder(self) -> Generator[int]:
        """The folder, open for listing. Raises `PathRefused` as `file` does."""
        with self._opened(_LIST) as found:
            yield found

    def stat(self, *, follow: bool = True) -> os.stat_result:
        """What is there; a link itself without ``follow``. Raises `PathRefused` where nothing is."""
        try:
            if follow or not self.path:
                found = open_beneath(self.root.folder, self.path, getattr(os, "O_PATH", _READ))
                try:
                    return os.fstat(found)
                finally:
                    os.close(found)
            with self.spot() as spot:
                return os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False)
        except OSError as error:
            raise refusal(self.text, error) from error

    @contextmanager
    def spot(self) -> Generator[Spot]:
        """The folder that it is in, open, and its name there: of a link itself, not of what that leads to."""
        parent, _, name = self.path.rstrip(b"/").rpartition(b"/")
        if name in (b"", b".", b".."):
            raise PathRefused(self.text, "it names no file in a folder")
        try:
            folder = open_beneath(self.root.folder, parent, _FOLDER)
        except OSError as error:
            raise refusal(self.text, error) from error
        try:
            yield Spot(folder, name)
        except OSError as error:
            raise refusal(self.text, error) from error
        finally:
            os.close(folder)

    @contextmanager
    def to_write(self) -> Generator[Spot]:
        """The spot at which a write belongs: behind all links, in a root and at a place that may be changed.

        Raises:
            NotAllowed: It may not be changed.
            PathRefused: A link leads out of the root.
        """
        place = self.behind_links()
        with place.spot() as spot:
            place.demand_writable(spot)
            yield spot

    def demand_writable(self, spot: Spot) -> None:
        """Raises `NotAllowed` where nothing may be changed."""
        if not self.root.grant.write:
            raise NotAllowed(self.text, f"{self.root.grant.target} may be read, not changed")
        if name := self.root.protection(spot.folder, spot.name):
            raise NotAllowed(self.text, f"{name} is protected: it may be read, not changed")

    def behind_links(self) -> Place:
        """The place that the last name leads to, where that is a link; it need not be there.

        Raises:
            PathRefused: A link leads out of the root.
        """
        place = self
        for _ in range(_MOST_LINKS):
            with place.spot() as spot:
                try:
                    target = os.readlink(spot.name, dir_fd=spot.folder)
                except OSError:
                    return place
            if target.startswith(b"/"):
                raise PathRefused(self.text, "it is a link that leads out of the folder that it is in")
            parent = place.path.rstrip(b"/").rpartition(b"/")[0]
            place = Place(place.root, parent + b"/" + target if parent else target, self.text)
        raise PathRefused(self.text, "it is a link in a circle, or one too many")

    def _to_read(self, looked_at: int) -> int:
        """The file that was looked at, open for reading: a device may do something as soon as it is opened."""
        try:
            return os.open(f"/proc/self/fd/{looked_at}", _READ | os.O_CLOEXEC)
        except OSError as error:
            raise refusal(self.text, error) from error

    @contextmanager
    def _opened(self, flags: int) -> Generator[int]:
        try:
            found = open_beneath(self.root.folder, self.path, flags)
        except OSError as error:
            raise refusal(self.text, error) from error
        try:
            yield found
        finally:
            os.close(found)
