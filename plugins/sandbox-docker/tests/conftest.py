"""What the tests of this plugin share: an open backend, a base image, and the proof that nothing is left behind."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import anyio
import pytest
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import connect
from massgen_sandbox_docker.images import ensure_base

from massgen_core.sandbox import SandboxLimits, SandboxSpec

sys.path.append(str(Path(__file__).parent))  # for the helpers beside the tests

from docker_support import TEST, MakeSpec, containers


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """The plugin runs on asyncio alone, since aiodocker does."""
    return "asyncio", {}


@pytest.fixture(scope="session")
def base_image() -> str:
    """A Debian image with sh, python3 and node, built the first time."""

    async def build() -> str:
        async with connect(DockerConfig()) as engine:
            return await ensure_base(engine, DockerConfig(), progress=lambda line: None)

    return anyio.run(build)


@pytest.fixture
def mark() -> str:
    """A label value that only this test's containers carry."""
    return uuid.uuid4().hex


@pytest.fixture
async def backend(mark: str) -> AsyncGenerator[DockerBackend]:
    """An open backend; afterwards no container of the test exists any more."""
    async with docker_backend(DockerConfig(), log=lambda line: None) as opened:
        yield opened
        assert await containers(opened.engine, mark) == []


@pytest.fixture(params=["runc", "runsc"])
def runtime(request: pytest.FixtureRequest, listed_runtimes: frozenset[str]) -> str:
    """The OCI runtime that `spec` names: a test that asks for this runs under each of them."""
    name: str = request.param
    if name not in listed_runtimes:
        problem = f"the engine has no OCI runtime {name!r}"
        if os.environ.get("MASSGEN_REQUIRE_DOCKER") == "1":
            pytest.fail(f"MASSGEN_REQUIRE_DOCKER=1, but {problem}", pytrace=False)
        pytest.skip(problem)
    return name


@pytest.fixture(scope="session")
def listed_runtimes() -> frozenset[str]:
    """The OCI runtimes that the engine lists."""

    async def ask() -> frozenset[str]:
        async with connect(DockerConfig()) as engine:
            return frozenset((await engine.info()).get("Runtimes") or ())

    return anyio.run(ask)


@pytest.fixture
def spec(request: pytest.FixtureRequest, base_image: str, mark: str) -> MakeSpec:
    """Makes specs: ``spec("sh", "-c", "…", memory="64MiB")``."""
    usual = {"runtime": request.getfixturevalue("runtime")} if "runtime" in request.fixturenames else {}

    def make(
        *command: str, env: dict[str, str] | None = None, workdir: str | None = None, **limits: Any
    ) -> SandboxSpec:
        return SandboxSpec(
            name="test",
            image=base_image,
            command=command,
            env=env or {},
            workdir=workdir,
            limits=SandboxLimits.model_validate({**usual, **limits}),
            labels={TEST: mark},
        )

    return make


@pytest.fixture
def socket_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a fake daemon may listen (a short path: the system allows 107 bytes)."""
    return tmp_path_factory.mktemp("d") / "s"
