"""A tree drawn to the right: leaves below each other, parents beside the middle of their children."""

from __future__ import annotations

from massgen_image.charts.theme import Theme
from massgen_image.colour import mixed
from massgen_image.diagrams.model import Branch
from massgen_image.drawing.writing import block_height, element, lines, number
from massgen_image.lettering.measure import balanced, width

SIZE = 15.0
_LEADING = 1.28
_GAP, _STEP = 14.0, 56.0


def tree(root: Branch, theme: Theme) -> tuple[list[str], float, float]:
    """The marks of a tree, and its width and height."""
    drawer = _Drawer(root, theme)
    drawer.place(root, 0, -1)
    return [*drawer.lines, *drawer.boxes], drawer.right + 2, drawer.bottom + 2


class _Drawer:
    """Walks down once for widths of columns, and once to place and draw."""

    def __init__(self, root: Branch, theme: Theme) -> None:
        self.theme: Theme = theme
        self.lines: list[str] = []
        self.boxes: list[str] = []
        self.bottom: float = 2.0
        widths: list[float] = []
        _measure(root, 0, widths)
        self._lefts = [2.0]
        for wide in widths:
            self._lefts.append(self._lefts[-1] + (wide + _STEP if wide else 0.0))
        self.right: float = self._lefts[-1] - _STEP

    def place(self, branch: Branch, depth: int, colour: int) -> tuple[float, float]:
        """Draw a branch with all below it; returns its right edge and its middle."""
        rows, wide, high = _shape(branch, depth)
        middles: list[tuple[float, float]] = []
        top = self.bottom
        for place, child in enumerate(branch.children):
            middles.append(self.place(child, depth + 1, place if depth == 0 else colour))
        if middles:
            y = (middles[0][1] + middles[-1][1]) / 2
            self.bottom = max(self.bottom, y + high / 2 + _GAP)
            y = max(y, top + high / 2)
        else:
            y = self.bottom + high / 2
            self.bottom += high + _GAP
        left = self._lefts[depth]
        right = left + wide
        for child_left, child_y in middles:
            self._line(right, y, child_left, child_y, colour)
        if branch.label:
            self._box(rows, (left, y, wide, high), depth, colour)
        return left, y

    def _line(self, x: float, y: float, to_x: float, to_y: float, colour: int) -> None:
        half = (x + to_x) / 2
        data = f"M{number(x)} {number(y)}C{number(half)} {number(y)} "
        data += f"{number(half)} {number(to_y)} {number(to_x)} {number(to_y)}"
        ink = self.theme.faint if colour < 0 else mixed(self.theme.colour(colour), self.theme.ground, 0.3)
        self.lines.append(element("path", d=data, fill="none", stroke=ink, stroke_width=1.8))

    def _box(self, rows: list[str], at: tuple[float, float, float, float], depth: int, colour: int) -> None:
        left, y, wide, high = at
        own = self.theme.colour(max(colour, 0))
        fill = self.theme.ink if depth == 0 else mixed(own, self.theme.ground, 0.86)
        edge = self.theme.ink if depth == 0 else mixed(own, self.theme.ground, 0.1)
        box = element(
            "rect", x=left, y=y - high / 2, width=wide, height=high, rx=8, fill=fill, stroke=edge, stroke_width=1.5
        )
        ink = self.theme.ground if depth == 0 else self.theme.ink
        top = y - block_height(len(rows), SIZE, _LEADING) / 2
        words = lines(rows, left + wide / 2, top, SIZE, ink, leading=_LEADING, align="middle", weight="medium")
        self.boxes.append(box + words)


def _shape(branch: Branch, depth: int) -> tuple[list[str], float, float]:
    if not branch.label:
        return [], 0.0, 0.0
    rows = balanced(branch.label, SIZE, 200, "medium")
    wide = max(width(row, SIZE, "medium") for row in rows) + 28
    return rows, wide, block_height(len(rows), SIZE, _LEADING) + (30 if depth == 0 else 24)


def _measure(branch: Branch, depth: int, widths: list[float]) -> None:
    while len(widths) <= depth:
        widths.append(0.0)
    widths[depth] = max(widths[depth], _shape(branch, depth)[1])
    for child in branch.children:
        _measure(child, depth + 1, widths)
