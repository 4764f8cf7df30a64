"""Tells its secret in whichever way a call asks for."""

import json
import os
import sys
from typing import Any

from speech import ECHO, send, serve, text

TOKEN = os.environ.get("TOKEN", "(unset)")


def write(body: str) -> None:
    sys.stdout.write(body + "\n")
    sys.stdout.flush()


def escaped(request_id: Any) -> None:
    hidden = "".join(f"\\u{ord(character):04x}" for character in TOKEN)
    write(
        f'{{"jsonrpc":"2.0","id":{json.dumps(request_id)},"result":{{"content":[{{"type":"text","text":"{hidden}"}}]}}}}'
    )


def logged(request_id: Any) -> dict[str, Any]:
    send({"method": "notifications/message", "params": {"level": "info", "data": {f"k-{TOKEN}": [f"using {TOKEN}"]}}})
    return text("logged")


def refused(request_id: Any) -> None:
    send({"id": request_id, "error": {"code": -1, "message": f"401 for {TOKEN}", "data": {"token": TOKEN}}})


def ended(request_id: Any) -> None:
    print("connecting with", TOKEN, "failed", file=sys.stderr, flush=True)
    write(f"{'x' * 195} {TOKEN} is no message")
    sys.exit(3)


WAYS = {
    "value": lambda request_id: text(TOKEN),
    "text": lambda request_id: text(f"a {TOKEN} b"),
    "json": lambda request_id: text(json.dumps({"headers": {"Authorization": f"Bearer {TOKEN}"}}), isError=True),
    "structured": lambda request_id: text("", structuredContent={TOKEN: [TOKEN, 1, None]}, _meta={"a": TOKEN}),
    "escaped": escaped,
    "logged": logged,
    "refused": refused,
    "ended": ended,
}


def call(params: dict[str, Any], request_id: Any) -> dict[str, Any] | None:
    return WAYS[params["arguments"]["text"]](request_id)


def tools() -> list[Any]:
    return [ECHO, {**ECHO, "name": "known", "description": f"Uses {TOKEN}."}, {**ECHO, "name": f"bad {TOKEN}"}]


if "early" in sys.argv:
    sys.exit(f"no service takes {TOKEN}")
serve(tools, call)
