"""Many sandboxes at once on a real engine: how many start, how many run, and that builds come through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import anyio
import pytest
from docker_support import MakeSpec
from massgen_sandbox_docker.backend import docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.gates import starts_for

from massgen_core.errors import ImageError, SandboxUnavailable
from massgen_core.sandbox import ImageInfo, PackageRef, SandboxSpec

on_engine = [pytest.mark.anyio, pytest.mark.docker, pytest.mark.timeout(600)]


def silent(line: str) -> None:
    """Nobody listens."""


class TestOnEngine:
    pytestmark = on_engine

    async def test_a_storm(self, spec: MakeSpec) -> None:
        """Many that start at once all come to run, however few may start at a time."""
        running = anyio.Event()
        count = 0

        async with docker_backend(DockerConfig(concurrent_starts=2), log=silent) as backend:

            async def start() -> None:
                nonlocal count
                async with backend.start(spec("cat")) as sandbox:
                    count += 1
                    if count == 12:
                        running.set()
                    await running.wait()
                    await sandbox.main.send(b"x")
                    assert await sandbox.main.receive() == b"x"

            with anyio.fail_after(240):
                async with anyio.create_task_group() as tasks:
                    for _ in range(12):
                        tasks.start_soon(start)
            assert backend.sandboxes == ()

    async def test_room(self, spec: MakeSpec) -> None:
        """One more than may run waits until one is gone; what never fits is refused at once, with the key."""
        async with docker_backend(DockerConfig.model_validate({"max_sandboxes": 1}), log=silent) as backend:
            order: list[str] = []

            async def second() -> None:
                async with backend.start(spec("cat")):
                    order.append("second runs")

            async with anyio.create_task_group() as tasks, backend.start(spec("cat")):
                tasks.start_soon(second)
                with anyio.fail_after(60):
                    while not backend.gates.sandboxes.lines.waiting:  # noqa: ASYNC110  (nothing tells of it)
                        await anyio.sleep(0.01)
                order.append("first ends")
            assert order == ["first ends", "second runs"]
        async with docker_backend(DockerConfig.model_validate({"max_memory": "64MiB"}), log=silent) as backend:
            with pytest.raises(
                SandboxUnavailable, match="test: asks for 65 MiB .*\n.*`plugins.sandbox-docker.max_memory`"
            ):
                async with backend.start(spec("cat", memory="65MiB")):
                    pytest.fail("it started")

    async def test_a_failed_start_makes_way(self, spec: MakeSpec) -> None:
        """A sandbox that does not start leaves its place to the next one."""
        async with docker_backend(DockerConfig.model_validate({"max_sandboxes": 1}), log=silent) as backend:
            with pytest.raises(ImageError, match="no image 'massgen.test/none'"):
                async with backend.start(replace(spec("cat"), image="massgen.test/none")):
                    pytest.fail("it started")
            with anyio.fail_after(60):
                async with backend.start(replace(spec("cat"), turn="other")):
                    assert len(backend.sandboxes) == 1

    async def test_a_build_needs_no_room(self, base_image: str) -> None:
        """An image proves itself in a sandbox while its build goes on, also where only one may run and start."""
        config = DockerConfig.model_validate({"max_sandboxes": 1, "concurrent_starts": 1})

        class Proved(Exception):
            """Far enough: the image is not kept."""

        async def prove(image: ImageInfo) -> Mapping[str, str]:
            async with backend.start(SandboxSpec(name="prove", image=image.reference, command=["cat"])):
                raise Proved

        package = PackageRef(kind="uvx", name="mcp-server-time", command="mcp-server-time")
        async with docker_backend(config, log=silent) as backend:
            with pytest.raises(Proved), anyio.fail_after(300):
                await backend.prepare(replace(package, command="python3"), prove=prove, progress=silent)


@pytest.mark.parametrize(("cpus", "starts"), [(0, 4), (1, 4), (2, 4), (8, 16), (64, 32)])
def test_starts_by_cpus(cpus: int, starts: int) -> None:
    """Two for each CPU, but a few on a small machine, and not a storm on a large one."""
    assert starts_for(cpus) == starts
