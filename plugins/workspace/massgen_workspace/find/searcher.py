"""Search stdin line by line, where there is no ripgrep: a program of its own, since an expression may never end.

    python -I -S searcher.py [--fixed-strings] [--ignore-case] [--context=N] -- EXPRESSION

It prints lines as `rg --line-number --no-heading` does: `12:text` for one that matches, `11-text` for one around it.
"""

from __future__ import annotations

import re
import sys
from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from re import Match

    Found = Callable[[bytes], Match[bytes] | None]


def expression(words: list[str]) -> tuple[Found, int]:
    """What is looked for, and how many lines around it are wanted."""
    at = words.index("--")
    flags, pattern = words[:at], words[at + 1].encode("utf-8", "surrogateescape")
    around = next((int(flag.partition("=")[2]) for flag in flags if flag.startswith("--context=")), 0)
    if "--fixed-strings" in flags:
        pattern = re.escape(pattern)
    return re.compile(pattern, re.IGNORECASE if "--ignore-case" in flags else 0).search, around


def lines(found: Found, around: int) -> Iterator[bytes]:
    """What is printed."""
    before: deque[tuple[int, bytes]] = deque(maxlen=around or None) if around else deque(maxlen=0)
    after = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        if found(line.rstrip(b"\r\n")):
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
        found, around = expression(sys.argv[1:])
    except (re.error, RecursionError, OverflowError) as error:
        sys.stderr.write(f"regex: {error}\n")
        return 2
    any_found = False
    for line in lines(found, around):
        any_found = True
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    return 0 if any_found else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MemoryError:
        sys.exit(3)
