"""The supervisor itself, run as a process of this machine: its streams, its trees, and what hostile ones come to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import anyio.abc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from massgen_sandbox_docker.engine.framing import HEAD
from massgen_sandbox_docker.supervised.client import Supervisor
from massgen_sandbox_docker.supervised.command import SupervisedCommand
from massgen_sandbox_docker.supervised.idle import supervisor_command
from massgen_sandbox_docker.supervised.inside.wire import MOST_COMMANDS, NUMBER, WINDOW

from massgen_core.errors import SandboxError, SandboxExited
from massgen_core.sandbox import ExecResult, ExitStatus
from massgen_core.sandbox.background import background
from massgen_core.sandbox.inside.trees import descendants
from massgen_core.sandbox.running import run_to_end

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(sys.platform != "linux", reason="it runs in Linux containers")]


class Piped:
    """`massgen_core.sandbox.Process` for a process of this machine."""

    def __init__(self, process: anyio.abc.Process) -> None:
        self.process = process

    async def send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        try:
            await self.process.stdin.send(data)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise SandboxExited("it is gone") from error

    async def send_eof(self) -> None:
        assert self.process.stdin is not None
        await self.process.stdin.aclose()

    async def receive(self) -> bytes:
        assert self.process.stdout is not None
        return await self.process.stdout.receive()

    def stderr_tail(self) -> str:
        return ""

    async def wait(self) -> ExitStatus:
        code = await self.process.wait()
        return ExitStatus(code=code, reason=f"exit code {code}")

    async def kill(self) -> None:
        self.process.kill()


@asynccontextmanager
async def running(*before: str) -> AsyncGenerator[tuple[Supervisor, anyio.abc.Process]]:
    command = [*before, sys.executable, *supervisor_command()[1:]]
    process = await anyio.open_process(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None)
    try:
        async with background() as tasks:
            client = Supervisor(Piped(process))
            tasks.start_soon(client.run)
            with anyio.fail_after(20):
                assert await client.ready()
            yield client, process
    finally:
        with anyio.CancelScope(shield=True):
            if process.returncode is None:
                process.kill()
            await process.aclose()


async def run(client: Supervisor, *argv: str, stdin: bytes | None = None, deadline: float = 30) -> ExecResult:
    spawned = client.spawn(argv, env=None, workdir=None, stdin=stdin is not None)
    return await run_to_end(spawned, stdin=stdin, deadline=deadline)


def below(pid: int) -> set[int]:
    """What still lives below a supervisor, but for keepers that wait for a command, or are on their way out."""
    own = Path(f"/proc/{pid}/cmdline").read_bytes()
    found = set[int]()
    for each in descendants(pid):
        with suppress(OSError):
            if Path(f"/proc/{each}/cmdline").read_bytes() not in (own, b""):
                found.add(each)
    return found


async def test_a_command_sees_nothing_of_the_others() -> None:
    """Of the descriptors of the supervisor and of other commands none is open in a command."""
    look = "import os; print(sorted(int(f) for f in os.listdir('/proc/self/fd')))"
    async with running() as (client, _), client.spawn(["cat"], env=None, workdir=None, stdin=True):
        result = await run(client, sys.executable, "-I", "-S", "-c", look, stdin=b"")
        assert json.loads(result.stdout) == [0, 1, 2, 3]  # the last one is the listing's own


async def test_many_commands_leave_nothing_open() -> None:
    """After many commands the supervisor has as many descriptors and children as before."""
    async with running() as (client, process):
        await run(client, "true")
        before = len(os.listdir(f"/proc/{process.pid}/fd"))
        for _ in range(50):
            assert (await run(client, "sh", "-c", "cat; exit 3", stdin=b"x")).exit_code == 3
        for _ in range(10):
            with pytest.raises(SandboxError, match="no/such/program"):
                await run(client, "/no/such/program")
        for _ in range(500):  # the last keeper ends a moment after it has said how its command did
            if len(os.listdir(f"/proc/{process.pid}/fd")) <= before and not below(process.pid):
                return
            await anyio.sleep(0.02)
        pytest.fail("something stayed open")


async def test_more_commands_than_places_wait_for_one() -> None:
    """Beyond the most that run at once the next ones wait, and all come to their end."""
    results: list[ExecResult] = []
    async with running() as (client, _), anyio.create_task_group() as tasks:

        async def one() -> None:
            results.append(await run(client, "sh", "-c", "sleep 0.2; echo done"))

        for _ in range(MOST_COMMANDS + 20):
            tasks.start_soon(one)
    assert [result.stdout for result in results] == [b"done\n"] * (MOST_COMMANDS + 20)


async def test_a_command_whose_output_nobody_takes_holds_up_nobody() -> None:
    """It waits with a full window; the others go on, and it goes on when it is read."""
    zeros = ["head", "-c", "3000000", "/dev/zero"]
    async with running() as (client, _), client.spawn(zeros, env=None, workdir=None, stdin=False) as slow:
        assert (await run(client, "head", "-c", "2000000", "/dev/zero")).stdout_bytes == 2_000_000
        total = 0
        while total < 3_000_000:
            total += len((await slow.receive())[1])
        with pytest.raises(anyio.EndOfStream):
            await slow.receive()
        assert (await slow.wait()).exit_code == 0


@pytest.mark.parametrize("out", [0, 1, WINDOW - 1, WINDOW, 3 * WINDOW + 7])
@pytest.mark.parametrize("err", [0, 5, WINDOW, 2 * WINDOW + 1])
async def test_both_streams_arrive_whole(out: int, err: int) -> None:
    """However much each of them is, at the end of a command that has long ended, and read late."""
    shell = f"head -c {out} /dev/zero & head -c {err} /dev/zero >&2; wait"
    counts = {"stdout": 0, "stderr": 0}
    async with running() as (client, _), client.spawn(["sh", "-c", shell], env=None, workdir=None, stdin=False) as both:
        await anyio.sleep(0.05)
        with anyio.fail_after(20), suppress(anyio.EndOfStream):
            while True:
                stream, piece = await both.receive()
                counts[stream] += len(piece)
        assert (await both.wait()).exit_code == 0
    assert counts == {"stdout": out, "stderr": err}


async def test_stdin_waits_for_a_command_that_does_not_read() -> None:
    """No more than a window and a pipe are taken ahead; what was sent arrives whole."""
    async with running() as (client, _):
        async with client.spawn(["sh", "-c", "sleep 0.3; wc -c"], env=None, workdir=None, stdin=True) as command:
            with anyio.move_on_after(0.1) as early:
                await command.send(bytes(4 * WINDOW))
            assert early.cancelled_caught
            await command.send(b"the end")
            await command.send_eof()
            counted = int((await command.receive())[1])
            assert WINDOW < counted < 4 * WINDOW
        result = await run(client, "sh", "-c", "exec <&-; sleep 0.2; echo closed", stdin=bytes(4 * WINDOW))
        assert (result.exit_code, result.stdout) == (0, b"closed\n")


@pytest.mark.parametrize(
    "shell",
    [
        "sleep 1000",
        "(setsid sleep 1000 &); sleep 1000",
        "(setsid sh -c '(setsid env -i sleep 1000 &) &'); sleep 1000",
        "trap '' TERM INT HUP; (trap '' TERM; sleep 1000) & sleep 1000",
        "i=0; while [ $i -lt 40 ]; do (setsid sh -c 'sleep 1000 & sleep 1000' &); i=$((i+1)); done; sleep 1000",
    ],
    ids=["plain", "session", "double fork", "deaf", "many"],
)
async def test_the_whole_tree_ends_at_the_deadline(shell: str) -> None:
    """Whatever a command did to get away, nothing of it lives on, and that is said."""
    async with running() as (client, process):
        result = await run(client, "sh", "-c", f"echo begun; {shell}", deadline=0.7)
        assert result.timed_out
        assert result.tree_killed
        assert result.stdout == b"begun\n"
        assert below(process.pid) == set()


async def test_what_a_command_leaves_is_ended_and_counted() -> None:
    """A daemon does not outlive the command that started it; the result says how many there were."""
    async with running() as (client, process):
        result = await run(client, "sh", "-c", "(setsid sleep 1000 &); sleep 1000 & echo bye")
        assert (result.exit_code, result.stdout, result.left_running) == (0, b"bye\n", 2)
        assert below(process.pid) == set()


async def test_a_keeper_that_is_killed_takes_its_command_along() -> None:
    """A command that kills what watches it gains nothing: what it kept falls to the supervisor, which ends it."""
    async with running() as (client, process):
        result = await run(client, "sh", "-c", "sleep 1000 & kill -9 $PPID; sleep 1000", deadline=20)
        assert result.exit_code == 128 + signal.SIGKILL
        assert below(process.pid) == set()
        assert (await run(client, "echo", "on")).stdout == b"on\n"


async def test_a_keeper_that_was_stopped_does_not_save_its_command() -> None:
    """Who stops what watches it is ended all the same."""
    async with running() as (client, process):
        result = await run(client, "sh", "-c", "sleep 0.2; kill -STOP $PPID; sleep 1000", deadline=0.7)
        assert result.timed_out
        assert result.tree_killed
        assert below(process.pid) == set()


IGNORING = ("sh", "-c", "trap '' INT QUIT HUP; exec \"$@\"", "sh")
"""What a shell does for a program in the background, and `nohup`."""


@pytest.mark.parametrize("before", [(), IGNORING], ids=["plain", "ignoring"])
async def test_a_signal_reaches_the_group(before: Sequence[str]) -> None:
    """An interrupt is the command's to handle, whatever the supervisor found ignored."""
    async with running(*before) as (client, _):
        shell = "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.05; done"
        async with client.spawn(["sh", "-c", shell], env=None, workdir=None, stdin=False) as command:
            assert await command.receive() == ("stdout", b"ready\n")
            await command.signal("SIGINT")
            assert await command.receive() == ("stdout", b"caught\n")
            assert (await command.wait()).exit_code == 5
        async with client.spawn(["sleep", "1000"], env=None, workdir=None, stdin=False) as command:
            await command.signal("SIGTERM")
            assert (await command.wait()).exit_code == 128 + signal.SIGTERM


async def test_a_supervisor_that_is_killed() -> None:
    """Commands say that the sandbox does not run any more, those that run and those that are to be started."""
    async with running() as (client, process):
        async with client.spawn(["cat"], env=None, workdir=None, stdin=True) as command:
            process.kill()
            with pytest.raises(SandboxExited, match="exit code -9"):
                await command.wait()
            with pytest.raises(SandboxExited):
                await command.receive()
        with pytest.raises(SandboxExited):
            await run(client, "true")


async def test_a_supervisor_that_is_stopped_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not end a command any more is not waited for: the sandbox ends."""
    monkeypatch.setattr("massgen_sandbox_docker.supervised.command._END_SECONDS", 0.3)
    async with running() as (client, process):
        process.send_signal(signal.SIGSTOP)
        monkeypatch.setattr("massgen_sandbox_docker.supervised.command._START_SECONDS", 0.3)
        with pytest.raises(SandboxError, match="does not answer"):
            await run(client, "true")
        with anyio.fail_after(10):
            assert await process.wait() == -signal.SIGKILL


class Scripted:
    """A process that says what it is told to say, and nothing more."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.pieces = list(pieces)
        self.killed = False

    async def send(self, data: bytes) -> None:
        await anyio.lowlevel.checkpoint()

    async def send_eof(self) -> None:
        await anyio.lowlevel.checkpoint()

    async def receive(self) -> bytes:
        await anyio.lowlevel.checkpoint()
        if not self.pieces:
            raise anyio.EndOfStream
        return self.pieces.pop(0)

    def stderr_tail(self) -> str:
        return ""

    async def wait(self) -> ExitStatus:
        return ExitStatus(code=1, reason="said all")

    async def kill(self) -> None:
        self.killed = True


def frame(kind: bytes, number: int, body: bytes = b"") -> bytes:
    return HEAD.pack(kind, number, len(body)) + body


FRAMES = st.builds(
    frame,
    st.sampled_from([b"R", b"P", b"F", b"1", b"2", b"C", b"Z", b"?"]),
    st.integers(0, 3),
    st.one_of(
        st.binary(max_size=40),
        st.integers(0, 2**32 - 1).map(NUMBER.pack),
        st.sampled_from([b"{}", b"[" * 5000, b'{"code": 0}', b'{"code": -1}', b'{"code": 1e400}', b'{"code": true}']),
    ),
)


@given(wire=st.lists(st.one_of(FRAMES, st.binary(max_size=30)), max_size=20), cut=st.integers(1, 60))
def test_nothing_that_a_supervisor_says_does_harm(wire: list[bytes], cut: int) -> None:
    """Whatever comes, a command ends with a result or with an error of ours, and nobody waits for ever."""

    async def drive() -> None:
        said = b"".join(wire)
        client = Supervisor(Scripted([frame(b"R", 0), *(said[at : at + cut] for at in range(0, len(said), cut))]))
        async with background() as tasks:
            with anyio.fail_after(20):
                tasks.start_soon(client.run)
                try:
                    result = await run(client, "true")
                except SandboxError:
                    return
        assert result.exit_code is not None

    anyio.run(drive)


class _Nowhere:
    def send(self, kind: bytes, number: int, body: bytes = b"") -> None:
        """Into the void."""


def test_more_output_than_there_was_room_for() -> None:
    """A supervisor that ignores the window is found out before it fills our memory; many small pieces are one."""
    command = SupervisedCommand(_Nowhere(), 1, "x")
    for _ in range(WINDOW // 64):
        command.take(b"1", bytes(64))
    assert len(command._unread) == 1
    with pytest.raises(ValueError, match="more output"):
        command.take(b"2", b"x")


async def test_a_keeper_serves_one_command_after_the_other() -> None:
    """Nothing of a command is left for the next: no folder, no usage; one that left processes was its keeper's last."""
    async with running() as (client, _):
        home = (await run(client, "pwd")).stdout
        elsewhere = client.spawn(["sh", "-c", "echo $PPID; pwd"], env=None, workdir="/proc", stdin=False)
        first, folder, _ = (await run_to_end(elsewhere)).stdout.split(b"\n")
        second = await run(client, "sh", "-c", "echo $PPID; pwd")
        assert folder == b"/proc"
        assert second.stdout == first + b"\n" + home
        left = await run(client, "sh", "-c", "echo $PPID; sleep 1000 &")
        assert (left.stdout.strip(), left.left_running) == (first, 1)
        assert (await run(client, "sh", "-c", "echo $PPID")).stdout.strip() != first


async def test_a_keeper_that_was_told_something_is_not_used_again() -> None:
    """A signal that comes too late for its command must not meet the next one."""
    async with running() as (client, process):
        async with client.spawn(["sh", "-c", "echo $PPID; read x"], env=None, workdir=None, stdin=True) as command:
            first = (await command.receive())[1].strip()
            await command.signal("SIGWINCH")
            await command.send(b"x\n")
            assert (await command.wait()).exit_code == 0
            await command.signal("SIGKILL")
        assert (await run(client, "sh", "-c", "echo $PPID; sleep 0.1")).stdout.strip() != first
        assert below(process.pid) == set()


async def test_commands_at_once_have_keepers_of_their_own() -> None:
    """However many have gone by, those that run at the same time do not share one."""
    seen: list[bytes] = []
    async with running() as (client, _):

        async def one() -> None:
            seen.append((await run(client, "sh", "-c", "echo $PPID; sleep 0.3")).stdout)

        for _ in range(2):
            seen.clear()
            async with anyio.create_task_group() as tasks:
                for _ in range(10):
                    tasks.start_soon(one)
            assert len(set(seen)) == 10
