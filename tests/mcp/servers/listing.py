"""Lists broken tools beside good ones, in pages; `endless`, `circle` and `many` go on and on."""

import json
import sys
from typing import Any

import speech

OBJECT = {"type": "object"}
TOOLS = [
    speech.ECHO,
    {"name": "no_schema"},
    {"name": "empty", "inputSchema": {}},
    {"name": "list", "inputSchema": []},
    {"name": "bad type", "inputSchema": OBJECT},
    {"name": "invalid", "inputSchema": {"type": "object", "properties": {"a": {"type": "text"}}}},
    {"name": "remote", "inputSchema": {"type": "object", "properties": {"a": {"$ref": "https://example.org/a.json"}}}},
    {"name": "echo", "inputSchema": OBJECT},
    {"inputSchema": OBJECT},
    "not a tool",
    None,
    {"name": "x" * 70, "inputSchema": OBJECT},
    {"name": "good", "inputSchema": OBJECT, "description": 7, "outputSchema": "odd", "annotations": []},
]


def pages(cursor: str | None) -> dict[str, Any]:
    mode = sys.argv[1] if len(sys.argv) > 1 else ""
    number = int(cursor or 0)
    if mode == "endless":
        return {"tools": [{"name": f"t{number}", "inputSchema": OBJECT}], "nextCursor": str(number + 1)}
    if mode == "circle":
        return {"tools": [{"name": "t", "inputSchema": OBJECT}] if not cursor else [], "nextCursor": "1"}
    if mode == "many":
        return {"tools": [{"name": f"t{index}", "inputSchema": OBJECT} for index in range(3000)]}
    return {"tools": TOOLS[number : number + 5], **({"nextCursor": str(number + 5)} if number < 10 else {})}


for line in sys.stdin:
    request = json.loads(line)
    if request.get("method") == "tools/list":
        speech.send({"id": request["id"], "result": pages((request.get("params") or {}).get("cursor"))})
    elif "id" in request:
        speech.answer(request, [], speech.echo, modern=False)
