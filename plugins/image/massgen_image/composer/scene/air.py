"""Places for what flies, floats or shines above the ground."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from massgen_image.composer.scene.cluster import Cluster
from massgen_image.composer.scene.frame import Box, Frame, Placed, covering

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
    "window": 0.3,
    "picture": 0.18,
}  # fmt: skip


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


def aloft(
    clusters: list[Cluster], frame: Frame, dice: random.Random, placed: list[Placed], unit: float
) -> list[Placed]:
    """What flies, at about the scale of what stands."""
    return _apart(lambda share: _flying(clusters, frame, dice, placed, unit, share))


def _flying(
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


def in_the_sky(clusters: list[Cluster], frame: Frame, dice: random.Random, placed: list[Placed]) -> list[Placed]:
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


def floating(clusters: list[Cluster], frame: Frame, dice: random.Random, placed: list[Placed]) -> list[Placed]:
    """Things that float: the first one near the middle, the others around it."""
    if not clusters:
        return []
    first = min(clusters, key=lambda one: one.order)
    area = sum(c.width * c.height * (first.height / c.height) ** 0.9 for c in clusters)
    unit = (frame.width * frame.height * (0.3 if len(clusters) > 1 else 0.2) / area) ** 0.5
    unit = min(unit, frame.height * 0.6 / first.height, frame.width * 0.62 / first.width)
    return _apart(lambda share: _around(clusters, first, unit * share, frame, dice, placed))


def _apart(place: Callable[[float], list[Placed]]) -> list[Placed]:
    """Things placed so that none covers another: smaller ones, where they do not fit."""
    found: list[Placed] = []
    for share in (1.0, 0.86, 0.74, 0.64):
        found = place(share)
        if not any(covering(one.box, other.box) > 0.01 for i, one in enumerate(found) for other in found[:i]):
            break
    return found


def _around(
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
