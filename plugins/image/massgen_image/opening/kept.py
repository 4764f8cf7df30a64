"""The words about a picture that go along into what is made of it; where it was taken does not, unless asked."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, cast

from PIL import ExifTags, Image

_MOST = 4_000
_SOURCE_TYPE = re.compile(rb"cv\.iptc\.org/newscodes/digitalsourcetype/([A-Za-z]{1,60})")
_KEPT_TAGS = ("Artist", "Copyright", "Make", "Model", "DateTime")
SHOT = (
    "DateTimeOriginal",
    "OffsetTimeOriginal",
    "ExposureTime",
    "FNumber",
    "ISOSpeedRatings",
    "FocalLength",
    "LensModel",
    "Flash",
)
_BROKEN = (ValueError, TypeError, OSError, SyntaxError, OverflowError, KeyError, IndexError, ZeroDivisionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A description, a source, the IPTC digital source type, and a safe part of EXIF (by tag names).

    ``place`` is the GPS part as it was, by its numbers; it is written only where somebody asks for it.
    """

    description: str = ""
    source: str = ""
    source_type: str = ""
    exif: dict[str, Any] | None = None
    place: dict[int, Any] | None = None

    def without_place(self) -> Kept:
        """The same without where the picture was taken."""
        return replace(self, place=None)


def kept_from(image: Image.Image) -> Kept:
    """What a file says about itself; broken words are left out."""
    info = cast("dict[str, Any]", image.info)
    exif, place = _exif(image)
    described = _text(info.get("Description")) or _text(exif.pop("ImageDescription", "")) or _comment(info)
    return Kept(
        description=described,
        source=_text(info.get("Source")),
        source_type=_source_type(info.get("xmp")),
        exif=exif or None,
        place=place or None,
    )


def _exif(image: Image.Image) -> tuple[dict[str, Any], dict[int, Any]]:
    try:
        exif = image.getexif()
        base = {ExifTags.TAGS.get(tag, ""): value for tag, value in exif.items()}
        shot = {ExifTags.TAGS.get(tag, ""): value for tag, value in exif.get_ifd(ExifTags.IFD.Exif).items()}
        place = dict(exif.get_ifd(ExifTags.IFD.GPSInfo))
    except _BROKEN:
        return {}, {}
    found = {name: base[name] for name in ("ImageDescription", *_KEPT_TAGS) if name in base}
    found |= {name: shot[name] for name in SHOT if name in shot}
    return {name: value for name, value in found.items() if _sound(value)}, place


def _sound(value: Any) -> bool:
    """Whether it is one short text or number."""
    try:
        return len(str(value)) <= _MOST and not isinstance(value, (bytes, tuple, dict))
    except _BROKEN:
        return False


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else ""
    return "".join(letter for letter in text[:_MOST] if letter.isprintable() or letter == "\n").strip()


def _comment(info: dict[str, Any]) -> str:
    comment = info.get("comment", b"")
    return _text(comment.decode("utf-8", "replace") if isinstance(comment, bytes) else comment)


def _source_type(xmp: Any) -> str:
    raw = xmp.encode("utf-8", "replace") if isinstance(xmp, str) else xmp
    found = _SOURCE_TYPE.search(raw[:1_000_000]) if isinstance(raw, bytes) else None
    return found[1].decode() if found else ""
