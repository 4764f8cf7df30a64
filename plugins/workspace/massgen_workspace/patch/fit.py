"""Where some lines are in a file: exactly, or with ever more overlooked; by an index, however long it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from massgen_workspace.edit.alike import SAME_AS_ASCII
from massgen_workspace.edit.document import Document

Alike = Callable[[str], str]

PASSES: Sequence[Alike] = (
    lambda line: line.removesuffix("\r"),
    lambda line: line.rstrip(),
    lambda line: line.strip(),
    lambda line: line.translate(SAME_AS_ASCII).strip(),
)
"""How lines are compared: as they are, then ever more leniently."""

OVERLOOKED = ("", "spaces at the ends of lines", "spaces around lines", "spaces, quotes and dashes")
"""What each pass overlooks, in words."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text: where it begins, and where the next one does."""

    start: int
    following: int


class Lines:
    """The lines of a file, and where each of them is."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.all: Sequence[Line] = list(_lines(document.text))
        self._compared: dict[int, list[str]] = {}
        self._places: dict[int, dict[str, list[int]]] = {}

    def __len__(self) -> int:
        return len(self.all)

    def raw(self, at: int) -> str:
        """A line as it is, with its end."""
        line = self.all[at]
        return self.document.text[line.start : line.following]

    def compared(self, lenient: int) -> list[str]:
        """All lines as a pass compares them."""
        if lenient not in self._compared:
            alike = PASSES[lenient]
            self._compared[lenient] = [alike(self.raw(at).removesuffix("\n")) for at in range(len(self.all))]
        return self._compared[lenient]

    def find(self, wanted: Sequence[str], lenient: int, start: int) -> Iterator[int]:
        """Every place, in order, at which some lines are that a pass takes for the same; there has to be one line."""
        some = [PASSES[lenient](line) for line in wanted]
        lines, places = self.compared(lenient), self._index(lenient)
        rarest = min(range(len(some)), key=lambda number: len(places.get(some[number], ())))
        for place in places.get(some[rarest], ()):
            at = place - rarest
            if at >= start and lines[at : at + 1] == some[:1] and lines[at : at + len(some)] == some:
                yield at

    def _index(self, lenient: int) -> dict[str, list[int]]:
        if lenient not in self._places:
            places: dict[str, list[int]] = {}
            for at, line in enumerate(self.compared(lenient)):
                places.setdefault(line, []).append(at)
            self._places[lenient] = places
        return self._places[lenient]


def _lines(text: str) -> Iterator[Line]:
    at = 0
    while at < len(text):
        newline = text.find("\n", at)
        following = len(text) if newline < 0 else newline + 1
        yield Line(at, following)
        at = following
