"""A well-behaved server of the older era, or with `modern` of the newer one."""

import os
import sys
from typing import Any

from speech import serve, text

ENV = {"name": "env", "inputSchema": {"type": "object", "properties": {"name": {"type": "string"}}}}
META = {"name": "meta", "inputSchema": {"type": "object"}}
ECHO = {
    "name": "echo",
    "title": "Echo",
    "description": "Give back the text.",
    "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    "outputSchema": {"type": "object", "x-unknown": 1},
    "annotations": {"readOnlyHint": True, "openWorldHint": False},
    "_meta": {"example.org/colour": "blue"},
}


def call(params: dict[str, Any], request_id: Any) -> dict[str, Any] | None:
    arguments = params["arguments"]
    if params["name"] == "env":
        return text(os.environ.get(arguments["name"], "(unset)"))
    if params["name"] == "meta":
        return text("meta", structuredContent=params["_meta"], unknown="kept")
    return text(arguments["text"])


BAD_HEADER = {
    "name": "bad_header",
    "inputSchema": {"type": "object", "properties": {"a": {"type": "array", "x-mcp-header": "A"}}},
}

serve([BAD_HEADER, ECHO, ENV, META], call, modern="modern" in sys.argv)
