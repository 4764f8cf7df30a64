"""Still pictures in motion: slow pans and zooms, smooth below the size of a pixel."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal, TypeAlias

from PIL import Image, ImageFilter

from massgen_video.reading.shaping import Size

Motion = Literal["auto", "zoom_in", "zoom_out", "pan_left", "pan_right", "pan_up", "pan_down", "still"]
MOTIONS: tuple[Motion, ...] = ("auto", "zoom_in", "zoom_out", "pan_left", "pan_right", "pan_up", "pan_down", "still")
Box: TypeAlias = tuple[float, float, float, float]

_ROOM = 1.2
"""How much larger than the film a picture is prepared: what a zoom comes near to is as sharp as the film."""
_NEAR = 1.16
"""The film's width in the picture's where a zoom is nearest."""
_ALIKE = 1.4
"""Shapes that differ by more are shown whole, on a blurred one of themselves."""


@dataclass(frozen=True, slots=True)
class View:
    """A part of a picture: its middle in shares of what can be moved (-1 to 1), and how near it is (1 is all)."""

    across: float
    down: float
    near: float


_FAR = View(0.0, 0.0, 1.0)
_MOVES: dict[str, tuple[View, View]] = {
    "zoom_in": (_FAR, View(0.0, -0.2, _NEAR)),
    "zoom_out": (View(0.0, -0.2, _NEAR), _FAR),
    "pan_left": (View(1.0, 0.0, _NEAR), View(-1.0, 0.0, _NEAR)),
    "pan_right": (View(-1.0, 0.0, _NEAR), View(1.0, 0.0, _NEAR)),
    "pan_up": (View(0.0, 1.0, _NEAR), View(0.0, -1.0, _NEAR)),
    "pan_down": (View(0.0, -1.0, _NEAR), View(0.0, 1.0, _NEAR)),
    "still": (_FAR, _FAR),
}


class Moving:
    """A picture that moves while it is seen."""

    def __init__(self, image: Image.Image, size: Size, motion: Motion, seed: int) -> None:
        self._size = (size.width, size.height)
        self._image = prepared(image, size)
        self.motion: Motion = chosen(seed) if motion == "auto" else motion
        self._from, self._to = _MOVES[self.motion]
        self._still = self._at(0.0) if self.motion == "still" else None

    def at(self, share: float) -> Image.Image:
        """What is seen when a share of its time is over, 0 to 1; the same object for a picture that stands still."""
        return self._still if self._still is not None else self._at(share)

    def _at(self, share: float) -> Image.Image:
        return self._image.resize(self._size, Image.Resampling.BILINEAR, box=self._box(_eased(share)))

    def _box(self, share: float) -> Box:
        one, other = self._from, self._to
        near = one.near + (other.near - one.near) * share
        width, height = self._image.width / near, self._image.height / near
        left = (self._image.width - width) / 2 * (1 + one.across + (other.across - one.across) * share)
        top = (self._image.height - height) / 2 * (1 + one.down + (other.down - one.down) * share)
        return left, top, min(left + width, self._image.width), min(top + height, self._image.height)


def chosen(seed: int) -> Motion:
    """A motion for a scene: zooms more often than pans."""
    moves: tuple[Motion, ...] = ("zoom_in", "zoom_out", "zoom_in", "pan_left", "pan_right")
    return moves[random.Random(seed).randrange(len(moves))]


def prepared(image: Image.Image, size: Size) -> Image.Image:
    """A picture in the film's shape, with room to move."""
    width, height = round(size.width * _ROOM), round(size.height * _ROOM)
    image = _flat(image)
    shape, wanted = image.width / image.height, width / height
    if max(shape / wanted, wanted / shape) <= _ALIKE:
        return _covering(image, width, height)
    back = _covering(image, max(2, width // 8), max(2, height // 8)).filter(ImageFilter.GaussianBlur(height / 160))
    whole = back.resize((width, height), Image.Resampling.BICUBIC).point(scaled(0.72) * 3)
    factor = min(width / image.width, height / image.height)
    inner = image.resize(
        (max(1, round(image.width * factor)), max(1, round(image.height * factor))), Image.Resampling.LANCZOS
    )
    whole.paste(inner, ((width - inner.width) // 2, (height - inner.height) // 2))
    return whole


def _covering(image: Image.Image, width: int, height: int) -> Image.Image:
    factor = max(width / image.width, height / image.height)
    across, down = width / factor, height / factor
    left, top = (image.width - across) / 2, (image.height - down) / 2
    return image.resize((width, height), Image.Resampling.LANCZOS, box=(left, top, left + across, top + down))


def _flat(image: Image.Image) -> Image.Image:
    """A picture without holes, on white."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        whole = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(whole, layer).convert("RGB")
    return image.convert("RGB")


def scaled(factor: float) -> list[int]:
    """A table that makes each value of a channel less."""
    return [round(value * factor) for value in range(256)]


def _eased(share: float) -> float:
    """Mostly even, softer at both ends."""
    smooth = share * share * (3 - 2 * share)
    return 0.6 * share + 0.4 * smooth
