"""What a diagram says, before anything is placed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from massgen_image.problems import refuse

MOST_NODES, MOST_EDGES, LONGEST_LABEL = 250, 600, 400

Shape = Literal["box", "pill", "diamond", "store", "circle"]
Direction = Literal["down", "right"]
DiagramKind = Literal["auto", "flow", "sequence", "tree", "timeline"]


@dataclass(slots=True)
class Node:
    """A thing with a label, a shape, and perhaps a group that it belongs to."""

    id: str
    label: str
    shape: Shape = "box"
    group: str = ""


@dataclass(slots=True)
class Edge:
    """A line from one node to another; with arrows where it has them."""

    start: str
    end: str
    label: str = ""
    dashed: bool = False
    thick: bool = False
    forward: bool = True
    backward: bool = False


@dataclass(slots=True)
class Flow:
    """Nodes in the order they were named in, edges, and the direction that they run in."""

    nodes: dict[str, Node] = field(default_factory=dict[str, Node])
    edges: list[Edge] = field(default_factory=list[Edge])
    direction: Direction = "down"

    def node(self, name: str, label: str = "", shape: Shape | None = None, group: str = "") -> Node:
        """The node of that name, made where it is new; a label or a shape is taken over."""
        found = self.nodes.setdefault(name, Node(name, name))
        if label:
            found.label = clean(label)
        if shape:
            found.shape = shape
        if group:
            found.group = group
        return found


@dataclass(slots=True)
class Message:
    """One step of a sequence; a note where it has no end."""

    start: str
    end: str
    text: str
    dashed: bool = False
    note: bool = False


@dataclass(slots=True)
class Sequence:
    """Who takes part (by id and name), and what is said in order."""

    people: dict[str, str] = field(default_factory=dict[str, str])
    messages: list[Message] = field(default_factory=list[Message])


@dataclass(slots=True)
class Branch:
    """A node of a tree."""

    label: str
    children: list[Branch] = field(default_factory=list["Branch"])


@dataclass(slots=True)
class Event:
    """A point of a timeline."""

    when: str
    title: str
    text: str = ""


Diagram = Flow | Sequence | Branch | list[Event]


def clean(label: str) -> str:
    """A label without quotes around it and with ``<br>`` as line breaks.

    Raises:
        ToolFailed: It is too long.
    """
    text = label.strip().strip('"').replace("<br>", "\n").replace("<br/>", "\n").replace("\\n", "\n").strip()
    if len(text) > LONGEST_LABEL:
        raise refuse(f"a label has {len(text)} characters, the limit is {LONGEST_LABEL}: {text[:30]!r}…")
    return text


def judge(diagram: Diagram) -> None:
    """Raises `ToolFailed` for a diagram with nothing in it, or with more than can be read."""
    if isinstance(diagram, Flow):
        nodes, edges = len(diagram.nodes), len(diagram.edges)
    elif isinstance(diagram, Sequence):
        nodes, edges = len(diagram.people), len(diagram.messages)
    else:
        nodes, edges = (len(diagram) if isinstance(diagram, list) else _count(diagram)), 0
    if not nodes:
        raise refuse("the diagram is empty: write lines such as A -> B: label")
    if nodes > MOST_NODES or edges > MOST_EDGES:
        raise refuse(
            f"the diagram has {nodes} nodes and {edges} edges; at most {MOST_NODES} and {MOST_EDGES}: draw it in parts"
        )


def _count(branch: Branch) -> int:
    waiting, count = [branch], 0
    while waiting:
        count += 1
        waiting += waiting.pop().children
    return count
