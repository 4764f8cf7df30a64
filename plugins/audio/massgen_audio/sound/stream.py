"""A sound on its way: blocks of samples, one after the other, so that hours fit into little memory."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float32]
"""One block: a row per moment, a column per channel, full scale is -1 to 1."""

BLOCK = 16_384
"""Moments in a block that is made here."""

_TIMES = 200
"""How often progress is told at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """Samples that can be gone through once.

    rate: samples a second of each channel
    channels: columns of every block
    blocks: the samples, block by block
    frames: how many moments are expected, where that is known; for progress, and for nothing else
    bits: how exact the samples are: 16, 24, or 32 for floating point
    """

    rate: int
    channels: int
    blocks: Iterator[Samples]
    frames: int | None = None
    bits: int = 16

    def through(self, change: Callable[[Samples], Samples]) -> "Sound":
        """The sound with a change made to each block that keeps its length."""
        return replace(self, blocks=map(change, self.blocks))


class Counted:
    """Counts the moments of a sound as they go by.

    sound: the sound, to be gone through instead
    frames: how many there were so far
    """

    def __init__(self, sound: Sound) -> None:
        self.frames: int = 0
        self.sound: Sound = sound.through(self._count)

    def _count(self, block: Samples) -> Samples:
        self.frames += len(block)
        return block


def of(samples: Samples, rate: int, *, bits: int = 16) -> Sound:
    """A sound of samples that are in memory already; one dimension is one channel."""
    rows = samples.reshape(-1, 1) if samples.ndim == 1 else samples
    block = np.ascontiguousarray(rows, dtype=np.float32)
    return Sound(rate=rate, channels=block.shape[1], blocks=cut(block), frames=len(block), bits=bits)


def cut(samples: Samples) -> Iterator[Samples]:
    """A long block as blocks of the usual length."""
    for start in range(0, len(samples), BLOCK):
        yield samples[start : start + BLOCK]


def silence(frames: int, channels: int) -> Iterator[Samples]:
    """So many moments of nothing."""
    for start in range(0, frames, BLOCK):
        yield np.zeros((min(BLOCK, frames - start), channels), np.float32)


def gathered(sound: Sound) -> Samples:
    """All of a sound in memory: for what is known to be short."""
    blocks = list(sound.blocks)
    return np.concatenate(blocks) if blocks else np.zeros((0, sound.channels), np.float32)


def evened(blocks: Iterable[Samples], size: int) -> Iterator[Samples]:
    """The same samples in blocks of exactly `size` moments; the last one may be shorter."""
    held: list[Samples] = []
    have = 0
    for block in blocks:
        held.append(block)
        have += len(block)
        if have >= size:
            joined = np.concatenate(held)
            whole = have - have % size
            yield from (joined[at : at + size] for at in range(0, whole, size))
            held, have = [joined[whole:]], have - whole
    if have:
        yield np.concatenate(held)


def grown(blocks: Iterable[Samples], least: int = BLOCK) -> Iterator[Samples]:
    """The same samples in blocks of at least so many moments, but for the last one."""
    held: list[Samples] = []
    have = 0
    for block in blocks:
        held.append(block)
        have += len(block)
        if have >= least:
            yield np.concatenate(held) if len(held) > 1 else block
            held, have = [], 0
    if have:
        yield np.concatenate(held)


def told(sound: Sound, progress: Callable[[float], None]) -> Sound:
    """The sound, whose share that has gone by is told now and then, where its length is known."""
    if not sound.frames:
        return sound
    return replace(sound, blocks=_told(sound.blocks, sound.frames, progress))


def _told(blocks: Iterator[Samples], frames: int, progress: Callable[[float], None]) -> Iterator[Samples]:
    done, due = 0, 0.0
    for block in blocks:
        yield block
        done += len(block)
        if done >= due:
            due = done + frames / _TIMES
            progress(min(1.0, done / frames))
    progress(1.0)
