"""A film on its way into a file: pictures at a constant rate, samples, subtitles, in step with each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from av import AudioFrame
from av.error import FFmpegError
from av.video.frame import VideoFrame

from massgen_video.opening.ffmpeg import open_output, said
from massgen_video.problems import refuse
from massgen_video.reading.shaping import Size
from massgen_video.reading.sounds import RATE, Samples, silence
from massgen_video.subtitles.cues import Cue
from massgen_video.writing.formats import THREADS, Format, Quality
from massgen_video.writing.provenance import mark
from massgen_video.writing.texts import TextTrack

_EXACT = {"fflags": "+bitexact"}
_BT709 = 1
_TV = 1
_KEY_EVERY = 5
"""Seconds between key pictures at most: players seek to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a film is: its format, size, frames a second, whether it has sound, its subtitles, its tags.

    ``crf`` takes the place of the quality's own constant rate factor.
    """

    format: Format
    size: Size
    fps: Fraction
    sound: bool = True
    quality: Quality = "standard"
    crf: int | None = None
    cues: Sequence[Cue] = ()
    language: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


class Film:
    """A film that is being written; a context manager."""

    def __init__(self, path: Path, shape: Shape) -> None:
        self._path = path
        self._shape = shape
        self.frames: int = 0
        self._base = 1 / shape.fps

    def __enter__(self) -> Film:
        form = self._shape.format
        self._container = open_output(str(self._path), form.container, _EXACT | dict(form.options))
        self._container.metadata.update(self._shape.tags)
        self._video = self._video_stream()
        self._sound = SoundTrack(self._container, form) if self._shape.sound else None
        self._texts = TextTrack(self._container, form.subtitles, self._shape.cues, self._shape.language)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._container.close()
        if kind is None and self._shape.format.container in ("mp4", "mov"):
            mark(self._path, self._shape.tags)

    @property
    def duration(self) -> float:
        """Seconds so far."""
        return float(self.frames / self._shape.fps)

    def frame(self, picture: VideoFrame) -> None:
        """Add the next frame, of the film's size, ``yuv420p`` in BT.709."""
        picture.pts, picture.time_base = self.frames, self._base
        picture.pict_type = 0
        self._texts.up_to(self.duration)
        self._container.mux(self._video.encode(picture))
        self.frames += 1

    @property
    def samples(self) -> int:
        """Samples so far."""
        return self._sound.samples if self._sound is not None else 0

    def sound(self, samples: Samples) -> None:
        """Add the next samples, in two channels."""
        if self._sound is not None:
            self._sound.add(samples)

    def _finish(self) -> None:
        self._texts.up_to(float("inf"))
        self._container.mux(self._video.encode(None))
        if self._sound is not None:
            self._sound.finish()

    def _video_stream(self) -> Any:
        shape = self._shape
        options = dict(shape.format.qualities[shape.quality])
        if shape.crf is not None:
            options["crf"] = str(shape.crf)
        if shape.format.video == "libvpx-vp9":
            options |= {"b": "0", "row-mt": "1", "tile-columns": "2"}
        stream = self._container.add_stream(shape.format.video, rate=shape.fps, options=options)
        stream.width, stream.height, stream.pix_fmt = shape.size.width, shape.size.height, "yuv420p"
        stream.time_base = self._base
        context = stream.codec_context
        context.thread_count, context.gop_size = THREADS, max(1, round(shape.fps * _KEY_EVERY))
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _TV
        return stream


class SoundTrack:
    """The sound of a film that is being written."""

    def __init__(self, container: Any, form: Format) -> None:
        self._container = container
        self.samples: int = 0
        self._stream: Any = container.add_stream(form.audio, rate=RATE)
        context = self._stream.codec_context
        context.layout, context.bit_rate = "stereo", form.sound_rate
        self._packed = form.audio == "libopus"
        context.format = "flt" if self._packed else "fltp"

    def add(self, samples: Samples) -> None:
        """Add the next samples, in two channels."""
        if not len(samples):
            return
        values = np.clip(samples, -1.0, 1.0)
        ready = np.ascontiguousarray(values.reshape(1, -1) if self._packed else values.T)
        frame = AudioFrame.from_ndarray(ready, format="flt" if self._packed else "fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.samples, Fraction(1, RATE)
        self._container.mux(self._stream.encode(frame))
        self.samples += len(samples)

    def finish(self) -> None:
        """Write what the encoder still holds."""
        if self.samples:
            self._container.mux(self._stream.encode(None))


Part: TypeAlias = tuple[Iterable[VideoFrame], Iterable[Samples]]
"""The frames of a stretch of film, and its samples."""


def write(
    path: Path, shape: Shape, parts: Iterable[Part], progress: Callable[[int], None] = lambda frames: None
) -> Film:
    """Write a film from its parts, pictures and sound in step.

    Where a part's sound ends later than its pictures, its last frame is held; where it ends earlier, there is silence.

    Raises:
        ToolFailed: There is no frame, or FFmpeg cannot write it.
    """
    try:
        with Film(path, shape) as film:
            for frames, blocks in parts:
                _weave(film, frames, iter(blocks), float(shape.fps), progress)
            if not film.frames:
                raise refuse("there is nothing to see in that part: no picture could be read")
    except FFmpegError as problem:
        raise refuse(f"the film cannot be written as {shape.format.name} ({said(problem)})") from problem
    return film


def _weave(
    film: Film, frames: Iterable[VideoFrame], blocks: Iterator[Samples], rate: float, progress: Callable[[int], None]
) -> None:
    blocks = _without_first(blocks, film.samples - round(film.frames / rate * RATE))
    last: VideoFrame | None = None
    for picture in frames:
        film.frame(picture)
        last = picture
        _sound_up_to(film, blocks, film.frames / rate)
        progress(film.frames)
    for block in blocks if last is not None else ():
        film.sound(block)
        while film.samples / RATE > (film.frames + 1.5) / rate and last is not None:
            film.frame(last)
    for block in silence(round(film.frames / rate * RATE) - film.samples):
        film.sound(block)


def _without_first(blocks: Iterator[Samples], samples: int) -> Iterator[Samples]:
    """What the part before has heard too long is taken from this one, so that it stays in time."""
    for block in blocks:
        yield block[max(0, samples) :]
        samples -= len(block)


def _sound_up_to(film: Film, blocks: Iterator[Samples], moment: float) -> None:
    while film.samples < moment * RATE:
        block = next(blocks, None)
        if block is None:
            return
        film.sound(block)
