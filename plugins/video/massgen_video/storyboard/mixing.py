"""Sounds put together: louder, one over the other, one that gives way to the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from massgen_video.reading.sounds import RATE, Samples

_STEP = RATE // 50
"""Samples over which loudness is measured: 20 ms."""
_LOUD = 0.01
"""Root mean square from which on somebody speaks: -40 dB."""
_LOWERED = 0.22
"""What is left of the music under speech: -13 dB."""
_ATTACK, _RELEASE = 0.35, 0.035
"""Shares of the way to where the level has to be, per step: about 60 ms down, 600 ms up."""
_SHORT = 64


def louder(blocks: Iterable[Samples], factor: float) -> Iterator[Samples]:
    """The same samples times a factor."""
    return iter(blocks) if factor == 1.0 else (block * np.float32(factor) for block in blocks)


def looped(again: Callable[[], Iterable[Samples]]) -> Iterator[Samples]:
    """A sound again and again; nothing where there is hardly any."""
    while True:
        samples = 0
        for block in again():
            samples += len(block)
            yield block
        if samples < _SHORT:
            return


def added(one: Iterable[Samples], other: Iterable[Samples]) -> Iterator[Samples]:
    """Two sounds of one length at once; what would be too loud is bent back softly."""
    for first, second in _abreast(one, other):
        yield softened(first + second)


def ducked(speech: Iterable[Samples], music: Iterable[Samples]) -> Iterator[Samples]:
    """Music under speech of the same length: lower where somebody speaks, back between."""
    level = 1.0
    for first, second in _abreast(speech, music):
        gains, level = _gains(first, level)
        yield softened(np.asarray(first + second * gains, np.float32))


def softened(samples: Samples) -> Samples:
    """Samples within full scale: what is above 0.9 of it is bent, nothing is cut off."""
    peak = np.abs(samples)
    if not len(peak) or peak.max() <= 0.9:
        return samples
    bent = np.sign(samples) * (0.9 + 0.1 * np.tanh((peak - 0.9) / 0.1))
    return np.where(peak > 0.9, bent, samples).astype(np.float32)


def faded(blocks: Iterable[Samples], length: int, *, rise: int, fall: int) -> Iterator[Samples]:
    """A sound of a length that comes out of silence and goes back there; all in samples."""
    at = 0
    for block in blocks:
        places = np.arange(at, at + len(block), dtype=np.float32)
        gain = np.minimum(places / max(1, rise), (length - places) / max(1, fall)).clip(0.0, 1.0)
        yield block * gain[:, None]
        at += len(block)


def _gains(speech: Samples, level: float) -> tuple[Samples, float]:
    """How loud the music is at each sample of a block, and at its end."""
    gains = np.empty((len(speech), 1), np.float32)
    for at in range(0, len(speech), _STEP):
        part = speech[at : at + _STEP]
        target = _LOWERED if float(np.sqrt(np.mean(part**2))) > _LOUD else 1.0
        share = _ATTACK if target < level else _RELEASE
        following = level + (target - level) * share
        gains[at : at + len(part), 0] = np.linspace(level, following, len(part), endpoint=False)
        level = following
    return gains, level


def _abreast(one: Iterable[Samples], other: Iterable[Samples]) -> Iterator[tuple[Samples, Samples]]:
    """Two sounds in blocks of equal lengths, as long as both last."""
    first, second = iter(one), iter(other)
    left, right = _none(), _none()
    while True:
        if not len(left):
            left = next(first, _none())
        if not len(right):
            right = next(second, _none())
        size = min(len(left), len(right))
        if not size:
            return
        yield left[:size], right[:size]
        left, right = left[size:], right[size:]


def _none() -> Samples:
    return np.zeros((0, 2), np.float32)
