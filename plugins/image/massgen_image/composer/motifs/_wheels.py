"""What everything with wheels shares."""

from __future__ import annotations

from massgen_image.composer.pen import Pen

PAINTS = ("#e2605c", "#4f8fd0", "#f2b53f", "#4fa78a")
TYRE = "#3a3848"


def wheel(pen: Pen, x: float, y: float, r: float) -> None:
    """A wheel with its hub."""
    pen.circle(x, y, r, TYRE)
    pen.circle(x, y, r * 0.56, "#d3d6de")
    pen.circle(x, y, r * 0.22, "#8a8d9c")
