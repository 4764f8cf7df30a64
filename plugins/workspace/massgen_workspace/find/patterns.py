"""Patterns as in gitignore(5), from whoever wrote a tree: some are none, and some would take for ever to compare."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pathspec import GitIgnoreSpec

_STARS = re.compile(r"\*+")
_MOST_STARS = 3
"""In one name, and of those that stand for any number of folders: each one more multiplies the time of a comparison."""


def spec_of(patterns: Sequence[str]) -> GitIgnoreSpec:
    """The patterns, compiled.

    Raises:
        ValueError: One makes no sense, or takes too long.
    """
    for pattern in patterns:
        if too_costly(pattern):
            raise ValueError(f"more than {_MOST_STARS} stars in one name, or so many `**`")
    try:
        return GitIgnoreSpec.from_lines(patterns)
    except re.error as error:
        raise ValueError(str(error)) from error


def usable(pattern: str) -> bool:
    """Whether a pattern can be compiled and compared."""
    try:
        spec_of([pattern])
    except ValueError:
        return False
    return True


def too_costly(pattern: str) -> bool:
    """Whether comparing a long name with it may take longer than anybody waits."""
    names = pattern.split("/")
    return names.count("**") > _MOST_STARS or any(len(_STARS.findall(name)) > _MOST_STARS for name in names)
