"""Pictures laid over each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageChops

from massgen_image.editing.resize import Fit, resized, wanted_size
from massgen_image.problems import refuse

Blend = Literal["normal", "multiply", "screen", "overlay", "darken", "lighten", "difference"]
"""How a layer's colours meet those below (W3C Compositing and Blending 1)."""

_BLENDS: dict[str, Callable[[Image.Image, Image.Image], Image.Image]] = {
    "multiply": ImageChops.multiply,
    "screen": ImageChops.screen,
    "overlay": ImageChops.overlay,
    "darken": ImageChops.darker,
    "lighten": ImageChops.lighter,
    "difference": ImageChops.difference,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A picture and where it goes: its upper left corner in pixels, or -x, -y from the right and the lower edge.

    ``x`` and ``y`` may be left out: then it stands in the middle. ``opacity`` is 0 to 1, ``rotate`` degrees clockwise.
    """

    image: Image.Image
    x: int | None = None
    y: int | None = None
    width: int | None = None
    height: int | None = None
    fit: Fit = "inside"
    opacity: float = 1.0
    blend: Blend = "normal"
    rotate: float = 0.0


def composed(ground: Image.Image, layers: list[Layer]) -> Image.Image:
    """The layers on the ground, the first lowest; what stands over is cut.

    Raises:
        ToolFailed: A layer lies wholly outside.
    """
    canvas = ground.convert("RGBA")
    for number, layer in enumerate(layers, 1):
        piece = _made_ready(layer)
        spot = _spot(layer, piece.size, canvas.size)
        if (
            spot[0] >= canvas.width
            or spot[1] >= canvas.height
            or spot[0] + piece.width <= 0
            or spot[1] + piece.height <= 0
        ):
            raise refuse(
                f"layer {number} ({piece.width}x{piece.height} at {spot[0]},{spot[1]}) lies outside of the picture, "
                f"which is {canvas.width}x{canvas.height}"
            )
        canvas = _laid(canvas, piece, spot, layer.blend)
    return canvas


def _made_ready(layer: Layer) -> Image.Image:
    image = layer.image.convert("RGBA")
    if layer.width or layer.height:
        size = wanted_size(image.size, layer.width, layer.height, layer.fit)
        image = resized(image, size, layer.fit).convert("RGBA")
    if layer.rotate:
        image = image.rotate(-layer.rotate, Image.Resampling.BICUBIC, expand=True)
    if layer.opacity < 1:
        image.putalpha(image.getchannel("A").point(lambda value: value * layer.opacity))
    return image


def _spot(layer: Layer, size: tuple[int, int], canvas: tuple[int, int]) -> tuple[int, int]:
    return _along(layer.x, size[0], canvas[0]), _along(layer.y, size[1], canvas[1])


def _along(wanted: int | None, length: int, room: int) -> int:
    if wanted is None:
        return (room - length) // 2
    return wanted if wanted >= 0 else room - length + wanted


def _laid(canvas: Image.Image, piece: Image.Image, spot: tuple[int, int], blend: Blend) -> Image.Image:
    placed = Image.new("RGBA", canvas.size)
    placed.paste(piece, spot)
    if blend != "normal":
        placed = _blended(canvas, placed, blend)
    return Image.alpha_composite(canvas, placed)


def _blended(canvas: Image.Image, placed: Image.Image, blend: Blend) -> Image.Image:
    """The layer's colours after blending, where there is something below to blend with (section 5.8.1)."""
    below = canvas.convert("RGB")
    alone = placed.convert("RGB")
    mixed = _BLENDS[blend](below, alone)
    seen = Image.composite(mixed, alone, canvas.getchannel("A"))
    seen.putalpha(placed.getchannel("A"))
    return seen
