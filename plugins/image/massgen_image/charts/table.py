"""Data of a chart: JSON or CSV text, read into labels and series of numbers."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal, cast

from massgen_image.problems import refuse

MOST_ROWS = 5_000
MOST_SERIES = 40
LONGEST = 2_000_000
"""Characters of data as text."""

Along = Literal["category", "number", "year", "date"]
"""What stands along the horizontal axis; dates are seconds since 1970 in UTC."""

_DATES = (
    "%Y-%m-%d",
    "%Y-%m",
    "%Y/%m/%d",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
)
_YEAR = re.compile(r"(1[5-9]|2[01])\d\d")
_FORMS = (
    'write CSV with a header line, or JSON: {"labels": […], "series": [{"name": …, "values": […]}]}, '
    'a list of rows [{"month": "Jan", "sales": 3}, …], or {"name": number, …}'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A name and one number (or none) for each label; ``xs`` where its points have places of their own."""

    name: str
    values: list[float | None]
    xs: list[float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Labels, the numbers that they stand for where they are numbers or dates, and series."""

    labels: list[str]
    series: list[Series]
    along: Along = "category"
    places: list[float] = field(default_factory=list[float])
    title: str = ""

    @property
    def numbers(self) -> list[float]:
        """All numbers in it."""
        return [value for series in self.series for value in series.values if value is not None]


def table_of(data: Any) -> Table:
    """A table out of CSV text, JSON text, or JSON values.

    Raises:
        ToolFailed: It is none of the forms, holds no numbers, or is too long.
    """
    if isinstance(data, str):
        data = _parsed(data)
    table = _shaped(data)
    if not table.series or not table.numbers:
        raise refuse(f"the data holds no numbers to draw: {_FORMS}")
    if len(table.labels) > MOST_ROWS or any(len(series.values) > MOST_ROWS for series in table.series):
        raise refuse(f"the data has more than {MOST_ROWS:,} rows: sum it up first")
    if len(table.series) > MOST_SERIES:
        raise refuse(f"the data has {len(table.series)} series, at most {MOST_SERIES} can be told apart")
    return _placed(table)


def number_of(value: Any) -> float | None:
    """A number as people write it (``1,200``, ``12 %``, ``$5``, ``(3)``); `None` for what is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _sound(float(value)) if abs(value) < 1e15 else None
    text = str(value).strip()
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1]}"
    text = re.sub(r"[\s,_$€£¥%\u00a0]", "", text).replace("\u2212", "-")
    return _bare(text)


def _sound(value: float) -> float | None:
    return value if math.isfinite(value) and abs(value) < 1e15 else None


def _parsed(text: str) -> Any:
    if len(text) > LONGEST:
        raise refuse(f"the data has {len(text):,} characters, the limit is {LONGEST:,}")
    text = text.strip().lstrip("\ufeff")
    if text[:1] not in ("{", "["):
        return _rows(text)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refuse(f"the data is no sound JSON: {error}") from None


def _rows(text: str) -> list[dict[str, Any]]:
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=mark) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise refuse(f"the data is no sound CSV: {error}") from None
    if len(rows) < 2 or len(rows[0]) < 2:
        raise refuse(f"the data has no table: {_FORMS}")
    names = [name.strip() or f"column {number}" for number, name in enumerate(rows[0], 1)]
    return [dict(zip(names, row, strict=False)) for row in rows[1:]]


def _shaped(data: Any) -> Table:
    if isinstance(data, Mapping) and data:
        mapping = cast("Mapping[str, Any]", data)
        if "series" in mapping or "values" in mapping:
            return _of_series(mapping)
        return Table(labels=[str(key) for key in mapping], series=[_series("", list(mapping.values()))])
    if isinstance(data, list) and data:
        rows = cast("list[Any]", data)
        if all(isinstance(row, Mapping) for row in rows):
            return _of_rows(cast("Sequence[Mapping[str, Any]]", rows))
        if all(isinstance(row, list) and bool(cast("list[Any]", row)) for row in rows):
            return _of_pairs(rows)
        return Table(labels=[str(number) for number in range(1, len(rows) + 1)], series=[_series("", rows)])
    raise refuse(f"the data is no table: {_FORMS}")


def _of_series(data: Mapping[str, Any]) -> Table:
    raw = data.get("series")
    if raw is None:
        raw = [{"name": "", "values": data.get("values")}]
    if isinstance(raw, Mapping):
        raw = [{"name": name, "values": values} for name, values in cast("Mapping[str, Any]", raw).items()]
    if not isinstance(raw, list) or not all(isinstance(each, Mapping) for each in cast("list[Any]", raw)):
        raise refuse(f"series must be a list of objects with name and values: {_FORMS}")
    series = [_one(cast("Mapping[str, Any]", each)) for each in cast("list[Any]", raw)]
    longest = max((len(each.values) for each in series), default=0)
    given = data.get("labels") or data.get("categories")
    labels = [str(label) for label in cast("list[Any]", given)] if isinstance(given, list) else []
    if any(each.xs for each in series):
        if not all(each.xs for each in series):
            raise refuse("either all series have points of two numbers, or none has")
        return Table(labels=[], series=series, along="number")
    if labels and longest > len(labels):
        raise refuse(f"there are {len(labels)} labels for {longest} values: give one label for each value")
    labels = labels or [str(number) for number in range(1, longest + 1)]
    return Table(labels=labels, series=[_filled(each, len(labels)) for each in series])


def _one(raw: Mapping[str, Any]) -> Series:
    values = raw.get("values", raw.get("data", raw.get("points")))
    name = str(raw.get("name", "")).strip()
    if not isinstance(values, list):
        raise refuse(f"the values of the series {name[:40]!r} are no list")
    points = cast("list[Any]", values)
    if points and all(isinstance(point, list) and len(cast("list[Any]", point)) == 2 for point in points):
        pairs = [(number_of(point[0]), number_of(point[1])) for point in points]
        sound = [(x, y) for x, y in pairs if x is not None and y is not None]
        return Series(name=name, values=[y for _, y in sound], xs=[x for x, _ in sound])
    return _series(name, points)


def _of_rows(rows: Sequence[Mapping[str, Any]]) -> Table:
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    if len(names) < 2:
        raise refuse(f"the rows have one column only: {_FORMS}")
    first, *rest = names
    series = [_series(name, [row.get(name) for row in rows]) for name in rest]
    numeric = [each for each in series if any(value is not None for value in each.values)]
    return Table(labels=[str(row.get(first, "")) for row in rows], series=numeric, title=first)


def _of_pairs(rows: Sequence[Any]) -> Table:
    if len(rows[0]) > 1 and isinstance(rows[0][1], str) and number_of(rows[0][1]) is None:
        names = [str(name) for name in rows[0]]
        return _of_rows([dict(zip(names, row, strict=False)) for row in rows[1:]])
    width = max(len(row) for row in rows)
    columns = [[row[at] if at < len(row) else None for row in rows] for at in range(width)]
    series = [_series(f"series {at}" if width > 2 else "", column) for at, column in enumerate(columns[1:], 1)]
    return Table(labels=[str(label) for label in columns[0]], series=series)


def _series(name: str, values: Sequence[Any]) -> Series:
    return Series(name=name.strip(), values=[number_of(value) for value in values])


def _filled(series: Series, length: int) -> Series:
    return Series(name=series.name, values=[*series.values, *[None] * (length - len(series.values))])


def _placed(table: Table) -> Table:
    """The table with its labels understood as years, numbers or dates, where all of them are."""
    if not table.labels:
        return table
    labels = [label.strip() for label in table.labels]
    if all(_YEAR.fullmatch(label) for label in labels):
        return replace(table, labels=labels, along="year", places=[float(label) for label in labels])
    for along, read in _READERS:
        places = [place for label in labels if (place := read(label)) is not None]
        if len(places) == len(labels):
            return replace(table, labels=labels, along=along, places=places)
    return replace(table, labels=labels)


def _bare(label: str) -> float | None:
    try:
        return _sound(float(label))
    except ValueError:
        return None


def _date(label: str) -> float | None:
    for form in _DATES:
        try:
            return datetime.strptime(label, form).replace(tzinfo=UTC).timestamp()
        except (ValueError, OverflowError):
            continue
    return None


_READERS: tuple[tuple[Along, Callable[[str], float | None]], ...] = (("number", _bare), ("date", _date))
