"""Another rate, another number of channels."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from massgen_audio.sound.filtering import filtered
from massgen_audio.sound.stream import Counted, Samples, Sound

_QUALITY = "filter_size=64:phase_shift=10:cutoff=0.97:filter_type=kaiser:kaiser_beta=12"
"""libswresample's: a longer filter than its default, of which nothing above half the lower rate gets through."""


def resampled(sound: Sound, rate: int) -> Sound:
    """The sound at another rate; it lasts as long as before, to the moment (rounded)."""
    if rate == sound.rate:
        return sound
    counted = Counted(sound)
    turned = filtered(counted.sound, [("aresample", f"{rate}:{_QUALITY}")], rate=rate)
    return replace(turned, blocks=_exactly(turned, counted, rate / sound.rate))


def _exactly(sound: Sound, source: Counted, ratio: float) -> Iterator[Samples]:
    """As many moments as belong to those that went in; the filter gives some more or fewer at its end."""
    given, held = 0, np.zeros((0, sound.channels), np.float32)
    for block in sound.blocks:
        yield held
        given += len(held)
        held = block
    left = max(0, round(source.frames * ratio) - given)
    yield held[:left]
    if left > len(held):
        yield np.zeros((left - len(held), sound.channels), np.float32)


def mapped(sound: Sound, channels: int) -> Sound:
    """The sound in so many channels.

    One channel goes into each; several into one are averaged; everything else is FFmpeg's matrix of
    loudspeakers (ITU-R BS.775), scaled so that nothing is louder than full scale.
    """
    if channels == sound.channels:
        return sound
    if sound.channels == 1:
        return replace(sound.through(lambda block: np.repeat(block, channels, 1)), channels=channels)
    if channels == 1:
        mean = sound.through(lambda block: block.mean(axis=1, keepdims=True, dtype=np.float32))
        return replace(mean, channels=1)
    return filtered(sound, [("aresample", "rematrix_maxval=1.0")], channels=channels)
