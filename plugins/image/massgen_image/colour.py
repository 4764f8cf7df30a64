"""Colours by name or number, as people and models write them."""

from __future__ import annotations

from PIL import ImageColor

from massgen_image.problems import refuse


def rgba(text: str) -> tuple[int, int, int, int]:
    """A CSS colour (``teal``, ``#0b7``, ``#00bb7780``, ``rgb(0, 187, 119)``, ``transparent``) as four bytes.

    Raises:
        ToolFailed: It is none.
    """
    if text.strip().lower() in ("transparent", "none"):
        return 0, 0, 0, 0
    try:
        found = ImageColor.getrgb(text.strip())
    except ValueError:
        raise refuse(f"{text[:40]!r} is no colour: write #rrggbb, #rrggbbaa or a CSS name such as teal") from None
    return (*found, 255) if len(found) == 3 else found


def rgb(text: str) -> tuple[int, int, int]:
    """An opaque colour as three bytes."""
    return rgba(text)[:3]


def hexadecimal(colour: tuple[int, ...]) -> str:
    """A colour as ``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*colour[:3])


def luminance(colour: tuple[int, ...]) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _shares(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable_on(ground: tuple[int, ...], dark: str = "#1b2430", light: str = "#ffffff") -> str:
    """The light ink where it reads well enough for large letters, else the dark one."""
    return light if contrast(rgb(light), ground) >= 3.4 else dark


def mixed(one: str, other: str, share: float) -> str:
    """A colour between two: 0 is the one, 1 the other."""
    pairs = zip(rgb(one), rgb(other), strict=True)
    return hexadecimal(tuple(round(a + (b - a) * share) for a, b in pairs))


def _shares(colour: tuple[int, ...]) -> list[float]:
    return [part / 255 for part in colour[:3]]
