"""Servers that each session has for itself, in containers: claimed once, mounted into, frozen, killed, closed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

import massgen_core
from massgen_core import SandboxBackend

pytestmark = [pytest.mark.anyio, pytest.mark.docker, pytest.mark.timeout(600)]

COUNTS = {"scope": "session", "memory": "64MiB"}
OWN = {"source": "session", "write": True}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The workspace of a session, which belongs to an ordinary user."""
    folder = _made(tmp_path / "work")
    (folder / "note").write_text("from outside")
    return folder


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another one's."""
    return _made(tmp_path / "other")


def _made(folder: Path) -> Path:
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, 1000, 1000)
    return folder


def owner(path: Path) -> int:
    return path.stat().st_uid


async def told(session: massgen_core.Session, text: str = "x") -> dict[str, Any]:
    """What the session's server says of itself."""
    return json.loads((await session.call("toy_echo", {"text": text})).raise_for_error().text)


def running(runtime: massgen_core.Runtime) -> set[str]:
    """The containers of the server."""
    return {sandbox.id for sandbox in runtime.service(SandboxBackend, "docker").sandboxes if sandbox.name == "toy"}


async def until(found: Callable[[], Any]) -> Any:
    """Wait for something that tells nobody."""
    with anyio.fail_after(60):
        while not (value := found()):  # noqa: ASYNC110
            await anyio.sleep(0.02)
    return value


async def test_sessions_see_nothing_of_each_other(make_server: Any, open_runtime: Any) -> None:
    """Each has a container of its own, with a state of its own; it is removed with the session, and used once."""
    async with open_runtime({"servers": {"toy": make_server("counts", **COUNTS)}}) as runtime:
        (waiting,) = running(runtime)
        async with runtime.session() as one, runtime.session() as other:
            assert [(await told(one))["count"], (await told(one))["count"], (await told(other))["count"]] == [1, 2, 1]
            assert waiting in running(runtime)
            await until(lambda: len(running(runtime)) == 3)
        await until(lambda: len(running(runtime)) == 1)
        assert waiting not in running(runtime)
        async with runtime.session() as third:
            assert (await told(third))["count"] == 1


async def test_twenty_sessions_at_once(make_server: Any, open_runtime: Any) -> None:
    """All get an answer from a server that nobody has used; afterwards only those that wait are left."""
    counts: list[int] = []
    together = anyio.Event()

    async with open_runtime({"servers": {"toy": make_server("counts", **COUNTS)}}) as runtime:

        async def use() -> None:
            async with runtime.session() as session:
                counts.append((await told(session))["count"])
                if len(counts) == 20:
                    together.set()
                await together.wait()
                assert (await told(session))["count"] == 2

        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(use)
        assert counts == [1] * 20


@pytest.mark.parametrize("frozen", [False, True])
async def test_the_workspace_of_a_session(
    make_server: Any, open_runtime: Any, folder: Path, other: Path, frozen: bool
) -> None:
    """The server sees its session's folder, and writes it as its owner, whether it waited or was started for it."""
    server = make_server("notes", **COUNTS, workspace=OWN, warm_frozen=frozen)
    async with open_runtime({"servers": {"toy": server}}) as runtime:
        names: list[str] = []
        waited = False
        with anyio.fail_after(60):
            while not waited:  # the first session may have to show whose folders there are
                (waiting,) = await until(lambda: len(found := running(runtime)) == 1 and found)
                names.append(f"made-{len(names)}")
                async with runtime.session(workspace=folder) as session:
                    said = await told(session, names[-1])
                waited = waiting.startswith(said["host"])
                assert said["note"] == "from outside"
        assert {owner(folder / name) for name in names} == {owner(folder)}
        async with runtime.session(workspace=other) as session:
            assert (await told(session))["note"] == ""


@pytest.mark.parametrize("frozen", [False, True])
async def test_one_that_is_killed_while_it_waits(
    make_server: Any, open_runtime: Any, frozen: bool, removed: Callable[[Sequence[str]], Awaitable[None]]
) -> None:
    """Frozen or not, it is handed to nobody."""
    server = make_server("counts", **COUNTS, warm_frozen=frozen)
    async with open_runtime({"servers": {"toy": server}}) as runtime:
        (waiting,) = running(runtime)
        if frozen:
            await until(lambda: engine("inspect", "--format", "{{.State.Paused}}", waiting) == "true")
        engine("kill", waiting)
        await removed([waiting])
        async with runtime.session() as session:
            assert (await told(session))["count"] == 1


async def test_one_that_is_killed_in_a_session(make_server: Any, open_runtime: Any) -> None:
    """The call under way fails by name, the next one has a new container."""
    async with open_runtime({"servers": {"toy": make_server("counts", **COUNTS)}}) as runtime:
        (own,) = running(runtime)
        async with runtime.session() as session, anyio.create_task_group() as tasks:
            await told(session)

            async def lost() -> None:
                await session.call("toy_echo", {"text": "hang"})
                result = await session.call("toy_echo", {"text": "x"})
                assert result.is_error
                assert "the server ended" in result.text

            tasks.start_soon(lost)
            await anyio.sleep(0.3)
            engine("kill", own)
            await until(lambda: own not in running(runtime))
            assert (await told(session))["count"] == 1


async def test_frozen_ones_are_thawed_by_their_session(make_server: Any, open_runtime: Any) -> None:
    """The engine shows that one is frozen; a session's first call is answered, and the session goes on."""
    server = make_server("counts", **COUNTS, warm_frozen=True)
    async with open_runtime({"servers": {"toy": server}}) as runtime:
        (waiting,) = running(runtime)
        await until(lambda: engine("inspect", "--format", "{{.State.Paused}}", waiting) == "true")
        async with runtime.session() as session:
            assert [(await told(session))["count"], (await told(session))["count"]] == [1, 2]
            assert engine("inspect", "--format", "{{.State.Paused}}", waiting) == "false"


async def test_a_runtime_that_closes_while_servers_are_started(make_server: Any, open_runtime: Any) -> None:
    """Nothing is left, also of those that were on their way."""
    config = {"servers": {"toy": make_server("counts", **COUNTS, warm=4)}}
    async with open_runtime(config) as runtime, runtime.session() as session:
        await told(session)


def engine(*words: str) -> str:
    """Ask the engine as anybody would."""
    return subprocess.run(["docker", *words], capture_output=True, text=True, timeout=60, check=True).stdout.strip()
