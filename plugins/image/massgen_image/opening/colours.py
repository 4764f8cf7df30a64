"""Every way to hold colours, brought to one: eight bits of sRGB, with alpha where there is some."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from PIL import Image, ImageCms

_SRGB = cast("Callable[[], ImageCms.ImageCmsProfile]", partial(cast(Any, ImageCms).createProfile, "sRGB"))
_LARGEST_PROFILE = 4 * 1024 * 1024


def plain(image: Image.Image, notes: list[str]) -> Image.Image:
    """The picture as ``L``, ``RGB`` or ``RGBA`` in sRGB; what is lost on the way is added to the notes."""
    profile = cast(Any, image.info).get("icc_profile")
    image = _eight_bits(image, notes)
    if profile:
        managed = _by_profile(image, profile, notes)
        if managed is not None:
            return managed
    if image.mode == "CMYK":
        notes.append("CMYK without a usable profile: the colours are approximate")
    return image if image.mode in ("L", "RGB", "RGBA") else image.convert(_target(image))


def has_alpha(image: Image.Image) -> bool:
    """Whether some of it can be seen through, by its mode or by a colour that is declared clear."""
    return image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info


def in_use(image: Image.Image) -> Image.Image:
    """The picture without an alpha channel that is opaque everywhere."""
    if image.mode == "RGBA" and cast("tuple[int, int]", image.getchannel("A").getextrema())[0] == 255:
        return image.convert("RGB")
    return image


def _target(image: Image.Image) -> str:
    if has_alpha(image):
        return "RGBA"
    return "L" if image.mode in ("1", "L") else "RGB"


def _eight_bits(image: Image.Image, notes: list[str]) -> Image.Image:
    """Sixteen bits keep their upper eight; wider numbers are spread from the least to the greatest."""
    if image.mode.startswith("I;16"):
        notes.append("16 bits a channel were brought to 8")
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("I", "F"):
        low, high = cast("tuple[float, float]", image.getextrema())
        if image.mode == "I" and low >= 0 and high <= 65535:
            notes.append("16 bits a channel were brought to 8")
            return image.point(lambda value: value * (1 / 256)).convert("L")
        notes.append(f"values from {low:g} to {high:g} were spread from black to white")
        scale = 255 / (high - low) if high > low else 0.0
        return image.convert("F").point(lambda value: value * scale - low * scale).convert("L")
    return image


def _by_profile(image: Image.Image, profile: bytes, notes: list[str]) -> Image.Image | None:
    """The picture in sRGB by its own ICC profile; `None` where there is nothing to do or it is not usable."""
    if len(profile) > _LARGEST_PROFILE:
        notes.append("its colour profile is too large and was left out")
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return None
        return _managed(image, source)
    except (ImageCms.PyCMSError, OSError, ValueError):
        notes.append("its colour profile is broken and was left out")
        return None


def _managed(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image | None:
    alpha = None
    if image.mode in ("P", "PA", "LA", "RGBa", "La", "1", "YCbCr", "HSV"):
        image = image.convert(_target(image))
    if image.mode == "RGBA":
        alpha = image.getchannel("A")
        image = image.convert("RGB")
    if image.mode not in ("L", "RGB", "CMYK", "LAB"):
        return None
    done = ImageCms.profileToProfile(image, source, _SRGB(), outputMode="RGB")
    if done is not None and alpha is not None:
        done.putalpha(alpha)
    return done
