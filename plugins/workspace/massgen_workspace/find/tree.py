"""A folder and what is below it, as rows of a tree within budgets."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

from massgen_core.jail.roots import Root
from massgen_workspace.find.folders import Kind
from massgen_workspace.find.walk import Batch, batches


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How much of a tree is wanted: ``deep`` folders down, ``wide`` entries of each, ``rows`` in all."""

    deep: int
    wide: int
    rows: int
    ignored: bool = False
    after: bytes = b""
    """A path from the start on, behind which it goes on."""


@dataclass(slots=True, kw_only=True)
class Row:
    """One entry, its path from the root on, and how far below the start it is, from 0; a folder's ``sum`` as asked for.

    ``hidden`` are the entries of a folder that are not shown. A link's ``target`` is where it says that it leads.
    """

    path: str
    depth: int
    kind: Kind
    size: int | None = None
    target: str | None = None
    hidden: int = 0
    sum: Sum | None = None

    @property
    def name(self) -> str:
        """The last name of its path."""
        return self.path.rpartition("/")[2]


@dataclass(slots=True)
class Sum:
    """The files below a folder and their bytes; so far where not ``complete``."""

    files: int = 0
    size: int = 0
    complete: bool = False


@dataclass(slots=True)
class Tree:
    """The rows of a tree in order; ``hidden`` as in a `Row`, of the start itself, and whether there are ``more``."""

    rows: list[Row]
    hidden: int = 0
    more: bool = False


def tree_of(root: Root, start: bytes, shape: Shape, tick: Callable[[int], None]) -> Tree:
    """The tree below a folder; ``tick`` is called with the entries that were seen."""
    return _Grower(root, start, shape, tick).grow()


class _Grower:
    """Goes through a tree and keeps what has room."""

    def __init__(self, root: Root, start: bytes, shape: Shape, tick: Callable[[int], None]) -> None:
        self._shape = shape
        self._tick = tick
        self._tree = Tree([])
        self._folders = dict[str, Row]()
        self._width = dict[str, int]()
        self._seen = 0
        self._top = os.fsdecode(start) + "/" if start else ""
        self._batches = batches(
            root, start, ignored=shape.ignored, deepest=shape.deep, after=shape.after, enters=self._enters
        )

    def grow(self) -> Tree:
        with closing(self._batches) as every:
            for batch in every:
                self._seen += len(batch.names)
                self._tick(self._seen)
                if not self._add(batch):
                    self._tree.more = True
                    break
        return self._tree

    def _enters(self, path: str) -> bool:
        """What is not shown is not gone into; what comes behind a path is, on the way to there."""
        return path in self._folders or bool(self._shape.after and not self._tree.rows)

    def _add(self, batch: Batch) -> bool:
        """False where the rows are full."""
        depth = batch.prefix.count("/") - self._top.count("/")
        width = self._width.get(batch.prefix, 0)
        for name in batch.names:
            if width == self._shape.wide:
                break
            if len(self._tree.rows) == self._shape.rows:
                return False
            row = _row(batch, name, depth)
            self._tree.rows.append(row)
            if row.kind == "folder":
                self._folders[row.path] = row
            width += 1
        hidden = len(batch.names) - (width - self._width.get(batch.prefix, 0))
        self._width[batch.prefix] = width
        self._hide(batch.prefix, hidden)
        return True

    def _hide(self, prefix: str, hidden: int) -> None:
        if prefix == self._top:
            self._tree.hidden += hidden
        elif (row := self._folders.get(prefix[:-1])) is not None:
            row.hidden += hidden


def _row(batch: Batch, name: str, depth: int) -> Row:
    kind = batch.kinds.get(name, "file")
    row = Row(path=batch.prefix + name, depth=depth, kind=kind)
    try:
        if kind == "file":
            row.size = os.stat(name, dir_fd=batch.folder, follow_symlinks=False).st_size
        elif kind == "link":
            row.target = os.readlink(name, dir_fd=batch.folder)
    except OSError:
        return row
    return row


def add_sums(
    root: Root, start: bytes, tree: Tree, *, ignored: bool, seconds: float, tick: Callable[[int], None]
) -> None:
    """Tell the folders of a tree how much is in each, as far as some seconds reach."""
    sums = {f"{row.path}/": Sum() for row in tree.rows if row.kind == "folder"}
    end = time.monotonic() + seconds
    reached: str | None = None
    with closing(batches(root, start, ignored=ignored)) as every:
        for number, batch in enumerate(every):
            tick(number)
            sizes = [size for name in batch.files() if (size := _size(batch, name)) is not None]
            for around in _around(batch.prefix, sums):
                around.files += len(sizes)
                around.size += sum(sizes)
            if time.monotonic() > end:
                reached = batch.prefix + batch.names[-1]
                break
    for row in tree.rows:
        row.sum = sums.get(f"{row.path}/")
        if row.sum is not None:
            row.sum.complete = reached is None or _passed(row.path, reached)


def _passed(folder: str, reached: str) -> bool:
    """Whether all that is in a folder comes before something else, and is not around it."""
    return _key(folder) < _key(reached) and not reached.startswith(f"{folder}/")


def _size(batch: Batch, name: str) -> int | None:
    try:
        found = os.stat(name, dir_fd=batch.folder, follow_symlinks=False)
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _around(prefix: str, sums: dict[str, Sum]) -> Iterator[Sum]:
    while prefix:
        if prefix in sums:
            yield sums[prefix]
        prefix = prefix[: prefix.rfind("/", 0, -1) + 1]


def _key(path: str) -> list[bytes]:
    """The order in which a tree is gone through."""
    return os.fsencode(path).split(b"/")
