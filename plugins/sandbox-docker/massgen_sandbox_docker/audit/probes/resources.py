"""Attempts to use up memory, processes, files, disk and processor; bounded, for profiles that do not stop them."""

from __future__ import annotations

import ctypes
import mmap
import os
import resource
import signal
import tempfile
import threading
import time
from collections.abc import Callable

from massgen_sandbox_docker.audit.probes.probe import Facts, attempt, main, named, own_kernel, parameters, trying

_MIB = 1024 * 1024
_STEP = 16 * _MIB
_HOLD = 2.5
_BOMB = 8.0
_BEYOND = 64 * _MIB


def _limit(name: str) -> int:
    return int(parameters()[name])


@attempt("fork-bomb")
def fork_bomb() -> Facts:
    """Children in sessions of their own, until no more can be made or 300 more than allowed were."""
    children: list[int] = []
    answer, end = "ok", time.monotonic() + _BOMB
    try:
        while len(children) < _limit("pids") + 300 and time.monotonic() < end:
            child = os.fork()
            if child == 0:
                _stay()
            children.append(child)
    except OSError as error:
        answer = named(error.errno)
    time.sleep(_HOLD)
    for child in children:
        os.kill(child, signal.SIGKILL)
    return {"started": len(children), "answer": answer}


def _stay() -> None:
    os.setsid()
    time.sleep(_HOLD + 20)
    os._exit(0)


@attempt("thread-bomb")
def thread_bomb() -> Facts:
    started, answer, end = 0, "ok", time.monotonic() + _BOMB
    threading.stack_size(64 * 1024)
    try:
        while started < _limit("pids") + 300 and time.monotonic() < end:
            threading.Thread(target=time.sleep, args=(_HOLD + 20,), daemon=True).start()
            started += 1
    except RuntimeError:
        answer = "EAGAIN"
    time.sleep(_HOLD)
    return {"started": started, "answer": answer}


@attempt("memory-bomb")
def memory_bomb() -> Facts:
    return _devour(lambda: mmap.mmap(-1, _STEP, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))


@attempt("memfd-bomb")
def memfd_bomb() -> Facts:
    """Files that are only memory, and belong to no file system with a size."""
    return _devour(lambda: mmap.mmap(_memfd(), _STEP))


def _memfd() -> int:
    number = os.memfd_create("massgen-audit")
    os.ftruncate(number, _STEP)
    return number


def _devour(take: Callable[[], mmap.mmap]) -> Facts:
    """Take and fill memory in a child, piece by piece, until it dies or is well past the limit."""
    limit = _limit("memory")
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        kept: list[mmap.mmap] = []
        while len(kept) * _STEP < limit + 256 * _MIB:
            kept.append(take())
            kept[-1].write(b"x" * _STEP)
            os.write(there, b".")
        os._exit(0)
    os.close(there)
    status = os.waitpid(child, 0)[1]
    pieces = len(os.read(here, 65536))
    return {
        "reached": pieces * _STEP // _MIB,
        "limit": limit // _MIB,
        "killed": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
    }


@attempt("tmpfs-fill")
def tmpfs_fill() -> Facts:
    sizes: dict[str, int] = parameters()["tmpfs"]
    return {"places": {path: _filled(path, size) for path, size in sizes.items()}}


@attempt("shm-fill")
def shm_fill() -> Facts:
    return {"places": {"/dev/shm": _filled("/dev/shm", _limit("shm"))}}


def _filled(folder: str, size: int) -> dict[str, int]:
    """How much fits into a folder, in MiB, beside its size."""
    written, block = 0, b"x" * _MIB
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        try:
            while written < size + _BEYOND:
                written += file.write(block)
        except OSError:
            pass
    return {"reached": written // _MIB, "limit": -(-size // _MIB)}


@attempt("tmpfs-files")
def tmpfs_files() -> Facts:
    """Empty files, which cost the kernel memory and the folder no bytes."""
    limit = _limit("inodes")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        made, answer = 0, "ok"
        while answer == "ok" and made < limit + 4000:
            answer = trying(lambda made=made: os.close(os.open(f"{folder}/{made}", os.O_CREAT | os.O_WRONLY)))
            made += answer == "ok"
    return {"reached": made, "limit": limit, "answer": answer}


@attempt("disk-fill")
def disk_fill() -> Facts:
    """64 MiB in every folder of the image that takes files and is not in memory."""
    found: list[str] = []
    seen: set[int] = set()
    for folder in ("/", "/var/tmp", "/var", "/opt", "/home", "/root", "/usr", "/srv", "/run", "/etc", "/mnt"):
        if not os.access(folder, os.W_OK) or os.stat(folder).st_dev in seen:
            continue
        filled = trying(lambda folder=folder: _check_filled(folder))
        if filled == "ok":
            seen.add(os.stat(folder).st_dev)
            found.append(f"{_BEYOND // _MIB} MiB in {folder}")
    return {"found": found}


def _check_filled(folder: str) -> None:
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(_BEYOND // _MIB):
            file.write(b"x" * _MIB)


@attempt("open-files")
def open_files() -> Facts:
    limit = _limit("open_files")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    raised = trying(lambda: _raise_limit(max(limit, hard) + 1000))
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    kept, answer = 0, "ok"
    while answer == "ok" and kept < limit + 100:
        answer = trying(lambda: os.dup(0))
        kept += answer == "ok"
    return {"reached": kept, "limit": limit, "raised": raised}


def _raise_limit(value: int) -> None:
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (value, value))
    except ValueError:
        raise PermissionError(1, "above the hard limit") from None


@attempt("cpu-spin")
def cpu_spin() -> Facts:
    """64 processes that do nothing but count, for three seconds; fewer where a kernel in user space makes them."""
    started = time.monotonic()
    children = [_spinner() for _ in range(8 if own_kernel() else 64)]
    for child in children:
        os.waitpid(child, 0)
    return {"wall": time.monotonic() - started, "cores": len(os.sched_getaffinity(0))}


def _spinner() -> int:
    child = os.fork()
    if child == 0:
        end = time.monotonic() + 3
        while time.monotonic() < end:
            pass
        os._exit(0)
    return child


@attempt("zombies")
def zombies() -> Facts:
    """Orphans that end, and must be buried by the sandbox's first process."""
    count = 10 if own_kernel() else 100  # where each process is costly
    here, there = os.pipe()
    for _ in range(count):
        child = os.fork()
        if child == 0:
            if os.fork() == 0:
                time.sleep(0.2)  # until its parent is gone
            os._exit(0)
        os.waitpid(child, 0)
    os.close(there)
    os.read(here, 1)  # it ends when the last of them has
    left = -1
    for _ in range(50):
        left = sum(_state(pid) == "Z" for pid in os.listdir("/proc") if pid.isdigit())
        if left == 0:
            break
        time.sleep(0.05)
    return {"left": left, "made": count}


def _state(pid: str) -> str:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return ""


@attempt("lock-memory")
def lock_memory() -> Facts:
    """Memory that cannot be taken back from it."""
    area = mmap.mmap(-1, _BEYOND)
    address = ctypes.addressof(ctypes.c_char.from_buffer(area))
    library = ctypes.CDLL(None, use_errno=True)
    result = library.mlock(ctypes.c_void_p(address), ctypes.c_size_t(_BEYOND))
    return {"tries": {"mlock of 64 MiB": "ok" if result == 0 else named(ctypes.get_errno())}}


if __name__ == "__main__":
    main()
