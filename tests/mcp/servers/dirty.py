"""Prints a banner, a progress bar, JSON logs and blank lines between its messages, with CRLF line ends."""

import json
import sys
from typing import Any

import speech

sys.stdout.write("\n*** Toy server 1.0 ***\r\nlistening on stdio \u2026\n\xa0\n")
sys.stdout.write(json.dumps({"level": "info", "id": 1, "result": "not a message"}) + "\n{half a json\n[1, 2]\n")
sys.stdout.flush()


def send(message: dict[str, Any]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False)
    sys.stdout.buffer.write(b"10% \x1b[K\r\n" + body.encode() + b"\r\n\r\n")
    sys.stdout.buffer.flush()


speech.send = send
speech.serve()
