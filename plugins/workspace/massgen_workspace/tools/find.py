"""Finding: folders listed as trees, files by their names, sizes and times."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from massgen_core.errors import ToolFailed
from massgen_core.jail.names import shown
from massgen_core.jail.place import Place
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Tool, ToolContext, tool
from massgen_workspace.desk import Desk, run
from massgen_workspace.find.names import Names
from massgen_workspace.find.select import Order, Selected, Selection, Wanted, select
from massgen_workspace.find.tree import Row, Shape, Tree, add_sums, tree_of
from massgen_workspace.tools.common import Desks
from massgen_workspace.tools.places import After, Folder, Ignored, Limit, behind, below, folder_of, told_path
from massgen_workspace.tools.search import search_tool
from massgen_workspace.tools.telling import Teller

Size = Annotated[int | None, Field(ge=0, description="In bytes.")]
Age = Annotated[float | None, Field(ge=0, description="In seconds, since the last change.")]

_SUM_SECONDS = 2.0
"""How long the sizes of folders may take."""


def find_tools(desks: Desks) -> Iterator[Tool]:
    """List, find, search."""
    yield _list_folder(desks)
    yield _find_files(desks)
    yield search_tool(desks)


def _list_folder(desks: Desks) -> Tool:
    @tool
    async def list_folder(
        context: ToolContext,
        path: Folder = ".",
        depth: Annotated[int, Field(gt=0, le=50, description="How many folders down.")] = 1,
        per_folder: Annotated[int, Field(gt=0, le=10_000, description="Entries of each folder at most.")] = 200,
        folder_sizes: Annotated[bool, Field(description="How much is in each folder, as far as time allows.")] = False,
        ignored: Ignored = False,
        limit: Limit = 500,
        after: After = None,
    ) -> ToolResult:
        """List a folder, or the tree below it, with the sizes of its files."""
        desk = await desks.of(context)
        shape = Shape(deep=depth, wide=per_folder, rows=limit, ignored=ignored)
        tick = Teller(context, "entries looked at")
        return await run(partial(_listed, desk, path, shape, after, tick, sums=folder_sizes))

    return list_folder


def _find_files(desks: Desks) -> Tool:
    @tool
    async def find_files(
        names: Annotated[
            list[str],
            Field(
                min_length=1,
                description="As in `.gitignore`: `*.py`, `src/**/*.ts`, `*.{js,ts}`; `!*_test.py` leaves out.",
            ),
        ],
        context: ToolContext,
        path: Folder = ".",
        kind: Annotated[Wanted, Field(description="What is wanted.")] = "file",
        larger: Size = None,
        smaller: Size = None,
        newer: Age = None,
        older: Age = None,
        ignored: Ignored = False,
        order: Annotated[Order, Field(description="By name, the last changed first, or the largest first.")] = "name",
        limit: Limit = 200,
        after: After = None,
    ) -> ToolResult:
        """Find files by their names, sizes and times of change."""
        desk = await desks.of(context)
        now = time.time()
        selection = Selection(
            names=Names(names),
            kind=kind,
            ignored=ignored,
            smallest=larger,
            largest=smaller,
            since=None if newer is None else now - newer,
            until=None if older is None else now - older,
            order=order,
        )
        tick = Teller(context, "folders looked through")
        return await run(partial(_found, desk, path, selection, limit, after, tick))

    return find_files


def _listed(desk: Desk, path: str, shape: Shape, after: str | None, tick: Teller, *, sums: bool) -> ToolResult:
    start = folder_of(desk, path)
    inside = below(start, behind(desk, start, after)) if after else b""
    shape = Shape(deep=shape.deep, wide=shape.wide, rows=shape.rows, ignored=shape.ignored, after=inside)
    tree = tree_of(start.root, start.path, shape, tick)
    if sums:
        add_sums(start.root, start.path, tree, ignored=shape.ignored, seconds=_SUM_SECONDS, tick=tick)
    lines, shown_rows = _drawn(tree, int(desk.config.shown))
    cut = len(shown_rows) < len(tree.rows) or tree.more
    more = told_path(desk, start.root, shown_rows[-1].path.encode("utf-8", "surrogateescape")) if cut else None
    if cut:
        lines.append(f"[there is more: narrow it down, or go on with after={more}]")
    entries = [_as_data(row, start) for row in shown_rows]
    text = "\n".join(lines) or ("There is nothing more." if after else "The folder is empty.")
    return ToolResult(content=(Text(text=text),), structured={"entries": entries, "hidden": tree.hidden, "more": more})


def _drawn(tree: Tree, budget: int) -> tuple[list[str], list[Row]]:
    """The lines of a tree, and the rows that they show: as many as the budget holds, and one at least."""
    lines, around, used = list[str](), list[Row](), 0
    for number, row in enumerate(tree.rows):
        while around and around[-1].depth >= row.depth:
            lines += _rest(around.pop())
        if number and used > budget:
            return lines, tree.rows[:number]
        lines.append("  " * row.depth + _words(row))
        used += len(lines[-1].encode("utf-8", "replace")) + 1
        if row.kind == "folder":
            around.append(row)
    for row in reversed(around):
        lines += _rest(row)
    if tree.hidden:
        lines.append(f"… {tree.hidden:,} more")
    return lines, tree.rows


def _rest(row: Row) -> list[str]:
    return [f"{'  ' * (row.depth + 1)}… {row.hidden:,} more"] if row.hidden else []


def _words(row: Row) -> str:
    name = shown(row.name.encode("utf-8", "surrogateescape"))
    if row.kind == "link":
        return f"{name} -> {shown((row.target or '').encode('utf-8', 'surrogateescape'))}"
    if row.kind != "folder":
        return name if row.size is None else f"{name}  {row.size}"
    if row.sum is None:
        return f"{name}/"
    least = "" if row.sum.complete else "at least "
    return f"{name}/  {least}{row.sum.files:,} files, {row.sum.size} bytes"


def _as_data(row: Row, start: Place) -> dict[str, Any]:
    path = shown(below(start, row.path.encode("utf-8", "surrogateescape")))
    data: dict[str, Any] = {"path": path, "kind": row.kind, "size": row.size}
    if row.kind == "folder":
        data["hidden"] = row.hidden
    if row.sum is not None:
        data |= {"files": row.sum.files, "size": row.sum.size, "complete": row.sum.complete}
    return data


def _found(desk: Desk, path: str, selection: Selection, limit: int, after: str | None, tick: Teller) -> ToolResult:
    start = folder_of(desk, path)
    last = None if after is None else _selected(desk, start, selection, after)
    some = select(start.root, start.path, selection, limit + 1, after=last, tick=tick)
    paths, used, room = list[str](), 0, int(desk.config.shown)
    for each in some[:limit]:
        if paths and used > room:
            break
        paths.append(told_path(desk, start.root, each.path))
        used += len(paths[-1].encode("utf-8", "replace")) + 1
    more = _cursor(selection, some[len(paths) - 1], paths[-1]) if len(paths) < len(some) else None
    notes = [f"[there are more: narrow it down, or go on with after={more}]"] if more else []
    nothing = "There is nothing more." if after else "No file has such a name."
    text = "\n".join([*(paths or [nothing]), *notes])
    return ToolResult(content=(Text(text=text),), structured={"paths": paths, "more": more})


def _cursor(selection: Selection, last: Selected, path: str) -> str:
    """What an answer ended with: a path, behind what it is sorted by."""
    return path if selection.order == "name" else f"{last.rank}:{path}"


def _selected(desk: Desk, start: Place, selection: Selection, after: str) -> Selected:
    if selection.order == "name":
        return Selected(0, behind(desk, start, after))
    rank, sign, path = after.partition(":")
    if not sign or not rank.lstrip("-").isdecimal():
        raise ToolFailed("", f"after: {after} is no place in this order: take what an earlier answer has as `more`")
    return Selected(int(rank), behind(desk, start, path))
