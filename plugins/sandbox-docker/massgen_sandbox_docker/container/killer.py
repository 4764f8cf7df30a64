"""The end of everything that a command started, because the Engine API has no way to kill an exec.

The command carries a mark in its environment, which its children inherit. A small shell script inside the container
stops every process for a moment (one ``kill(-1)``, which not even a fork bomb outruns), looks for the mark in
``/proc/*/environ`` and for children of marked processes, kills them, and lets the others go on. It forks nothing
itself, so it works when the container has no process left to spare. A process whose first thread has ended looks like
a zombie, and shows its environment by its other threads alone. What the script cannot see (a child that dropped the
mark and lost its parent) is looked for afterwards: see `massgen_sandbox_docker.container.survivors`.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import anyio

from massgen_core.errors import SandboxError
from massgen_sandbox_docker.container.survivors import nothing_left, read_output
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.engine.client import Engine

MARK = "MASSGEN_EXEC"

_LIMIT = 10.0
_SPARE_PIDS = 32
_ATTEMPTS = 3
_DONE = b"none left"  # the script spells it apart: an error may quote the script itself

_MARKED = r"""
exec 2>/dev/null
marked() {
  seen=
  for each in /proc/$1/environ /proc/$1/task/*/environ; do
    while x=; IFS= read -r x || [ -n "$x" ]; do
      case $x in *"$mark"*) return 0;; esac
      seen=1
    done < $each
    [ -n "$seen" ] && return 1
  done
  return 1
}
"""

_SIGNAL = (
    _MARKED
    + r"""
mark=$1
for d in /proc/[0-9]*; do
  p=${d#/proc/}
  [ "$p" != $$ ] && marked $p && kill -$2 $p
done
"""
)

_SCRIPT = (
    _MARKED
    + r"""
parent() {
  IFS= read -r line < /proc/$1/stat || return 1
  set -- ${line##*) }
  [ "$1" = Z ] && [ "${18}" -lt 2 ] && return 1
  ppid=$2
}
find_more() {
  found=
  for d in /proc/[0-9]*; do
    p=${d#/proc/}
    [ "$p" = 1 ] || [ "$p" = $$ ] && continue
    case " $all " in *" $p "*) continue;; esac
    parent $p || continue
    case " $all " in *" $ppid "*) ;; *) marked $p || continue;; esac
    all="$all $p" found=1
  done
}
mark=$1 round=0
trap 'kill -CONT -1' EXIT
while [ $round -lt 50 ]; do
  round=$((round + 1)) all= found=1
  kill -STOP -1
  while [ -n "$found" ]; do find_more; done
  [ -z "$all" ] && break
  kill -KILL $all
done
[ -z "$all" ] && echo "none"" left"
"""
)


class Killer:
    """Kills what the commands of one container have started; one tree at a time, since it stops all the others."""

    def __init__(self, engine: Engine, container_id: str, user: str) -> None:
        self._engine = engine
        self._container_id = container_id
        self._user = user
        self._where = (engine, container_id, user)
        self._one_at_a_time = anyio.Lock()

    async def kill(self, exec_id: str, mark: str, *, started: float) -> bool:
        """Kill what carries the mark; false when something that came after ``started`` (monotonic) may live on."""
        with anyio.move_on_after(_LIMIT):
            async with self._one_at_a_time:
                if await self._kill_marked(mark):
                    return await nothing_left(*self._where, exec_id, started)
                return await self._all_gone()
        return False

    async def signal(self, mark: str, name: str) -> None:
        """Send a signal to every process that carries the mark."""
        command = ["/bin/sh", "-c", _SIGNAL, "sh", f"{MARK}={mark}", name.removeprefix("SIG")]
        await read_output(self._engine, self._container_id, self._user, command, "send the command a signal")

    async def _all_gone(self) -> bool:
        """Whether the container itself is at its end, so that nothing in it can live on."""
        with contextlib.suppress(SandboxError):
            return not (await self._show())["State"]["Running"]
        return False

    async def _kill_marked(self, mark: str) -> bool:
        for attempt in range(_ATTEMPTS):
            with contextlib.suppress(SandboxError):
                async with self._spare_pids(attempt):
                    if await self._run_script(mark):
                        return True
        return False

    async def _run_script(self, mark: str) -> bool:
        """Run the script as the container's user; false when there is no shell, or it does not come to an end."""
        command = ["/bin/sh", "-c", _SCRIPT, "sh", f"{MARK}={mark}"]
        said = await read_output(self._engine, self._container_id, self._user, command, "kill the command")
        return _DONE in said

    @contextlib.asynccontextmanager
    async def _spare_pids(self, attempt: int) -> AsyncGenerator[None]:
        """Lift the limit on processes for a moment, when a first attempt failed because all were taken."""
        if not attempt:
            yield
            return
        limit = int((await self._show())["HostConfig"].get("PidsLimit") or 0)
        await self._set_pids(limit + _SPARE_PIDS * attempt)
        try:
            yield
        finally:
            with anyio.CancelScope(shield=True):
                await self._set_pids(limit)

    async def _show(self) -> dict[str, Any]:
        async with self._engine.control("look at the container") as docker:
            return await container(docker, self._container_id).show()

    async def _set_pids(self, limit: int) -> None:
        path = f"/containers/{self._container_id}/update"
        await self._engine.post_json("change the limit on processes", path, {"PidsLimit": limit})
