"""A simple bed of music from a seed: chords, a bass, and single notes, to lie under speech."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massgen_audio.failing import failed
from massgen_audio.sound.stream import Samples, Sound, cut
from massgen_audio.synthesis.pitches import hertz

RATE = 44_100
_BEATS = 4
_TAIL = 2.0
"""Seconds that notes ring into the next bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """Beats a minute, the steps of its scale in half tones, progressions as steps of it, and how it is played."""

    tempo: tuple[int, int]
    scale: tuple[int, ...]
    progressions: tuple[tuple[int, ...], ...]
    plucks: float
    beat: float
    bright: float


_MAJOR, _MINOR, _DORIAN = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10)

MOODS: dict[str, Mood] = {
    "calm": Mood(
        tempo=(62, 76), scale=_MAJOR, progressions=((0, 5, 3, 4), (0, 2, 3, 0)), plucks=0.35, beat=0.0, bright=0.35
    ),
    "bright": Mood(
        tempo=(96, 116), scale=_MAJOR, progressions=((0, 4, 5, 3), (0, 3, 4, 3)), plucks=0.7, beat=0.5, bright=0.7
    ),
    "sad": Mood(
        tempo=(56, 68), scale=_MINOR, progressions=((0, 5, 2, 6), (0, 3, 5, 4)), plucks=0.3, beat=0.0, bright=0.25
    ),
    "tense": Mood(
        tempo=(84, 100), scale=_MINOR, progressions=((0, 0, 5, 4), (0, 1, 0, 4)), plucks=0.5, beat=0.6, bright=0.45
    ),
    "dreamy": Mood(
        tempo=(66, 80), scale=_DORIAN, progressions=((0, 3, 0, 6), (0, 6, 3, 3)), plucks=0.5, beat=0.0, bright=0.5
    ),
    "driving": Mood(
        tempo=(118, 132), scale=_DORIAN, progressions=((0, 6, 3, 0), (0, 2, 6, 3)), plucks=0.8, beat=1.0, bright=0.6
    ),
}
"""What it can feel like, by name."""


def music(mood: str, seconds: float, seed: int) -> Sound:
    """A bed of music in two channels that ends with a chord and fades out; the same seed gives the same samples.

    Raises:
        ToolFailed: there is no such mood; those there are, are named.
    """
    if mood not in MOODS:
        raise failed(f"no mood {mood!r}; there are {', '.join(MOODS)}")
    frames = round(seconds * RATE)
    return Sound(rate=RATE, channels=2, blocks=_ended(_bars(MOODS[mood], seed), frames), frames=frames)


def _ended(bars: Iterator[Samples], frames: int) -> Iterator[Samples]:
    """As many moments as asked, the last of them fading."""
    fade = min(frames // 4 or 1, 3 * RATE)
    position = 0
    for bar in bars:
        for block in cut(bar):
            part = block[: frames - position]
            left = frames - position - np.arange(len(part))
            position += len(part)
            yield (part * np.clip(left / fade, 0, 1)[:, None]).astype(np.float32)
            if position >= frames:
                return


def _bars(mood: Mood, seed: int) -> Iterator[Samples]:
    """Bar after bar, without an end; what rings on is laid over the next one."""
    chance = np.random.default_rng(seed)
    tempo = int(chance.integers(*mood.tempo))
    root = 48 + int(chance.integers(0, 12)) - 5
    progression = mood.progressions[int(chance.integers(len(mood.progressions)))]
    length, tail = round(RATE * 60 / tempo * _BEATS), round(RATE * _TAIL)
    ringing, band = np.zeros((length + tail, 2)), _Band(mood.bright, length)
    for bar in range(1 << 30):
        canvas = np.zeros((length + tail, 2))
        canvas[:tail] += ringing[length : length + tail]
        _play(canvas, mood, chance, root, progression[bar % len(progression)], band)
        ringing = canvas
        yield (np.tanh(canvas[:length] * 0.9) * 0.5).astype(np.float32)


class _Band:
    """The instruments, and what they have played already: a piece has few different notes.

    length: moments of a bar
    """

    def __init__(self, bright: float, length: int) -> None:
        self.length = length
        self._bright = bright
        self._played: dict[tuple[str, int], NDArray[np.float64]] = {}

    def note(self, instrument: str, number: int = 0) -> NDArray[np.float64]:
        """A note of one of the instruments."""
        key = (instrument, number)
        if key not in self._played:
            self._played[key] = self._play(instrument, hertz(number))
        return self._played[key]

    def _play(self, instrument: str, frequency: float) -> NDArray[np.float64]:
        if instrument == "pad":
            return _pad(frequency, self.length + RATE, self._bright)
        if instrument == "bass":
            return _bass(frequency, self.length // _BEATS)
        return _pluck(frequency, self._bright) if instrument == "pluck" else _drum()


def _play(
    canvas: NDArray[np.float64], mood: Mood, chance: np.random.Generator, root: int, step: int, band: _Band
) -> None:
    """One bar: a chord over all of it, a bass on its beats, notes of the chord in between, a soft drum."""
    notes = [root + _degree(mood.scale, step + third) for third in (0, 2, 4)]
    for number, each in enumerate(notes):
        _lay(canvas, 0, band.note("pad", each + 12), 0.13, (number - 1) * 0.5)
    beat = band.length // _BEATS
    for at in (0, 2) if mood.beat < 0.5 else range(_BEATS):
        _lay(canvas, at * beat, band.note("bass", notes[0] - 12), 0.28, 0.0)
    for at in range(2 * _BEATS):
        if chance.random() < mood.plucks:
            each = notes[int(chance.integers(3))] + 24 + 12 * int(chance.random() < 0.25)
            _lay(canvas, at * beat // 2, band.note("pluck", each), 0.14, float(chance.uniform(-0.7, 0.7)))
    for at in range(_BEATS) if mood.beat else ():
        _lay(canvas, at * beat, band.note("drum"), 0.35 * mood.beat, 0.0)


def _degree(scale: tuple[int, ...], step: int) -> int:
    octave, place = divmod(step, len(scale))
    return 12 * octave + scale[place]


def _lay(canvas: NDArray[np.float64], at: int, wave: NDArray[np.float64], gain: float, pan: float) -> None:
    """Add a wave at a place, between left (-1) and right (1), with equal power."""
    end = min(len(canvas), at + len(wave))
    angle = (pan + 1) * np.pi / 4
    canvas[at:end, 0] += wave[: end - at] * gain * np.cos(angle)
    canvas[at:end, 1] += wave[: end - at] * gain * np.sin(angle)


def _harmonics(frequency: float, frames: int, count: int, roll: float) -> NDArray[np.float64]:
    turns = np.arange(frames) * (frequency / RATE)
    return np.sum(
        [np.sin(2 * np.pi * turns * k) * roll ** (k - 1) for k in range(1, count + 1) if k * frequency < RATE / 2],
        axis=0,
    )


def _pad(frequency: float, frames: int, bright: float) -> NDArray[np.float64]:
    """A slow chord tone of two voices that beat against each other."""
    wave = _harmonics(frequency * 1.002, frames, 6, bright) + _harmonics(frequency * 0.998, frames, 6, bright)
    at = np.arange(frames) / RATE
    return wave * np.clip(at / 0.6, 0, 1) * np.clip((frames / RATE - at) / 0.9, 0, 1) * 0.5


def _bass(frequency: float, frames: int) -> NDArray[np.float64]:
    at = np.arange(frames) / RATE
    return _harmonics(frequency, frames, 3, 0.35) * np.clip(at / 0.01, 0, 1) * np.exp(-at * 2.2)


def _pluck(frequency: float, bright: float) -> NDArray[np.float64]:
    frames = round(_TAIL * RATE * 0.75)
    at = np.arange(frames) / RATE
    ended = np.clip((frames / RATE - at) / 0.05, 0, 1)
    return _harmonics(frequency, frames, 5, bright * 0.7) * np.clip(at / 0.004, 0, 1) * np.exp(-at * 4) * ended


def _drum() -> NDArray[np.float64]:
    at = np.arange(round(0.22 * RATE)) / RATE
    return np.sin(2 * np.pi * (48 * at + 9 * (1 - np.exp(-at * 30)))) * np.exp(-at * 18)
