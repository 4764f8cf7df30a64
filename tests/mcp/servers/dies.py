"""Dies in the middle of a call; with a file on the command line, only while that file exists."""

import os
import sys
from typing import Any

from speech import echo, serve


def call(params: dict[str, Any], request_id: Any) -> dict[str, Any] | None:
    if params["arguments"]["text"] == "die":
        print("fatal: out of cheese, token", os.environ.get("TOKEN"), file=sys.stderr, flush=True)
        os._exit(3)
    if params["arguments"]["text"] == "half":
        sys.stdout.write('{"jsonrpc": "2.0", "id": ' + str(request_id) + ', "resu')
        sys.stdout.flush()
        os._exit(4)
    return echo(params, request_id)


if len(sys.argv) > 1 and os.path.exists(sys.argv[1]):
    print("fatal: cannot start again", file=sys.stderr, flush=True)
    sys.exit(5)
serve(call=call)
