"""`massgen-core docker snapshots`: which snapshots the engine holds, and what they take; some of them deleted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import click

from massgen_core.config import Settings
from massgen_core.errors import SandboxError
from massgen_core.sandbox import Snapshot
from massgen_sandbox_docker.commands.outcome import Outcome, Sheet
from massgen_sandbox_docker.commands.servers import docker_config
from massgen_sandbox_docker.commands.units import age_text, rough_size
from massgen_sandbox_docker.commands.work import Ask
from massgen_sandbox_docker.engine.client import connect
from massgen_sandbox_docker.state.kept import drop, listed

_HEADERS = ("sandbox", "id", "age", "size")
_SHORT = 12


async def snapshots(settings: Settings) -> Outcome:
    """List the snapshots, the oldest first.

    Raises:
        SandboxUnavailable: No engine.
    """
    async with connect(docker_config(settings)) as engine:
        found = await listed(engine)
    data = {"snapshots": [_data(each) for each in found]}
    if not found:
        return Outcome(ok=True, data=data, text="There is no snapshot.")
    return Outcome(ok=True, data=data, sheets=[Sheet(title="snapshots", headers=_HEADERS, rows=list(map(_row, found)))])


async def delete(settings: Settings, names: Sequence[str], ask: Ask) -> Outcome:
    """Delete the snapshots of these sandboxes, or with these ids; all where none is named.

    Raises:
        UsageError: None goes by such a name.
        SandboxUnavailable: No engine.
    """
    async with connect(docker_config(settings)) as engine:
        doomed = _named(await listed(engine), names)
        if not doomed:
            return Outcome(ok=True, data={"items": []}, text="There is no snapshot.")
        lines = "\n".join(f"  {each.name} ({_short(each)}, {_age(each)} old)" for each in doomed)
        if not ask(f"{lines}\nDelete them?"):
            return Outcome(ok=True, data={"items": []}, text="Nothing was done.")
        failures: dict[str, str] = {}
        for each in doomed:
            try:
                await drop(engine, each)
            except SandboxError as error:
                failures[each.id] = str(error)
    return _outcome(doomed, failures)


def _named(found: Sequence[Snapshot], names: Sequence[str]) -> Sequence[Snapshot]:
    chosen = {each.id: each for each in found if not names}
    for name in names:
        fitting = [each for each in found if each.name == name or (len(name) >= 4 and _bare(each).startswith(name))]
        if not fitting:
            raise click.UsageError(f"no snapshot is of {name!r}, or has an id that begins so")
        chosen |= {each.id: each for each in fitting}
    return list(chosen.values())


def _outcome(doomed: Sequence[Snapshot], failures: Mapping[str, str]) -> Outcome:
    items = [{**_data(each), "outcome": failures.get(each.id, "deleted")} for each in doomed]
    rows = [(*_row(each), failures.get(each.id, "deleted")) for each in doomed]
    sheet = Sheet(title="snapshots", headers=(*_HEADERS, "outcome"), rows=rows)
    return Outcome(ok=not failures, data={"items": items}, sheets=[sheet])


def _data(each: Snapshot) -> dict[str, Any]:
    return {"id": each.id, "sandbox": each.name, "created": int(each.created), "bytes": each.size}


def _row(each: Snapshot) -> Sequence[str]:
    return (each.name, _short(each), _age(each), "" if each.size is None else rough_size(each.size))


def _age(each: Snapshot) -> str:
    return age_text(time.time() - each.created)


def _bare(each: Snapshot) -> str:
    return each.id.removeprefix("sha256:")


def _short(each: Snapshot) -> str:
    return _bare(each)[:_SHORT]
