"""Takes a part of a sound, exact to the sample, and lets it begin and end softly."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from massgen_audio.failing import failed
from massgen_audio.sound.stream import Samples, Sound

Span = tuple[int, int]
"""From this moment up to that one, which is not in it."""


def frame_at(seconds: float, rate: int) -> int:
    """The moment that is nearest to a time."""
    return round(seconds * rate)


def trimmed(sound: Sound, start: float, end: float | None) -> Sound:
    """The part from `start` to `end` (seconds; None is to the end).

    Raises:
        ToolFailed: from its blocks, where the sound is over before the part begins.
    """
    first = frame_at(start, sound.rate)
    last = None if end is None else frame_at(end, sound.rate)
    if last is not None and last <= first:
        raise failed(f"from {start:g} s to {end:g} s there is nothing: the end must come after the start")
    known = sound.frames and max(0, min(sound.frames, last or sound.frames) - first)
    return replace(sound, blocks=_between(sound, first, last), frames=known)


def _between(sound: Sound, first: int, last: int | None) -> Iterator[Samples]:
    position, given = 0, 0
    for block in sound.blocks:
        low, high = max(0, first - position), len(block) if last is None else max(0, last - position)
        part = block[low:high]
        position += len(block)
        given += len(part)
        if len(part):
            yield part
        if last is not None and position >= last:
            return
    if given == 0:
        raise failed(f"nothing at {first / sound.rate:g} s: the sound is {position / sound.rate:g} s long")


def kept(sound: Sound, spans: Sequence[Span]) -> Sound:
    """Only these spans, in their order, which do not overlap."""
    return replace(sound, blocks=_kept(sound.blocks, spans), frames=sum(end - start for start, end in spans))


def _kept(blocks: Iterator[Samples], spans: Sequence[Span]) -> Iterator[Samples]:
    left, position = deque(spans), 0
    for block in blocks:
        end = position + len(block)
        while left and left[0][0] < end:
            part = block[max(0, left[0][0] - position) : left[0][1] - position]
            if len(part):
                yield part
            if left[0][1] > end:
                break
            left.popleft()
        position = end
        if not left:
            return


def faded(sound: Sound, fade_in: float, fade_out: float) -> Sound:
    """The sound rising from silence over `fade_in` seconds and falling to it over `fade_out`, on a straight line."""
    rise, fall = frame_at(fade_in, sound.rate), frame_at(fade_out, sound.rate)
    blocks = sound.blocks
    if rise > 0:
        blocks = _rising(blocks, rise)
    if fall > 0:
        blocks = _falling(blocks, fall)
    return replace(sound, blocks=blocks)


def _rising(blocks: Iterator[Samples], frames: int) -> Iterator[Samples]:
    position = 0
    for block in blocks:
        if position < frames:
            ramp = np.arange(position, position + len(block), dtype=np.float32) / frames
            block = block * np.minimum(ramp, 1)[:, None]
        position += len(block)
        yield block


def _falling(blocks: Iterator[Samples], frames: int) -> Iterator[Samples]:
    """Holds back as much as the fall is long, for nobody knows where the end is."""
    held: deque[Samples] = deque()
    have = 0
    for block in blocks:
        held.append(block)
        have += len(block)
        while have - len(held[0]) >= frames:
            have -= len(held[0])
            yield held.popleft()
    for block in held:
        ramp = np.arange(have, have - len(block), -1, dtype=np.float32) / frames
        have -= len(block)
        yield block * np.minimum(ramp, 1)[:, None]
