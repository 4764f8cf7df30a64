"""What a program does that has not thought of attacks: the counterparts by which checks of our own code are checked."""

from __future__ import annotations

import io
import json
import os
import tarfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiodocker
import anyio

from massgen_core.errors import SandboxError
from massgen_sandbox_docker.audit.stage import Stage
from massgen_sandbox_docker.container.run import DockerSandbox
from massgen_sandbox_docker.engine.api import container

_PATIENCE = 3.0
_ATTACHED = {"Detach": False, "Tty": False}
_LISTENING = 1.0
_EVERYTHING = 64 * 1024 * 1024


async def forgotten_command(stage: Stage, sandbox: DockerSandbox, words: Sequence[str], seconds: float) -> None:
    """Run a command, wait so long, and think that closing the connection is its end."""
    engine = stage.backend.engine
    async with engine.control("prepare a command") as docker:
        made = await container(docker, sandbox.id).exec(words, stdin=False, user="0:0", environment=(), workdir=None)
    stream = await engine.hijack("start a command", f"/exec/{made.id}/start", _ATTACHED)
    try:
        with anyio.move_on_after(seconds):
            while True:
                await stream.receive()
    finally:
        with anyio.CancelScope(shield=True):
            await stream.aclose()


async def asked_to_end(stage: Stage, sandbox: DockerSandbox, seconds: float) -> bool:
    """Send SIGTERM, and say whether it has ended so long afterwards."""
    async with stage.backend.engine.control("ask the container to end") as docker:
        await container(docker, sandbox.id).kill(signal="SIGTERM")
    with anyio.move_on_after(seconds):
        await sandbox.main.wait()
    return sandbox.main.ended


class TrustingClient:
    """An MCP client over a sandbox's main process that believes whatever is sent."""

    def __init__(self, sandbox: DockerSandbox) -> None:
        self._main = sandbox.main
        self._data = bytearray()
        self._number = 0
        self._greeted = False

    async def outcome(self, text: str) -> str:
        """Call the tool `echo`; the first line that is JSON is the answer, and an error is whatever comes."""
        try:
            if not self._greeted:
                hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "naive"}}
                await self._ask("initialize", hello)
                self._greeted = True
            answer = await self._ask("tools/call", {"name": "echo", "arguments": {"text": text}})
            return str(answer["result"]["content"][0]["text"])
        except Exception as error:  # whatever it is: nobody has thought of it
            return type(error).__name__

    async def _ask(self, method: str, params: dict[str, Any]) -> Any:
        self._number += 1
        message = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        await self._main.send(json.dumps(message).encode() + b"\n")
        with anyio.fail_after(_PATIENCE):
            piece = bytes(self._data)
            while b"\n" not in piece:
                piece = await self._main.receive()
                self._data += piece
        line, _, self._data = self._data.partition(b"\n")
        return json.loads(line)


async def read_all(sandbox: DockerSandbox, path: str) -> int | None:
    """Read a file, whatever it is; None where that does not end."""
    result = await sandbox.exec(["cat", path], deadline=_LISTENING, max_output=_EVERYTHING)
    return None if result.timed_out else len(result.stdout)


def unpack(data: bytes, folder: Path) -> None:
    """Unpack an archive as it says."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extraction_filter = lambda member, path: member
        archive.extractall(folder)


def used_by(folder: Path) -> int:
    """Add up the sizes of all files below a folder, and of what its links lead to; for so long."""
    used, end = 0, time.monotonic() + _PATIENCE / 2
    for place, _, names in os.walk(folder, followlinks=True):
        for name in names:
            with suppress(OSError):
                used += os.stat(os.path.join(place, name)).st_size
        if time.monotonic() > end:
            break
    return used


async def listener_dies(stage: Stage, sandbox: DockerSandbox, words: Sequence[str]) -> str | None:
    """Listen to the engine's events as its client library does, run a command, and say what became of the listener."""
    endpoint = stage.backend.engine.endpoint
    client = aiodocker.Docker(f"unix://{endpoint.socket}" if endpoint.socket else None)
    died: list[str] = []

    async def listen() -> None:
        try:
            await client.events.run()  # pyright: ignore[reportUnknownMemberType]
        except Exception as error:  # whatever it is: it is what this is about
            died.append(f"the listener died: {type(error).__name__}")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        await anyio.sleep(_LISTENING)
        with suppress(SandboxError):
            await sandbox.exec(words, deadline=_PATIENCE)
        await anyio.sleep(_LISTENING)
        tasks.cancel_scope.cancel()
    with suppress(Exception):
        await client.close()
    return died[0] if died else None
