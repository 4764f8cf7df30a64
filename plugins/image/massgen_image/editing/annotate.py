"""Marks on a picture: words, boxes, ellipses, arrows, lines, numbers in circles; and regions made unreadable."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageFilter

from massgen_image.colour import hexadecimal, readable_on, rgba
from massgen_image.drawing.render import rendered
from massgen_image.drawing.writing import block_height, document, element, lines, middle_line, number, path
from massgen_image.lettering.measure import CAPITAL, width, wrapped
from massgen_image.problems import refuse

What = Literal["text", "box", "ellipse", "arrow", "line", "number", "highlight", "blur", "pixelate", "redact"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One mark. ``x``, ``y`` are its upper left corner, the start of an arrow, or the middle of a number.

    ``to_x``, ``to_y`` are where an arrow or line ends; ``width`` and ``height`` the size of a box or region, or the
    room that a text is wrapped into. ``size`` is the letters' size or the line's thickness; 0 chooses by the picture.
    """

    what: What
    x: int
    y: int
    text: str = ""
    width: int = 0
    height: int = 0
    to_x: int = 0
    to_y: int = 0
    colour: str = "#e5484d"
    background: str = ""
    size: float = 0.0


def annotated(image: Image.Image, marks: list[Mark]) -> tuple[Image.Image, list[str]]:
    """The picture with the marks; regions are hidden first, whatever the order. Returns warnings about letters.

    Raises:
        ToolFailed: A region lies outside of the picture, or a mark lacks what it needs.
    """
    for mark in marks:
        if mark.what in _HIDING:
            image = _hidden(image, mark)
    drawn = [_DRAWN[mark.what](mark, _scale(image)) for mark in marks if mark.what in _DRAWN]
    if not drawn:
        return image, []
    overlay, warnings = rendered(document(*image.size, drawn), image.size)
    laid = Image.alpha_composite(image.convert("RGBA"), overlay)
    return (laid if image.mode == "RGBA" else laid.convert("RGB")), warnings


def _scale(image: Image.Image) -> float:
    """How much larger than a picture of 1,000 pixels it is, within reason."""
    return max(0.5, min(image.size) / 800)


def _text(mark: Mark, scale: float) -> str:
    if not mark.text:
        raise refuse("a text mark has no text")
    size = mark.size or 24 * scale
    rows = wrapped(mark.text, size, mark.width or 10_000, "medium")
    if not mark.background:
        return lines(rows, mark.x, mark.y, size, _ink(mark.colour), leading=1.25, weight="medium")
    gap = size * 0.5
    wide = max(width(row, size, "medium") for row in rows)
    ground = element(
        "rect",
        x=mark.x,
        y=mark.y,
        width=wide + 2 * gap,
        height=block_height(len(rows), size, 1.25) + 2 * gap,
        rx=size * 0.25,
        **_fill(mark.background),
    )
    return ground + lines(rows, mark.x + gap, mark.y + gap, size, _ink(mark.colour), leading=1.25, weight="medium")


def _box(mark: Mark, scale: float) -> str:
    thick = mark.size or 4 * scale
    _demand_area(mark)
    ground = _fill(mark.background) if mark.background else {"fill": "none"}
    shape = element(
        "rect",
        x=mark.x,
        y=mark.y,
        width=mark.width,
        height=mark.height,
        rx=thick,
        stroke=_ink(mark.colour),
        stroke_width=thick,
        **ground,
    )
    return shape + (_tag(mark, scale) if mark.text else "")


def _tag(mark: Mark, scale: float) -> str:
    """A box's label, on its upper edge or, at the upper end of the picture, inside."""
    size = 18 * scale
    gap = size * 0.4
    high = size * CAPITAL + 2 * gap
    thick = (mark.size or 4 * scale) / 2
    top = mark.y - thick - high if mark.y - thick - high >= 0 else mark.y - thick
    wide = width(mark.text, size, "medium") + 2 * gap
    ground = element("rect", x=mark.x - thick, y=top, width=wide, height=high, rx=thick, **_fill(mark.colour))
    ink = readable_on(rgba(mark.colour))
    return ground + middle_line(mark.text, mark.x - thick + gap, top + high / 2, size, ink, weight="medium")


def _ellipse(mark: Mark, scale: float) -> str:
    _demand_area(mark)
    across, down = mark.width / 2, mark.height / 2
    ground = _fill(mark.background) if mark.background else {"fill": "none"}
    return element(
        "ellipse",
        cx=mark.x + across,
        cy=mark.y + down,
        rx=across,
        ry=down,
        stroke=_ink(mark.colour),
        stroke_width=mark.size or 4 * scale,
        **ground,
    )


def _line(mark: Mark, scale: float) -> str:
    thick = mark.size or 4 * scale
    data = path([(mark.x, mark.y), (mark.to_x, mark.to_y)])
    return element("path", d=data, stroke=_ink(mark.colour), stroke_width=thick, stroke_linecap="round")


def _arrow(mark: Mark, scale: float) -> str:
    thick = mark.size or 5 * scale
    along, across = mark.to_x - mark.x, mark.to_y - mark.y
    length = math.hypot(along, across)
    if length < 1:
        raise refuse("an arrow needs to_x, to_y: the point that it shows to, apart from x, y")
    head = min(thick * 4.2, length)
    unit = along / length, across / length
    foot = mark.to_x - unit[0] * head, mark.to_y - unit[1] * head
    side = -unit[1] * head * 0.46, unit[0] * head * 0.46
    shaft = element(
        "path",
        d=path([(mark.x, mark.y), (foot[0] + unit[0], foot[1] + unit[1])]),
        stroke=_ink(mark.colour),
        stroke_width=thick,
        stroke_linecap="round",
    )
    corners = [(mark.to_x, mark.to_y), (foot[0] + side[0], foot[1] + side[1]), (foot[0] - side[0], foot[1] - side[1])]
    tip = element("path", d=path(corners, closed=True), fill=_ink(mark.colour), stroke=_ink(mark.colour))
    return element("g", shaft, tip, stroke_linejoin="round") + (_beside(mark, unit, scale) if mark.text else "")


def _beside(mark: Mark, unit: tuple[float, float], scale: float) -> str:
    """An arrow's words, behind its start."""
    size = 22 * scale
    align = "end" if unit[0] > 0.3 else "start" if unit[0] < -0.3 else "middle"
    x, y = mark.x - unit[0] * size * 0.6, mark.y - unit[1] * size * 0.9
    return middle_line(mark.text, x, y, size, _ink(mark.colour), align=align, weight="medium")


def _number(mark: Mark, scale: float) -> str:
    size = mark.size or 22 * scale
    round_ = size * 0.85
    ground = element(
        "circle", cx=mark.x, cy=mark.y, r=round_, stroke="#ffffff", stroke_width=size * 0.12, **_fill(mark.colour)
    )
    ink = readable_on(rgba(mark.colour))
    fits = min(size, size * 1.3 / max(1e-6, width(mark.text or "1", 1, "bold")))
    return ground + middle_line(mark.text or "1", mark.x, mark.y, fits, ink, align="middle", weight="bold")


def _highlight(mark: Mark, scale: float) -> str:
    _demand_area(mark)
    ground = mark.background or "#ffe14d66"
    return element("rect", x=mark.x, y=mark.y, width=mark.width, height=mark.height, rx=2 * scale, **_fill(ground))


_DRAWN = {
    "text": _text,
    "box": _box,
    "ellipse": _ellipse,
    "arrow": _arrow,
    "line": _line,
    "number": _number,
    "highlight": _highlight,
}
_HIDING = ("blur", "pixelate", "redact")


def _hidden(image: Image.Image, mark: Mark) -> Image.Image:
    """The picture with a region that cannot be read any more: few means of what was there, or one colour."""
    _demand_area(mark)
    left, top = max(0, mark.x), max(0, mark.y)
    right, bottom = min(image.width, mark.x + mark.width), min(image.height, mark.y + mark.height)
    if right <= left or bottom <= top:
        raise refuse(
            f"the region at {mark.x},{mark.y} lies outside of the picture, which is {image.width}x{image.height}"
        )
    part = image.crop((left, top, right, bottom))
    copy = image.copy()
    copy.paste(_unreadable(part, mark), (left, top))
    return copy


def _unreadable(part: Image.Image, mark: Mark) -> Image.Image:
    if mark.what == "redact":
        return Image.new("RGB", part.size, rgba(mark.background or "#101418")[:3]).convert(part.mode)
    cell = max(8, round(max(part.size) / 12), round(min(part.size) / 5))
    few = part.resize((max(1, part.width // cell), max(1, part.height // cell)), Image.Resampling.BOX)
    if mark.what == "pixelate":
        return few.resize(part.size, Image.Resampling.NEAREST)
    return few.resize(part.size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(cell / 3))


def _demand_area(mark: Mark) -> None:
    if mark.width < 1 or mark.height < 1:
        raise refuse(f"a mark of the kind {mark.what} needs a width and a height")


def _ink(colour: str) -> str:
    return hexadecimal(rgba(colour))


def _fill(colour: str) -> dict[str, str]:
    found = rgba(colour)
    opacity = {} if found[3] == 255 else {"fill_opacity": number(found[3] / 255)}
    return {"fill": hexadecimal(found), **opacity}
