"""The spectrogram of a sound: which frequencies are in it, over time."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from massgen_audio.failing import failed
from massgen_audio.pictures.axes import BOTTOM, INK, LEFT, RIGHT, TOP, canvas, font, level_axis, round_places, time_axis
from massgen_audio.pictures.columns import spectra
from massgen_audio.sound.resampling import mapped
from massgen_audio.sound.stream import Counted, Sound

SCALES = ("mel", "linear")
_LOWEST = -100.0
"""dBFS that is drawn as the darkest."""

_SIZE = 2048
_BAR = 70
_COLOURS = ((8, 6, 34), (61, 15, 112), (140, 41, 129), (222, 73, 104), (254, 159, 109), (252, 253, 191))
"""From silence to full scale: a path of steadily rising lightness."""


def spectrogram(sound: Sound, width: int, height: int, title: str, scale: str) -> tuple[Image.Image, float]:
    """The picture, and the seconds that the sound lasts; goes through all of it.

    Args:
        scale: "mel" has frequencies as they are heard (O'Shaughnessy 1987), "linear" all alike

    Raises:
        ToolFailed: there is no such scale.
    """
    if scale not in SCALES:
        raise failed(f"no scale {scale!r}; there are {', '.join(SCALES)}")
    counted = Counted(mapped(sound, 1))
    power = spectra(counted.sound, _SIZE)
    seconds = counted.frames / sound.rate
    across, down = width - LEFT - RIGHT - _BAR, height - TOP - BOTTOM
    levels = 10 * np.log10(np.maximum(_placed(power, across, down, sound.rate, scale), 1e-12))
    picture, pen = canvas(width, height, title)
    picture.paste(Image.fromarray(_coloured(levels)), (LEFT, TOP))
    level_axis(pen, TOP, TOP + down, _frequencies(sound.rate, scale, down), unit="Hz")
    time_axis(pen, width - _BAR, height, seconds)
    ramp = np.linspace(0, _LOWEST, down)[:, None].repeat(12, 1)
    left = width - RIGHT - _BAR + 22
    picture.paste(Image.fromarray(_coloured(ramp)), (left, TOP))
    for level in (0, -25, -50, -75, -100):
        y = TOP + round(level / _LOWEST * (down - 1))
        pen.text((left + 16, y), f"{level}", fill=INK, font=font(11), anchor="lm")
    pen.text((left, TOP - 8), "dBFS", fill=INK, font=font(12), anchor="ls")
    return picture, seconds


def _mel(hertz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(2595 * np.log10(1 + np.asarray(hertz) / 700))


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return 700 * (10 ** (mel / 2595) - 1)


def _edges(rate: int, scale: str, rows: int) -> NDArray[np.float64]:
    """The frequencies between rows, from the lowest up."""
    if scale == "mel":
        return _hertz(np.linspace(0, float(_mel(rate / 2)), rows + 1))
    return np.linspace(0, rate / 2, rows + 1)


def _placed(power: NDArray[np.float32], across: int, down: int, rate: int, scale: str) -> NDArray[np.float32]:
    """Power for each pixel: the strongest of the frequencies and the mean of the times that fall into it."""
    edges = _edges(rate, scale, down) / (rate / 2) * (power.shape[1] - 1)
    rows = [power[:, int(low) : max(int(np.ceil(high)), int(low) + 1)].max(axis=1) for low, high in pairwise(edges)]
    tall = np.stack(rows[::-1])
    at = np.arange(across + 1) * (tall.shape[1] / across)
    cells = [tall[:, int(low) : max(int(high), int(low) + 1)].mean(axis=1) for low, high in pairwise(at)]
    return np.stack(cells, axis=1)


def _coloured(levels: NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.uint8]:
    share = np.clip(1 - np.asarray(levels, np.float64) / _LOWEST, 0, 1) * (len(_COLOURS) - 1)
    places = np.arange(len(_COLOURS))
    bands = [np.interp(share, places, [colour[band] for colour in _COLOURS]) for band in range(3)]
    return np.stack(bands, axis=-1).astype(np.uint8)


def _frequencies(rate: int, scale: str, down: int) -> list[tuple[float, str]]:
    top = rate / 2
    if scale == "linear":
        return [(each / top, _named(each)) for each in round_places(0, top, down // 40)]
    shown = [each for each in (0, 250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000) if each <= top]
    return [(float(_mel(each) / _mel(top)), _named(each)) for each in shown]


def _named(hertz: float) -> str:
    return f"{hertz / 1000:g}k" if hertz >= 1000 else f"{hertz:g}"
