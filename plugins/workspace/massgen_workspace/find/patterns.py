"""Many patterns as in gitignore(5) at once, compared with all the names of a folder at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence

from massgen_workspace.find.glob import Glob

_MOST_EXPRESSIONS = 2000
"""More of them take longer to compile than anybody waits; names and endings are not counted."""
_MOST_COVERED = 10_000


class Patterns:
    """Patterns of which any one will do."""

    def __init__(self, globs: Iterable[Glob]) -> None:
        globs = list(globs)
        self._none = not globs
        endings = tuple(dict.fromkeys(each.ending for each in globs))
        self.endings: tuple[str, ...] = endings if all(endings) else ("",)
        """What all that matches ends with, one or the other."""
        self._any = _Group([each for each in globs if not each.folders_only])
        self._folders = _Group([each for each in globs if each.folders_only])
        self._covered = dict[str, bool]()

    def select(self, prefix: str, names: Sequence[str], folders: Collection[str]) -> set[str]:
        """Those of the names in a folder that match; ``prefix`` is its path with a slash, ``folders`` what is one."""
        if self._none:
            return set()
        found = self._any.select(prefix, names)
        if folders and self._folders:
            found |= self._folders.select(prefix, [name for name in names if name in folders])
        return found

    def covers(self, prefix: str) -> bool:
        """Whether a folder, or one around it, matches: so does all that is in it."""
        if self._none or prefix in self._covered:
            return self._covered.get(prefix, False)
        unknown = list[str]()
        while prefix and prefix not in self._covered:
            unknown.append(prefix)
            prefix = prefix[: prefix.rfind("/", 0, -1) + 1]
        covered = self._covered.get(prefix, False)
        if len(self._covered) > _MOST_COVERED:
            self._covered.clear()
        for each in reversed(unknown):
            around = each.rfind("/", 0, -1) + 1
            name = each[around:-1]
            covered = self._covered[each] = covered or self._holds(each[:around], name)
        return covered

    def _holds(self, prefix: str, folder: str) -> bool:
        return folder.endswith(self.endings) and bool(self.select(prefix, [folder], (folder,)))


class _Group:
    """What the names are compared with: a set, two tuples, and one expression for all that is left."""

    def __init__(self, globs: Sequence[Glob]) -> None:
        self._names = frozenset(each.text for each in globs if each.shape == "name")
        self._endings = tuple({each.text for each in globs if each.shape == "ending"})
        self._paths = _by_folder(each.text for each in globs if each.shape == "path")
        self._beginnings = tuple({each.text for each in globs if each.shape == "beginning"})
        rest = [each for each in globs if each.shape == "expression"][:_MOST_EXPRESSIONS]
        self._by_name = _any_of(each.text for each in rest if each.by_name)
        self._by_path = _any_of(each.text for each in rest if not each.by_name)

    def __bool__(self) -> bool:
        return any((self._names, self._endings, self._beginnings, self._paths, self._by_name, self._by_path))

    def select(self, prefix: str, names: Sequence[str]) -> set[str]:
        found = set(self._names.intersection(names)) if self._names else set[str]()
        if endings := self._endings:
            found.update([name for name in names if name.endswith(endings)])
        if beginnings := self._beginnings:
            found.update([name for name in names if name.startswith(beginnings)])
        if self._paths and (here := self._paths.get(prefix)):
            found.update(here.intersection(names))
        if by_name := self._by_name:
            found.update([name for name in names if by_name(name)])
        if by_path := self._by_path:
            found.update([name for name in names if by_path(prefix + name)])
        return found


def _by_folder(paths: Iterable[str]) -> dict[str, set[str]]:
    """The names that are meant in each folder."""
    found = dict[str, set[str]]()
    for path in paths:
        folder, slash, name = path.rpartition("/")
        found.setdefault(folder + slash, set()).add(name)
    return found


def _any_of(expressions: Iterable[str]) -> Callable[[str], re.Match[str] | None] | None:
    every = list(dict.fromkeys(expressions))
    return re.compile("|".join(f"(?:{each})" for each in every)).match if every else None
