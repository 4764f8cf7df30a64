"""What one file is, and a part of it as it is shown."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from massgen_core.jail.errors import PathRefused
from massgen_core.result import Image, Part, Text
from massgen_workspace.desk import Desk
from massgen_workspace.text.encoding import HEAD, UNKNOWN, Encoding, judge
from massgen_workspace.text.hex import hex_lines
from massgen_workspace.text.kinds import what_is
from massgen_workspace.text.lines import Tick, pieces
from massgen_workspace.text.window import Line, Wanted, Window, window, window_of

LARGEST_IMAGE = 8 * 1024 * 1024
"""Bytes of images that one answer hands over."""

LARGEST_VERSION = 64 * 1024 * 1024
"""Bytes of a file whose version is told: a larger one is not read for it."""

LARGEST_WIDE = 8 * 1024 * 1024
"""Bytes of a file in UTF-16 or UTF-32 that are looked at: lines are not found in it without reading all of it."""

TOKEN = 4
"""Bytes of a token, roughly."""

_HEX = 5
"""Letters that a byte takes in numbers."""

View = Literal["hex", "text"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is answered about one file: parts for a model, data for a program."""

    parts: tuple[Part, ...]
    data: dict[str, Any]


def seen_problem(path: str, error: PathRefused) -> Seen:
    """A file that cannot be read."""
    return Seen((Text(text=str(error)),), {"path": path, "problem": error.reason})


def look(desk: Desk, path: str, wanted: Wanted, tick: Tick, *, largest_image: int = LARGEST_IMAGE) -> Seen:
    """A part of a text file in lines, an image, or what else it is.

    Raises:
        PathRefused: It cannot be read.
    """
    place = desk.place(path)
    with place.file() as file:
        size = os.fstat(file).st_size
        head = os.pread(file, HEAD, 0)
        encoding = judge(head, whole=size <= HEAD)
        data: dict[str, Any] = {"path": place.full, "size": size}
        if head and not size:
            return _unsized(file, data, wanted)
        if size <= LARGEST_VERSION:
            data["version"] = desk.shown(place, file)
        if encoding is None:
            return _no_text(file, size, head, path, data, largest_image)
        if encoding.name.startswith(("utf-16", "utf-32")):
            return _wide(file, size, encoding, data, wanted)
        found = window(file, encoding, desk.indexes, wanted, tick=tick)
    return _text(found, _notes(found, encoding, size, path), encoding, data)


def look_at_bytes(desk: Desk, path: str, offset: int, count: int, view: View) -> Seen:
    """Some bytes of a file, and where to go on. Raises `PathRefused` where it cannot be read."""
    place = desk.place(path)
    room = int(desk.config.shown)
    with place.file() as file:
        size = os.fstat(file).st_size
        start = max(0, size + offset) if offset < 0 else min(offset, size)
        if not size:  # the kernel's own files say so, whatever they hold
            size = sum(map(len, pieces(file, 0, LARGEST_WIDE)))
            start = max(0, size + offset) if offset < 0 else min(offset, size)
        data = os.pread(file, min(count, room if view == "text" else room // _HEX), start)
        encoding = judge(os.pread(file, HEAD, 0), whole=size <= HEAD) or UNKNOWN
    if view == "text":
        start, data = _letters(start, data, encoding)
    lines = list(hex_lines(data, start)) if view == "hex" else [data.decode(encoding.name, "replace")]
    end = start + len(data)
    more = end if end < size else None
    note = [f"[bytes {start} to {end} of {size}{f'; go on at offset {more}' if more is not None else ''}]"]
    facts = {"path": place.full, "size": size, "offset": start, "count": len(data), "more": more}
    return Seen((Text(text="\n".join([*lines, *note])),), facts)


def _letters(start: int, data: bytes, encoding: Encoding) -> tuple[int, bytes]:
    """Some bytes of a text, from the first whole letter to the last."""
    if encoding.name.startswith(("utf-16", "utf-32")):
        width = 2 if encoding.name.startswith("utf-16") else 4
        skipped = -start % width
        return start + skipped, data[skipped : len(data) - (len(data) - skipped) % width]
    if encoding.name != "utf-8":
        return start, data
    skipped = next((at for at, byte in enumerate(data[:4]) if byte & 0xC0 != 0x80), 0)
    rest = data[skipped:]
    try:
        rest.decode()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and error.start:
            rest = rest[: error.start]
    return start + skipped, rest


def _text(found: Window, notes: Iterable[str], encoding: Encoding, data: dict[str, Any]) -> Seen:
    text = "\n".join([*map(_shown, found.lines), *notes])
    data |= {
        "encoding": str(encoding),
        "first": found.lines[0].number if found.lines else None,
        "lines": len(found.lines),
        "total": found.total,
        "more": found.more,
        "tokens": len(text.encode("utf-8", "replace")) // TOKEN,
    }
    return Seen((Text(text=text),), data)


def _shown(line: Line) -> str:
    if not line.cut:
        return f"{line.number}\t{line.text}"
    go_on = "" if line.rest is None else f": read_bytes with offset={line.rest}, view=text"
    return f"{line.number}\t{line.text}… [{line.cut} bytes more{go_on}]"


def _notes(found: Window, encoding: Encoding, size: int, path: str) -> Iterator[str]:
    if not size:
        yield "[the file is empty]"
    elif found.known is not None:
        yield (
            f"[the file has {size} bytes: {found.known} of them were looked through so far, with {found.total} lines; "
            f"{f'go on at {found.more}, or ' if found.lines else ''}ask again for later lines, or use read_bytes]"
        )
    elif found.more is not None:
        yield f"[{found.total} lines; go on at {found.more}]"
    elif not found.lines:
        yield f"[there is nothing there: the file has {found.total} lines]"
    if encoding is UNKNOWN or encoding.bom:
        yield f"[{encoding}]"
    if path.endswith(".ipynb"):
        yield "[a notebook: its cells are the `source` lists of this JSON]"


def _wide(file: int, size: int, encoding: Encoding, data: dict[str, Any], wanted: Wanted) -> Seen:
    whole = b"".join(pieces(file, len(encoding.bom), min(size, LARGEST_WIDE)))
    found = window_of(whole.decode(encoding.name, "replace"), wanted)
    rest = [f"[only the first {LARGEST_WIDE} bytes of the file are shown in lines]"] if size > LARGEST_WIDE else []
    return _text(found, [*_notes(found, encoding, size, ""), *rest], encoding, data)


def _unsized(file: int, data: dict[str, Any], wanted: Wanted) -> Seen:
    """What the kernel makes up as it is read (proc(5), sysfs(5)), and says to have no bytes."""
    whole = b"".join(pieces(file, 0, LARGEST_WIDE))
    data["size"] = len(whole)
    encoding = judge(whole, whole=True)
    if encoding is None:
        return Seen((Text(text=f"[a binary file, {len(whole)} bytes; read_bytes shows its bytes]"),), data)
    found = window_of(whole.decode(encoding.name, "replace"), wanted)
    return _text(found, _notes(found, encoding, len(whole), ""), encoding, data)


def _no_text(file: int, size: int, head: bytes, path: str, data: dict[str, Any], largest_image: int) -> Seen:
    what = what_is(head, path)
    data |= {"encoding": None, "media_type": what.media_type}
    if what.image and size <= largest_image:
        data["image"] = True
        return Seen((Image(data=b"".join(pieces(file, 0, size)), mime_type=what.media_type),), data)
    words = f"an image that is too large to be shown: {largest_image} bytes are left" if what.image else what.words
    return Seen((Text(text=f"[{words}, {what.media_type}, {size} bytes; read_bytes shows its bytes]"),), data)
