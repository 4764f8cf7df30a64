"""A one-file plugin for the tests of the command line: every kind of result and of trouble."""

from __future__ import annotations

import time
from typing import Any

import anyio

from massgen_core import (
    Data,
    FileReference,
    Image,
    Progress,
    Text,
    ToolContext,
    ToolProvider,
    ToolResult,
    hookimpl,
    tool,
)


@tool(access=())
def echo(text: str) -> str:
    """Say it back.

    And a second paragraph.

    Args:
        text: What to say.
    """
    return text


@tool(access=(), annotations={"readOnlyHint": True})
def add(
    count: int, share: float = 0.5, exact: bool = False, tags: list[str] | None = None, note: str | None = None
) -> dict[str, Any]:
    """Give back what was given."""
    return {"count": count, "share": share, "exact": exact, "tags": tags, "note": note}


@tool
def explode() -> str:
    """Raise."""
    raise ValueError("boom")


@tool
def report_failure() -> ToolResult:
    """Report an error in the tool's own words."""
    return ToolResult(content=(Text(text="the disk is on fire"),), is_error=True)


@tool(access=["delete"])
def wipe() -> str:
    """Delete something."""
    return "gone"


@tool
async def sleep() -> None:
    """Sleep for a minute."""
    await anyio.sleep(60)


@tool
def hang() -> None:
    """Hang in a thread, where nothing can stop it."""
    time.sleep(60)


@tool
async def steps(context: ToolContext, total: int = 2000) -> str:
    """Report more steps than anybody wants to see."""
    for done in range(1, total + 1):
        await context.report(Progress(done=done, total=total, message="\x1b]0;owned\x07step"))
    return "done"


@tool
def parts() -> ToolResult:
    """Answer with every kind of part."""
    return ToolResult(
        content=(
            Text(text="words"),
            Image(data=b"\x89PNG", mime_type="image/png"),
            FileReference(uri="file:///etc/passwd", name="../../evil", mime_type="text/x-unheard-of", data=b"\x00\x01"),
            FileReference(uri="https://example.com/a"),
            Data(value={"k": [1, None]}),
        )
    )


@tool
def lines(count: int) -> str:
    """Answer with many lines."""
    return "\n".join("x" * 99 for _ in range(count))


@tool
def odd_text() -> str:
    """Answer with half a surrogate pair."""
    return "half \ud83d of it"


@hookimpl
def massgen_providers(config: Any) -> list[ToolProvider]:
    tools = [echo, add, explode, report_failure, wipe, sleep, hang, steps, parts, lines, odd_text]
    return [ToolProvider.of("sample", tools)]
