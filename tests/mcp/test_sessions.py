"""Tests of servers that each session has for itself, and of those that wait for one."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from standing import SERVERS, Standing, Standings

from massgen_core import Runtime, Session, ToolResult
from massgen_core.errors import PluginError, SandboxExited
from massgen_core.mcp import member, provider
from massgen_core.mcp.restarts import Restarts
from massgen_core.mcp.workspaces import Workspaces
from massgen_core.sandbox import Mount
from massgen_core.testing import open_test_runtime

pytestmark = pytest.mark.anyio

HOST = {"command": sys.executable, "args": [str(SERVERS / "counts.py")], "sandbox": "none", "scope": "session"}
BOX = {"image": "counts", "sandbox": "host", "scope": "session"}


class Watched:
    """A runtime with one server ``toy``, and what it said."""

    def __init__(self, runtime: Runtime, said: list[str]) -> None:
        self.runtime = runtime
        self.said = said

    def session(self, **options: Any) -> AbstractAsyncContextManager[Session]:
        return self.runtime.session(**options)

    async def says(self, words: str) -> str:
        """Wait for a line with these words."""
        return await until(lambda: next((line for line in self.said if words in line), None))


Open = Callable[..., AbstractAsyncContextManager[Watched]]


@pytest.fixture
def backend(tmp_path: Path) -> Standings:
    (tmp_path / "secrets").mkdir()
    return Standings(tmp_path / "secrets")


@pytest.fixture
def opened(backend: Standings, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open a runtime with a server ``toy``, which is quick to be started again."""
    quick = Restarts(first=0.01, longest=0.05, attempts=3, patience=0.5)
    monkeypatch.setattr(provider, "Restarts", lambda: quick)

    @asynccontextmanager
    async def open_toy(base: Any = BOX, plugin: Any = None, **settings: Any) -> AsyncGenerator[Watched]:
        said: list[str] = []
        config = {"servers": {"toy": {**base, **settings}}, "plugins": {"mcp": plugin} if plugin else {}}
        with anyio.fail_after(60):
            async with open_test_runtime(backend.plugin(), config=config, report=said.append) as runtime:
                yield Watched(runtime, said)
        assert backend.running == []

    return open_toy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


async def until(found: Callable[[], Any]) -> Any:
    """Wait for something that tells nobody."""
    while not (value := found()):  # noqa: ASYNC110
        await anyio.sleep(0.005)
    return value


async def echo(session: Session, text: str = "x", **options: Any) -> ToolResult:
    return await session.call("toy_echo", {"text": text}, **options)


async def told(session: Session, text: str = "x") -> dict[str, Any]:
    """What the session's server says of itself."""
    return json.loads((await echo(session, text)).raise_for_error().text)


def waiting(backend: Standings) -> list[Standing]:
    """Those that have listed their tools and belong to nobody."""
    return [each for each in backend.running if each.spec.turn.startswith("warm ")]


@pytest.mark.parametrize("base", [HOST, BOX])
@pytest.mark.parametrize("warm", [0, 2])
async def test_each_session_has_a_process_of_its_own(opened: Open, base: Any, warm: int) -> None:
    """Neither sees what the other left in it, all calls of one share it, and it goes with the session."""
    async with opened(base, warm=warm) as toy:
        assert [entry.name for entry in toy.runtime.tools] == ["toy_echo"]
        async with toy.session() as one, toy.session() as other:
            first, second = await told(one), await told(other)
            assert first["pid"] != second["pid"]
            assert (first["count"], second["count"]) == (1, 1)
            assert (await told(one)) == {**first, "count": 2}
            assert (await told(other)) == {**second, "count": 2}
        for pid in (first["pid"], second["pid"]):
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
        async with toy.session() as third:
            assert (await told(third))["count"] == 1


async def test_the_first_that_was_started_waits_for_a_session(opened: Open, backend: Standings) -> None:
    """Listing the tools starts one; a session gets it, and another is started in its place, with a turn of its own."""
    async with opened() as toy:
        (lister,) = backend.started
        assert lister.spec.turn == "warm toy"
        async with toy.session() as session:
            assert (await told(session))["pid"] == lister.pid
            await until(lambda: len(backend.started) == 2)
        assert backend.started[1].spec == lister.spec


async def test_a_session_that_calls_nothing_starts_nothing(opened: Open, backend: Standings) -> None:
    async with opened(warm=0) as toy:
        await until(lambda: not backend.running)
        async with toy.session():
            pass
        assert len(backend.started) == 1  # for the list of tools


async def test_one_that_nobody_keeps_is_started_for_its_session(opened: Open, backend: Standings) -> None:
    """With ``warm = 0`` none waits; what is started has its session's turn."""
    async with opened(warm=0) as toy, toy.session() as session:
        await told(session)
        assert [each.spec.turn for each in backend.started] == ["warm toy", session.id]


async def test_a_server_is_used_by_one_session_only(opened: Open, backend: Standings) -> None:
    """Thirty sessions one after the other see thirty processes, each at its first call."""
    async with opened(HOST, warm=2) as toy:
        seen: list[dict[str, Any]] = []
        for _ in range(30):
            async with toy.session() as session:
                seen.append(await told(session))
        assert len({each["pid"] for each in seen}) == 30
        assert {each["count"] for each in seen} == {1}


async def test_twenty_sessions_at_once(opened: Open, backend: Standings) -> None:
    """All get their own; after the storm as many wait as memory allows, and no more."""
    pids: list[int] = []

    async def use(toy: Watched) -> None:
        async with toy.session() as session:
            pids.append((await told(session))["pid"])

    async with opened(warm=2, memory="64MiB", plugin={"warm_memory": "192MiB"}) as toy:
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(use, toy)
        assert len(set(pids)) == 20
        await until(lambda: len(backend.running) == 3)
        await anyio.sleep(0.3)
        assert len(backend.running) == 3


async def test_memory_bounds_those_that_wait(opened: Open, backend: Standings) -> None:
    """What the settings ask for beyond it is said once."""
    async with opened(warm=3, memory="64MiB", plugin={"warm_memory": "130MiB"}) as toy:
        line = await toy.says("are kept ready")
        assert line == ("toy: 2 of 3 are kept ready: more would be past `plugins.mcp.warm_memory`, 130.0MiB")
        assert len(backend.running) == 2


async def test_all_servers_share_the_memory(opened: Open, backend: Standings) -> None:
    """Two servers of one runtime together keep what it has room for."""
    servers = {"one": {**BOX, "warm": 3, "memory": "64MiB"}, "two": {**BOX, "warm": 3, "memory": "64MiB"}}
    config = {"servers": servers, "plugins": {"mcp": {"warm_memory": "256MiB"}}}
    with anyio.fail_after(60):
        async with open_test_runtime(backend.plugin(), config=config):
            await until(lambda: len(backend.running) == 4)
            await anyio.sleep(0.3)
            assert len(backend.running) == 4
    assert backend.running == []


async def test_one_that_dies_while_it_waits_is_handed_to_nobody(opened: Open, backend: Standings) -> None:
    """Killed before a session comes, it is seen to be gone, and the session gets another."""
    async with opened() as toy:
        (lister,) = backend.started
        await lister.main.kill()
        await until(lambda: lister not in backend.running)
        async with toy.session() as session:
            assert (await told(session))["pid"] != lister.pid
        assert toy.runtime.failures == ()


async def test_one_that_dies_in_a_session_is_started_again_by_the_next_call(opened: Open, backend: Standings) -> None:
    """The call under way fails by name and is not sent again; other sessions go on with theirs."""
    async with opened() as toy, toy.session() as one, toy.session() as other:
        before, beside = await told(one), await told(other)
        lost = await echo(one, "die")
        assert lost.is_error
        assert "MCP server 'toy': the server ended: exit code 3" in lost.text
        assert "fatal: told to" in lost.text
        count = len(backend.started)
        assert await toy.says(f"session {one.id}: MCP server 'toy': the server ended: exit code 3; it is started again")
        await until(lambda: len(waiting(backend)) >= 1)
        after = await told(one)
        assert (after["pid"] != before["pid"], after["count"]) == (True, 1)
        assert (await told(other)) == {**beside, "count": 2}
        assert count <= len(backend.started)


async def test_one_that_does_not_start_says_why(opened: Open, backend: Standings) -> None:
    """Its session's call fails with the reason, and a later one tries again."""
    async with opened(warm=0) as toy, toy.session() as session:
        backend.missing = True
        failed = await echo(session)
        assert failed.is_error
        assert "there is no such image" in failed.text
        backend.missing = False
        assert (await told(session))["count"] == 1


async def test_a_server_that_lists_nothing_at_the_start_fails_the_runtime(opened: Open, backend: Standings) -> None:
    backend.missing = True
    with pytest.raises(PluginError, match="there is no such image"):
        async with opened():
            pass


async def test_a_caller_that_gives_up_leaves_the_start_to_the_next(opened: Open, backend: Standings) -> None:
    async with opened(warm=0) as toy, toy.session() as session:
        backend.gate = anyio.Event()
        assert (await echo(session, timeout=0.05)).is_error
        backend.gate.set()
        assert (await told(session))["count"] == 1
        assert len(backend.started) == 2  # one listed the tools


async def test_starts_that_fail_are_tried_with_pauses_and_then_no_more(opened: Open, backend: Standings) -> None:
    """What cannot be kept ready is given up, until a session has managed to start one."""
    async with opened() as toy:
        backend.missing = True
        async with toy.session() as session:
            await told(session)
            await until(lambda: not waiting(backend) or backend.started[0].spec.turn)
        with anyio.fail_after(30):
            await toy.says("none is kept ready until a session has started one: there is no such image")
        backend.missing = False
        async with toy.session() as session:
            await told(session)
            await until(lambda: len(backend.running) == 2)


async def test_closing_while_one_is_being_started(opened: Open, backend: Standings) -> None:
    """A runtime that closes in the middle of a refill leaves nothing, and does not wait for it."""
    async with opened() as toy, toy.session() as session:
        backend.gate = anyio.Event()
        await told(session)
        await until(lambda: backend.waiting)
    assert backend.running == []


async def test_closing_while_one_is_about_to_be_started(
    opened: Open, backend: Standings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be interrupted on its way to a start does not end in one any more."""
    asked, answer = anyio.Event(), anyio.Event()
    ahead = Workspaces.ahead

    async def slowly(*arguments: Any) -> Any:
        with anyio.CancelScope(shield=len(backend.started) > 0 and len(arguments) == 2):
            asked.set()
            await answer.wait()
        return await ahead(*arguments)

    async with anyio.create_task_group() as tasks, opened(warm=1) as toy, toy.session() as session:
        monkeypatch.setattr(Workspaces, "ahead", slowly)
        tasks.start_soon(echo, session)
        await asked.wait()
        answer.set()
        await until(lambda: len(backend.running) == 2)
        asked, answer = anyio.Event(), anyio.Event()
        await backend.running[-1].main.kill()
        await asked.wait()
        tasks.start_soon(_soon, answer)
    assert backend.running == []


async def _soon(event: anyio.Event) -> None:
    await anyio.sleep(0.3)
    event.set()


async def test_a_session_that_ends_while_its_server_starts(opened: Open, backend: Standings) -> None:
    async with opened(warm=0) as toy:
        await until(lambda: not backend.running)
        backend.gate = anyio.Event()
        async with toy.session() as session:
            await echo(session, timeout=0.05)
        assert backend.running == []


async def test_those_that_wait_are_frozen(opened: Open, backend: Standings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the backend can and the settings say so; one is thawed by the call that claims it."""
    monkeypatch.setattr(member, "QUIET", 0.01)
    async with opened(warm_frozen=True) as toy:
        (lister,) = backend.started
        await lister.paused.wait()
        async with toy.session() as session:
            assert (await told(session))["pid"] == lister.pid
            assert lister.thaws == 1


async def test_one_that_dies_while_it_is_frozen(opened: Open, backend: Standings, monkeypatch: Any) -> None:
    monkeypatch.setattr(member, "QUIET", 0.01)
    async with opened(warm_frozen=True) as toy:
        (lister,) = backend.started
        await lister.paused.wait()
        await lister.main.kill()
        async with toy.session() as session:
            assert (await told(session))["pid"] != lister.pid


async def test_one_that_hangs_when_it_is_thawed_is_passed_over(
    opened: Open, backend: Standings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frozen server that does not come back to life is ended, and the session gets another."""
    monkeypatch.setattr(member, "QUIET", 0.01)
    monkeypatch.setattr(member, "THAW_PATIENCE", 0.2)
    async with opened(warm_frozen=True) as toy:
        (lister,) = backend.started
        await lister.paused.wait()

        async def stay_frozen() -> None:
            pass

        lister.resume = stay_frozen
        async with toy.session() as session:
            assert (await told(session))["pid"] != lister.pid
        assert any("one that waited was of no use: " in line and "no sign of life" in line for line in toy.said)


async def test_a_backend_that_cannot_freeze_is_not_asked_to(
    opened: Open, backend: Standings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member, "QUIET", 0.01)
    backend.abilities = frozenset()
    async with opened(warm_frozen=True) as toy:
        await anyio.sleep(0.2)
        assert not backend.started[0].paused.is_set()
        async with toy.session() as session:
            assert (await told(session))["pid"] == backend.started[0].pid


async def test_one_that_hangs_while_it_waits_is_replaced(opened: Open, backend: Standings) -> None:
    """With a ``health_interval`` it is asked, and one that does not answer is ended."""
    async with opened(health_interval=0.05):
        (lister,) = backend.started
        os.kill(lister.pid, 19)
        await until(lambda: lister not in backend.running)


async def test_one_that_waited_too_long_is_replaced(opened: Open, backend: Standings) -> None:
    async with opened(warm_age=0.5) as toy:
        (lister,) = backend.started
        await until(lambda: lister not in backend.running and len(backend.started) > 1)
        async with toy.session() as session:
            assert (await told(session))["pid"] != lister.pid


async def test_a_lifetime_is_not_spent_waiting(opened: Open, backend: Standings) -> None:
    """A server that may live for two seconds waits half a one, whatever ``warm_age`` says."""
    async with opened(lifetime=2):
        (lister,) = backend.started
        await until(lambda: lister not in backend.running)


async def test_a_renewed_secret_reaches_the_next_session(
    opened: Open, backend: Standings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits with the old value is ended, and nobody gets it."""
    monkeypatch.setenv("TOY_TOKEN", "old-value")
    async with opened(secrets={"TOKEN": "env:TOY_TOKEN"}, warm=2) as toy:
        await until(lambda: len(backend.running) == 2)
        stale = list(backend.running)
        async with toy.session() as session:
            assert (await echo(session)).text.count("***") == 1  # the value itself is struck out
        await until(lambda: len(backend.running) == 2)
        left = [each for each in stale if each in backend.running]
        monkeypatch.setenv("TOY_TOKEN", "new-value")
        async with toy.session() as session:
            await told(session)
            claimed = next(each for each in backend.running if each.spec.turn == session.id)
            assert [secret.value for secret in claimed.spec.secrets] == ["new-value"]
            await until(lambda: not any(each in backend.running for each in left))
            await until(lambda: len(waiting(backend)) == 2)
        assert {secret.value for each in backend.running for secret in each.spec.secrets} == {"new-value"}


async def test_tools_that_change_in_one_session_stay_as_they_are_for_all(opened: Open) -> None:
    """The change is told once; what is offered is what was listed at the start."""
    async with opened() as toy, toy.session() as one, toy.session() as other:
        await told(one, "grow")
        line = await toy.says("its tools are not the same in each session")
        assert line.endswith("offered as at the start: one is with grown besides")
        assert [entry.name for entry in other.tools] == ["toy_echo"]
        await told(one, "grow")
        await told(other)
        assert sum("not the same in each session" in line for line in toy.said) == 1


@pytest.mark.parametrize("warm", [0, 1])
async def test_a_session_brings_its_workspace(opened: Open, backend: Standings, folder: Path, warm: int) -> None:
    """What waited gets it mounted when it is claimed; what has to be started has it from the beginning."""
    own = {"source": "session", "write": True}
    async with opened(workspace=own, warm=warm) as toy, toy.session(workspace=folder) as session:
        pid = (await told(session))["pid"]
        server = next(each for each in backend.started if each.pid == pid)
        expected = Mount(source=folder, target="/workspace", write=True)
        assert server.mounted == [expected] * warm
        assert list(server.spec.mounts) == [expected] * (1 - warm)
        assert list(server.spec.awaits) == ["/workspace"] * warm


async def test_a_session_without_a_workspace_is_told(opened: Open) -> None:
    async with opened(workspace="session") as toy, toy.session() as session:
        failed = await echo(session)
        assert failed.is_error
        assert "servers.toy.workspace: the session has no workspace\n  Open the session with one" in failed.text


async def test_a_workspace_is_checked_like_any_mount(opened: Open, tmp_path: Path) -> None:
    """What no server may see is refused in words that name the key."""
    (tmp_path / ".ssh").mkdir()
    async with opened(workspace="session") as toy, toy.session(workspace=tmp_path / ".ssh") as session:
        failed = await echo(session)
        assert failed.is_error
        assert "servers.toy.workspace: " in failed.text
        assert "credentials" in failed.text


async def test_where_no_workspace_can_be_mounted_none_is_kept_in_vain(
    opened: Open, backend: Standings, folder: Path
) -> None:
    """After three refusals in a row that is given up, and each session's server is started with its folder."""
    backend.refuses = lambda sandbox, mount: True
    async with opened(workspace="session") as toy:
        while not any("none is kept ready any more: its user cannot use the folder" in line for line in toy.said):
            async with toy.session(workspace=folder) as session:
                await told(session)
        await until(lambda: not backend.running)
        async with toy.session(workspace=folder) as session:
            await told(session)
            assert [list(each.spec.awaits) for each in backend.running] == [[]]


@pytest.mark.parametrize("write", [False, True])
async def test_what_another_server_sees_does_not_lie_in_a_workspace_to_be_written(
    backend: Standings, folder: Path, write: bool
) -> None:
    """A session's server could put a link in its way; one that only reads cannot."""
    (folder / "data").mkdir()
    beside = {"image": "counts", "sandbox": "host", "mounts": {"/data": str(folder / "data")}}
    servers = {"toy": {**BOX, "workspace": {"source": "session", "write": write}}, "beside": beside}
    with anyio.fail_after(60):
        async with (
            open_test_runtime(backend.plugin(), config={"servers": servers}) as runtime,
            runtime.session(workspace=folder) as session,
        ):
            result = await echo(session)
    assert result.is_error == write
    assert ("(servers.toy.workspace): there a sandbox could put a link" in result.text) == write


async def test_a_folder_that_is_refused_is_there_from_the_start_instead(
    opened: Open, backend: Standings, folder: Path
) -> None:
    """The session's server is started as the backend sees fit, and the next that waits runs as that user."""
    backend.refuses = lambda sandbox, mount: sandbox.spec.limits.user != "77:77"
    backend.shifted = "77:77"
    async with opened(workspace={"source": "session", "write": True}) as toy:
        async with toy.session(workspace=folder) as session:
            pid = (await told(session))["pid"]
            assert next(each for each in backend.started if each.pid == pid).spec.mounts
        mounted: list[Mount] = []
        while not mounted:  # until one has come up
            async with toy.session(workspace=folder) as session:
                pid = (await told(session))["pid"]
                mounted = next(each for each in backend.started if each.pid == pid).mounted


@pytest.mark.parametrize(
    ("settings", "abilities", "words"),
    [
        ({}, {"pause"}, "a session's workspace cannot be mounted into a sandbox that runs already"),
        ({"workdir": "/workspace/src"}, {"mount"}, "`workdir` is in /workspace, which a server that waits does not"),
    ],
)
async def test_where_a_workspace_cannot_come_later_none_waits(
    opened: Open, backend: Standings, folder: Path, settings: Any, abilities: Any, words: str
) -> None:
    """The tools are listed with an empty folder in its place, and each session's server is started with its own."""
    backend.abilities = frozenset(abilities)
    async with opened(workspace="session", warm=1, **settings) as toy:
        assert any(f"toy: none is kept ready: {words}" in line for line in toy.said)
        assert backend.started[0].spec.awaits == ()
        assert "/workspace" in backend.started[0].spec.limits.tmpfs
        async with toy.session(workspace=folder) as session:
            await told(session)
            await until(lambda: len(backend.running) == 1)
            (own,) = backend.running
            assert [mount.source for mount in own.spec.mounts] == [folder]
            assert "/workspace" not in own.spec.limits.tmpfs


async def test_sessions_outlive_a_failed_neighbour(opened: Open, backend: Standings) -> None:
    """Many sessions, some of whose servers die: each hears of its own alone."""
    async with opened(HOST, warm=2) as toy, AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(toy.session()) for _ in range(6)]
        for number, session in enumerate(sessions):
            result = await echo(session, "die" if number % 2 else "x")
            assert result.is_error == bool(number % 2)
        for number, session in enumerate(sessions):
            assert (await told(session))["count"] == (1 if number % 2 else 2)


async def test_what_was_made_for_others_is_never_handed_out(
    opened: Open, backend: Standings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a claim waits for one to thaw, another session's wish changes nothing about whom it gets."""
    monkeypatch.setattr(member, "QUIET", 0.01)
    monkeypatch.setenv("TOY_TOKEN", "old-value")
    async with opened(warm_frozen=True, secrets={"TOKEN": "env:TOY_TOKEN"}, warm=2) as toy:
        await until(lambda: len(backend.running) == 2 and all(each.paused.is_set() for each in backend.running))
        first, second = backend.running
        thawing, broken = anyio.Event(), anyio.Event()

        async def breaks() -> None:
            thawing.set()
            await broken.wait()
            raise SandboxExited("it broke")

        first.resume = breaks
        async with toy.session() as one, toy.session() as other, anyio.create_task_group() as tasks:
            tasks.start_soon(told, one)
            await thawing.wait()
            monkeypatch.setenv("TOY_TOKEN", "new-value")
            await told(other)
            await until(lambda: second not in backend.running)
            await until(lambda: any(secret.value == "new-value" for secret in newest(backend)))
            await anyio.sleep(0.3)  # one with the new value waits
            broken.set()
        claimed = next(each for each in backend.started if each.spec.turn == one.id)
        assert [secret.value for secret in claimed.spec.secrets] == ["old-value"]


def newest(backend: Standings) -> Any:
    return waiting(backend)[-1].spec.secrets if waiting(backend) else ()
