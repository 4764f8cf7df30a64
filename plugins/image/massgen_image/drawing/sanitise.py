"""Somebody's SVG, made harmless: read into a tree of what may stay, judged, and written anew."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from massgen_image.drawing.allowed import SVG
from massgen_image.drawing.costs import capped, judge
from massgen_image.drawing.reading import Node, read
from massgen_image.drawing.render import LARGEST
from massgen_image.drawing.writing import number
from massgen_image.opening.bounds import judge_output
from massgen_image.problems import refuse

_LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?(?:e\d+)?)\s*(px|pt|pc|mm|cm|in|em|rem|ex|)\s*", re.IGNORECASE)
_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0, "em": 16.0}
_STANDARD = (300.0, 150.0)
"""What a drawing without any size is shown at (CSS 2.2, section 10.3.2)."""


@dataclass(frozen=True, slots=True)
class Clean:
    """A drawing that may be drawn: its text, its own size in pixels, and what was left out of it.

    ``ground`` is the colour that the root's style has for its background, ``title`` what the drawing is called.
    """

    text: str
    width: float
    height: float
    left_out: list[str]
    ground: str | None = None
    title: str = ""


def sanitised(text: str, *, width: int | None = None, height: int | None = None) -> tuple[Clean, float]:
    """The drawing without what it may not hold, and the scale at which it fits into a width and a height.

    Raises:
        ToolFailed: It is no SVG, declares entities, or would cost more than it may.
    """
    found = read(text)
    root = found.root
    natural = _natural_size(root)
    scale = _scale(natural, width, height)
    size = max(1, round(natural[0] * scale)), max(1, round(natural[1] * scale))
    judge_output(*size, LARGEST)
    _cap(root)
    judge(root, size[0] * size[1])
    root.attributes["width"], root.attributes["height"] = number(natural[0]), number(natural[1])
    return Clean(_written(root, top=True), *natural, found.left_out, found.ground, _title(root)), scale


def _title(root: Node) -> str:
    titles = [node for node in root.elements if node.name == "title"]
    return "".join(child for child in titles[0].children if isinstance(child, str)).strip()[:500] if titles else ""


def _natural_size(root: Node) -> tuple[float, float]:
    box = _view_box(root.attributes.get("viewBox", ""))
    wide, high = _pixels(root.attributes.get("width", "")), _pixels(root.attributes.get("height", ""))
    if wide is None and high is None:
        wide, high = box or _STANDARD
    elif box is not None:
        wide = wide if wide is not None else (high or 0) * box[0] / box[1]
        high = high if high is not None else wide * box[1] / box[0]
    wide, high = wide or _STANDARD[0], high or _STANDARD[1]
    if "viewBox" in root.attributes and box is None:
        raise refuse("the viewBox of the SVG is broken: write four numbers, the last two greater than 0")
    return wide, high


def _view_box(text: str) -> tuple[float, float] | None:
    try:
        numbers = [float(part) for part in re.split(r"[\s,]+", text.strip())]
    except ValueError:
        return None
    sound = len(numbers) == 4 and all(abs(part) < 1e9 for part in numbers)
    if not sound or numbers[2] <= 0 or numbers[3] <= 0:
        return None
    return numbers[2], numbers[3]


def _pixels(text: str) -> float | None:
    """A length in CSS pixels; `None` where it is none, or a share of something unknown."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        return None
    length = float(found[1]) * _PIXELS.get(found[2].lower(), 16.0)
    return length if 0 < length < 1e9 else None


def _scale(natural: tuple[float, float], width: int | None, height: int | None) -> float:
    across = width / natural[0] if width else float("inf")
    down = height / natural[1] if height else float("inf")
    return min(across, down) if width or height else 1.0


def _cap(node: Node) -> None:
    if node.name.startswith("fe"):
        node.attributes = {name: capped(name, value) for name, value in node.attributes.items()}
    for child in node.elements:
        _cap(child)


def _written(node: Node, *, top: bool = False) -> str:
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in node.attributes.items())
    space = f' xmlns="{SVG}"' if top else ""
    inside = "".join(escape(child) if isinstance(child, str) else _written(child) for child in node.children)
    return f"<{node.name}{space}{attributes}>{inside}</{node.name}>"
