"""Search stdin line by line, where there is no ripgrep: a program of its own, since an expression may never end.

    python -I -S searcher.py [--fixed-strings] [--ignore-case] [--context=N] [--multiline] -- EXPRESSION

It prints lines as `rg --line-number --no-heading` does: `12:text` for one that matches, `11-text` for one around it.
With ``--multiline`` stdin is file after file, each behind its length in bytes on a line, and a match may reach over
several lines of one.
"""

from __future__ import annotations

import re
import sys
from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from re import Pattern
    from typing import TypeAlias

    Marked: TypeAlias = tuple[int, bytes, bool]


def expression(words: list[str]) -> tuple[Pattern[str], list[str]]:
    """What is looked for, and how."""
    at = words.index("--")
    flags, pattern = words[:at], words[at + 1]
    if "--fixed-strings" in flags:
        pattern = re.escape(pattern)
    how = (re.IGNORECASE if "--ignore-case" in flags else 0) | (re.MULTILINE if "--multiline" in flags else 0)
    return re.compile(pattern, how), flags


def by_line(pattern: Pattern[str]) -> Iterator[Marked]:
    """Every line of stdin, with its number and whether it matches."""
    search = pattern.search
    for number, line in enumerate(sys.stdin.buffer, 1):
        text = line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")
        yield number, line, search(text) is not None


def by_file(pattern: Pattern[str]) -> Iterator[Marked]:
    """The same, where a match may reach over several lines of a file."""
    before = 0
    while length := sys.stdin.buffer.readline():
        data = sys.stdin.buffer.read(int(length))
        text = data.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
        matching = set(matching_lines(pattern, text))
        lines = data.split(b"\n")[:-1]
        for number, line in enumerate(lines):
            yield before + number + 1, line + b"\n", number in matching
        before += len(lines)


def matching_lines(pattern: Pattern[str], text: str) -> Iterator[int]:
    """The lines that matches touch, from 0; the newline that ends a line belongs to it."""
    line = at = 0
    for found in pattern.finditer(text):
        if found.start() == len(text):
            return
        line += text.count("\n", at, found.start())
        at = found.start()
        yield line
        yield from range(line + 1, line + 1 + text.count("\n", at, max(at, found.end() - 1)))


def printed(lines: Iterator[Marked], around: int) -> Iterator[bytes]:
    """What is printed: the lines that match, and those around them."""
    before: deque[tuple[int, bytes]] = deque(maxlen=around)
    after = 0
    for number, line, matches in lines:
        if matches:
            yield from (b"%d-%b" % each for each in before)
            before.clear()
            yield b"%d:%b" % (number, line)
            after = around
        elif after:
            after -= 1
            yield b"%d-%b" % (number, line)
        elif around:
            before.append((number, line))


def main() -> int:
    """0 where something was found, 1 where nothing was, 2 for an expression that makes no sense, 3 out of memory."""
    try:
        pattern, flags = expression(sys.argv[1:])
    except (re.error, RecursionError, OverflowError) as error:
        sys.stderr.write(f"regex: {error}\n")
        return 2
    around = next((int(flag.partition("=")[2]) for flag in flags if flag.startswith("--context=")), 0)
    lines = by_file(pattern) if "--multiline" in flags else by_line(pattern)
    any_found = False
    for line in printed(lines, around):
        any_found = True
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    return 0 if any_found else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MemoryError:
        sys.exit(3)
