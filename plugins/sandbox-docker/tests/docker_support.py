"""Helpers for the tests of the Docker sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable

import anyio
from massgen_sandbox_docker.engine.api import container, list_containers
from massgen_sandbox_docker.engine.client import Engine

from massgen_core.sandbox import Process, SandboxSpec

TEST = "massgen.test"
"""The label that holds a test's mark."""

MakeSpec = Callable[..., SandboxSpec]


async def containers(engine: Engine, mark: str) -> list[str]:
    """The ids of the containers with a test's mark."""
    async with engine.control("list") as docker:
        found = await list_containers(docker, filters=json.dumps({"label": [f"{TEST}={mark}"]}))
    return [each["Id"] for each in found]


async def removed(engine: Engine, container_id: str) -> None:
    """Wait until a container is not there any more."""
    async with engine.control("wait for the removal", timeout=60) as docker:
        try:
            await container(docker, container_id).wait(timeout=None, condition="removed")
        except Exception as error:
            if "No such container" not in str(error):
                raise


async def read_exactly(process: Process, count: int) -> bytes:
    """The next ``count`` bytes of stdout."""
    data = b""
    with anyio.fail_after(30):
        while len(data) < count:
            data += await process.receive()
    return data


async def read_all(process: Process) -> bytes:
    """All of stdout."""
    pieces: list[bytes] = []
    with anyio.fail_after(60):
        try:
            while True:
                pieces.append(await process.receive())
        except anyio.EndOfStream:
            return b"".join(pieces)
