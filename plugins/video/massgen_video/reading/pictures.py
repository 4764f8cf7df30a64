"""Pictures with their times: all from a moment on, or those at some moments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from av.error import FFmpegError
from av.video.frame import VideoFrame

from massgen_video.bounds import MOST_BROKEN
from massgen_video.opening.ffmpeg import said
from massgen_video.opening.source import Source, check_picture
from massgen_video.problems import refuse
from massgen_video.reading.clock import Clock

Timed: TypeAlias = tuple[float, VideoFrame]
"""Seconds from the beginning, and the picture."""

_MOST_LOOKED_THROUGH = 1500
"""Pictures that are decoded to come to one moment."""


def pictures(source: Source, start: float = 0.0, end: float | None = None) -> Iterator[Timed]:
    """The pictures that are to be seen between two moments; the first one may begin before.

    Raises:
        ToolFailed: There is nothing to see, or too much of it is damaged.
    """
    source.go_to(start, source.pictures())
    before: Timed | None = None
    for time, frame in _timed(source):
        if end is not None and time >= end - 1e-6:
            break
        if time <= start + 1e-6:
            before = time, frame
            continue
        if before is not None:
            yield before
            before = None
        yield time, frame
    if before is not None:
        yield before


def pictures_at(source: Source, moments: Sequence[float]) -> Iterator[Timed]:
    """The picture that is to be seen at each of some moments, in their order; seeks, so that a long film is no matter.

    Moments behind the end give the last picture there is.
    """
    for moment in moments:
        found = _picture_at(source, moment)
        if found is not None:
            yield found


def pictures_near(source: Source, moments: Sequence[float]) -> Iterator[Timed]:
    """The key picture before each of some moments, each but once: as cheap as it gets."""
    last = -1.0
    for moment in moments:
        source.go_to(moment, source.pictures())
        found = next(_timed(source), None)
        if found is not None and found[0] > last:
            last = found[0]
            yield found


def _picture_at(source: Source, moment: float) -> Timed | None:
    for back in (0.0, 10.0, moment):
        source.go_to(max(0.0, moment - back), source.pictures())
        found: Timed | None = None
        for number, (time, frame) in enumerate(_timed(source)):
            if time > moment + 1e-6 and found is not None:
                return found
            found = time, frame
            if time > moment + 1e-6:
                break
            if number > _MOST_LOOKED_THROUGH:
                source.note(f"{source.name}: it has few key pictures; some pictures are from before their moment")
                return found
        if found is not None:
            return found
    return None


def _timed(source: Source) -> Iterator[Timed]:
    clock = Clock(source.offset, 1 / float(source.fps))
    for frame in _frames(source):
        check_picture(source.name, frame.width, frame.height)
        yield clock.at(frame.time), frame


def _frames(source: Source) -> Iterator[VideoFrame]:
    broken, good = 0, 0
    for packet in source.packets(source.pictures()):
        try:
            found: Iterable[Any] = packet.decode()
        except FFmpegError as problem:
            broken += 1
            source.note(f"{source.name}: parts of its pictures are damaged ({said(problem)}) and were left out")
            if broken > MOST_BROKEN:
                raise refuse(f"{source.name}: its pictures are damaged: {broken} parts cannot be read") from None
            continue
        for frame in found:
            good += 1
            yield frame
    if not good and broken:
        raise refuse(f"{source.name}: none of its pictures can be read: it is damaged")
