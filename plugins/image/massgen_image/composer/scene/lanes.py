"""Rows of what stands on the ground or swims on the water: far ones higher and smaller."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from massgen_image.composer.scene.cluster import Cluster
from massgen_image.composer.scene.frame import Frame, Placed, covering, zone

TRIES = 36


@dataclass(frozen=True, slots=True)
class _Row:
    """Clusters that stand on one line: its height in the picture, and how much smaller things are there."""

    clusters: Sequence[Cluster]
    foot: float
    scale: float

    def span(self) -> float:
        widths = [cluster.width for cluster in self.clusters]
        return (sum(widths) + 0.12 * (len(widths) + 1)) * self.scale


def standing(
    ground: list[Cluster], water: list[Cluster], frame: Frame, dice: random.Random, most: float
) -> list[Placed]:
    """Rows of what stands, with one unit for all of them; nothing is higher than ``most`` of the picture."""
    if not ground and not water:
        return []
    best: tuple[float, list[Placed]] | None = None
    small = sum(not cluster.heavy for cluster in ground)
    for rows in range(1, 4 if small > 2 else 2):
        plan = _rows(ground, water, frame, rows)
        unit = _unit(plan, frame, most)
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
