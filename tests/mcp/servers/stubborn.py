"""Ignores the end of its input and polite signals, and leaves a child behind that holds its pipes."""

import os
import signal
import subprocess
import sys
import time
from typing import Any

import speech

signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(
    [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"]
)


def call(params: dict[str, Any], request_id: Any) -> dict[str, Any] | None:
    return speech.text(f"{os.getpid()} {child.pid}")


speech.serve(call=call)
time.sleep(600)
