"""The shapes that all drawings are made of: rounded, flat, lit from the upper left.

A shape filled with a `Tone` gets two tones: the whole of it in shade, and over it the same shape in its base colour,
shrunk towards the point where the light meets it. For a convex shape the smaller one lies inside, so no clipping is
needed, and all drawings have the same light.

Points are written as one string, ``"x,y x,y"``, in the units of the drawing's box (about 100 along its longer side).
"""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache

from massgen_image.composer.tones import INK, Tone

Fill = str | Tone
Point = tuple[float, float]
DEPTH = 0.13  # how much of a shape lies in shade


@lru_cache(16384)
def num(value: float) -> str:
    """A number as short as a drawing needs it: two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def dot(x: float, y: float, r: float) -> str:
    """A disc as a piece of a path, for many of one colour."""
    return f"M{num(x - r)} {num(y)}a{num(r)} {num(r)} 0 1 0 {num(2 * r)} 0a{num(r)} {num(r)} 0 1 0 {num(-2 * r)} 0"


@lru_cache(4096)
def points(text: str) -> tuple[Point, ...]:
    """The points of ``"x,y x,y"``."""
    pairs = [pair.split(",") for pair in text.split()]
    return tuple((float(x), float(y)) for x, y in pairs)


def _lit(outline: tuple[Point, ...]) -> Point:
    return min(outline, key=lambda point: point[0] + point[1])


def _pair(point: Point) -> str:
    return f"{num(point[0])} {num(point[1])}"


def _spline(through: tuple[Point, ...], closed: bool, tension: float) -> str:
    """Cubic Béziers of a Catmull-Rom spline."""
    count = len(through)
    parts = [f"M{_pair(through[0])}"]
    for i in range(count if closed else count - 1):
        before, here = through[(i - 1) % count if closed else max(0, i - 1)], through[i]
        there, after = through[(i + 1) % count], through[(i + 2) % count if closed else min(count - 1, i + 2)]
        first = (here[0] + (there[0] - before[0]) * tension, here[1] + (there[1] - before[1]) * tension)
        second = (there[0] - (after[0] - here[0]) * tension, there[1] - (after[1] - here[1]) * tension)
        parts.append(f"C{_pair(first)} {_pair(second)} {_pair(there)}")
    return "".join(parts) + ("Z" if closed else "")


@lru_cache(4096)
def blob_path(text: str, tension: float = 0.18) -> tuple[str, Point]:
    """A smooth closed outline through points, and where the light meets it."""
    outline = points(text)
    return _spline(outline, True, tension), _lit(outline)


@lru_cache(4096)
def curve_path(text: str) -> str:
    """A smooth line through points."""
    return _spline(points(text), False, 0.18)


@lru_cache(4096)
def poly_path(text: str, radius: float) -> tuple[str, Point]:
    """A polygon whose corners are rounded by ``radius``, and where the light meets it."""
    corners = points(text)
    if not radius:
        return "M" + "L".join(_pair(corner) for corner in corners) + "Z", _lit(corners)
    parts: list[str] = []
    starts: list[Point] = []
    for i, here in enumerate(corners):
        into, out = _towards(here, corners[i - 1], radius), _towards(here, corners[(i + 1) % len(corners)], radius)
        parts.append(f"{'L' if parts else 'M'}{_pair(into)}Q{_pair(here)} {_pair(out)}")
        starts.append(((into[0] + 2 * here[0] + out[0]) / 4, (into[1] + 2 * here[1] + out[1]) / 4))
    return "".join(parts) + "Z", _lit(tuple(starts))


def _towards(here: Point, there: Point, radius: float) -> Point:
    length = math.dist(here, there) or 1.0
    share = min(radius / length, 0.5)
    return here[0] + (there[0] - here[0]) * share, here[1] + (there[1] - here[1]) * share


class Pen:
    """Collects the shapes of one drawing, as SVG text."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    @property
    def svg(self) -> str:
        """What was drawn."""
        return "".join(self.parts)

    def path(self, d: str, fill: Fill, lit: Point = (0, 0), depth: float = DEPTH) -> None:
        """Any outline; with a tone, lit from ``lit``."""
        if isinstance(fill, str):
            self.parts.append(f'<path d="{d}" fill="{fill}"/>')
            return
        if depth <= 0:
            self.parts.append(f'<path d="{d}" fill="{fill.base}"/>')
            return
        self.parts.append(f'<path d="{d}" fill="{fill.shade}"/>')
        scale = 1 - depth
        move = f"matrix({num(scale)} 0 0 {num(scale)} {num(lit[0] * depth)} {num(lit[1] * depth)})"
        self.parts.append(f'<path d="{d}" fill="{fill.base}" transform="{move}"/>')

    def circle(self, x: float, y: float, r: float, fill: Fill, depth: float = DEPTH) -> None:
        """A disc; a ball with a tone."""
        self.ellipse(x, y, r, r, fill, depth=depth)

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, fill: Fill, turn: float = 0, depth: float = DEPTH
    ) -> None:
        """An ellipse, turned clockwise by degrees."""
        place = f' transform="rotate({num(turn)} {num(x)} {num(y)})"' if turn else ""
        if isinstance(fill, str):
            self._oval(x, y, rx, ry, fill, place)
            return
        self._oval(x, y, rx, ry, fill.shade if depth > 0 else fill.base, place)
        if depth > 0:
            away = -depth * 0.7
            angle = math.radians(-turn)
            dx = rx * away * math.cos(angle) - ry * away * math.sin(angle)
            dy = rx * away * math.sin(angle) + ry * away * math.cos(angle)
            if turn:
                dx, dy = rx * away, ry * away
            self._oval(x + dx, y + dy, rx * (1 - depth), ry * (1 - depth), fill.base, place)

    def _oval(self, x: float, y: float, rx: float, ry: float, fill: str, place: str) -> None:
        size = f'r="{num(rx)}"' if rx == ry else f'rx="{num(rx)}" ry="{num(ry)}"'
        kind = "circle" if rx == ry else "ellipse"
        self.parts.append(f'<{kind} cx="{num(x)}" cy="{num(y)}" {size} fill="{fill}"{place}/>')

    def box(self, x: float, y: float, w: float, h: float, fill: Fill, r: float = 0, depth: float = DEPTH) -> None:
        """A rectangle with round corners; with a tone, its right side and its foot lie in shade."""
        if isinstance(fill, Tone) and depth > 0:
            self._rect(x, y, w, h, fill.shade, r)
            edge = depth * min(w, h)
            self._rect(x, y, w - edge, h - edge, fill.base, r)
            return
        self._rect(x, y, w, h, fill if isinstance(fill, str) else fill.base, r)

    def _rect(self, x: float, y: float, w: float, h: float, fill: str, r: float) -> None:
        corner = f' rx="{num(min(r, w / 2, h / 2))}"' if r else ""
        self.parts.append(f'<rect x="{num(x)}" y="{num(y)}" width="{num(w)}" height="{num(h)}"{corner} fill="{fill}"/>')

    def pillar(self, x: float, y: float, w: float, h: float, fill: Tone, r: float = 0, share: float = 0.36) -> None:
        """A rectangle whose right part lies in shade: trunks, posts, towers."""
        self._rect(x, y, w, h, fill.shade, r)
        self._rect(x, y, w * (1 - share), h, fill.base, r)

    def poly(self, corners: str, fill: Fill, r: float = 0, depth: float = DEPTH) -> None:
        """A polygon with round corners."""
        d, lit = poly_path(corners, r)
        self.path(d, fill, lit, depth)

    def blob(self, outline: str, fill: Fill, depth: float = DEPTH, tension: float = 0.18) -> None:
        """A smooth shape through points."""
        d, lit = blob_path(outline, tension)
        self.path(d, fill, lit, depth)

    def line(self, corners: str, width: float, colour: str) -> None:
        """A line with round ends and joints."""
        self._stroke("M" + "L".join(_pair(point) for point in points(corners)), width, colour)

    def curve(self, through: str, width: float, colour: str) -> None:
        """A smooth line through points, with round ends."""
        self._stroke(curve_path(through), width, colour)

    def arc(self, d: str, width: float, colour: str) -> None:
        """A line along any path."""
        self._stroke(d, width, colour)

    def _stroke(self, d: str, width: float, colour: str) -> None:
        self.parts.append(
            f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{num(width)}" '
            'stroke-linecap="round" stroke-linejoin="round"/>'
        )

    def ring(self, x: float, y: float, r: float, width: float, colour: str) -> None:
        """A circle that is only its edge."""
        self.parts.append(
            f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(r)}" fill="none" stroke="{colour}" '
            f'stroke-width="{num(width)}"/>'
        )

    def eye(self, x: float, y: float, r: float = 2.6, colour: str = INK) -> None:
        """An eye: a dark disc with the light in it."""
        self.circle(x, y, r, colour)
        self.circle(x - r * 0.3, y - r * 0.35, r * 0.34, "#ffffff")

    def smile(self, x: float, y: float, w: float, width: float = 1.5, colour: str = INK) -> None:
        """A mouth, ``w`` wide, with its middle at ``x``."""
        self._stroke(
            f"M{num(x - w / 2)} {num(y)}Q{num(x)} {num(y + w * 0.55)} {num(x + w / 2)} {num(y)}", width, colour
        )

    @contextmanager
    def at(self, x: float = 0, y: float = 0, scale: float = 1, turn: float = 0, flip: bool = False) -> Generator[None]:
        """Draw with the origin at ``x``, ``y``; scaled, turned clockwise by degrees, mirrored."""
        move = f"translate({num(x)} {num(y)})"
        if turn:
            move += f" rotate({num(turn)})"
        if scale != 1 or flip:
            size = f"{scale:.4f}".rstrip("0").rstrip(".")
            move += f" scale({'-' if flip else ''}{size} {size})"
        self.parts.append(f'<g transform="{move}">')
        yield
        self.parts.append("</g>")
