"""Answers calls in every wrong way; the text says which."""

import json
import sys

from speech import send, serve, text


def write(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def flood(request_id):
    chunk = b"x" * (1 << 20)
    write(b'{"jsonrpc": "2.0", "id": %d, "result": {"content": "' % request_id)
    try:
        for _ in range(1024):
            write(chunk)
    except BrokenPipeError:
        sys.exit(1)


def ask(request_id):
    for method in ("ping", "roots/list", "sampling/createMessage"):
        send({"id": f"q-{method}", "method": method})
    answers = {}
    while len(answers) < 3:
        answer = json.loads(sys.stdin.readline())
        answers[answer["id"]] = answer.get("result", answer.get("error"))
    return text("asked", structuredContent=answers)


def call(params, request_id):
    match params["arguments"]["text"]:
        case "flood":
            return flood(request_id)
        case "bomb":
            return write(b'{"jsonrpc": "2.0", "id": %d, "result": ' % request_id + b"[" * 100_000 + b"\n")
        case "wrong ids":
            for other in (10**9, "x", None, [1], {"a": 1}, True):
                send({"id": other, "result": text("wrong")})
            return text("right")
        case "twice":
            send({"id": request_id, "result": text("first")})
            send({"id": request_id, "result": text("second")})
            return send({"id": request_id, "error": {"code": 1, "message": "third"}})
        case "notifications":
            line = json.dumps({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": "x"}}) + "\n"
            write(line.encode() * 100_000)
            return text("survived")
        case "progress flood":
            token = params["_meta"]["progressToken"]
            for step in range(1, 100_001):
                facts = {"progressToken": token, "progress": step, "total": 100_000}
                sys.stdout.write(
                    json.dumps({"jsonrpc": "2.0", "method": "notifications/progress", "params": facts}) + "\n"
                )
            return text("done")
        case "progress":
            token = params["_meta"]["progressToken"]
            for bad in ({}, {"progressToken": token}, {"progressToken": [token], "progress": 1}):
                send({"method": "notifications/progress", "params": bad})
            facts = {"progressToken": token, "progress": 1, "total": 2, "message": "half way"}
            send({"method": "notifications/progress", "params": facts})
            return text("done")
        case "ask":
            return ask(request_id)
        case "ask without reading":
            for number in range(5000):
                send({"id": number, "method": "ping"})
            return None
        case "error":
            return send({"id": request_id, "error": {"code": -32000, "message": "no luck", "data": {"why": 1}}})
        case "is error":
            return text("it went wrong", isError=True)
        case "input":
            asked = {"key": {"method": "elicitation/create", "params": {"message": "Your name?"}}}
            return {"resultType": "input_required", "inputRequests": asked}
        case "odd result":
            return {"content": [{"type": "hologram", "x": 1}, 7, {"type": "image", "data": "!"}], "new": True}
        case "not a result":
            sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": request_id, "result": "text"}) + "\n")
            return sys.stdout.flush()
        case "silence":
            return None
        case other:
            return text(other)


serve(call=call)
