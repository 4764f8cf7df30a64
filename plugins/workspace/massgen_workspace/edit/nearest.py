"""The lines of a text that are most like some others, in bounded time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz, process

_CLOSE = 60
"""How much of two lines has to be alike, in percent."""
_MOST_LINES = 200_000
_LONGEST = 1000
"""Letters of a line that are compared."""
_TELLING = 2
"""Lines that are looked for: the longest of those wanted."""
_EACH = 5
_COMPARED = 40
"""Lines at one place that are compared."""


def nearest(lines: Sequence[str], wanted: Sequence[str]) -> int | None:
    """The line (from 0) at which those begin that are most like the ones wanted; None where nothing is like them."""
    some = [line[:_LONGEST] for line in lines[:_MOST_LINES]]
    start = [line[:_LONGEST] for line in wanted[:_COMPARED]]
    places = dict.fromkeys(_places(some, start))
    whole = "\n".join(start)
    return max(places, key=lambda at: fuzz.ratio("\n".join(some[at : at + len(start)]), whole), default=None)


def _places(lines: Sequence[str], wanted: Sequence[str]) -> Iterator[int]:
    """Where they may begin, by the lines of them that tell most."""
    telling = sorted(dict.fromkeys(filter(str.strip, wanted)), key=len, reverse=True)
    for line in telling[:_TELLING]:
        found = process.extract(line, lines, scorer=fuzz.ratio, limit=_EACH, score_cutoff=_CLOSE)
        for _, _, at in found:
            yield max(0, at - wanted.index(line))
