"""Loudness as it is heard (ITU-R BS.1770-4, EBU R 128, EBU Tech 3342), and sounds that are made as loud as asked."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from massgen_audio.edits.mixing import factor
from massgen_audio.sound.filtering import Filter, Filtering, filtered
from massgen_audio.sound.stream import Samples, Sound

_RATE = 48_000
_STEP = _RATE // 10
"""Energy is kept for each tenth of a second; all windows of the standards are whole numbers of those."""

_WEIGHTING: tuple[Filter, ...] = (
    (
        "biquad",
        "b0=1.53512485958697:b1=-2.69169618940638:b2=1.19839281085285:a0=1:a1=-1.69065929318241:a2=0.73248077421585"
        ":precision=f64",
    ),
    ("biquad", "b0=1:b1=-2:b2=1:a0=1:a1=-1.99004745483398:a2=0.99007225036621:precision=f64"),
)
"""The pre-filter and the RLB filter of BS.1770-4, tables 1 and 2, for 48 kHz."""

_SURROUND = {6: (1, 1, 1, 0, 1.41, 1.41), 8: (1, 1, 1, 0, 1.41, 1.41, 1.41, 1.41)}
"""Weights of channels in FFmpeg's order for 5.1 and 7.1; all others count once (BS.1770-4, table 3)."""

_GATE = -70.0
"""LUFS below which nothing counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """How loud a sound is; None where it is silent or too short to say.

    integrated: LUFS over all of it, gated
    range: LU between its soft and its loud parts
    true_peak: dBTP, four times oversampled
    momentary, short_term: LUFS, the loudest 0.4 and 3 seconds
    """

    integrated: float | None
    range: float | None
    true_peak: float | None
    momentary: float | None
    short_term: float | None

    def to_json(self) -> dict[str, float | None]:
        """Itself as plain values, to a hundredth."""
        return {key: None if value is None else round(value, 2) for key, value in asdict(self).items()}


class Meter:
    """Listens to a sound as it goes by."""

    def __init__(self, sound: Sound) -> None:
        resample: Filter = ("aresample", str(_RATE))
        over = max(sound.rate, 4 * _RATE)
        self._weighting = Filtering(sound, [resample, *_WEIGHTING], _RATE, sound.channels)
        self._over = Filtering(sound, [("aresample", str(over))], over, sound.channels)
        self._weights = np.array(_SURROUND.get(sound.channels, (1.0,) * sound.channels))
        self._held = np.zeros(0)
        self._energies: list[NDArray[np.float64]] = []
        self._peak = 0.0

    def through(self, sound: Sound) -> Iterator[Samples]:
        """The blocks of the sound, listened to as they go by."""
        for block in sound.blocks:
            if len(block):
                self._listen(self._weighting.push(block), self._over.push(block))
            yield block
        self._listen(self._weighting.end(), self._over.end())

    def _listen(self, weighted: Iterator[Samples], over: Iterator[Samples]) -> None:
        for block in over:
            self._peak = max(self._peak, float(np.abs(block).max(initial=0)))
        for block in weighted:
            energy = np.square(block, dtype=np.float64) @ self._weights
            self._held = np.concatenate([self._held, energy])
            whole = len(self._held) // _STEP * _STEP
            if whole:
                self._energies.append(self._held[:whole].reshape(-1, _STEP).mean(axis=1))
                self._held = self._held[whole:]

    def loudness(self) -> Loudness:
        """What was heard so far."""
        steps = np.concatenate(self._energies) if self._energies else np.zeros(0)
        momentary, short = _windows(steps, 4), _windows(steps, 30)
        return Loudness(
            integrated=_integrated(momentary),
            range=_range(short),
            true_peak=20 * math.log10(self._peak) if self._peak else None,
            momentary=_level(float(momentary.max(initial=0))),
            short_term=_level(float(short.max(initial=0))),
        )


def measured(sound: Sound) -> Loudness:
    """The loudness of a sound; goes through all of it."""
    meter = Meter(sound)
    for _ in meter.through(sound):
        pass
    return meter.loudness()


def _windows(steps: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Mean energies of windows of so many tenths of a second, one for each tenth."""
    if len(steps) < size:
        return np.zeros(0)
    sums = np.concatenate([[0.0], np.cumsum(steps)])
    return np.maximum((sums[size:] - sums[:-size]) / size, 0)


def _level(energy: float) -> float | None:
    return -0.691 + 10 * math.log10(energy) if energy > 0 else None


def _energy(level: float) -> float:
    return 10 ** ((level + 0.691) / 10)


def _gated(energies: NDArray[np.float64], below: float) -> NDArray[np.float64]:
    """What counts: above the absolute gate, and above `below` LU under the mean of that."""
    loud = energies[energies > _energy(_GATE)]
    return loud[loud > loud.mean() * 10 ** (-below / 10)] if len(loud) else loud


def _integrated(momentary: NDArray[np.float64]) -> float | None:
    counted = _gated(momentary, 10)
    return _level(float(counted.mean())) if len(counted) else None


def _range(short: NDArray[np.float64]) -> float | None:
    counted = _gated(short, 20)
    if not len(counted):
        return None
    low, high = np.percentile(10 * np.log10(counted), [10, 95])
    return float(high - low)


def gain_for(loudness: Loudness, target: float, ceiling: float) -> tuple[float, bool]:
    """The gain in dB that makes a sound `target` LUFS loud, and whether its peaks would then pass `ceiling` dBTP."""
    if loudness.integrated is None or loudness.true_peak is None:
        return 0.0, False
    gain = target - loudness.integrated
    return gain, loudness.true_peak + gain > ceiling + 0.01


def amplified(sound: Sound, gain: float) -> Sound:
    """The sound with a gain in dB; samples are not bounded here."""
    multiply = factor(gain)
    return sound.through(lambda block: block * multiply) if gain else sound


def limited(sound: Sound, ceiling: float) -> Sound:
    """The sound with peaks turned down to `ceiling` dBTP; works on four times as many samples, looks 5 ms ahead."""
    limit = 10 ** (ceiling / 20)
    over = 4 * sound.rate
    chain: list[Filter] = [
        ("aresample", str(over)),
        ("alimiter", f"limit={limit:.6f}:attack=5:release=100:level=0:latency=1"),
        ("aresample", str(sound.rate)),
    ]
    return filtered(sound, chain)
