"""Keeps a call waiting, and tells in the next one whether the first was cancelled."""

import json
import sys
from typing import Any

import speech

cancelled = []
waiting = []


def call(params: dict[str, Any], request_id: Any) -> dict[str, Any] | None:
    if params["arguments"]["text"] == "wait":
        waiting.append(request_id)
        print("waiting", file=sys.stderr, flush=True)
        return None
    return speech.text(json.dumps({"waiting": waiting, "cancelled": cancelled}))


for line in sys.stdin:
    request = json.loads(line)
    if request.get("method") == "notifications/cancelled":
        cancelled.append(request["params"]["requestId"])
    elif "id" in request:
        speech.answer(request, [speech.ECHO], call, modern=False)
