"""Lines, areas and points over an axis of numbers, dates or names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from massgen_image.charts.frame import (
    Chart,
    Room,
    axis_titles,
    draw_names,
    names_below,
    take_value_labels,
    value_axis,
)
from massgen_image.charts.scales import Scale, number_scale, place_scale
from massgen_image.charts.table import Series, Table
from massgen_image.drawing.writing import Point, element, middle_line, number, path
from massgen_image.lettering.measure import width

_DASHES = (None, "7 5", "2 4")


def over_axis(chart: Chart, table: Table, room: Room) -> list[str]:
    """The lines, areas or points with their axes, in the room."""
    stacks = _stacks(chart, table)
    ends = [value for low, high in stacks for value in (*low, *high) if value is not None]
    axis_titles(chart, room)
    zero = chart.from_zero if chart.from_zero is not None else chart.kind == "area" or _near_zero(table.numbers)
    unit = "%" if chart.stacking == "percent" else chart.unit
    most = max(3, round(room.height / (64 * chart.scale)))
    values = ends if chart.kind == "area" else table.numbers
    draft = number_scale(values, 0, 1, most=most, zero=zero, unit=unit)
    take_value_labels(chart, room, draft.labels)
    ended = _direct(chart, table)
    if ended:
        room.right -= max(width(series.name, 13 * chart.scale, "medium") for series in table.series) + 12 * chart.scale
    across = _across(chart, table, room)
    scale = number_scale(values, room.bottom, room.top + 6 * chart.scale, most=most, zero=zero, unit=unit)
    marks = [*value_axis(chart, room, scale), *across.marks]
    for number_ in range(len(table.series)):
        marks += _drawn(chart, table, number_, stacks[number_], across, scale)
    return marks + (_end_names(chart, table, across, scale) if ended else [])


def direct_names(chart: Chart, table: Table) -> bool:
    """Whether lines are named at their ends, and need no legend."""
    return _direct(chart, table)


class _Across:
    """Where things lie along the horizontal axis, and the marks of that axis."""

    def __init__(self, marks: list[str], places: list[list[float]]) -> None:
        self.marks: list[str] = marks
        self._places = places

    def of(self, series: int) -> list[float]:
        return self._places[series] if len(self._places) > 1 else self._places[0]


def _across(chart: Chart, table: Table, room: Room) -> _Across:
    if table.along == "category":
        step = room.width / max(1, len(table.labels) - (chart.kind == "area"))
        names = names_below(chart, table.labels, step, room.left, steady=False)
        room.bottom -= names.height
        first = room.left + (0 if chart.kind == "area" else step / 2)
        xs = [first + step * row for row in range(len(table.labels))]
        return _Across(draw_names(chart, names, xs, room.bottom), [xs])
    size = 13 * chart.scale
    room.bottom -= size * 2.1
    places = [series.xs or table.places for series in table.series]
    inset = 10 * chart.scale
    every = [place for own in places for place in own]
    most = max(2, round(room.width / (96 * chart.scale)))
    scale = place_scale(every, table.along, room.left + inset, room.right - inset, most=most)
    marks: list[str] = []
    for tick, label in zip(scale.ticks, scale.labels, strict=True):
        x = round(scale(tick)) + 0.5
        foot = number(room.bottom + 5 * chart.scale)
        marks.append(element("path", d=f"M{x} {number(room.bottom)}V{foot}", stroke=chart.theme.faint))
        marks.append(middle_line(label, x, room.bottom + size * 1.35, size, chart.theme.soft, align="middle"))
    return _Across(marks, [[scale(place) for place in own] for own in places])


def _near_zero(values: Sequence[float]) -> bool:
    """Whether an axis may begin at zero without pressing the data flat."""
    low, high = min(values), max(values)
    return low <= 0 <= high or min(abs(low), abs(high)) < (high - low) * 1.2


def _stacks(chart: Chart, table: Table) -> list[tuple[list[float | None], list[float | None]]]:
    """For each series the lower and the upper edge at each label."""
    if chart.stacking == "none" or any(series.xs for series in table.series):
        return [([0.0] * len(series.values), series.values) for series in table.series]
    base = [0.0] * len(table.labels)
    totals = [sum(abs(series.values[row] or 0) for series in table.series) or 1.0 for row in range(len(base))]
    found: list[tuple[list[float | None], list[float | None]]] = []
    for series in table.series:
        values = [value or 0.0 for value in series.values]
        if chart.stacking == "percent":
            values = [value / total * 100 for value, total in zip(values, totals, strict=True)]
        top = [low + value for low, value in zip(base, values, strict=True)]
        found.append((list(base), list(top)))
        base = top
    return found


def _drawn(
    chart: Chart,
    table: Table,
    place: int,
    edges: tuple[list[float | None], list[float | None]],
    across: _Across,
    scale: Scale,
) -> list[str]:
    colour = chart.theme.colour(place)
    xs = across.of(place)
    if chart.kind == "scatter":
        return [_dot(chart, x, scale(y), colour, 5.5) for x, y in zip(xs, edges[1], strict=True) if y is not None]
    marks: list[str] = []
    for run in _runs(xs, *edges):
        top = [(x, scale(high)) for x, _, high in run]
        if chart.kind == "area":
            bottom = [(x, scale(low)) for x, low, _ in reversed(run)]
            opacity = 0.22 if chart.stacking == "none" else 0.92
            marks.append(element("path", d=path([*top, *bottom], closed=True), fill=colour, fill_opacity=opacity))
        if chart.kind != "area" or chart.stacking == "none":
            marks.append(_line(chart, top, colour, place))
        if len(run) == 1 or (chart.kind == "line" and len(xs) <= 14):
            marks += [_dot(chart, x, y, colour, 4) for x, y in top]
    return marks


def _line(chart: Chart, points: list[Point], colour: str, place: int) -> str:
    dash = _DASHES[min(place // len(chart.theme.colours), 2)]
    return element(
        "path",
        d=_curve(points) if chart.smooth else path(points),
        fill="none",
        stroke=colour,
        stroke_width=3 * chart.scale,
        stroke_linejoin="round",
        stroke_linecap="round",
        stroke_dasharray=dash,
    )


def _curve(points: list[Point]) -> str:
    """A curve through the points that never overshoots between two of them (Fritsch and Carlson 1980)."""
    if len(points) < 3:
        return path(points)
    slopes = [(b[1] - a[1]) / ((b[0] - a[0]) or 1e-9) for a, b in pairwise(points)]
    tangents = [slopes[0]]
    for before, after in pairwise(slopes):
        same = before * after > 0
        tangents.append(2 * before * after / (before + after) if same else 0.0)
    tangents.append(slopes[-1])
    data = f"M{number(points[0][0])} {number(points[0][1])}"
    for at, (a, b) in enumerate(pairwise(points)):
        third = (b[0] - a[0]) / 3
        data += f"C{number(a[0] + third)} {number(a[1] + third * tangents[at])} {number(b[0] - third)} "
        data += f"{number(b[1] - third * tangents[at + 1])} {number(b[0])} {number(b[1])}"
    return data


def _dot(chart: Chart, x: float, y: float, colour: str, size: float) -> str:
    return element(
        "circle",
        cx=x,
        cy=y,
        r=size * chart.scale,
        fill=colour,
        fill_opacity=0.82 if chart.kind == "scatter" else None,
        stroke=chart.theme.ground,
        stroke_width=1.5 * chart.scale,
    )


def _runs(
    xs: Sequence[float], lows: Sequence[float | None], highs: Sequence[float | None]
) -> Iterator[list[tuple[float, float, float]]]:
    """Stretches without a gap, from left to right."""
    run: list[tuple[float, float, float]] = []
    for x, low, high in sorted(zip(xs, lows, highs, strict=True), key=lambda each: each[0]):
        if high is not None:
            run.append((x, low or 0.0, high))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _direct(chart: Chart, table: Table) -> bool:
    """Lines are named at their ends where there are few and the ends lie apart."""
    if chart.kind != "line" or not 2 <= len(table.series) <= 6 or any(series.xs for series in table.series):
        return False
    if max(width(series.name, 13 * chart.scale) for series in table.series) > chart.width * 0.2:
        return False
    ends = sorted(value for series in table.series if (value := series.values[-1]) is not None)
    span = max(table.numbers) - min(0.0, min(table.numbers)) or 1.0
    apart = 22 * chart.scale / (chart.height * 0.6)
    close = any((after - before) / span < apart for before, after in pairwise(ends))
    return len(ends) == len(table.series) and not close


def _end_names(chart: Chart, table: Table, across: _Across, scale: Scale) -> list[str]:
    def named(place: int, series: Series) -> str:
        x, y = across.of(place)[-1], scale(series.values[-1] or 0.0)
        ink = chart.theme.colour(place)
        return middle_line(series.name, x + 12 * chart.scale, y, 13 * chart.scale, ink, weight="medium")

    return [named(place, series) for place, series in enumerate(table.series)]
