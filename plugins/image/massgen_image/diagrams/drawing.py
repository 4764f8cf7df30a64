"""A diagram as SVG, with a title above it and room around it."""

from __future__ import annotations

from massgen_image.charts.theme import Theme
from massgen_image.diagrams.flow import flow
from massgen_image.diagrams.model import Branch, Diagram, Flow, Sequence
from massgen_image.diagrams.sequence import sequence
from massgen_image.diagrams.timeline import timeline
from massgen_image.diagrams.tree import tree
from massgen_image.drawing.writing import document, element, lines, number
from massgen_image.lettering.measure import balanced, width

_PAD, _TITLE = 32.0, 24.0


def drawn(
    diagram: Diagram, theme: Theme, *, title: str = "", transparent: bool = False
) -> tuple[str, tuple[float, float]]:
    """The whole drawing, and its width and height in pixels."""
    marks, wide, high = _marks(diagram, theme)
    rows = balanced(title, _TITLE, max(wide, 360.0), "bold") if title else []
    above = len(rows) * _TITLE * 1.2 + 22 if rows else 0.0
    inner = max([wide, *(width(row, _TITLE, "bold") for row in rows)])
    size = round(inner + 2 * _PAD), round(high + above + 2 * _PAD)
    left = _PAD + ((inner - wide) / 2 if not rows else 0)
    ground = [] if transparent else [element("rect", width=size[0], height=size[1], fill=theme.ground)]
    head = [lines(rows, _PAD, _PAD, _TITLE, theme.ink, weight="bold")] if rows else []
    inside = element("g", *marks, transform=f"translate({number(left)} {number(_PAD + above)})")
    return document(*size, [*ground, *head, inside], title=title), size


def summary(diagram: Diagram, title: str) -> str:
    """A sentence for those who do not see the diagram."""
    about = f": {title}" if title else ""
    if isinstance(diagram, Flow):
        names = ", ".join(node.label.replace("\n", " ") for node in list(diagram.nodes.values())[:12])
        return f"Diagram{about}. {len(diagram.nodes)} nodes ({names}) and {len(diagram.edges)} edges."
    if isinstance(diagram, Sequence):
        return f"Sequence diagram{about}. {len(diagram.messages)} steps between {', '.join(diagram.people.values())}."
    if isinstance(diagram, Branch):
        return f"Tree{about}, from {diagram.label or 'several roots'}."
    return f"Timeline{about}, {len(diagram)} events from {diagram[0].when} to {diagram[-1].when}."


def _marks(diagram: Diagram, theme: Theme) -> tuple[list[str], float, float]:
    if isinstance(diagram, Flow):
        return flow(diagram, theme)
    if isinstance(diagram, Sequence):
        return sequence(diagram, theme)
    if isinstance(diagram, Branch):
        return tree(diagram, theme)
    return timeline(diagram, theme)
