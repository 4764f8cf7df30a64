"""Why a text is not there: the place that is most like it, and in what that differs."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from massgen_workspace.edit.document import Document
from massgen_workspace.edit.endings import plain

_CLOSE = 0.6
_MOST_LINES = 20_000
_SHOWN = 12
SAME_AS_ASCII = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\u3000", " "),
    }
)

_REASONS: Sequence[tuple[str, Callable[[str], str]]] = (
    ("spaces at the ends of lines", lambda line: line.rstrip()),
    ("indentation", lambda line: line.strip()),
    ("quotes, dashes or special spaces", lambda line: line.strip().translate(SAME_AS_ASCII)),
    ("spaces", lambda line: "".join(line.translate(SAME_AS_ASCII).split())),
    ("upper and lower case", lambda line: "".join(line.translate(SAME_AS_ASCII).split()).casefold()),
)


def hint(document: Document, old: str, new: str) -> str:
    """What to tell somebody whose text is not there."""
    lines = plain(document.text).split("\n")
    wanted = plain(old).strip("\n").split("\n")
    if new and (at := plain(document.text).find(plain(new))) >= 0:
        line = plain(document.text).count("\n", 0, at) + 1
        return f"The new text is: perhaps it was changed already, in line {line}."
    for reason, alike in _REASONS:
        if (at := _find([alike(line) for line in lines], [alike(line) for line in wanted])) is not None:
            return f"Line {at + 1} differs only in {reason}:\n{_numbered(lines, at, len(wanted))}"
    near = _nearest(lines[:_MOST_LINES], wanted)
    if near is None:
        return "Nothing in the file is like it: read it again."
    return f"The nearest is at line {near + 1}:\n{_numbered(lines, near, len(wanted))}"


def _find(lines: Sequence[str], wanted: Sequence[str]) -> int | None:
    """The line at which some lines begin; empty ones alone are found nowhere."""
    if not any(wanted):
        return None
    for at in range(len(lines) - len(wanted) + 1):
        if lines[at] == wanted[0] and list(lines[at : at + len(wanted)]) == list(wanted):
            return at
    if len(wanted) == 1:
        return next((at for at, line in enumerate(lines) if wanted[0] in line), None)
    return None


def _nearest(lines: Sequence[str], wanted: Sequence[str]) -> int | None:
    """The line that is most like the most telling one of those wanted, moved back to where those begin."""
    telling = max(wanted, key=lambda line: len(line.strip()))
    if not telling.strip():
        return None
    close = difflib.get_close_matches(telling, list(dict.fromkeys(lines)), n=1, cutoff=_CLOSE)
    if not close:
        return None
    return max(0, lines.index(close[0]) - wanted.index(telling))


def _numbered(lines: Sequence[str], at: int, count: int) -> str:
    shown = [f"{number}\t{line}" for number, line in enumerate(lines[at : at + min(count, _SHOWN)], at + 1)]
    return "\n".join([*shown, "…"] if count > _SHOWN else shown)
