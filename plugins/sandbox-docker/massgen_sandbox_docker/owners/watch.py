"""Starts the watchdog process beside an open backend, and ends it when the backend closes properly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.abc

from massgen_sandbox_docker.engine.client import Engine, version_text
from massgen_sandbox_docker.owners.labels import OWNER, Owner

_GOODBYE = 5.0


@asynccontextmanager
async def watched(engine: Engine, owner: Owner, *, lease: float) -> AsyncGenerator[None]:
    """While open, the owner's containers are removed ``lease`` seconds after its sudden death.

    Where there is no POSIX, or no Python executable to run, nothing is started: stdin's end and the next run's reaper
    are left.
    """
    if os.name != "posix" or not sys.executable:
        yield
        return
    command = [sys.executable, "-I", "-S", str(Path(__file__).with_name("watchdog.py"))]
    process = await anyio.open_process(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        await _tell(process, json.dumps(_task(engine, owner, lease)).encode() + b"\n")
        yield
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)


def _task(engine: Engine, owner: Owner, lease: float) -> dict[str, Any]:
    endpoint, tls = engine.endpoint, engine.endpoint.tls
    files = tls and {name: path and str(path) for name, path in (("ca", tls.ca), ("cert", tls.cert), ("key", tls.key))}
    return {
        "socket": endpoint.socket,
        "host": endpoint.host,
        "port": endpoint.port,
        "tls": files and {**files, "verify": tls and tls.verify},
        "api": version_text(engine.api_version),
        "label": OWNER,
        "owner": owner.id,
        "lease": lease,
    }


async def _tell(process: anyio.abc.Process, line: bytes) -> None:
    assert process.stdin is not None
    try:
        await process.stdin.send(line)
    except (anyio.BrokenResourceError, anyio.ClosedResourceError):
        return  # it was killed; the reaper of the next run is left


async def _end(process: anyio.abc.Process) -> None:
    with anyio.move_on_after(_GOODBYE):
        await _tell(process, b"done\n")
        await process.wait()
    if process.returncode is None:
        process.kill()
    await process.aclose()
