"""Text that fits: one size for a slide, as large as there is room for; what is too much goes on on the next slide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from massgen_document.blocks import Picture, Table, plain, words
from massgen_document.writing.slides.atoms import Atom, Piece, row_heights

SIZES = (22.0, 20.0, 18.0, 16.0, 14.0)
"""Points of the text, in order of preference; text that needs less is split instead."""

_WHEN_SPLIT = 16.0
_PICTURE_LEAST = 150.0
GAP = 12.0
"""Points between text, code, tables and pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What one slide shows, and how large its text is."""

    atoms: tuple[Atom, ...]
    size: float


def table_size(size: float) -> float:
    """The size of a table's text, where text has ``size``."""
    return max(size * 0.75, 11)


def height(atom: Atom, width: float, size: float) -> float:
    """Points that an atom takes; a picture is given what is left, so only its least is counted."""
    if isinstance(atom, Piece):
        return atom.height(width, size)
    if isinstance(atom, Table):
        return sum(row_heights(atom, width, table_size(size)))
    return _PICTURE_LEAST


def groups(atoms: Sequence[Atom]) -> Iterator[list[Atom]]:
    """Neighbours that share one text frame; tables and pictures alone."""
    group: list[Atom] = []
    for atom in atoms:
        if group and not _together(group[-1], atom):
            yield group
            group = []
        group.append(atom)
    if group:
        yield group


def _together(one: Atom, other: Atom) -> bool:
    return isinstance(one, Piece) and isinstance(other, Piece) and (one.look == "code") == (other.look == "code")


def total(atoms: Sequence[Atom], width: float, size: float) -> float:
    """Points that atoms take under each other, with the gaps between groups."""
    gaps = sum(not _together(one, other) for one, other in pairwise(atoms))
    return sum(height(atom, width, size) for atom in atoms) + gaps * GAP


def fit(atoms: Sequence[Atom], width: float, room: float) -> list[Fitted]:
    """The atoms on as few slides as they need, ``width`` by ``room`` points each, evenly filled."""
    for size in SIZES:
        if total(atoms, width, size) <= room:
            return [Fitted(atoms=tuple(atoms), size=size)]
    small = list(_small_enough(atoms, width, room, _WHEN_SPLIT))
    pages = list(_pages(small, width, room))
    even = total(small, width, _WHEN_SPLIT) / len(pages)
    for share in (even * 1.04, even * 1.12, even * 1.25):
        if share < room and len(better := list(_pages(small, width, share))) == len(pages):
            pages = better
            break
    return [Fitted(atoms=page, size=_WHEN_SPLIT) for page in pages]


def _pages(atoms: Sequence[Atom], width: float, room: float) -> Iterator[tuple[Atom, ...]]:
    page: list[Atom] = []
    used = 0.0
    for atom in atoms:
        needed = height(atom, width, _WHEN_SPLIT) + (GAP if page and not _together(page[-1], atom) else 0)
        if page and used + needed > room:
            kept = _stays_with_next(page)
            yield tuple(page[: len(page) - kept])
            page = page[len(page) - kept :]
            used = total(page, width, _WHEN_SPLIT)
        page.append(atom)
        used += needed
    if page:
        yield tuple(page)


def _stays_with_next(page: list[Atom]) -> int:
    """How many atoms at the end would be alone without what follows: a heading."""
    last = page[-1]
    return 1 if len(page) > 1 and isinstance(last, Piece) and last.look == "heading" else 0


def _small_enough(atoms: Sequence[Atom], width: float, room: float, size: float) -> Iterator[Atom]:
    for atom in atoms:
        if isinstance(atom, Table):
            yield from _tables(atom, width, room, table_size(size))
        elif isinstance(atom, Picture) or atom.height(width, size) <= room:
            yield atom
        else:
            yield from _cut(atom, width, room, size)


def _tables(table: Table, width: float, room: float, size: float) -> Iterator[Table]:
    """Tables that each fit on a slide, every one with the header."""
    heights = row_heights(table, width, size)
    head = table.rows[:1] if table.has_header else ()
    first = sum(heights[: len(head)])
    rows: list[int] = []
    used = first
    for number in range(len(head), len(table.rows)):
        if rows and used + heights[number] > room:
            yield replace(table, rows=(*head, *(table.rows[row] for row in rows)))
            rows, used = [], first
        rows.append(number)
        used += heights[number]
    yield replace(table, rows=(*head, *(table.rows[row] for row in rows)))


def _cut(piece: Piece, width: float, room: float, size: float) -> Iterator[Piece]:
    """One paragraph longer than a slide, cut between words."""
    text, first = plain(piece.line), True
    share = max(int(len(text) * room * 0.8 / piece.height(width, size)), 200)
    while text:
        end = len(text) if len(text) <= share else max(text.rfind(" ", 1, share), share // 2)
        yield replace(piece, line=words(text[:end].strip()), mark=piece.mark if first else "")
        text, first = text[end:].strip(), False
