"""Short animations without sound: GIF with a palette of its own, and WebP."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from av.error import FFmpegError
from av.filter import Graph
from av.video.frame import VideoFrame

from massgen_video.opening.ffmpeg import open_output, said
from massgen_video.problems import refuse
from massgen_video.reading.shaping import Shaper, Size

Kind = Literal["gif", "webp"]
MIME_TYPES: dict[Kind, str] = {"gif": "image/gif", "webp": "image/webp"}
_ANY_RATE = Fraction(25)
Frames = Callable[[], Iterable[VideoFrame]]
"""The same frames again each time it is called."""


def write_gif(path: Path, frames: Frames, fps: Fraction, *, colours: int = 256, loop: bool = True) -> int:
    """Write a GIF and return how many frames it has; goes through them twice, for the palette and for the pictures.

    Raises:
        ToolFailed: There is no frame.
    """
    options = {"fflags": "+bitexact", "loop": "0" if loop else "-1"}
    number = 0
    try:
        painted = _painted(_in_kind(frames(), "rgb24"), _palette(_in_kind(frames(), "rgb24"), colours))
        with open_output(str(path), "gif", options) as out:
            stream: Any = None
            for frame in painted:
                if stream is None:
                    stream = _stream(out, "gif", "pal8", frame, fps)
                out.mux(stream.encode(_timed(frame, number, fps)))
                number += 1
            out.mux(stream.encode(None))
    except FFmpegError as problem:
        raise refuse(f"the animation cannot be written ({said(problem)})") from problem
    return number


def write_webp(path: Path, frames: Frames, fps: Fraction, *, quality: int = 75, loop: bool = True) -> int:
    """Write an animated WebP and return how many frames it has. Raises `ToolFailed` where there is none."""
    options = {"fflags": "+bitexact", "loop": "0" if loop else "1"}
    number = 0
    try:
        with open_output(str(path), "webp", options) as out:
            stream: Any = None
            for frame in _in_kind(frames(), "bgra"):
                if stream is None:
                    stream = _stream(out, "libwebp_anim", "bgra", frame, fps, {"quality": str(quality)})
                out.mux(stream.encode(_timed(frame, number, fps)))
                number += 1
            if stream is None:
                raise refuse("there is nothing to see in that part: no picture could be read")
            out.mux(stream.encode(None))
    except FFmpegError as problem:
        raise refuse(f"the animation cannot be written ({said(problem)})") from problem
    return number


def _in_kind(frames: Iterable[VideoFrame], kind: str) -> Iterator[VideoFrame]:
    """The same frames in RGB: both formats have their own idea of what YUV is."""
    shaper: Shaper | None = None
    for frame in frames:
        shaper = shaper or Shaper(Size(frame.width, frame.height), "stretch", kind=kind)
        yield shaper.of(frame)


def _palette(frames: Iterable[VideoFrame], colours: int) -> VideoFrame:
    """The colours that show some frames best (FFmpeg's ``palettegen``)."""
    graph: Any = None
    for number, frame in enumerate(frames):
        if graph is None:
            graph = Graph()
            steps = [_source(graph, frame), graph.add("palettegen", f"max_colors={colours}:stats_mode=diff")]
            steps.append(graph.add("buffersink"))
            _link(steps)
            graph.configure()
        graph.push(_timed(frame, number, _ANY_RATE))
    if graph is None:
        raise refuse("there is nothing to see in that part: no picture could be read")
    graph.push(None)
    return graph.pull()


def _painted(frames: Iterable[VideoFrame], palette: VideoFrame) -> Iterator[VideoFrame]:
    """Frames in the colours of a palette, dithered, only where they change (FFmpeg's ``paletteuse``)."""
    graph: Any = None  # the filters are gone with it
    source: Any = None
    sink: Any = None
    for number, frame in enumerate(frames):
        if graph is None:
            graph, source, sink = _painting(frame, palette)
        source.push(_timed(frame, number, _ANY_RATE))
        yield sink.pull()


def _painting(frame: VideoFrame, palette: VideoFrame) -> tuple[Any, Any, Any]:
    graph: Any = Graph()
    source, colours = _source(graph, frame), _source(graph, palette)
    use = graph.add("paletteuse", "dither=bayer:bayer_scale=4:diff_mode=rectangle")
    sink = graph.add("buffersink")
    source.link_to(use, 0, 0)
    colours.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    colours.push(_timed(palette, 0, _ANY_RATE))
    colours.push(None)
    return graph, source, sink


def _source(graph: Any, frame: VideoFrame) -> Any:
    return graph.add_buffer(width=frame.width, height=frame.height, format=frame.format.name, time_base=1 / _ANY_RATE)


def _link(steps: list[Any]) -> None:
    for one, following in pairwise(steps):
        one.link_to(following)


def _stream(
    out: Any, codec: str, kind: str, frame: VideoFrame, fps: Fraction, options: dict[str, str] | None = None
) -> Any:
    stream = out.add_stream(codec, rate=fps, options=options or {})
    stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, kind
    stream.time_base = 1 / fps
    stream.codec_context.thread_count = 1
    return stream


def _timed(frame: VideoFrame, number: int, fps: Fraction) -> VideoFrame:
    frame.pts, frame.time_base = number, 1 / fps
    return frame
