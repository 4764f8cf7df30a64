"""What is looked for in files, and what is found."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from massgen_core.errors import ToolFailed

Case = Literal["exact", "ignore", "smart"]
"""``smart`` minds upper and lower case only where the pattern holds an upper case letter."""

LONGEST_LINE = 500
"""Bytes of a line that are shown."""

_SIGNS = re.compile(r"[\\.+*?()|\[\]{}^$]")
_NEWLINE = re.compile(r"(?<!\\)(?:\\\\)*\\n|\n")
_TOKEN = re.compile(
    r"(?:\\(?P<escaped>\W)|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<sign>[.^$()])|(?P<letter>[^\\\[]))"
    r"(?:(?P<maybe>[?*]\??|\{[^}]*\}\??)|(?P<more>\+\??))?",
    re.DOTALL,
)
_UNCLEAR = re.compile(r"\||\(\?|\\[xuUNpP0-9]")
"""What makes more of an expression than one text after the other, or a letter of its number."""
_SHORTEST = 3
_OWN_ONLY = re.compile(r"\(\?(?:[=!]|<[=!]|P=)|(?<!\\)(?:\\\\)*\\[1-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An expression, or a text where ``literal``; with ``around`` lines before and after each that matches."""

    pattern: str
    literal: bool = False
    case: Case = "exact"
    around: int = 0
    multiline: bool = False
    """A match may reach over several lines; ``^`` and ``$`` still stand for the ends of each."""
    once: bool = False
    """One line of each file is enough."""
    seconds: float = 60.0
    """How long it may take."""

    @property
    def ignores_case(self) -> bool:
        """Whether upper and lower case are the same."""
        letters = self.pattern if self.literal else re.sub(r"\\.", "", self.pattern)
        return self.case == "ignore" or (self.case == "smart" and not any(map(str.isupper, letters)))

    @property
    def is_plain(self) -> bool:
        """Whether looking for some bytes answers it."""
        return (self.literal or not _SIGNS.search(self.pattern)) and not self.ignores_case and not self.multiline

    @property
    def needed(self) -> bytes:
        """Bytes that stand in every file that it matches in; none where that can't be said."""
        if self.ignores_case or (self.multiline and "\n" in self.pattern):
            return b""
        text = self.pattern if self.literal else needed_text(self.pattern)
        return text.encode() if len(text) >= _SHORTEST else b""

    @property
    def needs_own_reader(self) -> bool:
        """Whether it has something that ripgrep knows nothing of, or would carry over from one file to the next."""
        return self.multiline or (not self.literal and bool(_OWN_ONLY.search(self.pattern)))

    def demand_sense(self) -> None:
        """Raises `ToolFailed` for what can match nothing."""
        if "\0" in self.pattern:
            raise ToolFailed("", "an expression cannot hold a NUL; write \\x00")
        try:
            self.pattern.encode()
        except UnicodeEncodeError:
            raise ToolFailed("", "the pattern holds half a letter, which no text does") from None
        if not self.multiline and ("\n" in self.pattern if self.literal else _NEWLINE.search(self.pattern)):
            raise ToolFailed("", "each line is compared by itself: for one that reaches over several, set `multiline`")


def needed_text(expression: str) -> str:
    """The longest text that each match of an expression holds, as far as that is easily seen."""
    if _UNCLEAR.search(expression):
        return ""
    runs, depth = [""], 0
    for token in _TOKEN.finditer(expression):
        depth += {"(": 1, ")": -1}.get(token["sign"] or "", 0)
        letter = token["letter"] or token["escaped"]
        if letter and not depth and not token["maybe"]:
            runs[-1] += letter
            if not token["more"]:
                continue
        runs.append("")
    return max(runs, key=len)


@dataclass(frozen=True, slots=True)
class Hit:
    """A line of a file (its number from 1) that matches, or that stands around one that does."""

    path: bytes
    line: int
    text: str
    matches: bool


@dataclass(frozen=True, slots=True)
class Files:
    """Files in one folder, which is open until the next ones are asked for; ``prefix`` as in a `Batch`."""

    folder: int
    prefix: str
    names: Sequence[str]


@dataclass(slots=True)
class Seen:
    """How far a search has come: files that were read, and those of which a part was not."""

    files: int = 0
    unfinished: list[bytes] = field(default_factory=list[bytes])


class TookTooLong(ToolFailed):
    """The search was ended; what it had found stays found."""


class Watch:
    """Ends a search that is too slow; ``tick`` is called now and then with what was seen, and ends it by raising."""

    def __init__(self, question: Question, seen: Seen, tick: Callable[[Seen], None]) -> None:
        self.seen = seen
        self._seconds = question.seconds
        self._tick = tick
        self._end = time.monotonic() + question.seconds

    def look(self) -> None:
        """Call it at least ten times a second. Raises `TookTooLong`."""
        self._tick(self.seen)
        if time.monotonic() > self._end:
            cure = "Take a simpler expression, or search fewer files."
            raise TookTooLong("", f"the search took longer than {self._seconds:.0f} seconds. {cure}")


def hit_of(path: bytes, number: int, line: bytes, *, matches: bool) -> Hit:
    """A line as it is shown."""
    cut = f"… [{len(line) - LONGEST_LINE} bytes more]" if len(line) > LONGEST_LINE else ""
    return Hit(path, number, line[:LONGEST_LINE].decode("utf-8", "replace") + cut, matches)
