"""Speaks the newer era only, and is slow to start: it begins when the file named on the command line is there.

Once it has answered the newer era's first question, it refuses the handshake naming its versions.
"""

import json
import os
import sys
import time

import speech

while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)

for line in sys.stdin:
    request = json.loads(line)
    if request.get("method") == "initialize":
        error = {"code": -32022, "message": "unsupported", "data": {"supported": ["2026-07-28"], "requested": "x"}}
        speech.send({"id": request["id"], "error": error})
    elif "id" in request:
        speech.answer(request, [speech.ECHO], speech.echo, modern=True)
