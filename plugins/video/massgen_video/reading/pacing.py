"""From pictures at any times to a constant number in a second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from av.video.frame import VideoFrame

from massgen_video.bounds import MOST_FRAMES
from massgen_video.problems import refuse
from massgen_video.reading.pictures import Timed


def paced(
    timed: Iterable[Timed], fps: Fraction, *, start: float = 0.0, end: float | None = None, step: float | None = None
) -> Iterator[VideoFrame]:
    """The picture for each frame of a film that begins at ``start``; the last one is held for ``step`` seconds.

    With ``end`` there are exactly as many frames as fit.
    """
    rate = float(fps)
    at, held, last = 0, None, 0.0
    most = MOST_FRAMES if end is None else max(1, round((end - start) * rate))
    for time, frame in timed:
        due = min(round((time - start) * rate), most)
        if due > MOST_FRAMES - 1:
            raise refuse(f"the film has more than {MOST_FRAMES:,} frames, or times that jump: take a part of it")
        while held is not None and at < due:
            yield held
            at += 1
        held, last = frame, time - start
    if held is None:
        return
    whole = most if end is not None else max(1, round((last + (step or 1 / rate)) * rate))
    for _ in range(at, min(whole, most)):
        yield held
