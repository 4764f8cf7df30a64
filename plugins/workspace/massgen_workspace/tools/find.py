"""Finding: folders listed, files by name, lines by what is in them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import islice
from typing import Annotated, Any, Literal

from pydantic import Field

from massgen_core.result import Text, ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_workspace.desk import Desk, run
from massgen_workspace.find.names import matcher
from massgen_workspace.find.search import Hit, Question, search
from massgen_workspace.find.walk import Found, walk
from massgen_workspace.history.plan import real_folder, real_place
from massgen_workspace.jail.errors import PathRefused
from massgen_workspace.jail.names import shown
from massgen_workspace.jail.place import Place
from massgen_workspace.tools.common import Desks

Folder = Annotated[str, Role("read"), Field(description="Folder, from the workspace on or absolute.")]
Ignored = Annotated[bool, Field(description="What `.gitignore` files leave out, too.")]
Limit = Annotated[int, Field(gt=0, le=10_000, description="Answers at most.")]
Glob = Annotated[
    list[str] | None, Field(description="Names as in `.gitignore`: `*.py`, `src/**/*.ts`, `!*_test.py` to leave out.")
]
Order = Literal["name", "modified"]

_SEARCH_SECONDS = 60.0
_MARGIN = 1.0
"""Seconds that are left of a call's own time for answering."""


def find_tools(desks: Desks) -> Iterator[Tool]:
    """List, find, search."""
    yield _list_folder(desks)
    yield _find_files(desks)
    yield _search_files(desks)


def _list_folder(desks: Desks) -> Tool:
    @tool
    async def list_folder(
        context: ToolContext,
        path: Folder = ".",
        depth: Annotated[int, Field(gt=0, le=50, description="How many folders down.")] = 1,
        ignored: Ignored = False,
        limit: Limit = 500,
    ) -> ToolResult:
        """List a folder, or the tree below it, with the sizes of its files."""
        desk = await desks.of(context)
        return await run(partial(_listed, desk, path, depth, ignored, limit))

    return list_folder


def _find_files(desks: Desks) -> Tool:
    @tool
    async def find_files(
        names: Annotated[list[str], Field(min_length=1, description="Names as in `.gitignore`: `*.py`, `src/*.ts`.")],
        context: ToolContext,
        path: Folder = ".",
        ignored: Ignored = False,
        order: Annotated[Order, Field(description="By name, or the last changed first.")] = "name",
        limit: Limit = 200,
    ) -> ToolResult:
        """Find files by their names."""
        desk = await desks.of(context)
        return await run(partial(_found, desk, path, names, ignored, order, limit))

    return find_files


def _search_files(desks: Desks) -> Tool:
    @tool
    async def search_files(
        pattern: Annotated[str, Field(min_length=1, description="A regular expression, for each line.")],
        context: ToolContext,
        path: Folder = ".",
        names: Glob = None,
        literal: Annotated[bool, Field(description="`pattern` is a text, not an expression.")] = False,
        ignore_case: Annotated[bool, Field(description="Upper and lower case are the same.")] = False,
        around: Annotated[int, Field(ge=0, le=20, description="Lines before and after each that are shown.")] = 0,
        ignored: Ignored = False,
        limit: Limit = 200,
    ) -> ToolResult:
        """Search the lines of files; binary files are left out."""
        desk = await desks.of(context)
        seconds = min(_SEARCH_SECONDS, max(0.1, (context.deadline or _SEARCH_SECONDS) - _MARGIN))
        question = Question(pattern=pattern, literal=literal, ignore_case=ignore_case, around=around, seconds=seconds)
        return await run(partial(_searched, desk, path, names, question, ignored, limit))

    return search_files


def _listed(desk: Desk, path: str, depth: int, ignored: bool, limit: int) -> ToolResult:
    place = real_folder(desk.place(path))
    entries = list(islice(walk(place.root, place.path, ignored=ignored, deepest=depth), limit + 1))
    lines, data = list[str](), list[dict[str, Any]]()
    for entry in entries[:limit]:
        size = _size(place, entry) if entry.kind == "file" else None
        name = shown(_inside(place, entry.path))
        lines.append(f"{name}/" if entry.kind == "folder" else name if size is None else f"{name}  {size}")
        data.append({"path": name, "kind": entry.kind, "size": size})
    return _answer(lines, "entries", data, more=len(entries) > limit, nothing="The folder is empty.")


def _found(desk: Desk, path: str, names: list[str], ignored: bool, order: Order, limit: int) -> ToolResult:
    place = real_folder(desk.place(path))
    matches = matcher(names)
    files = (
        _inside(place, entry.path)
        for entry in walk(place.root, place.path, ignored=ignored)
        if entry.kind in ("file", "link") and matches(_inside(place, entry.path))
    )
    if order == "modified":
        files = iter(sorted(files, key=lambda name: (-_modified(place, name), name)))
    some = [shown(name) for name in islice(files, limit + 1)]
    return _answer(some[:limit], "paths", some[:limit], more=len(some) > limit, nothing="No file has such a name.")


def _searched(
    desk: Desk, path: str, names: list[str] | None, question: Question, ignored: bool, limit: int
) -> ToolResult:
    place = desk.place(path)
    if stat.S_ISDIR(place.stat().st_mode):
        place = real_folder(place)
        matches = matcher(names) if names else None
        paths = (
            entry.path
            for entry in walk(place.root, place.path, ignored=ignored)
            if entry.kind == "file" and (matches is None or matches(_inside(place, entry.path)))
        )
    else:
        place = real_place(place)
        paths = iter([place.path])
    with closing(search(place.root, paths, question)) as hits:
        some = _up_to(hits, limit)
    lines = list(_grouped(some[:limit]))
    data = [
        {"path": shown(hit.path), "line": hit.line, "text": hit.text, "matches": hit.matches} for hit in some[:limit]
    ]
    return _answer(lines, "hits", data, more=len(some) > limit, nothing="No line matches.")


def _up_to(hits: Iterator[Hit], limit: int) -> list[Hit]:
    return list(islice(hits, limit + 1))


def _grouped(hits: list[Hit]) -> Iterator[str]:
    """The lines of each file below its name."""
    last = b""
    for hit in hits:
        if hit.path != last:
            yield shown(hit.path)
            last = hit.path
        yield f"{hit.line}{':' if hit.matches else '-'}\t{hit.text}"


def _answer(lines: list[str], key: str, data: list[Any], *, more: bool, nothing: str) -> ToolResult:
    notes = [f"[there are more than these {len(data)}: narrow it down, or raise the limit]"] if more else []
    text = "\n".join([*(lines or [nothing]), *notes])
    return ToolResult(content=(Text(text=text),), structured={key: data, "more": more})


def _inside(folder: Place, path: bytes) -> bytes:
    """A path from a folder on."""
    return path[len(folder.path) + 1 :] if folder.path else path


def _stat(folder: Place, path: bytes) -> os.stat_result | None:
    try:
        return Place(folder.root, path, shown(path)).stat(follow=False)
    except PathRefused:
        return None


def _size(folder: Place, entry: Found) -> int | None:
    found = _stat(folder, entry.path)
    return None if found is None else found.st_size


def _modified(folder: Place, name: bytes) -> int:
    found = _stat(folder, folder.path + b"/" + name if folder.path else name)
    return 0 if found is None else found.st_mtime_ns
