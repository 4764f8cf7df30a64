"""The audit log: a line for every attempt, whole or not at all, whatever the disk and the neighbours do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import anyio
import anyio.to_thread
import pytest

from massgen_core import PermissionDenied, Secret, ToolProvider, ToolResult, tool
from massgen_core.calls import audit
from massgen_core.calls.audit import AuditLog
from massgen_core.testing import open_test_runtime

pytestmark = pytest.mark.anyio


@tool
def login(user: str, password: Annotated[str, Secret()]) -> str:
    """Log in."""
    return f"welcome {user}"


@tool(access=["write"])
def wipe() -> None:
    """Write."""


@tool
def broken() -> ToolResult:
    """Report an error."""
    return ToolResult(is_error=True)


@tool
async def slow() -> None:
    """Take for ever."""
    await anyio.sleep_forever()


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def test_a_line_for_every_attempt(make_plugin: Any, tmp_path: Path) -> None:
    """What was allowed, failed, refused, unknown, hidden or cancelled: each attempt is one line."""
    path = tmp_path / "audit.jsonl"
    config = {"audit": {"path": str(path)}, "agents": {"a": {"allow": ["write"], "deny": ["p_broken"]}}}
    async with open_test_runtime(make_plugin("p", login, wipe, broken, slow), config=config) as runtime:
        async with runtime.session() as session:
            await session.call("p_login", {"user": "ada", "password": "sk-1"})
            await session.call("p_login", {"user": "ada", "passwort": "sk-2"})
            await session.call("p_broken")
            await session.call("p_nothing", {"x": "sk-3"})
            with anyio.move_on_after(0.01):
                await session.call("p_slow")
        async with runtime.session(agent="a") as session:
            await session.call("p_login", {"user": "ada", "password": "sk-4"})
            await session.call("p_broken")
            await session.call("p_wipe")
    lines = await anyio.to_thread.run_sync(read, path)
    assert [(line["tool"], line["agent"], line["decision"], line["outcome"]) for line in lines] == [
        ("p_login", None, "allowed", "ok"),
        ("p_login", None, "refused", "invalid_arguments"),
        ("p_broken", None, "allowed", "reported_error"),
        ("p_nothing", None, "refused", "not_found"),
        ("p_slow", None, "allowed", "cancelled"),
        ("p_login", "a", "refused", "denied"),
        ("p_broken", "a", "refused", "not_found"),
        ("p_wipe", "a", "allowed", "ok"),
    ]
    assert "sk-" not in await anyio.to_thread.run_sync(path.read_text)
    first = lines[0]
    assert first["arguments"] == {"user": "ada", "password": "[redacted]"}
    assert (first["plugin"], first["result_bytes"], len(first["result_sha256"])) == ("p", 49, 64)
    assert len({line["call"] for line in lines}) == len(lines)


async def test_the_file_is_for_its_owner_alone(make_plugin: Any, tmp_path: Path) -> None:
    """A relative path belongs to the config's folder, and nobody else may read the log."""
    config = tmp_path / "massgen.toml"
    config.write_text('[audit]\npath = "log.jsonl"\n')
    async with open_test_runtime(make_plugin("p", wipe), config=config) as runtime, runtime.session() as session:
        await session.call("p_wipe")
    status = os.stat(tmp_path / "log.jsonl")
    if os.name == "posix":
        assert status.st_mode & 0o777 == 0o600


@pytest.mark.parametrize("required", [True, False])
async def test_a_log_that_cannot_be_written(make_plugin: Any, tmp_path: Path, required: bool) -> None:
    """A required log that cannot be written refuses calls, with the reason; another one lets them through."""
    config = {"audit": {"path": str(tmp_path / "no" / "folder"), "required": required}}
    async with open_test_runtime(make_plugin("p", wipe), config=config) as runtime, runtime.session() as session:
        result = await session.call("p_wipe")
    assert result.is_error is required
    if required:
        assert isinstance(result.error, PermissionDenied)
        assert "No such file or directory" in result.text
        assert str(tmp_path / "no" / "folder") in result.text


async def test_what_could_not_be_written_is_written_later(make_plugin: Any, tmp_path: Path) -> None:
    """Lines that wait for the disk come first when it is back, in order."""
    folder = tmp_path / "later"
    config = {"audit": {"path": str(folder / "log"), "required": False}}
    async with (
        open_test_runtime(make_plugin("p", wipe, broken), config=config) as runtime,
        runtime.session() as session,
    ):
        await session.call("p_wipe")
        await session.call("p_broken")
        folder.mkdir()
        await session.call("p_wipe")
    assert [line["tool"] for line in read(folder / "log")] == ["p_wipe", "p_broken", "p_wipe"]


async def test_a_log_that_stays_away_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Only so many lines wait; how many were lost is written down."""
    monkeypatch.setattr(audit, "_MAX_PENDING", 2)
    log = AuditLog(tmp_path / "later" / "log")
    for number in range(5):
        await log.append({"n": number})
    log.path.parent.mkdir()
    assert await log.ready()
    lost, *lines = read(log.path)
    assert lost["lost_records"] == 3
    assert lines == [{"n": 3}, {"n": 4}]


def test_concurrent_writers_in_several_processes(tmp_path: Path) -> None:
    """Several processes with many tasks each write whole lines: none is torn, none is lost."""
    path = tmp_path / "log"
    script = (
        "import sys; from pathlib import Path; import anyio; from massgen_core.calls.audit import AuditLog\n"
        "async def main():\n"
        "    log = AuditLog(Path(sys.argv[1]))\n"
        "    async with anyio.create_task_group() as tasks:\n"
        "        for n in range(50):\n"
        "            tasks.start_soon(log.append, {'writer': sys.argv[2], 'number': n, 'filler': 'x' * 5000})\n"
        "anyio.run(main)\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, str(path), str(number)]) for number in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    seen = {(line["writer"], line["number"]) for line in read(path)}
    assert seen == {(str(writer), number) for writer in range(3) for number in range(50)}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 KiB, where the tests may mount one."""
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root can mount a file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


async def test_a_full_disk(small_disk: Path) -> None:
    """On a full disk a line is written whole or not at all; what waited is written when there is room again."""
    log = AuditLog(small_disk / "log")
    (small_disk / "ballast").write_bytes(b"x" * 4096)
    for number in range(10):
        await log.append({"n": number, "filler": "x" * 2000})
    assert not await log.ready()
    assert log.trouble is not None
    assert "o space left" in log.trouble or "disk may be full" in log.trouble
    written = read(log.path)
    assert 0 < len(written) < 10
    (small_disk / "ballast").unlink()
    await log.append({"n": "last", "filler": ""})
    assert [line["n"] for line in read(log.path)][: len(written)] == [line["n"] for line in written]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit to set")
def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    """A size limit for files counts like a full disk: whole lines only, and the reason is known."""
    path = tmp_path / "log"
    script = (
        "import resource, sys, anyio; from pathlib import Path; from massgen_core.calls.audit import AuditLog\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "async def main():\n"
        "    log = AuditLog(Path(sys.argv[1]))\n"
        "    for n in range(10):\n"
        "        await log.append({'n': n, 'filler': 'x' * 140})\n"
        "    print(await log.ready(), log.trouble)\n"
        "anyio.run(main)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("False ")
    assert [line["n"] for line in read(path)] == [0, 1, 2, 3, 4, 5]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no flock")
async def test_a_lock_that_is_never_released(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A process that keeps the log locked makes it unwritable; nothing hangs."""
    import fcntl

    monkeypatch.setattr(audit, "LOCK_PATIENCE", 0.05)
    path = tmp_path / "log"
    with path.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        log = AuditLog(path)
        with anyio.fail_after(5):
            await log.append({"n": 1})
        assert log.trouble == "another process has locked it for more than 0.05 s"
    assert await log.ready()
    assert read(path) == [{"n": 1}]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes")
async def test_a_pipe_is_no_log(tmp_path: Path) -> None:
    """A path that is no file makes the log unwritable; nothing hangs."""
    os.mkfifo(tmp_path / "pipe")
    log = AuditLog(tmp_path / "pipe")
    with anyio.fail_after(5):
        assert not await log.ready()


async def test_odd_results_are_recorded(make_plugin: Any, tmp_path: Path) -> None:
    """A result that is no JSON, and arguments without end, are recorded by what can be said of them."""
    circle: list[Any] = []
    circle.append(circle)

    @tool
    def odd(text: list[str]) -> ToolResult:
        """Return what JSON cannot express."""
        return ToolResult(structured=circle)

    path = tmp_path / "log"
    plugin = make_plugin("p", massgen_providers=lambda: [ToolProvider.of("p", [odd])])
    async with (
        open_test_runtime(plugin, config={"audit": {"path": str(path)}}) as runtime,
        runtime.session() as session,
    ):
        assert not (await session.call("p_odd", {"text": ["a" * 100] * 1000})).is_error
        await session.call("p_odd", {"text": [float("nan"), 10**5000, b"bytes", "\ud800"]})
    first, second = read(path)
    assert (first["result_bytes"], first["result_sha256"]) == (None, None)
    assert first["arguments"].startswith("[104010 characters, sha256 ")
    assert second["arguments"] == {"text": ["[float]", "[int]", "[bytes]", "\ud800"]}
