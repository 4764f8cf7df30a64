"""Figures of two or more contenders, taken in turn, and the table that shows them."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import anyio

Contender = TypeVar("Contender")


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What one contender took in each round; ``unit`` is the unit of the samples."""

    name: str
    samples: Sequence[float]
    unit: str

    @property
    def median(self) -> float:
        """The middle sample."""
        return statistics.median(self.samples)

    def quantile(self, share: float) -> float:
        """The sample below which ``share`` of all lie."""
        ordered = sorted(self.samples)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One question, and the contenders' answers; the first is ours, the second is what it is measured against.

    ``notes`` are what a reader of the table has to know beside it.
    """

    title: str
    series: Sequence[Series]
    notes: Sequence[str] = ()

    @property
    def ratio(self) -> float:
        """Ours over the yardstick, median over median."""
        return self.series[0].median / self.yardstick.median

    @property
    def yardstick(self) -> Series:
        """What the others are measured against: the second, or the only one."""
        return self.series[:2][-1]

    def markdown(self) -> str:
        """The comparison as a Markdown table."""
        base = self.yardstick.median
        lines = [
            f"### {self.title}",
            "",
            "| contender | median | p90 | p99 | most | ratio | runs |",
            "|---|---:|---:|---:|---:|---:|---:|",
        ]
        for one in self.series:
            figures = (one.median, one.quantile(0.9), one.quantile(0.99), max(one.samples))
            shown = " | ".join(f"{_figure(each)} {one.unit}" for each in figures)
            lines.append(f"| {one.name} | {shown} | {one.median / base:.2f} | {len(one.samples)} |")
        lines += ["", *(f"- {note}" for note in self.notes)] if self.notes else []
        return "\n".join([*lines, ""])

    def json(self) -> dict[str, object]:
        """The comparison as plain data."""
        medians = {one.name: {"median": one.median, "unit": one.unit, "runs": len(one.samples)} for one in self.series}
        return {"title": self.title, "ratio": self.ratio, "contenders": medians, "notes": list(self.notes)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Figures that are no samples: the first cell of each row says what it is."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def markdown(self) -> str:
        """A Markdown table."""
        lines = [f"### {self.title}", "", _row(self.head), "|---" + "|---:" * (len(self.head) - 1) + "|"]
        lines += [_row(row) for row in self.rows]
        lines += ["", *(f"- {note}" for note in self.notes)] if self.notes else []
        return "\n".join([*lines, ""])

    def json(self) -> dict[str, object]:
        """The same as plain data."""
        rows = {row[0]: dict(zip(self.head[1:], row[1:], strict=True)) for row in self.rows}
        return {"title": self.title, "rows": rows, "notes": list(self.notes)}


def _figure(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:.3g}" if value < 999.5 else f"{value:,.0f}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def in_turn(title: str, contenders: Mapping[str, Callable[[], float]], *, rounds: int, unit: str) -> Comparison:
    """Run every contender once per round, so that a change in the machine's speed meets all of them.

    Each round begins with another one: what a contender leaves the engine to tidy up costs every other one alike.
    """
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    for contender in contenders.values():
        contender()
    for number in range(rounds):
        for name, contender in rotated(contenders, number):
            samples[name].append(contender())
    return _comparison(title, samples, unit)


async def in_turn_async(
    title: str,
    contenders: Mapping[str, Callable[[], Awaitable[float]]],
    *,
    rounds: int,
    unit: str,
    notes: Sequence[str] = (),
    warm_up: bool = True,
    pause: float = 0.0,
) -> Comparison:
    """`in_turn` for contenders that await; ``pause`` are seconds for what the one before has left to be tidied up."""
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    for contender in contenders.values() if warm_up else ():
        await contender()
    for number in range(rounds):
        for name, contender in rotated(contenders, number):
            await anyio.sleep(pause)
            samples[name].append(await contender())
    return _comparison(title, samples, unit, notes)


def rotated(contenders: Mapping[str, Contender], number: int) -> list[tuple[str, Contender]]:
    """The contenders in an order that differs from round to round: turned, and every other time backwards."""
    items = list(contenders.items())
    turned = items[number % len(items) :] + items[: number % len(items)]
    return turned if number // len(items) % 2 == 0 else turned[::-1]


def _comparison(title: str, samples: Mapping[str, list[float]], unit: str, notes: Sequence[str] = ()) -> Comparison:
    series = [Series(name=name, samples=taken, unit=unit) for name, taken in samples.items()]
    return Comparison(title=title, series=series, notes=notes)
