"""Palettes that a whole picture can be turned into, after it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from massgen_image.composer.tones import hexed, lab, mix

Palette = Literal["natural", "warm", "cool", "pastel", "mono"]


def _warm(colour: str) -> str:
    light, a, b = lab(colour)
    return mix(hexed((light, a * 0.86 + 0.012, b * 0.86 + 0.034)), "#e8a05c", 0.08)


def _cool(colour: str) -> str:
    light, a, b = lab(colour)
    return mix(hexed((light, a * 0.8 - 0.008, b * 0.8 - 0.03)), "#4f86c8", 0.08)


def _pastel(colour: str) -> str:
    light, a, b = lab(colour)
    return hexed((0.46 + light * 0.54, a * 0.62, b * 0.62))


def _mono(colour: str) -> str:
    light, _, _ = lab(colour)
    depth = 0.075 * (1 - abs(2 * light - 1.1))
    return hexed((light, -0.25 * depth, -depth))


PALETTES: Mapping[Palette, Callable[[str], str]] = {
    "natural": lambda colour: colour,
    "warm": _warm,
    "cool": _cool,
    "pastel": _pastel,
    "mono": _mono,
}
