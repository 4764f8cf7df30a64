"""Where one scene ends and the next one begins, by how much pictures differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from massgen_video.opening.source import Source
from massgen_video.reading.pictures import Timed, pictures, pictures_near
from massgen_video.reading.shaping import Shaper, Size, pixels

Look: TypeAlias = NDArray[np.float32]
"""A picture of 16x9 colours, 0 to 1."""

_SMALL = Size(16, 9)
_WATCHED = 240.0
"""Seconds of a film that is watched; a longer one is searched in."""
_EVERY = 0.25
"""Seconds between looks at a film that is watched."""
_MOST_LOOKS = 300
_LEAST = 0.07
"""How much two pictures differ, at least, where a scene ends: the mean difference of their colours."""
_TIMES_USUAL = 4.0
_APART = 0.8
"""Seconds between two ends at least: a fade is one."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One scene, in seconds."""

    start: float
    end: float

    @property
    def middle(self) -> float:
        """The moment that shows it best: what fades in or out is at its ends."""
        return (self.start + self.end) / 2


def scenes(source: Source, start: float, end: float) -> list[Stretch]:
    """The scenes between two moments: exact to a quarter of a second where the film is short."""
    looks = list(_looks(source, start, end))
    borders = [start, *_cuts(looks), end]
    return [Stretch(one, other) for one, other in pairwise(borders) if other > one]


def chosen(found: Sequence[Stretch], count: int) -> list[float]:
    """Moments that show most of some scenes: one in each, more in the longest where there are few."""
    if len(found) >= count:
        longest = sorted(found, key=lambda scene: scene.start - scene.end)[:count]
        return sorted(round(scene.middle, 3) for scene in longest)
    parts = [1] * len(found)
    for _ in range(count - len(found)):
        place = max(range(len(found)), key=lambda number: (found[number].end - found[number].start) / parts[number])
        if (found[place].end - found[place].start) / parts[place] < 1.0:
            break
        parts[place] += 1
    return [
        round(scene.start + (scene.end - scene.start) * (number + 0.5) / many, 3)
        for scene, many in zip(found, parts, strict=True)
        for number in range(many)
    ]


def _looks(source: Source, start: float, end: float) -> Iterator[tuple[float, Look]]:
    shaper = Shaper(_SMALL, "stretch", kind="rgb24")
    timed = _watched(source, start, end) if end - start <= _WATCHED else _searched(source, start, end)
    for time, frame in timed:
        yield time, pixels(shaper.of(frame)).astype(np.float32) / 255.0


def _watched(source: Source, start: float, end: float) -> Iterator[Timed]:
    following = start
    for time, frame in pictures(source, start, end):
        if time >= following - 1e-6:
            yield time, frame
            following = time + _EVERY


def _searched(source: Source, start: float, end: float) -> Iterator[Timed]:
    step = max(2.0, (end - start) / _MOST_LOOKS)
    count = int((end - start) / step)
    yield from pictures_near(source, [start + step * number for number in range(count)])


def _cuts(looks: Sequence[tuple[float, Look]]) -> Iterator[float]:
    """The moments at which a picture differs much more from the one before than pictures here usually do."""
    steps = [(time, float(np.abs(look - before).mean())) for (_, before), (time, look) in pairwise(looks)]
    usual = median(step for _, step in steps) if steps else 0.0
    last, strength = float("-inf"), 0.0
    pending: float | None = None
    for time, step in steps:
        if step < max(_LEAST, _TIMES_USUAL * usual):
            continue
        if pending is not None and time - last > _APART:
            yield pending
            pending = None
        if pending is None or step > strength:
            pending, strength = time, step
        last = time
    if pending is not None:
        yield pending
