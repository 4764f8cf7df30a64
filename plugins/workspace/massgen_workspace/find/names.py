"""Files by their names: patterns as in `.gitignore`, where `*.py` means any depth and `src/*.py` one folder."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from massgen_core.errors import ToolFailed
from massgen_workspace.find.glob import Glob, parsed
from massgen_workspace.find.patterns import Patterns

_MOST = 1000
"""Patterns at most, with each word of each brace as one."""
_MOST_BRACES = 50


class Names:
    """What matches one of some patterns, and none of those that begin with ``!``; a folder stands for all in it."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Raises `ToolFailed` where a pattern makes no sense."""
        every = list(islice((each for pattern in patterns for each in braces(pattern)), _MOST + 1))
        if len(every) > _MOST:
            raise ToolFailed(
                "", f"these are more than {_MOST} patterns, with each word in braces as one: use fewer words"
            )
        globs = [glob for glob in map(_parsed, every) if glob is not None]
        self._wanted = Patterns([glob for glob in globs if not glob.negated] or [_ALL])
        self._unwanted = Patterns([glob for glob in globs if glob.negated])

    def endings(self, prefix: str) -> tuple[str, ...]:
        """What the names of all files in a folder that match end with, one or the other."""
        return ("",) if prefix and self._wanted.covers(prefix) else self._wanted.endings

    def select(self, prefix: str, names: Sequence[str], folders: Collection[str]) -> set[str]:
        """Those of the names in a folder that match; ``prefix`` is its path from where the search began."""
        if prefix and self._unwanted.covers(prefix):
            return set()
        found = set(names) if prefix and self._wanted.covers(prefix) else self._wanted.select(prefix, names, folders)
        return found - self._unwanted.select(prefix, list(found), folders) if found else found


def _parsed(pattern: str) -> Glob | None:
    try:
        return parsed(pattern)
    except ValueError as error:
        raise ToolFailed("", f"{pattern[:200]}: no pattern for names: {error}") from None


_ALL = Glob(text="", shape="ending", ending="", by_name=True, folders_only=False, negated=False)


def braces(pattern: str) -> Iterator[str]:
    """A pattern for each of the words in `{a,b}`."""
    start = pattern.find("{")
    end = pattern.find("}", start)
    if start < 0 or end < 0 or "," not in pattern[start:end] or pattern.count("{") > _MOST_BRACES:
        yield pattern
        return
    for word in pattern[start + 1 : end].split(","):
        yield from braces(pattern[:start] + word + pattern[end + 1 :])
