"""A sequence drawn: who takes part side by side, what is said from the top down."""

from __future__ import annotations

from itertools import pairwise

from massgen_image.charts.theme import Theme
from massgen_image.colour import mixed
from massgen_image.diagrams.model import Message, Sequence
from massgen_image.drawing.writing import block_height, element, lines, number, path
from massgen_image.lettering.measure import balanced, width, wrapped

SIZE, LABEL = 15.0, 13.5
_HEAD = 46.0
_LEADING = 1.28


def sequence(diagram: Sequence, theme: Theme) -> tuple[list[str], float, float]:
    """The marks of a sequence, and its width and height."""
    names = list(diagram.people)
    heads = {name: balanced(diagram.people[name], SIZE, 150, "medium") for name in names}
    boxes = {name: max(96.0, max(width(row, SIZE, "medium") for row in rows) + 32) for name, rows in heads.items()}
    xs = _columns(diagram, names, boxes)
    top = max(_HEAD, max(block_height(len(rows), SIZE, _LEADING) for rows in heads.values()) + 30)
    marks: list[str] = []
    y = top + 26.0
    for message in diagram.messages:
        drawn, taken = _note(message, xs, y, theme) if message.note else _message(message, xs, y, theme)
        marks.append(drawn)
        y += taken
    bottom = y + 6
    lives = [_life(xs[name], top, bottom, theme) for name in names]
    people = [_person(heads[name], xs[name], boxes[name], top, theme.colour(0), theme) for name in names]
    right = max(max(xs[name] + boxes[name] / 2 for name in names), _furthest(diagram, xs, names))
    return [*lives, *marks, *people], right + 2, bottom + 2


def _columns(diagram: Sequence, names: list[str], boxes: dict[str, float]) -> dict[str, float]:
    """Places for the columns, as far apart as the boxes and the longest words between neighbours ask for."""
    gaps = [(boxes[a] + boxes[b]) / 2 + 34 for a, b in pairwise(names)]
    for message in diagram.messages:
        first, last = sorted((names.index(message.start), names.index(message.end)))
        need = min(width(message.text, LABEL) + 44, 320.0)
        if first == last:
            need = min(width(message.text, LABEL) + 74, 260.0) if not message.note else min(need, 220.0)
            last = first + 1
            if last >= len(names):
                continue
        lacking = need - sum(gaps[first:last])
        for at in range(first, last):
            gaps[at] += max(0.0, lacking) / (last - first)
    xs = {names[0]: boxes[names[0]] / 2 + 2}
    for before, name, gap in zip(names, names[1:], gaps, strict=False):
        xs[name] = xs[before] + gap
    return xs


def _furthest(diagram: Sequence, xs: dict[str, float], names: list[str]) -> float:
    """How far to the right the words of the last column reach."""
    own = [message for message in diagram.messages if message.start == message.end == names[-1]]
    reach = [min(width(message.text, LABEL), 200.0) + (60 if not message.note else 0) for message in own]
    return xs[names[-1]] + max(reach, default=0.0)


def _life(x: float, top: float, bottom: float, theme: Theme) -> str:
    return element("path", d=f"M{number(x)} {number(top)}V{number(bottom)}", stroke=theme.line, stroke_width=1.6)


def _person(rows: list[str], x: float, wide: float, high: float, colour: str, theme: Theme) -> str:
    box = element(
        "rect",
        x=x - wide / 2,
        y=1,
        width=wide,
        height=high - 1,
        rx=8,
        fill=mixed(colour, theme.ground, 0.86),
        stroke=mixed(colour, theme.ground, 0.1),
        stroke_width=1.6,
    )
    top = high / 2 - block_height(len(rows), SIZE, _LEADING) / 2
    return box + lines(rows, x, top, SIZE, theme.ink, leading=_LEADING, align="middle", weight="medium")


def _message(message: Message, xs: dict[str, float], y: float, theme: Theme) -> tuple[str, float]:
    start, end = xs[message.start], xs[message.end]
    dash = "6 5" if message.dashed else None
    own = start == end
    rows = wrapped(message.text, LABEL, 200 if own else max(abs(end - start) - 30, 60))
    high = block_height(len(rows), LABEL, _LEADING)
    ink = theme.soft if message.dashed else theme.ink
    if own:
        words = lines(rows, start + 50, y, LABEL, theme.ink, leading=_LEADING)
        data = f"M{number(start)} {number(y)}h36v20h-29"
        tip = start + 1, y + 20
        head = [tip, (tip[0] + 9, tip[1] - 5), (tip[0] + 9, tip[1] + 5)]
        taken = max(20.0, high) + 30
    else:
        words = lines(rows, (start + end) / 2, y, LABEL, theme.ink, leading=_LEADING, align="middle")
        at = y + high + 9
        back = -9 if end > start else 9
        data = f"M{number(start)} {number(at)}H{number(end + back * 0.6)}"
        head = [(end, at), (end + back, at - 5), (end + back, at + 5)]
        taken = high + 9 + 30
    line_ = element("path", d=data, fill="none", stroke=ink, stroke_width=1.6, stroke_dasharray=dash)
    return words + line_ + element("path", d=path(head, closed=True), fill=ink), taken


def _note(message: Message, xs: dict[str, float], y: float, theme: Theme) -> tuple[str, float]:
    left, right = sorted((xs[message.start], xs[message.end]))
    room = max(right - left + 60, 150.0)
    rows = wrapped(message.text, LABEL, room - 24)
    wide = max(right - left + 60, max(width(row, LABEL) for row in rows) + 28)
    high = block_height(len(rows), LABEL, _LEADING) + 20
    x = (left + right) / 2
    colour = theme.colour(1)
    ground = element(
        "rect",
        x=max(x - wide / 2, 1),
        y=y - 8,
        width=wide,
        height=high,
        rx=6,
        fill=mixed(colour, theme.ground, 0.84),
    )
    middle = max(x, wide / 2 + 1)
    return ground + lines(rows, middle, y + 2, LABEL, theme.ink, leading=_LEADING, align="middle"), high + 18
