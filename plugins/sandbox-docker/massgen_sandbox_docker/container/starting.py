"""The start of a container, which a runtime must not be able to hold up for ever.

While an OCI runtime hangs the engine holds a lock on the container: it can be neither looked at nor removed. On this
machine, and with the rights to do so, the runtime's processes are ended; then the engine goes on by itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from itertools import pairwise
from pathlib import Path

import anyio
import anyio.to_thread

from massgen_core.errors import SandboxError, SandboxUnavailable
from massgen_core.sandbox.background import background
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.engine.client import Engine

_AGAIN = 0.2
_PROC = Path("/proc")


async def start(
    engine: Engine, container_id: str, *, runtime: str | None, remove: Callable[[], Awaitable[None]]
) -> None:
    """Start a created container within the engine's time; ``remove`` takes away one whose runtime hangs.

    Raises:
        SandboxError: It could not be started.
        SandboxUnavailable: The runtime did not come to an end; the message says whether something of it is left.
    """
    try:
        async with engine.control("start the container") as docker:
            await container(docker, container_id).start()
    except anyio.get_cancelled_exc_class():
        with anyio.CancelScope(shield=True):
            await _clear_away(container_id, remove)
        raise
    except SandboxError as error:
        if not isinstance(error.__cause__, TimeoutError):
            raise
        left = ""
        with anyio.CancelScope(shield=True):
            left = await _clear_away(container_id, remove)
        named = f"the OCI runtime {runtime!r}" if runtime else "the engine's OCI runtime"
        raise SandboxUnavailable(
            f"{error}\n  Perhaps {named} hangs: try it with `docker run`, or drop `runtime`.{left}"
        ) from error


async def _clear_away(container_id: str, remove: Callable[[], Awaitable[None]]) -> str:
    """Remove the container, ending what the runtime does for it; says in words what is left."""
    async with background() as tasks:
        tasks.start_soon(_end_runtime, container_id)
        try:
            await remove()
        except SandboxError:
            name = container_id[:12]
            return f"\n  Its container {name} is still there: end that runtime's processes, then `docker rm -f {name}`."
    return ""


async def _end_runtime(container_id: str) -> None:
    """End the runtime's processes again and again: the engine calls it once more to clean up, and that hangs too."""
    while True:
        await anyio.to_thread.run_sync(end_runtime, container_id)
        await anyio.sleep(_AGAIN)


def end_runtime(container_id: str, proc: Path = _PROC) -> None:
    """Kill what the container's shim has started; does nothing where that is not ours to see or to kill."""
    parents = dict(_parents(proc))
    shims = {pid for pid in parents if _is_shim(proc / str(pid), container_id)}
    for pid in parents:
        if _ancestors(pid, parents) & shims:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def _is_shim(process: Path, container_id: str) -> bool:
    """A shim of containerd is told on its command line which container it is for."""
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"containerd-shim" in words[0] and (b"-id", container_id.encode()) in pairwise(words)


def _parents(proc: Path) -> Iterator[tuple[int, int]]:
    for each in proc.iterdir() if proc.is_dir() else ():
        if each.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                yield int(each.name), int((each / "stat").read_text().rpartition(")")[2].split()[1])


def _ancestors(pid: int, parents: dict[int, int]) -> set[int]:
    found: set[int] = set()
    while (pid := parents.get(pid, 0)) and pid not in found:
        found.add(pid)
    return found
