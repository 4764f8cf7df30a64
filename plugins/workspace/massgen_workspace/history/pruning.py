"""What a history forgets: entries that are too old or too many, and the contents that no entry speaks of any more."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from massgen_workspace.history.journal import Journal, Mention
from massgen_workspace.history.store import Store

_OFTEN = 86400.0


def is_due(state: Path) -> bool:
    """Whether a day has gone by since the last time: it takes a look at every content."""
    try:
        return time.time() - (state / "pruned").stat().st_mtime > _OFTEN
    except FileNotFoundError:
        return True


def note_pruned(state: Path) -> None:
    """It has just been done."""
    (state / "pruned").touch()


def forget(journal: Journal, store: Store, *, age: float, size: int, needed: Collection[bytes]) -> int:
    """Forget entries of more than ``age`` seconds, and the oldest whose contents make more than ``size`` bytes.

    The last entry stays, and so does one whose deleted files (``needed``, by their place in the trash) can be had back.
    Returns how many are forgotten; call it under the lock of the history.
    """
    mentions = journal.mentions()
    doomed = list(_doomed(mentions, store.sizes(), time.time() - age, size, needed))
    journal.forget([each.entry for each in doomed])
    gone = {each.entry for each in doomed}
    store.sweep({version for each in mentions if each.entry not in gone for version in each.versions})
    return len(doomed)


def _doomed(
    mentions: Collection[Mention], sizes: Mapping[str, int], before: float, size: int, needed: Collection[bytes]
) -> Iterator[Mention]:
    total = 0
    seen: set[str] = set()
    for number, each in enumerate(mentions):
        total += sum(sizes.get(version, 0) for version in each.versions - seen)
        seen |= each.versions
        if number and not each.slots.intersection(needed) and (each.made < before or total > size):
            yield each
