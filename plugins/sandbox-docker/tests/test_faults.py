"""The connection to the engine cut at every step: a clear error, and nothing left once the engine answers again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import pytest
from fake_engine import Cut, FakeEngine
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.container import run as run_module
from massgen_sandbox_docker.container.run import DockerSandbox
from massgen_sandbox_docker.owners import reaper

from massgen_core.errors import SandboxError
from massgen_core.sandbox import SandboxLimits, SandboxSpec

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked again is asked again at once."""
    monkeypatch.setattr(run_module, "_DELETE_PAUSE", 0.001)
    monkeypatch.setattr(reaper, "_LAST_PAUSE", 0.01)


Use = Callable[[DockerSandbox], Awaitable[object]]


async def echo(sandbox: DockerSandbox) -> None:
    """Speak to the main process."""
    await sandbox.main.send(b"x")
    assert await sandbox.main.receive() == b"x"


async def listen(sandbox: DockerSandbox) -> None:
    with suppress(anyio.EndOfStream):
        while True:
            await sandbox.main.receive()


async def run(sandbox: DockerSandbox) -> None:
    assert (await sandbox.exec(["true"])).stdout == b"hi\n"


async def end(sandbox: DockerSandbox) -> None:
    await sandbox.main.kill()
    await sandbox.main.wait()


async def freeze(sandbox: DockerSandbox) -> None:
    await sandbox.pause()
    await sandbox.resume()
    await echo(sandbox)


async def keep(sandbox: DockerSandbox) -> None:
    await sandbox.snapshot()


STEPS: Mapping[str, tuple[str, Use, str]] = {
    "create": ("POST /containers/create", echo, "create the container"),
    "attach": ("POST /containers/[^/]+/attach", echo, "attach to the container"),
    "start": ("POST /containers/[^/]+/start", echo, "start the container"),
    "inspect": ("GET /containers/[^/]+/json", echo, "look at the container"),
    "exec create": ("POST /containers/[^/]+/exec", run, "prepare the command"),
    "exec start": ("POST /exec/[^/]+/start", run, "start the command"),
    "exec inspect": ("GET /exec/[^/]+/json", run, "ask how the command ended"),
    "kill": ("POST /containers/[^/]+/kill", end, "send SIGKILL to the container"),
    "pause": ("POST /containers/[^/]+/pause", freeze, "freeze"),
    "unpause": ("POST /containers/[^/]+/unpause", freeze, "go on"),
    "archive": ("PUT /containers/[^/]+/archive", keep, "write the snapshot"),
    "commit": ("POST /commit", keep, "keep the snapshot"),
}
"""Which request is cut, what makes it, and how the error calls it."""

CUTS: tuple[Cut, ...] = ("unread", "unanswered", "halfway")


def silent(line: str) -> None:
    """Nobody listens."""


def tasks() -> int:
    return len(asyncio.all_tasks())


def threads() -> list[str]:
    """Those of anyio's pool stay until the event loop ends."""
    return [each.name for each in threading.enumerate() if "AnyIO" not in each.name]


@asynccontextmanager
async def opened(
    path: Path, engine: FakeEngine | None = None, log: Callable[[str], None] = silent
) -> AsyncGenerator[tuple[FakeEngine, DockerBackend]]:
    """An engine and a backend; afterwards neither container nor connection nor task nor thread of ours is left."""
    engine = engine or FakeEngine()
    async with engine.serve(path) as address:
        before = tasks()
        async with docker_backend(DockerConfig(host=address, control_timeout=10), log=log) as backend:
            yield engine, backend
        assert engine.cuts == [], "it was never cut"
        assert (engine.boxes, engine.images) == ({}, set())
        with anyio.fail_after(10):
            while engine.open:
                await engine.news.wait()
            while tasks() > before or threads() != ["MainThread"]:  # noqa: ASYNC110  (nothing tells of their end)
                await anyio.sleep(0.001)


def spec() -> SandboxSpec:
    limits = SandboxLimits.model_validate({"tmpfs": {}, "stop_timeout": 0})
    return SandboxSpec(name="test", image="x", command=("cat",), limits=limits)


@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize("step", STEPS)
async def test_a_step_is_cut(socket_path: Path, step: str, how: Cut) -> None:
    """The error names what could not be done; once the backend is closed nothing is left."""
    pattern, use, words = STEPS[step]
    async with opened(socket_path) as (engine, backend):
        for _ in range(2 if pattern.startswith("GET") and how != "halfway" else 1):  # these are asked twice
            engine.cut(pattern, how)
        with pytest.raises(SandboxError) as caught:
            async with backend.start(spec()) as sandbox:
                await use(sandbox)
        assert words in str(caught.value), str(caught.value)
        with anyio.fail_after(30):  # and the next one starts as ever
            async with backend.start(spec()) as sandbox:
                await echo(sandbox)


async def test_a_command_that_may_have_started_is_killed(socket_path: Path) -> None:
    """A command of whose start no word came back does not run on unseen."""
    async with opened(socket_path) as (engine, backend):
        engine.cut("POST /exec/[^/]+/start", "unanswered")
        async with backend.start(spec()) as sandbox:
            with pytest.raises(SandboxError, match="could not start the command: the connection to the engine was cut"):
                await sandbox.exec(["true"])
            made = [line for line in engine.requests if line.endswith("/exec")]
            assert len(made) > 1, "nothing was started to kill it"


@pytest.mark.parametrize("how", CUTS)
async def test_a_removal_is_cut(socket_path: Path, how: Cut) -> None:
    """It is asked for once more at once, and what is gone by then is fine."""
    async with opened(socket_path) as (engine, backend):
        engine.cut("DELETE /containers/", how)
        await use_one(backend)


async def use_one(backend: DockerBackend) -> None:
    async with backend.start(spec()) as sandbox:
        await echo(sandbox)


@pytest.mark.parametrize("how", [*CUTS, "in the stream"])
async def test_waiting_is_cut(socket_path: Path, how: Cut) -> None:
    """Who waits for the end of a sandbox waits on when the engine comes back."""
    async with opened(socket_path) as (engine, backend):
        engine.cut("POST /containers/[^/]+/wait", how)
        async with backend.start(spec()) as sandbox:
            await echo(sandbox)
            await sandbox.main.send_eof()
            with anyio.fail_after(30):
                status = await sandbox.main.wait()
        assert status.code == 0


@pytest.mark.parametrize(
    ("pattern", "use"), [(STEPS["attach"][0], listen), (STEPS["exec start"][0], run)], ids=["attach", "exec"]
)
async def test_a_stream_is_cut(socket_path: Path, pattern: str, use: Use) -> None:
    """What came before is not taken for all that there was."""
    async with opened(socket_path) as (engine, backend):
        engine.cut(pattern, "in the stream")
        with pytest.raises(SandboxError, match="broke off: it ended in the middle of a frame"):
            async with backend.start(spec()) as sandbox:
                await use(sandbox)


@pytest.mark.parametrize("how", [*CUTS, "in the stream"])
async def test_events_are_cut(socket_path: Path, how: Cut) -> None:
    """They are followed again, and nobody else hears of it."""
    async with opened(socket_path) as (engine, backend):
        engine.cut("GET /events", how)
        async with backend.start(spec()) as sandbox:
            await echo(sandbox)
            with anyio.fail_after(30):
                while sum("/events" in line for line in engine.requests) < 2:
                    await engine.news.wait()


@pytest.mark.parametrize("step", ["create", "attach", "start", "exec create", "exec start", "kill", "commit"])
async def test_an_engine_that_goes_away_and_comes_back(socket_path: Path, step: str) -> None:
    """What it could not be asked to remove meanwhile is removed when the backend is closed."""
    pattern, use, _ = STEPS[step]
    async with opened(socket_path) as (engine, backend):
        engine.leave(when=pattern)
        with pytest.raises(SandboxError):
            async with backend.start(spec()) as sandbox:
                await use(sandbox)
        assert engine.away
        engine.away = False


async def test_an_engine_that_comes_back_at_the_end(socket_path: Path) -> None:
    """A backend that closes while the engine restarts waits for it, and says so."""
    engine, said = FakeEngine(), list[str]()

    def log(line: str) -> None:
        said.append(line)
        engine.away = engine.away and "waiting for the engine, to leave nothing there" not in line

    async with opened(socket_path, engine, log) as (_, backend):
        with pytest.raises(SandboxError):
            async with backend.start(spec()) as sandbox:
                await leave(engine, sandbox)
    assert [line for line in said if "waiting for the engine" in line]


async def leave(engine: FakeEngine, sandbox: DockerSandbox) -> None:
    engine.leave()
    await listen(sandbox)
    await run(sandbox)


async def test_an_engine_that_stays_away(socket_path: Path) -> None:
    """The error comes, and nothing hangs."""
    engine = FakeEngine()
    async with engine.serve(socket_path) as address:
        with pytest.raises(SandboxError, match="cut off"), anyio.fail_after(60):
            await start_and_lose(engine, address)


async def start_and_lose(engine: FakeEngine, address: str) -> None:
    async with docker_backend(DockerConfig(host=address), log=silent) as backend:
        engine.leave(when="POST /containers/[^/]+/start")
        async with backend.start(spec()):
            pytest.fail("it started")
