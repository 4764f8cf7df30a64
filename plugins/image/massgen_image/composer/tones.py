"""Colours as the drawings use them: every colour comes with its shade, its deep shade and its highlight.

Lightness and hue are changed in OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020), where
equal steps look equal, so that the shade of a yellow is as much darker as the shade of a blue.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

Lab = tuple[float, float, float]
INK = "#2b2a3f"  # eyes, mouths, tyres: nothing is pure black
PAPER = "#fdfaf3"  # and nothing is pure white


def _linear(part: int) -> float:
    value = part / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _encoded(value: float) -> int:
    value = min(1.0, max(0.0, value))
    curved = value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
    return round(curved * 255)


@lru_cache(4096)
def lab(colour: str) -> Lab:
    """OKLab of a colour written ``#rrggbb``."""
    r, g, b = (_linear(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    middle = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def hexed(colour: Lab) -> str:
    """``#rrggbb`` of an OKLab colour; what sRGB cannot show is clipped."""
    light, a, b = colour
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    r = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    g = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    b = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    return f"#{_encoded(r):02x}{_encoded(g):02x}{_encoded(b):02x}"


@lru_cache(8192)
def mix(one: str, other: str, share: float) -> str:
    """A colour between two; ``share`` 0 is the first one, 1 the other."""
    mixed = [a + (b - a) * share for a, b in zip(lab(one), lab(other), strict=True)]
    return hexed((mixed[0], mixed[1], mixed[2]))


@lru_cache(8192)
def moved(colour: str, light: float, chroma: float = 1.0) -> str:
    """The colour with ``light`` added to its lightness (0–1) and its chroma multiplied."""
    lightness, a, b = lab(colour)
    return hexed((min(1.0, max(0.0, lightness + light)), a * chroma, b * chroma))


@dataclass(frozen=True, slots=True)
class Tone:
    """One colour in the light: ``base``; ``shade`` away from it, ``deep`` in folds, ``light`` where it is brightest."""

    base: str

    @property
    def shade(self) -> str:
        """A little darker and towards violet: shadows are cooler than what throws them."""
        return mix(moved(self.base, -0.075, 1.03), "#4a3a86", 0.07)

    @property
    def deep(self) -> str:
        """Darker again: insides, folds, far legs."""
        return mix(moved(self.base, -0.15, 1.0), "#3a2f6e", 0.12)

    @property
    def light(self) -> str:
        """Lighter and towards yellow: where the light falls straight."""
        return mix(moved(self.base, 0.06), "#fff3cf", 0.22)


def tone(colour: str | Tone) -> Tone:
    """The tones of a colour."""
    return colour if isinstance(colour, Tone) else Tone(colour)


def hue_distance(one: str, other: str) -> float:
    """How different two colours look, by OKLab distance: under 0.1 they are the same colour to a reader."""
    return math.dist(lab(one), lab(other))
