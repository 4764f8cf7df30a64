"""Sounds at the same time: each with a gain and a start, and music that makes room for speech."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from massgen_audio.edits.cutting import frame_at
from massgen_audio.edits.joining import alike
from massgen_audio.sound.stream import Samples, Sound, evened, silence

_HOP = 0.01
"""Seconds over which loudness is looked at, for music that makes room."""

_SPEECH = -45.0
"""Level in dBFS above which something is said."""

_ATTACK, _RELEASE = 0.08, 0.5
"""Seconds in which music goes down, and comes up again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One of the sounds that are mixed.

    gain: dB
    start: seconds after which it begins
    duck: dB by which it goes down while tracks that do not duck are heard; 0 stays as it is
    """

    sound: Sound
    gain: float = 0.0
    start: float = 0.0
    duck: float = 0.0


def factor(decibels: float) -> np.float32:
    """What samples are multiplied by for a gain in dB."""
    return np.float32(10 ** (decibels / 20))


def mixed(tracks: Sequence[Track], *, rate: int | None = None, channels: int | None = None) -> Sound:
    """The sum of the tracks, at one rate, until the last one ends; it may be louder than full scale."""
    sounds = alike([track.sound for track in tracks], rate=rate, channels=channels)
    placed = [replace(track, sound=sound) for track, sound in zip(tracks, sounds, strict=True)]
    rate = sounds[0].rate
    ends = [
        sound.frames and sound.frames + frame_at(track.start, rate) for track, sound in zip(tracks, sounds, strict=True)
    ]
    longest = max(each or 0 for each in ends) if all(ends) else None
    bits = max(track.sound.bits for track in tracks)
    return replace(sounds[0], blocks=_summed(placed), frames=longest, bits=bits)


def _summed(tracks: Sequence[Track]) -> Iterator[Samples]:
    rate, channels = tracks[0].sound.rate, tracks[0].sound.channels
    hop = max(1, frame_at(_HOP, rate))
    size = hop * 50
    streams = [evened(_placed(track), size) for track in tracks]
    room = _Room(hop, rate)
    while True:
        blocks = [next(each, None) for each in streams]
        if all(block is None for block in blocks):
            return
        length = max(len(block) for block in blocks if block is not None)
        loud, soft = np.zeros((length, channels), np.float32), np.zeros((length, channels), np.float32)
        ducking = 0.0
        for track, block in zip(tracks, blocks, strict=True):
            if block is not None:
                ducking = max(ducking, track.duck)
                (soft if track.duck else loud)[: len(block)] += block
        yield loud + soft * room.gains(loud, ducking)[:, None] if ducking else loud + soft


def _placed(track: Track) -> Iterator[Samples]:
    yield from silence(frame_at(track.start, track.sound.rate), track.sound.channels)
    gain = factor(track.gain)
    for block in track.sound.blocks:
        yield block * gain if track.gain else block


class _Room:
    """How far music goes down, from how loud the speech is; smooth from block to block."""

    def __init__(self, hop: int, rate: int) -> None:
        self._hop = hop
        self._down = 1 - np.exp(-hop / rate / _ATTACK)
        self._up = 1 - np.exp(-hop / rate / _RELEASE)
        self._now = 0.0

    def gains(self, speech: Samples, duck: float) -> NDArray[np.float32]:
        """A factor for each moment of a block; `duck` in dB is as far as it goes."""
        steps = -(-len(speech) // self._hop)
        padded = np.zeros(steps * self._hop, np.float64)
        padded[: len(speech)] = np.square(speech, dtype=np.float64).mean(axis=1)
        levels = padded.reshape(steps, self._hop).mean(axis=1)
        heard = levels > 10 ** (_SPEECH / 10)
        curve = [self._now]
        for said in heard.tolist():
            aim, pace = (duck, self._down) if said else (0.0, self._up)
            curve.append(curve[-1] + (aim - curve[-1]) * float(pace))
        self._now = curve[-1]
        at = np.arange(len(speech)) / self._hop
        return (10 ** (-np.interp(at, np.arange(steps + 1), curve) / 20)).astype(np.float32)


def loudest(sound: Sound) -> float:
    """The largest sample of a sound; goes through all of it."""
    return max((float(np.abs(block).max(initial=0)) for block in sound.blocks), default=0.0)
