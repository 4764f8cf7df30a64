"""Bytes as they are, sixteen on a line: their place, their numbers, and those that are letters."""

from __future__ import annotations

from collections.abc import Iterator

_WIDTH = 16
_LETTERS = bytes(code if 32 <= code < 127 else ord(".") for code in range(256))


def hex_lines(data: bytes, offset: int) -> Iterator[str]:
    """Some bytes of a file that begin at an offset of it."""
    for at in range(0, len(data), _WIDTH):
        part = data[at : at + _WIDTH]
        letters = part.translate(_LETTERS).decode("ascii")
        yield f"{offset + at:08x}  {part.hex(' '):{3 * _WIDTH - 1}}  {letters}"
