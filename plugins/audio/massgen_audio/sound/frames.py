"""Between FFmpeg's frames, in whichever of its sample formats, and blocks of samples."""

from fractions import Fraction
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.plane import AudioPlane

from massgen_audio.sound.stream import Samples

_SCALE = {"u8": 128.0, "s16": 32768.0, "s32": 2147483648.0, "flt": 1.0, "dbl": 1.0}

_TYPES = {"u8": "u1", "s16": "<i2", "s32": "<i4", "flt": "<f4", "dbl": "<f8"}

MOST_PLANES = 8
"""Channels that may lie apart in a frame: beyond, PyAV reads on behind them."""

_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}


def layout_of(channels: int) -> str:
    """FFmpeg's name for so many channels: loudspeakers where they are usual, numbers elsewhere."""
    return _LAYOUTS.get(channels, f"{channels}C")


def block_of(frame: AudioFrame) -> Samples:
    """The samples of a frame, scaled to -1 … 1.

    Raises:
        KeyError: a sample format that no audio codec gives.
    """
    kind, channels = frame.format.name.removesuffix("p"), frame.layout.nb_channels
    planar = frame.format.is_planar
    # not `to_ndarray` nor `planes`: of eight channels PyAV finds nine planes, the last of which leads nowhere
    count = frame.samples if planar else frame.samples * channels
    plane_of: Any = AudioPlane
    planes: list[Any] = [plane_of(frame, number) for number in range(channels if planar else 1)]
    values = [np.frombuffer(plane, _TYPES[kind], count) for plane in planes]
    rows: Any = np.stack(values, axis=1) if planar else values[0].reshape(-1, channels)
    if kind == "u8":
        rows = rows.astype(np.float32) - np.float32(128)
    if kind == "s32":
        rows = rows.astype(np.float64)
    scaled: Any = rows.astype(np.float32) if _SCALE[kind] == 1 else rows * (1 / _SCALE[kind])
    return np.ascontiguousarray(scaled, dtype=np.float32)


def frame_of(block: Samples, rate: int, form: str, at: int) -> AudioFrame:
    """A frame with these samples in FFmpeg's sample format `form`, `at` so many moments after the start."""
    values = _integers(block, form.removesuffix("p"))
    laid = np.ascontiguousarray(values.T) if form.endswith("p") else values.reshape(1, -1)
    frame = AudioFrame.from_ndarray(laid, format=form, layout=layout_of(block.shape[1]))
    frame.sample_rate = rate
    frame.pts = at
    frame.time_base = Fraction(1, rate)
    return frame


def _integers(block: Samples, kind: str) -> Any:
    """Samples as the numbers that a codec takes; 24 bits lie in the upper part of 32."""
    if kind == "s16":
        return np.clip(np.rint(block * 32768.0), -32768, 32767).astype(np.int16)
    if kind == "s32":
        exact = np.clip(np.rint(block.astype(np.float64) * 2**23), -(2**23), 2**23 - 1)
        return exact.astype(np.int32) << 8
    return np.ascontiguousarray(block, dtype=np.float32)
