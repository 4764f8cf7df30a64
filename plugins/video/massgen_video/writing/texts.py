"""Subtitles as a track of their own, which players switch on and off."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from av.packet import Packet

from massgen_video.subtitles.cues import Cue

_MILLISECONDS = Fraction(1, 1000)
_STYLES = (
    b"[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\n"
    b"Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic,"
    b" Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL,"
    b" MarginR, MarginV, Encoding\n"
    b"Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1\n\n"
    b"[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)
"""What FFmpeg makes the header of a track of ``mov_text`` (3GPP TS 26.245) from."""


class TextTrack:
    """The cues of a film, each written when its moment comes."""

    def __init__(self, container: Any, codec: str, cues: Sequence[Cue], language: str | None) -> None:
        self._container = container
        self._codec = codec
        self._left = deque(sorted(cues))
        self._stream = self._opened(language) if cues else None

    def up_to(self, moment: float) -> None:
        """Write the cues that have begun by a moment, in seconds."""
        while self._left and self._left[0].start <= moment:
            self._container.mux(self._packet(self._left.popleft()))

    def _opened(self, language: str | None) -> Any:
        if self._codec == "mov_text":
            stream = self._container.add_stream(self._codec)
            stream.codec_context.subtitle_header = _STYLES
            stream.codec_context.time_base = _MILLISECONDS
        else:
            stream = self._container.add_mux_stream(self._codec)
        stream.time_base = _MILLISECONDS
        stream.metadata["language"] = language or "und"
        return stream

    def _packet(self, cue: Cue) -> Any:
        data = cue.text.encode()
        packet: Any = Packet(len(data).to_bytes(2, "big") + data if self._codec == "mov_text" else data)
        packet.stream = self._stream
        packet.time_base = _MILLISECONDS
        packet.pts = packet.dts = round(cue.start * 1000)
        packet.duration = max(1, round((cue.end - cue.start) * 1000))
        return packet
