"""Pictures at other sizes."""

from __future__ import annotations

from typing import Literal

from PIL import Image, ImageOps

from massgen_image.problems import refuse

Fit = Literal["inside", "fill", "pad", "exact"]
"""``inside``: as large as fits; ``fill``: covers, the rest is cut; ``pad``: fits, on a ground; ``exact``: bent."""

Gravity = Literal["center", "top", "bottom", "left", "right", "top_left", "top_right", "bottom_left", "bottom_right"]
"""Which part of a picture stays."""

_SMOOTH_FROM = 2.0
"""A reduction in whole steps before Lanczos, to twice the size; no difference is seen (Pillow's ``reducing_gap``)."""


def anchor(gravity: Gravity) -> tuple[float, float]:
    """Where a gravity pulls to: shares of the width and of the height, 0 to 1."""
    across = 0.0 if "left" in gravity else 1.0 if "right" in gravity else 0.5
    down = 0.0 if "top" in gravity else 1.0 if "bottom" in gravity else 0.5
    return across, down


def wanted_size(
    size: tuple[int, int], width: int | None, height: int | None, fit: Fit, *, enlarge: bool = True
) -> tuple[int, int]:
    """The size that comes out; a side that is left out follows from the other.

    Raises:
        ToolFailed: Neither side is given.
    """
    if width is None and height is None:
        raise refuse("give a width, a height or both")
    if width is not None and height is not None and fit != "inside":
        return width, height
    across = width / size[0] if width is not None else float("inf")
    down = height / size[1] if height is not None else float("inf")
    scale = min(across, down) if enlarge else min(across, down, 1.0)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def resized(
    image: Image.Image,
    size: tuple[int, int],
    fit: Fit = "inside",
    *,
    gravity: Gravity = "center",
    background: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> Image.Image:
    """The picture at that size, by Lanczos; colours under clear pixels do not bleed into their neighbours."""
    if image.size == size:
        return image
    if fit == "fill":
        return scaled(_covering(image, size, gravity), size)
    if fit == "pad":
        return _padded(image, size, gravity, background)
    return scaled(image, size)


def scaled(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The whole picture bent to a size."""
    if image.size == size:
        return image
    much = image.width > size[0] * 4 and image.height > size[1] * 4
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=_SMOOTH_FROM if much else None)


def _covering(image: Image.Image, size: tuple[int, int], gravity: Gravity) -> Image.Image:
    """The largest part of a picture with the shape of a size."""
    scale = max(size[0] / image.width, size[1] / image.height)
    wide, high = min(image.width, size[0] / scale), min(image.height, size[1] / scale)
    across, down = anchor(gravity)
    left, top = round((image.width - wide) * across), round((image.height - high) * down)
    return image.crop((left, top, left + max(1, round(wide)), top + max(1, round(high))))


def _padded(
    image: Image.Image, size: tuple[int, int], gravity: Gravity, background: tuple[int, int, int, int]
) -> Image.Image:
    inner = ImageOps.contain(image, size, Image.Resampling.LANCZOS)
    across, down = anchor(gravity)
    ground = Image.new("RGBA", size, background)
    spot = (round((size[0] - inner.width) * across), round((size[1] - inner.height) * down))
    ground.alpha_composite(inner.convert("RGBA"), spot)
    return ground
