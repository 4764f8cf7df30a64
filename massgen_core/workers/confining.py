"""What a process that works for us may no longer do; each step is taken where the kernel knows it.

Linux: no new privileges, no core dumps, limits of memory, time and files (setrlimit(2)); a network namespace without
a way out (namespaces(7)); files only below what is named (landlock(7)); no sockets, tracing, mounts or keys
(seccomp(2)). Elsewhere the limits alone. Standard library only: it runs before anything else is imported.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # landlock's numbers are the same on every architecture
_ABI_VERSION = 1
_BENEATH = 1
_EXECUTE, _WRITE, _READ, _LIST = 1, 2, 4, 8
_REMOVE_FOLDER, _REMOVE, _MAKE_FOLDER, _MAKE, _TRUNCATE = 1 << 4, 1 << 5, 1 << 7, 1 << 8, 1 << 14
_REFER = 1 << 13
_FIRST_ABI = _REFER - 1
_TCP = 3
"""To bind and to connect; none of both is allowed."""
_SCOPES = 3
"""Abstract sockets and signals stay within."""
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/fonts", "/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives")
_SYSTEM_TOO = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu", "/sys/fs/cgroup")

_REFUSED = {
    # what opens a way to other processes, other machines or the kernel's own affairs
    "x86_64": (
        *(41, 42, 43, 49, 50, 53, 288),  # socket, connect, accept, bind, listen, socketpair, accept4
        *(101, 310, 311, 312, 424, 434, 438),  # ptrace, process_vm_*, kcmp, pidfd_*
        *(155, 165, 166, 272, 308, 428, 429, 430, 431, 432, 442),  # roots, mounts, namespaces
        *(175, 176, 313, 246, 320, 321, 298, 250, 248, 249, 304, 323, 425, 426, 427),  # modules, bpf, keys, rings
    ),
    "aarch64": (
        *(198, 203, 202, 200, 201, 199, 242),
        *(117, 270, 271, 272, 424, 434, 438),
        *(41, 40, 39, 97, 268, 428, 429, 430, 431, 432, 442),
        *(105, 106, 273, 104, 294, 280, 241, 219, 217, 218, 265, 282, 425, 426, 427),
    ),
}
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000
_LOAD, _EQUALS, _AT_LEAST, _ANSWER = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _EPERM = 0x7FFF0000, 0x80000000, 0x00050001


def leave_networks() -> bool:
    """Move into a network namespace of its own, which leads nowhere; whether the kernel lets this user."""
    if sys.platform != "linux":
        return False
    wanted = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWNET | _CLONE_NEWUSER
    return ctypes.CDLL(None, use_errno=True).unshare(wanted) == 0


def die_with_parent(signal: int) -> None:
    """Ask the kernel for a signal when the parent ends (prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal, 0, 0, 0)


def limit(limits: Mapping[str, Any]) -> None:
    """Put the limits of memory, processor time and files on this process and what it starts."""
    import resource  # POSIX has it, other systems import this module too

    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_DATA, limits["memory"])
    _set(resource.RLIMIT_CPU, limits["processor"], more=2)  # SIGXCPU says why, before SIGKILL
    _set(resource.RLIMIT_FSIZE, limits["file_size"])
    _set(resource.RLIMIT_NOFILE, 256)


def close_doors(folder: str, readable: Iterable[str], *, programs: bool) -> list[str]:
    """From here on: files below the folder, what is readable, and the system's libraries; no new ways out.

    Returns what holds, in words.
    """
    if sys.platform != "linux":
        return []
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return []
    held = ["no new privileges"]
    if _only_below(libc, folder, readable, programs=programs):
        held.append("landlock")
    if _filter(libc):
        held.append("seccomp")
    return held


def _set(what: int, value: int, *, more: int = 0) -> None:
    import resource

    hard = resource.getrlimit(what)[1]
    most = value + more if hard == resource.RLIM_INFINITY else min(value + more, hard)
    try:
        resource.setrlimit(what, (min(value, most), most))
    except (OSError, ValueError):
        return


def _only_below(libc: Any, folder: str, readable: Iterable[str], *, programs: bool) -> bool:
    abi = libc.syscall(_CREATE_RULESET, None, 0, _ABI_VERSION)
    if abi < 1:
        return False
    handled = _FIRST_ABI | (_REFER if abi >= 2 else 0) | (_TRUNCATE if abi >= 3 else 0)
    attributes = struct.pack("QQQ", handled, _TCP, _SCOPES)[: 8 if abi < 4 else 16 if abi < 6 else 24]
    rules = libc.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        return False
    try:
        writes = _READ | _LIST | _WRITE | _MAKE | _MAKE_FOLDER | _REMOVE | _REMOVE_FOLDER | _TRUNCATE
        _allow(libc, rules, folder, writes & handled)
        for path in ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"):
            _allow(libc, rules, path, _READ | _WRITE)
        reads = _READ | _LIST | (_EXECUTE if programs else 0)
        for path in {*_SYSTEM, *_SYSTEM_TOO, *readable}:
            _allow(libc, rules, path, reads)
        return libc.syscall(_RESTRICT_SELF, rules, 0) == 0
    finally:
        os.close(rules)


def _allow(libc: Any, rules: int, path: str, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            access &= _EXECUTE | _WRITE | _READ | _TRUNCATE
        libc.syscall(_ADD_RULE, rules, _BENEATH, struct.pack("=Qi", access, place), 0)
    finally:
        os.close(place)


def _filter(libc: Any) -> bool:
    machine = platform.machine()
    if machine not in _REFUSED:
        return False
    program = _program(machine)
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    return libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0) == 0


def _program(machine: str) -> bytes:
    """A filter that refuses some calls and kills whoever speaks another architecture (Linux, ``bpf_common.h``)."""
    refused = _REFUSED[machine]
    lines = [(_LOAD, 0, 0, 4), (_EQUALS, 1, 0, _AUDIT_ARCH[machine]), (_ANSWER, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    if machine == "x86_64":
        lines += [(_AT_LEAST, 0, 1, _X32), (_ANSWER, 0, 0, _KILL)]
    lines += [(_EQUALS, len(refused) - number, 0, call) for number, call in enumerate(refused)]
    lines += [(_ANSWER, 0, 0, _ALLOW), (_ANSWER, 0, 0, _EPERM)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)
