"""Answers calls in every wrong way; the text says which."""

import json
import sys
from typing import Any

from speech import send, serve, text


def write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def flood(params: dict[str, Any], request_id: Any) -> None:
    chunk = b"x" * (1 << 20)
    write(b'{"jsonrpc": "2.0", "id": %d, "result": {"content": "' % request_id)
    try:
        for _ in range(1024):
            write(chunk)
    except BrokenPipeError:
        sys.exit(1)


def ask(params: dict[str, Any], request_id: Any) -> dict[str, Any]:
    for method in ("ping", "roots/list", "sampling/createMessage"):
        send({"id": f"q-{method}", "method": method})
    answers = {}
    while len(answers) < 3:
        answer = json.loads(sys.stdin.readline())
        answers[answer["id"]] = answer.get("result", answer.get("error"))
    return text("asked", structuredContent=answers)


def bomb(params: dict[str, Any], request_id: Any) -> None:
    write(b'{"jsonrpc": "2.0", "id": %d, "result": ' % request_id + b"[" * 100_000 + b"\n")


def wide(params: dict[str, Any], request_id: Any) -> None:
    expand(request_id, b"0,")


def objects(params: dict[str, Any], request_id: Any) -> None:
    expand(request_id, b"{},")


def expand(request_id: Any, piece: bytes) -> None:
    """Twenty megabytes of JSON that are many times as much in memory once they are read."""
    write(b'{"jsonrpc": "2.0", "id": %d, "result": {"content": [], "x": [' % request_id)
    for _ in range(20):
        write(piece * ((1 << 20) // len(piece)))
    write(b"0]}}\n")


def wrong_ids(params: dict[str, Any], request_id: Any) -> dict[str, Any]:
    for other in (10**9, "x", None, [1], {"a": 1}, True):
        send({"id": other, "result": text("wrong")})
    return text("right")


def twice(params: dict[str, Any], request_id: Any) -> None:
    send({"id": request_id, "result": text("first")})
    send({"id": request_id, "result": text("second")})
    send({"id": request_id, "error": {"code": 1, "message": "third"}})


def notifications(params: dict[str, Any], request_id: Any) -> dict[str, Any]:
    line = json.dumps({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": "x"}}) + "\n"
    write(line.encode() * 100_000)
    return text("survived")


def progress_flood(params: dict[str, Any], request_id: Any) -> dict[str, Any]:
    token = params["_meta"]["progressToken"]
    for step in range(1, 100_001):
        facts = {"progressToken": token, "progress": step, "total": 100_000}
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", "method": "notifications/progress", "params": facts}) + "\n")
    return text("done")


def progress(params: dict[str, Any], request_id: Any) -> dict[str, Any]:
    token = params["_meta"]["progressToken"]
    for bad in ({}, {"progressToken": token}, {"progressToken": [token], "progress": 1}):
        send({"method": "notifications/progress", "params": bad})
    facts = {"progressToken": token, "progress": 1, "total": 2, "message": "half way"}
    send({"method": "notifications/progress", "params": facts})
    return text("done")


def ask_without_reading(params: dict[str, Any], request_id: Any) -> None:
    for number in range(5000):
        send({"id": number, "method": "ping"})


def error(params: dict[str, Any], request_id: Any) -> None:
    send({"id": request_id, "error": {"code": -32000, "message": "no luck", "data": {"why": 1}}})


def is_error(params: dict[str, Any], request_id: Any) -> dict[str, Any]:
    return text("it went wrong", isError=True)


def wish(params: dict[str, Any], request_id: Any) -> dict[str, Any]:
    asked = {"key": {"method": "elicitation/create", "params": {"message": "Your name?"}}}
    return {"resultType": "input_required", "inputRequests": asked}


def odd_result(params: dict[str, Any], request_id: Any) -> dict[str, Any]:
    return {"content": [{"type": "hologram", "x": 1}, 7, {"type": "image", "data": "!"}], "new": True}


def not_a_result(params: dict[str, Any], request_id: Any) -> None:
    send({"id": request_id, "result": "text"})


WAYS = (
    *(flood, bomb, wide, objects, wrong_ids, twice, notifications, progress_flood, progress, ask, ask_without_reading),
    *(error, is_error, wish, odd_result, not_a_result),
)
BY_NAME = {way.__name__.replace("_", " "): way for way in WAYS}


def call(params: dict[str, Any], request_id: Any) -> dict[str, Any] | None:
    words = params["arguments"]["text"]
    return BY_NAME[words](params, request_id) if words in BY_NAME else text(words)


serve(call=call)
