"""Two changes of one text, made without knowledge of each other: both, where they are in different places.

The merge of three versions by lines, as diff3(1) does it: what only one side has changed is taken from that side, what
both have changed alike is taken once, and all else is a conflict. Changes of neighbouring lines are a conflict too, as
they are for git: what stands in one of two lines that touch often depends on the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from massgen_workspace.edit.compare import differences
from massgen_workspace.text.encoding import judge


@dataclass(frozen=True, slots=True)
class Conflict:
    """Lines that two sides have changed differently: where they stood in the base (from 0), and what each has now.

    ``ours_at`` and ``theirs_at`` are where these lines stand in the text of each side.
    """

    start: int
    end: int
    ours: tuple[bytes, ...]
    theirs: tuple[bytes, ...]
    ours_at: int = 0
    theirs_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The text with both changes; with conflicts there is none."""

    data: bytes | None
    conflicts: Sequence[Conflict] = ()


_Edit = tuple[int, int, tuple[bytes, ...]]
"""A part of the base, and the lines in its place."""

_Group = tuple[int, int, Sequence[_Edit], Sequence[_Edit]]
"""A part of the base, and the edits of both sides in it."""


def merge(base: bytes, ours: bytes, theirs: bytes) -> Merged:
    """Both changes of a base in one text."""
    if ours == theirs or base == theirs:
        return Merged(data=ours)
    if base == ours:
        return Merged(data=theirs)
    old = lines_of(base)
    one, other = _edits(old, lines_of(ours)), _edits(old, lines_of(theirs))
    pieces: list[bytes] = []
    conflicts: list[Conflict] = []
    at = ours_at = theirs_at = 0
    for start, end, mine, yours in _together(one, other):
        pieces += old[at:start]
        ours_at, theirs_at = ours_at + start - at, theirs_at + start - at
        at = end
        left, right = _applied(old, start, end, mine), _applied(old, start, end, yours)
        if not mine or not yours or left == right:
            pieces += left if mine else right
        else:
            conflicts.append(Conflict(start, end, left, right, ours_at, theirs_at))
        ours_at, theirs_at = ours_at + len(left), theirs_at + len(right)
    pieces += old[at:]
    return Merged(data=None, conflicts=conflicts) if conflicts else Merged(data=b"".join(pieces))


def lines_of(data: bytes) -> list[bytes]:
    """The lines of a content with their ends, whatever the bytes of an end are; together they are the content."""
    encoding = judge(data, whole=True)
    if encoding is None or not encoding.name.startswith(("utf-16", "utf-32")):
        return data.splitlines(keepends=True)
    try:
        text = encoding.decode(data[len(encoding.bom) :])
    except UnicodeDecodeError:
        return data.splitlines(keepends=True)
    *ended, last = text.split("\n")
    lines = [f"{line}\n" for line in ended] + ([last] if last else [])
    first, *rest = [line.encode(encoding.name) for line in lines] or [b""]
    return [encoding.bom + first, *rest]


def _edits(old: Sequence[bytes], new: Sequence[bytes]) -> list[_Edit]:
    return [(a, b, tuple(new[c:d])) for a, b, c, d in differences(old, new)]


def _together(one: Sequence[_Edit], other: Sequence[_Edit]) -> Sequence[_Group]:
    """Edits of both sides, those that touch each other as one group; a neighbour's line is a touch, too."""
    groups: list[tuple[int, int, list[_Edit], list[_Edit]]] = []
    everything = [(edit, 0) for edit in one] + [(edit, 1) for edit in other]
    for edit, side in sorted(everything, key=lambda each: (each[0][0], each[0][1], each[1])):
        start, end, _ = edit
        if groups and start <= groups[-1][1]:
            first, last, mine, yours = groups[-1]
            groups[-1] = (first, max(last, end), mine, yours)
        else:
            groups.append((start, end, [], []))
        (groups[-1][3] if side else groups[-1][2]).append(edit)
    return groups


def _applied(old: Sequence[bytes], start: int, end: int, edits: Sequence[_Edit]) -> tuple[bytes, ...]:
    """A part of the base with one side's edits."""
    pieces: list[bytes] = []
    for first, last, new in edits:
        pieces += [*old[start:first], *new]
        start = last
    return (*pieces, *old[start:end])
