"""A small MCP handshake over a sandbox's main process: enough to prove an image in tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import anyio
from massgen_sandbox_docker.backend import DockerBackend

from massgen_core.errors import McpConnectionClosed
from massgen_core.sandbox import ImageInfo, Process, Prove, SandboxSpec

VERSION = "2025-11-25"


async def tool_names(process: Process) -> list[str]:
    """Initialize a server and list its tools."""
    info = {"protocolVersion": VERSION, "capabilities": {}, "clientInfo": {"name": "tests", "version": "0"}}
    await _send(process, {"id": 1, "method": "initialize", "params": info})
    await _answer(process, 1)
    await _send(process, {"method": "notifications/initialized"})
    await _send(process, {"id": 2, "method": "tools/list", "params": {}})
    return [tool["name"] for tool in (await _answer(process, 2))["result"]["tools"]]


def prover(backend: DockerBackend, *arguments: str) -> Prove:
    """A proving function that starts the image with the default limits, as a user would."""

    async def prove(image: ImageInfo) -> Mapping[str, str]:
        spec = SandboxSpec(name="prove", image=image.reference, command=[*image.command, *arguments])
        async with backend.start(spec) as sandbox:
            with anyio.fail_after(60):
                return {"tools": ",".join(await tool_names(sandbox.main))}

    return prove


async def _send(process: Process, message: dict[str, Any]) -> None:
    await process.send(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")


async def _answer(process: Process, number: int) -> dict[str, Any]:
    buffer = b""
    while True:
        try:
            buffer += await process.receive()
        except anyio.EndOfStream:
            status = await process.wait()
            raise McpConnectionClosed("test", status.reason, stderr=process.stderr_tail()) from None
        *lines, buffer = buffer.split(b"\n")
        for line in lines:
            message = json.loads(line)
            if message.get("id") == number:
                return message
