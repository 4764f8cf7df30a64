"""The subtitles that lie in a film as a track of text."""

from __future__ import annotations

import re
from typing import Any

from av.error import FFmpegError

from massgen_video.bounds import MOST_CUES
from massgen_video.opening.kinds import TEXTS
from massgen_video.opening.source import Source
from massgen_video.problems import refuse
from massgen_video.subtitles.cues import Cue

_OVERRIDE = re.compile(r"\{\\[^{}]{0,200}\}")
_SILENT = 4.0
"""Seconds that a text is seen for where the film does not say."""


def extracted(source: Source, language: str | None = None) -> list[Cue]:
    """The cues of a film's first track of text, or of the one in a language.

    Raises:
        ToolFailed: There is no such track.
    """
    stream = _chosen(source, language)
    cues: list[Cue] = []
    for packet in source.packets(stream):
        if packet.pts is None or not packet.size:
            continue
        start = max(0.0, float(packet.pts * packet.time_base) - source.offset)
        length = float((packet.duration or 0) * packet.time_base) or _SILENT
        if text := _text(packet):
            cues.append(Cue(start, start + length, text))
        if len(cues) > MOST_CUES:
            raise refuse(f"{source.name}: more than {MOST_CUES:,} subtitles")
    if not cues:
        raise refuse(f"{source.name}: its track of subtitles has no text in it")
    return sorted(cues)


def _chosen(source: Source, language: str | None) -> Any:
    streams: list[Any] = list(source.container.streams.subtitles)
    tracks = [each for each in streams if each.codec_context is not None]
    readable = [each for each in tracks if each.codec_context.name in TEXTS]
    found = [each for each in readable if language is None or each.language == language]
    if found:
        return found[0]
    if not tracks:
        raise refuse(f"{source.name}: there are no subtitles in it (words that are drawn into pictures are no track)")
    if not readable:
        raise refuse(f"{source.name}: its subtitles are pictures ({tracks[0].codec_context.name}), not text")
    there = ", ".join(sorted({str(each.language) for each in readable}))
    raise refuse(f"{source.name}: there are no subtitles in {language!r}; there are: {there}")


def _text(packet: Any) -> str:
    """The words of a packet: FFmpeg gives each as a line of ASS, whose last field is the text."""
    try:
        found: list[Any] = list(packet.decode())
    except FFmpegError:
        return ""
    parts: list[Any] = [rect for each in found for rect in getattr(each, "rects", [each])]
    lines = [_plain(getattr(part, "dialogue", None) or getattr(part, "text", None) or b"") for part in parts]
    return "\n".join(line for line in lines if line)


def _plain(dialogue: bytes | str) -> str:
    text = dialogue.decode("utf-8", errors="replace") if isinstance(dialogue, bytes) else dialogue
    text = text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
    return _OVERRIDE.sub("", text).strip()
