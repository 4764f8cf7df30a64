"""A server over streamable HTTP, of both eras, built on the MCP SDK; prints its port. It wants a token."""

import json
import socket
from typing import Any

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver import Context

server = MCPServer("remote")


@server.tool()
async def headers(context: Context) -> str:
    """The headers of this request."""
    request: Any = context.request_context.request
    return json.dumps({key.lower(): value for key, value in dict(request.headers).items()})


@server.tool()
async def count(to: int, context: Context) -> str:
    """Report progress up to a number."""
    for step in range(1, to + 1):
        await context.report_progress(step, to)
    return "counted"


@server.tool()
async def big(size: int) -> str:
    """A text of that many bytes."""
    return "x" * size


@server.tool()
async def grow(name: str, context: Context) -> str:
    """Add a tool, and tell."""
    server.add_tool(big, name=name)
    await context.notify_tools_changed()  # for the newer era
    await context.session.send_tool_list_changed()  # for the older one
    return "grown"


app = server.streamable_http_app()


async def guarded(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http" and dict(scope["headers"]).get(b"authorization") != b"Bearer s3cret":
        await send({"type": "http.response.start", "status": 401, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    await app(scope, receive, send)


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(guarded, log_level="warning")).run(sockets=[listener])
