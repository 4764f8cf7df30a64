"""A hostile MCP server: it behaves until its tool is called, and then as its argument says."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

_TOOL: dict[str, Any] = {
    "name": "echo",
    "description": "Give back the text.",
    "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
}
_MIB = 1024 * 1024


def send(message: dict[str, Any]) -> None:
    """One message."""
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def answer(number: Any, text: str) -> None:
    """The answer to a call."""
    send({"id": number, "result": {"content": [{"type": "text", "text": text}]}})


def write(data: bytes) -> None:
    """Bytes that are no message."""
    sys.stdout.flush()
    os.write(1, data)


def _garbage(number: Any) -> None:
    write(b"Loading 100%|####|\r\n\x1b[2J\xff\xfe\x00\n{not json}\n[]\n42\nnull\n{}\n")
    answer(number, "right")


def _endless_line(number: Any) -> None:
    """80 MiB, where the client allows 16: more would only take longer."""
    write(b'{"jsonrpc": "2.0", "id": %d, "result": {"content": "' % number)
    for _ in range(80):
        sys.stdout.write("x" * _MIB)
    sys.stdout.write('"}}\n')
    sys.stdout.flush()


def _nested(number: Any) -> None:
    write(b'{"jsonrpc": "2.0", "id": %d, "result": ' % number)
    sys.stdout.write("[" * 100_000 + "]" * 100_000 + "}\n")
    sys.stdout.flush()


def _notifications(number: Any) -> None:
    line = json.dumps({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": "x"}}) + "\n"
    sys.stdout.write(line * 100_000)
    answer(number, "right")


def _other_ids(number: Any) -> None:
    for other in (10**9, "x", None, [1], {"a": 1}, True):
        answer(other, "wrong")
    answer(number, "right")


def _twice(number: Any) -> None:
    answer(number, "right")
    answer(number, "wrong")
    send({"id": number, "error": {"code": 1, "message": "wrong"}})


def _later_ids(number: Any) -> None:
    """Answers to questions that nobody has asked yet."""
    for ahead in range(1, 4):
        answer(number + ahead, "wrong")
    answer(number, "right")


def _half(number: Any) -> None:
    write(b'{"jsonrpc": "2.0", "id": %d, "result": {"cont' % number)
    os._exit(4)


def _silent(number: Any) -> None:
    time.sleep(600)


def _requests(number: Any) -> None:
    """Questions of its own, whose answers it never reads."""
    for each in range(5000):
        send({"id": each, "method": "sampling/createMessage", "params": {}})
    answer(number, "right")


WAYS: dict[str, Callable[[Any], None]] = {
    "garbage": _garbage,
    "endless-line": _endless_line,
    "nested-json": _nested,
    "notification-flood": _notifications,
    "other-ids": _other_ids,
    "answers-twice": _twice,
    "answers-ahead": _later_ids,
    "exit-in-message": _half,
    "no-answer": _silent,
    "question-flood": _requests,
}


def main() -> None:
    """Answer until stdin ends."""
    way = WAYS[json.loads(sys.argv[1])["way"]]
    for line in sys.stdin:
        request: dict[str, Any] = json.loads(line)
        if "method" in request and "id" in request:
            _serve(request, way)


def _serve(request: dict[str, Any], way: Callable[[Any], None]) -> None:
    number, method = request["id"], request["method"]
    if method == "initialize":
        facts: dict[str, Any] = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
        send({"id": number, "result": {**facts, "serverInfo": {"name": "rogue", "version": "1"}}})
    elif method == "tools/list":
        send({"id": number, "result": {"tools": [_TOOL]}})
    elif method == "tools/call" and request["params"]["arguments"]["text"] == "attack":
        way(number)
    elif method == "tools/call":
        answer(number, request["params"]["arguments"]["text"])
    else:
        send({"id": number, "error": {"code": -32601, "message": f"no {method}"}})


if __name__ == "__main__":
    main()
