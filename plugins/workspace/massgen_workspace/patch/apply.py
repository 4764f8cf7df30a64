"""Where the hunks of a patch belong in a file, and what they change there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from massgen_core.errors import ToolFailed
from massgen_workspace.edit.document import Change, Document
from massgen_workspace.edit.endings import ending_at
from massgen_workspace.edit.hints import SAME_AS_ASCII, hint
from massgen_workspace.patch.model import Hunk

Alike = Callable[[str], str]

PASSES: Sequence[Alike] = (
    lambda line: line,
    lambda line: line.rstrip(),
    lambda line: line.strip(),
    lambda line: line.strip().translate(SAME_AS_ASCII),
)
"""How lines are compared: as they are, then ever more leniently."""

_MOST_FUZZ = 2


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a text: where it begins, where its ending begins, where the next one begins."""

    start: int
    end: int
    following: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a patch changes in a file; ``fuzz`` is 0 where every line was there exactly."""

    changes: Sequence[Change]
    fuzz: int


def apply_hunks(document: Document, hunks: Sequence[Hunk]) -> Applied:
    """Find every hunk, in order; lines that stay are left as they are in the file.

    Raises:
        ToolFailed: One is not there; the message says which, and what is nearest.
    """
    lines = list(_lines(document.text))
    texts = [document.text[line.start : line.end] for line in lines]
    changes: list[Change] = []
    here = fuzz = drift = 0
    for hunk in hunks:
        start = _behind_headers(texts, hunk, here)
        found = _find(texts, hunk, start, drift)
        if found is None:
            raise ToolFailed("", _missing(document, hunk))
        at, lenient, skipped = found
        drift = at - hunk.at if hunk.at is not None else drift
        used = hunk.lines[skipped[0] : len(hunk.lines) - skipped[1]]
        changes += _changes(document, lines, at + skipped[0], used)
        here = at + len(hunk.old) - skipped[1]
        fuzz = max(fuzz, lenient + sum(skipped))
    return Applied(changes=changes, fuzz=fuzz)


def _lines(text: str) -> Iterator[_Line]:
    at = 0
    while at < len(text):
        newline = text.find("\n", at)
        following = len(text) if newline < 0 else newline + 1
        end = len(text) if newline < 0 else newline
        if newline > at and text[newline - 1] == "\r":
            end -= 1
        yield _Line(at, end, following)
        at = following


def _behind_headers(texts: Sequence[str], hunk: Hunk, here: int) -> int:
    for header in hunk.headers:
        place = next(
            (at for alike in PASSES for at in range(here, len(texts)) if alike(texts[at]) == alike(header)),
            None,
        )
        if place is None:
            place = next((at for at in range(here, len(texts)) if header in texts[at]), None)
        if place is None:
            raise ToolFailed("", f"line {hunk.line} of the patch: `@@ {header}` stands for no line of the file")
        here = place + 1
    return here


def _find(texts: Sequence[str], hunk: Hunk, here: int, drift: int) -> tuple[int, int, tuple[int, int]] | None:
    """Where a hunk belongs, how leniently that was found, and how many lines around it were left out."""
    for leave in range(_MOST_FUZZ + 1 if hunk.at is not None else 1):
        skipped = _context(hunk, leave)
        if skipped is None or (leave and skipped == _context(hunk, leave - 1)):
            continue
        wanted = hunk.old[skipped[0] : len(hunk.old) - skipped[1]]
        for lenient, alike in enumerate(PASSES):
            at = _search(texts, [alike(line) for line in wanted], hunk, here, drift + skipped[0], alike)
            if at is not None and at >= skipped[0]:
                return at - skipped[0], lenient, skipped
    return _without_last_empty_line(texts, hunk, here, drift)


def _without_last_empty_line(
    texts: Sequence[str], hunk: Hunk, here: int, drift: int
) -> tuple[int, int, tuple[int, int]] | None:
    """Models like to end a hunk with an empty line that is not there."""
    if len(hunk.lines) < 2 or hunk.lines[-1] != (" ", ""):
        return None
    for lenient, alike in enumerate(PASSES):
        wanted = [alike(line) for line in hunk.old[:-1]]
        if (at := _search(texts, wanted, hunk, here, drift, alike)) is not None:
            return at, lenient, (0, 1)
    return None


def _context(hunk: Hunk, leave: int) -> tuple[int, int] | None:
    """How many of the lines that stay, first and last ones, are left out of the comparison; None for too many."""
    first = next((n for n, (sign, _) in enumerate(hunk.lines) if sign != " "), len(hunk.lines))
    last = next((n for n, (sign, _) in enumerate(reversed(hunk.lines)) if sign != " "), len(hunk.lines))
    skipped = min(leave, first), min(leave, last)
    return skipped if sum(skipped) < len(hunk.old) or not leave else None


def _search(texts: Sequence[str], wanted: Sequence[str], hunk: Hunk, here: int, drift: int, alike: Alike) -> int | None:
    """The best place for some lines: where the patch says, then ever further away, or the first one."""
    last = len(texts) - len(wanted)
    if not wanted:
        return _place_of_nothing(texts, hunk, here, drift)
    places: Iterator[int] = iter(range(here, last + 1))
    if hunk.at_end:
        places = iter((last, *range(here, last)))
    elif hunk.at is not None:
        middle = hunk.at + drift
        places = iter(sorted(range(here, last + 1), key=lambda at: (abs(at - middle), at)))
    first = wanted[0]
    for at in places:
        if at < here or alike(texts[at]) != first:
            continue
        if all(alike(texts[at + n]) == line for n, line in enumerate(wanted)):
            return at
    return None


def _place_of_nothing(texts: Sequence[str], hunk: Hunk, here: int, drift: int) -> int:
    """Lines that come where none has to be there: where the patch says, behind its headers, or at the end."""
    if hunk.at is not None:
        return min(max(here, hunk.at + drift), len(texts))
    return here if hunk.headers and not hunk.at_end else len(texts)


def _changes(
    document: Document, lines: Sequence[_Line], at: int, signed: Sequence[tuple[str, str]]
) -> Iterator[Change]:
    """What goes and what comes, each run of it as one change."""
    size = len(document.text)
    run: list[str] = []
    start: int | None = None
    end = 0
    for sign, text in (*signed, (" ", "")):
        if sign == " ":
            if start is not None:
                yield _change(document, start, end, run)
            run, start = [], None
            at += 1
            continue
        if start is None:
            start = end = lines[at].start if at < len(lines) else size
        if sign == "-":
            end = lines[at].following
            at += 1
        else:
            run.append(text)


def _change(document: Document, start: int, end: int, new: Sequence[str]) -> Change:
    """Lines in place of others; a file that ends without a newline goes on to do so."""
    text = document.text
    ending = ending_at(text, start, end)
    written = "".join(f"{line}{ending}" for line in new)
    unfinished = bool(text) and not text.endswith("\n") and end == len(text)
    if not unfinished or not new:
        return Change(start, end, written)
    if start == end:  # behind the last line, which has no ending yet
        return Change(start, end, f"{ending}{written.removesuffix(ending)}")
    return Change(start, end, written.removesuffix(ending))


def _missing(document: Document, hunk: Hunk) -> str:
    old = "\n".join(hunk.old)
    new = "\n".join(text for sign, text in hunk.lines if sign != "-")
    return f"line {hunk.line} of the patch: the lines that have to be there are not. {hint(document, old, new)}"
