"""A tree made of folders that lie on one another, as overlayfs has them; one folder alone is the simplest.

What the kernel writes is described in Documentation/filesystems/overlayfs: a character device 0/0 hides a name below
it, `trusted.overlay.opaque` hides all that lies below a folder, `trusted.overlay.redirect` says where below a folder
that was moved is continued. Files without content (`metacopy`) are switched off where we mount. Everything is opened by
descriptor, and no link is followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b

from massgen_core.jail.beneath import open_beneath
from massgen_workspace.find.ignore import FILES, Rules, rules_of
from massgen_workspace.spaces.views import Node, below

_LIST = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_LOOK = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)
_PIECE = 1024 * 1024
_RULES = tuple(map(os.fsencode, FILES))
OPAQUE = "trusted.overlay.opaque"
REDIRECT = "trusted.overlay.redirect"

At = tuple[int, bytes]
"""A layer by its place in the stack, and a path in it, which is another one than the tree's in a moved folder."""


@dataclass(frozen=True, slots=True)
class Layer:
    """An open folder; ``id`` is empty where its files may still change."""

    id: str
    folder: int


class Stack:
    """Layers, the uppermost first; with one alone, a device is a device and hides nothing."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers

    def top(self) -> Node:
        """The folder itself."""
        return self._folder(b"", 0o755, tuple((index, b"") for index in range(len(self._layers))))

    def children(self, folder: Node, only: Collection[bytes] | None = None) -> Mapping[bytes, Node]:
        """What is in a folder, by name in order; `only` some names where those are given."""
        found: dict[bytes, Node] = {}
        hidden: set[bytes] = set()
        for at in folder.where:
            self._add(at, folder, only, found, hidden)
        return dict(sorted(found.items()))

    def parts(self, folder: Node) -> set[tuple[str, bytes]]:
        """Of what a folder is made: folders in layers that will not change."""
        return {(id, path) for index, path in folder.where if (id := self._layers[index].id)}

    def names(self, folder: Node, shared: Collection[tuple[str, bytes]]) -> set[bytes]:
        """The names in those parts of a folder that are not `shared` with another tree."""
        found: set[bytes] = set()
        for index, path in folder.where:
            if (self._layers[index].id, path) not in shared:
                with suppress(OSError), self._opened(index, path) as handle:
                    found.update(map(os.fsencode, os.listdir(handle)))
        return found

    def pieces(self, node: Node) -> Iterator[bytes]:
        """A file's content, or a link's target."""
        if node.kind == "link":
            yield self._target(node)
            return
        file = self.open(node)
        try:
            while piece := os.read(file, _PIECE):
                yield piece
        finally:
            os.close(file)

    def version(self, node: Node) -> str:
        """The version of that content."""
        digest = blake2b(digest_size=12)
        for piece in self.pieces(node):
            digest.update(piece)
        return digest.hexdigest()

    def rules(self, folder: Node, around: Rules | None) -> Rules | None:
        """What the project ignores in a folder."""
        prefix = os.fsdecode(folder.path + b"/") if folder.path else ""
        for name, node in self.children(folder, _RULES).items():
            if node.kind == "file":
                with suppress(OSError), self._opened(*_around(node)) as handle:
                    around = rules_of(handle, prefix, [os.fsdecode(name)], around)
        return around

    def open(self, node: Node) -> int:
        """A file, open for reading. Raises `OSError` where it is none any more."""
        index, path = node.where[0]
        file = open_beneath(self._layers[index].folder, path, _READ, follow=False)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise FileNotFoundError(node.path)
        return file

    def open_around(self, node: Node, opened: dict[At, int]) -> int:
        """The folder that a node is in; each one is ``opened`` once, for whoever closes them all."""
        at = _around(node)
        if at not in opened:
            opened[at] = open_beneath(self._layers[at[0]].folder, at[1] or b".", _LIST, follow=False)
        return opened[at]

    def stat(self, node: Node) -> os.stat_result:
        """What the disk says of a node; a link itself."""
        index, path = node.where[0]
        parent, _, name = path.rpartition(b"/")
        if not name:
            return os.fstat(self._layers[index].folder)
        handle = open_beneath(self._layers[index].folder, parent, _LOOK, follow=False)
        try:
            return os.stat(name, dir_fd=handle, follow_symlinks=False)
        finally:
            os.close(handle)

    def mark(self, folder: Node, name: str) -> bytes | None:
        """What overlayfs has written on a folder of the uppermost layer that has it."""
        with suppress(OSError), self._opened(*folder.where[0]) as handle:
            return os.getxattr(handle, name)
        return None

    def _target(self, node: Node) -> bytes:
        index, path = node.where[0]
        parent, _, name = path.rpartition(b"/")
        handle = open_beneath(self._layers[index].folder, parent, _LOOK, follow=False)
        try:
            return os.readlink(name, dir_fd=handle)
        finally:
            os.close(handle)

    def _add(
        self, at: At, folder: Node, only: Collection[bytes] | None, found: dict[bytes, Node], hidden: set[bytes]
    ) -> None:
        """What one layer has in a folder, where nothing above hides it."""
        with suppress(OSError), self._opened(*at) as handle:
            for name, seen in _listed(handle) if only is None else _looked_up(handle, only):
                if name not in hidden:
                    self._merge(at, handle, folder, (name, seen), found, hidden)

    def _merge(
        self,
        at: At,
        handle: int,
        folder: Node,
        entry: tuple[bytes, os.stat_result],
        found: dict[bytes, Node],
        hidden: set[bytes],
    ) -> None:
        (name, seen), (index, inside) = entry, at
        path, own = below(folder, name), (index, inside + b"/" + name if inside else name)
        above = found.get(name)
        if stat.S_ISDIR(seen.st_mode):
            where = (*above.where, own) if above else (own,)
            if index < len(self._layers) - 1 and is_opaque(handle, name):
                hidden.add(name)
            elif index < len(self._layers) - 1 and (goal := _xattr(handle, name, REDIRECT)):
                hidden.add(name)
                where += self._continued(index, folder, goal)
            found[name] = self._folder(path, above.mode if above else stat.S_IMODE(seen.st_mode), where)
            return
        hidden.add(name)
        if above is None and not (len(self._layers) > 1 and is_whiteout(seen)):
            found[name] = self._leaf(own, path, seen)

    def _continued(self, index: int, folder: Node, goal: bytes) -> tuple[At, ...]:
        """Where the layers below one have what was moved: by its path from the top on, or by its name beside."""
        names = goal.strip(b"/").split(b"/")
        lower = tuple((below_it, b"") for below_it in range(index + 1, len(self._layers)))
        beside = tuple(at for at in folder.where if at[0] > index)
        node: Node | None = self._folder(b"", 0, lower if goal.startswith(b"/") else beside)
        for name in names:
            node = self.children(node, (name,)).get(name) if node is not None else None
        return node.where if node is not None and node.kind == "folder" else ()

    def _folder(self, path: bytes, mode: int, where: tuple[At, ...]) -> Node:
        parts = tuple((self._layers[index].id, inside) for index, inside in where)
        key = parts if all(id for id, _ in parts) else None
        return Node(path=path, kind="folder", mode=mode, key=key, where=where)

    def _leaf(self, at: At, path: bytes, seen: os.stat_result) -> Node:
        mode = stat.S_IMODE(seen.st_mode)
        kind = "file" if stat.S_ISREG(seen.st_mode) else "link" if stat.S_ISLNK(seen.st_mode) else "other"
        id = self._layers[at[0]].id
        key = (id, at[1]) if id else stamp(seen)
        return Node(path=path, kind=kind, mode=mode, size=seen.st_size, key=key, where=(at,))

    @contextmanager
    def _opened(self, index: int, path: bytes) -> Generator[int]:
        handle = open_beneath(self._layers[index].folder, path or b".", _LIST, follow=False)
        try:
            yield handle
        finally:
            os.close(handle)


def _listed(handle: int) -> Iterator[tuple[bytes, os.stat_result]]:
    with os.scandir(handle) as entries:
        for entry in entries:
            try:
                yield os.fsencode(entry.name), entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # suppress() takes as long as the rest
                continue


def _looked_up(handle: int, names: Collection[bytes]) -> Iterator[tuple[bytes, os.stat_result]]:
    for name in names:
        with suppress(FileNotFoundError):
            yield name, os.stat(name, dir_fd=handle, follow_symlinks=False)


def stamp(seen: os.stat_result) -> tuple[int, int, int, int, int]:
    """What tells that a file is still what it was, without reading it: size, times in nanoseconds, inode, rights."""
    return seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino, stat.S_IMODE(seen.st_mode)


def is_whiteout(seen: os.stat_result) -> bool:
    """Whether it hides the name below it."""
    return stat.S_ISCHR(seen.st_mode) and seen.st_rdev == 0


def is_opaque(folder: int, name: bytes) -> bool:
    """Whether a folder in an open one hides all that is below it."""
    return _xattr(folder, name, OPAQUE) == b"y"


def _xattr(folder: int, name: bytes, attribute: str) -> bytes | None:
    with suppress(OSError, AttributeError):
        return os.getxattr(b"/proc/self/fd/%d/" % folder + name, attribute, follow_symlinks=False)
    return None


def _around(node: Node) -> At:
    """The folder around a file, in the layer that it is in."""
    index, path = node.where[0]
    return index, path.rpartition(b"/")[0]
