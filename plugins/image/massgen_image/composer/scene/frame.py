"""The picture that things are placed in, and what a place in it is."""

from __future__ import annotations

from dataclasses import dataclass

from massgen_image.composer.scene.cluster import Cluster

Box = tuple[float, float, float, float]
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
    if where == "wall":
        return "sky" if place == "room" else "ground"
    if where == "sky":
        return "free" if place == "space" and cluster.main.motif.name != "star" else "sky"
    if place in FREE or (place == "underwater" and where in ("deep", "water", "air")):
        return "free"
    if where == "air":
        return "air"
    if place == "sea" or (where in ("water", "deep") and place in WATERS):
        return "water"
    return "ground"
