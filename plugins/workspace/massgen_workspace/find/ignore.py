"""Which files a project does not count as its own: its `.gitignore` and `.ignore` files, each for its folder.

The rules are those of gitignore(5), read by the `pathspec` library; `.git` itself never counts. A line that is no rule,
or one that would take too long to compare, leaves nothing out.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from pathspec import GitIgnoreSpec

from massgen_workspace.find.patterns import spec_of, usable

FILES = (b".gitignore", b".ignore")
ALWAYS = b".git"

_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one folder (from the root on, with a slash at its end), and of those around it."""

    prefix: bytes
    spec: GitIgnoreSpec
    around: Rules | None

    def ignore(self, path: bytes, *, folder: bool) -> bool:
        """Whether a path from the root on is left out, by the innermost rule that speaks of it."""
        rules: Rules | None = self
        while rules is not None:
            name = os.fsdecode(path[len(rules.prefix) :]) + ("/" if folder else "")
            found = rules.spec.check_file(name).include
            if found is not None:
                return found
            rules = rules.around
        return False


def rules_of(folder: int, prefix: bytes, names: Sequence[bytes], around: Rules | None) -> Rules | None:
    """The rules for what is in a folder, whose names are known."""
    lines: list[str] = []
    for name in FILES:
        if name in names:
            lines += _lines(folder, name)
    return Rules(prefix, _spec(lines), around) if lines else around


def _spec(lines: Sequence[str]) -> GitIgnoreSpec:
    try:
        return spec_of(lines)
    except ValueError:
        return spec_of([line for line in lines if usable(line)])


def _lines(folder: int, name: bytes) -> list[str]:
    try:
        file = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return []
    try:
        return os.fsdecode(os.read(file, _LARGEST)).splitlines()
    except OSError:
        return []
    finally:
        os.close(file)
