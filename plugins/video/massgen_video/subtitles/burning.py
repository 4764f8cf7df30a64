"""Subtitles laid over frames, only where they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from massgen_video.reading.shaping import Size
from massgen_video.subtitles.cues import Cue
from massgen_video.subtitles.drawing import Showing, drawn

_BLACK = 16.0
_LUMA = 219.0


def burned(cues: Sequence[Cue], size: Size) -> Callable[[VideoFrame, float], VideoFrame]:
    """What puts some cues onto a film's frames (``yuv420p``), given their moments.

    Letters are white and their edges black, so that colours need no more than to fade: only what lies under a text is
    touched, and frames without one are passed on as they are.
    """
    showing = Showing(cues)

    @lru_cache(maxsize=4)
    def stamp(text: str) -> _Stamp:
        return _Stamp(text, size)

    def over(frame: VideoFrame, moment: float) -> VideoFrame:
        text = showing.at(moment)
        return frame if text is None else stamp(text).on(frame)

    return over


class _Stamp:
    """One text, ready to be put onto frames: for the rows that it covers, how much of the picture stays."""

    def __init__(self, text: str, size: Size) -> None:
        layer = np.asarray(drawn(text, size.width, size.height), np.float32) / 255.0
        rows = np.flatnonzero(layer[..., 3].any(axis=1))
        top, bottom = (int(rows[0]) // 2 * 2, (int(rows[-1]) // 2 + 1) * 2) if len(rows) else (0, 0)
        band = layer[top:bottom]
        alpha = band[..., 3]
        self._rows = slice(top, bottom)
        self._half = slice(top // 2, bottom // 2)
        self._size = size
        self._stays = 1.0 - alpha
        self._put = (_BLACK + _LUMA * band[..., 0]) * alpha
        self._colours_stay = _halved(self._stays)

    def on(self, frame: VideoFrame) -> VideoFrame:
        """A frame with the text on it; the one given stays as it is."""
        planes = frame.to_ndarray(format="yuv420p").copy()
        width, height = self._size.width, self._size.height
        luma = planes[self._rows, :]
        luma[:] = np.rint(luma * self._stays + self._put)
        flat = planes.reshape(-1)
        quarter = width // 2 * (height // 2)
        for number in range(2):
            begin = width * height + number * quarter
            colour = flat[begin : begin + quarter].reshape(height // 2, width // 2)[self._half]
            colour[:] = np.rint((colour.astype(np.float32) - 128.0) * self._colours_stay + 128.0)
        made = VideoFrame.from_ndarray(planes, format="yuv420p")
        made.colorspace, made.color_range = frame.colorspace, frame.color_range
        return made


def _halved(values: NDArray[np.float32]) -> NDArray[np.float32]:
    rows, columns = values.shape
    return values.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3))
