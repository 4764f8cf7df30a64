"""Helpers for the tests of the commands that look after running containers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import anyio.to_thread
from click.testing import CliRunner, Result
from massgen_sandbox_docker.cli import docker
from massgen_sandbox_docker.engine.client import Engine


async def shell(*args: str) -> Result:
    """Run a command of `massgen-core docker` beside the test's own loop."""

    def invoke() -> Result:
        return CliRunner().invoke(docker, args, catch_exceptions=False)

    return await anyio.to_thread.run_sync(invoke)


async def data(*args: str, code: int = 0) -> dict[str, Any]:
    """The JSON object that a command prints."""
    result = await shell(*args, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


async def created(engine: Engine, image: str, labels: Mapping[str, str]) -> str:
    """A container that was created with these labels, and that nobody of this program knows."""
    body = {"Image": image, "Cmd": ["cat"], "Labels": dict(labels)}
    return (await engine.post_json("create", "/containers/create", body))["Id"]
