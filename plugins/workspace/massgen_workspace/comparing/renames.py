"""What was removed here and added there under another name: by the same content, or by most of the same lines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from massgen_workspace.comparing.contents import lines_of
from massgen_workspace.comparing.folders import Delta, Side
from massgen_workspace.files.meter import Meter
from massgen_workspace.files.versions import version_of_content

_MOST_COMPARED = 200
"""Files on each side that are compared with each other by their lines."""

_LARGEST = 256 * 1024
_ALIKE = 0.6
"""The part of the lines that has to be the same."""


def with_renames(found: Sequence[Delta], left: Side, right: Side, meter: Meter) -> list[Delta]:
    """The same differences, those that are one file's two names as one."""
    removed = {each.path: each for each in found if each.what == "removed" and each.kind == "file"}
    added = {each.path: each for each in found if each.what == "added" and each.kind == "file"}
    renamed: dict[bytes, Delta] = {}
    for old, new in _same(removed, added, left, right, meter):
        renamed[new] = _renamed(removed.pop(old), added.pop(new), same=True)
    for old, new in _alike(removed, added, left, right):
        renamed[new] = _renamed(removed.pop(old), added.pop(new), same=False)
    gone = {each.old for each in renamed.values()}
    return [
        renamed.get(each.path, each) if each.what == "added" else each
        for each in found
        if not (each.what == "removed" and each.path in gone)
    ]


def _renamed(old: Delta, new: Delta, *, same: bool) -> Delta:
    sizes, modes = (old.sizes[0], new.sizes[1]), (old.modes[0], new.modes[1])
    return replace(new, what="renamed", old=old.path, sizes=sizes, modes=modes, same_content=same)


def _same(
    removed: dict[bytes, Delta], added: dict[bytes, Delta], left: Side, right: Side, meter: Meter
) -> list[tuple[bytes, bytes]]:
    """Pairs of the same content; only files of the same size are read."""
    sizes = {each.sizes[0] for each in removed.values()} & {each.sizes[1] for each in added.values()} - {0, None}
    held: defaultdict[str, list[bytes]] = defaultdict(list)
    for path, each in removed.items():
        if each.sizes[0] in sizes and (version := _version(left, path, meter)):
            held[version].append(path)
    pairs: list[tuple[bytes, bytes]] = []
    for path, each in added.items():
        if each.sizes[1] in sizes and (version := _version(right, path, meter)) and held[version]:
            name = path.rpartition(b"/")[2]
            old = next((old for old in held[version] if old.rpartition(b"/")[2] == name), held[version][0])
            held[version].remove(old)
            pairs.append((old, path))
    return pairs


def _version(side: Side, path: bytes, meter: Meter) -> str | None:
    with side.file(path) as file:
        return None if file is None else version_of_content(file, meter)


def _alike(
    removed: dict[bytes, Delta], added: dict[bytes, Delta], left: Side, right: Side
) -> Iterator[tuple[bytes, bytes]]:
    """Pairs that have most of their lines in common, the most alike first; of many files only the first are read."""
    old, new = dict(_counted(removed, left, 0)), dict(_counted(added, right, 1))
    scores = [
        (score, before, after)
        for before, mine in old.items()
        for after, theirs in new.items()
        if (score := 2 * (mine & theirs).total() / (mine.total() + theirs.total())) >= _ALIKE
    ]
    for _, before, after in sorted(scores, key=lambda each: (-each[0], each[1], each[2])):
        if before in old and after in new:
            del old[before], new[after]
            yield before, after


def _counted(deltas: dict[bytes, Delta], side: Side, which: int) -> Iterator[tuple[bytes, Counter[int]]]:
    small = [path for path, each in deltas.items() if 0 < (each.sizes[which] or 0) <= _LARGEST]
    for path in small[:_MOST_COMPARED]:
        with side.file(path) as file:
            lines = None if file is None else lines_of(file)
        if lines:
            yield path, Counter(map(hash, lines))
