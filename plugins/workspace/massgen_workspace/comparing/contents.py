"""Two files side by side, a piece of each at a time."""

from __future__ import annotations

import os
from collections.abc import Sequence

from massgen_workspace.edit.compare import unified
from massgen_workspace.files.meter import Meter

LARGEST = 4 * 1024 * 1024
"""Bytes of a file whose lines are compared."""

_PIECE = 256 * 1024


def first_difference(left: int, right: int, meter: Meter) -> int | None:
    """The first byte in which two open files differ, the length of the shorter where that is all; None for the same."""
    at = 0
    while True:
        one, other = os.pread(left, _PIECE, at), os.pread(right, _PIECE, at)
        meter.add(bytes=len(one))
        if one != other:
            common = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
            return at + (min(len(one), len(other)) if common is None else common)
        if not one:
            return None
        at += len(one)


def lines_of(file: int) -> list[str] | None:
    """The lines of a text file in UTF-8, with what ends each; None for what is none, or is too large."""
    if os.fstat(file).st_size > LARGEST:
        return None
    data = b"".join(iter_pieces(file))
    if b"\0" in data:
        return None
    try:
        parts = data.decode().split("\n")
    except UnicodeDecodeError:
        return None
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def iter_pieces(file: int, most: int = LARGEST) -> list[bytes]:
    """What is in an open file, up to a size."""
    pieces: list[bytes] = []
    at = 0
    while at <= most and (piece := os.pread(file, _PIECE, at)):
        pieces.append(piece)
        at += len(piece)
    return pieces


def hunks(old: Sequence[str], new: Sequence[str], *, around: int = 3) -> str:
    """The hunks of a unified diff of lines with their endings; empty for the same."""
    found: list[str] = []
    for line in unified(old, new, around=around):
        if line.startswith("@") or line.endswith("\n"):
            found.append(line if line.endswith("\n") else f"{line}\n")
        else:
            found.append(f"{line}\n\\ No newline at end of file\n")
    return "".join(found)
