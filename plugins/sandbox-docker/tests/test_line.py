"""The way to a supervisor past the engine: taken by root alone, from the right process, and given up with it."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from docker_support import MakeSpec
from massgen_sandbox_docker.backend import DockerBackend
from massgen_sandbox_docker.engine.bare import BareStream
from massgen_sandbox_docker.engine.framing import HEAD
from massgen_sandbox_docker.supervised import conversation, idle
from massgen_sandbox_docker.supervised.inside.wire import NUMBER
from massgen_sandbox_docker.supervised.line import new_word, take_line

from massgen_core.errors import SandboxExited

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root may take a descriptor out of another process"
)


class Raw:
    """A supervisor run as a process of this machine, spoken to in frames."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.pid = process.pid
        self.stdin, self.stdout = process.stdin, process.stdout

    @property
    def group(self) -> str:
        """What stands for a container's id: a part of the process's control groups."""
        return Path(f"/proc/{self.pid}/cgroup").read_text().splitlines()[0]

    def say(self, kind: bytes, body: bytes = b"") -> None:
        self.stdin.write(HEAD.pack(kind, 1, len(body)) + body)
        self.stdin.flush()

    def hear(self) -> tuple[bytes, bytes]:
        kind, _, length = HEAD.unpack(self.stdout.read(HEAD.size))
        return kind, self.stdout.read(length)

    def heard(self) -> set[bytes]:
        """The kinds of all frames up to a command's end."""
        kinds = [self.hear()[0]]
        while kinds[-1] != b"Z":
            kinds.append(self.hear()[0])
        return set(kinds)

    def offered(self, word: bytes) -> int:
        self.say(b"L", word)
        kind, body = self.hear()
        assert kind == b"L"
        return int(NUMBER.unpack(body)[0])


@pytest.fixture
def raw() -> Iterator[Raw]:
    command = [sys.executable, *idle.supervisor_command()[1:]]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        watchdog = threading.Timer(30, process.kill)
        watchdog.start()
        try:
            made = Raw(process)
            assert made.hear()[0] == b"R"
            yield made
        finally:
            watchdog.cancel()
            process.kill()


TRUE = json.dumps({"argv": ["echo", "said"], "env": {}, "cwd": None, "stdin": False}).encode()


@contextmanager
def taken(raw: Raw) -> Iterator[socket.socket]:
    """The line, as a socket that blocks."""
    word = new_word()
    line = take_line(raw.pid, raw.group, raw.offered(word), word)
    assert line is not None
    end = line.bare
    assert end is not None
    end.settimeout(10)
    with end:
        yield end


def stdout_of(end: socket.socket) -> bytes:
    """All that the command says, until its end."""
    said, kind = b"", b""
    with end.makefile("rb") as file:
        while kind != b"Z":
            kind, _, length = HEAD.unpack(file.read(HEAD.size))
            body = file.read(length)
            said += body if kind == b"1" else b""
    return said


def test_a_line_takes_over_and_gives_back(raw: Raw) -> None:
    """From its first frame on everything goes over it; when it is closed, over stdin and stdout again."""
    for _ in range(2):
        with taken(raw) as end:
            end.sendall(HEAD.pack(b"S", 0, 0) + HEAD.pack(b"O", 1, len(TRUE)) + TRUE)
            assert stdout_of(end) == b"said\n"
        raw.say(b"O", TRUE)
        assert raw.heard() == {b"P", b"1", b"Z"}


def test_a_line_that_is_closed_with_something_unread(raw: Raw) -> None:
    """Then the kernel speaks of a reset instead of an end; the supervisor goes on all the same."""
    with taken(raw) as end:
        end.sendall(HEAD.pack(b"S", 0, 0))
        assert select.select([end], [], [], 10)[0]
    raw.say(b"O", TRUE)
    assert raw.heard() == {b"P", b"1", b"Z"}


def test_nothing_of_it_is_open_in_a_command(raw: Raw) -> None:
    look = "import os; print(sorted(int(f) for f in os.listdir('/proc/self/fd')))"
    order = json.dumps({"argv": [sys.executable, "-c", look], "env": {}, "cwd": None, "stdin": False}).encode()
    with taken(raw) as end:
        end.sendall(HEAD.pack(b"S", 0, 0) + HEAD.pack(b"O", 1, len(order)) + order)
        assert stdout_of(end) == b"[0, 1, 2, 3]\n"


def test_an_offer_is_made_once(raw: Raw) -> None:
    """Who asks again without having taken it gets no answer, and what was offered is still there."""
    word = new_word()
    descriptor = raw.offered(word)
    raw.say(b"L", new_word())
    raw.say(b"O", TRUE)
    assert raw.heard() == {b"P", b"1", b"Z"}
    line = take_line(raw.pid, raw.group, descriptor, word)
    assert line is not None
    assert line.bare is not None
    line.bare.close()


@pytest.mark.parametrize("wrong", ["container", "word", "descriptor", "stdin", "pid"])
def test_what_is_not_the_supervisors_is_not_taken(raw: Raw, wrong: str) -> None:
    word = new_word()
    descriptor = raw.offered(word)
    before = len(os.listdir("/proc/self/fd"))
    assert (
        take_line(
            2**22 + 1 if wrong == "pid" else raw.pid,
            "another" if wrong == "container" else raw.group,
            {"descriptor": 999, "stdin": 0}.get(wrong, descriptor),
            new_word() if wrong == "word" else word,
        )
        is None
    )
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_process_that_has_ended_is_not_asked() -> None:
    with subprocess.Popen(["true"]) as process:
        pass
    assert take_line(process.pid, "", 0, b"") is None


@pytest.mark.anyio
@pytest.mark.docker
@pytest.mark.parametrize("by", ["line", "engine"])
async def test_commands_go_both_ways(
    backend: DockerBackend, spec: MakeSpec, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """With a line and without, the same comes out; of a sandbox that ended neither leaves anything open."""
    lines: list[BareStream | None] = []

    def take(*words: object) -> BareStream | None:
        lines.append(take_line(*words))  # pyright: ignore[reportArgumentType]
        return lines[-1]

    monkeypatch.setattr(conversation, "take_line", take)
    if by == "engine":
        monkeypatch.setattr(conversation, "may_take", lambda: False)
    async with backend.start(replace(spec(), idle=True)) as sandbox:
        assert [line is not None for line in lines] == ([True] if by == "line" else [])
        data = os.urandom(3_000_000)
        result = await sandbox.exec(["cat"], stdin=data, max_output=len(data), deadline=60)
        assert result.stdout == data
    for line in lines:
        assert line is not None
        with pytest.raises(anyio.BrokenResourceError):
            await line.send(b"x")


@pytest.mark.anyio
@pytest.mark.docker
async def test_a_container_that_is_killed_closes_it(backend: DockerBackend, spec: MakeSpec) -> None:
    async with backend.start(replace(spec(), idle=True)) as sandbox, sandbox.spawn(["sleep", "1000"]) as command:
        await sandbox.main.kill()
        with anyio.fail_after(30), pytest.raises(SandboxExited, match="does not run any more"):
            await command.wait()
