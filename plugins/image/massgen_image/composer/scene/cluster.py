"""Things that belong together, placed relative to each other: a rider on a horse, cups on a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from massgen_image.composer.motif import Look, Motif, Spot
from massgen_image.composer.words.reading import Thing

OPEN = frozenset(
    {
        "boat",
        "sailboat",
        "vase",
        "cup",
        "bowl",
        "basket",
        "bucket",
        "box",
        "barrel",
        "bathtub",
        "nest",
        "hot air balloon",
        "parachute",
        "treasure chest",
        "pirate ship",
    }
)  # fmt: skip


def height(metres: float) -> float:
    """How high a thing is drawn, relative to others: differences are kept, but smaller than they are."""
    return metres**0.42


@dataclass(frozen=True, slots=True)
class Part:
    """One drawing: the middle of its foot at ``x``, ``y`` (downwards), ``scale`` cluster units per unit of its box."""

    motif: Motif
    look: Look
    x: float
    y: float
    scale: float
    shadow: bool = True

    @property
    def width(self) -> float:
        return self.motif.w * self.scale

    @property
    def height(self) -> float:
        return self.motif.h * self.scale

    def spot(self, *names: str) -> Spot | None:
        """Where a named place of the drawing is, in the cluster: x, y and width."""
        for name in names:
            if name in self.motif.spots:
                x, y, w = self.motif.spots[name]
                across = (x - self.motif.w / 2) * self.scale
                return (
                    self.x + across,
                    self.y - (self.motif.h - y) * self.scale,
                    w * self.scale,
                )
        return None


@dataclass(slots=True)
class Cluster:
    """Drawings that keep their places towards each other, from back to front; ``main`` is what the others relate to."""

    parts: list[Part]
    main: Part
    where: str
    order: int = 0
    heavy: bool = field(default=False)

    @property
    def left(self) -> float:
        return min(part.x - part.width / 2 for part in self.parts)

    @property
    def right(self) -> float:
        return max(part.x + part.width / 2 for part in self.parts)

    @property
    def top(self) -> float:
        return min(part.y - part.height for part in self.parts)

    @property
    def foot(self) -> float:
        return max(part.y for part in self.parts)

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.foot - self.top

    def moved(self, dx: float, dy: float, scale: float = 1.0, shadow: bool | None = None) -> list[Part]:
        """The parts, scaled about the origin and then moved."""
        return [
            replace(
                part,
                x=part.x * scale + dx,
                y=part.y * scale + dy,
                scale=part.scale * scale,
                shadow=part.shadow if shadow is None else shadow,
            )
            for part in self.parts
        ]

    def add(self, parts: Iterable[Part], behind: bool = False) -> None:
        """Put drawings in front of the others, or behind them."""
        self.parts = [*parts, *self.parts] if behind else [*self.parts, *parts]


def single(motif: Motif, thing: Thing, look: Look) -> Cluster:
    """One drawing, standing at the origin."""
    part = Part(motif, look, 0, 0, height(motif.tall) * thing.size / motif.h)
    return Cluster([part], part, thing.pose or motif.where, heavy=motif.tall * thing.size > 4.5)


def row(clusters: list[Cluster], gap: float = 0.06) -> Cluster:
    """Clusters side by side on one line, around the origin."""
    total = sum(cluster.width for cluster in clusters) + gap * (len(clusters) - 1)
    x = -total / 2
    parts: list[Part] = []
    main: Part | None = None
    for cluster in clusters:
        moved = cluster.moved(x - cluster.left, 0)
        main = main or moved[cluster.parts.index(cluster.main)]
        parts += moved
        x += cluster.width + gap
    first = clusters[0]
    return Cluster(parts, main or first.main, first.where, first.order, any(cluster.heavy for cluster in clusters))


def heap(clusters: list[Cluster], width: float) -> Cluster:
    """A row that becomes several when it is wider than ``width``: the first ones stand further back."""
    whole = row(clusters, gap=0.04)
    if len(clusters) < 5 or whole.width <= width:
        return whole
    rows = 2 if len(clusters) < 12 else 3
    per = -(-len(clusters) // rows)
    lines = [row(clusters[i : i + per], gap=0.04) for i in range(0, len(clusters), per)]
    step = max(line.height for line in lines) * 0.38
    parts = [part for i, line in enumerate(lines) for part in line.moved((i % 2) * 0.1, (i - len(lines) + 1) * step)]
    return Cluster(parts, parts[-1], whole.where, whole.order, whole.heavy)
