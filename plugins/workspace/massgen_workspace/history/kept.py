"""Beside a workspace, on the same disk: what was deleted from it, and what is made ready to come into it.

Names in it say what they are: sixteen digits for something deleted, ``new-…`` for something that a process makes ready,
``old-…`` for something that is to go for good.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from massgen_core.jail.beneath import open_beneath
from massgen_core.jail.place import Spot
from massgen_core.jail.roots import OWN, Root
from massgen_workspace.files.descent import remove_tree
from massgen_workspace.history.journal import is_running, this_process

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)
_LIST = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_SLOT = re.compile(rb"[0-9a-f]{16}")
_NEW, _OLD = b"new-", b"old-"


class Kept:
    """The folder itself; it is made when something comes into it.

    It is in the state folder where a rename can lead there from the workspace, else in the workspace, under a name that
    sessions neither see nor reach.
    """

    def __init__(self, root: Root, state: Path) -> None:
        self._root = root
        self._state = state / "trash"
        self._folder: int | None = None
        self.inside: bool = not _one_disk(root, state)

    def close(self) -> None:
        """Close it."""
        if self._folder is not None:
            os.close(self._folder)
            self._folder = None

    def folder(self) -> int:
        """The open folder. Raises `OSError` where it cannot be made."""
        if self._folder is None:
            self._folder = self._in_the_root() if self.inside else self._in_the_state()
        return self._folder

    def there(self) -> bool:
        """Whether it has been made."""
        with suppress(OSError):
            if self.inside:
                os.stat(OWN, dir_fd=self._root.folder, follow_symlinks=False)
            else:
                os.stat(self._state)
            return True
        return False

    @contextmanager
    def spot(self, path: bytes) -> Generator[Spot]:
        """A path in it, by real folders. Raises `OSError`."""
        parent, _, name = path.rpartition(b"/")
        around = open_beneath(self.folder(), parent, _FOLDER, follow=False)
        try:
            yield Spot(around, name)
        finally:
            os.close(around)

    def slots(self) -> Sequence[bytes]:
        """The names of what was deleted."""
        return [name for name in self._names() if _SLOT.fullmatch(name)]

    def discard(self, name: bytes) -> None:
        """Let something go for good: `sweep` removes it. Nothing there is no error."""
        old = _OLD + secrets.token_hex(8).encode()
        with suppress(FileNotFoundError):
            os.rename(name, old, src_dir_fd=self.folder(), dst_dir_fd=self.folder())

    def sweep(self) -> None:
        """Remove what is to go, and what processes that are gone were making ready; it may take long."""
        for name in self._names():
            if name.startswith(_OLD) or (name.startswith(_NEW) and not _in_use(name)):
                with suppress(OSError):
                    remove_tree(Spot(self.folder(), name))

    def _names(self) -> Sequence[bytes]:
        if self._folder is None and not self.there():
            return []
        try:
            with os.scandir(self.folder()) as entries:
                return [os.fsencode(entry.name) for entry in entries]
        except OSError:
            return []

    def _in_the_state(self) -> int:
        self._state.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(self._state, _LIST)

    def _in_the_root(self) -> int:
        with suppress(FileExistsError):
            os.mkdir(OWN, 0o700, dir_fd=self._root.folder)
        folder = os.open(OWN, _LIST, dir_fd=self._root.folder)
        with suppress(FileExistsError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(b".gitignore", flags, 0o600, dir_fd=folder)
            try:
                os.write(file, b"*\n")
            finally:
                os.close(file)
        return folder


def new_slot() -> bytes:
    """A name for something that is deleted."""
    return secrets.token_hex(8).encode()


def new_stage() -> bytes:
    """A name for something that this process makes ready."""
    return _NEW + this_process().replace("/", "-").encode() + b"-" + secrets.token_hex(8).encode()


def _in_use(name: bytes) -> bool:
    words = name.decode("ascii", "replace").split("-")
    return len(words) == 4 and words[1].isdecimal() and is_running(f"{words[1]}/{words[2]}")


def _one_disk(root: Root, state: Path) -> bool:
    """Whether a rename leads from one to the other: the same disk, and the same mount of it."""
    folder = os.open(state, _FOLDER)
    try:
        return _mount(folder) == _mount(root.folder)
    finally:
        os.close(folder)


def _mount(folder: int) -> tuple[int, bytes]:
    device = os.fstat(folder).st_dev
    try:
        info = Path(f"/proc/self/fdinfo/{folder}").read_bytes()
    except OSError:
        return device, b""
    return device, next((line for line in info.splitlines() if line.startswith(b"mnt_id:")), b"")
