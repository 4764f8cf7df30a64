"""A timeline drawn from the top down: when at the left, what at the right."""

from __future__ import annotations

from massgen_image.charts.theme import Theme
from massgen_image.diagrams.model import Event
from massgen_image.drawing.writing import block_height, element, lines, number
from massgen_image.lettering.measure import CAPITAL, width, wrapped

SIZE, SMALL = 17.0, 14.0
_LEADING = 1.3


def timeline(events: list[Event], theme: Theme, room: float = 520.0) -> tuple[list[str], float, float]:
    """The marks of a timeline, and its width and height; ``room`` is that of the words."""
    at = min(max(max(width(event.when, SIZE, "bold") for event in events), 40.0), 180.0) + 30
    marks: list[str] = []
    dots: list[tuple[float, str]] = []
    y, widest = 4.0, 0.0
    for place, event in enumerate(events):
        when = wrapped(event.when, SIZE, 180, "bold")
        title = wrapped(event.title, SIZE, room, "medium")
        text = wrapped(event.text, SMALL, room) if event.text else []
        marks.append(lines(when, at - 30, y, SIZE, theme.ink, align="end", weight="bold", leading=_LEADING))
        marks.append(lines(title, at + 26, y, SIZE, theme.ink, weight="medium", leading=_LEADING))
        dots.append((y + SIZE * CAPITAL / 2, theme.colour(place)))
        high = block_height(len(title), SIZE, _LEADING)
        if text:
            marks.append(lines(text, at + 26, y + high + 10, SMALL, theme.soft, leading=1.4))
            high += 10 + block_height(len(text), SMALL, 1.4)
        widest = max([widest, *(width(row, SIZE, "medium") for row in title), *(width(row, SMALL) for row in text)])
        y += max(high, block_height(len(when), SIZE, _LEADING)) + 34
    rail = f"M{number(at)} {number(dots[0][0])}V{number(dots[-1][0])}"
    line_ = element("path", d=rail, stroke=theme.line, stroke_width=3, stroke_linecap="round")
    points = [
        element("circle", cx=at, cy=middle, r=7.5, fill=colour, stroke=theme.ground, stroke_width=3)
        for middle, colour in dots
    ]
    return [line_, *points, *marks], at + 26 + widest + 4, y - 26
