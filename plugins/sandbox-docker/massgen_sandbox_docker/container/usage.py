"""What a command used, from the kernel's counters of its container: cgroup v1, cgroup v2, or what the engine tells.

The files of a cgroup on this machine are read in less than a tenth of a millisecond, so that is always done. The
engine's own statistics take from four milliseconds to a second (it collects them once a second), and are only asked
for when the caller wants them. Field names are those of https://docs.kernel.org/admin-guide/cgroup-v2.html, of
``cgroup-v1/`` beside it, and of ``GET /containers/ID/stats``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from massgen_core.sandbox import Usage
from massgen_sandbox_docker.engine.api import table

ROOT = Path("/sys/fs/cgroup")

Read = Callable[[str], str | None]
"""Reads a file of the cgroup by its name; None where there is no such file."""


def counters_v1(read: Read) -> Usage:
    """The counters as cgroup v1 tells them; ``read`` takes ``controller/file``."""
    nanoseconds = _number(read("cpuacct/cpuacct.usage"))
    moved = _moved_v1(read("blkio/blkio.throttle.io_service_bytes_recursive"))
    return Usage(
        cpu_seconds=None if nanoseconds is None else nanoseconds / 1e9,
        memory_peak=_number(read("memory/memory.max_usage_in_bytes")),
        read_bytes=moved.get("Read"),
        written_bytes=moved.get("Write"),
        pids_peak=_number(read("pids/pids.peak")),
    )


def counters_v2(read: Read) -> Usage:
    """The counters as cgroup v2 tells them; ``read`` takes the file's name."""
    microseconds = _number(dict(_pairs(read("cpu.stat"), " ")).get("usage_usec"))
    text = read("io.stat")
    moved = None if text is None else [_number(value) or 0 for value in re.findall(r"\brbytes=(\d+)", text)]
    written = None if text is None else [_number(value) or 0 for value in re.findall(r"\bwbytes=(\d+)", text)]
    return Usage(
        cpu_seconds=None if microseconds is None else microseconds / 1e6,
        memory_peak=_number(read("memory.peak")),
        read_bytes=None if moved is None else sum(moved),
        written_bytes=None if written is None else sum(written),
        pids_peak=_number(read("pids.peak")),
    )


def counters_of_engine(stats: Mapping[str, Any]) -> Usage:
    """The counters as an answer of the engine's ``stats`` tells them, with either version of cgroups below it."""
    processor = table(stats, "cpu_stats", "cpu_usage").get("total_usage")
    peak = table(stats, "memory_stats").get("max_usage")
    rows = cast("list[Mapping[str, Any]] | None", table(stats, "blkio_stats").get("io_service_bytes_recursive"))
    return Usage(
        cpu_seconds=processor / 1e9 if isinstance(processor, int) else None,
        memory_peak=peak if isinstance(peak, int) else None,
        read_bytes=_moved(rows, "read"),
        written_bytes=_moved(rows, "write"),
    )


def between(before: Usage, after: Usage) -> Usage:
    """What was used between two readings; peaks are those of the second."""
    cpu = None
    if before.cpu_seconds is not None and after.cpu_seconds is not None:
        cpu = max(0.0, after.cpu_seconds - before.cpu_seconds)
    return replace(
        after,
        cpu_seconds=cpu,
        read_bytes=_grown(before.read_bytes, after.read_bytes),
        written_bytes=_grown(before.written_bytes, after.written_bytes),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cgroup:
    """Where the kernel shows a container's counters on this machine."""

    version: int
    path: str

    def read(self, name: str) -> str | None:
        """A file of it; None where there is none (any more)."""
        try:
            return self.file(name).read_text()
        except OSError:
            return None

    def file(self, name: str) -> Path:
        """Where a file of it is, whose name begins with the controller for cgroup v1."""
        if self.version == 2:
            return ROOT / self.path.lstrip("/") / name
        controller, _, rest = name.partition("/")
        return ROOT / controller / self.path.lstrip("/") / rest

    def counters(self) -> Usage:
        """The counters now."""
        return counters_v1(self.read) if self.version == 1 else counters_v2(self.read)

    def processes(self) -> list[int]:
        """The ids of its processes, as this machine numbers them."""
        text = self.read("pids/cgroup.procs" if self.version == 1 else "cgroup.procs")
        return [int(line) for line in (text or "").split()]


def find_cgroup(pid: int, container_id: str, proc: Path = Path("/proc")) -> Cgroup | None:
    """The cgroup of a container by its first process; None where it is not to be seen from here.

    The container's id must be part of the path: where this program runs in a container of its own, process ids and
    paths are not those of the engine.
    """
    try:
        lines = (proc / str(pid) / "cgroup").read_text().splitlines()
    except OSError:
        return None
    found = cgroup_of(lines)
    return found if found is not None and container_id in found.path else None


def cgroup_of(lines: Iterable[str]) -> Cgroup | None:
    """The cgroup that the lines of ``/proc/PID/cgroup`` name; version 1 where it has the memory controller."""
    places = {name: path for _, names, path in _fields(lines) for name in names.split(",")}
    if "memory" in places:
        return Cgroup(version=1, path=places["memory"])
    return Cgroup(version=2, path=places[""]) if "" in places else None


def reset_memory_mark(cgroup: Cgroup) -> bool:
    """Set the highest mark of memory back to what is used now (cgroup v1, as root); false where that is refused."""
    if cgroup.version != 1:
        return False
    try:
        handle = os.open(cgroup.file("memory/memory.max_usage_in_bytes"), os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.write(handle, b"0")
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _fields(lines: Iterable[str]) -> Iterable[list[str]]:
    return (parts for parts in (line.strip().split(":", 2) for line in lines) if len(parts) == 3)


def _pairs(text: str | None, between: str) -> Iterable[tuple[str, str]]:
    return ((name, value) for name, _, value in (line.partition(between) for line in (text or "").splitlines()))


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.strip().isdigit() else None


def _moved_v1(text: str | None) -> dict[str, int]:
    """Sums over devices of ``8:0 Read 4096``; empty where there is no such file."""
    if text is None:
        return {}
    sums = {"Read": 0, "Write": 0}
    for line in text.splitlines():
        parts = line.split()
        if len(parts) == 3 and parts[1] in sums:
            sums[parts[1]] += int(parts[2])
    return sums


def _moved(rows: list[Mapping[str, Any]] | None, kind: str) -> int | None:
    """The engine gives rows of devices, or none at all until something moved: a null means that it cannot tell."""
    if rows is None:
        return None
    return sum(int(row.get("value") or 0) for row in rows if str(row.get("op", "")).lower() == kind)


def _grown(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else max(0, after - before)
