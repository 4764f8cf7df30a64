"""Line endings: a change takes over those of the text around it."""

from __future__ import annotations

import re
from typing import Literal

Ending = Literal["\n", "\r\n"]

_ENDING = re.compile(r"\r?\n")


def plain(text: str) -> str:
    """Text with line feeds alone."""
    return text.replace("\r\n", "\n")


def with_ending(text: str, ending: Ending) -> str:
    """Text whose lines end in one way."""
    return plain(text).replace("\n", ending) if ending != "\n" else plain(text)


def ending_at(text: str, start: int, end: int) -> Ending:
    """How lines end in a part of a text; where it has no ending, as the one before it, else the one after, else LF."""
    inside = _ENDING.search(text, start, end)
    if inside is None:
        before = text.rfind("\n", 0, start)
        inside = _ENDING.search(text, max(0, before - 1)) if before >= 0 else _ENDING.search(text, end)
    return "\r\n" if inside is not None and inside[0] == "\r\n" else "\n"
