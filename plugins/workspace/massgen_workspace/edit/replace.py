"""Find a text in a file, once or as often as is expected, and put another in its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from massgen_core.errors import ToolFailed
from massgen_workspace.edit.document import Change, Document
from massgen_workspace.edit.endings import ending_at, plain, with_ending
from massgen_workspace.edit.hints import hint

_SHOWN_LINES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """One text for another: exactly once, or ``count`` times, or wherever it is (``count`` None)."""

    old: str
    new: str
    count: int | None = 1


def replaced(document: Document, wanted: Replacement) -> Sequence[Change]:
    """The changes that a replacement makes; line endings in it stand for those of the file.

    Raises:
        ToolFailed: The text is not there, or not as often as expected; the message says what is.
    """
    if not wanted.old:
        raise ToolFailed("", "the text to be replaced is empty; to add lines, insert them, or write the file")
    found = occurrences(document.text, wanted.old)
    if not found:
        raise ToolFailed("", f"the text to be replaced is not there. {hint(document, wanted.old, wanted.new)}")
    if wanted.count is not None and len(found) != wanted.count:
        raise ToolFailed("", _wrong_count(document, found, wanted.count))
    if plain(wanted.old) == plain(wanted.new):
        raise ToolFailed("", "the old and the new text are the same")
    return [Change(start, end, with_ending(wanted.new, ending_at(document.text, start, end))) for start, end in found]


def occurrences(text: str, wanted: str) -> list[tuple[int, int]]:
    """Where a text is, however its lines end; of those that overlap, the first."""
    if "\n" not in wanted:
        return [(match.start(), match.end()) for match in re.finditer(re.escape(wanted), text)]
    pattern = r"\r?\n".join(re.escape(line) for line in plain(wanted).split("\n"))
    return [(match.start(), match.end()) for match in re.finditer(pattern, text)]


def _wrong_count(document: Document, found: Sequence[tuple[int, int]], wanted: int) -> str:
    lines = [str(document.line_of(start)) for start, _ in found]
    shown = ", ".join(lines[:_SHOWN_LINES]) + (", …" if len(lines) > _SHOWN_LINES else "")
    expected = "once" if wanted == 1 else f"{wanted} times"
    cure = "Take more of the lines around it into the old text, or say how many there are."
    return f"the text is there {len(found)} times, not {expected}: in lines {shown}. {cure}"
