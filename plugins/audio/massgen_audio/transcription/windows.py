"""A long recording in windows that are cut where it is quiet."""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from massgen_audio.sound.stream import Samples, Sound, evened

RATE = 16_000
"""Samples a second that speech is recognised at."""

LONGEST = 120
"""Seconds of a window: what is in memory at once."""

_LOOK_BACK = 30
_QUIET = RATE // 4
"""A quarter of a second, the shortest pause between words that is looked for."""


def bare(file: BinaryIO) -> Sound:
    """16-bit samples in one channel at `RATE`, as they lie in a file."""
    file.seek(0)
    pieces = iter(lambda: file.read(2 * RATE), b"")
    blocks = ((np.frombuffer(piece, "<i2") / np.float32(32768)).astype(np.float32)[:, None] for piece in pieces)
    return Sound(rate=RATE, channels=1, blocks=blocks)


def windows(sound: Sound) -> Iterator[tuple[float, Samples]]:
    """Windows of a sound in one channel at `RATE`: the second at which each starts, and its samples."""
    held = np.zeros(0, np.float32)
    start = 0
    for block in evened(sound.blocks, RATE):
        held = np.concatenate([held, block[:, 0]])
        if len(held) >= LONGEST * RATE:
            cut = _quietest(held)
            yield start / RATE, held[:cut]
            start, held = start + cut, held[cut:]
    if len(held):
        yield start / RATE, held


def _quietest(samples: Samples) -> int:
    """The middle of the quietest quarter of a second in the last half minute."""
    first = len(samples) - _LOOK_BACK * RATE
    energy = np.cumsum(np.square(samples[first:], dtype=np.float64))
    steps = np.arange(0, len(energy) - _QUIET, RATE // 100)
    quietest = steps[np.argmin(energy[steps + _QUIET] - energy[steps])]
    return first + int(quietest) + _QUIET // 2
