"""What this plugin brings. It is imported at every start, so whatever is heavy is imported inside the tools."""

from __future__ import annotations

import anyio
from pydantic import BaseModel, Field

from massgen_core import STRICT, Progress, Tool, ToolContext, ToolProvider, hookimpl, tool


class HelloSettings(BaseModel):
    """The section `[plugins.hello]` of a config file."""

    model_config = STRICT

    greeting: str = Field(default="Good day", min_length=1, description="What is said before the name.")


@hookimpl
def massgen_config() -> type[HelloSettings]:
    """Name the model that the section is checked with."""
    return HelloSettings


@hookimpl
def massgen_providers(config: HelloSettings) -> list[ToolProvider]:
    """Bring the tools, ready for use with these settings."""
    return [ToolProvider.of("hello", [greet_with(config.greeting), count])]


def greet_with(greeting: str) -> Tool:
    """The tool `greet`, for one greeting."""

    @tool(access=(), annotations={"readOnlyHint": True})
    def greet(name: str) -> str:
        """Greet somebody.

        Args:
            name: Whom to greet.
        """
        return f"{greeting}, {name}!"

    return greet


@tool(access=(), annotations={"readOnlyHint": True})
async def count(to: int, context: ToolContext, pause: float = 0.1) -> list[int]:
    """Count from one upwards, and report progress at every step.

    Args:
        to: The last number.
        pause: Seconds between two numbers.
    """
    for number in range(1, to + 1):
        await context.report(Progress(done=number, total=to, message=f"counted {number}"))
        await anyio.sleep(pause)
    return list(range(1, to + 1))
