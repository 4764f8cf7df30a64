"""A session's workspace folder and nothing else, where no plugin knows more of its files."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

import anyio.to_thread

from massgen_core.errors import ToolFailed
from massgen_core.files.protocol import NewFile, OpenFile, Stored, numbered
from massgen_core.jail.errors import refusal
from massgen_core.jail.place import Jail, Place, Spot
from massgen_core.jail.roots import Grant

if TYPE_CHECKING:
    from massgen_core.tools import ToolContext

WORKSPACE = "/workspace"
"""The session's own folder, under the name that sandboxes see it by."""
_KEY = "core.files"
_PIECE = 16 * 1024 * 1024


class PlainFiles:
    """`SessionFiles` on the session's workspace alone: by descriptor, atomic, without a history."""

    async def open(self, context: ToolContext, path: str) -> OpenFile:
        """Open a file of the workspace."""
        jail = await context.resource(_KEY, partial(_opened, context))
        return await anyio.to_thread.run_sync(lambda: opened(jail.place(path)))

    async def put(self, context: ToolContext, files: Sequence[NewFile], what: str) -> Stored:
        """Put finished files into the workspace."""
        jail = await context.resource(_KEY, partial(_opened, context))
        return Stored(paths=await anyio.to_thread.run_sync(lambda: _put(jail, files)))


def opened(place: Place) -> OpenFile:
    """A file at a place, open; blocks. Raises `PathRefused`."""
    with place.file() as file:
        return OpenFile(descriptor=os.dup(file), path=place.text, size=os.fstat(file).st_size)


@asynccontextmanager
async def _opened(context: ToolContext) -> AsyncGenerator[Jail]:
    folder = context.workspace
    if folder is None:
        raise ToolFailed("", "this session has no workspace: open it with `runtime.session(workspace=FOLDER)`")
    with await anyio.to_thread.run_sync(lambda: Jail([Grant(target=WORKSPACE, source=folder, write=True)])) as jail:
        yield jail


def _put(jail: Jail, files: Sequence[NewFile]) -> list[str]:
    made: list[Place] = []
    try:
        for file in files:
            made.append(_put_one(jail, file))  # noqa: PERF401  what was made before one fails is taken back
    except BaseException:
        for place in made:
            with suppress(ToolFailed), place.spot() as spot:
                os.unlink(spot.name, dir_fd=spot.folder)
        raise
    return [place.text for place in made]


def _put_one(jail: Jail, file: NewFile) -> Place:
    place = jail.place(file.path)
    _make_folders(jail, place)
    with place.to_write() as spot:
        temporary = _copied(file.descriptor, spot)
        try:
            return _named(jail, file, spot, temporary)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=spot.folder)


def _named(jail: Jail, file: NewFile, spot: Spot, temporary: bytes) -> Place:
    """Give a finished file its name, or the next one that is free."""
    if file.overwrite:
        os.rename(temporary, spot.name, src_dir_fd=spot.folder, dst_dir_fd=spot.folder)
        return jail.place(file.path)
    for path in numbered(file.path):
        name = os.path.basename(jail.place(path).path)
        try:
            os.link(temporary, name, src_dir_fd=spot.folder, dst_dir_fd=spot.folder, follow_symlinks=False)
        except FileExistsError:
            continue
        return jail.place(path)
    raise ToolFailed("", f"{file.path}: every name like it is taken; give another one")


def _copied(source: int, spot: Spot) -> bytes:
    """A copy beside where it is to be, under a name of its own, on the disk."""
    temporary = b".massgen-" + secrets.token_hex(8).encode()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
    target = os.open(temporary, flags, 0o666, dir_fd=spot.folder)
    try:
        _belongs_to_whoever_has(spot.folder, target)
        at = 0
        while piece := os.pread(source, _PIECE, at):
            at += _write(target, piece)
        os.fsync(target)
    except BaseException:
        os.unlink(temporary, dir_fd=spot.folder)
        raise
    finally:
        os.close(target)
    return temporary


def _belongs_to_whoever_has(folder: int, target: int) -> None:
    """What root makes for a container's user is that user's."""
    if os.geteuid() == 0:
        owner = os.fstat(folder)
        os.fchown(target, owner.st_uid, owner.st_gid)


def _write(target: int, piece: bytes) -> int:
    view = memoryview(piece)
    while view:
        view = view[os.write(target, view) :]
    return len(piece)


def _make_folders(jail: Jail, place: Place) -> None:
    """The folders around a place, each by its name in the one above; none is made through a link."""
    names = [name for name in place.path.split(b"/")[:-1] if name not in (b"", b".")]
    if b".." in names:
        return
    for end in range(1, len(names) + 1):
        folder = Place(place.root, b"/".join(names[:end]), place.text)
        with folder.spot() as spot:
            folder.demand_writable(spot)
            try:
                os.mkdir(spot.name, 0o777, dir_fd=spot.folder)
                if os.geteuid() == 0:
                    owner = os.fstat(spot.folder)
                    os.chown(spot.name, owner.st_uid, owner.st_gid, dir_fd=spot.folder, follow_symlinks=False)
            except OSError as error:
                if error.errno != errno.EEXIST:
                    raise refusal(place.text, error) from error
