"""Stretches of films, read one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

from av.video.frame import VideoFrame

from massgen_video.bounds import LONGEST
from massgen_video.opening.facts import display_size, rotation_of, tags_of
from massgen_video.opening.source import Source, check_length, opened
from massgen_video.problems import refuse
from massgen_video.reading.pacing import paced
from massgen_video.reading.pictures import pictures
from massgen_video.reading.shaping import Fit, Shaper, Size
from massgen_video.reading.sounds import RATE, Samples, of_length, sounds
from massgen_video.writing.film import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What has to be known of a film before parts of it are put into another one."""

    name: str
    width: int
    height: int
    fps: Fraction
    duration: float | None
    sound: bool
    tags: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A film and the part of it that is wanted, in seconds; all of it without an end."""

    file: BinaryIO
    name: str
    start: float = 0.0
    end: float | None = None


def known(file: BinaryIO, name: str) -> Known:
    """Look at a film's headers and its first picture.

    Raises:
        ToolFailed: It is no film that can be worked on.
    """
    with opened(file, name) as source:
        check_length(source)
        width, height = display_size(source, rotation_of(source))
        return Known(
            name=name, width=width, height=height, fps=source.fps, duration=source.duration,
            sound=source.sound() is not None, tags=tags_of(source.container.metadata),
        )  # fmt: skip


def checked(stretch: Stretch, film: Known) -> Stretch:
    """A stretch with an end that is in the film.

    Raises:
        ToolFailed: There is nothing between its start and its end.
    """
    start, end, length = stretch.start, stretch.end, film.duration
    if start < 0 or (end is not None and end <= start):
        until = "the end" if end is None else f"{end:g} s"
        raise refuse(f"{film.name}: from {start:g} s to {until} there is nothing")
    if length is not None and start >= length:
        raise refuse(f"{film.name}: it is {length:.2f} s long; there is nothing from {start:g} s on")
    if end is not None and length is not None and end > length:
        end = None
    return Stretch(file=stretch.file, name=stretch.name, start=start, end=end)


def seconds_of(stretch: Stretch, film: Known) -> float | None:
    """How long it will be, where that is known."""
    end = film.duration if stretch.end is None else stretch.end
    return None if end is None else max(0.0, end - stretch.start)


def read(
    stretches: Iterable[Stretch],
    size: Size,
    fps: Fraction,
    *,
    fit: Fit = "contain",
    notes: list[str],
    sound: bool = True,
    over: Callable[[VideoFrame, float], VideoFrame] | None = None,
) -> Iterator[Part]:
    """Each stretch as frames and samples of the film that is made; opened when its turn comes, closed afterwards.

    ``over`` changes a frame, given its moment in the film that is read.
    """
    for stretch in stretches:
        with ExitStack() as stack:
            seen, heard = (stack.enter_context(opened(stretch.file, stretch.name)) for _ in range(2))
            yield _frames(seen, stretch, size, fps, fit, over), _samples(heard, stretch) if sound else ()
            for note in (*seen.notes, *heard.notes):
                if note not in notes:
                    notes.append(note)


def _frames(
    source: Source,
    stretch: Stretch,
    size: Size,
    fps: Fraction,
    fit: Fit,
    over: Callable[[VideoFrame, float], VideoFrame] | None,
) -> Iterator[VideoFrame]:
    shaper = Shaper(size, fit, aspect=source.pictures().codec_context.sample_aspect_ratio)
    timed = pictures(source, stretch.start, stretch.end)
    whole = paced(timed, fps, start=stretch.start, end=stretch.end, step=1 / float(source.fps))
    number = -1
    for number, frame in enumerate(whole):
        shaped = shaper.of(frame)
        yield shaped if over is None else over(shaped, stretch.start + number / float(fps))
    if number < 0:
        raise refuse(f"{source.name}: there is nothing to see in that part: no picture could be read")


def _samples(source: Source, stretch: Stretch) -> Iterator[Samples]:
    blocks = sounds(source, stretch.start, stretch.end)
    if stretch.end is None:
        return blocks
    return of_length(blocks, round(min(stretch.end - stretch.start, LONGEST) * RATE))
