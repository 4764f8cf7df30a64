"""In what two texts differ, by lines, in bounded time: where telling exactly would take too long, coarsely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Part = tuple[int, int, int, int]
"""Lines of the old text, from and to, and those of the new one in their place."""

_MOST_PAIRS = 1_000_000
"""Pairs of equal lines that are looked at; their number is what comparing costs."""


def differences(old: Sequence[str | bytes], new: Sequence[str | bytes]) -> list[Part]:
    """What differs, in order; one part for all of it where too many lines are alike."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    mine, other = old[head : len(old) - tail], new[head : len(new) - tail]
    if not mine and not other:
        return []
    counted = Counter(other)
    if not mine or not other or sum(counted[line] for line in mine) > _MOST_PAIRS:
        return [(head, len(old) - tail, head, len(new) - tail)]
    matcher = SequenceMatcher(None, mine, other, autojunk=False)
    return [(a + head, b + head, c + head, d + head) for kind, a, b, c, d in matcher.get_opcodes() if kind != "equal"]


def unified(old: Sequence[str], new: Sequence[str], *, around: int) -> Iterator[str]:
    """What differs as hunks of a unified diff, with so many lines around each."""
    for group in _groups(differences(old, new), 2 * around):
        start, stop = max(0, group[0][0] - around), min(len(old), group[-1][1] + around)
        first, last = group[0][2] - (group[0][0] - start), group[-1][3] + (stop - group[-1][1])
        yield f"@@ -{_range(start, stop)} +{_range(first, last)} @@"
        for a, b, c, d in group:
            yield from (f" {line}" for line in old[start:a])
            yield from (f"-{line}" for line in old[a:b])
            yield from (f"+{line}" for line in new[c:d])
            start = b
        yield from (f" {line}" for line in old[start:stop])


def _groups(parts: Sequence[Part], gap: int) -> list[list[Part]]:
    """Parts with so few lines between them that they are shown as one."""
    groups: list[list[Part]] = []
    for part in parts:
        if groups and part[0] - groups[-1][-1][1] <= gap:
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _range(start: int, stop: int) -> str:
    if stop - start == 1:
        return str(start + 1)
    return f"{start + (stop > start)},{stop - start}"
