"""Attempts on other processes, and what the kernel says about this one's own rights."""

from __future__ import annotations

import ctypes
import os
import signal
import time

from massgen_sandbox_docker.audit.probes.probe import Facts, attempt, main, parameters, read, tries, trying

_LIBC = ctypes.CDLL(None, use_errno=True)


@attempt("capabilities")
def capabilities() -> Facts:
    status = _status()
    return {"found": [f"{name} {value}" for name, value in status.items() if name[:3] == "Cap" and value.strip("0")]}


@attempt("root-user")
def root_user() -> Facts:
    ids = {*os.getresuid(), *os.getresgid(), *os.getgroups()}
    return {"found": ["uid or gid 0"] if 0 in ids else []}


@attempt("no-new-privileges")
def no_new_privileges() -> Facts:
    return {"set": _LIBC.prctl(39, 0, 0, 0, 0)}  # PR_GET_NO_NEW_PRIVS


@attempt("core-dump")
def core_dump() -> Facts:
    """A crash must leave no file: the host's core pattern may run a program for it."""
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGQUIT)
        time.sleep(5)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    raised = trying(lambda: _raise_core_limit())
    return {"dumped": os.WCOREDUMP(status), "raised": raised}


def _raise_core_limit() -> None:
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except ValueError:
        raise PermissionError(1, "above the hard limit") from None


@attempt("other-processes")
def other_processes() -> Facts:
    return {"found": [f"process {pid}" for pid in _others()]}


@attempt("signal-others")
def signal_others() -> Facts:
    results = {f"signal process {pid}": trying(lambda pid=pid: os.kill(pid, 0)) for pid in _others()}
    return tries(results or {"find another sandbox": "ESRCH"})


def _others() -> list[int]:
    """Another sandbox's processes, by the word that they carry in their command lines; not those of this probe."""
    word = str(parameters().get("victim"))
    lines = {int(pid): read(f"/proc/{pid}/cmdline", 1 << 20) for pid in os.listdir("/proc") if pid.isdigit()}
    return [pid for pid, line in lines.items() if word in line and "massgen_sandbox_docker" not in line]


@attempt("shared-memory")
def shared_memory() -> Facts:
    """The System V shared memory that another sandbox made under a known key."""
    key = int(parameters().get("key", 0))
    return tries({"shmget": "ok" if _LIBC.shmget(key, 0, 0) >= 0 else _errno()})


def _errno() -> str:
    import errno

    return errno.errorcode.get(ctypes.get_errno(), "EPERM")


@attempt("host-name")
def host_name() -> Facts:
    """The host's name is not told: the sandbox has one of its own."""
    host = str(parameters().get("host") or "")
    return {"found": [host] if host and os.uname().nodename == host else []}


@attempt("kernel-quotas")
def kernel_quotas() -> Facts:
    """Watches, keys and pending signals are counted by the kernel for each user of the host."""
    inside = os.getuid()
    for line in read("/proc/self/uid_map").splitlines():
        first, outside, count = map(int, line.split())
        if first <= inside < first + count:
            return {"user": outside + inside - first}
    return {"user": inside}


@attempt("environment")
def environment() -> Facts:
    """What process 1 and this one carry in their environment, where anyone in the sandbox can read it."""
    word = str(parameters().get("secret", ""))
    places = ("/proc/1/environ", "/proc/self/environ")
    return {"found": [path for path in places if word and word in read(path, 1 << 20)]}


@attempt("priority")
def priority() -> Facts:
    """Put itself before the host's processes."""
    results = {"nice": trying(lambda: os.nice(-5))}
    results["real-time scheduling"] = trying(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))
    results["no death by memory"] = trying(lambda: _write("/proc/self/oom_score_adj", "-1000"))
    return tries(results)


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def _status() -> dict[str, str]:
    pairs = (line.partition(":") for line in read("/proc/self/status", 1 << 16).splitlines())
    return {name: value.strip() for name, _, value in pairs}


if __name__ == "__main__":
    main()
