"""What is on a slide, in pieces that can be measured and moved to the next slide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Literal

from massgen_document.blocks import Block, Code, Heading, Items, Line, Paragraph, Picture, Quote, Table, plain, words
from massgen_document.writing.columns import column_widths

_string_width: Any = import_module("reportlab.pdfbase.pdfmetrics").stringWidth

Look = Literal["text", "heading", "quote", "code"]

_LEADING = 1.2
_STEP = 22.0
"""Points that a level is set in."""
_WIDER = 1.03
"""Helvetica's metrics stand for whatever font the reader has: a little room for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A paragraph on a slide: ``mark`` is its bullet or number, empty for none."""

    line: Line
    level: int = 0
    mark: str = ""
    look: Look = "text"

    def height(self, width: float, size: float) -> float:
        """Points that it takes in a column ``width`` points wide."""
        own = size_of(self.look, size)
        room = max(width - _STEP * (self.level + bool(self.mark)) - (24 if self.look in ("quote", "code") else 0), 60)
        lines = sum(_lines(part, room, own, is_code=self.look == "code") for part in plain(self.line).split("\n"))
        return lines * own * _LEADING + (0 if self.look == "code" else size * 0.4)


Atom = Piece | Table | Picture


def size_of(look: Look, size: float) -> float:
    """The size of a look, where text has ``size``."""
    return {"code": size * 0.72, "heading": size * 1.05}.get(look, size)


def _lines(text: str, room: float, size: float, *, is_code: bool) -> int:
    if is_code:
        return -(-max(len(text), 1) // max(int(room / (size * 0.61)), 1))
    lines, used = 1, 0.0
    space = size * 0.28
    for word in text.split():
        wide = _width(word, size)
        if used and used + space + wide > room:
            lines, used = lines + 1, 0.0
        lines += int(wide // room)
        used = (wide % room) if wide > room else used + wide + (space if used else 0)
    return lines


def _width(text: str, size: float) -> float:
    wide = sum(ord(character) > 0x2E7F for character in text)
    return _string_width(text, "Helvetica", size) * _WIDER + wide * size * 0.5


def atoms(blocks: Iterable[Block], level: int = 0) -> Iterator[Atom]:
    """The pieces of blocks, in reading order."""
    for block in blocks:
        match block:
            case Heading():
                yield Piece(line=block.line, look="heading", level=level)
            case Paragraph():
                yield Piece(line=block.line, level=level)
            case Items():
                yield from _items(block, level)
            case Quote():
                yield from (_quoted(atom) for atom in atoms(block.blocks, level))
            case Code():
                lines = block.text.expandtabs(4).split("\n")
                yield from (Piece(line=words(line or " "), look="code", level=level) for line in lines)
            case Table() | Picture():
                yield block
            case _:
                pass


def _quoted(atom: Atom) -> Atom:
    return replace(atom, look="quote") if isinstance(atom, Piece) and atom.look == "text" else atom


def _items(block: Items, level: int) -> Iterator[Atom]:
    for number, item in enumerate(block.items, block.start):
        mark = f"{number}." if block.ordered else "•"
        inner = list(atoms(item, level + 1))
        if inner and isinstance(inner[0], Piece) and not inner[0].mark:
            inner[0] = replace(inner[0], level=level, mark=mark)
        else:
            inner.insert(0, Piece(line=(), level=level, mark=mark))
        yield from inner


def row_heights(table: Table, width: float, size: float) -> list[float]:
    """Points that each row of a table takes."""
    widths = column_widths(table.rows, table.width, width, size)
    return [
        max((_cell_height(cell, wide, size) for cell, wide in zip(row, widths, strict=False)), default=0) + 9
        for row in table.rows
    ]


def _cell_height(cell: Line, width: float, size: float) -> float:
    return sum(_lines(part, max(width - 14, 20), size, is_code=False) for part in plain(cell).split("\n")) * size * 1.2
