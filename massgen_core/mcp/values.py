"""How many values a message of JSON holds, found out before it is read: two bytes can become a hundred in memory."""

from __future__ import annotations

import re

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_MARKS = (b",", b"[", b"{")
"""Each value but the first of its list or table comes after a comma, and each list and table has a bracket."""


def holds_more_than(most: int, line: bytes) -> bool:
    """Whether a line of JSON holds more values than that; one without many commas is answered at once."""
    return _marks(line) > most and _marks(_STRING.sub(b"", line)) > most


def _marks(text: bytes) -> int:
    return sum(text.count(mark) for mark in _MARKS)
