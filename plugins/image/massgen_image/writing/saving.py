"""One picture or an animation into one file, with settings that give the same bytes for the same pixels."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from massgen_image.opening.colours import in_use
from massgen_image.opening.kept import Kept
from massgen_image.opening.kinds import Kind
from massgen_image.problems import refuse
from massgen_image.writing.provenance import words

STANDARD_QUALITY = {"jpeg": 88, "webp": 85, "avif": 70}
_SHORTEST_FRAME, _LONGEST_FRAME = 20, 60_000
"""Milliseconds; players show anything shorter as 100, and PNG has 16 bits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """How to write: the format, its quality (1–100; 100 is lossless in WebP), what lies under clear pixels."""

    kind: Kind
    quality: int | None = None
    background: tuple[int, int, int] = (255, 255, 255)


def save(
    frames: Iterable[tuple[Image.Image, int]], path: Path, saving: Saving, kept: Kept, *, loops: int = 0
) -> dict[str, Any]:
    """Write the frames (picture and milliseconds) and return what was written; one frame is a still picture.

    Raises:
        ToolFailed: The format cannot hold the size.
    """
    ready = ((prepared(image, saving), time) for image, time in frames)
    first, time = next(ready)
    _judge(first, saving.kind)
    settings = _settings(first, saving) | words(kept, saving.kind)
    rest = [(_on_canvas(image, first), time) for image, time in ready] if saving.kind.animated else []
    if rest:
        settings |= _animation([time, *(time for _, time in rest)], saving.kind, loops)
        settings["append_images"] = [image for image, _ in rest]
    try:
        first.save(path, saving.kind.name.upper(), **settings)
    except (OSError, ValueError, RuntimeError, OverflowError, struct.error) as error:
        raise refuse(f"it cannot be written as {saving.kind.name}: {error}") from None
    return {
        "file": path.name,
        "mime_type": saving.kind.mime_type,
        "format": saving.kind.name,
        "width": first.width,
        "height": first.height,
        "frames": 1 + len(rest),
        "alpha": first.mode in ("RGBA", "LA", "PA"),
    }


def prepared(image: Image.Image, saving: Saving) -> Image.Image:
    """The picture as the format can hold it: without alpha, on the background, where it has none."""
    image = in_use(image)
    if saving.kind.name == "ico":
        return image.convert("RGBA")
    if image.mode == "RGBA" and not saving.kind.alpha:
        return flattened(image, saving.background)
    return image.convert("RGB") if image.mode == "L" and saving.kind.name == "webp" else image


def flattened(image: Image.Image, background: tuple[int, int, int]) -> Image.Image:
    """The picture laid on a colour."""
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, background)
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _on_canvas(image: Image.Image, first: Image.Image) -> Image.Image:
    """A frame as large as the first one."""
    if image.size == first.size:
        return image
    canvas = Image.new(image.mode, first.size)
    canvas.paste(image, (0, 0))
    return canvas


def _judge(image: Image.Image, kind: Kind) -> None:
    if max(image.size) > kind.longest_side:
        raise refuse(
            f"{kind.name} holds {kind.longest_side:,} pixels a side at most and this is "
            f"{image.width}x{image.height}: make it smaller with image_resize, or choose png"
        )


def _settings(image: Image.Image, saving: Saving) -> dict[str, Any]:
    name = saving.kind.name
    quality = saving.quality or STANDARD_QUALITY.get(name, 100)
    if name == "png":
        return {"compress_level": 6}
    if name == "jpeg":
        return {"quality": min(quality, 98), "subsampling": 0 if quality >= 90 else 2, "progressive": True}
    if name == "webp":
        return {"quality": quality, "method": 4, "lossless": quality == 100, "exact": False}
    if name == "avif":
        return {"quality": quality, "speed": 7, "max_threads": 1, "subsampling": "4:2:0" if quality < 90 else "4:4:4"}
    if name == "tiff":
        return {"compression": "tiff_deflate"}
    return {"sizes": [image.size]} if name == "ico" else {}


def _animation(times: Sequence[int], kind: Kind, loops: int) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "save_all": True,
        "duration": [min(max(time, _SHORTEST_FRAME), _LONGEST_FRAME) if time else 100 for time in times],
        "loop": loops,
    }
    if kind.name == "gif":
        settings |= {"disposal": 2, "optimize": False}
    return settings
