"""Speaks only a version that nobody knows yet."""

import json
import sys

import speech

for line in sys.stdin:
    request = json.loads(line)
    if "id" in request:
        error = {"code": -32022, "message": "unsupported", "data": {"supported": ["2031-01-01"]}}
        speech.send({"id": request["id"], "error": error})
