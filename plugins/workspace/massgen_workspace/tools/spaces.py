"""Snapshots of the workspace: taken, listed, compared, and brought back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Annotated, TypeVar

import anyio.from_thread
from pydantic import Field

from massgen_core.jail.errors import PathRefused
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Progress, Role, Tool, ToolContext, tool
from massgen_workspace.desk import Desk, run
from massgen_workspace.spaces.looking import compare
from massgen_workspace.spaces.restoring import restore
from massgen_workspace.spaces.shelf import Snapshot
from massgen_workspace.spaces.tracked import Tick
from massgen_workspace.tools.common import Desks

T = TypeVar("T")

_EACH = 2000
"""Files between two reports of progress."""

_NAMED = 200

Which = Annotated[str, Field(min_length=1, description="Number or label of a snapshot, as `list_snapshots` has it.")]


def space_tools(desks: Desks) -> Iterator[Tool]:
    """Take, list, compare and restore snapshots."""
    yield _snapshot(desks)
    yield _list(desks)
    yield _diff(desks)
    yield _restore(desks)


def _snapshot(desks: Desks) -> Tool:
    @tool(access=["read"])
    async def snapshot_workspace(
        context: ToolContext,
        label: Annotated[str, Field(max_length=200, description="What it is taken for.")] = "",
        ignored: Annotated[bool, Field(description="With what `.gitignore` leaves out, and `.git`.")] = False,
    ) -> ToolResult:
        """Remember the whole workspace as it is now, so that it can be compared and brought back.

        Also what programs in the sandbox have changed is in it. Take one before a risky step.
        """
        desk = await desks.of(context)
        taken = await _work(context, lambda tick: desk.tracked.take(label, ignored=ignored, tick=tick))
        left = f" Not in it: {', '.join(taken.left_out[:_NAMED])}." if taken.left_out else ""
        text = f"Snapshot {taken.id} is taken.{left} `diff_snapshot` shows what changes from now on."
        return ToolResult(content=(Text(text=text),), structured=taken.data())

    return snapshot_workspace


def _list(desks: Desks) -> Tool:
    @tool(access=["read"])
    async def list_snapshots(context: ToolContext) -> ToolResult:
        """List the snapshots of the workspace, the oldest first."""
        desk = await desks.of(context)
        known = await run(desk.tracked.shelf.all)
        text = "\n".join(map(_line, known)) or "There is no snapshot; `snapshot_workspace` takes one."
        data = {"snapshots": [each.data() for each in known]}
        return ToolResult(content=(Text(text=text),), structured=data)

    return list_snapshots


def _diff(desks: Desks) -> Tool:
    @tool(access=["read"])
    async def diff_snapshot(
        snapshot: Which,
        context: ToolContext,
        other: Annotated[str | None, Field(description="A later snapshot to compare with, instead of now.")] = None,
        paths: Annotated[
            list[str] | None, Role("read"), Field(description="Only these files, and what is in these folders.")
        ] = None,
        lines: Annotated[int, Field(ge=0, le=5000, description="Lines of the patch to show; 0 for names alone.")] = 200,
    ) -> ToolResult:
        """Show in what the workspace differs from a snapshot: files added, deleted, changed, renamed, and a patch."""
        desk = await desks.of(context)
        wanted = _paths(desk, paths)

        def work(tick: Tick) -> ToolResult:
            shelf = desk.tracked.shelf
            later = shelf.find(other) if other is not None else None
            found = compare(desk.tracked, shelf.find(snapshot), later, paths=wanted, lines=lines)
            names = found.summary().splitlines()
            more = [f"… and {len(names) - _NAMED} more"] if len(names) > _NAMED else []
            cut = ["… there is more: name `paths`, or ask for more `lines`"] if found.more else []
            text = "\n".join([*names[:_NAMED], *more, *found.patch, *cut]) or "Nothing differs."
            return ToolResult(content=(Text(text=text),), structured=dict(found.data()))

        return await _work(context, work)

    return diff_snapshot


def _restore(desks: Desks) -> Tool:
    @tool(access=["read", "write", "delete"])
    async def restore_snapshot(
        snapshot: Which,
        context: ToolContext,
        paths: Annotated[
            list[str] | None,
            Role("write"),
            Role("delete"),
            Field(description="Only these files, and what is in these folders; all when left out."),
        ] = None,
    ) -> ToolResult:
        """Make the workspace, or some paths in it, what it was at a snapshot.

        What is there now is kept as another snapshot first, by which this can be taken back. Files that the project
        ignores stay as they are.
        """
        desk = await desks.of(context)
        wanted = _paths(desk, paths)

        def work(tick: Tick) -> ToolResult:
            taken = desk.tracked.shelf.find(snapshot)
            done = restore(
                desk.tracked, desk.jail.roots[0], taken, paths=wanted, durable=desk.config.durable, tick=tick
            )
            if done.before is None:
                return ToolResult(content=(Text(text="Nothing differs."),), structured={"before": None, "changes": 0})
            left = "".join(f"\nNot restored: {each}" for each in done.left[:_NAMED])
            text = (
                f"Restored {len(done.found)} paths to snapshot {taken.id}.{left}\n"
                f'To take this back: restore_snapshot(snapshot="{done.before.id}")'
            )
            data = {"before": done.before.id, "changes": len(done.found), "left": list(done.left)}
            return ToolResult(content=(Text(text=text),), structured=data)

        return await _work(context, work)

    return restore_snapshot


async def _work(context: ToolContext, work: Callable[[Tick], T]) -> T:
    """Do it in a worker thread, tell how many files are done, and end when the call is cancelled."""
    told = 0

    def tick(done: int) -> None:
        nonlocal told
        anyio.from_thread.check_cancelled()
        if done - told >= _EACH:
            told = done
            anyio.from_thread.run(context.report, Progress(done=done, message="files"))

    return await run(partial(work, tick))


def _paths(desk: Desk, paths: Sequence[str] | None) -> list[bytes] | None:
    """Paths of the workspace from its root on."""
    if paths is None:
        return None
    places = [desk.place(path) for path in paths]
    for place in places:
        if place.root is not desk.jail.roots[0]:
            raise PathRefused(place.text, "only the workspace itself has snapshots")
    return [place.path for place in places]


def _line(each: Snapshot) -> str:
    made = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(each.made))
    return f"{each.id}\t{made}\t{each.label}".rstrip()
