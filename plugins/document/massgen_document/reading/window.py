"""How much of a document is shown at once, and where to go on."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from massgen_core.errors import ToolFailed
from massgen_document.reading.opened import Opened, Part

_RANGE = re.compile(r"(\d+)(?:\s*-\s*(\d*))?\Z")
_CURSOR = re.compile(r"([0-9a-f]{8}):(\d{1,9})\.(\d{1,9})\.(\d{1,9})\Z")
_MOST_PARTS = 1000
_WORTH_A_CUT = 200
"""Characters; with less room than this the next piece is left for the next window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a window begins: a part, one of its pieces, and a character of that."""

    part: int = 1
    piece: int = 0
    character: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A window: its text, the parts that it shows, and where the next one begins; None at the end."""

    text: str
    parts: tuple[int, ...]
    next_place: Place | None


def mark_of(file: BinaryIO) -> str:
    """Eight hexadecimal digits that change with the file's content (CRC-32)."""
    file.seek(0)
    mark = 0
    while chunk := file.read(1 << 20):
        mark = zlib.crc32(chunk, mark)
    return f"{mark:08x}"


def cursor_of(mark: str, place: Place) -> str:
    """The text that stands for a place in one version of a file."""
    return f"{mark}:{place.part}.{place.piece}.{place.character}"


def place_of(cursor: str, mark: str) -> Place:
    """The place that a cursor stands for.

    Raises:
        ToolFailed: It is no cursor, or the file has changed since.
    """
    match = _CURSOR.match(cursor)
    if match is None:
        raise ToolFailed("", f"`cursor` is {cursor!r}; give the one that document_read returned, or leave it out")
    if match[1] != mark:
        raise ToolFailed("", "the file has changed since that cursor was given; read it from its start again")
    return Place(part=int(match[2]), piece=int(match[3]), character=int(match[4]))


def chosen(opened: Opened, wanted: str | None) -> list[int]:
    """The parts that a text like ``2-4, 9`` or a sheet's name chooses; all where there is none.

    Raises:
        ToolFailed: There are no such parts.
    """
    if not wanted:
        return list(range(1, opened.count + 1))
    if wanted in opened.names:
        return [opened.names.index(wanted) + 1]
    numbers: list[int] = []
    for each in wanted.split(","):
        match = _RANGE.match(each.strip())
        if match is None or len(each) > 20:
            raise ToolFailed("", f"`parts` is {wanted!r}; {_what_there_is(opened)}")
        first = int(match[1])
        last = first if match[2] is None else int(match[2] or opened.count)
        if not 1 <= first <= last or first > opened.count:
            raise ToolFailed("", f"`parts` is {wanted!r}; {_what_there_is(opened)}")
        numbers += range(first, min(last, opened.count) + 1)
    return list(dict.fromkeys(numbers))


def _what_there_is(opened: Opened) -> str:
    if opened.names:
        some = ", ".join(opened.names[:20])
        return f"there are {opened.count} {opened.word}s: {some}; write a name, or numbers like 1-2"
    return f"there are {opened.count} {opened.word}s; write numbers like 1-3,5"


def _untold(fraction: float, message: str) -> None:
    """Nobody listens."""


def show(
    opened: Opened, numbers: list[int], start: Place, most: int, tell: Callable[[float, str], None] = _untold
) -> Shown:
    """At most ``most`` characters of the parts, from ``start`` on; ``tell`` hears how far it is."""
    window = _Window(most)
    left = [number for number in numbers if number >= start.part] if start != Place() else numbers
    for number in left:
        part = next(opened.parts(number), None)
        if part is None:
            break
        tell(min(window.used / most, 1.0), f"{opened.word} {number}")
        place = start if number == start.part else Place(part=number)
        if (after := window.add(part, place)) is not None:
            return Shown(text=window.text, parts=tuple(window.parts), next_place=after)
        if len(window.parts) >= _MOST_PARTS and number != left[-1]:
            following = left[left.index(number) + 1]
            return Shown(text=window.text, parts=tuple(window.parts), next_place=Place(part=following))
    return Shown(text=window.text, parts=tuple(window.parts), next_place=None)


class _Window:
    def __init__(self, most: int) -> None:
        self._most = most
        self._texts: list[str] = []
        self.used = 0
        self.parts: list[int] = []

    @property
    def text(self) -> str:
        return "".join(self._texts).rstrip("\n") + "\n" if self._texts else ""

    def add(self, part: Part, place: Place) -> Place | None:
        """Take what there is room for; where the rest begins, None where there is none."""
        if self.parts and self.used + _WORTH_A_CUT > self._most:
            return place
        self.parts.append(part.number)
        self._take(part.label + part.head())
        for number, text in _from(part, place):
            skipped = place.character if number == place.piece else 0
            rest = text[skipped:]
            room = self._most - self.used
            if len(rest) <= room:
                self._take(rest)
                continue
            cut = _cut(rest, room) if room >= min(_WORTH_A_CUT, self._most) or not self._texts else 0
            self._take(rest[:cut])
            return Place(part=part.number, piece=number, character=skipped + cut)
        return None

    def _take(self, text: str) -> None:
        self._texts.append(text)
        self.used += len(text)


def _from(part: Part, place: Place) -> Iterator[tuple[int, str]]:
    return islice(enumerate(part.texts()), place.piece, None)


def _cut(text: str, room: int) -> int:
    """Where to cut: behind a line or a word where one ends near by."""
    room = max(room, 1)
    for sign in ("\n", " "):
        at = text.rfind(sign, max(room - 300, 0), room)
        if at > 0:
            return at + 1
    return room
