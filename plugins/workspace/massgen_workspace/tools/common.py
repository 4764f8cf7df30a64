"""What the tools share: a desk for each session, parameters, and how changes are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from massgen_core.jail.names import shown
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Role, ToolContext
from massgen_workspace.config import WorkspaceConfig
from massgen_workspace.desk import Desk, open_desk
from massgen_workspace.edit.compare import unified
from massgen_workspace.files.meter import sized
from massgen_workspace.history.journal import Change, Entry
from massgen_workspace.history.moves import Move
from massgen_workspace.history.states import State
from massgen_workspace.history.workspace import Workspace
from massgen_workspace.text.encoding import judge

_DIFF_LINES = 60
_DIFF_BYTES = 1024 * 1024

ReadPath = Annotated[str, Role("read"), Field(min_length=1, description="File, from the workspace on or absolute.")]
WritePath = Annotated[str, Role("write"), Field(min_length=1, description="File, from the workspace on or absolute.")]
Version = Annotated[
    str | None, Field(description="The version that was read: what others have changed since is merged, or is said.")
]


class Desks:
    """Opens a desk for each session that uses the tools."""

    def __init__(self, config: WorkspaceConfig, folder: Path) -> None:
        self._config = config
        self._folder = folder

    async def of(self, context: ToolContext) -> Desk:
        """The desk of the session that calls."""
        return await context.resource("workspace", partial(open_desk, self._config, self._folder, context))


def told(history: Workspace, entry: Entry, notes: Sequence[str] = ()) -> ToolResult:
    """What an entry has changed, as a diff for a model and as data for a program; and what else there is to say."""
    changes = [*map(_as_data, entry.changes), *map(_moved, entry.moves)]
    if not changes:
        text = "\n".join(["Nothing had to be changed.", *notes])
        return ToolResult(content=(Text(text=text),), structured={"id": None, "changes": [], "notes": [*notes]})
    text = "\n".join([f"Change {entry.id}: {entry.what}", *_told(history, entry), *notes])
    return ToolResult(content=(Text(text=text),), structured={"id": entry.id, "changes": changes, "notes": [*notes]})


def _told(history: Workspace, entry: Entry) -> Iterator[str]:
    """The first lines of what was changed; no diff is made of what does not fit."""
    lines = (line for change in entry.changes for line in _diff(history, change))
    shown = list(islice(chain(lines, map(_move_line, entry.moves)), _DIFF_LINES + 1))
    yield from shown[:_DIFF_LINES]
    if len(shown) > _DIFF_LINES:
        yield f"… there is more: paths that were changed: {len(entry.changes) + len(entry.moves)}"


def _as_data(change: Change) -> dict[str, Any]:
    what = "added" if not change.before else "deleted" if not change.after else "changed"
    version = change.after.content if change.after.kind == "file" else None
    return {"path": shown(change.path), "what": what, "kind": (change.after or change.before).kind, "version": version}


def _moved(move: Move) -> dict[str, Any]:
    to = shown(move.target.path) if move.what == "moved" else None
    return {"path": shown(move.path), "what": move.what, "kind": move.kind, "version": None, "to": to}


def _move_line(move: Move) -> str:
    to = f" to {shown(move.target.path)}" if move.what == "moved" else ""
    much = f" ({move.entries - 1} files and folders in it, {sized(move.size)})" if move.entries > 1 else ""
    return f"{move.what} {move.kind} {shown(move.path)}{to}{much}"


def _diff(history: Workspace, change: Change) -> Iterator[str]:
    name = shown(change.path)
    if change.before.gives_rights(change.after):
        yield f"mode of {name}: {change.before.mode:04o} to {change.after.mode:04o}"
        if change.before.same(change.after):
            return
    before, after = (_lines(history, state) for state in (change.before, change.after))
    if before is None or after is None:
        data = _as_data(change)
        yield f"{data['what']} {data['kind']} {name}"
        return
    yield f"--- {f'a/{name}' if change.before else '/dev/null'}"
    yield f"+++ {f'b/{name}' if change.after else '/dev/null'}"
    yield from unified(before, after, around=2)


def _lines(history: Workspace, state: State) -> list[str] | None:
    """A file's lines; None for what has none."""
    if not state:
        return []
    data = history.content(state)
    if data is None or len(data) > _DIFF_BYTES or (encoding := judge(data, whole=True)) is None:
        return None
    return data.decode(encoding.name, "replace").splitlines()
