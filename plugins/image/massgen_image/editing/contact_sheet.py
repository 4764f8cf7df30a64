"""Many pictures on one sheet, with their names."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image, ImageOps

from massgen_image.colour import hexadecimal, mixed, readable_on, rgb, rgba
from massgen_image.drawing.render import rendered
from massgen_image.drawing.writing import document, line, middle_line
from massgen_image.lettering.measure import shortened
from massgen_image.problems import refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """How a sheet is laid out: columns (0 chooses), the square that each picture fits into, and the gap, in pixels."""

    columns: int = 0
    cell: int = 256
    gap: int = 16
    title: str = ""
    background: str = "#ffffff"
    labels: bool = True


def contact_sheet(
    pictures: Iterable[tuple[Image.Image, str]], count: int, sheet: Sheet
) -> tuple[Image.Image, list[str]]:
    """The pictures with their labels, row by row; each one is let go of once it is laid down. Returns warnings.

    Raises:
        ToolFailed: There is none.
    """
    if count < 1:
        raise refuse("there is no picture for the sheet: give at least one")
    columns = min(count, sheet.columns or math.ceil(math.sqrt(count * 1.3)))
    ground = rgba(sheet.background)
    place = _Places(sheet, columns, count)
    canvas = Image.new("RGBA", place.size, ground)
    ink = readable_on(ground)
    words: list[str] = []
    if sheet.title:
        room = place.size[0] - 2 * sheet.gap
        title = shortened(sheet.title, place.title, room, "bold")
        words.append(middle_line(title, sheet.gap, (place.top + sheet.gap / 2) / 2, place.title, ink, weight="bold"))
    soft = mixed(ink, hexadecimal(ground), 0.3)
    for number, (image, label) in enumerate(pictures):
        words.append(_laid(canvas, image, label, place, number, soft))
    overlay, warnings = rendered(document(*place.size, words), place.size)
    canvas.alpha_composite(overlay)
    return canvas, warnings


class _Places:
    """Where things are on the sheet."""

    def __init__(self, sheet: Sheet, columns: int, count: int) -> None:
        self.sheet: Sheet = sheet
        self.columns: int = columns
        ground = rgba(sheet.background)
        self.tile: tuple[int, ...] = (*rgb(mixed(hexadecimal(ground), readable_on(ground), 0.045)), ground[3])
        self.letters: float = max(11.0, sheet.cell / 17)
        self.title: float = max(18.0, sheet.cell / 9)
        self.label: int = round(self.letters * 2) if sheet.labels else 0
        self.top: int = round(self.title * 2) if sheet.title else 0
        rows = math.ceil(count / columns)
        wide = columns * (sheet.cell + sheet.gap) + sheet.gap
        self.size: tuple[int, int] = (wide, self.top + rows * (sheet.cell + self.label + sheet.gap) + sheet.gap)

    def corner(self, number: int) -> tuple[int, int]:
        row, column = divmod(number, self.columns)
        step = self.sheet.cell + self.sheet.gap
        return self.sheet.gap + column * step, self.top + self.sheet.gap + row * (step + self.label)


def _laid(canvas: Image.Image, image: Image.Image, label: str, place: _Places, number: int, ink: str) -> str:
    cell = place.sheet.cell
    left, top = place.corner(number)
    small = ImageOps.contain(image, (cell, cell), Image.Resampling.LANCZOS) if max(image.size) > cell else image
    spot = (left + (cell - small.width) // 2, top + (cell - small.height) // 2)
    canvas.paste(place.tile, (left, top, left + cell, top + cell))
    canvas.alpha_composite(small.convert("RGBA"), spot)
    if not place.label or not label:
        return ""
    text = shortened(label, place.letters, cell)
    return line(text, left + cell / 2, top + cell + place.label * 0.72, place.letters, ink, align="middle")
