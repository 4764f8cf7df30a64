"""Waiting for what changes in the workspace, whoever changes it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from massgen_core.errors import ToolFailed
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Tool, ToolContext, tool
from massgen_workspace.spaces.feed import Feed, open_feed
from massgen_workspace.spaces.watching import Changes

_NAMED = 200


def watch_tools() -> Iterator[Tool]:
    """Wait for changes."""

    @tool(access=["read"])
    async def wait_for_changes(
        context: ToolContext,
        since: Annotated[
            int | None, Field(ge=0, description="The cursor of the answer before; from now on when left out.")
        ] = None,
        seconds: Annotated[float, Field(ge=0, le=3600, description="How long to wait at most.")] = 60,
    ) -> ToolResult:
        """Wait until files of the workspace are added, changed or deleted, by whomever, and name them.

        What the project ignores is left out. Give the answer's `cursor` back as `since`, and no change is missed.
        """
        if context.workspace is None:
            raise ToolFailed("", "this session has no workspace: open it with `runtime.session(workspace=FOLDER)`")
        feed: Feed = await context.resource("workspace.watch", partial(open_feed, context.workspace))
        found = await feed.wait(feed.cursor if since is None else since, seconds)
        cursor = feed.cursor
        text = "\n".join([*_lines(found), f"cursor {cursor}"])
        return ToolResult(content=(Text(text=text),), structured={"cursor": cursor, **_data(found)})

    yield wait_for_changes


def _lines(found: Changes) -> Iterator[str]:
    if not found:
        yield "Nothing has changed."
    if found.rescan:
        yield "There may be more changes than are named: look at the whole workspace again."
    named = [
        f"{what}\t{path}"
        for what, paths in (("added", found.added), ("changed", found.changed), ("deleted", found.deleted))
        for path in paths
    ]
    yield from named[:_NAMED]
    if len(named) > _NAMED:
        yield f"… and {len(named) - _NAMED} more"


def _data(found: Changes) -> dict[str, Any]:
    return {
        "added": list(found.added),
        "changed": list(found.changed),
        "deleted": list(found.deleted),
        "rescan": found.rescan,
    }
