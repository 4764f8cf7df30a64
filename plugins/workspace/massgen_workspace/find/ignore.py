"""Which files a project does not count as its own: its `.gitignore` and `.ignore` files, each for its folder.

The rules are those of gitignore(5); `.git` itself never counts. A line that is no rule, or one that would take too long
to compare, leaves nothing out.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby

from massgen_workspace.find.glob import Glob, parsed
from massgen_workspace.find.patterns import Patterns

FILES = (".gitignore", ".ignore")
ALWAYS = ".git"

_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one folder, and of those around it; ``start`` is the length of its path with a slash at its end."""

    start: int
    runs: tuple[tuple[bool, Patterns], ...]
    """From the last one on: whether what matches is left out, and what matches; the first that does decides."""
    around: Rules | None

    def left_out(self, prefix: str, names: Sequence[str], folders: Collection[str]) -> set[str]:
        """Those of the names in a folder that are left out, by the innermost rule that speaks of each."""
        found, open_still = set[str](), names
        rules: Rules | None = self
        while rules is not None:
            inside = prefix[rules.start :]
            for out, patterns in rules.runs:
                matching = patterns.select(inside, open_still, folders)
                if not matching:
                    continue
                if out:
                    found |= matching
                open_still = [name for name in open_still if name not in matching]
            rules = rules.around
        return found


def rules_of(folder: int, prefix: str, names: Collection[str], around: Rules | None) -> Rules | None:
    """The rules for what is in a folder, whose names are known."""
    lines: list[str] = []
    for name in FILES:
        if name in names:
            lines += _lines(folder, name)
    runs = tuple(_runs(lines))
    return Rules(len(prefix), runs, around) if runs else around


def _runs(lines: Iterable[str]) -> Iterator[tuple[bool, Patterns]]:
    for negated, globs in groupby(reversed(list(_globs(lines))), key=lambda glob: glob.negated):
        yield not negated, Patterns(globs)


def _globs(lines: Iterable[str]) -> Iterator[Glob]:
    for line in lines:
        with suppress(ValueError):
            if (glob := parsed(line)) is not None:
                yield glob


def _lines(folder: int, name: str) -> list[str]:
    try:
        file = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return []
    try:
        return os.fsdecode(os.read(file, _LARGEST)).removeprefix("\ufeff").split("\n")
    except OSError:
        return []
    finally:
        os.close(file)
