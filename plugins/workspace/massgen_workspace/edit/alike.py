"""Texts that look the same and are not: where they are, and in what they differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

Fits = Callable[[str, str], bool]

_QUOTES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'") | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"')
)
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_WIDE = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_SPACES = str.maketrans(dict.fromkeys(_WIDE, " ") | dict.fromkeys("\u200b\u2060\ufeff", ""))
SAME_AS_ASCII = {**_QUOTES, **_DASHES, **_SPACES}
"""Letters that are typed for others, by those."""

_ASCII_SPACE = " \t\r\f\v"
_SQUASHED = {**SAME_AS_ASCII, **dict.fromkeys(map(ord, f"{_ASCII_SPACE}{_WIDE}"))}
_MOST = 8 * 1024 * 1024
"""Letters of a text that are looked at."""
_SHORTEST = 4
"""Letters of a part of a line that are taken for more than chance."""


@dataclass(frozen=True, slots=True)
class Region:
    """Lines of a text, from 0; the last is not one of them."""

    start: int
    end: int


def look_alike(text: str, wanted: str) -> Region | None:
    """The first lines that are the same but for spaces, line breaks, case and letters that are typed for others."""
    whole, small = _squash(text[:_MOST]), _squash(wanted).strip("\n")
    if not small.strip():
        return None
    at = whole.find(small)
    if at >= 0:
        first = whole.count("\n", 0, at)
        return Region(first, first + small.count("\n") + 1)
    at = whole.replace("\n", "").find(small := small.replace("\n", ""))
    if at < 0 or len(small) < _SHORTEST:
        return None
    ends = list(accumulate(map(len, whole.split("\n"))))
    first = next(line for line, end in enumerate(ends) if end > at)
    last = next(line for line, end in enumerate(ends) if end >= at + len(small))
    return Region(first, last + 1)


def _squash(text: str) -> str:
    return text.translate(_SQUASHED).casefold()


def reasons(wanted: Sequence[str], found: Sequence[str]) -> list[str]:
    """In what lines differ that look alike, in words; none where one of them is not like the other."""
    if len(wanted) != len(found):
        return ["where lines break"]
    every: dict[str, None] = {}
    for number, (one, other) in enumerate(zip(wanted, found, strict=True)):
        fits = _fitting(one, other, first=number == 0, last=number == len(wanted) - 1)
        if fits is None:
            return []
        every |= dict.fromkeys(_between(one, other, fits))
    return list(every)


def _fitting(one: str, other: str, *, first: bool, last: bool) -> Fits | None:
    """How a line is in another: as all of it, or as a part where the text begins or ends."""
    small, whole = _but(None, one), _but(None, other)
    if small == whole:
        return str.__eq__
    if len(small) < _SHORTEST:
        return None
    ways: list[tuple[bool, Fits]] = [
        (first, lambda small, whole: whole.endswith(small)),
        (last, lambda small, whole: whole.startswith(small)),
        (first and last, lambda small, whole: small in whole),
    ]
    return next((fits for allowed, fits in ways if allowed and fits(small, whole)), None)


def _between(one: str, other: str, fits: Fits) -> list[str]:
    """What has to be overlooked for two lines to be the same."""
    if fits(one, other):
        return []
    needed = [name for name in _STEPS if not fits(_but(name, one), _but(name, other))] or ["spaces"]
    if "indentation" in needed and ("\t" in _indentation(one)) != ("\t" in _indentation(other)):
        needed[needed.index("indentation")] = "tabs and spaces in the indentation"
    return needed


def _but(name: str | None, line: str) -> str:
    """A line in which all is overlooked but one thing."""
    for each, overlook in _STEPS.items():
        if each != name:
            line = overlook(line)
    return line


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip(_ASCII_SPACE))]


def _without_inner_spaces(line: str) -> str:
    inner = line.strip(_ASCII_SPACE)
    start = len(_indentation(line))
    return line[:start] + re.sub(f"[{_ASCII_SPACE}]+", "", inner) + line[start + len(inner) :]


_STEPS: Mapping[str, Callable[[str], str]] = {
    "quotes": lambda line: line.translate(_QUOTES),
    "dashes": lambda line: line.translate(_DASHES),
    "special spaces": lambda line: line.translate(_SPACES),
    "spaces at the ends of lines": lambda line: line.rstrip(_ASCII_SPACE),
    "indentation": lambda line: line.lstrip(_ASCII_SPACE),
    "spaces within lines": _without_inner_spaces,
    "upper and lower case": str.casefold,
}
"""What may be overlooked in a line, and how."""
