"""What is at a path: nothing, a file, a folder or a link; and how it comes to be there."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, replace

from pydantic import ByteSize

from massgen_core.jail.errors import PathRefused
from massgen_core.jail.place import Place, Spot
from massgen_core.jail.roots import kind_of
from massgen_workspace.files import atomic
from massgen_workspace.history.store import Store

_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class State:
    """``kind`` is ``absent``, ``file``, ``folder`` or ``link``.

    ``content`` is the version of a file, and the target of a link in hexadecimal digits; ``mode`` are the rights of a
    file or folder.
    """

    kind: str = "absent"
    content: str = ""
    mode: int = 0

    def __bool__(self) -> bool:
        return self.kind != "absent"

    def same(self, other: State) -> bool:
        """Whether both are the same thing; rights do not count."""
        return (self.kind, self.content) == (other.kind, other.content)

    def becomes(self, other: State) -> bool:
        """Whether it has to be changed to be the other one: to another thing, or to a file with other rights."""
        return not self.same(other) or self.gives_rights(other)

    def gives_rights(self, other: State) -> bool:
        """Whether a file that becomes the other one gets other rights; a mode of 0 says nothing of them."""
        return self.kind == other.kind == "file" and other.mode not in (0, self.mode)


ABSENT = State()


def onto(now: State, before: State, after: State) -> State:
    """What a change makes of a file that has other rights by now: those stay, unless the change gives it others."""
    if now.kind == after.kind == "file" and not (before.gives_rights(after) and now.mode == before.mode):
        return replace(after, mode=now.mode)
    return after


def observe(place: Place, spot: Spot, store: Store, *, largest: int | None) -> tuple[State, bytes | None]:
    """What is at a spot now, and a file's content, which is kept.

    Raises:
        PathRefused: It is nothing that could be brought back, or has more than ``largest`` bytes.
        OSError: It cannot be read.
    """
    try:
        found = os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False)
    except FileNotFoundError:
        return ABSENT, None
    mode = stat.S_IMODE(found.st_mode)
    if stat.S_ISDIR(found.st_mode):
        return State("folder", mode=mode), None
    if stat.S_ISLNK(found.st_mode):
        target = os.readlink(spot.name, dir_fd=spot.folder)
        return State("link", target.hex()), None
    if not stat.S_ISREG(found.st_mode):
        raise PathRefused(place.text, f"it is {kind_of(found.st_mode)}: only files, folders and links can be changed")
    data = read(spot, largest)
    if data is None:
        most = ByteSize(largest or 0).human_readable()
        raise PathRefused(place.text, f"it has {found.st_size} bytes; files of up to {most} are changed")
    return State("file", store.put(data), mode), data


def read(spot: Spot, largest: int | None) -> bytes | None:
    """A file's content, None where it is larger; the spot's name is no link."""
    file = os.open(spot.name, _READ, dir_fd=spot.folder)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        pieces: list[bytes] = []
        size = 0
        while (largest is None or size <= largest) and (piece := os.read(file, _PIECE)):
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces) if largest is None or size <= largest else None
    finally:
        os.close(file)


def is_half_way(now: State, before: State, after: State) -> bool:
    """Whether a change from one kind to another, or its way back, may have stopped here: what was is gone, or bare."""
    if before.kind == after.kind:
        return False
    return not now or (now.kind == before.kind == "folder" and now.mode != before.mode)


def bring_about(spot: Spot, was: State, wanted: State, store: Store, *, durable: bool) -> None:
    """Make a spot what it is to be, rights included where the state says some; ``was`` is what it is now.

    With ``durable`` the disk has a content before it gets its name; to wait for the name is left to the caller.

    Raises:
        OSError: It is something else, or cannot be changed; nothing has changed then.
    """
    if wanted.kind == "file":
        if was.kind not in ("file", "absent"):
            _remove(spot, was)
        atomic.replace(spot, store.pieces(wanted.content), mode=wanted.mode or None, durable=durable, named=False)
        return
    if was.same(wanted):
        if wanted.kind == "folder" and wanted.mode not in (0, was.mode):
            _settle(spot, wanted.mode)
        return
    if was:
        _remove(spot, was)
    if wanted.kind == "folder":
        os.mkdir(spot.name, 0o700 if wanted.mode else 0o777, dir_fd=spot.folder)
        _settle(spot, wanted.mode)
    elif wanted.kind == "link":
        os.symlink(bytes.fromhex(wanted.content), spot.name, dir_fd=spot.folder)


def _remove(spot: Spot, was: State) -> None:
    remove = os.rmdir if was.kind == "folder" else os.unlink
    remove(spot.name, dir_fd=spot.folder)


def _settle(spot: Spot, mode: int) -> None:
    """A new folder belongs to whoever the folder around it belongs to, where we may give it away; and its rights."""
    folder = os.open(spot.name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=spot.folder)
    try:
        if os.geteuid() == 0:
            around = os.fstat(spot.folder)
            os.fchown(folder, around.st_uid, around.st_gid)
        if mode:
            os.fchmod(folder, mode)
    finally:
        os.close(folder)
