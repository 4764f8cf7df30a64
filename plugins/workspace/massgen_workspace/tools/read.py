"""Reading files: windows of text with line numbers, bytes as they are, images as images, and what else there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from massgen_core.jail.errors import PathRefused
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_workspace.desk import Desk, run
from massgen_workspace.text.window import Wanted
from massgen_workspace.tools.common import Desks, ReadPath
from massgen_workspace.tools.looking import LARGEST_IMAGE, Seen, View, look, look_at_bytes, seen_problem
from massgen_workspace.tools.telling import Teller

_MOST_FILES = 50
_LEAST = 1024

First = Annotated[int, Field(description="First line; 1 is the first, -1 the last, -20 the first of the last 20.")]
Lines = Annotated[int, Field(gt=0, le=100_000, description="Lines at most.")]
Budget = Annotated[
    int | None,
    Field(ge=_LEAST, le=4 * 1024 * 1024, description="Bytes of text at most; a token is about four of them."),
]


def read_tools(desks: Desks) -> Iterator[Tool]:
    """Read one file, or several, or bytes of one."""
    yield _read_file(desks)
    yield _read_files(desks)
    yield _read_bytes(desks)


def _read_file(desks: Desks) -> Tool:
    @tool
    async def read_file(
        path: ReadPath, context: ToolContext, first: First = 1, lines: Lines = 2000, budget: Budget = None
    ) -> ToolResult:
        """Read a text file, or a part of it, with line numbers; an image is shown as one.

        What does not fit into the budget is named with the line to go on at.
        """
        desk = await desks.of(context)
        wanted = Wanted(first=first, count=lines, budget=budget or int(desk.config.shown))
        seen = await run(partial(look, desk, path, wanted, Teller(context, "bytes looked through")))
        return ToolResult(content=seen.parts, structured=seen.data)

    return read_file


def _read_files(desks: Desks) -> Tool:
    @tool
    async def read_files(
        paths: Annotated[
            list[str], Role("read"), Field(min_length=1, max_length=_MOST_FILES, description="Files to read.")
        ],
        context: ToolContext,
        first: Annotated[
            list[int] | None, Field(description="First line of each, to go on where an earlier answer ended.")
        ] = None,
        lines: Lines = 2000,
        budget: Annotated[Budget, Field(description="Bytes of text at most, shared between the files.")] = None,
    ) -> ToolResult:
        """Read several files at once; one that cannot be read does not keep the others back.

        They share one budget: what small files leave of it the larger ones have.
        """
        desk = await desks.of(context)
        wanted = [Wanted(first=start, count=lines) for start in [*(first or []), *[1] * len(paths)][: len(paths)]]
        shared = budget or int(desk.config.shown)
        every = await run(partial(_each, desk, paths, wanted, shared, Teller(context, "bytes looked through")))
        content = [
            part for path, seen in zip(paths, every, strict=True) for part in (Text(text=f"== {path}"), *seen.parts)
        ]
        failed = all("problem" in seen.data for seen in every)
        return ToolResult(content=tuple(content), structured={"files": [seen.data for seen in every]}, is_error=failed)

    return read_files


def _read_bytes(desks: Desks) -> Tool:
    @tool
    async def read_bytes(
        path: ReadPath,
        context: ToolContext,
        offset: Annotated[int, Field(description="First byte; 0 is the first, -1 the last.")] = 0,
        count: Annotated[int, Field(gt=0, le=1024 * 1024, description="Bytes at most.")] = 1024,
        view: Annotated[
            View, Field(description="Numbers beside letters, or a text: for lines without an end.")
        ] = "hex",
    ) -> ToolResult:
        """Read bytes of a file at any place of it: of a binary file, or of a line that is too long to be shown."""
        desk = await desks.of(context)
        seen = await run(partial(look_at_bytes, desk, path, offset, count, view))
        return ToolResult(content=seen.parts, structured=seen.data)

    return read_bytes


def _each(desk: Desk, paths: Sequence[str], wanted: Sequence[Wanted], budget: int, tick: Teller) -> list[Seen]:
    sizes = [_size(desk, path) for path in paths]
    seen, images = list[Seen](), LARGEST_IMAGE
    for path, want, share in zip(paths, wanted, shares(sizes, budget), strict=True):
        limited = Wanted(first=want.first, count=want.count, budget=share)
        try:
            seen.append(look(desk, path, limited, tick, largest_image=images))
        except PathRefused as error:
            seen.append(seen_problem(path, error))
        images -= _image_bytes(seen[-1].data)
    return seen


def shares(sizes: Sequence[int], budget: int) -> list[int]:
    """A budget divided: nobody gets more than his size, and what is left by the small goes to the large."""
    found, left = [_LEAST] * len(sizes), budget
    for done, at in enumerate(sorted(range(len(sizes)), key=sizes.__getitem__)):
        found[at] = max(_LEAST, min(sizes[at], left // (len(sizes) - done)))
        left = max(0, left - found[at])
    return found


def _size(desk: Desk, path: str) -> int:
    try:
        return desk.place(path).stat().st_size
    except PathRefused:
        return 0


def _image_bytes(data: dict[str, Any]) -> int:
    return int(data["size"]) if data.get("image") else 0
