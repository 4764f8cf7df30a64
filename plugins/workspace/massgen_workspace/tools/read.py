"""Reading files: windows of text with line numbers, images as images, and what else there is as what it is."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from massgen_core.result import Image, Part, Text, ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_workspace.desk import Desk, run
from massgen_workspace.files.atomic import version_of
from massgen_workspace.jail.errors import PathRefused
from massgen_workspace.text.encoding import HEAD, UNKNOWN, Encoding, judge
from massgen_workspace.text.lines import pieces
from massgen_workspace.text.window import Wanted, Window, window, window_of
from massgen_workspace.tools.common import Desks, ReadPath

LARGEST_IMAGE = 8 * 1024 * 1024
"""Bytes of an image that are handed over."""

LARGEST_VERSION = 64 * 1024 * 1024
"""Bytes of a file whose version is told: a larger one is not read for it."""

LARGEST_WIDE = 8 * 1024 * 1024
"""Bytes of a file in UTF-16 or UTF-32 that are looked at: lines are not found in it without reading all of it."""

_MOST_FILES = 50

First = Annotated[int, Field(description="First line; 1 is the first, -1 the last, -20 the first of the last 20.")]
Lines = Annotated[int, Field(gt=0, le=100_000, description="Lines at most.")]


def read_tools(desks: Desks) -> Iterator[Tool]:
    """Read one file, or several."""

    @tool
    async def read_file(path: ReadPath, context: ToolContext, first: First = 1, lines: Lines = 2000) -> ToolResult:
        """Read a text file, or a part of it, with line numbers; an image is shown as one."""
        desk = await desks.of(context)
        seen = await run(partial(_look, desk, path, first, lines, int(desk.config.shown)))
        return ToolResult(content=seen.parts, structured=seen.data)

    @tool
    async def read_files(
        paths: Annotated[
            list[str], Role("read"), Field(min_length=1, max_length=_MOST_FILES, description="Files to read.")
        ],
        context: ToolContext,
        lines: Lines = 400,
    ) -> ToolResult:
        """Read several files at once; one that cannot be read does not keep the others back."""
        desk = await desks.of(context)
        budget = max(1024, int(desk.config.shown) // len(paths))
        seen = [await run(partial(_try, desk, path, lines, budget)) for path in paths]
        content = [
            part for path, each in zip(paths, seen, strict=True) for part in (Text(text=f"== {path}"), *each.parts)
        ]
        failed = all("problem" in each.data for each in seen)
        return ToolResult(content=tuple(content), structured={"files": [each.data for each in seen]}, is_error=failed)

    yield read_file
    yield read_files


@dataclass(frozen=True, slots=True)
class _Seen:
    parts: tuple[Part, ...]
    data: dict[str, Any]


def _try(desk: Desk, path: str, lines: int, budget: int) -> _Seen:
    try:
        return _look(desk, path, 1, lines, budget)
    except PathRefused as error:
        return _Seen((Text(text=str(error)),), {"path": path, "problem": error.reason})


def _look(desk: Desk, path: str, first: int, lines: int, budget: int) -> _Seen:
    place = desk.place(path)
    with place.file() as file:
        size = os.fstat(file).st_size
        head = os.pread(file, HEAD, 0)
        encoding = judge(head, whole=size <= HEAD)
        data: dict[str, Any] = {"path": place.full, "size": size}
        if size <= LARGEST_VERSION:
            data["version"] = version_of(b"".join(pieces(file, 0, size, 1024 * 1024)))
        if encoding is None or encoding.name.startswith(("utf-16", "utf-32")):
            return _no_plain_text(file, size, path, encoding, data, Wanted(first=first, count=lines, budget=budget))
        found = window(file, encoding, desk.indexes, Wanted(first=first, count=lines, budget=budget))
    return _seen_text(found, _notes(found, encoding, size), encoding, data)


def _seen_text(found: Window, notes: Iterable[str], encoding: Encoding, data: dict[str, Any]) -> _Seen:
    data |= {
        "encoding": str(encoding),
        "first": found.lines[0].number if found.lines else None,
        "lines": len(found.lines),
        "total": found.total,
        "more": found.more,
    }
    shown = [f"{line.number}\t{line.text}{f'… [{line.cut} bytes more]' if line.cut else ''}" for line in found.lines]
    return _Seen((Text(text="\n".join([*shown, *notes])),), data)


def _notes(found: Window, encoding: Encoding, size: int) -> Iterator[str]:
    if not size:
        yield "[the file is empty]"
    elif found.more is not None:
        yield f"[{found.total} lines; go on at {found.more}]"
    elif not found.lines:
        yield f"[there is nothing there: the file has {found.total} lines]"
    if encoding is UNKNOWN or encoding.bom:
        yield f"[{encoding}]"


def _no_plain_text(
    file: int, size: int, path: str, encoding: Encoding | None, data: dict[str, Any], wanted: Wanted
) -> _Seen:
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    if encoding is not None:
        whole = b"".join(pieces(file, len(encoding.bom), min(size, LARGEST_WIDE)))
        found = window_of(whole.decode(encoding.name, "replace"), wanted)
        rest = [f"[only the first {LARGEST_WIDE} bytes of the file are shown in lines]"] if size > LARGEST_WIDE else []
        return _seen_text(found, [*_notes(found, encoding, size), *rest], encoding, data)
    data |= {"encoding": None, "media_type": kind}
    if kind.startswith("image/") and size <= LARGEST_IMAGE:
        return _Seen((Image(data=b"".join(pieces(file, 0, size)), mime_type=kind),), data)
    return _Seen((Text(text=f"[a binary file, {kind}, {size} bytes]"),), data)
