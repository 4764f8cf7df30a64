"""From one scene to the next."""

from __future__ import annotations

from typing import Literal

from PIL import Image

Transition = Literal["cut", "crossfade", "slide", "fade"]
TRANSITIONS: tuple[Transition, ...] = ("cut", "crossfade", "slide", "fade")


def between(one: Image.Image, other: Image.Image, share: float, kind: Transition) -> Image.Image:
    """What is seen when a share (0 to 1) of the way from one picture to the other is over."""
    if kind == "crossfade":
        return Image.blend(one, other, share)
    if kind == "slide":
        return _slid(one, other, share * share * (3 - 2 * share))
    if kind == "fade":
        return _dark(one, 1 - 2 * share) if share < 0.5 else _dark(other, 2 * share - 1)
    return one if share < 0.5 else other


def _slid(one: Image.Image, other: Image.Image, share: float) -> Image.Image:
    width, height = one.size
    edge = round(width * share)
    whole = Image.new("RGB", (width, height))
    whole.paste(one, (-edge, 0))
    whole.paste(other, (width - edge, 0))
    return whole


def _dark(image: Image.Image, light: float) -> Image.Image:
    return Image.blend(Image.new("RGB", image.size), image, light)
