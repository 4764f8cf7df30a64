"""Streams taken over as they are, without being decoded: fast, exact, and cut at key pictures only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, cast

from av.error import FFmpegError

from massgen_video.opening.ffmpeg import open_output, said
from massgen_video.opening.source import Source
from massgen_video.problems import refuse
from massgen_video.reading.sounds import RATE, Samples
from massgen_video.subtitles.cues import Cue
from massgen_video.writing.film import SoundTrack
from massgen_video.writing.formats import Format
from massgen_video.writing.provenance import mark
from massgen_video.writing.texts import TextTrack

_NO_EDITS = ("matroska", "webm")
"""Containers that cannot say that a sound begins before the pictures: everything would begin later."""
_HEAD = 64
"""Packets at the beginning among which a decoding time is looked for."""


def _nobody(seconds: float) -> None:
    """Listen to nothing."""


class Copy:
    """A film whose pictures are another's, and whose sound and subtitles are that one's or new."""

    def __init__(
        self,
        source: Source,
        path: Path,
        form: Format,
        *,
        sound: bool = True,
        new_sound: Iterator[Samples] | None = None,
        cues: Sequence[Cue] = (),
        language: str | None = None,
        tags: Mapping[str, str],
    ) -> None:
        self.source = source
        self.path = path
        self.form = form
        self.start: float = 0.0
        self.duration: float = 0.0
        self._sound = sound and new_sound is None
        self._new = new_sound
        self._cues = cues
        self._language = language
        self._tags = dict(tags)

    def write(self, start: float = 0.0, end: float | None = None, progress: Callable[[float], None] = _nobody) -> None:
        """Write what is between two moments, beginning with the last key picture before the first of them.

        Raises:
            ToolFailed: The streams do not fit into the format.
        """
        try:
            with open_output(str(self.path), self.form.container, {"fflags": "+bitexact", **self.form.options}) as out:
                self._write(out, start, end, progress)
        except (FFmpegError, ValueError) as problem:
            raise refuse(
                f"{self.source.name}: its streams cannot be taken over as they are into {self.form.name}"
                f" ({said(problem)}): take mkv, or have it encoded anew"
            ) from problem
        if self.form.container in ("mp4", "mov"):
            mark(self.path, self._tags)

    def _write(self, out: Any, start: float, end: float | None, progress: Callable[[float], None]) -> None:
        out.metadata.update(self._tags)
        streams = self._streams()
        targets = {stream.index: out.add_stream_from_template(stream) for stream in streams}
        track = SoundTrack(out, self.form) if self._new is not None else None
        texts = TextTrack(out, self.form.subtitles, self._cues, self._language)
        for done, packet in self._packets(streams, start, end):
            texts.up_to(done)
            self._sound_up_to(track, done)
            packet.stream = targets[packet.stream.index]
            out.mux(packet)
            progress(done)
        texts.up_to(float("inf"))
        self._sound_up_to(track, float("inf"))
        if track is not None:
            track.finish()

    def _packets(self, streams: Sequence[Any], start: float, end: float | None) -> Iterator[tuple[float, Any]]:
        """The packets of a part in their new times, from its first key picture on, each with its moment."""
        source, video = self.source, streams[0].index
        if start > 0:
            source.go_to(start, streams[0])
        begun: float | None = None
        for packet in _timed(source.packets(*streams), video):
            moment = float(packet.pts * packet.time_base)
            if begun is None and packet.stream.index == video and packet.is_keyframe:
                begun, self.start = moment, max(0.0, moment - source.offset)
            if begun is None or (moment < begun and self.form.container in _NO_EDITS):
                continue
            if end is not None and moment - source.offset >= end:
                if packet.stream.index == video and packet.dts * packet.time_base >= end + source.offset:
                    break
                continue
            _shift(packet, begun)
            length = float((packet.duration or 0) * packet.time_base)
            self.duration = max(self.duration, moment - begun + length)
            yield moment - begun, packet
        if begun is None:
            raise refuse(f"{source.name}: there is no key picture to begin with: have it encoded anew")

    def _sound_up_to(self, track: SoundTrack | None, moment: float) -> None:
        while track is not None and self._new is not None and track.samples < moment * RATE:
            block = next(self._new, None)
            if block is None:
                return
            track.add(block)

    def _streams(self) -> list[Any]:
        found: list[Any] = [self.source.pictures()]
        if self._sound:
            found += [each for each in self.source.container.streams.audio if cast(Any, each).codec_context is not None]
        return found


def _shift(packet: Any, begun: float) -> None:
    ticks = round(begun / float(packet.time_base))
    packet.dts -= ticks
    packet.pts -= ticks


def _timed(packets: Iterator[Any], video: int) -> Iterator[Any]:
    """Packets that all have both times.

    Matroska has no decoding times; FFmpeg finds them, but for the first pictures, which are filled in from behind.
    """
    head: list[Any] = []
    for packet in packets:
        if packet.size:
            head.append(packet)
        if len(head) >= _HEAD or (head and head[-1].stream.index == video and head[-1].dts is not None):
            break
    late = [each for each in head if each.stream.index == video and each.dts is None]
    known = next((each.dts for each in head if each.stream.index == video and each.dts is not None), None)
    for back, packet in enumerate(reversed(late), 1):
        packet.dts = packet.pts if known is None else known - back * (packet.duration or 1)
    for packet in chain(head, packets):
        if packet.pts is None:
            packet.pts = packet.dts
        if packet.dts is None:
            packet.dts = packet.pts
        if packet.dts is not None and packet.size:
            yield packet
