"""What many sandboxes, one after the other, leave in our process and in the engine's: nothing, is the claim."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

from massgen_sandbox_docker.backend import docker_backend
from massgen_sandbox_docker.config import DockerConfig

from massgen_core.sandbox import SandboxSpec

from .containers import ENGINE_SOCKET
from .table import Rows

COUNT = 1000
LOOKS = 4
WARM = 10


async def measure(count: int = COUNT) -> AsyncIterator[Rows]:
    """Start a sandbox, run a command in it, end it; and look at memory, descriptors, threads and tasks meanwhile."""
    seen: dict[int, Mapping[str, str]] = {}
    started = time.monotonic()
    async with docker_backend(DockerConfig(), log=_progress) as backend:
        for done in range(count + WARM):
            if (done - WARM) % max(1, count // LOOKS) == 0 and done >= WARM:
                seen[done - WARM] = _look()
            async with backend.start(SandboxSpec(name="cycle", idle=True)) as sandbox:
                await sandbox.exec(["true"])
        seen[count] = _look()
    taken = time.monotonic() - started
    names = list(seen[count])
    yield Rows(
        title=f"{count:,} sandboxes, one after the other",
        head=["after", *(f"{each:,}" for each in seen)],
        rows=[[name, *(look[name] for look in seen.values())] for name in names],
        notes=[
            f"Counted from the {WARM}th on, after which nothing is loaded any more. "
            f"{taken / (count + WARM):.2f} s each, from create to removal, with one command."
        ],
    )


def _look() -> Mapping[str, str]:
    gc.collect()
    return {
        "our memory (resident)": f"{_resident('self'):.1f} MiB",
        "our open descriptors": str(len(os.listdir("/proc/self/fd"))),
        "our threads": str(threading.active_count()),
        "our tasks": str(len(asyncio.all_tasks())),
        "our objects": f"{len(gc.get_objects()):,}",
        **dict(_engine()),
    }


def _engine() -> Iterator[tuple[str, str]]:
    """The process that listens at the engine's socket, and those of containerd."""
    for what, pid in {"dockerd": _listener(), **_named("containerd")}.items():
        try:
            descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        except OSError:
            continue  # another user's
        yield f"{what}, memory", f"{_resident(str(pid)):.0f} MiB"
        yield f"{what}, open descriptors", str(descriptors)
        yield f"{what}, threads", str(len(os.listdir(f"/proc/{pid}/task")))


def _listener() -> int:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(ENGINE_SOCKET)
        return int(struct.unpack("3i", probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])


def _named(name: str) -> dict[str, int]:
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text().strip() == name:
                return {name: int(path.parent.name)}
        except OSError:
            continue
    return {}


def _resident(process: str) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _progress(line: str) -> None:
    print(f"  {line}", file=sys.stderr)
