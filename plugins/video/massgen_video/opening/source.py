"""One open media file, and its streams of each kind."""

from __future__ import annotations

import io
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, BinaryIO, cast

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from massgen_video.bounds import LONGEST, MOST_FPS, MOST_PIXELS, MOST_STREAMS
from massgen_video.opening.ffmpeg import PROBLEMS, open_input, said
from massgen_video.opening.kinds import CODECS, CONTAINERS, PICTURES, SOUND_CONTAINERS, SOUNDS
from massgen_video.problems import refuse

_DECODING = {"max_pixels": str(MOST_PIXELS), "codec_whitelist": CODECS}
_THREADS = 4
_MICROSECONDS = 1_000_000


class Reading(io.RawIOBase):
    """A file that is read by place, so that several can read one descriptor."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file.fileno()
        self._at = 0
        self.size = os.fstat(self._file).st_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = os.pread(self._file, self.size if size < 0 else size, self._at)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at


@dataclass(slots=True)
class Source:
    """An open file: its name for messages, its container, and what was found to be wrong with it on the way.

    Times are in seconds from the file's first moment.
    """

    name: str
    container: InputContainer
    size: int
    notes: list[str] = field(default_factory=list[str])

    @property
    def offset(self) -> float:
        """Where its clock starts; what lies before 0 is a codec's way of starting, and is not heard."""
        start: int | None = self.container.start_time
        return max(0, start or 0) / _MICROSECONDS

    @property
    def duration(self) -> float | None:
        """What its header says; None where that is nothing sensible."""
        own: int | None = self.container.duration
        if own and own > 0:
            return own / _MICROSECONDS
        known = [_stream_duration(stream) for stream in (self.video, self.audio)]
        return max((each for each in known if each), default=None)

    @property
    def video(self) -> VideoStream | None:
        """Its pictures: the first stream that is no cover."""
        found = [stream for stream in self.container.streams.video if not _is_cover(stream)]
        return next((each for each in found if cast(Any, each).codec_context is not None), None)

    @property
    def audio(self) -> AudioStream | None:
        """Its sound: the first stream that can be decoded."""
        found = self.container.streams.audio
        return next((each for each in found if cast(Any, each).codec_context is not None), None)

    @property
    def fps(self) -> Fraction:
        """Pictures a second, 25 where the file says nothing sensible."""
        stream = self.video
        rates = [stream.average_rate, stream.guessed_rate, stream.base_rate] if stream else []
        return next((Fraction(rate) for rate in rates if rate and 0 < rate <= MOST_FPS), Fraction(25))

    def pictures(self) -> VideoStream:
        """Its stream of pictures, ready to be decoded.

        Raises:
            ToolFailed: There is none, its codec is not read here, or its pictures are too large.
        """
        stream = self.video
        if stream is None:
            raise refuse(f"{self.name}: there are no pictures in it{self._what_there_is()}")
        _check_codec(self.name, stream, PICTURES)
        _check_size(self.name, stream.codec_context.width, stream.codec_context.height)
        _prepare(stream)
        return stream

    def sound(self) -> AudioStream | None:
        """Its stream of sound, ready to be decoded; None where there is none."""
        stream = self.audio
        if stream is not None:
            _check_codec(self.name, stream, SOUNDS)
            _prepare(stream)
        return stream

    def packets(self, *streams: Any) -> Iterator[Any]:
        """The packets of some streams, in the file's order; they end where it is damaged, which is noted."""
        demux: Any = self.container.demux
        try:
            yield from demux(*streams)
        except FFmpegError as problem:
            self.note(f"{self.name}: it is damaged ({said(problem)}) and was read as far as possible")

    def go_to(self, moment: float, stream: Any) -> None:
        """Stand before a moment, where a stream has a key packet."""
        place = int((moment + self.offset) * _MICROSECONDS)
        try:
            self.container.seek(place, backward=True)
            if stream.codec_context.is_open:
                stream.codec_context.flush_buffers()
        except (FFmpegError, OSError):
            if moment > 0:
                self.note(f"{self.name}: it cannot be searched in; it was read from where it stood")

    def note(self, text: str) -> None:
        """Remember something for whoever reads the result, once."""
        if text not in self.notes:
            self.notes.append(text)

    def _what_there_is(self) -> str:
        kinds = sorted({stream.type for stream in self.container.streams})
        return f" (there is: {', '.join(kinds)}; for sounds there are the audio tools)" if kinds else ""


@contextmanager
def opened(file: BinaryIO, name: str, *, sounds: bool = False) -> Generator[Source]:
    """The film that a file holds, known by its content; ``sounds`` admits files that have nothing to see.

    Raises:
        ToolFailed: It is empty, no film, or has too much in it.
    """
    reading = Reading(file)
    if reading.size == 0:
        raise refuse(f"{name}: it is empty (0 bytes)")
    allowed = f"{CONTAINERS},{SOUND_CONTAINERS}" if sounds else CONTAINERS
    options = {"format_whitelist": allowed, "protocol_whitelist": "-", **_DECODING}
    try:
        container = open_input(reading, options)
    except PROBLEMS as problem:
        reading.seek(0)
        raise refuse(
            f"{name}: it is no film that is known here, or damaged at its start ({said(problem)});"
            f" it begins with {reading.read(12)!r}"
        ) from None
    with container:
        if len(container.streams) > MOST_STREAMS:
            raise refuse(f"{name}: {len(container.streams)} streams; at most {MOST_STREAMS} are read")
        yield Source(name, container, reading.size)


def check_length(source: Source) -> None:
    """Refuse a film that is too long to be read from its beginning to its end."""
    duration = source.duration
    if duration is not None and duration > LONGEST:
        hours = f"{duration / 3600:.1f} hours long; at most {LONGEST / 3600:.0f} are worked on at once"
        raise refuse(f"{source.name}: it says to be {hours}: take a part with video_trim")


def check_picture(name: str, width: int, height: int) -> None:
    """Refuse a picture that came out of a decoder too large."""
    if width * height > MOST_PIXELS:
        raise refuse(f"{name}: its pictures become {width}x{height}; at most {MOST_PIXELS:,} pixels are read")


def _check_size(name: str, width: int, height: int) -> None:
    if width <= 0 or height <= 0:
        raise refuse(f"{name}: it does not say how large its pictures are ({width}x{height}): it is damaged")
    check_picture(name, width, height)


def _check_codec(name: str, stream: VideoStream | AudioStream, known: frozenset[str]) -> None:
    codec = stream.codec_context.codec.name
    if codec not in known:
        raise refuse(f"{name}: its {stream.type} is {codec}, which is not read here; convert it elsewhere first")


def _prepare(stream: VideoStream | AudioStream) -> None:
    context: Any = stream.codec_context
    if context.is_open:
        return
    context.options = dict(_DECODING)
    context.thread_count = _THREADS if stream.type == "video" else 1
    context.thread_type = "AUTO"


def _is_cover(stream: VideoStream) -> bool:
    return "ATTACHED_PIC" in str(stream.disposition).upper()


def _stream_duration(stream: VideoStream | AudioStream | None) -> float | None:
    if stream is None or not stream.duration or not stream.time_base:
        return None
    length = float(stream.duration * stream.time_base)
    return length if length > 0 else None
