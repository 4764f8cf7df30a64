"""Any picture as one of a film's own: upright, of its size, in its colours."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal, cast

import numpy as np
from av.filter import Graph
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from massgen_video.problems import refuse

Fit = Literal["contain", "cover", "stretch"]

_BT709 = 1
_UNSPECIFIED = (0, 2)
_MATRICES = {1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020"}
_LARGEST_SD = 576
_TV, _FULL = 1, 2
_TURNS = {90: "2", -90: "1", 270: "1", -270: "2"}
"""Display matrix, degrees counter-clockwise, as FFmpeg's transpose."""


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels across and down, both even."""

    width: int
    height: int


def even(value: float) -> int:
    """The nearest even number, at least 2: H.264 and VP9 halve the colours' resolution."""
    return max(2, round(value / 2) * 2)


def turned(rotation: int) -> bool:
    """Whether width and height change places when it is shown."""
    return round(rotation / 90) % 2 == 1


class Shaper:
    """Turns any pictures into such of one size: ``yuv420p`` in BT.709 colours, or ``rgb24``, ``bgra``."""

    def __init__(
        self, size: Size, fit: Fit = "contain", *, aspect: Fraction | None = None, kind: str = "yuv420p"
    ) -> None:
        self.size = size
        self._fit: Fit = fit
        self._aspect = float(aspect) if aspect and Fraction(1, 8) < aspect < 8 else 1.0
        self._kind = kind
        self._known: object = None
        self._graph: Any = None
        self._last: tuple[VideoFrame, VideoFrame] | None = None

    def of(self, frame: VideoFrame) -> VideoFrame:
        """The picture in shape; the same picture again costs nothing."""
        if self._last is not None and self._last[0] is frame:
            return self._last[1]
        shaped = self._through(frame)
        self._last = frame, shaped
        return shaped

    def _through(self, frame: VideoFrame) -> VideoFrame:
        rotation = _right_angle(frame)
        known = (frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range, rotation)
        if known != self._known:
            self._known = known
            self._graph = None if self._is_shaped(frame, rotation) else self._built(frame, rotation)
        if self._graph is None:
            return frame
        frame.pts = None
        self._graph.push(frame)
        shaped = cast(VideoFrame, self._graph.pull())
        if self._kind.startswith("yuv"):
            shaped.colorspace, shaped.color_range = _BT709, _TV
        return shaped

    def _is_shaped(self, frame: VideoFrame, rotation: int) -> bool:
        same = (frame.width, frame.height, frame.format.name) == (self.size.width, self.size.height, self._kind)
        return same and not rotation and self._aspect == 1.0 and frame.colorspace == _BT709

    def _built(self, frame: VideoFrame, rotation: int) -> Any:
        graph: Any = Graph()
        space, values = _colours(frame)
        steps: list[Any] = [
            graph.add_buffer(
                width=frame.width, height=frame.height, format=frame.format.name, time_base=Fraction(1, 1000)
            )
        ]
        if rotation in _TURNS:
            steps.append(graph.add("transpose", _TURNS[rotation]))
        elif rotation:
            steps += [graph.add("hflip"), graph.add("vflip")]
        inner = self._inner(frame, rotation)
        scaled = f"w={inner.width}:h={inner.height}:flags=bicubic:in_color_matrix={space}:in_range={values}"
        out = ":out_color_matrix=bt709:out_range=tv" if self._kind.startswith("yuv") else ""
        steps += [graph.add("scale", scaled + out), graph.add("format", self._kind)]
        w, h = self.size.width, self.size.height
        if self._fit == "cover":
            steps.append(graph.add("crop", f"{w}:{h}:exact=1"))
        elif inner != self.size:
            steps.append(graph.add("pad", f"{w}:{h}:(ow-iw)/2:(oh-ih)/2"))
        steps += [graph.add("setsar", "1"), graph.add("buffersink")]
        for one, next_one in pairwise(steps):
            one.link_to(next_one)
        try:
            graph.configure()
        except (ValueError, OSError) as error:
            raise refuse(f"pictures of the kind {frame.format.name} cannot be worked on: convert them first") from error
        return graph

    def _inner(self, frame: VideoFrame, rotation: int) -> Size:
        if self._fit == "stretch":
            return self.size
        width, height = frame.width * self._aspect, float(frame.height)
        if turned(rotation):
            width, height = height, width
        across, down = self.size.width / width, self.size.height / height
        factor = max(across, down) if self._fit == "cover" else min(across, down)
        inner = Size(even(width * factor), even(height * factor))
        if self._fit == "cover":
            return Size(max(inner.width, self.size.width), max(inner.height, self.size.height))
        return Size(min(inner.width, self.size.width), min(inner.height, self.size.height))


def pixels(frame: VideoFrame) -> NDArray[np.uint8]:
    """An ``rgb24`` picture as an array: rows, columns, colours."""
    return cast("NDArray[np.uint8]", frame.to_ndarray(format="rgb24"))


def _right_angle(frame: VideoFrame) -> int:
    return round(frame.rotation / 90) * 90


def _colours(frame: VideoFrame) -> tuple[str, str]:
    """The matrix and the range of a picture, in FFmpeg's words; guessed as players do where it does not say."""
    guess = "bt709" if frame.height > _LARGEST_SD else "smpte170m"
    space = guess if frame.colorspace in _UNSPECIFIED else _MATRICES.get(frame.colorspace, guess)
    full = frame.color_range == _FULL or frame.format.name.startswith(("yuvj", "rgb", "bgr", "gbr", "pal8", "gray"))
    return space, "pc" if full else "tv"
