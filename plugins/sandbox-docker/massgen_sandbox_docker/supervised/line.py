"""A way to a supervisor that does not go through the engine, for whoever may take a descriptor out of a process.

Everything that is said to a container's first process passes the engine and its shim, each time through another two
processes. Root on the same machine can have a socket instead: the supervisor makes a pair, and we take one end out of
it (pidfd_getfd(2)). That is no more than what the container's stdin and stdout were: what comes from it is not trusted
either, and both end together.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import select
import socket
import stat
import sys
from pathlib import Path

from massgen_sandbox_docker.engine.bare import BareStream

_GETFD = 438
_WORD = 16


def may_take() -> bool:
    """Whether it is worth asking for one: root alone may take descriptors out of a process of somebody else."""
    return sys.platform == "linux" and os.geteuid() == 0


def new_word() -> bytes:
    """What the other end has to say first, so that it is known to be the one that was asked."""
    return secrets.token_bytes(_WORD)


def take_line(pid: int, container_id: str, descriptor: int, word: bytes) -> BareStream | None:
    """Take a socket out of a container's first process; None where that is not allowed, or is something else.

    The process is held by a descriptor before it is looked at, so that its number cannot come to mean another one.
    """
    if sys.platform != "linux" or pid <= 0:
        return None
    try:
        process = os.pidfd_open(pid)
    except OSError:
        return None
    try:
        if not _is_of(pid, container_id) or select.select([process], [], [], 0)[0]:
            return None
        return _as_line(_getfd(process, descriptor), word)
    except OSError:
        return None
    finally:
        os.close(process)


def _is_of(pid: int, container_id: str) -> bool:
    """Whether its control groups are the container's."""
    return any(container_id in line for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines())


def _getfd(process: int, descriptor: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    found = libc.syscall(_GETFD, process, descriptor, 0)
    if found < 0:
        raise OSError(ctypes.get_errno(), "pidfd_getfd")
    return found


def _as_line(descriptor: int, word: bytes) -> BareStream | None:
    """A stream socket that says the word first; anything else is closed."""
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    end = socket.socket(fileno=descriptor)
    if (end.family, end.type) == (socket.AF_UNIX, socket.SOCK_STREAM) and _says(end, word):
        return BareStream(end)
    end.close()
    return None


def _says(end: socket.socket, word: bytes) -> bool:
    try:
        return secrets.compare_digest(end.recv(len(word), socket.MSG_DONTWAIT), word)
    except OSError:
        return False
