"""Sounds one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from massgen_audio.edits.cutting import frame_at
from massgen_audio.failing import failed
from massgen_audio.sound.resampling import mapped, resampled
from massgen_audio.sound.stream import Samples, Sound, silence


def alike(sounds: Sequence[Sound], *, rate: int | None = None, channels: int | None = None) -> list[Sound]:
    """The sounds at one rate and in one number of channels: the highest of theirs, or as given."""
    rate = rate or max(sound.rate for sound in sounds)
    channels = channels or max(sound.channels for sound in sounds)
    return [resampled(mapped(sound, channels), rate) for sound in sounds]


def joined(sounds: Sequence[Sound], *, gap: float = 0.0, crossfade: float = 0.0) -> Sound:
    """The sounds one after the other.

    Args:
        gap: seconds of silence between them
        crossfade: seconds in which one turns into the next, both as loud as one alone (equal power)

    Raises:
        ToolFailed: none or both of the two make no sense; from its blocks, where a sound is shorter than its crossfade.
    """
    if gap and crossfade:
        raise failed("a gap and a crossfade cannot be had at once: leave one of them out")
    same = alike(sounds)
    rate, channels = same[0].rate, same[0].channels
    between = frame_at(gap, rate) - frame_at(crossfade, rate)
    lengths = [sound.frames for sound in same]
    whole = sum(each or 0 for each in lengths) + between * (len(same) - 1) if all(lengths) else None
    over = frame_at(crossfade, rate)
    blocks = _crossed(same, over) if over else _apart(same, frame_at(gap, rate), channels)
    return replace(same[0], blocks=blocks, frames=whole, bits=max(sound.bits for sound in sounds))


def _apart(sounds: Sequence[Sound], gap: int, channels: int) -> Iterator[Samples]:
    for number, sound in enumerate(sounds):
        if number:
            yield from silence(gap, channels)
        yield from sound.blocks


def _crossed(sounds: Sequence[Sound], over: int) -> Iterator[Samples]:
    held = np.zeros((0, sounds[0].channels), np.float32)
    for number, sound in enumerate(sounds):
        blocks = iter(sound.blocks)
        if number:
            start, rest = _first(blocks, over, number)
            yield _turned(held, start)
            held, blocks = rest[:0], chain([rest], blocks)
        for block in blocks:
            held = np.concatenate([held, block])
            if len(held) > over:
                yield held[:-over]
                held = held[-over:]
        if number < len(sounds) - 1 and len(held) < over:
            raise failed(_TOO_SHORT.format(number + 1))
    yield held


_TOO_SHORT = "sound {} is shorter than the crossfade: make that shorter"


def _first(blocks: Iterator[Samples], over: int, number: int) -> tuple[Samples, Samples]:
    """The first moments of a sound, and what of its blocks is left over."""
    parts: list[Samples] = []
    have = 0
    while have < over:
        block = next(blocks, None)
        if block is None:
            raise failed(_TOO_SHORT.format(number + 1))
        parts.append(block)
        have += len(block)
    start = np.concatenate(parts)
    return start[:over], start[over:]


def _turned(before: Samples, after: Samples) -> Samples:
    angle = (np.arange(len(before), dtype=np.float32) + 0.5)[:, None] / len(before) * (np.pi / 2)
    return (before * np.cos(angle) + after * np.sin(angle)).astype(np.float32)
