"""A plugin whose tool, written by hand, has a broken schema."""

from massgen_core import Tool, ToolProvider, ToolResult, hookimpl


async def invoke(arguments: object, context: object) -> ToolResult:
    return ToolResult()


@hookimpl
def massgen_providers() -> object:
    bad = Tool(name="bad", description="Break.", input_schema={"type": "object", "required": 1}, invoke=invoke)
    return [ToolProvider.of("bad-schema", [bad])]
