"""The agent's own commands, in the sandbox of its session: on a real engine, and on the local backend."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from massgen_core import FileReference, Image, Progress, SandboxBackend, Session, ToolResult
from tests.together.conftest import OpenRuntime

pytestmark = [pytest.mark.docker, pytest.mark.anyio]

Call = Callable[..., Awaitable[ToolResult]]
Opened = Callable[..., AbstractAsyncContextManager[tuple[Session, Call]]]

DOCKER: dict[str, Any] = {"shell": {}}
LOCAL: dict[str, Any] = {"shell": {"sandbox": "local"}}
BWRAP = pytest.mark.skipif(shutil.which("bwrap") is None, reason="there is no bubblewrap here")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A workspace that does not belong to root, and that its owner can reach."""
    with tempfile.TemporaryDirectory() as made:
        if os.geteuid() == 0:
            os.chown(made, 1234, 1234)
        yield Path(made)


@pytest.fixture
def opened(open_runtime: OpenRuntime) -> Opened:
    """Open a session of a runtime with these tools; nothing may be left of it."""

    @asynccontextmanager
    async def open_session(
        config: dict[str, Any], workspace: Path | None = None
    ) -> AsyncGenerator[tuple[Session, Call]]:
        async with open_runtime(config) as runtime, runtime.session(workspace=workspace) as session:
            yield session, caller(session)

    return open_session


def caller(session: Session) -> Call:
    async def call(name: str, **arguments: Any) -> ToolResult:
        with anyio.fail_after(120):
            return await session.call(name, arguments)

    return call


@pytest.mark.parametrize("config", [DOCKER, pytest.param(LOCAL, marks=BWRAP)], ids=["docker", "local"])
class TestBoth:
    """What an agent gets does not depend on what runs its sandbox."""

    async def test_a_command_in_the_workspace(self, config: dict[str, Any], folder: Path, opened: Opened) -> None:
        async with opened(config, folder) as (_, call):
            result = await call("execute_command", command="pwd; echo data > file; echo bad >&2; exit 3")
        assert result.structured["stdout"] == "/workspace\n"
        assert result.structured["stderr"] == "bad\n"
        assert result.structured["exit_code"] == 3
        assert result.text.startswith("/workspace\n[stderr]\nbad\n[exit code 3]")
        assert not result.is_error
        assert (folder / "file").read_text() == "data\n"
        assert "protections hold" in result.structured["isolation"]

    async def test_long_output_is_shown_in_part_and_kept_as_a_whole(
        self, config: dict[str, Any], folder: Path, opened: Opened
    ) -> None:
        whole = "".join(f"{number}\n" for number in range(100_000)).encode()
        async with opened(config, folder) as (_, call):
            result = await call("execute_command", command="seq 0 99999; echo end >&2")
            file = result.structured["stdout_file"]
            check = await call("execute_command", command=f"md5sum < {file}")
        shown = result.structured["stdout"]
        assert shown.startswith("0\n1\n")
        assert shown.endswith("99998\n99999\n")
        assert "bytes left out" in shown
        assert result.structured["stdout_bytes"] == len(whole)
        assert f"[all of stdout is in {file}]" in result.text
        assert result.structured["stderr_file"] is None
        assert check.structured["stdout"].split()[0] == hashlib.md5(whole).hexdigest()

    async def test_out_of_time_is_an_error_with_what_was_said(
        self, config: dict[str, Any], folder: Path, opened: Opened
    ) -> None:
        async with opened(config, folder) as (_, call):
            result = await call("execute_command", command="echo begun; (setsid sleep 77 &); sleep 77", timeout=0.5)
            after = await call("execute_command", command="cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
        assert result.is_error
        assert result.structured["timed_out"]
        assert result.structured["exit_code"] is None
        assert result.structured["stdout"] == "begun\n"
        assert "sleep 77" not in after.structured["stdout"]

    async def test_a_python_program_with_its_traceback(
        self, config: dict[str, Any], folder: Path, opened: Opened
    ) -> None:
        async with opened(config, folder) as (_, call):
            good = await call("run_python", code="print(input() * 2)", stdin="ab\n")
            bad = await call("run_python", code="def f():\n    return 1 / 0\nf()\n")
        assert good.structured["stdout"] == "abab\n"
        assert bad.structured["exit_code"] == 1
        assert "return 1 / 0" in bad.structured["stderr"]

    async def test_a_background_process_from_start_to_end(
        self, config: dict[str, Any], folder: Path, opened: Opened
    ) -> None:
        async with opened(config, folder) as (_, call):
            loop = "echo up; while read line; do echo got $line; done; echo over >&2; exit 5"
            started = await call("process_start", command=loop)
            id = started.structured["id"]
            assert started.structured["running"]
            first = await call("process_wait", id=id, until="up", timeout=30)
            assert first.structured["stdout"] == "up\n"
            await call("process_input", id=id, text="one\ntwo\n")
            said = await call("process_wait", id=id, until="got two", timeout=30, cursor=first.structured["cursor"])
            assert said.structured["stdout"] == "got one\ngot two\n"
            assert "running" in (await call("process_list")).text
            await call("process_input", id=id, end=True)
            last = await call("process_wait", id=id, timeout=30, cursor=said.structured["cursor"])
            assert (last.structured["stderr"], last.structured["exit_code"]) == ("over\n", 5)
            assert not last.structured["running"]
            again = await call("process_output", id=id)
            assert again.structured["stdout"] == "up\ngot one\ngot two\n"
            assert (await call("process_input", id=id, text="x")).is_error

    async def test_a_kill_ends_everything_that_it_started(
        self, config: dict[str, Any], folder: Path, opened: Opened
    ) -> None:
        async with opened(config, folder) as (_, call):
            started = await call("process_start", command="(setsid sleep 78 &) ; sleep 78 & wait")
            id = started.structured["id"]
            assert "was killed" in (await call("process_signal", id=id, signal="SIGKILL")).text
            ended = await call("process_wait", id=id, timeout=30)
            assert not ended.structured["running"]
            left = await call("execute_command", command="cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
        assert "sleep 78" not in left.structured["stdout"]

    async def test_a_signal_reaches_it(self, config: dict[str, Any], folder: Path, opened: Opened) -> None:
        async with opened(config, folder) as (_, call):
            trap = "trap 'echo asked; exit 7' TERM; echo ready; while :; do sleep 0.1; done"
            id = (await call("process_start", command=trap)).structured["id"]
            await call("process_wait", id=id, until="ready", timeout=30)
            await call("process_signal", id=id)
            ended = await call("process_wait", id=id, timeout=30)
        assert (ended.structured["stdout"], ended.structured["exit_code"]) == ("ready\nasked\n", 7)

    async def test_files_in_and_out(self, config: dict[str, Any], folder: Path, opened: Opened) -> None:
        async with opened(config, folder) as (_, call):
            sent = await call("upload_file", path="/workspace/a b\n.sh", content="echo ran\n", mode="755")
            assert not sent.is_error, sent.text
            ran = await call("execute_command", command="sh '/workspace/a b\n.sh'; stat -c %a '/workspace/a b\n.sh'")
            assert ran.structured["stdout"] == "ran\n755\n"
            (folder / "bytes").write_bytes(bytes(range(256)))
            (folder / "dot.png").write_bytes(b"\x89PNG")
            part = await call("download_file", path="/workspace/a b\n.sh", offset=5, limit=2)
            assert part.content[0].text == "ra"  # pyright: ignore[reportAttributeAccessIssue]
            assert "go on at offset 7" in part.text
            raw = (await call("download_file", path="/workspace/bytes")).content[0]
            assert isinstance(raw, FileReference)
            assert raw.data == bytes(range(256))
            picture = (await call("download_file", path="/workspace/dot.png")).content[0]
            assert picture == Image(data=b"\x89PNG", mime_type="image/png")
            (folder / "text").write_text("éé")
            letters = await call("download_file", path="/workspace/text", limit=3)
            assert letters.text == "é\n[there is more; go on at offset 2]"
            behind = await call("download_file", path="/workspace/text", offset=4)
            assert behind.text == "[there is nothing from offset 4 on: the file is shorter]"
            missing = await call("download_file", path="/workspace/nowhere")
            assert missing.is_error
            assert "/workspace/nowhere" in missing.text

    async def test_a_command_may_remove_all_temporary_files(
        self, config: dict[str, Any], folder: Path, opened: Opened
    ) -> None:
        async with opened(config, folder) as (_, call):
            await call("execute_command", command="rm -rf /tmp/*")
            long = await call("execute_command", command="seq 0 99999")
            assert long.structured["stdout_file"] is not None, long.text[-300:]
            await call("execute_command", command="rm -rf /tmp/*")
            program = await call("run_python", code="print(1)")
        assert program.text.startswith("1\n"), program.text

    async def test_sessions_do_not_see_each_other(
        self, config: dict[str, Any], folder: Path, open_runtime: OpenRuntime
    ) -> None:
        async with open_runtime(config) as runtime, runtime.session() as one, runtime.session() as other:
            await one.call("execute_command", {"command": "echo mine > /tmp/secret; sleep 99 &"})
            seen = await other.call("execute_command", {"command": "ls /tmp/secret; cat /proc/[0-9]*/cmdline"})
            assert "cannot access" in seen.structured["stderr"]
            assert "sleep99" not in seen.structured["stdout"].replace("\0", "")

    async def test_wrong_arguments_say_what_is_wrong(
        self, config: dict[str, Any], folder: Path, opened: Opened
    ) -> None:
        async with opened(config, folder) as (_, call):
            folderless = await call("execute_command", command="true", workdir="/nowhere")
            unknown = await call("process_output", id="9")
            broken = await call("upload_file", path="/tmp/x", content="?", encoding="base64")
            letter = await call("upload_file", path="/tmp/x", content="é", encoding="base64")
        assert folderless.is_error
        assert "/nowhere" in folderless.text
        assert unknown.text == "there is no process '9'; there are: none"
        assert "not base64" in broken.text
        assert "not base64" in letter.text


async def test_progress_tells_the_last_line(opened: Opened) -> None:
    seen: list[Any] = []

    async def note(event: Any) -> None:
        seen.append(event)

    async with opened(DOCKER) as (session, _):
        command = "for i in 1 2 3 4 5 6 7 8; do echo line $i; sleep 0.1; done"
        await session.call("execute_command", {"command": command}, on_event=note)
    assert seen
    assert all(isinstance(event, Progress) and str(event.message).startswith("line ") for event in seen)


async def test_a_sandbox_that_ended_is_started_anew_and_said_so(opened: Opened) -> None:
    async with opened({"shell": {"lifetime": 3}}) as (_, call):
        await call("execute_command", command="echo kept > /tmp/file")
        cut = await call("execute_command", command="sleep 60")
        assert cut.is_error
        anew = await call("execute_command", command="cat /tmp/file")
        assert "No such file" in anew.structured["stderr"]
        assert "The sandbox was started anew" in anew.text
        assert "started anew" not in (await call("execute_command", command="true")).text


async def test_a_read_only_workspace_is_one(folder: Path, opened: Opened) -> None:
    async with opened({"shell": {"workspace": "read"}}, folder) as (_, call):
        result = await call("execute_command", command="touch file")
    assert "Read-only file system" in result.structured["stderr"]


async def test_output_that_does_not_fit_is_said(opened: Opened) -> None:
    async with opened({"shell": {"tmpfs": {"/tmp": "1MiB"}}}) as (_, call):
        result = await call("execute_command", command="head -c 3000000 /dev/zero | tr '\\0' x")
    assert result.structured["stdout_bytes"] == 3_000_000
    assert result.structured["stdout_file"] is None
    assert "the whole output could not be kept" in result.text
    assert "No space left" in result.text


async def test_at_most_so_many_processes(opened: Opened) -> None:
    async with opened({"shell": {"processes": 2}}) as (_, call):
        for _ in range(2):
            await call("process_start", command="sleep 60", wait=0)
        refused = await call("process_start", command="sleep 60")
        assert refused.is_error
        assert "end one first: 1, 2" in refused.text
        await call("process_signal", id="1", signal="SIGKILL")
        await call("process_wait", id="1", timeout=30)
        assert not (await call("process_start", command="sleep 60", wait=0)).is_error


async def test_a_flood_in_the_background_is_kept_in_part(opened: Opened) -> None:
    async with opened(DOCKER) as (_, call):
        id = (await call("process_start", command="yes | head -c 5000000", wait=0)).structured["id"]
        ended = await call("process_wait", id=id, timeout=60, limit=100)
    assert ended.structured["exit_code"] == 0
    assert ended.structured["missed"] == 5_000_000 - 1024 * 1024
    assert len(ended.structured["stdout"]) == 100


async def test_who_may_only_read_runs_nothing(folder: Path, open_runtime: OpenRuntime) -> None:
    async with open_runtime(DOCKER) as runtime, runtime.session(workspace=folder, allow=["read"]) as session:
        refused = await session.call("execute_command", {"command": "true"})
    assert "not allowed" in refused.text


async def test_nothing_is_left_of_a_session(open_runtime: OpenRuntime) -> None:
    async with open_runtime(DOCKER) as runtime:
        backend = runtime.service(SandboxBackend, "docker")
        async with runtime.session() as session:
            await session.call("execute_command", {"command": "sleep 60 &"})
            assert len(backend.sandboxes) == 1
        assert len(backend.sandboxes) == 0


async def test_a_secret_reaches_commands_as_a_placeholder_or_where_it_was_asked_for_as_a_file(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read is what the variable holds when the session's sandbox starts."""
    monkeypatch.setenv("OLD_TOKEN", "first")
    monkeypatch.setenv("OTHER", "not-to-be-seen")
    secrets = {"TOKEN": {"source": "env:OLD_TOKEN", "as": "file"}, "KEY": "env:OTHER"}
    async with opened({"shell": {"network": ["example.org:443"], "secrets": secrets}}) as (_, call):
        monkeypatch.setenv("OLD_TOKEN", "second")
        said = await call("execute_command", command='cat "$TOKEN_FILE"; echo; env')
        assert said.structured["stdout"].startswith("second\n")
        assert "KEY=massgen-secret-" in said.structured["stdout"]
        assert "not-to-be-seen" not in said.text


async def test_a_folder_with_a_secrets_file_is_not_mounted(opened: Opened, folder: Path) -> None:
    (folder / "token").write_text("x")
    secrets = {"TOKEN": {"source": f"file:{folder}/token", "as": "file"}}
    (folder / "token").chmod(0o600)
    async with opened({"shell": {"secrets": secrets}}, folder) as (_, call):
        refused = await call("execute_command", command="true")
        assert refused.is_error
        assert "holds a secret (`shell.secrets.TOKEN`)" in refused.text
