"""What stands around the data: titles, legend, axes, notes; and the room that is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from massgen_image.charts.scales import Scale
from massgen_image.charts.theme import LIGHT, Theme
from massgen_image.drawing.writing import element, line, lines, middle_line
from massgen_image.lettering.measure import CAPITAL, balanced, shortened, width, wrapped

ChartKind = Literal["bar", "line", "area", "scatter", "pie", "donut"]
Stacking = Literal["none", "stacked", "percent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What kind of chart, its words, and its size in pixels."""

    kind: ChartKind = "bar"
    title: str = ""
    subtitle: str = ""
    x_title: str = ""
    y_title: str = ""
    note: str = ""
    unit: str = ""
    stacking: Stacking = "none"
    horizontal: bool | None = None
    smooth: bool = False
    labels: bool | None = None
    from_zero: bool | None = None
    width: int = 960
    height: int = 600
    theme: Theme = LIGHT

    @property
    def scale(self) -> float:
        """How large letters and lines are, 1 at 960x600."""
        share = min(self.width / 960, self.height / 600)
        return share if share >= 1 else max(0.5, share**0.5)


@dataclass(slots=True)
class Room:
    """A rectangle that shrinks while things are put at its edges; ``marks`` are what was put."""

    left: float
    top: float
    right: float
    bottom: float
    marks: list[str] = field(default_factory=list[str])

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


def framed(chart: Chart, names: Sequence[str]) -> Room:
    """The room inside the titles, the legend (where ``names`` has any) and the note."""
    unit = chart.scale
    pad = 36 * unit
    room = Room(pad, pad, chart.width - pad, chart.height - pad)
    _title(chart, room)
    if names:
        _legend(chart, room, names)
    if chart.note:
        size = 12 * unit
        words = shortened(chart.note, size, room.width)
        room.marks.append(line(words, room.left, room.bottom, size, chart.theme.faint))
        room.bottom -= size * 2
    return room


def _title(chart: Chart, room: Room) -> None:
    unit = chart.scale
    for words, size, weight, ink, gap in (
        (chart.title, 26 * unit, "bold", chart.theme.ink, 14),
        (chart.subtitle, 16 * unit, "regular", chart.theme.soft, 14),
    ):
        if not words:
            continue
        rows = balanced(words, size, room.width, weight) if weight == "bold" else wrapped(words, size, room.width)
        rows = [*rows[:2], shortened(f"{rows[2]}…", size, room.width)] if len(rows) > 3 else rows
        room.marks.append(lines(rows, room.left, room.top, size, ink, weight=weight, leading=1.22))  # pyright: ignore[reportArgumentType]
        room.top += size * CAPITAL + (len(rows) - 1) * size * 1.22 + gap * unit
    if chart.title or chart.subtitle:
        room.top += 10 * unit


def _legend(chart: Chart, room: Room, names: Sequence[str]) -> None:
    """Coloured squares with names in rows, at the upper edge."""
    unit = chart.scale
    size, square, gap = 14 * unit, 12 * unit, 22 * unit
    x, y = room.left, room.top + square / 2
    for number, name in enumerate(names):
        words = shortened(name, size, room.width - square * 2)
        wide = square * 1.6 + width(words, size)
        if x > room.left and x + wide > room.right:
            x, y = room.left, y + size * 1.7
        colour = chart.theme.colour(number)
        room.marks.append(
            element("rect", x=x, y=y - square / 2, width=square, height=square, rx=square * 0.25, fill=colour)
        )
        room.marks.append(middle_line(words, x + square * 1.6, y, size, chart.theme.soft))
        x += wide + gap
    room.top = y + square / 2 + 20 * unit


def value_axis(chart: Chart, room: Room, scale: Scale) -> list[str]:
    """Faint lines across with their numbers at the left; the line at zero is stronger."""
    size = 13 * chart.scale
    marks: list[str] = []
    for tick, label in zip(scale.ticks, scale.labels, strict=True):
        y = round(scale(tick)) + 0.5
        zero = tick == 0
        ink = chart.theme.faint if zero else chart.theme.line
        marks.append(element("path", d=f"M{room.left:.1f} {y}H{room.right:.1f}", stroke=ink, stroke_width=1))
        marks.append(middle_line(label, room.left - 10 * chart.scale, y, size, chart.theme.soft, align="end"))
    return marks


def axis_titles(chart: Chart, room: Room) -> None:
    """The vertical axis' title above its numbers, the horizontal one's below the middle; both take room."""
    size = 13 * chart.scale
    if chart.y_title:
        room.marks.append(
            line(chart.y_title, room.left, room.top + size * CAPITAL, size, chart.theme.soft, weight="medium")
        )
        room.top += size * 1.9
    if chart.x_title:
        x, words = (room.left + room.right) / 2, shortened(chart.x_title, size, room.width)
        room.marks.append(line(words, x, room.bottom, size, chart.theme.soft, align="middle", weight="medium"))
        room.bottom -= size * 1.8


def take_value_labels(chart: Chart, room: Room, labels: Sequence[str]) -> None:
    """Make room at the left for the numbers of the value axis."""
    size = 13 * chart.scale
    room.left += max(width(label, size) for label in labels) + 12 * chart.scale


@dataclass(frozen=True, slots=True)
class Names:
    """How names below an axis are set: their rows, whether they are turned, and the height that they take."""

    rows: list[list[str]]
    turned: bool
    every: int
    height: float
    size: float


def names_below(chart: Chart, labels: Sequence[str], band: float, before: float, *, steady: bool) -> Names:
    """Names that fit: on one or two lines, else turned, else only some of them.

    ``band`` is the room of one name, ``before`` that at the left of the first one's middle.
    ``steady`` names (years, dates) may be left out: they follow from their neighbours.
    """
    size = 13 * chart.scale
    gap = 16 * chart.scale
    for most in (1, 2):
        rows = [wrapped(label, size, band - 6 * chart.scale) for label in labels]
        whole = all(width(word, size) <= band - 6 * chart.scale for label in labels for word in label.split())
        if whole and all(len(row) <= most for row in rows):
            tall = max(len(row) for row in rows)
            return Names(rows, False, 1, gap + size * (0.4 + 1.25 * tall), size)
    if band >= size * 1.25 and not steady:
        short = [shortened(label, size, min(130 * chart.scale, before * 1.25)) for label in labels]
        longest = max(width(label, size) for label in short)
        return Names([[label] for label in short], True, 1, gap + longest * 0.64 + size * 0.6, size)
    longest = max(width(label, size) for label in labels)
    every = max(1, round((longest + 14 * chart.scale) / max(band, 0.01) + 0.5))
    return Names([[label] for label in labels], False, every, gap + size * 1.65, size)


def draw_names(chart: Chart, names: Names, xs: Sequence[float], y: float) -> list[str]:
    """The names at their places below ``y``."""
    top = y + 14 * chart.scale
    ink = chart.theme.soft
    marks: list[str] = []
    for x, row in list(zip(xs, names.rows, strict=True))[:: names.every]:
        if names.turned:
            marks.append(
                line(row[0], x + names.size * 0.3, top + names.size * 0.5, names.size, ink, align="end", turned=-40)
            )
        else:
            marks.append(lines(row, x, top, names.size, ink, align="middle", leading=1.25))
    return marks
