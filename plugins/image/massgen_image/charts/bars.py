"""Bars: beside each other or stacked, upright or lying, above and below zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from massgen_image.charts.frame import (
    Chart,
    Room,
    axis_titles,
    draw_names,
    names_below,
    take_value_labels,
    value_axis,
)
from massgen_image.charts.scales import Scale, number_scale, value_label
from massgen_image.charts.table import Table
from massgen_image.colour import readable_on, rgb
from massgen_image.drawing.writing import element, middle_line, number
from massgen_image.lettering.measure import shortened, width

Piece = tuple[int, int, float, float]
"""Row, series, and the values that a bar reaches from and to."""


def bars(chart: Chart, table: Table, room: Room) -> list[str]:
    """The bars with their axes, in the room."""
    pieces = list(_pieces(chart, table))
    ends = [value for *_, low, high in pieces for value in (low, high)] or [0.0]
    return (
        _lying(chart, table, room, pieces, ends)
        if _lies(chart, table, room)
        else _upright(chart, table, room, pieces, ends)
    )


def _lies(chart: Chart, table: Table, room: Room) -> bool:
    """Whether bars lie: as asked, or where names are too long to stand below each other's neighbours."""
    if chart.horizontal is not None:
        return chart.horizontal
    band = room.width / max(1, len(table.labels))
    too_long = sum(width(label, 13 * chart.scale) for label in table.labels) / len(table.labels) > band * 1.3
    return too_long and len(table.labels) * max(1, _lanes(chart, table)) <= 24


def _lanes(chart: Chart, table: Table) -> int:
    return 1 if chart.stacking != "none" else len(table.series)


def _pieces(chart: Chart, table: Table) -> Iterator[Piece]:
    for row in range(len(table.labels)):
        values = [series.values[row] or 0.0 for series in table.series]
        total = sum(abs(value) for value in values) or 1.0
        up = down = 0.0
        for place, value in enumerate(values):
            if chart.stacking == "none":
                yield row, place, 0.0, value
                continue
            share = value / total * 100 if chart.stacking == "percent" else value
            if share >= 0:
                yield row, place, up, up + share
                up += share
            else:
                yield row, place, down, down + share
                down += share


def _unit(chart: Chart) -> str:
    return "%" if chart.stacking == "percent" else chart.unit


def _upright(chart: Chart, table: Table, room: Room, pieces: list[Piece], ends: Sequence[float]) -> list[str]:
    axis_titles(chart, room)
    most = max(3, round(room.height / (64 * chart.scale)))
    draft = number_scale(ends, 0, 1, most=most, zero=True, unit=_unit(chart))
    take_value_labels(chart, room, draft.labels)
    band = room.width / len(table.labels)
    names = names_below(chart, table.labels, band, room.left + band / 2, steady=table.along != "category")
    room.bottom -= names.height
    foot = 18 * chart.scale if min(ends) < 0 else 0.0  # numbers below bars
    scale = number_scale(ends, room.bottom - foot, room.top + 16 * chart.scale, most=most, zero=True, unit=_unit(chart))
    marks = value_axis(chart, room, scale)
    lanes, thick, gap = _thickness(chart, table, band)
    labelled = _labelled(chart, table, thick)
    for row, place, low, high in pieces:
        middle = room.left + band * (row + 0.5)
        left = middle - (lanes * thick + (lanes - 1) * gap) / 2 + (place if lanes > 1 else 0) * (thick + gap)
        y, bottom = sorted((scale(low), scale(high)))
        marks.append(_bar(chart, place, left, y, thick, bottom - y, up=high >= low, lying=False))
        if labelled and table.series[place].values[row] is not None:
            marks.append(_label(chart, place, high - low, (left + thick / 2, y, bottom), upward=high >= low))
    marks.append(_zero(room, scale, chart, lying=False))
    return marks + draw_names(
        chart, names, [room.left + band * (row + 0.5) for row in range(len(table.labels))], room.bottom
    )


def _lying(chart: Chart, table: Table, room: Room, pieces: list[Piece], ends: Sequence[float]) -> list[str]:
    unit, size = chart.scale, 13 * chart.scale
    turned = Chart(
        x_title=chart.y_title, y_title=chart.x_title, width=chart.width, height=chart.height, theme=chart.theme
    )
    axis_titles(turned, room)
    names = [shortened(label, size, room.width * 0.36) for label in table.labels]
    room.left += max(width(name, size) for name in names) + 14 * unit
    room.bottom -= size * 2
    most = max(2, round(room.width / (110 * unit)))
    room_for_labels = 52 * unit if chart.labels is not False and min(ends) >= 0 and len(table.series) == 1 else 0
    scale = number_scale(ends, room.left, room.right - room_for_labels, most=most, zero=True, unit=_unit(chart))
    marks: list[str] = []
    for tick, label in zip(scale.ticks, scale.labels, strict=True):
        x = round(scale(tick)) + 0.5
        marks.append(element("path", d=f"M{x} {number(room.top)}V{number(room.bottom)}", stroke=chart.theme.line))
        marks.append(middle_line(label, x, room.bottom + size * 1.2, size, chart.theme.soft, align="middle"))
    band = room.height / len(table.labels)
    lanes, thick, gap = _thickness(chart, table, band)
    labelled = _labelled(chart, table, band * 2)
    for row, place, low, high in pieces:
        middle = room.top + band * (row + 0.5)
        top = middle - (lanes * thick + (lanes - 1) * gap) / 2 + (place if lanes > 1 else 0) * (thick + gap)
        x, right = sorted((scale(low), scale(high)))
        marks.append(_bar(chart, place, x, top, right - x, thick, up=high >= low, lying=True))
        if labelled and table.series[place].values[row] is not None:
            marks.append(_label_beside(chart, place, high - low, (x, right, top + thick / 2), forward=high >= low))
    marks.append(_zero(room, scale, chart, lying=True))
    every = max(1, round(size * 1.3 / band + 0.49))
    for row, name in list(enumerate(names))[::every]:
        y = room.top + band * (row + 0.5)
        marks.append(middle_line(name, room.left - 12 * unit, y, size, chart.theme.ink, align="end"))
    return marks


def _thickness(chart: Chart, table: Table, band: float) -> tuple[int, float, float]:
    """Lanes of a band, the thickness of a bar, and the gap between two."""
    lanes = _lanes(chart, table)
    gap = min(4 * chart.scale, band * 0.04) if lanes > 1 else 0.0
    inner = min(band * (0.62 if lanes == 1 else 0.76), 120 * chart.scale * lanes)
    return lanes, max(0.5, (inner - gap * (lanes - 1)) / lanes), gap


def _bar(chart: Chart, place: int, x: float, y: float, wide: float, high: float, *, up: bool, lying: bool) -> str:
    """A bar whose far end is a little round where nothing is stacked on it."""
    colour = chart.theme.colour(place)
    round_ = 0.0 if chart.stacking != "none" else min(4 * chart.scale, wide / 2, high / 2)
    if round_ < 0.5:
        return element("rect", x=x, y=y, width=max(wide, 0.01), height=max(high, 0.01), fill=colour)
    r, n = round_, number
    if lying:
        shape = (
            f"M{n(x)} {n(y)}H{n(x + wide - r)}q{n(r)} 0 {n(r)} {n(r)}V{n(y + high - r)}q0 {n(r)} {n(-r)} {n(r)}H{n(x)}Z"
            if up
            else f"M{n(x + wide)} {n(y)}H{n(x + r)}q{n(-r)} 0 {n(-r)} {n(r)}V{n(y + high - r)}q0 {n(r)} {n(r)} {n(r)}"
            f"H{n(x + wide)}Z"
        )
    elif up:
        shape = f"M{n(x)} {n(y + high)}V{n(y + r)}q0 {n(-r)} {n(r)} {n(-r)}H{n(x + wide - r)}q{n(r)} 0 {n(r)} {n(r)}"
        shape += f"V{n(y + high)}Z"
    else:
        shape = f"M{n(x)} {n(y)}V{n(y + high - r)}q0 {n(r)} {n(r)} {n(r)}H{n(x + wide - r)}q{n(r)} 0 {n(r)} {n(-r)}"
        shape += f"V{n(y)}Z"
    return element("path", d=shape, fill=colour)


def _labelled(chart: Chart, table: Table, thick: float) -> bool:
    """Whether bars carry their numbers: as asked, or where one series leaves room for them."""
    if chart.labels is not None:
        return chart.labels
    longest = max(width(value_label(value, _unit(chart)), 12 * chart.scale) for value in table.numbers)
    return len(table.series) == 1 and len(table.labels) <= 16 and longest < thick * 1.4


def _label(chart: Chart, place: int, value: float, spot: tuple[float, float, float], *, upward: bool) -> str:
    """A bar's number: above or below it, or inside where bars are stacked."""
    x, top, bottom = spot
    size = 12 * chart.scale
    text = value_label(value, _unit(chart))
    if chart.stacking != "none":
        if bottom - top < size * 1.3:
            return ""
        ink = readable_on(rgb(chart.theme.colour(place)))
        return middle_line(text, x, (top + bottom) / 2, size, ink, align="middle", weight="medium")
    y = top - size * 0.75 if upward else bottom + size * 0.75
    return middle_line(text, x, y, size, chart.theme.soft, align="middle", weight="medium")


def _label_beside(chart: Chart, place: int, value: float, spot: tuple[float, float, float], *, forward: bool) -> str:
    left, right, y = spot
    size = 12 * chart.scale
    text = value_label(value, _unit(chart))
    if chart.stacking != "none":
        if right - left < width(text, size) * 1.2:
            return ""
        ink = readable_on(rgb(chart.theme.colour(place)))
        return middle_line(text, (left + right) / 2, y, size, ink, align="middle", weight="medium")
    x = right + size * 0.5 if forward else left - size * 0.5
    return middle_line(text, x, y, size, chart.theme.soft, align="start" if forward else "end", weight="medium")


def _zero(room: Room, scale: Scale, chart: Chart, *, lying: bool) -> str:
    at = round(scale(0)) + 0.5
    data = (
        f"M{at} {number(room.top)}V{number(room.bottom)}"
        if lying
        else f"M{number(room.left)} {at}H{number(room.right)}"
    )
    return element("path", d=data, stroke=chart.theme.faint)
