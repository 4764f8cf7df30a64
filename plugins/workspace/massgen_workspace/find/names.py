"""Files by their names: patterns as in `.gitignore`, where `*.py` means any depth and `src/*.py` one folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from pathspec import GitIgnoreSpec

from massgen_core.errors import ToolFailed

Matches = Callable[[bytes], bool]


def matcher(patterns: Sequence[str]) -> Matches:
    """Whether a path (from the folder in which is searched) matches one, and none of those that begin with ``!``.

    Raises:
        ToolFailed: A pattern makes no sense.
    """
    every = [each for pattern in patterns for each in braces(pattern)]
    wanted = _spec([pattern for pattern in every if not pattern.startswith("!")] or ["*"])
    unwanted = _spec([pattern[1:] for pattern in every if pattern.startswith("!")])

    def matches(path: bytes) -> bool:
        name = os.fsdecode(path)
        return wanted.match_file(name) and not unwanted.match_file(name)

    return matches


def _spec(patterns: Sequence[str]) -> GitIgnoreSpec:
    try:
        return GitIgnoreSpec.from_lines(patterns)
    except ValueError as error:
        raise ToolFailed("", f"{', '.join(patterns)}: no pattern for names: {error}") from None


def braces(pattern: str) -> list[str]:
    """A pattern for each of the words in `{a,b}`."""
    start = pattern.find("{")
    end = pattern.find("}", start)
    if start < 0 or end < 0 or "," not in pattern[start:end]:
        return [pattern]
    words = pattern[start + 1 : end].split(",")
    return [each for word in words for each in braces(pattern[:start] + word + pattern[end + 1 :])]
