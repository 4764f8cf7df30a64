"""The sound of a film: what is said, and music under it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import BinaryIO

from massgen_video.opening.source import opened
from massgen_video.problems import refuse
from massgen_video.reading.sounds import RATE, Samples, of_length, silence, sounds
from massgen_video.storyboard.mixing import ducked, faded, looped, louder
from massgen_video.storyboard.timing import Shot


def length_of(file: BinaryIO, name: str) -> float:
    """How long a sound really is, in seconds: it is read through.

    Raises:
        ToolFailed: There is no sound in it.
    """
    with opened(file, name, sounds=True) as source:
        samples = sum(len(block) for block in sounds(source))
    if not samples:
        raise refuse(f"{name}: there is no sound in it")
    return samples / RATE


def said(shots: Sequence[Shot], files: Sequence[tuple[BinaryIO, str] | None]) -> Iterator[Samples]:
    """What is said in all shots, silence between."""
    for shot, file in zip(shots, files, strict=True):
        start, end = round(shot.start * RATE), round(shot.end * RATE)
        yield from of_length(_one(shot, file), end - start)


def with_music(
    stack: ExitStack, speech: Iterator[Samples], music: tuple[BinaryIO, str], seconds: float, volume: float
) -> Iterator[Samples]:
    """Speech and a bed of music, which is repeated, gives way to words, and fades out at the end."""
    source = stack.enter_context(opened(*music, sounds=True))
    if source.sound() is None:
        raise refuse(f"{source.name}: there is no sound in it")
    whole = round(seconds * RATE)
    bed = of_length(louder(looped(lambda: sounds(source)), volume), whole)
    return ducked(speech, faded(bed, whole, rise=RATE // 2, fall=min(whole // 4, 2 * RATE)))


def _one(shot: Shot, file: tuple[BinaryIO, str] | None) -> Iterator[Samples]:
    if file is None or shot.said is None:
        return
    yield from silence(round((shot.said[0] - shot.start) * RATE))
    with opened(*file, sounds=True) as source:
        yield from sounds(source)
