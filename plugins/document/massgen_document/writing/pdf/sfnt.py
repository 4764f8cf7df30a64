"""What a TrueType file holds: its family, its style and its characters, without loading it.

OpenType specification 1.9: "Organization of an OpenType Font", "cmap", "name", "OS/2".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_MOST_BYTES = 8 * 1024 * 1024
_TRUE_TYPE = (b"\x00\x01\x00\x00", b"true")


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One font in a file (``index`` in a collection), and the ranges of characters that it draws."""

    path: Path
    index: int
    family: str
    is_bold: bool
    is_italic: bool
    is_mono: bool
    ranges: tuple[tuple[int, int], ...]

    def draws(self, character: str) -> bool:
        """Whether it has a glyph for the character."""
        code = ord(character)
        return any(first <= code <= last for first, last in self.ranges)


def faces_of(path: Path) -> list[Face]:
    """The fonts with TrueType outlines in a file; none where it is another format, or broken."""
    try:
        with path.open("rb") as file:
            return [face for index, start in enumerate(_starts(file)) if (face := _face(path, file, index, start))]
    except (OSError, struct.error, ValueError, IndexError):
        return []


def _starts(file: BinaryIO) -> list[int]:
    tag = file.read(4)
    if tag in _TRUE_TYPE:
        return [0]
    if tag != b"ttcf":
        return []
    _, count = struct.unpack(">II", file.read(8))
    return list(struct.unpack(f">{min(count, 32)}I", file.read(4 * min(count, 32))))


def _face(path: Path, file: BinaryIO, index: int, start: int) -> Face | None:
    file.seek(start)
    if file.read(4) not in _TRUE_TYPE:
        return None
    (count,) = struct.unpack(">H6x", file.read(8))
    tables: dict[bytes, tuple[int, int]] = {}
    for _ in range(count):
        tag, _, offset, length = struct.unpack(">4sIII", file.read(16))
        tables[tag] = offset, length
    if b"glyf" not in tables or b"fvar" in tables:
        return None  # PostScript outlines, or a variable font: not embeddable as they are
    style, mono = _style(_table(file, tables, b"OS/2")), _table(file, tables, b"post")[12:16]
    return Face(
        path=path,
        index=index,
        family=_family(_table(file, tables, b"name")),
        is_bold=bool(style & 0x20),
        is_italic=bool(style & 0x01),
        is_mono=mono not in (b"", b"\0\0\0\0"),
        ranges=tuple(_ranges(_table(file, tables, b"cmap"))),
    )


def _table(file: BinaryIO, tables: dict[bytes, tuple[int, int]], tag: bytes) -> bytes:
    offset, length = tables.get(tag, (0, 0))
    if length > _MOST_BYTES:
        raise ValueError(f"table {tag!r} is too long")
    file.seek(offset)
    return file.read(length)


def _style(os2: bytes) -> int:
    return struct.unpack_from(">H", os2, 62)[0] if len(os2) >= 64 else 0


def _family(names: bytes) -> str:
    _, count, strings = struct.unpack_from(">HHH", names)
    found: dict[int, str] = {}
    for number in range(count):
        platform, _, language, name, length, offset = struct.unpack_from(">6H", names, 6 + 12 * number)
        if platform == 3 and name in (1, 16) and (language == 0x409 or name not in found):
            found[name] = names[strings + offset : strings + offset + length].decode("utf-16-be", "replace")
    return found.get(16) or found.get(1) or ""


def _ranges(cmap: bytes) -> list[tuple[int, int]]:
    _, count = struct.unpack_from(">HH", cmap)
    best: tuple[int, int] = (0, 0)
    for number in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", cmap, 4 + 8 * number)
        rank = {(3, 10): 4, (0, 4): 3, (0, 6): 3, (3, 1): 2, (0, 3): 1}.get((platform, encoding), 0)
        best = max(best, (rank, offset))
    if not best[0]:
        return []
    kind = struct.unpack_from(">H", cmap, best[1])[0]
    return _segments(cmap, best[1]) if kind == 4 else _groups(cmap, best[1]) if kind == 12 else []


def _segments(cmap: bytes, at: int) -> list[tuple[int, int]]:
    (double,) = struct.unpack_from(">H", cmap, at + 6)
    count = double // 2
    ends = struct.unpack_from(f">{count}H", cmap, at + 14)
    begins = struct.unpack_from(f">{count}H", cmap, at + 16 + double)
    return [(first, last) for first, last in zip(begins, ends, strict=True) if first <= last < 0xFFFF]


def _groups(cmap: bytes, at: int) -> list[tuple[int, int]]:
    (count,) = struct.unpack_from(">I", cmap, at + 12)
    groups = (struct.unpack_from(">II", cmap, at + 16 + 12 * number) for number in range(min(count, 100_000)))
    return [(first, last) for first, last in groups]
