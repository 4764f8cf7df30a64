"""What a patch says, in whatever format: files, and hunks of lines in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from massgen_core.errors import ToolFailed

Sign = Literal[" ", "-", "+"]
Act = Literal["add", "delete", "update"]


class PatchBroken(ToolFailed):
    """A patch that does not follow its format; ``line`` is where, from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__("", f"line {line} of the patch: {reason}")


def wrong_line(text: str) -> str:
    """What to say of a line that is none of a hunk."""
    return f"a line begins with a space (it stays), `-` or `+`, and this one is {text[:60]!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """Lines that stay, go and come, in order; ``line`` is where the patch has it, for messages.

    ``headers`` are lines that stand before it in the file, in that order. ``at`` is the line (from 0) at which it
    should be, None where that is not said. ``at_end`` is true for one that belongs to the end of the file.
    ``newline`` is whether the last line ends with one afterwards, None where that stays as it is. One is ``recounted``
    that has another number of lines than it says.
    """

    lines: Sequence[tuple[Sign, str]]
    line: int
    headers: Sequence[str] = ()
    at: int | None = None
    at_end: bool = False
    newline: bool | None = None
    recounted: bool = False

    @property
    def old(self) -> list[str]:
        """The lines that have to be there."""
        return [text for sign, text in self.lines if sign != "+"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePatch:
    """What becomes of one file.

    ``lines`` are those of a new one, ``final_newline`` whether its last one ends. ``mode`` are the rights that it is to
    have, None where nothing is said. With ``copied`` what is moved stays where it was, too.
    """

    act: Act
    path: str
    line: int
    move_to: str | None = None
    hunks: Sequence[Hunk] = ()
    lines: Sequence[str] = ()
    final_newline: bool = True
    mode: int | None = None
    copied: bool = False
