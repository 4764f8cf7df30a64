"""The formats that films are written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from massgen_video.problems import refuse

Quality = Literal["draft", "standard", "high"]

THREADS = 4
"""Threads of an encoder, the same everywhere: with another number there would be other bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A container and what goes into it; ``qualities`` are the codec's options for each word."""

    name: str
    mime_type: str
    container: str
    video: str
    audio: str
    subtitles: str
    qualities: Mapping[Quality, Mapping[str, str]]
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    sound_rate: int = 160_000


_H264: dict[Quality, Mapping[str, str]] = {
    "draft": {"preset": "ultrafast", "crf": "28"},
    "standard": {"preset": "veryfast", "crf": "21"},
    "high": {"preset": "medium", "crf": "18"},
}
_VP9: dict[Quality, Mapping[str, str]] = {
    "draft": {"deadline": "realtime", "cpu-used": "8", "crf": "40"},
    "standard": {"deadline": "realtime", "cpu-used": "6", "crf": "32"},
    "high": {"deadline": "good", "cpu-used": "4", "crf": "26"},
}
_FAST_START = {"movflags": "+faststart"}

FORMATS = {
    each.name: each
    for each in (
        Format(
            name="mp4", mime_type="video/mp4", container="mp4", video="libx264", audio="aac", subtitles="mov_text",
            qualities=_H264, options=_FAST_START,
        ),
        Format(
            name="mov", mime_type="video/quicktime", container="mov", video="libx264", audio="aac",
            subtitles="mov_text", qualities=_H264, options=_FAST_START,
        ),
        Format(
            name="mkv", mime_type="video/x-matroska", container="matroska", video="libx264", audio="aac",
            subtitles="subrip", qualities=_H264,
        ),
        Format(
            name="webm", mime_type="video/webm", container="webm", video="libvpx-vp9", audio="libopus",
            subtitles="webvtt", qualities=_VP9, sound_rate=112_000,
        ),
    )
}  # fmt: skip


def format_named(name: str) -> Format:
    """A format by its name. Raises `ToolFailed` where there is none."""
    try:
        return FORMATS[name]
    except KeyError:
        raise refuse(f"no film is written as {name!r}; there are: {', '.join(FORMATS)}") from None
