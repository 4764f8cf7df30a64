"""What the hunks of a patch change in a file, and what is told about those that do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from massgen_core.errors import ToolFailed
from massgen_workspace.edit.document import Change, Document
from massgen_workspace.edit.endings import ending_at
from massgen_workspace.edit.hints import hint
from massgen_workspace.patch.fit import OVERLOOKED, PASSES, Lines
from massgen_workspace.patch.model import Hunk, Sign

_MOST_FUZZ = 2
"""Lines at each end of a hunk that may be others than it says, as for patch(1)."""
_TELLING = 3
"""Letters of a new line that are more than chance."""
_MARK = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a patch changes in a file; ``notes`` say what was overlooked, and are empty where every line was there."""

    changes: Sequence[Change]
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """Where a hunk belongs: its first line, the pass that found it, and the lines at both ends that were left out."""

    at: int
    lenient: int = 0
    skipped: tuple[int, int] = (0, 0)
    several: bool = False


def apply_hunks(document: Document, hunks: Sequence[Hunk]) -> Applied:
    """Find every hunk, in order; lines that stay are left as they are in the file.

    Raises:
        ToolFailed: One is not there; the message says which, and what is nearest.
    """
    lines = Lines(document)
    changes: list[Change] = []
    notes: list[str] = []
    here = drift = 0
    for number, hunk in enumerate(_without_mark(document, hunks), 1):
        which = f"hunk {number} of {len(hunks)} (line {hunk.line} of the patch)"
        start = _behind_headers(lines, hunk, here, which)
        fit = _fit(lines, hunk, start, drift)
        if fit is None:
            raise ToolFailed("", f"{which}: {_missing(lines, hunk, start)}")
        notes += _notes(which, hunk, fit, drift)
        drift = fit.at - hunk.at if hunk.at is not None else drift
        used = hunk.lines[fit.skipped[0] : len(hunk.lines) - fit.skipped[1]]
        changes += _changes(lines, fit.at + fit.skipped[0], used, hunk.newline)
        here = fit.at + len(hunk.old) - fit.skipped[1]
    return Applied(changes=changes, notes=notes)


def _without_mark(document: Document, hunks: Sequence[Hunk]) -> Iterator[Hunk]:
    """A diff has the byte order mark as a letter of the first line; it stays where it is."""
    for hunk in hunks:
        if not document.encoding.bom or not any(text.startswith(_MARK) for _, text in hunk.lines):
            yield hunk
            continue
        lines: list[tuple[Sign, str]] = [(sign, text.removeprefix(_MARK)) for sign, text in hunk.lines]
        yield replace(hunk, lines=lines)


def _behind_headers(lines: Lines, hunk: Hunk, here: int, which: str) -> int:
    for header in hunk.headers:
        places = (at for lenient in range(len(PASSES)) for at in lines.find([header], lenient, here))
        place = next(places, None)
        if place is None:
            place = next((at for at in range(here, len(lines)) if header in lines.raw(at)), None)
        if place is None:
            behind = f" behind line {here}" if here else ""
            near = hint(lines.document, header, "")
            raise ToolFailed("", f"{which}: `@@ {header}` stands for no line of the file{behind}. {near}")
        here = place + 1
    return here


def _fit(lines: Lines, hunk: Hunk, here: int, drift: int) -> _Fit | None:
    if not hunk.old:
        return _Fit(at=_place_of_nothing(lines, hunk, here, drift))
    for leave in range(_MOST_FUZZ + 1 if hunk.at is not None else 1):
        skipped = _context(hunk, leave)
        if skipped is None or (leave and skipped == _context(hunk, leave - 1)):
            continue
        found = _search(lines, hunk, skipped, here, drift)
        if found is not None:
            return found
    if len(hunk.lines) > 1 and hunk.lines[-1] == (" ", "") and len(hunk.old) > 1:
        return _search(lines, hunk, (0, 1), here, drift)  # models like to end a hunk with an empty line
    return None


def _context(hunk: Hunk, leave: int) -> tuple[int, int] | None:
    """How many of the lines that stay, first and last ones, are left out of the comparison; None for too many."""
    first = next((n for n, (sign, _) in enumerate(hunk.lines) if sign != " "), len(hunk.lines))
    last = next((n for n, (sign, _) in enumerate(reversed(hunk.lines)) if sign != " "), len(hunk.lines))
    skipped = min(leave, first), min(leave, last)
    return skipped if sum(skipped) < len(hunk.old) else None


def _search(lines: Lines, hunk: Hunk, skipped: tuple[int, int], here: int, drift: int) -> _Fit | None:
    """The best place for a hunk: where the patch says, then ever further away; or the first one."""
    wanted = hunk.old[skipped[0] : len(hunk.old) - skipped[1]]
    for lenient in range(len(PASSES)):
        places = lines.find(wanted, lenient, here + skipped[0])
        some = list(places if hunk.at is not None or hunk.at_end else islice(places, 2))
        if not some:
            continue
        best = some[0]
        if hunk.at is not None:
            middle = hunk.at + drift + skipped[0]
            best = min(some, key=lambda at: (abs(at - middle), at))
        elif hunk.at_end and some[-1] + len(wanted) == len(lines):
            best = some[-1]
        several = hunk.at is None and not hunk.at_end and len(some) > 1
        return _Fit(at=best - skipped[0], lenient=lenient, skipped=skipped, several=several)
    return None


def _place_of_nothing(lines: Lines, hunk: Hunk, here: int, drift: int) -> int:
    """Lines that come where none has to be there: where the patch says, behind its headers, or at the end."""
    if hunk.at is not None:
        return min(max(here, hunk.at + drift), len(lines))
    return here if hunk.headers and not hunk.at_end else len(lines)


def _changes(lines: Lines, at: int, signed: Sequence[tuple[Sign, str]], newline: bool | None) -> Iterator[Change]:
    """What goes and what comes, each run of it as one change."""
    size = len(lines.document.text)
    write = _Writer(lines.document, verbatim=_says_endings(lines, at, signed), newline=newline)
    run: list[str] = []
    start: int | None = None
    end = 0
    for sign, text in (*signed, (" ", "")):
        if sign == " ":
            if start is not None:
                yield write.change(start, end, run)
            run, start = [], None
            at += 1
            continue
        if start is None:
            start = end = lines.all[at].start if at < len(lines) else size
        if sign == "-":
            end = lines.all[at].following
            at += 1
        else:
            run.append(text)


def _says_endings(lines: Lines, at: int, signed: Sequence[tuple[Sign, str]]) -> bool:
    """Whether a hunk shows carriage returns, and the file has them where it does: then it means them."""
    old = [text for sign, text in signed if sign != "+"]
    if not any(text.endswith("\r") for _, text in signed):
        return False
    return all(lines.raw(at + number).removesuffix("\n") == text for number, text in enumerate(old))


class _Writer:
    """Puts lines in place of others, with the ends of those, or with the patch's own."""

    def __init__(self, document: Document, *, verbatim: bool, newline: bool | None) -> None:
        self._text = document.text
        self._verbatim = verbatim
        self._newline = newline

    def change(self, start: int, end: int, new: Sequence[str]) -> Change:
        """Lines in place of others; a file that ends without a newline goes on to do so, unless the patch says."""
        ending = "\n" if self._verbatim else ending_at(self._text, start, end)
        some = new if self._verbatim else [line.removesuffix("\r") for line in new]
        written = "".join(f"{line}{ending}" for line in some)
        if not new or end < len(self._text):
            return Change(start, end, written)
        unfinished = bool(self._text) and not self._text.endswith("\n")
        if not (self._newline if self._newline is not None else not unfinished):
            written = written.removesuffix(ending)
        if start == end and unfinished:  # behind the last line, which has no ending yet
            written = ending + written
        return Change(start, end, written)


def _notes(which: str, hunk: Hunk, fit: _Fit, drift: int) -> Iterator[str]:
    """What was overlooked for a hunk to fit."""
    if hunk.recounted:
        yield f"[{which} has another number of lines than its `@@` line says]"
    if not hunk.old:
        return
    line = f"line {fit.at + fit.skipped[0] + 1}"
    if fit.several:
        yield f"[{which} fits in several places; the first was taken, {line}]"
    if fit.lenient:
        yield f"[{which} fits at {line}, with {OVERLOOKED[fit.lenient]} overlooked]"
    if hunk.at is not None and any(fit.skipped):
        yield f"[{which} fits at {line} without {sum(fit.skipped)} of its outer lines]"
    elif hunk.at is not None and fit.at != hunk.at + drift:
        yield f"[{which} was put at {line}, {abs(fit.at - hunk.at - drift)} lines from where it says]"


def _missing(lines: Lines, hunk: Hunk, start: int) -> str:
    """Why a hunk does not fit."""
    new = [text for sign, text in hunk.lines if sign != "-"]
    elsewhere = _anywhere(lines, hunk.old)
    if elsewhere is not None:
        return (
            f"its lines are at line {elsewhere + 1}, before line {start + 1}, to which the hunk before it or its `@@` "
            "line leads: hunks come in the order of the file."
        )
    telling = any(sign == "+" and len(text.strip()) >= _TELLING for sign, text in hunk.lines)
    done = _anywhere(lines, new) if telling else None
    if done is not None:
        return f"its new lines are at line {done + 1} already: perhaps it was applied before. Leave it out."
    return f"the lines that have to be there are not. {hint(lines.document, _plain(hunk.old), _plain(new))}"


def _anywhere(lines: Lines, wanted: Sequence[str]) -> int | None:
    if not wanted:
        return None
    return next((at for lenient in range(len(PASSES)) for at in lines.find(wanted, lenient, 0)), None)


def _plain(lines: Sequence[str]) -> str:
    return "\n".join(line.removesuffix("\r") for line in lines)
