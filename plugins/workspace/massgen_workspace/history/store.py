"""Contents by their version: what a file held before a change, and after it."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Generator, Iterator, Set
from contextlib import contextmanager
from pathlib import Path

from massgen_core.errors import ToolFailed
from massgen_workspace.files.atomic import version_of
from massgen_workspace.files.syncing import sync_disk, sync_path

_PIECE = 1024 * 1024
_FEW = 16
"""Contents that are waited for one by one."""
_MOST_REMEMBERED = 100_000
_VERSION = re.compile(r"[0-9a-f]{24}")

Identity = tuple[int, int, int]


class Store:
    """A folder of contents; the same content is kept once. With ``durable`` the disk has them once they are settled."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._folder = folder
        self._durable = durable
        self._unsettled: set[Path] = set()
        """Contents of which it is not known whether the disk has them: another process may have written them."""
        self._settled: dict[Path, Identity] = {}
        """What this one has waited for, as it was then: contents, and the folders that name them."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, data: bytes) -> str:
        """Keep a content; returns its version.

        Raises:
            ToolFailed: It cannot be kept.
        """
        version = version_of(data)
        place = self._place(version)
        if not place.exists():
            with _told():
                self._write(place, data)
        if self._durable and not self._is_settled(place):
            self._unsettled.add(place)
        return version

    def settle(self) -> None:
        """Wait until the disk has all that was put, before a journal speaks of it. Raises `ToolFailed`."""
        with _told():
            if len(self._unsettled) > _FEW:
                folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                try:
                    sync_disk(folder)
                finally:
                    os.close(folder)
            elif self._unsettled:
                shelves = {place.parent for place in self._unsettled}
                new = [shelf for shelf in shelves if not self._is_settled(shelf)]
                for path in (*self._unsettled, *shelves, *([self._folder] if new else [])):
                    sync_path(path)
            self._remember()

    def _remember(self) -> None:
        if len(self._settled) > _MOST_REMEMBERED:
            self._settled.clear()
        for place in self._unsettled:
            self._settled[place], self._settled[place.parent] = _identity(place), _identity(place.parent)
        self._unsettled.clear()

    def _is_settled(self, path: Path) -> bool:
        """Whether this process has waited for what is at a path, and it is still the same file or folder."""
        known = self._settled.get(path)
        return known is not None and known == _identity(path)

    def _write(self, place: Path, data: bytes) -> None:
        place.parent.mkdir(exist_ok=True, mode=0o700)
        temporary = place.with_name(f"{secrets.token_hex(8)}.new")
        try:
            with temporary.open("wb") as file:
                file.write(data)
            temporary.replace(place)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def get(self, version: str) -> bytes:
        """A content that was kept.

        Raises:
            FileNotFoundError: It was not, or has been pruned.
        """
        return self._place(version).read_bytes()

    def pieces(self, version: str) -> Iterator[bytes]:
        """A content that was kept, a piece at a time. Raises as `get` does."""
        with self._place(version).open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    def sizes(self) -> dict[str, int]:
        """The bytes of each content that is kept."""
        return {shelf.name + each.name: each.stat().st_size for shelf, each in self._every()}

    def sweep(self, keep: Set[str]) -> None:
        """Remove all others, and what killed processes were writing; call it while nobody writes."""
        for shelf, each in self._every():
            if shelf.name + each.name not in keep:
                os.unlink(each.path)

    def _every(self) -> Iterator[tuple[os.DirEntry[str], os.DirEntry[str]]]:
        with os.scandir(self._folder) as shelves:
            for shelf in shelves:
                with os.scandir(shelf.path) as contents:
                    yield from ((shelf, each) for each in contents)

    def _place(self, version: str) -> Path:
        if not _VERSION.fullmatch(version):  # as a journal has it that somebody has written into
            raise FileNotFoundError(errno.ENOENT, "no version of a content", version)
        return self._folder / version[:2] / version[2:]


def _identity(path: Path) -> Identity:
    """What is at a path: a file that came later may have the number of one that is gone, but not its time."""
    found = path.stat()
    return found.st_dev, found.st_ino, 0 if stat.S_ISDIR(found.st_mode) else found.st_ctime_ns


@contextmanager
def _told() -> Generator[None]:
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno or errno.EIO)
        raise ToolFailed(
            "", f"the file's content cannot be kept for an undo ({reason}), so it was not changed"
        ) from error
