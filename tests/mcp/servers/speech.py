"""The least that an MCP server needs, in the standard library alone; the servers beside this file build on it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

ECHO: dict[str, Any] = {
    "name": "echo",
    "description": "Give back the text.",
    "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
}

Call = Callable[[dict[str, Any], Any], "dict[str, Any] | None"]


def send(message: dict[str, Any]) -> None:
    """One message on stdout, at once."""
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def text(words: str, **more: Any) -> dict[str, Any]:
    """A result that holds a text."""
    return {"content": [{"type": "text", "text": words}], **more}


def echo(params: dict[str, Any], request_id: Any) -> dict[str, Any]:
    """The result of the tool `echo`."""
    return text(str(params["arguments"].get("text")))


def serve(tools: list[Any] | Callable[[], list[Any]] | None = None, call: Call = echo, *, modern: bool = False) -> None:
    """Answer requests until stdin ends; ``call`` may answer for itself and return None."""
    for line in sys.stdin:
        request = json.loads(line)
        if "method" in request and "id" in request:
            answer(request, tools if tools is not None else [ECHO], call, modern)


def answer(request: dict[str, Any], tools: list[Any] | Callable[[], list[Any]], call: Call, modern: bool) -> None:
    """Answer one request in one of the two eras."""
    method, request_id, params = request["method"], request["id"], request.get("params") or {}
    result: dict[str, Any] | None
    if ("io.modelcontextprotocol/protocolVersion" in params.get("_meta", {})) != modern:
        send({"id": request_id, "error": {"code": -32600, "message": f"{method} of another era"}})
        return
    if method == "initialize" and not modern:
        result = {
            "protocolVersion": "2025-06-18",
            "capabilities": {"tools": {"listChanged": True}},
            "serverInfo": {"name": "toy", "version": "1"},
        }
    elif method == "server/discover" and modern:
        result = {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {"listChanged": True}}}
    elif method == "tools/list":
        result = {"tools": tools() if callable(tools) else tools}
    elif method == "tools/call":
        result = call(params, request_id)
    elif method == "ping":
        result = {}
    else:
        send({"id": request_id, "error": {"code": -32601, "message": f"no {method}"}})
        return
    if result is not None:
        send({"id": request_id, "result": result})
