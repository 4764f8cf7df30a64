"""From numbers to pixels, with ticks at round places and short labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from massgen_image.charts.table import Along

_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_DAY = 86_400.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A range of numbers on a range of pixels, with ticks and their labels."""

    low: float
    high: float
    start: float
    end: float
    ticks: list[float]
    labels: list[str]

    def __call__(self, value: float) -> float:
        """Where a number lies."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def nice_step(span: float, most: int) -> float:
    """The least of 1, 2, 2.5, 5 times a power of ten that makes at most so many steps (after Heckbert 1990)."""
    rough = span / max(1, most)
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    return next(factor * power for factor in (1, 2, 2.5, 5, 10, 20) if factor * power >= rough * (1 - 1e-9))


def number_scale(
    values: Sequence[float],
    start: float,
    end: float,
    *,
    most: int,
    zero: bool,
    unit: str = "",
    tight: bool = False,
    whole: bool = False,
) -> Scale:
    """A scale for numbers.

    ``zero`` has it begin there, ``tight`` has it end at the data and not at a tick, ``whole`` has no tick between
    whole numbers.
    """
    low, high = min(values), max(values)
    if zero:
        low, high = min(0.0, low), max(0.0, high)
    if low == high:
        low, high = (low - abs(low) * 0.1 - 0.5, high + abs(high) * 0.1 + 0.5) if not zero else (0.0, 1.0)
    step = nice_step(high - low, most)
    if whole and step < 1:
        step = 1.0
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if tight:
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    else:
        low, high = first * step, last * step
    ticks = [number * step for number in range(first, last + 1)]
    return Scale(low=low, high=high, start=start, end=end, ticks=ticks, labels=tick_labels(ticks, step, unit))


def tick_labels(ticks: Sequence[float], step: float, unit: str = "") -> list[str]:
    """Labels for ticks, all with the same number of places and the same abbreviation."""
    size, letter = _size(max((abs(tick) for tick in ticks), default=0.0))
    places = max(0, -math.floor(math.log10(step / size) + 1e-9)) if step else 0
    if places < 6 and not math.isclose(step / size * 10**places, round(step / size * 10**places), rel_tol=1e-6):
        places += 1
    return [with_unit(f"{_signed(tick / size, places)}{letter if tick else ''}", unit) for tick in ticks]


def value_label(value: float, unit: str = "") -> str:
    """A number with three significant digits or so, as it stands beside a bar."""
    size, letter = _size(abs(value))
    share = value / size
    places = 0 if share == round(share) or abs(share) >= 100 else 1 if abs(share) >= 10 or letter else 2
    if 0 < abs(share) < 0.1:
        places = 1 - math.floor(math.log10(abs(share)))
    text = _signed(share, places)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return with_unit(text + letter, unit)


def _size(most: float) -> tuple[float, str]:
    """The abbreviation for numbers up to one: millions from the first on, thousands from ten thousand on."""
    return next(((size, letter) for size, letter in _UNITS if most >= (size if size > 1e3 else 1e4)), (1.0, ""))


def with_unit(text: str, unit: str) -> str:
    """A number with its unit: currencies before it, all else behind."""
    if not unit:
        return text
    if unit in "$€£¥":
        return f"\u2212{unit}{text[1:]}" if text.startswith("\u2212") else unit + text
    return f"{text}{unit}" if unit in "%°" else f"{text} {unit}"


def place_scale(places: Sequence[float], along: Along, start: float, end: float, *, most: int) -> Scale:
    """A scale for what stands along the horizontal axis as numbers, years or dates."""
    if along == "date":
        return _date_scale(min(places), max(places), start, end, most)
    whole = all(place == round(place) for place in places)
    scale = number_scale(places, start, end, most=most, zero=False, tight=along == "year", whole=whole)
    if along != "year":
        return scale
    ticks = [tick for tick in scale.ticks if tick == round(tick)] or [min(places)]
    labels = [f"{tick:.0f}" for tick in ticks]
    return Scale(low=scale.low, high=scale.high, start=start, end=end, ticks=ticks, labels=labels)


def _signed(value: float, places: int) -> str:
    text = f"{abs(value):,.{places}f}"
    return text if value >= 0 or not text.strip("0.,") else f"\u2212{text}"


def _date_scale(low: float, high: float, start: float, end: float, most: int) -> Scale:
    if low == high:
        low, high = low - _DAY, high + _DAY
    ticks, labels = _date_ticks(low, high, most)
    return Scale(low=low, high=high, start=start, end=end, ticks=ticks, labels=labels)


def _date_ticks(low: float, high: float, most: int) -> tuple[list[float], list[str]]:
    """Ticks at the beginnings of years, months, days or hours, the finest that leaves room."""
    for months in (120, 60, 24, 12, 6, 3, 1)[::-1]:
        if (high - low) / (months * 30.44 * _DAY) <= most and (high - low) > months * 30.44 * _DAY * 2.2:
            return _named(_months(low, high, months), "%Y" if months >= 12 else "%b %Y")
    for days in (1, 2, 7, 14):
        if (high - low) / (days * _DAY) <= most and (high - low) > _DAY * 1.5:
            return _named(_steps(low, high, days * _DAY), "%-d %b")
    if high - low > 60 * _DAY:
        return _named(_months(low, high, 1200), "%Y")
    hours = next(hours for hours in (0.25, 0.5, 1, 2, 3, 6, 12, 24, 1e9) if (high - low) / (hours * 3600) <= most)
    return _named(_steps(low, high, hours * 3600), "%H:%M")


def _months(low: float, high: float, step: int) -> list[float]:
    first = _moment(low)
    month = (first.year * 12 + first.month - 1) // step * step
    ticks: list[float] = []
    while (seconds := _month(month)) <= high:
        ticks += [seconds] if seconds >= low else []
        month += step
    return ticks


def _month(number: int) -> float:
    year = min(max(number // 12, 1), 9999)
    return (datetime(year, number % 12 + 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()


def _steps(low: float, high: float, step: float) -> list[float]:
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _named(ticks: list[float], form: str) -> tuple[list[float], list[str]]:
    if form == "%-d %b":
        return ticks, [f"{_moment(tick).day} {_moment(tick):%b}" for tick in ticks]
    return ticks, [format(_moment(tick), form) for tick in ticks]


def _moment(seconds: float) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)
