"""Find what an expression matches in texts, and what takes its place: a program of its own, which can be ended.

    python -I -S substituter.py

Its stdin begins with a line of JSON: ``pattern``, ``replacement``, ``literal``, ``ignore_case``, ``multiline`` and
``most``. A line of JSON answers: null, or why the expression makes no sense. Then come texts, each after its length in
bytes as eight bytes; a line of JSON answers each: a list of ``[start, end, new]`` in letters, null for more than
``most``.
"""

from __future__ import annotations

import json
import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class Substituter:
    """One expression, and what takes the place of what it matches."""

    def __init__(self, pattern: str, replacement: str, *, literal: bool, ignore_case: bool, multiline: bool) -> None:
        flags = (re.IGNORECASE if ignore_case else 0) | (re.MULTILINE if multiline else 0)
        self._found = re.compile(re.escape(pattern) if literal else pattern, flags)
        self._new = replacement
        self._fixed = literal or "\\" not in replacement
        self._multiline = multiline
        if not self._fixed:
            self._found.sub(replacement, "")  # says what is wrong with it

    def all(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Every match, in order."""
        if self._multiline:
            yield from self._in(text, 0)
            return
        start = 0
        for line in text.split("\n"):
            yield from self._in(line, start)
            start += len(line) + 1

    def _in(self, text: str, start: int) -> Iterator[tuple[int, int, str]]:
        for match in self._found.finditer(text):
            yield start + match.start(), start + match.end(), self._new if self._fixed else match.expand(self._new)


def _answer(found: object) -> None:
    sys.stdout.buffer.write(json.dumps(found).encode() + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Answer until stdin ends."""
    read = sys.stdin.buffer
    question: dict[str, Any] = json.loads(read.readline())
    most: int = question.pop("most")
    try:
        substituter = Substituter(**question)
    except (re.error, IndexError, RecursionError, OverflowError) as error:
        _answer(str(error) or type(error).__name__)
        return
    _answer(None)
    while len(head := read.read(8)) == 8:
        text = read.read(int.from_bytes(head, "big")).decode("utf-8", "surrogatepass")
        found: list[tuple[int, int, str]] = []
        for each in substituter.all(text):
            found.append(each)
            if len(found) > most:
                break
        _answer(found if len(found) <= most else None)


if __name__ == "__main__":
    main()
