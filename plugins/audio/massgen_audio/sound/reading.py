"""Reads the sound of any media file, block by block."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from massgen_audio.failing import failed
from massgen_audio.sound.frames import MOST_PLANES, block_of
from massgen_audio.sound.limits import LIMITS, Limits
from massgen_audio.sound.opening import CODECS, missing, opened, said
from massgen_audio.sound.stream import Samples, Sound, grown, silence

_SURE = frozenset({"aiff", "au", "caf", "flac", "matroska", "mov", "w64", "wav", "wv"})
"""Containers that say how long they are, so that a shorter sound means that the file is cut off."""

_TIMED = frozenset({"asf", "avi", "flv", "matroska", "mov", "mpeg", "mpegts"})
"""Containers whose sound may start later than their pictures, or have holes."""

_CLOCKED = frozenset({"mpeg", "mpegts"})
"""Containers whose times are those of a clock that started long before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a file says of its sound.

    seconds, frames: None where the file does not say
    bit_rate: of the sound, in bits a second, where known
    missing: bytes that the file should have and does not, where it says how many it has
    """

    container: str
    codec: str
    rate: int
    channels: int
    layout: str
    bits: int
    seconds: float | None
    frames: int | None
    bit_rate: int | None
    tags: dict[str, str]
    has_video: bool
    missing: int = 0


@dataclass(slots=True)
class Source:
    """An open file: its facts, and its sound, which can be gone through once.

    warnings: what was wrong with it and could be passed over; complete after the last block
    """

    name: str
    facts: Facts
    salvage: bool
    limits: Limits
    _container: InputContainer
    _stream: AudioStream
    warnings: list[str] = field(default_factory=list[str])
    _bad: int = 0
    _packets: int = 0

    def sound(self) -> Sound:
        """The sound as it is in the file: its own rate, its own channels."""
        facts = self.facts
        return Sound(
            rate=facts.rate,
            channels=facts.channels,
            blocks=grown(self._whole()),
            frames=facts.frames,
            bits=facts.bits,
        )

    def _whole(self) -> Iterator[Samples]:
        """All samples; says so at the end when there should have been more."""
        position = 0
        for block in self._placed():
            position += len(block)
            self.limits.check_length(self.name, position / self.facts.rate)
            yield block
        self._check_end(position)

    def _placed(self) -> Iterator[Samples]:
        """Blocks, and silence where the file has a hole, so that times stay right."""
        position, rate = 0, self.facts.rate
        for frame in self._frames():
            hole = self._time(frame) - position
            if hole > rate // 5:
                self.limits.check_length(self.name, (position + hole) / rate)
                yield from silence(hole, self.facts.channels)
                position += hole
            block = self._block(frame)
            position += len(block)
            yield block

    def _time(self, frame: AudioFrame) -> int:
        """Where the frame belongs, in moments after the start of the file; 0 where that means nothing."""
        if self.facts.container not in _TIMED or frame.pts is None or frame.time_base is None:
            return 0
        origin = self._container.start_time if self.facts.container in _CLOCKED else 0
        start = (origin or 0) / av.time_base
        return round((float(frame.pts * frame.time_base) - start) * self.facts.rate)

    def _block(self, frame: AudioFrame) -> Samples:
        channels = frame.layout.nb_channels
        if frame.format.is_planar and channels > MOST_PLANES:
            raise failed(f"{self.name}: {channels} channels of {self.facts.codec}; at most {MOST_PLANES} are read")
        block = block_of(frame)
        if block.shape[1] != self.facts.channels or frame.sample_rate != self.facts.rate:
            raise failed(
                f"{self.name}: changes in its middle from {self.facts.rate} Hz, {self.facts.channels} channels"
                f" to {frame.sample_rate} Hz, {block.shape[1]} channels; cut it there first"
            )
        if not np.isfinite(block).all():
            block = np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0)
        return block

    def _frames(self) -> Iterator[AudioFrame]:
        try:
            for packet in self._container.demux(self._stream):
                self._packets += 1
                try:
                    frames = packet.decode()
                except FFmpegError as problem:
                    self._bad_packet(problem)
                    continue
                for frame in frames:
                    if frame.samples:
                        yield frame
        except (FFmpegError, OSError, IndexError) as problem:  # the last: a track that begins in the middle
            self._damaged(f"cannot be read further ({said(problem)})")

    def _bad_packet(self, problem: FFmpegError) -> None:
        """A packet is lost now and then in files that play well; more than one in fifty is damage."""
        self._bad += 1
        if self._bad > 2 + self._packets // 50:
            self._damaged(f"{self._bad} of its {self._packets} packets are damaged ({said(problem)})")

    def _damaged(self, how: str) -> None:
        if not self.salvage:
            raise failed(f"{self.name}: {how}; set salvage=true to take what can be read")
        if len(self.warnings) < 10:
            self.warnings.append(f"{self.name}: {how}")

    def _check_end(self, position: int) -> None:
        if position == 0:
            raise failed(f"{self.name}: no sound in it (0 samples)")
        if self.facts.missing:
            self._damaged(f"cut off: {self.facts.missing} bytes are missing at its end")
        expected = self.facts.frames if self.facts.container in _SURE else None
        if expected and position < expected - max(self.facts.rate // 4, expected // 100):
            have, should = position / self.facts.rate, expected / self.facts.rate
            self._damaged(f"cut off: {have:.2f} s are there, its header says {should:.2f} s")
        elif self._bad:
            self.warnings.append(f"{self.name}: {self._bad} damaged packets were passed over")


@contextmanager
def reading(
    file: BinaryIO,
    name: str = "the file",
    *,
    limits: Limits = LIMITS,
    salvage: bool = False,
    track: int = 0,
    raw: tuple[int, int] | None = None,
) -> Generator[Source]:
    """Open a media file for one of its sounds.

    Args:
        file: readable and seekable; its name plays no part
        name: what errors call it
        salvage: take what can be read of a damaged file, with warnings
        track: which of its sounds, counted from 0
        raw: rate and channels, for bare 16-bit little-endian samples

    Raises:
        ToolFailed: no sound, damaged, or beyond the limits; also from its blocks.
    """
    with opened(file, name, limits, raw) as container:
        stream = _track(container, name, track)
        facts = replace(_facts(container, stream), missing=missing(file))
        limits.check_shape(name, facts.rate, facts.channels)
        if facts.seconds and facts.container in _SURE:
            limits.check_length(name, facts.seconds)
        yield Source(
            name=name,
            facts=facts,
            salvage=salvage,
            limits=limits,
            _container=container,
            _stream=stream,
        )


def _track(container: InputContainer, name: str, track: int) -> AudioStream:
    sounds = container.streams.audio
    if not 0 <= track < len(sounds):
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        there = f"{len(sounds)} sound tracks, counted from 0" if sounds else f"no sound, only {kinds}"
        raise failed(f"{name}: no sound track {track}; it has {there}")
    stream = sounds[track]
    context: AudioCodecContext | None = stream.codec_context
    codec = context.name if context else "of an unknown kind"
    if codec not in CODECS.split(","):
        raise failed(f"{name}: its sound is {codec}, which is not read here; convert it elsewhere")
    return stream


def _facts(container: InputContainer, stream: AudioStream) -> Facts:
    context = stream.codec_context
    seconds = _seconds(container, stream)
    return Facts(
        container=container.format.name.split(",")[0],
        codec=context.name.removesuffix("float"),
        rate=context.sample_rate or 0,
        channels=context.channels,
        layout=context.layout.name,
        bits=_bits(context.name, context.format.name if context.format else "s16"),
        seconds=seconds,
        frames=round(seconds * context.sample_rate) if seconds else None,
        bit_rate=stream.bit_rate or container.bit_rate or None,
        tags={key.lower(): value for key, value in (stream.metadata | container.metadata).items()},
        has_video=any(each.type == "video" for each in container.streams),
    )


def _seconds(container: InputContainer, stream: AudioStream) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else None


def _bits(codec: str, form: str) -> int:
    if codec.startswith(("pcm_f", "pcm_s32", "pcm_u32")):
        return 32
    return 24 if form in ("s32", "s32p") else 16
