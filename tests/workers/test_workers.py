"""Work in processes of its own: answers, progress, limits, and no way out."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest

from massgen_core.workers import Limits, Workers, WorkFailed

pytestmark = pytest.mark.anyio
SAMPLES = "samples_of_work"


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    async with Workers(SAMPLES) as opened:
        yield opened


async def call(workers: Workers, name: str, options: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    async with workers.folder() as folder:
        return await workers.run(f"{SAMPLES}:{name}", options, folder=folder, **more)


def running(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


async def gone(*pids: int) -> None:
    def wait() -> None:
        end = time.monotonic() + 10
        while any(running(pid) for pid in pids):
            assert time.monotonic() < end
            time.sleep(0.02)

    await anyio.to_thread.run_sync(wait)


async def test_files_come_open_and_outputs_are_in_the_folder(workers: Workers, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"hello ")
    told: list[tuple[float, str | None]] = []

    async def listen(done: float, message: str | None) -> None:
        told.append((done, message))

    async with workers.folder() as folder:
        with (tmp_path / "in").open("rb") as one, (tmp_path / "in").open("rb") as two:
            files = [one.fileno(), two.fileno()]
            done = await workers.run(f"{SAMPLES}:shout", {"a": [1]}, folder=folder, files=files, told=listen)
        assert (folder / "out.txt").read_bytes() == b"HELLO HELLO "
    assert done == {"size": 12, "options": {"a": [1]}}
    assert told == [(0.5, "reading"), (1.0, None)]
    assert not folder.exists()


async def test_each_work_has_a_process_of_its_own_unless_it_is_kept(workers: Workers) -> None:
    apart = [await call(workers, "count") for _ in range(3)]
    assert [each["calls"] for each in apart] == [1, 1, 1]
    early: list[Any] = []

    async def listen(part: Any) -> None:
        early.append(part)

    kept = [await call(workers, "count", keep="model", early=listen) for _ in range(3)]
    assert [each["calls"] for each in kept] == [1, 2, 3]
    assert early == [{"chunk": 1}, {"chunk": 2}, {"chunk": 3}]


async def test_a_kept_process_writes_into_anyones_folder(workers: Workers, tmp_path: Path) -> None:
    for number in range(3):
        folder = tmp_path / str(number) / "job"
        folder.mkdir(parents=True)
        with (tmp_path / "in").open("w+b") as file:
            file.write(b"hello")
            file.seek(0)
            await workers.run(f"{SAMPLES}:shout", folder=folder, files=[file.fileno()], keep="loud")
        assert (folder / "out.txt").read_bytes() == b"HELLO"


@pytest.mark.parametrize(
    ("name", "reason", "words"),
    [
        ("refuse", "refused", "this is no picture"),
        ("stumble", "error", "KeyError: 'header'"),
        ("devour", "memory", "more memory"),
        ("crash", "ended", "SIGSEGV"),
        ("spin", "ended", "processor time"),
        ("fill", "ended", "larger file"),
    ],
)
async def test_what_goes_wrong_is_named_and_harms_nothing_else(
    workers: Workers, name: str, reason: str, words: str
) -> None:
    limits = Limits(memory=512 * 1024**2, processor=1, file_size=10 * 1024**2)
    with pytest.raises(WorkFailed, match=words) as failed:
        await call(workers, name, limits=limits, keep="kept")
    assert failed.value.reason == reason
    assert (await call(workers, "count"))["calls"] == 1


async def test_a_cancelled_call_ends_its_process_and_what_that_has_started(workers: Workers) -> None:
    pids: list[int] = []

    async def listen(done: float, message: str | None) -> None:
        pids.extend(int(word) for word in (message or "").split())
        scope.cancel()

    with anyio.CancelScope() as scope:
        await call(workers, "hang", told=listen, limits=Limits(programs=True), keep="kept")
    assert len(pids) == 2
    await gone(*pids)


async def test_many_at_once(workers: Workers) -> None:
    pids: set[int] = set()

    async def one() -> None:
        pids.add((await call(workers, "count"))["pid"])

    async with anyio.create_task_group() as tasks:
        for _ in range(40):
            tasks.start_soon(one)
    assert len(pids) == 40


async def test_a_warm_process_that_was_killed_is_started_anew(workers: Workers) -> None:
    first = await call(workers, "count")
    os.kill(first["parent"], signal.SIGKILL)
    await gone(first["parent"])
    again = await call(workers, "count")
    assert again["calls"] == 1
    assert again["pid"] != first["pid"]


@pytest.mark.skipif(sys.platform != "linux", reason="what is refused elsewhere is less, and said")
async def test_there_is_no_way_out(workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hush")
    (tmp_path / "secret").write_text("hush")
    (tmp_path / "victim").write_text("whole")
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(str(tmp_path / "unix"))
    unix.listen()
    with unix, socket.create_server(("127.0.0.1", 0)) as server:
        options = {
            "secret": str(tmp_path / "secret"),
            "victim": str(tmp_path / "victim"),
            "unix": str(tmp_path / "unix"),
            "pid": os.getpid(),
            "port": server.getsockname()[1],
        }
        came = (await call(workers, "attack", options))["came"]
    assert {name: outcome for name, outcome in came.items() if outcome.startswith("did it")} == {}
    assert (tmp_path / "victim").read_text() == "whole"
