"""What animals share: seated bodies, legs, faces."""

from __future__ import annotations

from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone

PINK = "#f2a5a0"
CREAM = "#fbf1e0"


def seated(pen: Pen, fur: Tone, chest: str) -> None:
    """A body that sits and looks at us, under a head at 40, 34; the box is 80 by 100."""
    pen.ellipse(23, 84, 14, 14, fur)
    pen.ellipse(57, 84, 14, 14, fur)
    pen.blob("40,44 57,58 61,84 53,97 27,97 19,84 23,58", fur)
    pen.ellipse(40, 68, 11, 17, chest)
    for x in (31, 49):
        pen.box(x - 6, 68, 12, 29, fur.base, 6)
        pen.ellipse(x, 95.5, 8, 4.5, fur.base)
    pen.line("40,80 40,95", 1.4, fur.deep)
    pen.line("22,97 25,97", 1.4, fur.deep)


def muzzle(pen: Pen, x: float, y: float, size: float, skin: str, nose: str = INK) -> None:
    """A snout from the front: its light patch, nose and mouth."""
    pen.ellipse(x, y, size, size * 0.74, skin)
    pen.blob(f"{x - size * 0.34},{y - size * 0.5} {x + size * 0.34},{y - size * 0.5} {x},{y - size * 0.05}", nose)
    pen.smile(x - size * 0.24, y + size * 0.12, size * 0.48, 1.4)
    pen.smile(x + size * 0.24, y + size * 0.12, size * 0.48, 1.4)


def eyes(pen: Pen, x: float, y: float, apart: float, r: float = 2.9, colour: str = INK) -> None:
    """Two eyes around ``x``."""
    pen.eye(x - apart / 2, y, r, colour)
    pen.eye(x + apart / 2, y, r, colour)


def cheeks(pen: Pen, x: float, y: float, apart: float, r: float = 3.6, colour: str = PINK) -> None:
    """Two rosy cheeks around ``x``."""
    pen.ellipse(x - apart / 2, y, r, r * 0.66, colour)
    pen.ellipse(x + apart / 2, y, r, r * 0.66, colour)


def legs(pen: Pen, near: str, far: str, fur: Tone, width: float, hoof: str = "") -> None:
    """Four legs from the side; ``near`` and ``far`` are "x,top,bottom" for two legs each."""
    for text, fill in ((far, fur.deep), (near, fur.base)):
        for leg in text.split():
            x, top, foot = (float(part) for part in leg.split(","))
            pen.box(x - width / 2, top, width, foot - top, fill, width * 0.42)
            if hoof:
                pen.box(x - width / 2, foot - width * 0.62, width, width * 0.62, hoof, width * 0.22)
