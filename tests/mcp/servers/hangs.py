"""Tells its process id; asked to hang, it gives no sign of life after its answer."""

import os
import time
from typing import Any

from speech import send, serve, text


def call(params: dict[str, Any], request_id: Any) -> dict[str, Any] | None:
    if params["arguments"]["text"] == "hang":
        send({"id": request_id, "result": text(str(os.getpid()))})
        time.sleep(600)
    return text(str(os.getpid()))


serve(call=call)
