"""Secrets in a real container: where they are found, and where they are not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from docker_support import MakeSpec, containers
from massgen_sandbox_docker.backend import DockerBackend
from massgen_sandbox_docker.engine.api import container

from massgen_core.sandbox import SandboxSecret

pytestmark = pytest.mark.anyio

VALUE = "s3cret-value-nobody-may-see"
MODE = "import os, stat; print(stat.filemode(os.stat(os.environ['TOKEN_FILE']).st_mode))"
LOOK = "cat $TOKEN_FILE; echo; grep /run/secrets /proc/mounts; touch /run/secrets/x || echo refused"


async def inspected(backend: DockerBackend, container_id: str) -> str:
    async with backend.engine.control("inspect") as docker:
        return json.dumps(await container(docker, container_id).show())


@pytest.mark.parametrize("runtime", [None, "runsc"])
async def test_a_file_is_private_in_memory_and_read_only(
    backend: DockerBackend, spec: MakeSpec, mark: str, runtime: str | None
) -> None:
    """Mode 0400, the sandbox's own, on a tmpfs; its path is in the environment, its value nowhere."""
    wanted = replace(spec("sleep", "60", runtime=runtime), secrets=[SandboxSecret(name="TOKEN", value=VALUE)])
    async with backend.start(wanted) as sandbox:
        mode = await sandbox.exec(["python3", "-c", MODE])
        assert mode.stdout.strip() == b"-r--------"
        looked = await sandbox.exec(["sh", "-c", LOOK])
        assert VALUE in looked.stdout.decode()
        assert "refused" in looked.stdout.decode()
        env = await sandbox.exec(["cat", "/proc/1/environ"])
        assert b"TOKEN_FILE=/run/secrets/TOKEN" in env.stdout or env.exit_code
        assert VALUE.encode() not in env.stdout
        assert VALUE not in await inspected(backend, sandbox.id)


async def test_an_env_secret_is_in_the_environment_since_it_was_written_out(
    backend: DockerBackend, spec: MakeSpec
) -> None:
    """And then `docker inspect` shows it, as documented."""
    wanted = replace(spec("sh", "-c", "echo $TOKEN"), secrets=[SandboxSecret(name="TOKEN", value=VALUE, use="env")])
    async with backend.start(wanted) as sandbox:
        assert (await sandbox.main.receive()).strip() == VALUE.encode()


async def test_nothing_is_left_of_a_sandbox_with_files(backend: DockerBackend, spec: MakeSpec, mark: str) -> None:
    """Neither the companion nor the volume: one container while it runs, none afterwards."""

    async def volumes() -> set[str]:
        async with backend.engine.control("list volumes") as docker:
            return {each["Name"] for each in (await docker.volumes.list())["Volumes"] or ()}

    before = await volumes()
    wanted = replace(spec("sleep", "60"), secrets=[SandboxSecret(name="TOKEN", value=VALUE)])
    async with backend.start(wanted):
        assert await volumes() - before
    assert await containers(backend.engine, mark) == []
    assert not await volumes() - before
