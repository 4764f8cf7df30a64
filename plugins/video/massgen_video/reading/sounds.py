"""A film's sound: stereo samples from a moment on, in time with the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from av import AudioResampler
from av.error import FFmpegError
from numpy.typing import NDArray

from massgen_video.bounds import LONGEST, MOST_BROKEN
from massgen_video.opening.ffmpeg import said
from massgen_video.opening.source import Source
from massgen_video.problems import refuse

Samples: TypeAlias = NDArray[np.float32]
"""A row for each moment, a column for each of two channels; full scale is -1 to 1."""

RATE = 48_000
_TOLERANCE = RATE // 25
"""Samples by which a block may be early or late before it is moved: times are rounded in many containers."""


def sounds(source: Source, start: float = 0.0, end: float | None = None, rate: int = RATE) -> Iterator[Samples]:
    """The sound between two moments, gaps filled with silence; nothing where there is no sound.

    Raises:
        ToolFailed: Too much of it is damaged.
    """
    at, most = 0, round(((LONGEST if end is None else end) - start) * rate)
    for time, block in _timed(source, start, rate):
        due = round((time - start) * rate)
        if due > at + _TOLERANCE:
            yield from silence(min(due, most) - at)
            at = min(due, most)
        elif due < at - _TOLERANCE:
            block = block[at - due :]
        block = block[: most - at]
        if len(block):
            yield block
            at += len(block)
        if at >= most:
            return


def silence(samples: int) -> Iterator[Samples]:
    """So many samples of nothing, in blocks."""
    while samples > 0:
        yield np.zeros((min(samples, RATE), 2), np.float32)
        samples -= RATE


def of_length(blocks: Iterator[Samples], samples: int) -> Iterator[Samples]:
    """Exactly so many samples: cut off, or filled with silence."""
    at = 0
    for block in blocks:
        yield block[: samples - at]
        at += min(len(block), samples - at)
        if at >= samples:
            return
    yield from silence(samples - at)


def _timed(source: Source, start: float, rate: int) -> Iterator[tuple[float, Samples]]:
    stream = source.sound()
    if stream is None:
        return
    source.go_to(max(0.0, start - 0.2), stream)
    stereo = _Stereo(rate)
    clock = 0.0
    for frame in _frames(source, stream):
        time: float | None = frame.time
        clock = clock if time is None else time - source.offset
        for block in stereo.of(frame):
            yield clock, block
            clock += len(block) / rate
    for block in stereo.rest():
        yield clock, block


class _Stereo:
    """Any samples as two channels at one rate; a stream may change what it is."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._kind: object = None
        self._mono = False
        self._resampler: Any = None

    def of(self, frame: Any) -> Iterator[Samples]:
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if kind != self._kind:
            yield from self.rest()
            self._kind = kind
            self._mono = len(frame.layout.channels) == 1
            self._resampler = AudioResampler("flt", "mono" if self._mono else "stereo", self._rate)
        frame.pts = None
        yield from map(self._samples, self._resampler.resample(frame))

    def rest(self) -> Iterator[Samples]:
        """What the resampler still holds."""
        if self._resampler is not None:
            yield from map(self._samples, self._resampler.resample(None))
            self._resampler, self._kind = None, None

    def _samples(self, part: Any) -> Samples:
        """One channel twice, so that it is as loud as it was."""
        samples: Samples = part.to_ndarray().reshape(-1, 1 if self._mono else 2)
        return np.repeat(samples, 2, axis=1) if self._mono else samples


def _frames(source: Source, stream: Any) -> Iterator[Any]:
    broken = 0
    for packet in source.packets(stream):
        try:
            yield from packet.decode()
        except FFmpegError as problem:
            broken += 1
            source.note(f"{source.name}: parts of its sound are damaged ({said(problem)}) and were left out")
            if broken > MOST_BROKEN:
                raise refuse(f"{source.name}: its sound is damaged: {broken} parts cannot be read") from None
