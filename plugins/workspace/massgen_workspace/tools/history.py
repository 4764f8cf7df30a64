"""What was changed, and taking it back; what was deleted, and having it back."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from massgen_core.errors import ToolFailed
from massgen_core.jail.names import shown
from massgen_core.jail.place import Place
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_workspace.desk import Desk, run
from massgen_workspace.files.meter import sized
from massgen_workspace.history.journal import Entry
from massgen_workspace.history.plan import Plan
from massgen_workspace.history.trash import Trashed
from massgen_workspace.history.workspace import Workspace
from massgen_workspace.tools.common import Desks, told

_MOST = 1000

Folder = Annotated[
    str, Role("read"), Field(description="The workspace, or another folder that may be changed: each has its own.")
]


def history_tools(desks: Desks) -> Iterator[Tool]:
    """List changes, undo one; list the trash, have things back."""
    yield _list_changes(desks)
    yield _undo_change(desks)
    yield _list_trash(desks)
    yield _undelete(desks)


def _list_changes(desks: Desks) -> Tool:
    @tool
    async def list_changes(
        context: ToolContext,
        count: Annotated[int, Field(gt=0, le=200, description="The last so many.")] = 20,
        folder: Folder = ".",
    ) -> ToolResult:
        """List the last changes of the workspace, the newest first, with the files of each."""
        desk = await desks.of(context)
        entries = await run(lambda: desk.history(desk.place(folder)).journal.last(count))
        lines = [f"{entry.id}\t{_time(entry.made)}\t{entry.outcome}\t{entry.what}" for entry in entries]
        data = [_as_data(entry) for entry in entries]
        text = "\n".join(lines) or "Nothing was changed."
        return ToolResult(content=(Text(text=text),), structured={"changes": data})

    return list_changes


def _undo_change(desks: Desks) -> Tool:
    @tool(access=["read", "write", "delete"])
    async def undo_change(
        id: Annotated[int, Field(gt=0, lt=2**63, description="The change, as the tool that made it named it.")],
        context: ToolContext,
        folder: Folder = ".",
    ) -> ToolResult:
        """Take a change of the workspace back; undoing an undo makes the change again."""
        desk = await desks.of(context)
        return await run(partial(_undone, desk, id, folder))

    return undo_change


def _list_trash(desks: Desks) -> Tool:
    @tool
    async def list_trash(
        context: ToolContext,
        limit: Annotated[int, Field(gt=0, le=1000, description="Answers at most.")] = 100,
        folder: Folder = ".",
    ) -> ToolResult:
        """List what was deleted and can be had back, the last deleted first."""
        desk = await desks.of(context)
        every = await run(lambda: desk.history(desk.place(folder)).trash.list())
        lines = [
            f"{each.id}\t{_time(each.made)}\t{each.kind}\t{sized(each.size)}\t{shown(each.path)}"
            for each in every[:limit]
        ]
        more = [f"[and {len(every) - limit} more]"] if len(every) > limit else []
        data = {"items": [_trashed(each) for each in every[:limit]], "total": len(every)}
        text = "\n".join([*(lines or ["The trash is empty."]), *more])
        return ToolResult(content=(Text(text=text),), structured=data)

    return list_trash


def _undelete(desks: Desks) -> Tool:
    @tool
    async def undelete_files(
        items: Annotated[
            list[str],
            Field(min_length=1, max_length=_MOST, description="Paths that were deleted, or ids from `list_trash`."),
        ],
        context: ToolContext,
        target: Annotated[
            str | None, Role("write"), Field(description="Another name for it, where there is one item alone.")
        ] = None,
        folder: Folder = ".",
    ) -> ToolResult:
        """Put deleted files and folders back where they were, all of them or none; of a path the last one deleted."""
        desk = await desks.of(context)
        if target is not None and len(items) > 1:
            raise ToolFailed(
                "", "`target` is a name for one item: put several back where they were, and move them then"
            )
        return await run(partial(_undeleted, desk, items, target, folder))

    return undelete_files


def _undone(desk: Desk, id: int, folder: str) -> ToolResult:
    history = desk.history(desk.place(folder))
    entry = desk.undo(folder, id)
    history.trash.prune(age=desk.config.trash_age, size=int(desk.config.trash_size))
    return told(history, entry)


def _undeleted(desk: Desk, items: Sequence[str], target: str | None, folder: str) -> ToolResult:
    around = desk.place(folder)
    history = desk.history(around)

    def decide(plan: Plan) -> None:
        by_name = _by_name(history)
        for item in items:
            found = by_name.get(item) or by_name.get(_inside(desk, item))
            if found is None:
                raise ToolFailed("", f"{item} is not in the trash; `list_trash` shows what is")
            place = Place(around.root, found.path, shown(found.path))
            plan.arrange.put(found.id.encode(), plan.arrange.place(target) if target is not None else place)

    rest = "" if len(items) == 1 else f" and {len(items) - 1} more"
    return told(history, desk.change(f"undelete {items[0]}{rest}", folder, decide))


def _inside(desk: Desk, path: str) -> str:
    """A path as the trash has it, from the root on."""
    return shown(desk.place(path).path.strip(b"/"))


def _by_name(history: Workspace) -> Mapping[str, Trashed]:
    """What is in the trash by its id and by the path it had; of several with one path the last one."""
    every = list(reversed(history.trash.list()))
    return {shown(each.path): each for each in every} | {each.id: each for each in every}


def _as_data(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "made": entry.made,
        "what": entry.what,
        "who": entry.who,
        "outcome": entry.outcome,
        "undoes": entry.undoes,
        "paths": [shown(each.path) for each in (*entry.changes, *entry.moves)],
    }


def _trashed(each: Trashed) -> dict[str, Any]:
    return {
        "id": each.id,
        "path": shown(each.path),
        "deleted": each.made,
        "change": each.change,
        "kind": each.kind,
        "entries": each.entries,
        "size": each.size,
    }


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))
