"""What is in a file, as text in UTF-8 and a piece at a time; binary files are none."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable, Iterator

from massgen_workspace.text.encoding import HEAD, judge

LONGEST = 64 * 1024 * 1024
"""Bytes without a line's end, after which a file is left: whoever searches a line keeps all of it."""

_PIECE = 256 * 1024


class TooLong(Exception):
    """A line of it has no end, or what follows is a hole: the rest was not read."""


def text_of(file: int) -> Iterator[bytes]:
    """The text of an open file; nothing where it is binary.

    Raises:
        TooLong: The rest of it is left.
    """
    head = os.read(file, _PIECE)
    encoding = judge(head[:HEAD], whole=len(head) <= HEAD)
    if encoding is None:
        return
    every = _bounded(_pieces(head[len(encoding.bom) :], file))
    if encoding.name.startswith(("utf-16", "utf-32")):
        decoder = codecs.getincrementaldecoder(encoding.name)("replace")
        every = (decoder.decode(piece).encode("utf-8", "replace") for piece in every)
    yield from every


def _pieces(first: bytes, file: int) -> Iterator[bytes]:
    """What was there when reading began: others may write faster than anybody reads."""
    left = os.fstat(file).st_size - len(first)
    piece = first
    while piece:
        yield piece
        piece = os.read(file, max(0, min(left, _PIECE)))
        left -= len(piece)


def _bounded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    length = 0
    for piece in pieces:
        end = piece.rfind(b"\n")
        length = len(piece) - end - 1 if end >= 0 else length + len(piece)
        if length > LONGEST or (not piece[0] and not piece.strip(b"\0")):
            raise TooLong
        yield piece


def lines_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a text without their ends."""
    carry = bytearray()
    for piece in pieces:
        end = piece.rfind(b"\n") + 1
        if not end:
            carry += piece
            continue
        for line in (bytes(carry) + piece[:end]).split(b"\n")[:-1]:
            yield line.removesuffix(b"\r")
        carry = bytearray(piece[end:])
    if carry:
        yield bytes(carry).removesuffix(b"\r")
