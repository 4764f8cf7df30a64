"""A plugin whose middleware fails around every call."""

from massgen_core import Middleware, ToolResult, hookimpl


async def around(call: object, following: object) -> ToolResult:
    raise ZeroDivisionError("around")


@hookimpl
def massgen_middlewares() -> object:
    return [Middleware(name="bad-middleware", around=around)]
