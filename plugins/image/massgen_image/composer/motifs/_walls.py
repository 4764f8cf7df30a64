"""Walls that buildings share: windows, doors, rows of panes."""

from __future__ import annotations

from massgen_image.composer.motif import Look
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone

GLASS = "#a9d6ea"
LIT = "#ffe08a"
ROOFS = ("#d9604f", "#5f7fa8", "#8a6f9c", "#c98546")
WALLS = ("#f3e3c8", "#f6efe6", "#e8c9a8")


def window(pen: Pen, look: Look, x: float, y: float, w: float, h: float, frame: str = "#fbf8f2") -> None:
    """A window, lit at night."""
    pen.box(x - 1.4, y - 1.4, w + 2.8, h + 2.8, frame, 1.4)
    pen.box(x, y, w, h, LIT if look.night else GLASS, 0.8)
    pen.path(f"M{x} {y + h}L{x + w * 0.7:.2f} {y}H{x}Z", "#fff0bd" if look.night else "#c6e6f2")
    pen.line(f"{x + w / 2},{y} {x + w / 2},{y + h}", 1.2, frame)
    pen.line(f"{x},{y + h / 2} {x + w},{y + h / 2}", 1.2, frame)


def door(pen: Pen, x: float, foot: float, w: float, h: float, wood: Tone) -> None:
    """A door with a round top."""
    pen.path(f"M{x} {foot}V{foot - h + w / 2}C{x} {foot - h} {x + w} {foot - h} {x + w} {foot - h + w / 2}V{foot}Z", wood, (x, foot - h), 0.1)  # fmt: skip
    pen.circle(x + w * 0.76, foot - h * 0.42, 1.3, "#f2c14e")


def panes(pen: Pen, look: Look, x: float, y: float, cols: int, rows: int, w: float, h: float, gap: float) -> None:
    """Rows of plain windows; at night some are lit."""
    dice = look.dice
    for row in range(rows):
        for col in range(cols):
            bright = dice.random()
            fill = (LIT if bright < 0.55 else "#5f6f96") if look.night else (GLASS if bright < 0.8 else "#d3ecf5")
            pen.box(x + col * (w + gap), y + row * (h + gap), w, h, fill, 0.8)
