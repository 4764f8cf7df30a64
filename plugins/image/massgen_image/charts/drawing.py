"""A chart as SVG."""

from __future__ import annotations

from massgen_image.charts.bars import bars
from massgen_image.charts.frame import Chart, framed
from massgen_image.charts.lines import direct_names, over_axis
from massgen_image.charts.round import pie
from massgen_image.charts.table import Table
from massgen_image.drawing.writing import document, element
from massgen_image.problems import refuse


def drawn(chart: Chart, table: Table, *, transparent: bool = False) -> str:
    """The whole drawing.

    Raises:
        ToolFailed: The kind cannot show the data; says which can.
    """
    _judge(chart, table)
    names = [series.name or f"Series {number}" for number, series in enumerate(table.series, 1)]
    legend = len(names) > 1 and chart.kind not in ("pie", "donut") and not direct_names(chart, table)
    room = framed(chart, names if legend else ())
    draw = {"bar": bars, "pie": pie, "donut": pie}.get(chart.kind, over_axis)
    marks = draw(chart, table, room)
    ground = [] if transparent else [element("rect", width=chart.width, height=chart.height, fill=chart.theme.ground)]
    return document(chart.width, chart.height, [*ground, *room.marks, *marks], title=chart.title)


def summary(chart: Chart, table: Table) -> str:
    """A sentence for those who do not see the chart."""
    names = ", ".join(series.name for series in table.series if series.name)
    low, high = min(table.numbers), max(table.numbers)
    about = f"{chart.kind.capitalize()} chart" + (f": {chart.title}" if chart.title else "")
    count = len(table.labels) or len(table.numbers)
    return f"{about}. {count} points" + (f" of {names}" if names else "") + f", from {low:g} to {high:g}."


def _judge(chart: Chart, table: Table) -> None:
    if chart.width < 240 or chart.height < 180:
        raise refuse(f"a chart of {chart.width}x{chart.height} has no room for its words: make it 240x180 at least")
    own = any(series.xs for series in table.series)
    if own and chart.kind not in ("scatter", "line"):
        raise refuse(f"points with two numbers are drawn by scatter and line, not by {chart.kind}")
    if chart.kind in ("pie", "donut") and len(table.series) > 1:
        raise refuse(f"a {chart.kind} shows one series and the data has {len(table.series)}: use a stacked bar chart")
    if chart.kind == "scatter" and table.along == "category":
        raise refuse("a scatter chart needs numbers in the first column: use line or bar for names")
