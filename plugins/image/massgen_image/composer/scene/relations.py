"""How one cluster is put to another: on it, under it, in it, in its hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from massgen_image.composer.motifs import MOTIFS
from massgen_image.composer.scene.cluster import OPEN, Cluster, Part, height, row

HELD_UP = frozenset({"balloon", "kite", "umbrella", "flag", "lantern"})
PEOPLE = frozenset({"people", "jobs", "uniforms", "royals", "legends", "beings"})
HOLDERS = PEOPLE | {"pets", "beasts"}
CLOTHES = frozenset({"shirt", "dress", "shoe"})
BULKY = PEOPLE | {
    "homes", "public", "landmarks", "road", "cars", "craft", "nature", "furniture", "streetside", "wild", "farm",
    "trees",
}  # fmt: skip


def _sitting(child: Cluster, seat: tuple[float, float, float] | None) -> Cluster:
    """People who are on a seat sit on it."""
    main = child.main
    if not seat or "hip" not in main.motif.spots:
        return child
    sits = replace(main, look=replace(main.look, pose="sit"), shadow=False)
    parts = [sits if part is main else part for part in child.parts]
    hip = sits.spot("hip")
    drop = -hip[1] if hip else 0
    lowered = Cluster(parts, sits, child.where, child.order, child.heavy)
    moved = lowered.moved(0, drop)
    return Cluster(moved, moved[parts.index(sits)], child.where, child.order, child.heavy)


def on(parent: Cluster, child: Cluster) -> None:
    """The child stands, or sits, on the parent."""
    main = parent.main
    seat = main.spot("seat")
    spot = main.spot("top", "seat") or (main.x, main.y - main.height * 0.97, main.width * 0.7)
    room = spot[2] * 1.15
    if seat and "hip" in child.main.motif.spots:
        spot, child, room = seat, _sitting(child, seat), max(room, main.width * 0.95)
    scale = min(1.0, max(0.45, room / child.width))
    parent.add(child.moved(spot[0] - (child.left + child.right) / 2 * scale, spot[1], scale, shadow=False))


def ride(parent: Cluster, child: Cluster) -> None:
    """The child rides the parent; a broom flies."""
    if parent.main.motif.name == "broom":
        flying = MOTIFS.by_name["flying broom"]
        parent.main = replace(parent.main, motif=flying, scale=height(1.5) / flying.w, shadow=False)
        parent.parts, parent.where = [parent.main], "air"
    main = parent.main
    seat = main.spot("seat", "inside", "top") or (main.x, main.y - main.height * 0.9, main.width * 0.5)
    if main.motif.name in OPEN:
        inside(parent, child)
        return
    child = _sitting(child, main.spot("seat"))
    scale = 1.0 if parent.where == "air" else min(1.0, main.height * 1.05 / child.height)
    parent.add(child.moved(seat[0], seat[1], scale, shadow=False))


def drive(parent: Cluster, child: Cluster) -> None:
    """The child drives the parent: on it where it is open, beside it where nobody can be seen inside."""
    closed = parent.main.motif.subject in ("road", "cars") and "seat" not in parent.main.motif.spots
    (beside if closed or parent.main.motif.name == "car" else ride)(parent, child)


def inside(parent: Cluster, child: Cluster) -> None:
    """The child is in the parent, and looks out of it."""
    main = parent.main
    spot = main.spot("inside")
    if not spot:
        front(parent, child)
        return
    if main.motif.name not in OPEN:
        limit = min(1.0, main.height * 0.55 / child.height)
        lift = 0.0 if main.motif.subject == "nature" else child.height * limit * 0.4
        parent.add(child.moved(spot[0], spot[1] + lift, limit, shadow=False))
        return
    depth = main.y - spot[1]
    room = main.width * 1.5 if main.motif.name == "vase" else spot[2]
    child = _squeezed(child, room)
    scale = min(1.2, room / child.width, depth * 3.4 / child.height)
    sunk = min(child.height * scale * 0.46, depth * 0.9)
    parent.add(
        child.moved(spot[0] - (child.left + child.right) / 2 * scale, spot[1] + sunk, scale, shadow=False), behind=True
    )


def _squeezed(child: Cluster, room: float) -> Cluster:
    """Several things closer together, as in a vase or a basket."""
    share = max(0.3, min(1.0, room / child.width))
    middle = (child.left + child.right) / 2
    parts = [replace(part, x=middle + (part.x - middle) * share) for part in child.parts]
    return Cluster(parts, parts[0], child.where, child.order, child.heavy)


def under(parent: Cluster, child: Cluster) -> None:
    """The child is under the parent: at the foot of a tree, between the legs of a table."""
    main = parent.main
    spot = main.spot("under")
    if not spot or main.motif.where in ("air", "sky"):
        above(child, parent, swap=True)
        parent.parts, parent.main, parent.where = child.parts, child.main, child.where
        return
    clear = main.height * (0.6 if main.motif.subject == "furniture" else 0.5)
    scale = min(1.0, clear / child.height, 1.5 * spot[2] / child.width)
    if main.motif.subject in ("furniture", "craft"):
        parent.add(child.moved(spot[0] - (child.left + child.right) / 2 * scale, spot[1], scale))
        return
    grow = max(1.0, child.height * 0.62 / clear)
    scale = min(1.0, clear * grow / child.height)
    parent.parts = parent.moved(0, 0, grow)
    parent.main = parent.parts[0]
    _around_trunk(parent, child, scale)


def _around_trunk(parent: Cluster, child: Cluster, scale: float) -> None:
    """Things under a tree stand left and right of its trunk, a little nearer to us."""
    middle, near = parent.main.x, parent.main.y + parent.main.height * 0.05
    trunk = parent.main.width * 0.1
    units = _units(child.moved(0, 0, scale))
    half = (len(units) + 1) // 2
    left, right = middle - trunk, middle + trunk
    placed: list[Part] = []
    for i, unit in enumerate(units):
        start = min(part.x - part.width / 2 for part in unit)
        width = max(part.x + part.width / 2 for part in unit) - start
        if i < half:
            left -= width * 1.04
            shift = left - start
        else:
            shift = right - start
            right += width * 1.04
        placed += [replace(part, x=part.x + shift, y=near + part.y) for part in unit]
    parent.add(placed)


def _units(parts: list[Part]) -> list[list[Part]]:
    """Drawings that overlap belong to each other: a girl and the book in her hand."""
    found: list[tuple[float, float, list[Part]]] = []
    for part in parts:
        left, right = part.x - part.width * 0.42, part.x + part.width * 0.42
        near = [one for one in found if one[0] < right and left < one[1]]
        together = [each for one in near for each in one[2]]
        merged = (min([left, *(one[0] for one in near)]), max([right, *(one[1] for one in near)]), [*together, part])
        found = [one for one in found if one not in near] + [merged]
    return [unit for _, _, unit in sorted(found, key=lambda one: one[0])]


def above(parent: Cluster, child: Cluster, swap: bool = False) -> None:
    """The child is over the parent, with air between them."""
    gap = 0.12 + (0.2 if swap else 0.0)
    middle = (parent.left + parent.right) / 2
    limit = min(1.0, max(0.5, parent.height * 1.4 / child.height))
    parent.add(
        child.moved(
            middle - (child.left + child.right) / 2 * limit, parent.top - gap - child.foot * limit, limit, shadow=False
        )
    )


def beside(parent: Cluster, child: Cluster, side: int = 1) -> None:
    """The child stands next to the parent."""
    gap = 0.07
    x = parent.right + gap - child.left if side > 0 else parent.left - gap - child.right
    parent.add(child.moved(x, 0))


def behind(parent: Cluster, child: Cluster) -> None:
    """The child stands further back, and looks out past the parent."""
    shift = parent.width * 0.32 + child.width * 0.2
    parent.add(child.moved(parent.main.x + shift, -max(0.08, parent.height * 0.1), 0.92), behind=True)


def front(parent: Cluster, child: Cluster) -> None:
    """The child stands nearer to us, and leaves the parent to be seen."""
    scale = min(1.0, max(0.45, parent.height * 0.8 / child.height))
    shift = parent.width * 0.28
    parent.add(child.moved(parent.main.x - shift, parent.height * 0.1 + 0.05, scale))


def can_hold(holder: Cluster, item: Cluster) -> bool:
    """Whether the holder has a hand, and the item is something to hold."""
    motif = item.main.motif
    light = motif.name in HELD_UP or (motif.subject not in BULKY and motif.where != "sky")
    return "hand" in holder.main.motif.spots and light


def hold(holder: Cluster, item: Cluster) -> None:
    """The item is in the holder's hand."""
    main = holder.main
    if main.motif.subject in PEOPLE:
        posed = replace(main, look=replace(main.look, pose=main.look.pose or "hold"))
        holder.parts = [posed if part is main else part for part in holder.parts]
        holder.main = main = posed
    spot = main.spot("hand")
    if not spot:
        beside(holder, item)
        return
    name = item.main.motif.name
    tallest = main.height * (0.95 if name in HELD_UP else 0.42)
    scale = min(1.0, tallest / item.height, main.width * 1.15 / item.width)
    out = 0.0 if name in HELD_UP or main.motif.subject not in PEOPLE else item.width * scale * 0.2
    grip = 0.02 if name == "balloon" else 0.16
    x = spot[0] + out - (item.left + item.right) / 2 * scale
    above = name == "umbrella"  # it is over the head, and the face before it
    holder.add(item.moved(x, spot[1] + item.height * scale * grip, scale, shadow=False), behind=above)


def wear(holder: Cluster, item: Cluster) -> None:
    """The item is on the holder's head, glasses are before its eyes."""
    main, piece = holder.main, item.main
    head = main.spot("head") or (main.x, main.y - main.height * 0.96, main.width * 0.4)
    foot = piece.spot("foot") or (piece.x, piece.y, piece.width * 0.8)
    eyes = main.spot("eyes") or (head[0], head[1] + head[2] * 0.46, head[2] * 0.9)
    if piece.motif.name == "glasses":
        scale = eyes[2] / foot[2]
        holder.add(item.moved(eyes[0], eyes[1] + piece.height * scale * 0.5, scale, shadow=False))
        return
    scale = head[2] * 1.06 / foot[2]
    holder.add(item.moved(head[0] - foot[0] * scale, head[1] + head[2] * 0.1 - foot[1] * scale, scale, shadow=False))


def between(first: Cluster, child: Cluster, last: Cluster) -> Cluster:
    """The child stands between two others."""
    return row([first, child, last], gap=0.08)


PUT: dict[str, Callable[[Cluster, Cluster], None]] = {
    "on": on,
    "ride": ride,
    "drive": drive,
    "in": inside,
    "filled": inside,
    "under": under,
    "below": lambda parent, child: under(parent, child),
    "above": above,
    "beside": beside,
    "at": beside,
    "left": lambda parent, child: beside(parent, child, -1),
    "right": beside,
    "behind": behind,
    "front": front,
    "hold": hold,
    "wear": wear,
}
