"""Why a text is not there: what is there instead, in what that differs, and what to do."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence

from massgen_workspace.edit.alike import look_alike, reasons
from massgen_workspace.edit.compare import differences
from massgen_workspace.edit.document import Document
from massgen_workspace.edit.endings import plain

_SHOWN = 12
_SHOWN_LETTERS = 160
_SHOWN_PARTS = 3
_COMPARED = 200
_TELLING = 3
"""Letters of a new text that are more than chance."""
_AROUND = 5

_NUMBERED = re.compile(r"[ \t]*\d+[:\t→|-]\t?(.*)", re.DOTALL)
_LEFT_OUT = re.compile(r"[ \t]*(?:#|//|--|/\*|<!--)?[ \t]*(?:\.\.\.|…).*")
_ESCAPES = {"\\n": "\n", "\\t": "\t", '\\"': '"', "\\'": "'"}


def hint(document: Document, old: str, new: str) -> str:
    """What to tell somebody whose text is not there."""
    text, wanted = plain(document.text), plain(old)
    return (
        _seen(text, wanted, plain(new))
        or _miswritten(text, wanted)
        or _near(text, wanted)
        or "Nothing in the file is like it: read it again."
    )


def numbered(lines: Sequence[str], start: int) -> str:
    """Some lines as `read_file` shows them; ``start`` is where the first one is, from 0."""
    shown = [f"{number}\t{_cut(line)}" for number, line in enumerate(lines[:_SHOWN], start + 1)]
    return "\n".join([*shown, "…"] if len(lines) > _SHOWN else shown)


def _seen(text: str, wanted: str, new: str) -> str | None:
    """The same but for what is easily overlooked; or the new text, where the change was made already."""
    region = look_alike(text, wanted)
    done = text.find(new) if len(new.strip()) >= _TELLING else -1
    line = text.count("\n", 0, done) if done >= 0 else -1
    if done >= 0 and (region is None or region.start <= line < region.end):
        return f"The new text is: perhaps it was changed already, in line {line + 1}."
    if region is None:
        return None
    some, found = wanted.strip("\n").split("\n"), text.split("\n")[region.start : region.end]
    why = reasons(some, found)
    if not why:
        return None
    said = " and ".join([", ".join(why[:-1]), why[-1]] if len(why) > 1 else why)
    return (
        f"{_named(region.start, some, found)} only in {said}:\n{numbered(found, region.start)}\nTake it as it is there."
    )


def _named(start: int, wanted: Sequence[str], found: Sequence[str]) -> str:
    """Which lines differ."""
    pairs = enumerate(zip(wanted, found, strict=False), start + 1)
    numbers = [number for number, (one, other) in pairs if one != other]
    if len(wanted) != len(found):
        numbers = [start + 1, start + len(found)]
    if len(numbers) == 1:
        return f"Line {numbers[0]} differs"
    return f"Lines {numbers[0]} to {numbers[-1]} differ"


def _miswritten(text: str, wanted: str) -> str | None:
    """A text that was spoilt on its way here."""
    for said, undone in _SPOILT:
        for meant in undone(wanted):
            if meant != wanted and meant.strip() and (at := text.find(meant)) >= 0:
                return f"It is in line {text.count(chr(10), 0, at) + 1}, without {said}: leave those away."
    if any(_LEFT_OUT.fullmatch(line) for line in wanted.split("\n")):
        return "It leaves lines out with `...`: give all lines, or make an edit of each part."
    return None


def _without_numbers(wanted: str) -> Iterator[str]:
    found = [_NUMBERED.fullmatch(line) for line in wanted.strip("\n").split("\n")]
    matched = [match for match in found if match is not None]
    if len(matched) == len(found):
        yield "\n".join(match[1] for match in matched)


def _unescaped(wanted: str) -> Iterator[str]:
    yield re.sub(r"\\[nt\"']", lambda match: _ESCAPES[match[0]], wanted)
    yield wanted.replace("\\\\", "\\")


def _escaped(wanted: str) -> Iterator[str]:
    yield wanted.replace("\\", "\\\\")
    yield wanted.rstrip("\n").replace("\n", "\\n")
    yield wanted.replace("\t", "\\t")


_SPOILT: Sequence[tuple[str, Callable[[str], Iterator[str]]]] = (
    ("the line numbers that `read_file` puts before each line", _without_numbers),
    ("the backslashes before letters, quotes or backslashes", _unescaped),
    ("real line breaks or tabs, where the file has `\\n`, `\\t` or `\\\\` as letters", _escaped),
    ("the names of letters as in HTML (`&lt;`)", lambda wanted: iter([html.unescape(wanted)])),
)


def _near(text: str, wanted: str) -> str | None:
    from massgen_workspace.edit.nearest import nearest

    lines, some = text.split("\n"), wanted.strip("\n").split("\n")
    at = nearest(lines, some)
    if at is None:
        return None
    first = max(0, at - _AROUND)
    told = " ".join(_told(lines, some, at))
    more = f"read_file with first={first + 1} and lines={len(some) + 2 * _AROUND} shows more."
    return f"The nearest is at line {at + 1}:\n{numbered(lines[at : at + len(some)], at)}\n{told} {more}"


def _told(lines: Sequence[str], wanted: Sequence[str], at: int) -> Iterator[str]:
    """What is another there, line by line."""
    some = wanted[:_COMPARED]
    there = lines[at : at + len(some)]
    for a, b, c, d in differences(some, there)[:_SHOWN_PARTS]:
        number = at + c + 1
        if b == a:
            yield f"Line {number}, {_quoted(there[c])}, is not in the text."
        elif d == c:
            yield f"Before line {number} there is no {_quoted(some[a])}."
        else:
            why = reasons([some[a]], [there[c]])
            yield f"Line {number} is {_quoted(there[c])}, not {_quoted(some[a])}{f' ({why[0]})' if why else ''}."


def _quoted(line: str) -> str:
    return repr(_cut(line))


def _cut(line: str) -> str:
    return line if len(line) <= _SHOWN_LETTERS else f"{line[:_SHOWN_LETTERS]}…"
