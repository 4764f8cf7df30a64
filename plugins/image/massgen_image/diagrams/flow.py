"""A flow drawn: nodes by their shapes, edges as smooth lines, groups as grounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from massgen_image.charts.theme import Theme
from massgen_image.colour import mixed
from massgen_image.diagrams.layering import Layout, Spot, laid_out
from massgen_image.diagrams.model import Edge, Flow, Node
from massgen_image.drawing.writing import Point, element, line, lines, middle_line, number, path
from massgen_image.lettering.measure import CAPITAL, balanced, width, wrapped

SIZE, LABEL = 15.0, 12.5
_ROOM = 170.0
_LEADING = 1.28


def flow(diagram: Flow, theme: Theme) -> tuple[list[str], float, float]:
    """The marks of a flow, and its width and height."""
    turned = diagram.direction == "right"
    rows = {name: balanced(node.label, SIZE, _ROOM, "medium") for name, node in diagram.nodes.items()}
    sizes = {name: _size(node, rows[name]) for name, node in diagram.nodes.items()}
    spots = {
        name: Spot(*(_turned(sizes[name]) if turned else sizes[name]), group=node.group)
        for name, node in diagram.nodes.items()
    }
    labels = [_label_size(edge, turned=turned) for edge in diagram.edges]
    layout = laid_out(spots, [(edge.start, edge.end) for edge in diagram.edges], labels)
    if turned:
        for spot in layout.spots.values():
            spot.x, spot.y, spot.width, spot.height = spot.y, spot.x, spot.height, spot.width
    groups = _groups(diagram, layout, theme)
    edges = [
        _edge(edge, steps, layout, theme, turned=turned)
        for edge, steps in zip(diagram.edges, layout.paths, strict=True)
    ]
    nodes = [_node(node, rows[name], layout.spots[name], theme, diagram) for name, node in diagram.nodes.items()]
    marks = [*groups, *(lines_ for lines_, _ in edges), *nodes, *(label for _, label in edges)]
    return _moved(marks, layout, bool(groups))


def _turned(size: tuple[float, float]) -> tuple[float, float]:
    return size[1], size[0]


def _moved(marks: list[str], layout: Layout, grouped: bool) -> tuple[list[str], float, float]:
    """The marks with room around them for groups and for edges that lead back to their own node."""
    margin = 40.0 if grouped else 6.0
    right = max(spot.x + spot.width / 2 for spot in layout.spots.values()) + margin
    bottom = max(spot.y + spot.height / 2 for spot in layout.spots.values()) + margin
    right += 44.0 if any(steps[0] == steps[-1] for steps in layout.paths) else 0.0
    inside = element("g", *marks, transform=f"translate({number(margin)} {number(margin)})")
    return [inside], right + margin, bottom + margin


def _size(node: Node, rows: Sequence[str]) -> tuple[float, float]:
    wide = max(width(row, SIZE, "medium") for row in rows)
    high = SIZE * CAPITAL + (len(rows) - 1) * SIZE * _LEADING
    if node.shape == "diamond":
        return max(110.0, wide * 1.5 + 40), max(76.0, high * 1.7 + 44)
    if node.shape == "circle":
        across = max(64.0, math.hypot(wide, high) + 28)
        return across, across
    return max(84.0, wide + (48 if node.shape == "pill" else 36)), high + (48 if node.shape == "store" else 34)


def _label_size(edge: Edge, *, turned: bool) -> tuple[float, float] | None:
    if not edge.label or edge.start == edge.end:
        return None
    rows = wrapped(edge.label, LABEL, 150)
    size = max(width(row, LABEL) for row in rows) + 14, len(rows) * LABEL * 1.25 + 10
    return _turned(size) if turned else size


def _node(node: Node, rows: Sequence[str], spot: Spot, theme: Theme, diagram: Flow) -> str:
    colour = _colour(node, diagram, theme)
    fill = mixed(colour, theme.ground, 0.86)
    shape = _SHAPES[node.shape](spot, fill=fill, stroke=mixed(colour, theme.ground, 0.1), stroke_width=1.6)
    high = SIZE * CAPITAL + (len(rows) - 1) * SIZE * _LEADING
    top = spot.y - high / 2 + (6 if node.shape == "store" else 0)
    return shape + lines(rows, spot.x, top, SIZE, theme.ink, leading=_LEADING, align="middle", weight="medium")


def _colour(node: Node, diagram: Flow, theme: Theme) -> str:
    """By group where there are groups, else by what a shape stands for."""
    groups = list(dict.fromkeys(each.group for each in diagram.nodes.values() if each.group))
    if groups:
        return theme.colour(groups.index(node.group)) if node.group else theme.faint
    return theme.colour({"diamond": 1, "store": 2, "circle": 3}.get(node.shape, 0))


def _box(spot: Spot, **look: str | float) -> str:
    return _rect(spot, 8, **look)


def _pill(spot: Spot, **look: str | float) -> str:
    return _rect(spot, spot.height / 2, **look)


def _rect(spot: Spot, round_: float, **look: str | float) -> str:
    return element(
        "rect",
        x=spot.x - spot.width / 2,
        y=spot.y - spot.height / 2,
        width=spot.width,
        height=spot.height,
        rx=round_,
        **look,
    )


def _diamond(spot: Spot, **look: str | float) -> str:
    across, down = spot.width / 2, spot.height / 2
    corners = [(spot.x, spot.y - down), (spot.x + across, spot.y), (spot.x, spot.y + down), (spot.x - across, spot.y)]
    return element("path", d=path(corners, closed=True), stroke_linejoin="round", **look)


def _circle(spot: Spot, **look: str | float) -> str:
    return element("circle", cx=spot.x, cy=spot.y, r=spot.width / 2, **look)


def _store(spot: Spot, **look: str | float) -> str:
    """A cylinder, as databases are drawn."""
    left, top, wide, high, lid = spot.x - spot.width / 2, spot.y - spot.height / 2, spot.width, spot.height, 8.0
    n = number
    arc = f"a{n(wide / 2)} {n(lid)} 0 0"
    body = f"M{n(left)} {n(top + lid)}{arc} 1 {n(wide)} 0v{n(high - 2 * lid)}{arc} 1 {n(-wide)} 0Z"
    lid_ = f"M{n(left)} {n(top + lid)}{arc} 0 {n(wide)} 0"
    return element("path", d=body, **look) + element("path", d=lid_, **{**look, "fill": "none"})


_SHAPES = {"box": _box, "pill": _pill, "diamond": _diamond, "circle": _circle, "store": _store}


def _edge(edge: Edge, steps: Sequence[str], layout: Layout, theme: Theme, *, turned: bool) -> tuple[str, str]:
    """The line with its arrows, and its label, which lies over everything."""
    ink = theme.soft
    look = {"stroke": ink, "stroke_width": 2.6 if edge.thick else 1.6, "fill": "none"}
    dash = "6 5" if edge.dashed else None
    if edge.start == edge.end:
        return _loop(edge, layout.spots[edge.start], theme, look, dash)
    spots = [layout.spots[name] for name in steps]
    points = _ends(spots, turned=turned)
    parts = [element("path", d=_smooth(points, turned=turned), stroke_dasharray=dash, **look)]
    if edge.forward:
        parts.append(_head(points[-2], points[-1], ink, turned=turned))
    if edge.backward:
        parts.append(_head(points[1], points[0], ink, turned=turned))
    middle = next((spot for spot in spots[1:-1] if spot.width or spot.height), None)
    return "".join(parts), _label(edge, (middle.x, middle.y), theme) if middle else ""


def _ends(spots: Sequence[Spot], *, turned: bool) -> list[Point]:
    """The points of an edge, from the rim of one node to that of the other."""
    points = [(spot.x, spot.y) for spot in spots]
    first, last = spots[0], spots[-1]
    ahead = 1 if (last.x >= first.x if turned else last.y >= first.y) else -1
    aside = 0.0 if ahead == 1 else 16.0  # what runs back stands beside what runs on
    for at, spot, sign in ((0, first, ahead), (-1, last, -ahead)):
        along, across = sign * spot.width / 2, sign * spot.height / 2
        points[at] = (spot.x + along, spot.y + aside) if turned else (spot.x + aside, spot.y + across)
    return points


def _smooth(points: Sequence[Point], *, turned: bool) -> str:
    """A curve that leaves and arrives along the flow and never swings beyond its bends (Fritsch and Carlson 1980)."""
    ways = [(y, x) if turned else (x, y) for x, y in points]
    slopes = [(x1 - x0) / ((y1 - y0) or 1e-9) for (x0, y0), (x1, y1) in pairwise(ways)]
    inner = [2 * a * b / (a + b) if a * b > 0 else 0.0 for a, b in pairwise(slopes)]
    data = _at(ways[0], "M", turned=turned)
    for ((x0, y0), (x1, y1)), before, after in zip(pairwise(ways), [0.0, *inner], [*inner, 0.0], strict=True):
        part = (y1 - y0) * (0.5 if len(ways) == 2 else 1 / 3)
        data += _at((x0 + before * part, y0 + part), "C", turned=turned)
        data += _at((x1 - after * part, y1 - part), " ", turned=turned) + _at((x1, y1), " ", turned=turned)
    return data


def _at(way: Point, mark: str, *, turned: bool) -> str:
    x, y = way[::-1] if turned else way
    return f"{mark}{number(x)} {number(y)}"


def _head(before: Point, tip: Point, ink: str, *, turned: bool) -> str:
    x, y = tip
    if turned:
        back = -9 if before[0] < x else 9
        corners = [(x, y), (x + back, y - 5), (x + back, y + 5)]
    else:
        back = -9 if before[1] < y else 9
        corners = [(x, y), (x - 5, y + back), (x + 5, y + back)]
    return element("path", d=path(corners, closed=True), fill=ink)


def _label(edge: Edge, spot: Point, theme: Theme) -> str:
    rows = wrapped(edge.label, LABEL, 150)
    wide = max(width(row, LABEL) for row in rows) + 10
    high = LABEL * CAPITAL + (len(rows) - 1) * LABEL * 1.25
    ground = element(
        "rect", x=spot[0] - wide / 2, y=spot[1] - high / 2 - 5, width=wide, height=high + 10, rx=4, fill=theme.ground
    )
    return ground + lines(rows, spot[0], spot[1] - high / 2, LABEL, theme.soft, leading=1.25, align="middle")


def _loop(edge: Edge, spot: Spot, theme: Theme, look: dict[str, str | float], dash: str | None) -> tuple[str, str]:
    x, y = spot.x + spot.width / 2, spot.y
    data = f"M{number(x)} {number(y - 9)}c34 -16 34 34 0 18"
    marks = element("path", d=data, stroke_dasharray=dash, **look)
    marks += element("path", d=path([(x, y + 9), (x + 10, y + 6), (x + 7, y + 15)], closed=True), fill=theme.soft)
    return marks, middle_line(edge.label, x + 30, y - 16, LABEL, theme.soft) if edge.label else ""


def _groups(diagram: Flow, layout: Layout, theme: Theme) -> list[str]:
    """A ground with a name around each group, where nothing else would stand on it."""
    names = list(dict.fromkeys(node.group for node in diagram.nodes.values() if node.group))
    marks: list[str] = []
    for place, group in enumerate(names):
        inside = [layout.spots[name] for name, node in diagram.nodes.items() if node.group == group]
        left = min(spot.x - spot.width / 2 for spot in inside) - 20
        right = max(spot.x + spot.width / 2 for spot in inside) + 20
        top = min(spot.y - spot.height / 2 for spot in inside) - 32
        bottom = max(spot.y + spot.height / 2 for spot in inside) + 18
        others = [layout.spots[name] for name, node in diagram.nodes.items() if node.group != group]
        if any(_overlaps(spot, (left, top, right, bottom)) for spot in others):
            continue
        right = max(right, left + width(group, LABEL, "bold") + 24)
        colour = theme.colour(place)
        marks.append(
            element(
                "rect",
                x=left,
                y=top,
                width=right - left,
                height=bottom - top,
                rx=12,
                fill=mixed(colour, theme.ground, 0.94),
                stroke=mixed(colour, theme.ground, 0.6),
                stroke_dasharray="4 4",
            )
        )
        marks.append(line(group, left + 12, top + 19, LABEL, colour, weight="bold"))
    return marks


def _overlaps(spot: Spot, box: tuple[float, float, float, float]) -> bool:
    left, top, right, bottom = box
    across, down = spot.width / 2, spot.height / 2
    return spot.x + across > left and spot.x - across < right and spot.y + down > top and spot.y - down < bottom
