"""The waveform of a sound: how far it swings, and how strong it is, over time."""

import numpy as np
from PIL import Image, ImageDraw

from massgen_audio.pictures.axes import BOTTOM, FAINT, LEFT, RIGHT, TOP, canvas, font, level_axis, time_axis
from massgen_audio.pictures.columns import extremes
from massgen_audio.sound.stream import Counted, Sound

_SWING, _STRENGTH, _LINE = (122, 162, 227), (38, 92, 190), (190, 196, 206)
_GAP = 10
_NAMES = {2: ("L", "R"), 6: ("L", "R", "C", "LFE", "Ls", "Rs")}
_SHOWN = 8
_SCALES = (0.05, 0.1, 0.25, 0.5, 1.0)


def waveform(sound: Sound, width: int, height: int, title: str) -> tuple[Image.Image, float]:
    """The picture, and the seconds that the sound lasts; goes through all of it.

    Light is from the lowest to the highest sample, dark the root mean square; one strip for each channel.
    """
    listened = Counted(sound)
    columns, step = extremes(listened.sound)
    seconds = listened.frames / sound.rate
    picture, pen = canvas(width, height, title)
    channels = min(sound.channels, _SHOWN)
    scale = _scale(columns)
    room = height - TOP - BOTTOM - _GAP * (channels - 1)
    for channel in range(channels):
        top = TOP + channel * (room // channels + _GAP)
        name = _NAMES.get(sound.channels, ("",) * channels)[channel]
        _strip(
            pen, _scaled(columns[:, channel], scale), width, (top, top + room // channels), name, listened.frames / step
        )
        level_axis(pen, top, top + room // channels, [(0.0, f"-{scale:g}"), (0.5, "0"), (1.0, f"{scale:g}")])
    time_axis(pen, width, height, seconds)
    return picture, seconds


def _scale(columns: np.ndarray) -> float:
    """What the axis goes up to: a round number that the sound stays within."""
    peak = float(np.abs(columns[..., :2]).max(initial=0))
    return next((each for each in _SCALES if peak <= each), 1.0)


def _scaled(columns: np.ndarray, scale: float) -> np.ndarray:
    return columns / np.array([scale, scale, scale**2], np.float32)


def _strip(
    pen: ImageDraw.ImageDraw, columns: np.ndarray, width: int, edges: tuple[int, int], name: str, whole: float
) -> None:
    top, bottom = edges
    middle, half = (top + bottom) / 2, (bottom - top) / 2
    across = width - LEFT - RIGHT
    pen.rectangle((LEFT, top, width - RIGHT, bottom), fill=(250, 251, 253), outline=FAINT)
    for x in range(across):
        part = columns[int(x * whole / across) : max(int((x + 1) * whole / across), int(x * whole / across) + 1)]
        if not len(part):
            continue
        low, high, strength = part[:, 0].min(), part[:, 1].max(), float(np.sqrt(part[:, 2].mean()))
        pen.line((LEFT + x, middle - high * half, LEFT + x, middle - low * half), fill=_SWING)
        pen.line((LEFT + x, middle - strength * half, LEFT + x, middle + strength * half), fill=_STRENGTH)
    pen.line((LEFT, middle, width - RIGHT, middle), fill=_LINE)
    if name:
        pen.text((LEFT + 6, top + 4), name, fill=(90, 96, 108), font=font(12))
