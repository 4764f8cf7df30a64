"""The keeper of a plain command: it starts it, waits for its end, and ends what it leaves; see `inside.keeping`.

Run as a script by ``python3 -I -S``: ``… STATUS SETTINGS ARG…``. To the descriptor STATUS it writes lines of JSON:
``{"child-pid": n}`` when the command runs, ``{"failed": why}`` when it cannot, and when everything has ended
``{"exit-code": n, "gone": true, …}``. SIGTERM ends it all. SETTINGS are JSON: the folder, limits, whom root becomes.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys

from massgen_core.sandbox.inside.keeping import (
    SET_PARENT_DEATH_SIGNAL,
    SET_SUBREAPER,
    Used,
    end_rest,
    let_go,
    prctl,
    start,
)
from massgen_core.sandbox.inside.trees import reap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def main(status: int, settings: dict[str, Any], argv: list[str]) -> int:
    """Run one command to its end."""
    prctl(SET_SUBREAPER, 1, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD})
    os.set_inheritable(status, False)
    what = settings["folder"]
    try:
        become(settings["user"])
        prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0)  # after it became somebody: that resets it
        os.chdir(what)
        bound(settings["limits"])
        what = argv[0]
        pid = start(argv, os.environ)
    except (OSError, ValueError) as error:
        say(status, {"failed": f"{what}: {getattr(error, 'strerror', None) or error}"})
        return 127
    let_go()
    say(status, {"child-pid": pid})
    used = Used()
    code, left, gone = end_rest(pid, attend(pid, used), used)
    say(status, {**used.fields(), "exit-code": code, "left": left, "gone": gone})
    return code


def become(user: list[int] | None) -> None:
    """Be root no more: not before this, since an ordinary user may not be able to run root's Python."""
    if user is not None:
        os.setgroups([])
        os.setgid(user[1])
        os.setuid(user[0])


def bound(limits: dict[str, int]) -> None:
    """Set the limits that each process has, those of this one included."""
    for name, value in limits.items():
        kind = getattr(resource, f"RLIMIT_{name.upper()}")
        hard = resource.getrlimit(kind)[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (most, most))


def attend(pid: int, used: Used) -> int | None:
    """Wait until the command has ended; None when everything is to end."""
    while True:
        code = reap(used.add).get(pid)
        if code is not None:
            return code
        if signal.sigwait({signal.SIGTERM, signal.SIGCHLD}) == signal.SIGTERM:
            return None


def say(status: int, what: dict[str, object]) -> None:
    """Tell one thing."""
    with contextlib.suppress(OSError):
        os.write(status, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]))
