"""What a paragraph of Word is, by its style and numbering: heading, item, quote, code or text."""

from __future__ import annotations

from typing import Any

from massgen_document.blocks import Code, Heading, Line, Paragraph, Quote, plain
from massgen_document.reading.lists import Entry

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CODE = ("code", "code words", "source code", "html code", "html preformatted", "preformatted text", "macro")
_MOST_PARENTS = 12


class Styles:
    """The document's styles and lists, looked up by what a paragraph says."""

    def __init__(self, document: Any) -> None:
        self._styles: dict[str, Any] = {
            one.get(f"{_W}styleId", ""): one for one in document.styles.element.iter(f"{_W}style")
        }
        self._numbers, self._kinds = _numbering(document)
        self._starts: set[str] = set()

    def entry(self, element: Any, line: Line) -> Entry | None:
        """The paragraph as a block with its place in a list; None where it is empty."""
        properties = element.find(f"{_W}pPr")
        style = _value(properties, "pStyle")
        name = self._name(style)
        if level := self._heading(properties, style, name):
            return Entry(block=Heading(level=level, line=line)) if line else None
        if name in _CODE:
            return Entry(block=Code(text=plain(line)))
        number, depth = self._number(properties, style)
        if number or name.startswith(("list bullet", "list number")):
            return self._item(line, number, depth, name)
        if not line:
            return None
        if name in ("quote", "intense quote", "block text"):
            return Entry(block=Quote(blocks=(Paragraph(line=line),)))
        return Entry(block=Paragraph(line=line), goes_on=name.startswith("list continue"))

    def is_code(self, look: Any) -> bool:
        """Whether a run is set as code."""
        return self._name(_value(look, "rStyle")) in _CODE

    def _item(self, line: Line, number: str, depth: int, name: str) -> Entry:
        kind, start = self._kinds.get((self._numbers.get(number, ""), depth), ("", 1))
        is_ordered = kind not in ("bullet", "none", "") if kind else name.startswith("list number")
        return Entry(
            block=Paragraph(line=line),
            level=depth,
            ordered=is_ordered,
            start=start,
            group=number or name.rstrip(" 2345"),
        )

    def _name(self, style: str) -> str:
        element = self._styles.get(style)
        return _value(element, "name").lower() if element is not None else ""

    def _heading(self, properties: Any, style: str, name: str) -> int:
        if name == "title":
            return 1
        for parent in self._line_of(style):
            level = _value(parent.find(f"{_W}pPr"), "outlineLvl")
            if level.isdigit() and int(level) < 9:
                return min(int(level) + 1, 6)
        own = _value(properties, "outlineLvl")
        return min(int(own) + 1, 6) if own.isdigit() and int(own) < 9 else 0

    def _number(self, properties: Any, style: str) -> tuple[str, int]:
        """The list that a paragraph is in, by itself or by its style, and its level there."""
        for holder in (properties, *(one.find(f"{_W}pPr") for one in self._line_of(style))):
            numbering = holder.find(f"{_W}numPr") if holder is not None else None
            if numbering is not None and (number := _value(numbering, "numId")):
                level = _value(numbering, "ilvl")
                return ("", 0) if number == "0" else (number, min(int(level), 8) if level.isdigit() else 0)
        return "", 0

    def _line_of(self, style: str) -> list[Any]:
        """A style and those that it is based on."""
        line: list[Any] = []
        while style in self._styles and len(line) < _MOST_PARENTS:
            line.append(self._styles[style])
            style = _value(line[-1], "basedOn")
        return line


def _value(parent: Any, name: str) -> str:
    element = parent.find(f"{_W}{name}") if parent is not None else None
    return (element.get(f"{_W}val") or "") if element is not None else ""


def _numbering(document: Any) -> tuple[dict[str, str], dict[tuple[str, int], tuple[str, int]]]:
    """Which kind of list each number stands for, and each kind's format and start by level."""
    part = next((one.target_part for one in document.part.rels.values() if one.reltype.endswith("/numbering")), None)
    if part is None:
        return {}, {}
    numbers: dict[str, str] = {}
    kinds: dict[tuple[str, int], tuple[str, int]] = {}
    for one in part.element.iter(f"{_W}num"):
        numbers[one.get(f"{_W}numId", "")] = _value(one, "abstractNumId")
    for kind in part.element.iter(f"{_W}abstractNum"):
        for level in kind.iter(f"{_W}lvl"):
            depth, start = level.get(f"{_W}ilvl", "0"), _value(level, "start")
            if depth.isdigit():
                found = _value(level, "numFmt"), int(start) if start.isdigit() else 1
                kinds[kind.get(f"{_W}abstractNumId", ""), int(depth)] = found
    return numbers, kinds
