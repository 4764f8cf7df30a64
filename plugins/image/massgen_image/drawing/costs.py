"""What drawing a tree would cost, before anything is drawn: copies of copies, layers in layers, filters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from massgen_image.drawing.reading import Node
from massgen_image.drawing.styles import references
from massgen_image.problems import refuse

MOST_DRAWN = 200_000
"""Elements after every use, pattern, mask, clip and marker is put in place."""
MOST_LAYER_PIXELS = 240_000_000
"""Pixels of layers that are open at the same time; each takes four bytes."""
LARGEST_TILE = 64_000_000
"""Square units of a pattern's tile."""
MOST_FILTER_WORK = 4_000_000_000
"""Pixels times steps of all filters; a step takes about 4 ns."""

_POINTING = ("fill", "stroke", "filter", "mask", "clip-path", "marker", "marker-start", "marker-mid", "marker-end")
_LAYERS = ("filter", "mask", "clip-path", "mix-blend-mode", "opacity", "isolation")
_STEP: dict[str, int] = {
    "feTurbulence": 40,
    "feConvolveMatrix": 80,
    "feDropShadow": 80,
    "feGaussianBlur": 60,
    "feDiffuseLighting": 20,
    "feSpecularLighting": 20,
}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_SIZE = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_CAPS = {"stdDeviation": 200.0, "numOctaves": 4.0, "order": 7.0, "baseFrequency": 10.0}


@dataclass(frozen=True, slots=True)
class Cost:
    """Elements drawn, layers open at once, and steps of filters."""

    elements: int = 1
    layers: int = 0
    filtering: int = 0


def judge(root: Node, pixels: int) -> None:
    """Raises `ToolFailed` where drawing the tree on that many pixels costs more than it may."""
    cost = _Costs(root).of(root)
    if cost.elements > MOST_DRAWN:
        raise refuse(f"the SVG draws more than {MOST_DRAWN:,} elements by copying copies: use fewer <use> and patterns")
    if (cost.layers + 1) * pixels > MOST_LAYER_PIXELS:
        raise refuse(
            f"{cost.layers} layers in each other (opacity, masks, clips, filters) at this size need too much memory: "
            "nest fewer, or draw it smaller"
        )
    if cost.filtering * pixels > MOST_FILTER_WORK:
        raise refuse("the filters of the SVG cost too much at this size: use fewer, or draw it smaller")


def capped(name: str, value: str) -> str:
    """An attribute of a filter with its numbers within reason."""
    most = _CAPS.get(name)
    if most is None:
        return value
    return " ".join(f"{min(most, abs(float(number))):g}" for number in _NUMBER.findall(value)[:2])


def _judge_tile(pattern: Node) -> None:
    """Raises `ToolFailed` for a tile far larger than any drawing: resvg would take memory for all of it."""
    wide, high = (_size(pattern.attributes.get(name, "0")) for name in ("width", "height"))
    if wide * high > LARGEST_TILE:
        raise refuse("a <pattern> of the SVG is larger than any drawing: give it the size of one tile")


def _size(text: str) -> float:
    found = _SIZE.match(text.strip())
    return min(float(found[0]), 1e12) if found else 0.0


class _Costs:
    """Costs of parts, each counted once."""

    def __init__(self, root: Node) -> None:
        self._parts: dict[str, Node] = {}
        self._known: dict[int, Cost] = {}
        self._busy: set[int] = set()
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if "id" in node.attributes:
                self._parts.setdefault(node.attributes["id"], node)
            waiting += node.elements

    def of(self, node: Node) -> Cost:
        key = id(node)
        if key in self._known:
            return self._known[key]
        if key in self._busy:
            raise refuse(f"a <{node.name}> of the SVG holds itself by its references: break the circle")
        if len(self._busy) > 400:
            raise refuse("the references of the SVG go deeper than 400")
        self._busy.add(key)
        inside = [self.of(child) for child in node.elements if child.name not in ("defs", "symbol", "filter")]
        inside += [self.of(part) for part in self._pointed(node)]
        self._busy.discard(key)
        if node.name == "pattern":
            _judge_tile(node)
        cost = self._sum(node, inside)
        self._known[key] = cost
        return cost

    def _sum(self, node: Node, inside: list[Cost]) -> Cost:
        times = self._times(node)
        elements = min(1 + times * sum(cost.elements for cost in inside), 10**9)
        own = any(node.attributes.get(name) not in (None, "none", "normal", "auto", "1") for name in _LAYERS)
        layers = max((cost.layers for cost in inside), default=0) + own
        filtering = _filter_steps(node) + min(times * sum(cost.filtering for cost in inside), 10**9)
        return Cost(elements, layers, filtering)

    def _times(self, node: Node) -> int:
        """How often markers are drawn: at each corner of a path."""
        if not any(name.startswith("marker") for name in node.attributes):
            return 1
        return 1 + len(_NUMBER.findall(node.attributes.get("d", "") + node.attributes.get("points", ""))) // 2

    def _pointed(self, node: Node) -> list[Node]:
        ids = [name for key in _POINTING for name in references(node.attributes.get(key, ""))]
        if node.name in ("use", "pattern", "textPath") and node.attributes.get("href", "").startswith("#"):
            ids.append(node.attributes["href"][1:])
        return [self._parts[name] for name in ids if name in self._parts]


def _filter_steps(node: Node) -> int:
    if node.name != "filter":
        return 0
    steps = 0
    for child in node.elements:
        step = _STEP.get(child.name, 10)
        if child.name == "feTurbulence":
            step *= int(float(child.attributes.get("numOctaves", "1") or 1))
        steps += step
    return max(1, steps)
