"""Attempts to outlive a command that ran out of time; it is run as the command itself, and says nothing."""

from __future__ import annotations

import os
import signal
import sys
import time

MARK = "massgen-audit-survivor"


def main() -> None:
    """Leave children behind in every way there is, and ignore every request to end."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    for leave in (_child, _session, _orphan):
        if os.fork() == 0:
            leave()
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", MARK])
    print("ready", flush=True)  # noqa: T201 - what the host waits for
    time.sleep(600)


def _child() -> None:
    """As it is."""


def _session() -> None:
    os.setsid()


def _orphan() -> None:
    """In a session of its own, and without the parent that it had."""
    os.setsid()
    if os.fork() != 0:
        os._exit(0)


if __name__ == "__main__":
    main()
