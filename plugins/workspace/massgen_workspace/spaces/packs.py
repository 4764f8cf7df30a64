"""A snapshot of a tree as two files of ours: a list of what was there, and a pack of contents.

Nobody else writes to either, so what a program does to the tree afterwards, in place or not, changes no snapshot (hard
links would let it). A file that is known by its size, times and inode is not read again; its content stays in the pack
of the snapshot that has read it.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

from massgen_workspace.find.ignore import Rules
from massgen_workspace.spaces.stack import Stack
from massgen_workspace.spaces.views import TOP, Key, Node, below, everything

Tick = Callable[[int], None]
"""Called now and then with how many files are done; raises where the work is to end."""

LARGEST = 4 * 1024**3
"""Bytes of the largest file that a snapshot holds: one with holes may claim any size, and take it in a pack."""

_PIECE = 1024 * 1024
_ROWS = 1000
_EACH = 256
_RACY = 50_000_000
"""Nanoseconds: a file that was changed so shortly before it was looked at may change again without showing it."""

_SCHEMA = """
CREATE TABLE entry (
    parent BLOB NOT NULL, name BLOB NOT NULL, kind TEXT NOT NULL, mode INTEGER NOT NULL, size INTEGER NOT NULL,
    mtime INTEGER NOT NULL, ctime INTEGER NOT NULL, ino INTEGER NOT NULL,
    version TEXT NOT NULL, pack TEXT NOT NULL, start INTEGER NOT NULL,
    PRIMARY KEY (parent, name)
) WITHOUT ROWID;
"""
_COLUMNS = "parent, name, kind, mode, size, mtime, ctime, ino, version, pack, start"

Row = tuple[bytes, bytes, str, int, int, int, int, int, str, str, int]


class PackView:
    """A snapshot that was taken into a folder of packs; close it after use."""

    def __init__(self, folder: Path, id: str) -> None:
        self._folder = folder
        listing = (folder / f"{id}.sqlite").absolute().as_uri()
        self._database = sqlite3.connect(f"{listing}?mode=ro", uri=True, check_same_thread=False)
        self._packs: dict[str, BinaryIO] = {}

    def close(self) -> None:
        """Close its files."""
        self._database.close()
        for pack in self._packs.values():
            pack.close()

    def top(self) -> Node:
        """The folder itself."""
        return TOP

    def children(self, folder: Node, only: Collection[bytes] | None = None) -> Mapping[bytes, Node]:
        """What was in a folder, by name in order; ``only`` some names where those are given."""
        if only is None:
            rows = self.rows(folder.path)
        else:
            rows = [row for name in sorted(only) if (row := self.row(below(folder, name))) is not None]
        return {row[1]: _node(below(folder, row[1]), row) for row in rows}

    def rows(self, parent: bytes) -> list[Row]:
        """What is written of a folder."""
        query = f"SELECT {_COLUMNS} FROM entry WHERE parent = ? ORDER BY name"
        return self._database.execute(query, (parent,)).fetchall()

    def row(self, path: bytes) -> Row | None:
        """What is written of one path."""
        parent, _, name = path.rpartition(b"/")
        query = f"SELECT {_COLUMNS} FROM entry WHERE parent = ? AND name = ?"
        return self._database.execute(query, (parent, name)).fetchone()

    def pieces(self, node: Node) -> Iterator[bytes]:
        """A file's content, or a link's target."""
        row = self.row(node.path)
        if row is None:
            raise FileNotFoundError(node.path)
        left, start = row[4], row[10]
        pack = self._pack(row[9])
        while left and (piece := os.pread(pack.fileno(), min(left, _PIECE), start)):
            yield piece
            left -= len(piece)
            start += len(piece)
        if left:
            raise OSError(f"the pack {row[9]} is shorter than it was")

    def version(self, node: Node) -> str:
        """The version of that content."""
        row = self.row(node.path)
        if row is None:
            raise FileNotFoundError(node.path)
        return row[8]

    def rules(self, folder: Node, around: Rules | None) -> Rules | None:
        """None: what a project ignores was left out when the snapshot was taken, unless that was asked for."""
        return None

    def packs(self) -> set[str]:
        """The packs that its contents are in."""
        return {row[0] for row in self._database.execute("SELECT DISTINCT pack FROM entry WHERE kind != 'folder'")}

    def _pack(self, id: str) -> BinaryIO:
        if id not in self._packs:
            self._packs[id] = (self._folder / f"{id}.pack").open("rb")
        return self._packs[id]


def _node(path: bytes, row: Row) -> Node:
    return Node(path=path, kind=row[2], mode=row[3], size=row[4], key=_key(row))


def _key(row: Row) -> Key | None:
    """As `stamp` gives it; None where nothing can be told from it."""
    return (*row[4:8], row[3]) if row[7] else None


def take(folder: Path, id: str, tree: Stack, previous: PackView | None, *, ignored: bool, tick: Tick) -> list[bytes]:
    """Write a snapshot of a tree; returns the files that are not in it: too large, or not to be read.

    Raises:
        OSError: It cannot be kept; nothing is left then.
    """
    pack, listing = folder / f"{id}.pack", folder / f"{id}.sqlite"
    try:
        with pack.open("xb") as contents, closing(sqlite3.connect(listing, isolation_level=None)) as database:
            database.executescript(f"PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; {_SCHEMA} BEGIN;")
            taking = _Taking(id, tree, previous, contents)
            _insert(database, taking.rows(ignored, tick))
            database.execute("COMMIT")
            contents.flush()
            os.fsync(contents.fileno())
    except BaseException:
        pack.unlink(missing_ok=True)
        listing.unlink(missing_ok=True)
        raise
    return taking.left_out


class _Taking:
    def __init__(self, id: str, tree: Stack, previous: PackView | None, contents: BinaryIO) -> None:
        self._id = id
        self._tree = tree
        self._previous = previous
        self._contents = contents
        self._known: tuple[bytes, dict[bytes, Row]] = (b"/", {})
        self._fresh = time.time_ns() - _RACY
        self.left_out: list[bytes] = []

    def rows(self, ignored: bool, tick: Tick) -> Iterator[Row]:
        count = 0
        for count, node in enumerate(everything(self._tree, ignored=ignored), 1):
            if count % _EACH == 0:
                tick(count)
            if node.kind != "other" and (row := self._row(node)) is not None:
                yield row
        tick(count)

    def _row(self, node: Node) -> Row | None:
        parent, _, name = node.path.rpartition(b"/")
        if node.kind == "folder":
            return (parent, name, "folder", node.mode, 0, 0, 0, 0, "", "", 0)
        known = self._before(parent, name)
        if known is not None and node.key == _key(known) and node.kind == known[2]:
            return known
        return self._kept(node, parent, name)

    def _before(self, parent: bytes, name: bytes) -> Row | None:
        """What the snapshot before has at a path; asked for a whole folder at a time."""
        if self._previous is None:
            return None
        if self._known[0] != parent:
            self._known = (parent, {row[1]: row for row in self._previous.rows(parent)})
        return self._known[1].get(name)

    def _kept(self, node: Node, parent: bytes, name: bytes) -> Row | None:
        """A row for what is read now; None where it is too large, or went away meanwhile."""
        if node.size > LARGEST:
            self.left_out.append(node.path)
            return None
        start, digest, size = self._contents.tell(), blake2b(digest_size=12), 0
        try:
            for piece in _readable(self._tree.pieces(node)):
                digest.update(piece)
                size += self._contents.write(piece)
        except _Gone:
            self._contents.seek(start)
            self._contents.truncate()
            self.left_out.append(node.path)
            return None
        mtime, ctime, ino = self._stamp(node, size)
        return (parent, name, node.kind, node.mode, size, mtime, ctime, ino, digest.hexdigest(), self._id, start)

    def _stamp(self, node: Node, size: int) -> tuple[int, int, int]:
        """Zeros where it may have changed while, or shortly before, it was read."""
        match node.key:
            case (int(was), int(mtime), int(ctime), int(ino), int()) if was == size and ctime < self._fresh:
                return mtime, ctime, ino
            case _:
                return 0, 0, 0


class _Gone(Exception):
    """It cannot be read, or not any more."""


def _readable(pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except OSError as error:
        raise _Gone from error


def _insert(database: sqlite3.Connection, rows: Iterable[Row]) -> None:
    batch: list[Any] = []
    statement = f"INSERT INTO entry ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS:
            database.executemany(statement, batch)
            batch.clear()
    database.executemany(statement, batch)
