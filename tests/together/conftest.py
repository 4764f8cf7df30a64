"""What the tests across plugins share: runtimes on a real engine, the command line, and proof that nothing is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiodocker
import anyio
import pytest
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.api import container, list_containers
from massgen_sandbox_docker.engine.client import connect
from massgen_sandbox_docker.images import ensure_base
from massgen_sandbox_docker.owners.labels import HOST, PID, Owner

import massgen_core

ROOT = Path(__file__).parents[2]
SERVERS = ROOT / "tests" / "mcp" / "servers"

Server = dict[str, Any]
MakeServer = Callable[..., Server]
OpenRuntime = Callable[..., AbstractAsyncContextManager[massgen_core.Runtime]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a program left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Done]


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """The Docker backend runs on asyncio alone, since aiodocker does."""
    return "asyncio", {}


@pytest.fixture(scope="session")
def base_image() -> str:
    """The base image, which holds Python and Node, built the first time."""

    async def build() -> str:
        async with connect(DockerConfig()) as engine:
            return await ensure_base(engine, DockerConfig(), progress=lambda line: None)

    return anyio.run(build)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo in a folder of its own, whose lock file is the tests' own; its images take their time the first time."""
    folder = tmp_path_factory.mktemp("demo")
    for name in ("run.py", "massgen.toml"):
        (folder / name).write_bytes((ROOT / "docs" / "examples" / "demo" / name).read_bytes())
    command = [sys.executable, "-m", "massgen_core", "docker", "build"]
    subprocess.run(command, cwd=folder, capture_output=True, timeout=1200, check=True)
    return folder


@pytest.fixture
def make_server(base_image: str) -> MakeServer:
    """Make the section of a toy server: ``make_server("rough", memory="64MiB")`` runs that script of the MCP tests.

    The script is passed as a word, so that the base image is all it takes.
    """

    def make(script: str, *arguments: str, **settings: Any) -> Server:
        words = (_as_one_word(script), *arguments)
        return {"image": base_image, "command": "python3", "args": ["-c", *words], **settings}

    return make


def _as_one_word(script: str) -> str:
    """A script and the module that it builds on, as the argument of `python3 -c`."""
    sources = {name: (SERVERS / f"{name}.py").read_text() for name in ("speech", script)}
    return (
        "import sys, types\n"
        f"sources = {sources!r}\n"
        "speech = sys.modules['speech'] = types.ModuleType('speech')\n"
        "exec(sources['speech'], vars(speech))\n"
        f"exec(sources[{script!r}], {{'__name__': '__main__'}})\n"
    )


@pytest.fixture
def open_runtime() -> OpenRuntime:
    """Open a runtime; when it has closed, this process has no container and no task that it did not have before."""

    @asynccontextmanager
    async def opened(config: Mapping[str, Any] | Path, **options: Any) -> AsyncGenerator[massgen_core.Runtime]:
        before = {task.id for task in anyio.get_running_tasks()}
        with anyio.fail_after(120):
            async with massgen_core.open_runtime(config, **options) as runtime:
                yield runtime
            assert [task for task in anyio.get_running_tasks() if task.id not in before] == []
            assert await containers_of(os.getpid()) == []

    return opened


@pytest.fixture
def cli(tmp_path: Path) -> Run:
    """Run `massgen-core` in the test's folder as a process of its own."""

    def run(*arguments: str | Path, folder: Path = tmp_path, **environment: str) -> Done:
        return finished([sys.executable, "-m", "massgen_core", *map(str, arguments)], folder, environment)

    return run


@pytest.fixture
def program(tmp_path: Path) -> Run:
    """Run a Python program in a folder."""

    def run(*arguments: str | Path, folder: Path = tmp_path, **environment: str) -> Done:
        return finished([sys.executable, *map(str, arguments)], folder, environment)

    return run


def finished(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Done:
    """Run a command to its end, without settings from outside."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MASSGEN_")}
    done = subprocess.run(
        command, cwd=folder, env={**clean, **environment}, capture_output=True, text=True, timeout=600, check=False
    )
    return Done(code=done.returncode, out=done.stdout, err=done.stderr)


@pytest.fixture(scope="session")
def owned() -> Callable[[int], Awaitable[list[str]]]:
    """Ask for the ids of the containers that a process of this machine owns, by its PID."""
    return containers_of


async def containers_of(pid: int) -> list[str]:
    """The ids of the containers that a process of this machine owns."""
    wanted = [f"{HOST}={Owner.current().host}", f"{PID}={pid}"]
    async with connect(DockerConfig()) as engine, engine.control("list") as docker:
        return [each["Id"] for each in await list_containers(docker, filters=json.dumps({"label": wanted}))]


@pytest.fixture
def removed() -> Callable[[Sequence[str]], Awaitable[None]]:
    """Wait until containers, given by their ids, are not there any more."""
    return wait_removed


async def wait_removed(ids: Sequence[str]) -> None:
    """Ask the engine to say when each of them is removed; one that is gone already is fine."""
    async with connect(DockerConfig()) as engine, engine.control("wait for the removal") as docker:
        for each in ids:
            try:
                await container(docker, each).wait(timeout=None, condition="removed")
            except aiodocker.DockerError as error:
                if error.status != 404:
                    raise
