"""Tells its machine's name and what is in `/workspace/note`, and makes an empty file of the name that it is told."""

import json
import os
import pathlib
from typing import Any

from speech import serve, text

WORKSPACE = pathlib.Path("/workspace")


def call(params: dict[str, Any], request_id: Any) -> dict[str, Any] | None:
    (WORKSPACE / params["arguments"]["text"]).touch()
    note = WORKSPACE / "note"
    return text(json.dumps({"host": os.uname().nodename, "note": note.read_text() if note.exists() else ""}))


serve(call=call)
