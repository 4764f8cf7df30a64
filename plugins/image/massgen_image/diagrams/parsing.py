"""Diagrams as text: lines of our own, which take in what is common in Mermaid; or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from massgen_image.diagrams.model import (
    Branch,
    Diagram,
    DiagramKind,
    Edge,
    Event,
    Flow,
    Message,
    Sequence,
    Shape,
    clean,
    judge,
)
from massgen_image.problems import refuse

LONGEST = 100_000
"""Characters of a diagram's text."""

_SHAPES: tuple[tuple[str, str, Shape], ...] = (
    ("((", "))", "circle"),
    ("([", "])", "pill"),
    ("[(", ")]", "store"),
    ("{", "}", "diamond"),
    ("[", "]", "box"),
    ("(", ")", "pill"),
)
_ARROW = re.compile(r"\s*(<-->|<->|<--|-\.->|-\.-|--+>|->|==+>|=>|--+)\s*(?:\|([^|]*)\|)?\s*")
_NAME = re.compile(r"[^\[\](){}<>|\-=:;\"&]+(?:-(?=\w)[^\[\](){}<>|\-=:;\"&]+)*")
_SAID = re.compile(r"(.+?)\s*(<<-->>|<<->>|-->>|->>|--\)|-\)|-->|->|--x|-x)\s*[+-]?(.+?)\s*:\s*(.*)")
_NOTE = re.compile(r"note\s+(?:over|left of|right of)\s+([^:]+):\s*(.*)", re.IGNORECASE)
_TAKES_PART = re.compile(r"(?:participant|actor)\s+(\S+)(?:\s+as\s+(.+))?", re.IGNORECASE)
_WHEN = re.compile(r"\s*([^:]{1,60}?)\s*:\s*(.+)")
_HEAD = re.compile(r"(flowchart|graph)\s*(TD|TB|BT|LR|RL)?", re.IGNORECASE)
_OPENING = re.compile(r"(flowchart|graph|sequencediagram|mindmap|tree|timeline)\b[^\n]*", re.IGNORECASE)
_KINDS: dict[str, DiagramKind] = {
    "sequencediagram": "sequence",
    "mindmap": "tree",
    "tree": "tree",
    "timeline": "timeline",
}
_SKIPPED = (
    "%%",
    "#",
    "//",
    "classDef",
    "class ",
    "style ",
    "linkStyle",
    "click ",
    "autonumber",
    "activate",
    "deactivate",
)


def parsed(text: str, kind: DiagramKind = "auto") -> Diagram:
    """The diagram that a text describes.

    Raises:
        ToolFailed: A line is not understood; says which and what would be.
    """
    if len(text) > LONGEST:
        raise refuse(f"the diagram has {len(text):,} characters, the limit is {LONGEST:,}")
    text = text.strip().removeprefix("```mermaid").strip("`").strip()
    diagram = _from_json(text, kind) if text[:1] in ("{", "[") else _from_lines(text, kind)
    judge(diagram)
    return diagram


def _from_lines(text: str, kind: DiagramKind) -> Diagram:
    lines = [line.rstrip() for line in text.splitlines()]
    lines = [line for line in lines if line.strip() and not line.strip().startswith(_SKIPPED)]
    opening = lines[0].strip() if lines else ""
    if found := _OPENING.fullmatch(opening):
        kind = kind if kind != "auto" else _KINDS.get(found[1].lower(), "flow")
        lines = lines[1:] if kind != "flow" else lines
    if kind == "auto":
        kind = _guessed(lines)
    if kind == "sequence":
        return _sequence(lines)
    if kind == "tree":
        return _tree(lines)
    if kind == "timeline":
        return _timeline(lines)
    return _flow(lines)


def _guessed(lines: list[str]) -> DiagramKind:
    """A sequence has ``->>``, a flow arrows, a timeline ``when: what``, a tree only depth."""
    if any("->>" in line for line in lines):
        return "sequence"
    if any(_ARROW.search(line) for line in lines) or any("[" in line for line in lines):
        return "flow"
    return "timeline" if lines and all(_WHEN.fullmatch(line) for line in lines) else "tree"


def _flow(lines: list[str]) -> Flow:
    flow, groups = Flow(), list[str]()
    for line in lines:
        text = line.strip().rstrip(";")
        if found := _HEAD.fullmatch(text):
            flow.direction = "right" if (found[2] or "").upper() in ("LR", "RL") else "down"
        elif text.lower().startswith("direction"):
            flow.direction = "right" if re.search(r"\b(right|LR|RL)\b", text, re.IGNORECASE) else "down"
        elif text.lower().startswith("subgraph"):
            groups.append(_group_name(text[len("subgraph") :]))
        elif text.lower() == "end" and groups:
            groups.pop()
        elif found := re.fullmatch(r"group\s+([^:]+):(.+)", text, re.IGNORECASE):
            for name in found[2].split(","):
                flow.node(name.strip(), group=clean(found[1]))
        else:
            _statement(flow, text, groups[-1] if groups else "")
    return flow


def _group_name(text: str) -> str:
    found = re.search(r"\[(.+)\]", text)
    return clean(found[1] if found else text)


def _statement(flow: Flow, text: str, group: str) -> None:
    """``A[One] -->|label| B & C -> D: label``."""
    rest, starts = _some(flow, text, text, group)
    if rest and rest.strip().startswith(":") and len(starts) == 1:
        flow.node(starts[0], rest.strip()[1:])
        return
    while rest.strip():
        arrow = _ARROW.match(rest)
        if arrow is None:
            _attach_label(flow, rest, text)
            return
        rest, ends = _some(flow, rest[arrow.end() :], text, group)
        for start in starts:
            for end in ends:
                flow.edges.append(_edge(start, end, arrow[1], arrow[2] or ""))
        starts = ends


def _attach_label(flow: Flow, rest: str, text: str) -> None:
    label = rest.strip()
    if not label.startswith(":") or not flow.edges:
        raise refuse(f"the line {text[:60]!r} is not understood at {label[:20]!r}: write A -> B: label, or A[Label]")
    flow.edges[-1].label = clean(label[1:])


def _some(flow: Flow, text: str, whole: str, group: str) -> tuple[str, list[str]]:
    """The nodes at the beginning of a text, with ``&`` between them, and what is left of it."""
    found: list[str] = []
    while True:
        text, name = _node(flow, text, whole, group)
        found.append(name)
        if not text.lstrip().startswith("&"):
            return text, found
        text = text.lstrip()[1:]


def _node(flow: Flow, text: str, whole: str, group: str) -> tuple[str, str]:
    text = text.lstrip()
    if text.startswith('"') and '"' in text[1:]:
        name, _, rest = text[1:].partition('"')
    else:
        match = _NAME.match(text)
        name, rest = (match[0].strip(), text[match.end() :]) if match else ("", text)
    if not name:
        raise refuse(f"the line {whole[:60]!r} names no node where one must be: write A -> B: label, or A[Label]")
    for opening, closing, shape in _SHAPES:
        if rest.startswith(opening) and closing in rest:
            end = rest.index(closing, len(opening))
            flow.node(name, rest[len(opening) : end], shape, group)
            return rest[end + len(closing) :], name
    flow.node(name, group=group)
    return rest, name


def _edge(start: str, end: str, arrow: str, label: str) -> Edge:
    ours_dashed = arrow == "-.->" or arrow == "-.-"
    return Edge(
        start,
        end,
        clean(label),
        dashed=ours_dashed,
        thick="=" in arrow,
        forward=arrow.endswith(">"),
        backward=arrow.startswith("<"),
    )


def _sequence(lines: list[str]) -> Sequence:
    sequence = Sequence()
    for line in lines:
        text = line.strip().rstrip(";")
        if found := _TAKES_PART.fullmatch(text):
            sequence.people[found[1]] = clean(found[2] or found[1])
        elif found := _NOTE.fullmatch(text):
            who = [name.strip() for name in found[1].split(",")]
            for name in who:
                sequence.people.setdefault(name, name)
            sequence.messages.append(Message(who[0], who[-1], clean(found[2]), note=True))
        elif found := _SAID.fullmatch(text):
            for name in (found[1], found[3]):
                sequence.people.setdefault(name, name)
            sequence.messages.append(Message(found[1], found[3], clean(found[4]), dashed=found[2].startswith("--")))
        elif not re.match(r"(loop|alt|else|opt|par|and|rect|end|critical|break)\b", text, re.IGNORECASE):
            raise refuse(f"the line {text[:60]!r} is not understood: write A ->> B: text, or Note over A: text")
    return sequence


def _tree(lines: list[str]) -> Branch:
    roots: list[Branch] = []
    open_: list[tuple[int, Branch]] = []
    for line in lines:
        depth = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())
        label = re.sub(r"^[-*+]\s+", "", line.strip())
        label = re.sub(r"^\w*[\[({]+(.+?)[\])}]+$", r"\1", label)
        branch = Branch(clean(label))
        while open_ and open_[-1][0] >= depth:
            open_.pop()
        (open_[-1][1].children if open_ else roots).append(branch)
        open_.append((depth, branch))
    if not roots:
        raise refuse("the tree is empty: write one label a line, children further to the right")
    return roots[0] if len(roots) == 1 else Branch("", roots)


def _timeline(lines: list[str]) -> list[Event]:
    events: list[Event] = []
    for line in lines:
        if line.strip().lower().startswith(("title ", "section ")):
            continue
        found = _WHEN.fullmatch(line)
        if found is None:
            raise refuse(f"the line {line.strip()[:60]!r} is no event: write 2019: what happened")
        title, _, text = found[2].partition(" : " if " : " in found[2] else " | ")
        events.append(Event(clean(found[1]), clean(title), clean(text)))
    return events


def _from_json(text: str, kind: DiagramKind) -> Diagram:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refuse(f"the diagram is no sound JSON: {error}") from None
    if isinstance(data, list):
        return [_event(each) for each in cast("list[Any]", data)]
    if not isinstance(data, Mapping):
        raise refuse("the diagram is no JSON object and no list of events")
    mapping = cast("Mapping[str, Any]", data)
    if "messages" in mapping:
        return _json_sequence(mapping)
    if "events" in mapping:
        return [_event(each) for each in _list(mapping, "events")]
    if "children" in mapping or kind == "tree":
        return _branch(mapping, 0)
    return _json_flow(mapping)


def _json_flow(data: Mapping[str, Any]) -> Flow:
    flow = Flow(direction="right" if data.get("direction") in ("right", "LR") else "down")
    for node in _list(data, "nodes"):
        each = _object(node, {"id": node})
        shape = each.get("shape", "box")
        if shape not in ("box", "pill", "diamond", "store", "circle"):
            raise refuse(f"{str(shape)[:20]!r} is no shape: choose box, pill, diamond, store or circle")
        flow.node(str(each.get("id", "")), str(each.get("label", "")), shape, str(each.get("group", "")))
    for edge in _list(data, "edges"):
        flow.edges.append(_json_edge(edge))
        flow.node(flow.edges[-1].start)
        flow.node(flow.edges[-1].end)
    return flow


def _json_edge(raw: Any) -> Edge:
    """``["a", "b", "label"]``, or an object with from, to, label, dashed and both."""
    if isinstance(raw, list) and len(cast("list[Any]", raw)) in (2, 3):
        start, end, *label = (str(part) for part in cast("list[Any]", raw))
        return Edge(start, end, clean("".join(label)))
    edge = _object(raw, {})
    if not edge.get("from") or not edge.get("to"):
        raise refuse('an edge needs from and to: {"from": "a", "to": "b", "label": "…"}')
    label = clean(str(edge.get("label", "")))
    return Edge(
        str(edge["from"]), str(edge["to"]), label, dashed=bool(edge.get("dashed")), backward=bool(edge.get("both"))
    )


def _json_sequence(data: Mapping[str, Any]) -> Sequence:
    sequence = Sequence({str(name): str(name) for name in _list(data, "participants")})
    for raw in _list(data, "messages"):
        each = _object(raw, {})
        if not each.get("from"):
            raise refuse('a message is an object: {"from": "A", "to": "B", "text": "…"}')
        start, end = str(each.get("from", "")), str(each.get("to", each.get("from", "")))
        for name in (start, end):
            sequence.people.setdefault(name, name)
        note = bool(each.get("note"))
        sequence.messages.append(Message(start, end, clean(str(each.get("text", ""))), bool(each.get("dashed")), note))
    return sequence


def _branch(data: Mapping[str, Any], depth: int) -> Branch:
    if depth > 40:
        raise refuse("the tree is deeper than 40")
    label = str(data.get("label", data.get("name", "")))
    children: list[Any] = _list(data, "children")
    return Branch(clean(label), [_branch(_object(child, {"label": child}), depth + 1) for child in children])


def _object(value: Any, otherwise: Mapping[str, Any]) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else otherwise


def _event(data: Any) -> Event:
    each = _object(data, {})
    if not each.get("when"):
        raise refuse('an event is an object: {"when": "2019", "title": "Founded", "text": "…"}')
    when, title, text = (clean(str(each.get(name, ""))) for name in ("when", "title", "text"))
    return Event(when, title, text)


def _list(data: Mapping[str, Any], name: str) -> list[Any]:
    found: Any = data.get(name) or []
    if not isinstance(found, list):
        raise refuse(f"{name} must be a list")
    return cast("list[Any]", found)
