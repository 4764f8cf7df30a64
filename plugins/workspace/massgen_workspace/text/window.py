"""A part of a text file: some of its lines, within a budget of bytes, and where to go on."""

from __future__ import annotations

import os
from dataclasses import dataclass

from massgen_workspace.text.encoding import Encoding
from massgen_workspace.text.lines import Indexes, LineIndex, Tick, start_of

LONGEST_LINE = 2000
"""Bytes of one line that are shown; the rest of it is counted."""

_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it is shown: its number from 1, its text without its end, and how many bytes of it were left out.

    ``rest`` is where in the file what was left out begins; None where that is not known.
    """

    number: int
    text: str
    cut: int = 0
    rest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Lines of a file; ``more`` is the number of the next one, None at the end, ``total`` how many there are.

    Where not all of the file was looked through yet, ``total`` is what is known of it, and ``known`` how many bytes.
    """

    lines: tuple[Line, ...]
    total: int
    more: int | None
    known: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines: from ``first`` (1 is the first, -1 the last) up to ``count``, in ``budget`` bytes of text."""

    first: int = 1
    count: int = 2000
    budget: int = 64 * 1024
    longest: int = LONGEST_LINE


def window(file: int, encoding: Encoding, indexes: Indexes, wanted: Wanted, *, tick: Tick = lambda _: None) -> Window:
    """Read some lines; memory is bound by the budget, whatever the file and its lines are like."""
    index = indexes.of(file, tick)
    if wanted.first < 0 and not index.complete:
        return Window(lines=(), total=index.lines, more=None, known=index.known)
    first = _first(wanted.first, index.lines)
    reader = _Reader(file, encoding, index, start_of(file, index, first))
    found: list[Line] = []
    room = wanted.budget
    while len(found) < wanted.count and first + len(found) < index.lines and room > 0:
        line, length = reader.line(first + len(found), min(wanted.longest, room))
        found.append(line)
        room -= length
    following = first + len(found)
    return Window(
        lines=tuple(found),
        total=index.lines,
        more=following + 1 if following < index.lines or not index.complete else None,
        known=None if index.complete else index.known,
    )


class _Reader:
    """Takes line after line out of pieces of the file; the end of a long one is looked up, not looked for."""

    def __init__(self, file: int, encoding: Encoding, index: LineIndex, at: int) -> None:
        self._file = file
        self._encoding = encoding
        self._index = index
        self._at = at
        self._piece = b""
        self._start = at
        """Where the piece begins in the file."""

    def line(self, number: int, longest: int) -> tuple[Line, int]:
        """The line where the reader stands (the first is 0), and how many bytes of it are shown."""
        start, self._at = self._at, self._end_of(number, longest)
        end = self._at - (number < self._index.total)  # without its line feed
        if number == 0:
            start += len(self._encoding.bom)
        length = max(0, end - start)
        data = self._bytes(start, min(length, longest + 1))
        if length <= longest:
            return Line(number=number + 1, text=self._decoded(data.removesuffix(b"\r"))), length
        shown = self._between_letters(data[:longest])
        rest = start + len(shown)
        return Line(number=number + 1, text=self._decoded(shown), cut=end - rest, rest=rest), longest

    def _end_of(self, number: int, longest: int) -> int:
        """Where the next line begins."""
        start = self._at
        if start + longest > self._start + len(self._piece):
            self._read(start, max(_PIECE, longest + 1))
        found = self._piece.find(b"\n", start - self._start)
        if found >= 0 and number < self._index.total:
            return self._start + found + 1
        return start_of(self._file, self._index, number + 1)

    def _bytes(self, start: int, length: int) -> bytes:
        if start + length > self._start + len(self._piece):
            self._read(start, length)
        return self._piece[start - self._start : start - self._start + length]

    def _read(self, start: int, length: int) -> None:
        self._start, self._piece = start, os.pread(self._file, length, start)

    def _between_letters(self, data: bytes) -> bytes:
        """Without the beginning of a letter at its end."""
        if self._encoding.name != "utf-8":
            return data
        for back in range(1, min(4, len(data)) + 1):
            if data[-back] & 0xC0 != 0x80:
                whole = data[-back] < 0xC0 or back == _length_of(data[-back])
                return data if whole else data[:-back]
        return data

    def _decoded(self, data: bytes) -> str:
        """What is broken in an otherwise good file is shown as such."""
        return data.decode(self._encoding.name, "replace")


def _length_of(first: int) -> int:
    """How many bytes the letter in UTF-8 has that begins with this one."""
    return 2 if first < 0xE0 else 3 if first < 0xF0 else 4


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
