"""A part of a picture: by numbers, by a shape, or without its borders."""

from __future__ import annotations

import re

from PIL import Image, ImageChops

from massgen_image.editing.resize import Gravity, anchor
from massgen_image.problems import refuse

_RATIO = re.compile(r"\s*(\d+(?:\.\d+)?)\s*[:/x]\s*(\d+(?:\.\d+)?)\s*")


def cropped(image: Image.Image, left: int, top: int, width: int, height: int) -> Image.Image:
    """The part that begins at ``left``, ``top``.

    Raises:
        ToolFailed: It has no area or reaches out of the picture.
    """
    if width < 1 or height < 1 or left < 0 or top < 0 or left + width > image.width or top + height > image.height:
        raise refuse(
            f"the part {width}x{height} at {left},{top} is not inside the picture, "
            f"which is {image.width}x{image.height}"
        )
    return image.crop((left, top, left + width, top + height))


def ratio(text: str) -> float:
    """The width per height of ``16:9``.

    Raises:
        ToolFailed: It is no such thing.
    """
    found = _RATIO.fullmatch(text)
    if not found or float(found[1]) == 0 or float(found[2]) == 0:
        raise refuse(f"{text[:20]!r} is no aspect ratio: write two numbers like 16:9")
    return float(found[1]) / float(found[2])


def shaped(image: Image.Image, aspect: float, gravity: Gravity = "center") -> Image.Image:
    """The largest part with that shape."""
    wide = min(image.width, max(1, round(image.height * aspect)))
    high = min(image.height, max(1, round(image.width / aspect)))
    across, down = anchor(gravity)
    left, top = round((image.width - wide) * across), round((image.height - high) * down)
    return image.crop((left, top, left + wide, top + high))


def trimmed(image: Image.Image, tolerance: int = 12, margin: int = 0) -> Image.Image:
    """The picture without a border of one colour (that of its upper left corner) or of clear pixels.

    ``tolerance`` is how far a channel may be from that colour (0–255), ``margin`` the pixels of border to leave.

    Raises:
        ToolFailed: Nothing but border is there.
    """
    box = _inner(image, tolerance)
    if box is None:
        raise refuse("the picture is of one colour: there is nothing to trim to")
    left, top, right, bottom = box
    return image.crop(
        (
            max(0, left - margin),
            max(0, top - margin),
            min(image.width, right + margin),
            min(image.height, bottom + margin),
        )
    )


def _inner(image: Image.Image, tolerance: int) -> tuple[int, int, int, int] | None:
    if image.mode == "RGBA" and image.getpixel((0, 0))[3] == 0:  # pyright: ignore[reportIndexIssue, reportOptionalSubscript]
        return image.getchannel("A").point(_above(tolerance)).getbbox()
    seen = image.convert("RGB")
    ground = Image.new("RGB", image.size, seen.getpixel((0, 0)))
    apart = ImageChops.difference(seen, ground)
    strongest = ImageChops.lighter(ImageChops.lighter(*apart.split()[:2]), apart.getchannel(2))
    return strongest.point(_above(tolerance)).getbbox()


def _above(tolerance: int) -> list[int]:
    """A table for `Image.point`: white above a value, black up to it."""
    return [255 * (value > tolerance) for value in range(256)]
