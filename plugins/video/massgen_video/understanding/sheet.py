"""Pictures of a film as images, and many of them on one sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from massgen_video.lettering import font_for
from massgen_video.opening.source import Source
from massgen_video.problems import refuse
from massgen_video.reading.pictures import pictures_at
from massgen_video.reading.shaping import Shaper, Size, pixels
from massgen_video.understanding.clock import clock

_GAP = 8
_PAPER = (24, 26, 30)
_FORMATS = {"jpg": ("JPEG", "image/jpeg"), "png": ("PNG", "image/png")}


def shown(source: Source, times: Sequence[float], width: int, height: int) -> Iterator[tuple[float, Image.Image]]:
    """The pictures at some moments, upright, in a size."""
    aspect = source.pictures().codec_context.sample_aspect_ratio
    shaper = Shaper(Size(width, height), "stretch", aspect=aspect, kind="rgb24")
    for time, frame in pictures_at(source, times):
        yield time, Image.fromarray(pixels(shaper.of(frame)))


def laid_out(found: Sequence[tuple[float, Image.Image]], columns: int) -> Image.Image:
    """Pictures in rows, each with its time in a corner."""
    columns = max(1, min(columns, len(found)))
    width, height = found[0][1].size
    rows = -(-len(found) // columns)
    sheet = Image.new("RGB", (columns * (width + _GAP) + _GAP, rows * (height + _GAP) + _GAP), _PAPER)
    for number, (time, image) in enumerate(found):
        place = (_GAP + number % columns * (width + _GAP), _GAP + number // columns * (height + _GAP))
        sheet.paste(labelled(image, clock(time)), place)
    return sheet


def labelled(image: Image.Image, text: str) -> Image.Image:
    """A picture with a short text in its corner."""
    size = max(10, image.height // 12)
    font = font_for(text, size, bold=True)
    draw = ImageDraw.Draw(image, "RGBA")
    left, top, right, bottom = draw.textbbox((size // 2, image.height - size // 2), text, font=font, anchor="ls")
    draw.rounded_rectangle((left - 4, top - 4, right + 4, bottom + 4), 4, fill=(0, 0, 0, 170))
    draw.text((size // 2, image.height - size // 2), text, font=font, fill="white", anchor="ls")
    return image


def saved(image: Image.Image, folder: Path, stem: str, kind: str) -> dict[str, Any]:
    """Write a picture, and say what it is."""
    if kind not in _FORMATS:
        raise refuse(f"no picture is written as {kind!r}; there are: {', '.join(_FORMATS)}")
    form, mime_type = _FORMATS[kind]
    image.save(folder / f"{stem}.{kind}", form, **({"quality": 88} if form == "JPEG" else {"optimize": False}))
    return {"file": f"{stem}.{kind}", "mime_type": mime_type, "width": image.width, "height": image.height}
