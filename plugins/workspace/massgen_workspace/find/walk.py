"""All that is below a folder, folder by folder in the order of names; no link is followed, whoever swaps what.

Every folder is opened by its name in the one around it, which is open, and only if it is a folder and no link: so the
walk can't leave its root, and costs one call for each folder, however deep.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import NamedTuple

from massgen_core.jail.beneath import open_beneath
from massgen_core.jail.roots import Root
from massgen_workspace.files.atomic import is_temporary
from massgen_workspace.find.folders import Kind, Reader
from massgen_workspace.find.ignore import ALWAYS, Rules, rules_of
from massgen_workspace.find.names import Names

_LIST = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_MOST_OPEN = 64
"""Folders that are open at once; those around a deeper one are opened again when it is done."""


@dataclass(frozen=True, slots=True)
class Found:
    """A path from the root on, and what is there: a ``file``, ``folder``, ``link`` or something ``other``."""

    path: bytes
    kind: Kind


class Batch(NamedTuple):
    """Names that follow one another in one folder, which is open until the next batch is asked for.

    ``prefix`` is the folder's path from the root on with a slash at its end; ``kinds`` has what is no file. Names are
    text as `os.fsdecode` gives it.
    """

    folder: int
    prefix: str
    names: list[str]
    kinds: Mapping[str, Kind]

    def path(self, name: str) -> bytes:
        """A name's path from the root on."""
        return os.fsencode(self.prefix + name)

    def paths(self, names: list[str]) -> list[bytes]:
        """The same for some names."""
        prefix = os.fsencode(self.prefix)
        return [prefix + name for name in os.fsencode("\0".join(names)).split(b"\0")] if names else []

    def files(self) -> list[str]:
        """The names of its files."""
        kinds = self.kinds
        return [name for name in self.names if name not in kinds] if kinds else self.names


def walk(root: Root, start: bytes = b"", *, ignored: bool = False, deepest: int | None = None) -> Iterator[Found]:
    """Everything below ``start``; what a project ignores is left out unless ``ignored``.

    ``deepest`` is how many folders down it goes, 1 for what is in ``start`` alone. A folder that cannot be opened, or
    goes away meanwhile, is empty.
    """
    with closing(batches(root, start, ignored=ignored, deepest=deepest)) as every:
        for batch in every:
            for name in batch.names:
                yield Found(batch.path(name), batch.kinds.get(name, "file"))


def batches(
    root: Root,
    start: bytes = b"",
    *,
    ignored: bool = False,
    deepest: int | None = None,
    after: bytes = b"",
    enters: Callable[[str], bool] = lambda _: True,
    names: Names | None = None,
) -> Generator[Batch]:
    """The same, many names at a time; ``after`` is a path from ``start`` on behind which it goes on.

    ``enters`` says whether a folder, given by its path from the root on, is gone into. Of the files that ``names`` does
    not want most are left out, which is quick, but not all.
    """
    prefix = os.fsdecode(start.strip(b"/") + b"/") if start.strip(b"/.") else ""
    rules = None if ignored or not prefix else _rules_around(root, prefix)
    levels = _Levels(root, ignored=ignored, names=names, top=len(prefix))
    try:
        yield from _below(
            levels, prefix, rules, deepest, enters, [os.fsdecode(each) for each in after.split(b"/") if each]
        )
    finally:
        levels.close()


def _below(
    levels: _Levels,
    prefix: str,
    rules: Rules | None,
    deepest: int | None,
    enters: Callable[[str], bool],
    after: list[str],
) -> Generator[Batch]:
    """Depth first, without recursion: a tree may be as deep as it likes."""
    levels.enter(prefix, rules, after)
    while (level := levels.last) is not None:
        batch = level.following(levels.prefix)
        if batch is None:
            levels.leave()
            continue
        if batch.names:
            yield batch
        inner = level.inner
        if inner is not None and (deepest is None or len(levels) < deepest) and enters(levels.prefix + inner):
            levels.enter(f"{level.inner}/", level.rules, level.after[1:])


@dataclass(slots=True, kw_only=True)
class _Level:
    """One folder on the way down, and how far it is done."""

    length: int
    """Of its path."""
    folder: int
    names: list[str]
    kinds: Mapping[str, Kind]
    rules: Rules | None
    after: list[str] = field(default_factory=list[str])
    done: int = 0
    inner: str | None = None
    """The folder that the last batch ended with, which comes next."""

    def skip(self, after: list[str]) -> None:
        """Go on behind a path; a folder on the way to it is entered, but not named again."""
        key = os.fsencode(after[0])
        self.done = bisect_left(self.names, key, key=os.fsencode)
        self.after = after

    def following(self, prefix: str) -> Batch | None:
        """The next names, up to a folder; None at the end. No names where only a folder is to be entered."""
        start, self.inner = self.done, None
        if start == len(self.names):
            return None
        if self.after and self.names[start] == self.after[0]:
            self.done += 1
            if self.kinds.get(self.names[start]) == "folder":
                self.inner = self.names[start]
            return Batch(self.folder, prefix, [], self.kinds)
        self.after = []
        for at in range(start, len(self.names)) if self.kinds else ():
            if self.kinds.get(self.names[at]) == "folder":
                self.done, self.inner = at + 1, self.names[at]
                break
        else:
            self.done = len(self.names)
        return Batch(self.folder, prefix, self.names[start : self.done], self.kinds)


class _Levels:
    """The folders around the one that is read now, the outermost first; a few of them are open."""

    def __init__(self, root: Root, *, ignored: bool, names: Names | None, top: int) -> None:
        self._root = root
        self._ignored = ignored
        self._names = names
        self._top = top
        self._reader = Reader()
        self.prefix: str = ""
        """The path of the innermost one from the root on, with a slash at its end."""
        self._levels: list[_Level] = []

    def __len__(self) -> int:
        return len(self._levels)

    @property
    def last(self) -> _Level | None:
        """The innermost one, open; None when all is done."""
        while self._levels:
            level = self._levels[-1]
            if level.folder >= 0:
                return level
            try:
                level.folder = _open_from_root(self._root, self.prefix)
            except OSError:
                self.leave()
        return None

    def enter(self, name: str, rules: Rules | None, after: list[str]) -> None:
        """Read a folder, which the innermost one holds; one that can't be opened is left out."""
        prefix = self.prefix + name
        try:
            folder = self._open(name)
        except OSError:
            return
        try:
            level = self._read(folder, prefix, rules)
        except OSError:
            os.close(folder)
            return
        if after:
            level.skip(after)
        self.prefix = prefix
        self._levels.append(level)
        if len(self._levels) > _MOST_OPEN:
            _shut(self._levels[-_MOST_OPEN - 1])

    def leave(self) -> None:
        """The innermost one is done."""
        _shut(self._levels.pop())
        self.prefix = self.prefix[: self._levels[-1].length] if self._levels else ""

    def close(self) -> None:
        """Close all."""
        for level in self._levels:
            _shut(level)
        self._levels.clear()

    def _read(self, folder: int, prefix: str, rules: Rules | None) -> _Level:
        """What is in a folder, and the rules for it."""
        endings = ("",) if self._names is None else self._names.endings(prefix[self._top :])
        names, kinds = self._reader.read(folder, endings)
        hidden = names[bisect_left(names, ".") : bisect_left(names, "/")]
        if hidden and not self._ignored:
            rules = rules_of(folder, prefix, hidden, rules)
        left_out = {name for name in hidden if name == ALWAYS or is_temporary(os.fsencode(name))}
        if rules is not None:
            left_out |= rules.left_out(prefix, names, {name for name, kind in kinds.items() if kind == "folder"})
        if left_out:
            names = [name for name in names if name not in left_out]
        return _Level(length=len(prefix), folder=folder, names=names, kinds=kinds, rules=rules)

    def _open(self, name: str) -> int:
        if not self._levels:
            return _open_from_root(self._root, name)
        return os.open(name[:-1], _LIST, dir_fd=self._levels[-1].folder)


def _shut(level: _Level) -> None:
    if level.folder >= 0:
        os.close(level.folder)
        level.folder = -1


def _open_from_root(root: Root, prefix: str) -> int:
    return open_beneath(root.folder, os.fsencode(prefix).rstrip(b"/") or b".", _LIST, follow=False)


def _rules_around(root: Root, prefix: str) -> Rules | None:
    """The rules of the folders from the root down to the one around ``prefix``."""
    rules: Rules | None = None
    inside = ""
    for name in prefix.split("/")[:-1]:
        try:
            folder = _open_from_root(root, inside)
        except OSError:
            return rules
        try:
            rules = rules_of(folder, inside, os.listdir(folder), rules)
        finally:
            os.close(folder)
        inside += f"{name}/"
    return rules
