"""A graph laid out in layers (Sugiyama, Tagawa and Toda 1981): ranks, orders with few crossings, places.

Everything runs from the top down; a layout to the right is turned afterwards.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

GAP, LAYER_GAP = 36.0, 58.0
_SWEEPS = 16


@dataclass(slots=True)
class Spot:
    """A node, or a bend of an edge (then without a size, or with that of a label): its size and, at last, its place."""

    width: float
    height: float
    rank: int = 0
    x: float = 0.0
    y: float = 0.0
    group: str = ""
    bend: bool = False


@dataclass(slots=True)
class Layout:
    """Spots by id, and each edge as the ids that it passes, from its start to its end."""

    spots: dict[str, Spot]
    paths: list[list[str]] = field(default_factory=list[list[str]])

    @property
    def layers(self) -> list[list[str]]:
        """The ids of each rank."""
        found: list[list[str]] = [[] for _ in range(1 + max(spot.rank for spot in self.spots.values()))]
        for name, spot in self.spots.items():
            found[spot.rank].append(name)
        return found


def laid_out(
    nodes: dict[str, Spot], edges: Sequence[tuple[str, str]], labels: Sequence[tuple[float, float] | None]
) -> Layout:
    """Places for nodes and edges; ``labels`` are the sizes of the edges' labels, which take a place of their own."""
    backward = _backward(list(nodes), edges)
    ahead = [(end, start) if number in backward else (start, end) for number, (start, end) in enumerate(edges)]
    labelled = any(labels)
    _rank(nodes, ahead, 2 if labelled else 1)
    layout = Layout(dict(nodes))
    for number, (start, end) in enumerate(ahead):
        steps = _with_bends(layout, number, start, end, labels[number])
        layout.paths.append(steps[::-1] if number in backward else steps)
    layers = _ordered(layout)
    _place(layout, layers, LAYER_GAP / 2 if labelled else LAYER_GAP)
    return layout


def _backward(nodes: list[str], edges: Sequence[tuple[str, str]]) -> set[int]:
    """Edges that close a circle when walked in the order of the nodes."""
    after: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, (start, end) in enumerate(edges):
        if start != end:
            after[start].append((number, end))
    found: set[int] = set()
    state: dict[str, int] = {}
    for root in nodes:
        if root in state:
            continue
        state[root] = 1
        walk = [(root, iter(after[root]))]
        while walk:
            name, rest = walk[-1]
            step = next(rest, None)
            if step is None:
                state[name] = 2
                walk.pop()
            elif state.get(step[1]) == 1:
                found.add(step[0])
            elif step[1] not in state:
                state[step[1]] = 1
                walk.append((step[1], iter(after[step[1]])))
    return found


def _rank(nodes: dict[str, Spot], edges: list[tuple[str, str]], length: int) -> None:
    """Ranks by the longest way from the top; then what hangs too high comes down to its children.

    Where an edge has a label, all are two ranks long, so that there is a rank for labels between any two.
    """
    steps = [(start, end, length) for start, end in edges if start != end]
    order = _topological(nodes, steps)
    before: dict[str, list[tuple[str, int]]] = defaultdict(list)
    after: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for start, end, length in steps:
        before[end].append((start, length))
        after[start].append((end, length))
    for name in order:
        nodes[name].rank = max((nodes[start].rank + length for start, length in before[name]), default=0)
    for name in reversed(order):
        if after[name] and not before[name]:
            nodes[name].rank = min(nodes[end].rank - length for end, length in after[name])
    least = min(spot.rank for spot in nodes.values())
    for spot in nodes.values():
        spot.rank -= least


def _topological(nodes: dict[str, Spot], steps: list[tuple[str, str, int]]) -> list[str]:
    waiting: dict[str, int] = dict.fromkeys(nodes, 0)
    after: dict[str, list[str]] = defaultdict(list)
    for start, end, _ in steps:
        waiting[end] += 1
        after[start].append(end)
    ready = [name for name, count in waiting.items() if not count]
    for name in ready:
        for end in after[name]:
            waiting[end] -= 1
            if not waiting[end]:
                ready.append(end)
    return ready


def _with_bends(layout: Layout, number: int, start: str, end: str, label: tuple[float, float] | None) -> list[str]:
    """The edge's way with a bend on each rank between; the one in the middle carries the label."""
    first, last = layout.spots[start].rank, layout.spots[end].rank
    between = list(range(first + 1, last))
    group = layout.spots[start].group if layout.spots[start].group == layout.spots[end].group else ""
    names: list[str] = []
    for rank in between:
        width, height = label if label and rank == between[len(between) // 2] else (0.0, 0.0)
        name = f"\0{number}:{rank}"
        layout.spots[name] = Spot(width, height, rank, group=group, bend=True)
        names.append(name)
    return [start, *names, end]


def _ordered(layout: Layout) -> list[list[str]]:
    """The layers with few crossings: barycentres up and down, and swaps of neighbours (Gansner et al. 1993)."""
    above, below = _neighbours(layout)
    layers = _first_order(layout, below)
    best, fewest = [list(layer) for layer in layers], _all_crossings(layers, below)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for at in range(1, len(layers)) if down else range(len(layers) - 2, -1, -1):
            fixed = layers[at - 1] if down else layers[at + 1]
            layers[at] = _sorted(layout, layers[at], fixed, above if down else below)
        _swap(layout, layers, above, below)
        crossings = _all_crossings(layers, below)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
        if not fewest:
            break
    return best


def _neighbours(layout: Layout) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    above: dict[str, list[str]] = defaultdict(list)
    below: dict[str, list[str]] = defaultdict(list)
    for steps in layout.paths:
        for one, other in pairwise(steps):
            upper, lower = sorted((one, other), key=lambda name: layout.spots[name].rank)
            if layout.spots[upper].rank < layout.spots[lower].rank:
                below[upper].append(lower)
                above[lower].append(upper)
    return above, below


def _first_order(layout: Layout, below: dict[str, list[str]]) -> list[list[str]]:
    """Depth first from the top, so that what hangs together stands together; groups beside each other."""
    layers: list[list[str]] = [[] for _ in layout.layers]
    seen: set[str] = set()
    for root in sorted(layout.spots, key=lambda name: layout.spots[name].rank):
        waiting = [root]
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            layers[layout.spots[name].rank].append(name)
            waiting += reversed(below[name])
    return [_grouped(layout, layer, dict(zip(layer, range(len(layer)), strict=True))) for layer in layers]


def _sorted(layout: Layout, layer: list[str], fixed: list[str], to: dict[str, list[str]]) -> list[str]:
    places = {name: place for place, name in enumerate(fixed)}
    wanted: dict[str, float] = {}
    for place, name in enumerate(layer):
        found = [places[other] for other in to[name] if other in places]
        wanted[name] = sum(found) / len(found) if found else place * len(fixed) / max(1, len(layer))
    return _grouped(layout, layer, wanted)


def _grouped(layout: Layout, layer: list[str], wanted: dict[str, float] | dict[str, int]) -> list[str]:
    """By wanted place, the members of a group next to each other."""
    members: dict[str, list[float]] = defaultdict(list)
    for name in layer:
        members[layout.spots[name].group].append(wanted[name])
    middle = {group: sum(places) / len(places) for group, places in members.items()}

    def key(name: str) -> tuple[float, str, float]:
        group = layout.spots[name].group
        return (middle[group], group, wanted[name]) if group else (wanted[name], "", wanted[name])

    return sorted(layer, key=key)


def _swap(layout: Layout, layers: list[list[str]], above: dict[str, list[str]], below: dict[str, list[str]]) -> None:
    for at, layer in enumerate(layers):
        upper = {name: place for place, name in enumerate(layers[at - 1])} if at else {}
        lower = {name: place for place, name in enumerate(layers[at + 1])} if at + 1 < len(layers) else {}
        for place in range(len(layer) - 1):
            one, other = layer[place], layer[place + 1]
            if layout.spots[one].group != layout.spots[other].group:
                continue
            now = _crossings(one, other, above, upper) + _crossings(one, other, below, lower)
            then = _crossings(other, one, above, upper) + _crossings(other, one, below, lower)
            if then < now:
                layer[place], layer[place + 1] = other, one


def _crossings(left: str, right: str, to: dict[str, list[str]], places: dict[str, int]) -> int:
    ends = [places[name] for name in to[right] if name in places]
    return sum(places[name] > end for name in to[left] if name in places for end in ends)


def _all_crossings(layers: list[list[str]], below: dict[str, list[str]]) -> int:
    count = 0
    for upper, lower in pairwise(layers):
        places = {name: place for place, name in enumerate(lower)}
        seen: list[int] = []
        for name in upper:
            ends = [places[end] for end in below[name] if end in places]
            count += sum(other > end for end in ends for other in seen)
            seen += ends
    return count


def _place(layout: Layout, layers: list[list[str]], gap: float) -> None:
    """Heights by layer; across, everything as near to its neighbours as its own layer lets it."""
    y = 0.0
    for layer in layers:
        tall = max(layout.spots[name].height for name in layer)
        for name in layer:
            layout.spots[name].y = y + tall / 2
        y += tall + gap
    above, below = _neighbours(layout)
    for layer in layers:
        _fit(layout, layer, {name: 0.0 for name in layer})
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else layers[::-1]:
            near = (above, below) if down else (below, above)
            _fit(layout, layer, {name: _wanted(layout, name, *near) for name in layer})
    for layer in layers:
        _fit(layout, layer, {name: _wanted(layout, name, above, below, both=True) for name in layer})
    least = min(spot.x - spot.width / 2 for spot in layout.spots.values())
    for spot in layout.spots.values():
        spot.x -= least


def _wanted(
    layout: Layout, name: str, near: dict[str, list[str]], far: dict[str, list[str]], *, both: bool = False
) -> float:
    found = sorted(layout.spots[other].x for other in (near[name] + far[name] if both else near[name] or far[name]))
    if not found:
        return layout.spots[name].x
    middle = len(found) // 2
    return found[middle] if len(found) % 2 else (found[middle - 1] + found[middle]) / 2


def _fit(layout: Layout, layer: list[str], wanted: dict[str, float]) -> None:
    """The places nearest to the wanted ones that keep order and gaps: isotonic regression by pooling neighbours."""
    offsets: list[float] = []
    offset = 0.0
    for place, name in enumerate(layer):
        if place:
            offset += _apart(layout.spots[layer[place - 1]], layout.spots[name])
        offsets.append(offset)
    pools: list[tuple[float, float, int]] = []
    for name, own in zip(layer, offsets, strict=True):
        weight = 4.0 if layout.spots[name].bend else 1.0
        pools.append(((wanted[name] - own) * weight, weight, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            last, before = pools.pop(), pools.pop()
            pools.append((before[0] + last[0], before[1] + last[1], before[2] + last[2]))
    places = [total / weight for total, weight, count in pools for _ in range(count)]
    for name, own, place in zip(layer, offsets, places, strict=True):
        layout.spots[name].x = place + own


def _apart(left: Spot, right: Spot) -> float:
    gap = GAP if left.group == right.group else GAP * 1.7
    if left.bend and right.bend:
        gap = GAP * 0.6
    return left.width / 2 + right.width / 2 + gap
