"""Where each cluster goes: lanes on the ground (far ones higher and smaller), the air, the sky, or anywhere.

Places are found by trying: arrangements are drawn by lot and the one with the least covering is kept, so that the same
seed gives the same picture and no two things hide each other where there is room.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from massgen_image.composer.scene.cluster import Cluster

Box = tuple[float, float, float, float]
TRIES = 36
SKY_SIZE = {
    "sun": 0.2,
    "moon": 0.17,
    "crescent moon": 0.17,
    "cloud": 0.15,
    "rainbow": 0.4,
    "firework": 0.3,
    "planet": 0.24,
    "earth": 0.26,
    "mars": 0.22,
    "shooting star": 0.13,
    "lightning": 0.26,
    "rain cloud": 0.24,
    "satellite": 0.2,
    "snowflake": 0.09,
    "star": 0.1,
}  # fmt: skip
FREE = frozenset({"space", "sky"})
WATERS = frozenset({"sea", "beach", "lake"})


@dataclass(frozen=True, slots=True)
class Placed:
    """A cluster in the picture: its origin at ``x``, ``y``, ``scale`` picture units per cluster unit."""

    cluster: Cluster
    x: float
    y: float
    scale: float
    layer: float
    afloat: bool = False

    @property
    def box(self) -> Box:
        c = self.cluster
        return (
            self.x + c.left * self.scale, self.y + c.top * self.scale,
            self.x + c.right * self.scale, self.y + c.foot * self.scale,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """The picture that things are placed in."""

    width: float
    height: float
    horizon: float
    place: str

    @property
    def short(self) -> float:
        return min(self.width, self.height)


@dataclass(frozen=True, slots=True)
class _Row:
    """Clusters that stand on one line: its height in the picture, and how much smaller things are there."""

    clusters: Sequence[Cluster]
    foot: float
    scale: float

    def span(self) -> float:
        widths = [cluster.width for cluster in self.clusters]
        return (sum(widths) + 0.12 * (len(widths) + 1)) * self.scale


def covering(one: Box, other: Box) -> float:
    """How much of the smaller of two boxes the other one covers, 0–1."""
    w = min(one[2], other[2]) - max(one[0], other[0])
    h = min(one[3], other[3]) - max(one[1], other[1])
    if w <= 0 or h <= 0:
        return 0.0
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return w * h / max(1.0, smaller)


def zone(cluster: Cluster, place: str) -> str:
    """Where a cluster belongs in a place: sky, air, water, ground, or free."""
    where = cluster.where
    if where == "sky":
        return "free" if place == "space" and cluster.main.motif.name != "star" else "sky"
    if place in FREE or (place == "underwater" and where in ("deep", "water", "air")):
        return "free"
    if where == "air":
        return "air"
    if place == "sea" or (where in ("water", "deep") and place in WATERS):
        return "water"
    return "ground"


def lay_out(clusters: Sequence[Cluster], frame: Frame, dice: random.Random) -> list[Placed]:
    """Every cluster in its place, from back to front."""
    zones: dict[str, list[Cluster]] = {"sky": [], "air": [], "water": [], "ground": [], "free": []}
    for cluster in clusters:
        zones[zone(cluster, frame.place)].append(cluster)
    standing = _standing(zones["ground"], zones["water"], frame, dice, bool(zones["air"]))
    placed = list(standing)
    placed += _free(zones["free"], frame, dice, placed)
    unit = standing[0].scale if standing else frame.height * 0.22
    placed += _apart(lambda share: _aloft(zones["air"], frame, dice, placed, unit, share))
    placed += _in_the_sky(zones["sky"], frame, dice, placed)
    return sorted(placed, key=lambda one: one.layer)


# on the ground and on the water


def _standing(
    ground: list[Cluster], water: list[Cluster], frame: Frame, dice: random.Random, aloft: bool
) -> list[Placed]:
    """Rows of what stands, with one unit for all of them."""
    if not ground and not water:
        return []
    best: tuple[float, list[Placed]] | None = None
    small = sum(not cluster.heavy for cluster in ground)
    for rows in range(1, 4 if small > 2 else 2):
        plan = _rows(ground, water, frame, rows)
        unit = _unit(plan, frame, 0.5 if aloft else 0.66)
        placed, cost = _spaced(plan, unit, frame, dice)
        merit = unit * max(0.1, 1 - cost) / rows**0.12
        if best is None or merit > best[0] * 1.02:
            best = (merit, placed)
    assert best
    return best[1]


def _rows(ground: list[Cluster], water: list[Cluster], frame: Frame, rows: int) -> list[_Row]:
    depth = frame.height - frame.horizon
    heavy = [cluster for cluster in ground if cluster.heavy]
    light = [cluster for cluster in ground if not cluster.heavy]
    plan: list[_Row] = []
    if water:
        share = {"beach": 0.24, "lake": 0.42}.get(frame.place, 0.5)
        halves = [[c for c in water if c.heavy], [c for c in water if not c.heavy]]  # small ones in front of large ones
        if not all(halves):
            halves = [water] if len(water) < 4 else [water[::2], water[1::2]]
        for i, part in enumerate(halves):
            at = share + (i - (len(halves) - 1) / 2) * (0.4 if frame.place == "sea" else 0.16)
            plan.append(_Row(part, frame.horizon + depth * at, 0.86 + 0.2 * i))
    if heavy:
        share = 0.62 if frame.place in ("beach", "lake") else (0.2 if light else 0.46)
        plan.append(_Row(heavy, frame.horizon + depth * share, 0.86))
    low = 0.74 if frame.place in ("beach", "lake", "street") or heavy else (0.5 if rows > 1 else 0.62)
    if frame.place == "studio":
        low = 0.3
    for i in range(rows if light else 0):
        part = light[i::rows]
        if part:
            share = low + (0.9 - low) * (i / max(1, rows - 1) if rows > 1 else 0.0)
            plan.append(_Row(part, frame.horizon + depth * share, 0.92 + 0.2 * (share - 0.5)))
    return plan


def _unit(plan: list[_Row], frame: Frame, most: float) -> float:
    """The largest scale at which every row fits, and no thing is higher than ``most`` of the picture."""
    several = len(plan) > 1
    found = frame.short * (1.15 if frame.place == "studio" else 0.62)
    for row in plan:
        tallest = max(cluster.height for cluster in row.clusters)
        found = min(found, frame.width * 0.94 / row.span(), (row.foot - frame.height * 0.07) / (tallest * row.scale))
        limit = frame.height * (0.46 if frame.place == "studio" else most if row.scale < 0.9 or not several else 0.5)
        found = min(found, limit / (tallest * row.scale))
    return found


def _spaced(plan: list[_Row], unit: float, frame: Frame, dice: random.Random) -> tuple[list[Placed], float]:
    """The arrangement with the least covering, of some, and how bad it still is."""
    best: list[Placed] = []
    least = float("inf")
    many = sum(len(row.clusters) for row in plan)
    for attempt in range(max(5, min(TRIES, 400 // many))):
        placed = [one for row in plan for one in _line(row, unit, frame, dice, attempt)]
        cost = _cost(placed, frame)
        if cost < least - 1e-9:
            best, least = placed, cost
        if least < 0.02 and attempt > 6:
            break
    return best, least


def _line(row: _Row, unit: float, frame: Frame, dice: random.Random, attempt: int) -> list[Placed]:
    clusters = list(row.clusters)
    if attempt > 2:
        dice.shuffle(clusters)
    scale = unit * row.scale
    room = max(0.0, frame.width - sum(cluster.width for cluster in clusters) * scale)
    weights = [1.0 + (dice.random() * 1.6 if attempt else 0.0) for _ in range(len(clusters) + 1)]
    gaps = [room * weight / sum(weights) for weight in weights]
    x, found = 0.0, list[Placed]()
    for gap, cluster in zip(gaps, clusters, strict=False):
        x += gap
        lift = (dice.random() - 0.5) * (frame.height - frame.horizon) * 0.07 if len(clusters) > 2 else 0.0
        afloat = zone(cluster, frame.place) == "water"
        found.append(Placed(cluster, x - cluster.left * scale, row.foot + lift, scale, row.foot + lift, afloat))
        x += cluster.width * scale
    return found


def _cost(placed: list[Placed], frame: Frame) -> float:
    total = 0.0
    boxes = [one.box for one in placed]
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            total += covering(one, other)
    middle = sum((box[0] + box[2]) / 2 for box in boxes) / len(boxes)
    return 1.6 * total / len(boxes) + abs(middle - frame.width / 2) / frame.width * 0.4


# above the ground


def _seek(
    cluster: Cluster,
    scale: float,
    room: Box,
    placed: Sequence[Placed],
    dice: random.Random,
    layer: float,
    tries: int = 40,
) -> Placed:
    """A place in ``room`` where the cluster covers as little as can be and keeps away from the others."""
    w, h = cluster.width * scale, cluster.height * scale
    best: tuple[float, Placed] | None = None
    for _ in range(tries):
        x = dice.uniform(room[0], max(room[0], room[2] - w)) - cluster.left * scale
        y = dice.uniform(room[1], max(room[1], room[3] - h)) - cluster.top * scale
        one = Placed(cluster, x, y, scale, layer)
        box = one.box
        cost = sum(_nearness(box, other.box, w + h) for other in placed)
        if best is None or cost < best[0]:
            best = (cost, one)
    assert best
    return best[1]


def _nearness(one: Box, other: Box, size: float) -> float:
    """What it costs to stand close: much where one covers the other, a little where they nearly touch."""
    cover = covering(one, other)
    dx = max(0.0, max(one[0], other[0]) - min(one[2], other[2]))
    dy = max(0.0, max(one[1], other[1]) - min(one[3], other[3]))
    return (0.5 + cover if cover else 0.0) + 0.12 * max(0.0, 1 - (dx + dy) / max(1.0, size * 0.3))


def _aloft(
    clusters: list[Cluster], frame: Frame, dice: random.Random, placed: list[Placed], unit: float, share: float
) -> list[Placed]:
    found: list[Placed] = []
    many = len(clusters)
    for cluster in sorted(clusters, key=lambda one: -one.height):
        most = frame.height * (0.46 if not placed and many == 1 else 0.3 if many < 4 else 0.2) * share
        size = min(max(cluster.height * unit * 0.85, frame.height * 0.09), most) / cluster.height
        size = min(size, frame.width * 0.5 / cluster.width)
        room = (
            frame.width * 0.04,
            frame.height * 0.06,
            frame.width * 0.96,
            max(frame.horizon * 0.92, cluster.height * size + 60),
        )
        found.append(_seek(cluster, size, room, [*placed, *found], dice, -500.0, max(6, min(90, 700 // many))))
    return found


def _in_the_sky(clusters: list[Cluster], frame: Frame, dice: random.Random, placed: list[Placed]) -> list[Placed]:
    found: list[Placed] = []
    order = {"rainbow": 0, "sun": 1, "moon": 1, "crescent moon": 1}
    stars = sum(cluster.main.motif.name == "star" for cluster in clusters)
    for cluster in sorted(clusters, key=lambda one: order.get(one.main.motif.name, 2)):
        name = cluster.main.motif.name
        share = (0.045 if stars > 3 else SKY_SIZE["star"]) if name == "star" else SKY_SIZE.get(name, 0.16)
        asked = cluster.main.height / cluster.main.motif.tall**0.42
        size = frame.short * share * asked / cluster.height
        size = min(size, frame.width * 0.6 / cluster.width)
        low = frame.horizon * (0.98 if name == "rainbow" else 0.6)
        room = (
            frame.width * 0.03,
            frame.height * (0.05 if name != "rainbow" else 0.1),
            frame.width * 0.97,
            max(low, cluster.height * size + 40),
        )
        tries = max(6, min(40, 160 // len(clusters)))
        found.append(_seek(cluster, size, room, [*placed, *found], dice, -1000.0 + order.get(name, 2) * 10, tries))
    return found


def _free(clusters: list[Cluster], frame: Frame, dice: random.Random, placed: list[Placed]) -> list[Placed]:
    """Things that float: the first one near the middle, the others around it."""
    if not clusters:
        return []
    first = min(clusters, key=lambda one: one.order)
    area = sum(c.width * c.height * (first.height / c.height) ** 0.9 for c in clusters)
    unit = (frame.width * frame.height * (0.3 if len(clusters) > 1 else 0.2) / area) ** 0.5
    unit = min(unit, frame.height * 0.6 / first.height, frame.width * 0.62 / first.width)
    return _apart(lambda share: _floating(clusters, first, unit * share, frame, dice, placed))


def _apart(place: Callable[[float], list[Placed]]) -> list[Placed]:
    """Things placed so that none covers another: smaller ones, where they do not fit."""
    found: list[Placed] = []
    for share in (1.0, 0.86, 0.74, 0.64):
        found = place(share)
        if not any(covering(one.box, other.box) > 0.01 for i, one in enumerate(found) for other in found[:i]):
            break
    return found


def _floating(
    clusters: list[Cluster], first: Cluster, unit: float, frame: Frame, dice: random.Random, placed: list[Placed]
) -> list[Placed]:
    found: list[Placed] = []
    for cluster in sorted(clusters, key=lambda one: (one is not first, -one.height * one.width)):
        if not found:
            room = (frame.width * 0.2, frame.height * 0.12, frame.width * 0.8, frame.height * 0.88)
        else:
            room = (frame.width * 0.04, frame.height * 0.06, frame.width * 0.96, frame.height * 0.94)
        if frame.place == "underwater":
            room = (room[0], room[1], room[2], frame.height * 0.84)
        size = unit * (first.height / cluster.height) ** 0.45  # what is far bigger than the subject is further away
        size = min(max(size, frame.short * 0.11 / cluster.height), frame.height * 0.62 / cluster.height)
        found.append(_seek(cluster, size, room, [*placed, *found], dice, 10.0, max(6, min(90, 400 // len(clusters)))))
    return found
