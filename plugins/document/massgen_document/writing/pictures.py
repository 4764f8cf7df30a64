"""Pictures in documents: looked at by their header first, brought to a size and a format that every reader has."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from massgen_core.errors import ToolFailed

if TYPE_CHECKING:
    from typing import BinaryIO

MOST_PIXELS = 100_000_000
"""Larger pictures are refused before they are decoded."""

_LONGEST = 2400
"""Pixels of the longer side: 300 dpi on a page's width."""

_READABLE = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A picture ready for a document: PNG or JPEG bytes, and its size in pixels."""

    data: bytes
    width: int
    height: int


def ready(file: BinaryIO, source: str) -> Drawn:
    """The picture as PNG (JPEG where it is one), upright, its longer side at most 2400 pixels.

    Raises:
        ToolFailed: It is no picture, a broken one, or has more than 100 megapixels.
    """
    file.seek(0)
    try:
        with _quiet(), Image.open(file, formats=_READABLE) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ToolFailed("", f"{source}: {picture.width}x{picture.height} pixels are too many; make it smaller")
            return _encoded(picture, is_photo=picture.format == "JPEG")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as problem:
        raise ToolFailed(
            "", f"{source}: no picture that can be read ({_in_words(problem)}); take PNG, JPEG, GIF, WebP, BMP or TIFF"
        ) from None


def _quiet() -> warnings.catch_warnings[None]:
    """Pillow's warning says what our own bound refuses."""
    return warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning)


def _in_words(problem: Exception) -> str:
    return "unknown format" if isinstance(problem, UnidentifiedImageError) else str(problem)


def _encoded(picture: Image.Image, *, is_photo: bool) -> Drawn:
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((_LONGEST, _LONGEST))
    out = io.BytesIO()
    if is_photo:
        upright.convert("RGB").save(out, "JPEG", quality=88)
    else:
        upright.convert("RGBA" if upright.has_transparency_data else "RGB").save(out, "PNG")
    return Drawn(data=out.getvalue(), width=upright.width, height=upright.height)
