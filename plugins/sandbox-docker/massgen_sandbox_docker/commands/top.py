"""`massgen-core docker top`: the processes in a container.

With the host's kernel the engine's machine sees them. A runtime with a kernel of its own has process ids of its own,
and for those the engine lists the host's processes that happen to have the same numbers; there a script inside reads
``/proc``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import anyio

from massgen_core.config import Settings
from massgen_core.errors import SandboxError
from massgen_sandbox_docker.commands.containers import Ours, choose
from massgen_sandbox_docker.commands.outcome import Outcome, Sheet
from massgen_sandbox_docker.commands.servers import docker_config
from massgen_sandbox_docker.container.runtimes import family
from massgen_sandbox_docker.container.survivors import read_output
from massgen_sandbox_docker.engine.api import container, table
from massgen_sandbox_docker.engine.client import Engine, connect

_COLUMNS = "-eo pid,ppid,uid,rss,etime,args"
_TITLES = ("pid", "ppid", "uid", "rss", "elapsed", "command")
_LONGEST = 120
_PATIENCE = 10.0
_PAGE_KIB = 4
_TICKS = 100
_LIST = r"""
exec 2>/dev/null
IFS= read -r line < /proc/uptime && printf '%s\036' "${line%% *}" $$
for d in /proc/[0-9]*; do
  IFS= read -r stat < $d/stat || continue
  uid=
  while read -r key value rest; do [ "$key" = Uid: ] && uid=$value; done < $d/status
  printf '%s\037' "${d#/proc/}" "$uid" "${stat##*) }"
  cat $d/cmdline
  printf '\036'
done
"""


async def top(settings: Settings, name: str) -> Outcome:
    """List a container's processes: ids, user, memory in KiB, time since its start, command line.

    Raises:
        UsageError: The name means none of ours, or several.
        SandboxError: It does not run, or does not tell.
        SandboxUnavailable: No engine.
    """
    async with connect(docker_config(settings)) as engine:
        [chosen] = await choose(engine, [name])
        inside, processes = await _ask(engine, chosen)
    data = {**chosen.data(), "told_from": "inside" if inside else "outside"}
    data["processes"] = [dict(zip(_TITLES, each, strict=False)) for each in processes]
    rows = [[_short(cell) for cell in each] for each in processes]
    title = f"{chosen}{', as it tells itself' if inside else ''}"
    return Outcome(ok=True, data=data, sheets=[Sheet(title=title, headers=_TITLES, rows=rows)])


async def _ask(engine: Engine, chosen: Ours) -> tuple[bool, Sequence[Sequence[str]]]:
    """Whether it was asked inside, and the rows."""
    if chosen.listed.state != "running":
        raise SandboxError(f"{chosen} does not run: {chosen.listed.status or chosen.listed.state}")
    shown: Mapping[str, Any] = {}
    async with engine.control("look at the container") as docker:
        shown = await container(docker, chosen.id).show()
    if family(str(table(shown, "HostConfig").get("Runtime") or "runc")) == "runc":
        return False, await _from_engine(engine, chosen.id)
    user = str(table(shown, "Config").get("User") or "")
    said, command = b"", ["/bin/sh", "-c", _LIST, "sh"]
    with anyio.move_on_after(_PATIENCE):
        said = await read_output(engine, chosen.id, user, command, "list the sandbox's processes")
    return True, rows_of(said)


async def _from_engine(engine: Engine, container_id: str) -> Sequence[Sequence[str]]:
    answer: Mapping[str, Any] = {}
    async with engine.control("list the container's processes") as docker:
        answer = await container(docker, container_id).top(ps_args=_COLUMNS)
    return [[str(cell) for cell in each] for each in answer.get("Processes") or ()]


def rows_of(said: bytes) -> Sequence[Sequence[str]]:
    """The rows that the script inside tells, without its own.

    Raises:
        SandboxError: The container has no ``sh`` or ``cat``, or says something else.
    """
    try:
        uptime, script, *records = said.decode("utf-8", "replace").split("\036")[:-1]
        rows = [_row(each, float(uptime)) for each in records]
    except (ValueError, IndexError):
        raise SandboxError("the container does not tell its processes: it needs /bin/sh and cat") from None
    return [row for row in rows if script not in row[:2]]


def _row(record: str, uptime: float) -> Sequence[str]:
    pid, uid, stat, command = record.split("\037", 3)
    fields = stat.split()
    seconds = max(0, int(uptime - int(fields[19]) / _TICKS))
    elapsed = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    rss = int(fields[21]) * _PAGE_KIB
    return pid, fields[1], uid, str(rss), elapsed, command.replace("\0", " ").strip()


def _short(cell: str) -> str:
    """A command line may hold a whole program."""
    line = " ".join(cell.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
