"""Says a plan, sentence by sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from massgen_audio.sound.resampling import resampled
from massgen_audio.sound.stream import Samples, gathered, of
from massgen_audio.speech import espeak, hibari
from massgen_audio.speech.plan import Line

RATE = hibari.RATE
"""Samples a second of all speech: what the neural voice gives; other voices are brought to it."""

_ESPEAK_GAIN = 0.5
"""Makes the formant voices about as loud as the neural one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A line that has been said: its samples in one channel, and when it begins, in moments."""

    line: Line
    samples: Samples
    start: int


def said(lines: Sequence[Line], *, speed: float = 1.0, seed: int = 0) -> Iterator[Said]:
    """Each line's samples, as soon as they are there.

    Args:
        speed: 0.5 to 2; 1 is the voice's own pace
        seed: the same one gives the same samples

    Raises:
        ToolFailed: a voice cannot say a word of it.
    """
    position = 0
    for number, line in enumerate(lines):
        samples = _samples(line, speed, (seed, number))
        yield Said(line=line, samples=samples, start=position)
        position += len(samples)


def _samples(line: Line, speed: float, seed: tuple[int, int]) -> Samples:
    if line.voice.engine == "hibari":
        return hibari.loaded().say(line.text, speed=speed, seed=seed)
    library = espeak.loaded()
    samples = library.say(line.text, language=line.voice.language, speed=speed)
    return gathered(resampled(of(samples * np.float32(_ESPEAK_GAIN), library.rate), RATE))
