"""What every probe builds on: each attempt runs in a process of its own, and one line of JSON tells what came of it.

Nothing here decides whether that is good: the host judges. A probe that dies says so, and is not taken for a success.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

Facts = dict[str, Any]

_PATIENCE = 20.0
_NUMBERS = {
    "x86_64": (
        "mount 165 umount2 166 pivot_root 155 chroot 161 unshare 272 setns 308 clone 56 clone3 435 fsopen 430 "
        "open_tree 428 ptrace 101 process_vm_readv 310 process_vm_writev 311 kcmp 312 pidfd_getfd 438 add_key 248 "
        "request_key 249 keyctl 250 bpf 321 perf_event_open 298 userfaultfd 323 io_uring_setup 425 init_module 175 "
        "delete_module 176 kexec_load 246 reboot 169 swapon 167 acct 163 settimeofday 164 sethostname 170 "
        "open_by_handle_at 304 personality 135 syslog 103 quotactl 179 modify_ldt 154 iopl 172 ioctl 16 socket 41"
    ),
    "aarch64": (
        "mount 40 umount2 39 pivot_root 41 chroot 51 unshare 97 setns 268 clone 220 clone3 435 fsopen 430 "
        "open_tree 428 ptrace 117 process_vm_readv 270 process_vm_writev 271 kcmp 272 pidfd_getfd 438 add_key 217 "
        "request_key 218 keyctl 219 bpf 280 perf_event_open 241 userfaultfd 282 io_uring_setup 425 init_module 105 "
        "delete_module 106 kexec_load 104 reboot 142 swapon 224 acct 89 settimeofday 170 sethostname 161 "
        "open_by_handle_at 265 personality 92 syslog 116 quotactl 60 ioctl 29 socket 198"
    ),
}
_FOUND: dict[str, Callable[[], Facts]] = {}
_LIBC = ctypes.CDLL(None, use_errno=True)
_KEPT: list[Any] = []


class Unable(Exception):
    """The attempt cannot be made here; the words say why."""


def attempt(name: str) -> Callable[[Callable[[], Facts]], Callable[[], Facts]]:
    """Register a function that makes one attempt and returns what it saw."""

    def register(function: Callable[[], Facts]) -> Callable[[], Facts]:
        _FOUND[name] = function
        return function

    return register


def numbers() -> dict[str, int]:
    """The numbers of this processor's system calls, by name."""
    words = _NUMBERS.get(platform.machine(), "").split()
    if not words:
        raise Unable(f"the numbers of system calls on {platform.machine()} are not known")
    return {name: int(number) for name, number in zip(words[::2], words[1::2])}  # noqa: B905 - any Python 3


def call(name: str, *arguments: int | bytes | None) -> str:
    """Make a system call: ``ok``, or the name of its error."""
    known = numbers()
    if name not in known:
        return "ENOSYS"
    words = [ctypes.c_ulong(each & (1 << 64) - 1) if isinstance(each, int) else each for each in arguments]
    ctypes.set_errno(0)
    result = _LIBC.syscall(ctypes.c_long(known[name]), *words)
    if result == 0 and name in ("clone", "clone3"):
        os._exit(0)  # the child
    return "ok" if result != -1 else named(ctypes.get_errno())


def buffer(size: int = 256) -> int:
    """The address of memory for a system call."""
    _KEPT.append(ctypes.create_string_buffer(size))
    return ctypes.addressof(_KEPT[-1])


def named(number: int | None) -> str:
    """``EPERM`` of 1."""
    return "a time-out" if number is None else errno.errorcode.get(number, f"error {number}")


def trying(action: Callable[[], object]) -> str:
    """``ok``, or the name of the error that an action ended in."""
    try:
        action()
    except OSError as error:
        return named(error.errno)
    return "ok"


def opened(path: str, flags: int = os.O_WRONLY) -> str:
    """Whether a file can be opened; nothing is written to it."""
    return trying(lambda: os.close(os.open(path, flags | os.O_NONBLOCK)))


def device(path: str, mode: int, number: int) -> str:
    """Make a device node, and take it away again: ``ok`` where that went.

    A kernel of the sandbox's own may let one be made that stands for nothing; there it counts whether it opens.
    """
    answer = trying(lambda: os.mknod(path, mode, number))
    if answer == "ok":
        answer = opened(path, os.O_RDONLY) if own_kernel() else answer
        os.unlink(path)
    return answer


def read(path: str, size: int = 4096) -> str:
    """The beginning of a file; empty where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(size).decode("utf-8", "replace")
    except OSError:
        return ""


def own_kernel() -> bool:
    """Whether the kernel that answers is the sandbox's own (gVisor's), not the host's."""
    return os.path.exists("/proc/sentry-meminfo")


def tries(results: dict[str, str]) -> Facts:
    """The facts of an attempt that is made in several ways, each with its result."""
    return {"tries": results}


def parameters() -> dict[str, Any]:
    """What the host wants the probe to know."""
    found: dict[str, Any] = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    return found


def main() -> None:
    """Make every attempt that was asked for (all, where none was), one after the other."""
    wanted = parameters().get("only") or list(_FOUND)
    for name in wanted:
        if name in _FOUND:
            facts = _apart(_FOUND[name])
            facts.setdefault("own_kernel", own_kernel())
            print(json.dumps({"id": name, "facts": facts}), flush=True)  # noqa: T201 - how a probe answers


def _apart(function: Callable[[], Facts]) -> Facts:
    """Make an attempt in a child, so that its end is not the end of the others."""
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(here)
        _answer(function, there)
    os.close(there)
    text = _received(here)
    if text is None:
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    os.close(here)
    if text is None:
        return {"unable": f"it did not end within {_PATIENCE:g} s"}
    if text:
        return json.loads(text)
    return {"killed": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}


def _answer(function: Callable[[], Facts], pipe: int) -> None:
    try:
        facts = function()
    except Unable as error:
        facts = {"unable": str(error)}
    except BaseException as error:
        facts = {"unable": f"the probe failed: {type(error).__name__}: {error}"}
    os.write(pipe, json.dumps(facts).encode())
    os._exit(0)


def _received(pipe: int) -> str | None:
    """What the child says until it closes the pipe; None when it takes too long."""
    data, end = b"", time.monotonic() + _PATIENCE
    while select.select([pipe], [], [], max(0.0, end - time.monotonic()))[0]:
        piece = os.read(pipe, 65536)
        if not piece:
            return data.decode()
        data += piece
    return None
