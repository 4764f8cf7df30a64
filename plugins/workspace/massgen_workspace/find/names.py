"""Files by their names: patterns as in `.gitignore`, where `*.py` means any depth and `src/*.py` one folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from pathspec import GitIgnoreSpec

from massgen_core.errors import ToolFailed
from massgen_workspace.find.patterns import spec_of

Matches = Callable[[bytes], bool]

_MOST = 1000
"""Patterns at most, with each word of each brace as one."""
_MOST_BRACES = 50


def matcher(patterns: Sequence[str]) -> Matches:
    """Whether a path (from the folder in which is searched) matches one, and none of those that begin with ``!``.

    Raises:
        ToolFailed: A pattern makes no sense.
    """
    every = list(islice((each for pattern in patterns for each in braces(pattern)), _MOST + 1))
    if len(every) > _MOST:
        raise ToolFailed("", f"these are more than {_MOST} patterns, with each word in braces as one: use fewer words")
    wanted = _spec([pattern for pattern in every if not pattern.startswith("!")] or ["*"])
    unwanted = _spec([pattern[1:] for pattern in every if pattern.startswith("!")])

    def matches(path: bytes) -> bool:
        name = os.fsdecode(path)
        return wanted.match_file(name) and not unwanted.match_file(name)

    return matches


def _spec(patterns: Sequence[str]) -> GitIgnoreSpec:
    try:
        return spec_of(patterns)
    except ValueError as error:
        raise ToolFailed("", f"{', '.join(patterns)[:200]}: no pattern for names: {error}") from None


def braces(pattern: str) -> Iterator[str]:
    """A pattern for each of the words in `{a,b}`."""
    start = pattern.find("{")
    end = pattern.find("}", start)
    if start < 0 or end < 0 or "," not in pattern[start:end] or pattern.count("{") > _MOST_BRACES:
        yield pattern
        return
    for word in pattern[start + 1 : end].split(","):
        yield from braces(pattern[:start] + word + pattern[end + 1 :])
