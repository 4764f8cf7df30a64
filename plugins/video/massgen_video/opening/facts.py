"""What is in a film, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from av.stream import Stream

from massgen_video.opening.source import Source
from massgen_video.reading.pictures import pictures
from massgen_video.reading.shaping import turned

_MOST_TAGS = 40
_LONGEST_TAG = 500
_MOST_CHAPTERS = 100
_HDR = {16: "HDR (PQ)", 18: "HDR (HLG)"}


def facts_of(source: Source) -> dict[str, Any]:
    """Everything that the headers and the first picture say; sizes in pixels, times in seconds, rates per second."""
    container = source.container
    known: dict[str, Any] = {
        "container": container.format.name,
        "container_name": container.format.long_name,
        "size": source.size,
        "duration": _rounded(source.duration),
        "bit_rate": container.bit_rate or None,
        "streams": [_stream(stream) for stream in container.streams],
        "tags": tags_of(container.metadata),
    }
    if chapters := _chapters(container):
        known["chapters"] = chapters
    if source.video is not None:
        known |= _seen(source)
    if source.audio is not None:
        known |= {"sample_rate": source.audio.rate, "channels": source.audio.channels}
    return {name: value for name, value in known.items() if value not in (None, {}, [])}


def tags_of(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags of a file, no more and no longer than anybody reads."""
    return {
        name[:100]: text[:_LONGEST_TAG] for name, text, _ in zip(tags, tags.values(), range(_MOST_TAGS), strict=False)
    }


def display_size(source: Source, rotation: int) -> tuple[int, int]:
    """Pixels across and down as it is shown: turned upright, its pixels square."""
    context = source.pictures().codec_context
    aspect = context.sample_aspect_ratio
    width = round(context.width * float(aspect)) if aspect and 1 / 8 < aspect < 8 else context.width
    return (context.height, width) if turned(rotation) else (width, context.height)


def rotation_of(source: Source) -> int:
    """Degrees counter-clockwise by which its pictures are to be turned, as the first one says."""
    for _, frame in pictures(source, 0.0):
        return round(frame.rotation)
    return 0


def _seen(source: Source) -> dict[str, Any]:
    stream = source.pictures()
    first = next(iter(pictures(source, 0.0)), None)
    rotation = round(first[1].rotation) if first else 0
    width, height = display_size(source, rotation)
    found: dict[str, Any] = {
        "width": width,
        "height": height,
        "fps": round(float(source.fps), 3),
        "frames": stream.frames or None,
        "rotation": rotation or None,
        "interlaced": True if first and first[1].interlaced_frame else None,
        "dynamic_range": _HDR.get(first[1].color_trc) if first else None,
    }
    if first is None:
        source.note(f"{source.name}: not one of its pictures can be read")
    return {name: value for name, value in found.items() if value is not None}


def _stream(stream: Stream) -> dict[str, Any]:
    described: dict[str, Any] = {"index": stream.index, "type": stream.type, "language": stream.language}
    context: Any = cast(Any, stream).codec_context
    length = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else None
    described["duration"] = _rounded(length)
    if context is None:
        return {name: value for name, value in described.items() if value is not None}
    described |= {"codec": context.name, "profile": cast(Any, stream).profile, "bit_rate": context.bit_rate or None}
    if stream.type == "video":
        described |= {"width": context.width, "height": context.height, "pixel_format": context.pix_fmt}
        described["cover"] = True if "ATTACHED_PIC" in str(stream.disposition).upper() else None
    elif stream.type == "audio":
        described |= {"sample_rate": context.sample_rate, "channels": context.channels, "layout": context.layout.name}
    return {name: value for name, value in described.items() if value is not None}


def _chapters(container: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for chapter in container.chapters()[:_MOST_CHAPTERS]:
        base = chapter["time_base"]
        if base is not None:
            title = str(chapter["metadata"].get("title", ""))[:_LONGEST_TAG]
            found.append({"start": _rounded(float(chapter["start"] * base)), "title": title})
    return found


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
