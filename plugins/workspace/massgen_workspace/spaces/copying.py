"""A tree written to another folder: by clones where the file system can (ioctl_ficlone(2)), else by real copies.

Hard links would be faster, and wrong: a program that writes in place would change both trees.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress

from massgen_core.jail.beneath import open_beneath
from massgen_core.jail.names import shown
from massgen_workspace.files.content import Contents, has_holes
from massgen_workspace.files.meter import Meter
from massgen_workspace.spaces.shelf import SpaceError
from massgen_workspace.spaces.stack import OPAQUE, REDIRECT, At, Stack, is_whiteout
from massgen_workspace.spaces.views import Node, View

Tick = Callable[[int], None]

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | os.O_NOFOLLOW
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_RIGHTS_OF_FOLDER = 0o3777
_RIGHTS_OF_FILE = 0o777
_EACH = 256
_TRIED = 1024 * 1024


def copy_tree(
    source: View,
    target: int,
    *,
    tick: Tick = lambda done: None,
    layer: bool = False,
    only: Callable[[Node], bool] = lambda node: True,
) -> int:
    """Write all of a view into an open, empty folder; returns how many files there are.

    ``layer`` copies an overlay layer as it is, with what hides names below it. Devices, pipes and sockets are left
    out, and so is what is not ``only``, with all below it. Contents, rights, times, links, and owners and attributes
    where we may give them, are those of the source.

    Raises:
        OSError: The target cannot be written; what is there by then stays.
    """
    writer = _Writer(source, target, layer=layer)
    for folder, nodes in _folders(source, only):
        writer.make(folder)
        writer.fill(folder, nodes, tick)
    writer.close_folders()
    tick(writer.count)
    return writer.count


def _folders(source: View, only: Callable[[Node], bool]) -> Iterator[tuple[Node, list[Node]]]:
    """Each folder, before those in it, with what else is in it."""
    ahead = [source.top()]
    while ahead:
        folder = ahead.pop()
        nodes = [node for node in source.children(folder).values() if only(node)]
        ahead += [node for node in nodes if node.kind == "folder"]
        yield folder, [node for node in nodes if node.kind != "folder"]


class _Writer:
    """Puts nodes of a view below an open folder, and counts the files."""

    def __init__(self, source: View, target: int, *, layer: bool) -> None:
        self._source = source
        self._target = target
        self._layer = layer
        self._owner = os.fstat(target)
        self._root = os.geteuid() == 0
        self._contents = Contents(Meter())
        self._closed: list[Node] = []
        self.count = 0

    def make(self, folder: Node) -> None:
        """The folder itself, open for us as long as we work in it."""
        if folder.path:
            parent, _, name = folder.path.rpartition(b"/")
            with self._folder(parent) as handle:
                os.mkdir(name, folder.mode | 0o700, dir_fd=handle)
        with self._folder(folder.path) as handle:
            found = self._source.stat(folder) if isinstance(self._source, Stack) else self._owner
            if self._root:
                os.fchown(handle, found.st_uid, found.st_gid)
            os.fchmod(handle, ((folder.mode if folder.path else found.st_mode) | 0o700) & _RIGHTS_OF_FOLDER)
            if self._layer and isinstance(self._source, Stack):
                _marks(self._source, folder, handle)
        if folder.path and folder.mode & 0o700 != 0o700:
            self._closed.append(folder)

    def close_folders(self) -> None:
        """Rights of folders in which even we could not have written."""
        for folder in reversed(self._closed):
            with self._folder(folder.path) as handle:
                os.fchmod(handle, folder.mode & _RIGHTS_OF_FOLDER)

    def fill(self, folder: Node, nodes: list[Node], tick: Tick) -> None:
        """The files and links of one folder; what went away meanwhile is not there."""
        with self._folder(folder.path) as handle, _closed() as around:
            for number, node in enumerate(nodes):
                if number % _EACH == 0:
                    tick(self.count)
                name = node.path.rpartition(b"/")[2]
                if node.kind == "file":
                    self.count += self._file(handle, name, node, around)
                elif node.kind == "link":
                    self._link(handle, name, node)
                elif self._layer and isinstance(self._source, Stack) and is_whiteout(self._source.stat(node)):
                    os.mknod(name, stat.S_IFCHR, os.makedev(0, 0), dir_fd=handle)

    def _link(self, handle: int, name: bytes, node: Node) -> None:
        try:
            goal = b"".join(self._source.pieces(node))
        except OSError:
            return
        os.symlink(goal, name, dir_fd=handle)
        if self._root:
            os.chown(name, self._owner.st_uid, self._owner.st_gid, dir_fd=handle, follow_symlinks=False)

    def _file(self, handle: int, name: bytes, node: Node, around: dict[At, int]) -> int:
        if not isinstance(self._source, Stack):
            return self._from_pieces(handle, name, node)
        try:
            old = os.open(name, _READ, dir_fd=self._source.open_around(node, around))
        except PermissionError:  # a copy without it would look whole
            raise SpaceError(f"{shown(node.path)} cannot be read by this user, so the tree cannot be copied") from None
        except OSError:
            return 0
        try:
            found = os.fstat(old)
            if not stat.S_ISREG(found.st_mode):
                return 0
            self._copy(old, found, handle, name, node.mode & _RIGHTS_OF_FILE)
        finally:
            os.close(old)
        return 1

    def _copy(self, old: int, found: os.stat_result, handle: int, name: bytes, mode: int) -> None:
        new = os.open(name, _NEW, 0o600, dir_fd=handle)
        try:
            self._contents.copy(old, new, found.st_size, holes=has_holes(found))
            _attributes(old, new)
            self._finish(new, found, mode)
            os.utime(new, ns=(found.st_atime_ns, found.st_mtime_ns))
        finally:
            os.close(new)

    def _from_pieces(self, handle: int, name: bytes, node: Node) -> int:
        new = os.open(name, _NEW, 0o600, dir_fd=handle)
        try:
            for piece in self._source.pieces(node):
                view = memoryview(piece)
                while view:
                    view = view[os.write(new, view) :]
            self._finish(new, self._owner, node.mode)
            if node.key is not None and len(node.key) == 5 and isinstance(node.key[1], int):
                os.utime(new, ns=(node.key[1], node.key[1]))
        finally:
            os.close(new)
        return 1

    def _finish(self, new: int, found: os.stat_result, mode: int) -> None:
        if self._root and (found.st_uid, found.st_gid) != (0, 0):
            os.fchown(new, found.st_uid, found.st_gid)
        os.fchmod(new, mode & _RIGHTS_OF_FILE)

    @contextmanager
    def _folder(self, path: bytes) -> Generator[int]:
        handle = open_beneath(self._target, path or b".", _FOLDER, follow=False)
        try:
            yield handle
        finally:
            os.close(handle)


@contextmanager
def _closed() -> Generator[dict[At, int]]:
    """Folders that are opened on the way; they are closed at the end."""
    opened: dict[At, int] = {}
    try:
        yield opened
    finally:
        for handle in opened.values():
            os.close(handle)


def can_clone(folder: int) -> bool:
    """Whether files in an open folder can share blocks; found by trying."""
    flags = os.O_RDWR | getattr(os, "O_TMPFILE", 0)
    try:
        old, new = os.open(".", flags, 0o600, dir_fd=folder), os.open(".", flags, 0o600, dir_fd=folder)
    except OSError:
        return False
    try:
        os.write(old, bytes(_TRIED))
        return Contents(Meter()).copy(old, new, _TRIED, holes=False)
    except OSError:
        return False
    finally:
        os.close(old)
        os.close(new)


def _marks(source: Stack, folder: Node, handle: int) -> None:
    """What overlayfs has written on a folder of a layer."""
    for name in (OPAQUE, REDIRECT):
        if (mark := source.mark(folder, name)) is not None:
            os.setxattr(handle, name, mark)


def _attributes(old: int, new: int) -> None:
    """Those of users, and access control lists; what a kernel gives or trusts is not handed on."""
    try:
        names = os.listxattr(old)
    except OSError:
        return
    with suppress(OSError):
        for name in names:
            if name.startswith(("user.", "system.posix_acl")):
                os.setxattr(new, name, os.getxattr(old, name))
