"""How a container ended, in words."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from typing import Any

import aiodocker
import aiohttp
import anyio

from massgen_core.errors import SandboxError
from massgen_core.sandbox import ExitStatus
from massgen_sandbox_docker.container.runtimes import Family, family
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.engine.client import Engine

_KILLED = 128 + signal.SIGKILL if hasattr(signal, "SIGKILL") else 137
_OOM_NOTICE = 5
_STEADY = 5.0
_WAIT_TRIES = 6
_WAIT_PAUSE = 0.05
_GO_PANIC = 2
_GVISOR_PANIC = " (so does gVisor's own kernel when all of `pids` are taken, or its memory is used up)"
_UNITS = (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024))


def size_text(size: int) -> str:
    """A number of bytes in the largest unit in which it is a round number, or else in MiB: ``512 MiB``."""
    unit, factor = next(((unit, factor) for unit, factor in _UNITS if size >= factor and size % factor == 0), _UNITS[1])
    return f"{size / factor:g} {unit}" if size >= 1024 else f"{size} bytes"


async def wait_for_exit(engine: Engine, container_id: str) -> ExitStatus:
    """Wait until a started container is not running any more; an engine that breaks off is asked again for a while.

    Something between us and the engine may cut every connection that is silent for long, so only failures that come
    one upon the other count.
    """
    tries = 0
    while True:
        began = time.monotonic()
        try:
            async with engine.control("wait for the container", timeout=float("inf")) as docker:
                await container(docker, container_id).wait(timeout=aiohttp.ClientTimeout(), condition="not-running")
            return await exit_status(engine, container_id)
        except SandboxError as error:
            tries = 1 if time.monotonic() - began > _STEADY else tries + 1
            if _is_missing(error) or tries > _WAIT_TRIES:
                raise
        await anyio.sleep(_WAIT_PAUSE * 2**tries)


def _is_missing(error: SandboxError) -> bool:
    return isinstance(error.__cause__, aiodocker.DockerError) and error.__cause__.status == 404


async def exit_status(engine: Engine, container_id: str) -> ExitStatus:
    """The exit status of an ended container, read back from the engine."""
    async with engine.control("look at the ended container") as docker:
        shown = await _show(docker, container_id)
        for _ in range(_OOM_NOTICE):
            if shown["State"].get("OOMKilled") or shown["State"].get("ExitCode") != _KILLED:
                break
            await anyio.sleep(0.05)  # the engine learns of "out of memory" by another way than of the exit
            shown = await _show(docker, container_id)
    host = shown["HostConfig"]
    return describe(shown["State"], memory=host.get("Memory", 0), kind=family(str(host.get("Runtime") or "runc")))


async def _show(docker: aiodocker.Docker, container_id: str) -> dict[str, Any]:
    return await container(docker, container_id).show()


def describe(state: Mapping[str, Any], *, memory: int, kind: Family = "runc") -> ExitStatus:
    """The exit status that the ``State`` of an inspected container tells; ``memory`` is its limit in bytes."""
    code = state.get("ExitCode")
    if state.get("OOMKilled") and code != 0:
        return ExitStatus(code=code, reason=f"out of memory (limit {size_text(memory)})", out_of_memory=True)
    error = str(state.get("Error") or "").strip()
    panic = _GVISOR_PANIC if kind == "gvisor" and code == _GO_PANIC else ""
    reason = _words(code) + panic + (f": {error[:500]}" if error else "")
    return ExitStatus(code=code, reason=reason)


def _words(code: Any) -> str:
    if not isinstance(code, int):
        return "ended in an unknown way"
    if code > 128:
        try:
            return f"ended by {signal.Signals(code - 128).name} (exit code {code})"
        except ValueError:
            pass
    hint = {126: " (its command cannot be executed)", 127: " (its command is not in the image)"}
    return f"ended with exit code {code}{hint.get(code, '')}"
