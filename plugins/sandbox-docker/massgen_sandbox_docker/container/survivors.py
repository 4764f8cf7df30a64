"""Whether anything that a command started may still live, after what could be found of it was killed.

With the host's kernel the engine's own process list tells, which nothing in the container can bend. A runtime with a
kernel of its own has process ids of its own as well, of which the engine knows nothing (it lists the host's processes
that happen to have the same numbers); there a script inside reads ``/proc``.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import anyio

from massgen_core.errors import SandboxError
from massgen_sandbox_docker.container.runtimes import family
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.engine.frames import FrameError, FrameParser
from massgen_sandbox_docker.engine.hijack import HijackedStream

ATTACHED = {"Detach": False, "Tty": False}
"""The body of a request that starts an exec on a hijacked stream."""

_MOST = 1024 * 1024
_TICKS = 100.0
_END_NOTICE = 10

_LIST = r"""
exec 2>/dev/null
IFS= read -r line < /proc/uptime && echo "${line%% *}"
for d in /proc/[0-9]*; do
  [ "${d#/proc/}" = $$ ] && continue
  IFS= read -r line < $d/stat && echo "${d#/proc/} ${line##*) }"
done
echo "the"" end"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One living process."""

    pid: int
    parent: int
    age: float


async def nothing_left(engine: Engine, container_id: str, user: str, exec_id: str, started: float) -> bool:
    """Look for the command itself, and for orphans that are not older than it (``started``, monotonic).

    Orphans of the main process that are as young are taken for the command's: better a false alarm.
    """
    try:
        shown = await _show(engine, container_id)
        if family(str(shown["HostConfig"].get("Runtime") or "runc")) == "runc":
            rows, root, first = await _from_engine(engine, container_id, exec_id, shown)
        else:
            rows, root, first = await _from_inside(engine, container_id, user), None, 1
            if not await _ended(engine, exec_id):
                return False
        age = time.monotonic() - started
    except (SandboxError, FrameError, ValueError, IndexError):  # the engine's `ps` or the image's `sh` is another
        return False
    orphans = [row for row in rows if row.parent == first]
    if shown["HostConfig"].get("Init") and orphans:
        orphans.remove(max(orphans, key=lambda row: (row.age, -row.pid)))  # the main process: init's first child
    return all(row.age > age for row in (*orphans, *(row for row in rows if row.pid == root)))


async def read_output(engine: Engine, container_id: str, user: str, command: Sequence[str], what: str) -> bytes:
    """Run a command as the container's user and return what it says, up to 1 MiB, without its place in frames."""
    async with engine.control(f"prepare to {what}") as docker:
        made = await container(docker, container_id).exec(command, stdin=False, user=user, environment=(), workdir=None)
    stream = await engine.hijack(what, f"/exec/{made.id}/start", ATTACHED)
    try:
        return await _read_all(stream)
    finally:
        with anyio.CancelScope(shield=True):
            await stream.aclose()


async def _from_engine(
    engine: Engine, container_id: str, exec_id: str, shown: dict[str, Any]
) -> tuple[Sequence[Row], int | None, int]:
    """The rows, the command's process id, and that of the container's first process."""
    async with engine.control("list the container's processes") as docker:
        top = await container(docker, container_id).top(ps_args="-eo pid,ppid,etimes,stat")
        root = (await docker.containers.exec(exec_id).inspect()).get("Pid")
    return _rows(top), root, shown["State"]["Pid"]


async def _from_inside(engine: Engine, container_id: str, user: str) -> Sequence[Row]:
    command = ["/bin/sh", "-c", _LIST, "sh"]
    said = await read_output(engine, container_id, user, command, "list the sandbox's processes")
    uptime, *lines, end = said.decode("ascii", "replace").splitlines()
    if end != "the end":
        raise ValueError("the list broke off")
    fields = [line.split() for line in lines]
    return [
        Row(pid=int(row[0]), parent=int(row[2]), age=float(uptime) - int(row[20]) / _TICKS)
        for row in fields
        if row[1] != "Z" or int(row[18]) > 1  # its first thread has ended, and others have not
    ]


async def _ended(engine: Engine, exec_id: str) -> bool:
    """Whether the engine knows of the command's end; it may learn of it a moment later."""
    for _ in range(_END_NOTICE):
        async with engine.control("ask how the command ended") as docker:
            if not (await docker.containers.exec(exec_id).inspect())["Running"]:
                return True
        await anyio.sleep(0.1)
    return False


async def _show(engine: Engine, container_id: str) -> dict[str, Any]:
    async with engine.control("look at the container") as docker:
        return await container(docker, container_id).show()


async def _read_all(stream: HijackedStream) -> bytes:
    parser, data = FrameParser(), b""
    try:
        while len(data) < _MOST:
            data += b"".join(piece for _, piece in parser.feed(await stream.receive()))
    except (anyio.EndOfStream, anyio.BrokenResourceError):
        pass
    return data


def _rows(top: dict[str, Any]) -> Sequence[Row]:
    """The living processes of a ``top`` answer, whose columns were asked for by name."""
    titles = [str(title).upper() for title in top["Titles"]]
    columns = [titles.index(name) for name in ("PID", "PPID", "ELAPSED", "STAT")]
    picked = [[str(process[column]) for column in columns] for process in top["Processes"] or ()]
    return [
        Row(pid=int(pid), parent=int(parent), age=float(age))
        for pid, parent, age, state in picked
        if not state.startswith("Z") or "l" in state  # which says that it has threads still; see ps(1)
    ]
