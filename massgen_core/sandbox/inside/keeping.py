"""What every keeper does for its command: start it, hold nothing of its, count what it used, end what it leaves.

The kernel gives a keeper every orphan below it (``PR_SET_CHILD_SUBREAPER``, prctl(2)): whatever the command starts,
``setsid`` and double forks included, stays a descendant of its keeper, and is found and ended with it.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import time

from massgen_core.sandbox.inside.trees import PAUSE, end_tree, has_children, reap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_GRACE = 0.3
"""Seconds that what a command leaves running has to end by itself, like the last part of a pipeline."""
SET_PARENT_DEATH_SIGNAL, SET_DUMPABLE, SET_SUBREAPER = 1, 4, 36


def libc_prctl() -> Callable[..., int]:
    """prctl(2), where there is one; without it a command's orphans are somebody else's."""
    try:
        return ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return lambda *words: -1


prctl: Callable[..., int] = libc_prctl()


def start(argv: list[str], env: Mapping[str, str]) -> int:
    """In a session of its own, so that a signal for it reaches what shares its process group."""
    plain = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}  # a shell keeps what it finds ignored
    return os.posix_spawnp(argv[0], argv, env, setsid=True, setsigdef=plain, setsigmask=())


def let_go() -> None:
    """Keep no end of the command's streams, or they would never end."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def end_rest(pid: int, code: int | None, used: Used) -> tuple[int, int, bool]:
    """End what is still there of a command: its exit code, how many others there were, and whether all are gone.

    ``code`` is None where the command itself has not ended.
    """
    if code is not None:
        until = time.monotonic() + _GRACE
        while has_children() and time.monotonic() < until:
            reap(used.add)
            time.sleep(PAUSE)
    found, gone = end_tree(os.getpid(), note=used.add) if has_children() else (0, True)
    if code is not None:
        return code, found, gone
    return reap(used.add).get(pid, 128 + signal.SIGKILL), max(0, found - 1), gone


class Used:
    """What a command and all that it started have used, as far as they were waited for: seconds and bytes."""

    def __init__(self) -> None:
        self.cpu: float = 0.0
        self.memory: int = 0
        self.read: int = 0
        self.written: int = 0

    def add(self, used: resource.struct_rusage) -> None:
        """One process and its own children; see getrusage(2)."""
        self.cpu += used.ru_utime + used.ru_stime
        self.memory = max(self.memory, used.ru_maxrss * 1024)
        self.read += used.ru_inblock * 512
        self.written += used.ru_oublock * 512

    def fields(self) -> dict[str, float]:
        """As plain data."""
        return {"cpu": self.cpu, "memory": self.memory, "read": self.read, "written": self.written}
