"""Pies and rings of the shares of a whole."""

from __future__ import annotations

import math

from massgen_image.charts.frame import Chart, Room
from massgen_image.charts.scales import value_label
from massgen_image.charts.table import Table
from massgen_image.colour import readable_on, rgb
from massgen_image.drawing.writing import element, line, middle_line, number
from massgen_image.lettering.measure import shortened, width
from massgen_image.problems import refuse

_MOST = 8
"""Slices; smaller ones are put together."""


def shares(table: Table) -> list[tuple[str, float]]:
    """Names and values from large to small, the small ones together as the last.

    Raises:
        ToolFailed: A value is negative, or all are zero.
    """
    values = [(label, value or 0.0) for label, value in zip(table.labels, table.series[0].values, strict=True)]
    if any(value < 0 for _, value in values):
        raise refuse("a pie shows shares of a whole and cannot show negative values: use a bar chart")
    found = sorted(((label, value) for label, value in values if value > 0), key=lambda each: -each[1])
    if not found:
        raise refuse("a pie needs a value above 0")
    if len(found) > _MOST:
        rest = sum(value for _, value in found[_MOST - 1 :])
        found = [*found[: _MOST - 1], (f"Other ({len(found) - _MOST + 1})", rest)]
    return found


def pie(chart: Chart, table: Table, room: Room) -> list[str]:
    """The slices, clockwise from the top, with their names and shares beside them."""
    found = shares(table)
    total = sum(value for _, value in found)
    beside = room.width > room.height * 1.15
    radius = min(room.height / 2, room.width * (0.27 if beside else 0.45))
    if not beside:
        radius = min(radius, (room.height - len(found) * 26 * chart.scale) / 2)
    radius = max(radius, 20 * chart.scale)
    x = room.left + (radius + room.width * 0.04 if beside else room.width / 2)
    y = room.top + (room.height / 2 if beside else radius)
    inner = radius * 0.6 if chart.kind == "donut" else 0.0
    marks: list[str] = []
    angle = -math.pi / 2
    for place, (_, value) in enumerate(found):
        turn = value / total * 2 * math.pi
        marks += _slice(chart, (x, y), (inner, radius), (angle, turn), place, value / total)
        angle += turn
    if chart.kind == "donut":
        marks += _middle(chart, (x, y), inner, total)
    left = x + radius + room.width * 0.07 if beside else room.left
    top = y if beside else y + radius + 26 * chart.scale
    return marks + _names(chart, found, total, (left, top, room.right), centred=beside)


def _slice(
    chart: Chart,
    middle: tuple[float, float],
    radii: tuple[float, float],
    turn: tuple[float, float],
    place: int,
    share: float,
) -> list[str]:
    colour = chart.theme.colour(place)
    (x, y), (inner, radius), (start, by) = middle, radii, turn
    edge = {"stroke": chart.theme.ground, "stroke_width": 2.5 * chart.scale}
    if share > 0.9999:
        ring = element(
            "circle", cx=x, cy=y, r=(inner + radius) / 2, fill="none", stroke=colour, stroke_width=radius - inner
        )
        marks = [ring if inner else element("circle", cx=x, cy=y, r=radius, fill=colour)]
    else:
        marks = [
            element("path", d=_wedge(middle, radii, start, start + by), fill=colour, stroke_linejoin="round", **edge)
        ]
    at = radius * (0.8 if inner else 0.66)
    size = 14 * chart.scale
    text = f"{share * 100:.0f}%"
    if by * at > width(text, size, "medium") * 1.25 and share > 0.03:
        ink = readable_on(rgb(colour))
        spot = x + at * math.cos(start + by / 2), y + at * math.sin(start + by / 2)
        marks.append(middle_line(text, *spot, size, ink, align="middle", weight="medium"))
    return marks


def _wedge(middle: tuple[float, float], radii: tuple[float, float], start: float, end: float) -> str:
    def at(radius: float, angle: float) -> str:
        return f"{number(middle[0] + radius * math.cos(angle))} {number(middle[1] + radius * math.sin(angle))}"

    inner, radius = radii
    large = int(end - start > math.pi)
    outer = f"{number(radius)} {number(radius)} 0 {large} 1 {at(radius, end)}"
    if not inner:
        return f"M{number(middle[0])} {number(middle[1])}L{at(radius, start)}A{outer}Z"
    back = f"{number(inner)} {number(inner)} 0 {large} 0 {at(inner, start)}"
    return f"M{at(radius, start)}A{outer}L{at(inner, end)}A{back}Z"


def _middle(chart: Chart, middle: tuple[float, float], inner: float, total: float) -> list[str]:
    text = value_label(total, chart.unit)
    size = min(34 * chart.scale, inner * 1.3 / max(width(text, 1, "bold"), 0.1))
    x, y = middle
    small = 13 * chart.scale
    return [
        middle_line(text, x, y - small * 0.4, size, chart.theme.ink, align="middle", weight="bold"),
        line("Total", x, y + size * 0.5 + small * 0.7, small, chart.theme.soft, align="middle"),
    ]


def _names(
    chart: Chart, found: list[tuple[str, float]], total: float, spot: tuple[float, float, float], *, centred: bool
) -> list[str]:
    """A row for each slice: its colour, its name, its value and share at the right."""
    left, top, right = spot
    size, step = 15 * chart.scale, 34 * chart.scale if centred else 26 * chart.scale
    y = top - (len(found) - 1) * step / 2 if centred else top
    marks: list[str] = []
    for place, (name, value) in enumerate(found):
        square = 13 * chart.scale
        marks.append(
            element(
                "rect",
                x=left,
                y=y - square / 2,
                width=square,
                height=square,
                rx=square * 0.25,
                fill=chart.theme.colour(place),
            )
        )
        words = f"{value_label(value, chart.unit)}  ({value / total * 100:.{0 if value / total > 0.01 else 1}f}%)"
        wide = width(words, size)
        label = shortened(name, size, right - left - square * 2 - wide - size)
        marks.append(middle_line(label, left + square * 1.8, y, size, chart.theme.ink))
        marks.append(middle_line(words, right, y, size, chart.theme.soft, align="end"))
        y += step
    return marks
