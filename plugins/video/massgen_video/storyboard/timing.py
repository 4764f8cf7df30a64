"""When each scene is seen, and when its words are heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from massgen_video.bounds import LONGEST_MADE
from massgen_video.problems import refuse

LEAD = 0.4
"""Seconds of a scene before its words."""
TAIL = 0.6
"""Seconds after them."""
_USUAL = 4.0
"""Seconds of a scene without words."""
_SHORTEST = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A scene in a film: its frames, and the seconds of its words, where it has any."""

    first: int
    frames: int
    start: float
    end: float
    said: tuple[float, float] | None = None


def shots_of(
    asked: Sequence[float | None], spoken: Sequence[float | None], duration: float | None, fps: Fraction
) -> tuple[list[Shot], list[str]]:
    """The shots of scenes, given what was asked of their lengths and how long their words are; and what to say of it.

    Words are never cut: a scene, and the film, become longer where they need it. What a film's ``duration`` leaves is
    shared among the scenes of which no length was asked.

    Raises:
        ToolFailed: The film would be too long.
    """
    notes: list[str] = []
    needed = [LEAD + words + TAIL if words is not None else _SHORTEST for words in spoken]
    lengths = [
        max(need, want or (need if words is not None else _USUAL))
        for need, want, words in zip(needed, asked, spoken, strict=True)
    ]
    for number, (length, want) in enumerate(zip(lengths, asked, strict=True), 1):
        if want is not None and length > want + 0.01:
            notes.append(f"scene {number} is {length:.1f} s long, not {want:g}: its narration takes that")
    if duration is not None:
        lengths = _fitted(lengths, needed, asked, duration)
        if sum(lengths) > duration + 0.05:
            notes.append(f"the film is {sum(lengths):.1f} s long, not {duration:g}: what is said takes that")
    if sum(lengths) > LONGEST_MADE:
        raise refuse(
            f"the film would be {sum(lengths):.0f} s long: at most {LONGEST_MADE:.0f}; make several, and join them"
        )
    return list(_placed(lengths, spoken, float(fps))), notes


def _fitted(lengths: list[float], needed: list[float], asked: Sequence[float | None], duration: float) -> list[float]:
    """Scenes made longer or shorter, all by the same share of what they can, so that they fill a film."""
    free = [want is None for want in asked] if None in asked else [True] * len(asked)
    missing = duration - sum(lengths)
    if missing >= 0:
        whole = sum(length for length, may in zip(lengths, free, strict=True) if may)
        return [length + (missing * length / whole if may else 0) for length, may in zip(lengths, free, strict=True)]
    room = sum(length - need for length, need, may in zip(lengths, needed, free, strict=True) if may)
    share = min(1.0, -missing / room) if room > 0 else 0.0
    return [
        length - (length - need) * share if may else length
        for length, need, may in zip(lengths, needed, free, strict=True)
    ]


def _placed(lengths: Sequence[float], spoken: Sequence[float | None], rate: float) -> list[Shot]:
    shots: list[Shot] = []
    at, first = 0.0, 0
    for length, words in zip(lengths, spoken, strict=True):
        at += length
        last = max(first + 1, round(at * rate))
        start, end = first / rate, last / rate
        said = None if words is None else (start + LEAD, start + LEAD + words)
        shots.append(Shot(first=first, frames=last - first, start=start, end=end, said=said))
        first = last
    return shots
