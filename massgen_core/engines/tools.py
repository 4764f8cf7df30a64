"""What an agent can ask about media as such: who makes them, and what goes on in the background."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from massgen_core.media.engine import MediaEngine
from massgen_core.media.jobs import Jobs
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Tool, ToolContext, tool

_LONGEST_WAIT = 600.0

Id = Annotated[str, Field(min_length=1, description="The job, as the tool that began it named it.")]


def media_tools(engines: Mapping[str, MediaEngine]) -> list[Tool]:
    """The tools, over the engines that are open."""
    return [_engines(engines), _job(), _jobs(), _cancel()]


def engine_lines(engines: Mapping[str, MediaEngine]) -> Iterator[str]:
    """A line for each engine, and one for each thing that it does."""
    for name, engine in engines.items():
        can = engine.capabilities
        yield f"{name}: {can.label}{' (sends data to a service)' if can.network else ''}"
        for ability in can.abilities:
            options = f"; options: {', '.join(sorted(ability.options))}" if ability.options else ""
            formats = f"; makes: {', '.join(ability.formats)}" if ability.formats else ""
            yield f"  {ability.operation}{formats}{options}"


def _engines(engines: Mapping[str, MediaEngine]) -> Tool:
    @tool(name="engines", access=[])
    async def media_engines(operation: str | None = None) -> ToolResult:
        """List the engines that make or read media, and what each can do.

        Args:
            operation: Only those that do this, `image.generate` for one.
        """
        some = {
            name: engine
            for name, engine in engines.items()
            if operation is None or engine.capabilities.ability(operation) is not None
        }
        text = "\n".join(engine_lines(some)) or f"no engine does {operation}"
        facts = [{"name": name} | engine.capabilities.to_json() for name, engine in some.items()]
        return ToolResult(content=(Text(text=text),), structured={"engines": facts})

    return media_engines


def _job() -> Tool:
    @tool(name="job", access=[])
    async def media_job(
        id: Id,
        context: ToolContext,
        wait: Annotated[float, Field(ge=0, le=_LONGEST_WAIT, description="Seconds to wait for its end.")] = 0.0,
    ) -> ToolResult:
        """Say how far a background job is, or give its result when it has ended."""
        ticket = (await Jobs.of(context)).find(id)
        await ticket.wait(wait)
        if ticket.result is not None:
            return ticket.result
        facts = ticket.to_json()
        text = f"{id} ({ticket.tool}): {facts['state']}, {facts['progress']:.0%} {facts['message'] or ''}".rstrip()
        return ToolResult(content=(Text(text=text),), structured={"job": facts})

    return media_job


def _jobs() -> Tool:
    @tool(name="jobs", access=[])
    async def media_jobs(context: ToolContext) -> ToolResult:
        """List this session's background jobs, the newest last."""
        every: list[dict[str, Any]] = [ticket.to_json() for ticket in await Jobs.of(context)]
        lines = (f"{each['id']} ({each['tool']}): {each['state']}, {each['progress']:.0%}" for each in every)
        return ToolResult(content=(Text(text="\n".join(lines) or "there are none"),), structured={"jobs": every})

    return media_jobs


def _cancel() -> Tool:
    @tool(name="cancel", access=[])
    async def media_cancel(id: Id, context: ToolContext) -> ToolResult:
        """End a background job; what it would have made is not made."""
        ticket = (await Jobs.of(context)).find(id)
        ticket.job.cancel()
        await ticket.wait(_LONGEST_WAIT)
        facts = ticket.to_json()
        return ToolResult(content=(Text(text=f"{id}: {facts['state']}"),), structured={"job": facts})

    return media_cancel
