"""A part of a text file: some of its lines, within a budget of bytes, and where to go on."""

from __future__ import annotations

import os
from dataclasses import dataclass

from massgen_workspace.text.encoding import Encoding
from massgen_workspace.text.lines import Indexes, pieces, start_of

LONGEST_LINE = 2000
"""Bytes of one line that are shown; the rest of it is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it is shown: its number from 1, its text without its end, and how many bytes of it were left out."""

    number: int
    text: str
    cut: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Lines of a file; ``more`` is the number of the next one, None at the end, ``total`` how many there are."""

    lines: tuple[Line, ...]
    total: int
    more: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines: from ``first`` (1 is the first, -1 the last) up to ``count``, in ``budget`` bytes of text."""

    first: int = 1
    count: int = 2000
    budget: int = 64 * 1024
    longest: int = LONGEST_LINE


def window(file: int, encoding: Encoding, indexes: Indexes, wanted: Wanted) -> Window:
    """Read some lines; memory is bound by the budget, whatever the file and its lines are like."""
    index = indexes.of(file)
    first = _first(wanted.first, index.lines)
    at = start_of(file, index, first)
    found: list[Line] = []
    room = wanted.budget
    while len(found) < wanted.count and first + len(found) < index.lines and room > 0:
        line, length, at = _line(file, at, first + len(found), encoding, min(wanted.longest, room))
        found.append(line)
        room -= length
    following = first + len(found)
    return Window(lines=tuple(found), total=index.lines, more=following + 1 if following < index.lines else None)


def window_of(text: str, wanted: Wanted) -> Window:
    """The same of a text that is in memory; what is left out of a line is counted in letters."""
    lines = text.split("\n")
    total = len(lines) - (not lines[-1])
    first = _first(wanted.first, total)
    found: list[Line] = []
    room = wanted.budget
    for number, line in enumerate(lines[first : min(total, first + wanted.count)], first + 1):
        if room <= 0:
            break
        part, longest = line.removesuffix("\r"), min(wanted.longest, room)
        found.append(Line(number=number, text=part[:longest], cut=max(0, len(part) - longest)))
        room -= len(found[-1].text.encode("utf-8", "replace"))
    following = first + len(found)
    return Window(lines=tuple(found), total=total, more=following + 1 if following < total else None)


def _first(wanted: int, total: int) -> int:
    """Counted from 0."""
    return max(0, total + wanted) if wanted < 0 else max(0, wanted - 1)


def _line(file: int, start: int, number: int, encoding: Encoding, longest: int) -> tuple[Line, int, int]:
    """One line, the bytes of it that are shown, and where the next one begins."""
    kept, length = bytearray(), 0
    at = start
    for piece in pieces(file, start, os.fstat(file).st_size):
        end = piece.find(b"\n")
        part = piece if end < 0 else piece[:end]
        kept += part[: max(0, longest + 1 - len(kept))]
        length += len(part)
        at += len(part)
        if end >= 0:
            at += 1
            break
    if number == 0 and encoding.bom:
        kept = kept.removeprefix(encoding.bom)
        length -= len(encoding.bom)
    if length <= longest:
        kept = kept.removesuffix(b"\r")
        return Line(number=number + 1, text=_decoded(bytes(kept), encoding)), length, at
    text = _decoded(bytes(kept[:longest]), encoding)
    return Line(number=number + 1, text=text, cut=length - longest), longest, at


def _decoded(data: bytes, encoding: Encoding) -> str:
    """What is broken in an otherwise good file is shown as such."""
    return data.decode(encoding.name, "replace")
