"""The colours that a picture is made of, with names and shares."""

from __future__ import annotations

import math
from typing import Any, cast

from PIL import Image

from massgen_image.colour import hexadecimal

_SIDE = 160
_ALIKE = 13.0
"""Distance in CIELAB up to which two colours count as one."""

_NAMES: dict[str, tuple[int, int, int]] = {
    "black": (0, 0, 0),
    "dark grey": (64, 64, 64),
    "grey": (128, 128, 128),
    "light grey": (200, 200, 200),
    "white": (255, 255, 255),
    "dark red": (120, 10, 20),
    "red": (215, 30, 35),
    "salmon": (245, 140, 120),
    "pink": (250, 180, 200),
    "magenta": (210, 30, 140),
    "brown": (110, 65, 30),
    "tan": (205, 170, 125),
    "beige": (240, 228, 205),
    "orange": (240, 130, 30),
    "gold": (215, 165, 40),
    "yellow": (250, 220, 50),
    "cream": (252, 246, 215),
    "olive": (120, 120, 30),
    "lime": (160, 215, 50),
    "green": (40, 145, 60),
    "bright green": (20, 220, 40),
    "dark green": (15, 70, 40),
    "light green": (165, 220, 160),
    "teal": (15, 128, 125),
    "turquoise": (70, 205, 200),
    "light blue": (165, 210, 240),
    "sky blue": (90, 170, 225),
    "blue": (35, 90, 200),
    "bright blue": (15, 45, 235),
    "navy": (20, 30, 80),
    "purple": (110, 50, 150),
    "lavender": (195, 180, 230),
    "violet": (150, 90, 215),
}


def palette(image: Image.Image, most: int = 6) -> list[dict[str, Any]]:
    """The main colours, the largest share first: ``colour`` (#rrggbb), ``name``, ``share`` of what can be seen."""
    small = image.convert("RGBA")
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.NEAREST)  # no colours that are not there
    seen = [pixel[:3] for pixel in cast("list[tuple[int, int, int, int]]", _pixels(small)) if pixel[3] > 127]
    if not seen:
        return []
    strip = Image.new("RGB", (len(seen), 1))
    strip.putdata(seen)
    few = strip.quantize(24, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    counted = cast("list[tuple[int, tuple[int, int, int]]]", few.getcolors(256) or [])
    merged = _merged(sorted(counted, reverse=True))
    return [
        {"colour": hexadecimal(colour), "name": name_of(colour), "share": round(count / len(seen), 3)}
        for count, colour in merged[:most]
        if count / len(seen) >= 0.01
    ]


def name_of(colour: tuple[int, int, int]) -> str:
    """The name of the nearest of some thirty colours."""
    return min(_NAMES, key=lambda name: math.dist(_lab(_NAMES[name]), _lab(colour)))


def _pixels(image: Image.Image) -> Any:
    data = image.tobytes()
    return [tuple(data[at : at + 4]) for at in range(0, len(data), 4)]


def _merged(counted: list[tuple[int, tuple[int, int, int]]]) -> list[tuple[int, tuple[int, int, int]]]:
    kept: list[tuple[int, tuple[int, int, int]]] = []
    for count, colour in counted:
        for at, (other_count, other) in enumerate(kept):
            if math.dist(_lab(colour), _lab(other)) < _ALIKE:
                kept[at] = (other_count + count, other)
                break
        else:
            kept.append((count, colour))
    return sorted(kept, key=lambda each: -each[0])


def _lab(colour: tuple[int, int, int]) -> tuple[float, float, float]:
    """CIELAB of an sRGB colour under D65 (CIE 15)."""
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour))
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)
