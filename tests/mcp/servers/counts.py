"""Counts its calls and tells its process id; ends when it is told to, or when a file on the command line is there."""

import json
import os
import pathlib
import sys
import time
from typing import Any

from speech import ECHO, send, serve, text

count = 0


def call(params: dict[str, Any], request_id: Any) -> dict[str, Any] | None:
    global count
    count += 1
    words = params["arguments"]["text"]
    if words == "die":
        print("fatal: told to", file=sys.stderr, flush=True)
        os._exit(3)
    if words == "grow":
        tools.append({**ECHO, "name": "grown"})
        send({"method": "notifications/tools/list_changed"})
    if words == "hang":
        send({"id": request_id, "result": text("")})
        time.sleep(600)
    return text(json.dumps({"pid": os.getpid(), "count": count, "secret": secret}))


secret = pathlib.Path(os.environ["TOKEN_FILE"]).read_text() if "TOKEN_FILE" in os.environ else ""
tools = [ECHO]
if len(sys.argv) > 1 and os.path.exists(sys.argv[1]):
    print("fatal: cannot start now", file=sys.stderr, flush=True)
    sys.exit(5)
serve(tools, call)
