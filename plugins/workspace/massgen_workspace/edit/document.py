"""A text file in memory: its bytes, its text, and a way to change parts of the text without touching the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from massgen_core.errors import ToolFailed
from massgen_workspace.text.encoding import UNKNOWN, Encoding, judge


@dataclass(frozen=True, slots=True)
class Change:
    """A part of a text, by its first letter and the one behind its last, and what takes its place."""

    start: int
    end: int
    new: str


class Document:
    """The text of a file, which is decoded without loss: what is not changed is written back byte for byte."""

    def __init__(self, data: bytes, encoding: Encoding) -> None:
        self.data = data
        self.encoding = encoding
        self.text: str = encoding.decode(data[len(encoding.bom) :])

    @classmethod
    def of(cls, data: bytes) -> Document:
        """A file's content as text.

        Raises:
            ToolFailed: It is binary.
        """
        encoding = judge(data, whole=True)
        if encoding is None:
            raise ToolFailed("", "it is a binary file, and has no text that could be changed")
        try:
            return cls(data, encoding)
        except UnicodeDecodeError:  # a mark at the beginning, and then something else
            return cls(data, UNKNOWN)

    def changed(self, changes: Iterable[Change]) -> bytes:
        """The content with some parts exchanged, which must not overlap.

        Raises:
            ToolFailed: New text cannot be written in the file's encoding.
        """
        pieces: list[bytes] = [self.encoding.bom]
        at = 0
        for change in sorted(changes, key=lambda change: (change.start, change.end)):
            if change.start < at:
                raise ToolFailed("", "two changes are in the same place")
            pieces += (self._kept(at, change.start), self._new(change.new))
            at = change.end
        return b"".join([*pieces, self._kept(at, len(self.text))])

    def line_of(self, place: int) -> int:
        """The number of the line (from 1) in which a letter stands."""
        return self.text.count("\n", 0, place) + 1

    def _kept(self, start: int, end: int) -> bytes:
        return self.text[start:end].encode(self.encoding.name)

    def _new(self, text: str) -> bytes:
        try:
            return self.encoding.encode(text)
        except UnicodeEncodeError as error:
            letter = text[error.start]
            if not self.encoding.certain:
                letter = next(letter for letter in text if not letter.isascii())
            raise ToolFailed("", f"{letter!r} cannot be written into this file: {self.encoding}") from None
