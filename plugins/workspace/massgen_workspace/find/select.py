"""Files by name, size and time, in an order, and behind a place in it."""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple

from massgen_core.jail.roots import Root
from massgen_workspace.find.names import Names
from massgen_workspace.find.walk import Batch, batches

Order = Literal["name", "modified", "size"]
Wanted = Literal["file", "folder", "any"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which files: by name, kind, size in bytes, and when they were last changed (seconds since 1970)."""

    names: Names | None = None
    kind: Wanted = "file"
    ignored: bool = False
    smallest: int | None = None
    largest: int | None = None
    since: float | None = None
    until: float | None = None
    order: Order = "name"
    """By name; the last changed first; the largest first."""

    @property
    def looks_at_each(self) -> bool:
        """Whether more than a name is needed."""
        given = (self.smallest, self.largest, self.since, self.until)
        return self.order != "name" or any(each is not None for each in given)


class Selected(NamedTuple):
    """A file that was found: what it is sorted by, and its path from the root on."""

    rank: int
    path: bytes


def select(
    root: Root,
    start: bytes,
    selection: Selection,
    count: int,
    *,
    after: Selected | None = None,
    tick: Callable[[int], None] = lambda _: None,
) -> list[Selected]:
    """The first so many files below a folder, in order; ``after`` is one behind which it goes on.

    ``tick`` is called with how many folders were looked through.
    """
    behind = after.path[len(start) + 1 if start else 0 :] if after is not None and selection.order == "name" else b""
    with closing(batches(root, start, ignored=selection.ignored, after=behind, names=selection.names)) as every:
        found = _matching(every, start, selection, tick)
        if selection.order == "name":
            return list(islice(found, count))
        return heapq.nsmallest(count, (each for each in found if after is None or each > after))


def _matching(
    every: Iterable[Batch], start: bytes, selection: Selection, tick: Callable[[int], None]
) -> Iterator[Selected]:
    top = len(os.fsdecode(start)) + 1 if start else 0
    folders, last, looks = 1, "", selection.looks_at_each
    for batch in every:
        folders += not last.startswith(batch.prefix)
        last = batch.prefix
        tick(folders)
        names = chosen(batch, top, selection.names, selection.kind)
        if not looks:
            yield from (Selected(0, path) for path in batch.paths(names))
            continue
        for name in names:
            if (rank := _rank(batch, name, selection)) is not None:
                yield Selected(rank, batch.path(name))


def chosen(batch: Batch, top: int, names: Names | None, kind: Wanted) -> list[str]:
    """Those names of a batch that are wanted, in order; ``top`` is the length of the path to where it began."""
    kinds = batch.kinds
    some = batch.names
    if kinds or kind == "folder":
        some = [name for name in some if _is(kinds.get(name, "file"), kind)]
    if names is None or not some:
        return some
    folders = () if kind == "file" else {name for name in some if kinds.get(name) == "folder"}
    matching = names.select(batch.prefix[top:], some, folders)
    return [name for name in some if name in matching] if matching else []


def _is(found: str, wanted: Wanted) -> bool:
    return wanted == "any" or (found == "folder" if wanted == "folder" else found in ("file", "link"))


def _rank(batch: Batch, name: str, selection: Selection) -> int | None:
    """What a file is sorted by; None for one that is not wanted."""
    try:
        found = os.stat(name, dir_fd=batch.folder, follow_symlinks=False)
    except OSError:
        return None
    large_enough = selection.smallest is None or found.st_size >= selection.smallest
    small_enough = selection.largest is None or found.st_size <= selection.largest
    late_enough = selection.since is None or found.st_mtime >= selection.since
    early_enough = selection.until is None or found.st_mtime <= selection.until
    if not (large_enough and small_enough and late_enough and early_enough):
        return None
    return {"name": 0, "modified": -found.st_mtime_ns, "size": -found.st_size}[selection.order]
