"""What was changed, and taking it back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from massgen_core.result import Text, ToolResult
from massgen_core.tools import Tool, ToolContext, tool
from massgen_workspace.desk import run
from massgen_workspace.jail.names import shown
from massgen_workspace.tools.common import Desks, told


def history_tools(desks: Desks) -> Iterator[Tool]:
    """List changes, undo one."""

    @tool(access=["read"])
    async def list_changes(
        context: ToolContext,
        count: Annotated[int, Field(gt=0, le=200, description="The last so many.")] = 20,
    ) -> ToolResult:
        """List the last changes of the workspace, the newest first, with the files of each."""
        desk = await desks.of(context)
        entries = await run(lambda: desk.workspace.journal.last(count))
        lines = [
            f"{entry.id}\t{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(entry.made))}\t{entry.outcome}\t{entry.what}"
            for entry in entries
        ]
        data = [
            {
                "id": entry.id,
                "made": entry.made,
                "what": entry.what,
                "who": entry.who,
                "outcome": entry.outcome,
                "undoes": entry.undoes,
                "paths": [shown(change.path) for change in entry.changes],
            }
            for entry in entries
        ]
        return ToolResult(
            content=(Text(text="\n".join(lines) or "Nothing was changed."),), structured={"changes": data}
        )

    @tool(access=["read", "write", "delete"])
    async def undo_change(
        id: Annotated[int, Field(gt=0, lt=2**63, description="The change, as the tool that made it named it.")],
        context: ToolContext,
    ) -> ToolResult:
        """Take a change of the workspace back; undoing an undo makes the change again."""
        desk = await desks.of(context)

        def undo() -> ToolResult:
            return told(desk.workspace, desk.workspace.undo(id, who=context.session_id))

        return await run(undo)

    yield list_changes
    yield undo_change
