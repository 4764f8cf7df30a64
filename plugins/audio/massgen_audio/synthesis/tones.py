"""Tones and noise, block by block, exact in their length; the same seed gives the same samples."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massgen_audio.failing import failed
from massgen_audio.sound.stream import BLOCK, Samples, Sound
from massgen_audio.synthesis.pitches import chord, hertz

WAVES = ("sine", "square", "saw", "triangle", "white", "pink", "sweep", "chord", "silence")
"""What can be made."""

_EDGE = 0.005
"""Seconds over which a tone rises and falls, so that it does not click."""

_OCTAVES = 12
"""Layers of pink noise: down to 12 Hz at 48 kHz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """One tone.

    wave: one of `WAVES`
    seconds: how long it is
    frequency, to: Hz; `to` is where a sweep ends
    notes: of a chord, such as "Am7" or "C4 E4 G4"
    level: peak in dBFS (noise: root mean square)
    on, off, count: seconds of sound and of silence in turn, so many times; None is one tone all along
    """

    wave: str = "sine"
    seconds: float = 1.0
    frequency: float = 440.0
    to: float = 880.0
    notes: str = "C"
    level: float = -12.0
    on: float | None = None
    off: float = 0.0
    seed: int = 0


def toned(tone: Tone, rate: int) -> Sound:
    """A tone as a sound in one channel.

    Raises:
        ToolFailed: there is no such wave or note, or the rate cannot carry the frequency.
    """
    _check(tone, rate)
    frames = round(tone.seconds * rate)
    return Sound(rate=rate, channels=1, blocks=_blocks(tone, rate, frames), frames=frames)


def _check(tone: Tone, rate: int) -> None:
    if tone.wave not in WAVES:
        raise failed(f"no wave {tone.wave!r}; there are {', '.join(WAVES)}")
    highest = max(_frequencies(tone))
    if not 0 < min(_frequencies(tone)) <= highest < rate / 2:
        raise failed(f"{highest:g} Hz cannot be carried by {rate} samples a second: stay below {rate / 2:g} Hz")
    if tone.on is not None and tone.on <= 0:
        raise failed("the time that beeps are on must be more than 0 seconds")


def _frequencies(tone: Tone) -> list[float]:
    if tone.wave == "chord":
        return [hertz(number) for number in chord(tone.notes)]
    return [tone.frequency, tone.to] if tone.wave == "sweep" else [tone.frequency]


def _blocks(tone: Tone, rate: int, frames: int) -> Iterator[Samples]:
    wave = _wave(tone, rate, frames)
    level = 10 ** (tone.level / 20)
    for start in range(0, frames, BLOCK):
        at = np.arange(start, min(frames, start + BLOCK), dtype=np.float64)
        block = wave(at)[: len(at)] * _envelope(tone, rate, frames, at) * level
        yield np.clip(block, -1, 1).astype(np.float32).reshape(-1, 1)


def _envelope(tone: Tone, rate: int, frames: int, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 where it sounds, 0 where it is silent, and a short ramp between."""
    period = frames if tone.on is None else round((tone.on + tone.off) * rate)
    sounding = frames if tone.on is None else round(tone.on * rate)
    edge = max(1, min(round(_EDGE * rate), sounding // 2))
    place = np.mod(at, max(1, period))
    inside = np.minimum(place + 0.5, np.minimum(sounding, frames - at + place) - place - 0.5)
    return np.clip(inside / edge, 0, 1)


def _wave(tone: Tone, rate: int, frames: int) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    if tone.wave in ("white", "pink"):
        return _noise(tone)
    if tone.wave == "silence":
        return np.zeros_like
    if tone.wave == "sweep":
        return lambda at: np.sin(_sweep(tone, rate, frames, at))
    if tone.wave == "chord":
        angles = [2 * np.pi * frequency / rate for frequency in _frequencies(tone)]
        return lambda at: np.sum([np.sin(angle * at) for angle in angles], axis=0) / len(angles)
    turns = tone.frequency / rate
    return lambda at: _shape(tone.wave, at * turns, rate / tone.frequency)


def _shape(wave: str, turns: NDArray[np.float64], period: float) -> NDArray[np.float64]:
    """One of the simple waves, from its harmonics below half the rate: corners that do not ring falsely."""
    if wave == "sine":
        return np.sin(2 * np.pi * turns)
    total = np.zeros_like(turns)
    step = 1 if wave == "saw" else 2
    for harmonic in range(1, min(400, max(2, int(period / 2) + 1)), step):
        if harmonic >= period / 2:
            break
        total += _weight(wave, harmonic) * np.sin(2 * np.pi * np.mod(harmonic * turns, 1))
    return total


def _weight(wave: str, harmonic: int) -> float:
    """Fourier's coefficient, scaled so that the wave's peak is about 1."""
    if wave == "square":
        return 4 / np.pi / harmonic / 1.18
    if wave == "triangle":
        return (-1) ** ((harmonic - 1) // 2) * 8 / np.pi**2 / harmonic**2
    return 2 / np.pi / harmonic / 1.18


def _sweep(tone: Tone, rate: int, frames: int, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """The phase of a sweep that takes as long for each octave (Farina 2000)."""
    span = np.log(tone.to / tone.frequency)
    if abs(span) < 1e-9:
        return 2 * np.pi * tone.frequency / rate * at
    return 2 * np.pi * tone.frequency * frames / rate / span * (np.exp(at / frames * span) - 1)


def _noise(tone: Tone) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Noise, a whole block at a time."""
    generator = np.random.default_rng(tone.seed)
    if tone.wave == "white":
        return lambda at: generator.standard_normal(BLOCK)

    def pink(at: NDArray[np.float64]) -> NDArray[np.float64]:
        """Voss's method: layers that change half as often each (M. Gardner, Scientific American, April 1978)."""
        layers = [np.repeat(generator.standard_normal(BLOCK >> layer), 1 << layer) for layer in range(_OCTAVES)]
        return np.sum(layers, axis=0) / np.sqrt(_OCTAVES)

    return pink
