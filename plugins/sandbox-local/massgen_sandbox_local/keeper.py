"""The keeper of a plain command: the kernel gives it every orphan below it, so it can end all and know that it did.

Run as a script by ``python3 -I -S``: ``keeper.py STATUS SETTINGS ARG…``. To the descriptor STATUS it writes lines of
JSON: ``{"child-pid": n}`` when the command runs, ``{"failed": why}`` when it cannot, and when everything has ended
``{"exit-code": n, "gone": true}``. SIGTERM ends it all. SETTINGS are JSON: the folder, limits, and whom root becomes.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
import time
from typing import Any

_PARENT_DEATH_SIGNAL, _SUBREAPER = 1, 36  # PR_SET_PDEATHSIG and PR_SET_CHILD_SUBREAPER, prctl(2)
_ROUNDS = 2000
_PAUSE = 0.002


def main(status: int, settings: dict[str, Any], argv: list[str]) -> int:
    """Run one command to its end."""
    prctl = ctypes.CDLL(None).prctl
    prctl(_SUBREAPER, 1, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD})
    os.set_inheritable(status, False)
    what = settings["folder"]
    try:
        become(settings["user"])
        prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0)  # after it became somebody: that resets it
        os.chdir(what)
        bound(settings["limits"])
        what = argv[0]
        pid = os.posix_spawnp(what, argv, os.environ, setsid=True, setsigdef=[signal.SIGPIPE], setsigmask=())
    except (OSError, ValueError) as error:
        say(status, {"failed": f"{what}: {getattr(error, 'strerror', None) or error}"})
        return 127
    close_streams()
    say(status, {"child-pid": pid})
    code = attend(pid)
    gone = end_rest()
    say(status, {"exit-code": code, "gone": gone})
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


def close_streams() -> None:
    """Keep no end of the command's streams, or they would never end."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def attend(pid: int) -> int:
    """Wait until the command has ended, or everything is to end."""
    while True:
        for ended, code in reaped():
            if ended == pid:
                return code
        if signal.sigwait({signal.SIGTERM, signal.SIGCHLD}) == signal.SIGTERM:
            return 128 + signal.SIGKILL


def reaped() -> list[tuple[int, int]]:
    """The children that have ended since, with their exit codes as shells count."""
    found: list[tuple[int, int]] = []
    with contextlib.suppress(ChildProcessError):
        while (each := os.waitpid(-1, os.WNOHANG))[0]:
            code = os.waitstatus_to_exitcode(each[1])
            found.append((each[0], code if code >= 0 else 128 - code))
    return found


def end_rest() -> bool:
    """Kill all that is below; true when the kernel says that nothing is. A fork bomb is stopped before it is killed."""
    for _ in range(_ROUNDS):
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in below(os.getpid()):
                with contextlib.suppress(OSError):
                    os.kill(pid, number)
        reaped()
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return True
        time.sleep(_PAUSE)
    return False


def below(root: int) -> list[int]:
    """All processes below one, by their parents."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(name))
    found: list[int] = []
    ahead = [root]
    while ahead:
        fresh = children.get(ahead.pop(), [])
        found += fresh
        ahead += fresh
    return found


def say(status: int, what: dict[str, object]) -> None:
    """Tell one thing."""
    with contextlib.suppress(OSError):
        os.write(status, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]))
