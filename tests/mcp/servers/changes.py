"""Has one more tool after each call of `grow`, and says so; with `modern` to those who subscribed only."""

import json
import sys
from typing import Any

import speech

OBJECT = {"type": "object"}
modern = "modern" in sys.argv
tools = [{"name": "grow", "inputSchema": OBJECT}]
subscription = None


def call(params: dict[str, Any], request_id: Any) -> dict[str, Any] | None:
    tools.append({"name": f"tool{len(tools)}", "inputSchema": OBJECT})
    if not modern:
        speech.send({"method": "notifications/tools/list_changed"})
    elif subscription is not None:
        meta = {"io.modelcontextprotocol/subscriptionId": subscription}
        speech.send({"method": "notifications/tools/list_changed", "params": {"_meta": meta}})
    return speech.text("grown")


for line in sys.stdin:
    request = json.loads(line)
    if request.get("method") == "subscriptions/listen":
        subscription = request["id"]
    elif "id" in request and "method" in request:
        speech.answer(request, tools, call, modern)
