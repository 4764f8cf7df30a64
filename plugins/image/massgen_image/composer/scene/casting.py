"""From what a prompt says to clusters of drawings, each with its colours, its variation and its place in them."""

from __future__ import annotations

import random
from collections.abc import Sequence

from massgen_image.composer.motif import Look
from massgen_image.composer.motifs import MOTIFS
from massgen_image.composer.scene.cluster import OPEN, Cluster, heap, row, single
from massgen_image.composer.scene.relations import CLOTHES, HOLDERS, PUT, between, can_hold
from massgen_image.composer.words.reading import Link, Reading, Thing

SEASONAL = {
    "autumn": ("#e08a3c", "#d9a53c", "#cf6a3a", "#b98a3f"),
    "winter": ("#e3edf3", "#d3e2ec"),
    "spring": ("#f3b3c6", "#8cc66a", "#9fd07a"),
}
LEAFY = frozenset({"tree", "bush", "leaf", "apple tree"})
LIVING = frozenset({"pets", "beasts", "birds", "sea", "small", "wild", "farm"})
FURNISHED = frozenset({"furniture", "streetside", "vessels"})
PLACING = frozenset({"on", "under", "in", "behind", "front", "beside", "ride"})
WHOLE_ROW = 4.2  # how wide a row of one kind may get before it becomes a heap


class Casting:
    """Builds the clusters of one reading."""

    def __init__(self, reading: Reading, dice: random.Random) -> None:
        self.reading = reading
        self.dice = dice
        self.taken = [False] * len(reading.things)
        self.links = self._usable(reading.links)

    def clusters(self) -> list[Cluster]:
        """One cluster for each group of things that hang together; many of one kind stand by themselves."""
        bound = {link.child for link in self.links} | {link.other for link in self.links}
        found: list[Cluster] = []
        for index in range(len(self.reading.things)):
            if self.taken[index] or index in bound:
                continue
            free = not any(link.parent == index for link in self.links)
            if free:
                self.taken[index] = True
                found += self._each(index)
            else:
                found.append(self._build(index))
        found += [self._build(i) for i in range(len(self.reading.things)) if not self.taken[i]]
        for order, cluster in enumerate(found):
            cluster.order = order
        return found

    def _usable(self, links: Sequence[Link]) -> list[Link]:
        """Each thing in one place, and nobody in his own hand; what holds another thing becomes its parent."""
        found: list[Link] = []
        placed: set[int] = set()
        for link in links:
            turned = self._turn(link)
            if turned is None or turned.child in placed or self._circular(turned, found):
                continue
            if turned.relation in ("beside", "at", "left", "right") and self._flies(turned.child):
                continue  # bees around flowers are in the air
            ends = (self._where(turned.child), self._where(turned.parent))
            if ("sky" in ends or "wall" in ends) and turned.relation not in (
                "on",
                "ride",
                "in",
            ):
                continue  # the sky has its own order
            placed.add(turned.child)
            found.append(turned)
        return found

    def _flies(self, index: int) -> bool:
        thing = self.reading.things[index]
        return thing.pose == "air" or MOTIFS.by_name[thing.motif].where == "air"

    def _where(self, index: int) -> str:
        return MOTIFS.by_name[self.reading.things[index].motif].where

    def _turn(self, link: Link) -> Link | None:
        if link.relation == "over":  # a bird over a fence flies, a giraffe looks over it
            stands = self._where(link.child) in ("ground", "floor") and not self._flies(link.child)
            return Link("behind" if stands else "above", link.child, link.parent)
        if link.relation not in ("with", "hold", "wear", "filled", "of"):
            return link
        holder, item = self.reading.things[link.child], self.reading.things[link.parent]
        subject, kind = MOTIFS.by_name[holder.motif], MOTIFS.by_name[item.motif]
        if item.motif in CLOTHES and subject.subject in HOLDERS:
            holder.colours = item.colours or holder.colours
            self.taken[link.parent] = bool(item.colours) or link.relation == "wear"
            return None
        if "foot" in kind.spots and item.motif != "balloon" and link.relation in ("with", "wear"):
            return Link("wear", link.parent, link.child)
        if link.relation in ("filled", "of") or (link.relation == "with" and holder.motif in OPEN):
            where = "filled" if "inside" in subject.spots else "on" if "top" in subject.spots else None
            return Link(where, link.parent, link.child) if where else None
        if (
            link.relation == "with"
            and subject.subject in FURNISHED
            and "top" in subject.spots
            and kind.where == "table"
        ):
            return Link("on", link.parent, link.child)  # "a desk with a lamp"
        loose = self._holds(link) or (link.relation == "with" and kind.subject in LIVING)
        if item.count <= 2 and not loose and can_hold(self._single(link.child), self._single(link.parent)):
            return Link("hold", link.parent, link.child)
        along = link.relation != "with" or any(
            one.child == link.child and one.relation in PLACING for one in self.reading.links
        )  # what is with somebody who is on an island is there too
        return Link("beside", link.parent, link.child) if along else None

    def _holds(self, link: Link) -> bool:
        """Whether another thing is in that hand already."""
        before = self.reading.links[: self.reading.links.index(link)]
        return any(one.child == link.child and one.relation in ("hold", "with") for one in before)

    def _single(self, index: int) -> Cluster:
        thing = self.reading.things[index]
        return single(MOTIFS.by_name[thing.motif], thing, Look())

    def _circular(self, link: Link, links: Sequence[Link]) -> bool:
        above = {one.child: one.parent for one in links}
        at: int | None = link.parent
        for _ in range(len(self.reading.things) + 1):
            if at == link.child:
                return True
            at = above.get(at) if at is not None else None
        return False

    def _each(self, index: int) -> list[Cluster]:
        thing = self.reading.things[index]
        motif = MOTIFS.by_name[thing.motif]
        first = self.dice.randrange(1 << 16)
        looks = [self._look(index, thing, i, first + i) for i in range(thing.count)]
        several = thing.count > 1
        found: list[Cluster] = []
        for look in looks:
            cluster = single(motif, thing, look)
            if several:
                size = 1 + (self.dice.random() - 0.5) * 0.12
                parts = cluster.moved(0, 0, size)
                cluster = Cluster(parts, parts[0], cluster.where, cluster.order, cluster.heavy)
            found.append(cluster)
        return found

    def _look(self, index: int, thing: Thing, copy: int, seed: int) -> Look:
        others = [c for i, other in enumerate(self.reading.things) if i != index for c in other.colours]
        own = thing.colours
        if len(own) > 1 and thing.count > 1:
            own = (own[copy % len(own)],)  # "red and blue balls"
        if not own and thing.motif in LEAFY and self.reading.season in SEASONAL:
            shades = SEASONAL[self.reading.season]
            own = (shades[self.dice.randrange(len(shades))],)
        night = self.reading.time in ("night", "dusk")
        return Look(colours=own, avoid=tuple(dict.fromkeys(others)), seed=seed, night=night)

    def _build(self, index: int) -> Cluster:
        """The things of one noun phrase in a row, with all that is on, in, under and around them."""
        self.taken[index] = True
        thing = self.reading.things[index]
        cluster = heap(self._each(index), WHOLE_ROW)
        for relation in ("wear", "hold", "ride", "drive", "filled", "in", "on", "under", "below", "behind", "front"):
            self._attach(cluster, index, relation)
        for relation in ("above", "left", "right", "beside", "at"):
            self._attach(cluster, index, relation)
        for link in [one for one in self.links if one.relation == "between" and one.parent == index]:
            if not self.taken[link.child]:
                cluster = self._between(cluster, link, thing)
        return cluster

    def _attach(self, cluster: Cluster, index: int, relation: str) -> None:
        children = [
            self._build(link.child)
            for link in self.links
            if link.relation == relation and link.parent == index and not self.taken[link.child]
        ]
        if not children:
            return
        heavy = cluster.heavy or any(child.heavy for child in children)
        if relation == "on" and 1 < len(children) <= self.reading.things[index].count:
            seats = [part for part in cluster.parts if part.motif is cluster.main.motif]
            for seat, child in zip(seats, children, strict=False):  # a butterfly and a bee on flowers
                cluster.main = seat
                PUT[relation](cluster, child)
        elif relation in ("ride", "drive", "hold", "wear"):
            for child in children:
                PUT[relation](cluster, child)
        else:
            PUT[relation](cluster, row(children) if len(children) > 1 else children[0])
        cluster.heavy = heavy

    def _between(self, cluster: Cluster, link: Link, thing: Thing) -> Cluster:
        child = self._build(link.child)
        if link.other is not None and not self.taken[link.other]:
            return between(cluster, child, self._build(link.other))
        if thing.count < 2:
            return row([cluster, child])
        singles = self._each(link.parent)
        half = len(singles) // 2
        return between(row(singles[:half]), child, row(singles[half:]))
