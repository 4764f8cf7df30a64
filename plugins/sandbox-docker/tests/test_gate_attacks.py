"""A gate, and a sandbox behind one, that mean no good: what they cannot do to our program."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import anyio.abc
import pytest
from docker_support import MakeSpec
from fake_daemon import FakeDaemon, answer_json, answer_raw
from massgen_sandbox_docker.backend import DockerBackend
from massgen_sandbox_docker.engine.framing import FrameReader
from massgen_sandbox_docker.network import gate
from massgen_sandbox_docker.network.companion import opened
from massgen_sandbox_docker.network.mux import Connection, Mux
from massgen_sandbox_docker.owners import watchdog

from massgen_core.errors import SandboxError

pytestmark = pytest.mark.anyio

_FULL = 32 + 16
"""Connections that each send one piece: more than the queue takes."""


class Held:
    """A gate from bytes, whose stdin is full until it is let go; what was written is kept."""

    def __init__(self, *frames: bytes) -> None:
        self.frames = list(frames)
        self.sent = b""
        self.reads = anyio.Event()
        self.ends = anyio.Event()
        self.news = anyio.Event()

    async def send(self, data: bytes) -> None:
        await self.reads.wait()
        self.sent += data
        self.news.set()

    async def receive(self) -> bytes:
        if not self.frames:
            await self.ends.wait()
            raise anyio.EndOfStream
        return self.frames.pop(0)

    def heard(self) -> list[tuple[bytes, int]]:
        """The type and connection of every frame that was written."""
        return [(kind, number) for kind, number, _ in FrameReader(65536).feed(self.sent)]

    async def hears(self, kind: bytes, number: int) -> None:
        """Wait until such a frame was written."""
        while (kind, number) not in self.heard():
            self.news = anyio.Event()
            await self.news.wait()


def frame(kind: bytes, number: int, body: bytes = b"") -> bytes:
    return gate.HEAD.pack(kind, number, len(body)) + body


def opening(number: int) -> bytes:
    return frame(b"O", number, b"\0\0")


async def nobody(connection: Connection, index: int) -> None:
    await anyio.sleep_forever()


@asynccontextmanager
async def carried(carrier: Held, serve: Callable[[Connection, int], Awaitable[None]]) -> AsyncGenerator[list[str]]:
    """A mux that runs; its reason to end is in the list afterwards."""
    reasons: list[str] = []

    async def run() -> None:
        reasons.append(await Mux(carrier, serve).run())

    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            yield reasons
            carrier.ends.set()


@pytest.mark.parametrize(
    "said",
    [
        b"{}",
        b'{"problems": 5}',
        b'{"problems": [], "interfaces": 5, "routes": [], "addresses": []}',
        b'{"problems": [], "interfaces": [], "routes": [[]], "addresses": []}',
        b'{"problems": [], "interfaces": [], "routes": [5], "addresses": []}',
        b'{"problems": [], "interfaces": {}, "routes": {}, "addresses": {}}',
        b'{"problems": [], "interfaces": [], "routes": [], "addresses": [1]}',
        b'{"problems": [], "interfaces": [["lo"]], "routes": [], "addresses": []}',
        b'{"problems": [], "interfaces": [], "routes": [], "addresses": ["' + b"1" * 60000 + b'"]}',
        b'{"problems": ["\\ud800\\u001b[2J\\n' + b"x" * 60000 + b'"]}',
        b"[" * 60000,
        b'{"problems": ' + b"[" * 900 + b"]" * 900 + b"}",
    ],
)
async def test_whatever_a_gate_says_of_its_network_is_an_error_in_words(said: bytes) -> None:
    """Short ones, that a terminal can show; under gVisor it is the image's own python3 that speaks."""
    carrier = Held(frame(b"R", 0, said))
    carrier.reads.set()
    with pytest.raises(SandboxError) as caught:
        await opened(Mux(carrier, nobody), [], [])
    text = str(caught.value)
    assert len(text) < 1000
    assert text.replace("\n", "").isprintable()


async def test_connections_that_are_reset_at_once_end_nothing() -> None:
    """Those that we are still busy with are waited for: others are turned away, and then it goes on."""
    storm = b"".join(opening(number) + frame(b"X", number) for number in range(1000))
    carrier = Held(storm, opening(1000), opening(1001))
    carrier.reads.set()
    async with carried(carrier, nobody) as reasons:
        await carrier.hears(b"X", 1000)
    assert reasons == ["it ended"]


async def test_a_gate_that_opens_more_than_it_may_is_given_up() -> None:
    """It takes no farewells either: they would pile up here."""

    async def leave(connection: Connection, index: int) -> None:
        return

    for serve in (nobody, leave):
        carrier = Held(*(opening(number) for number in range(300)))
        with anyio.fail_after(30):
            assert await Mux(carrier, serve).run() == "connection 256 cannot be opened"


async def test_a_farewell_reaches_a_gate_that_was_slow() -> None:
    """Behind all that was said before, and nobody waits for it: else its client would wait for ever."""
    crowded, closed = anyio.Event(), anyio.Event()
    sending = iter(range(2, _FULL))

    async def serve(connection: Connection, index: int) -> None:
        if index:
            await connection.send(b"x")
            if next(sending) == _FULL - 1:
                crowded.set()
            await connection.send(b"x")
        else:
            await crowded.wait()
            await connection.aclose()
            closed.set()

    carrier = Held(*(frame(b"O", number, b"\0\1") for number in range(2, _FULL)), opening(1))
    async with carried(carrier, serve):
        await closed.wait()
        carrier.reads.set()
        await carrier.hears(b"X", 1)
        for number in range(2, _FULL):
            await carrier.hears(b"X", number)
    heard = carrier.heard()
    assert all(heard.index((b"D", number)) < heard.index((b"X", number)) for number in range(2, _FULL))


async def test_what_was_received_is_not_held_up_by_a_gate_that_reads_nothing() -> None:
    """So a receive that is cancelled has taken nothing: credit is given later, and all at once."""
    received: list[int] = []
    done = anyio.Event()

    async def serve(connection: Connection, index: int) -> None:
        if index:
            await connection.send(b"x")
            return
        received.extend([len(await connection.receive(gate.PIECE)) for _ in range(4)])
        done.set()
        await anyio.sleep_forever()

    others = [frame(b"O", number, b"\0\1") for number in range(2, _FULL)]
    carrier = Held(*others, opening(1) + frame(b"D", 1, bytes(2 * gate.PIECE)) + frame(b"D", 1, bytes(2 * gate.PIECE)))
    async with carried(carrier, serve):
        await done.wait()
        carrier.reads.set()
        await carrier.hears(b"C", 1)
    assert received == [gate.PIECE] * 4
    assert carrier.heard().count((b"C", 1)) == 1


_PROGRAM = Path(gate.__file__).read_text(encoding="utf-8")
_STUTTERING = """
import os, sys
write, read, held = os.write, os.read, [True]

def stutter(descriptor, data):
    caller = sys._getframe(1)
    if descriptor == 1 and len(data) > 1000 and (held[0] or caller.f_back.f_code.co_name != "run"):
        if len(caller.f_locals["self"].unsent) >= 512 * 1024:
            write(2, b"full")
        raise BlockingIOError
    return write(descriptor, data)

def let_go(descriptor, size):
    data = read(descriptor, size)
    if b"go on" in data:
        held[0] = False
        os.set_blocking(1, True)
    return data

os.write, os.read = stutter, let_go
"""


class Pipes:
    """A process's stdin and stdout as the mux sees them."""

    def __init__(self, process: anyio.abc.Process) -> None:
        self.process = process

    async def send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        await self.process.stdin.send(data)

    async def receive(self) -> bytes:
        assert self.process.stdout is not None
        return await self.process.stdout.receive()


async def upload(port: int, size: int) -> None:
    """Send so many bytes, and wait for the other side's end."""
    async with await anyio.connect_tcp("127.0.0.1", port) as client:
        await client.send(bytes(size))
        await client.send_eof()
        with pytest.raises(anyio.EndOfStream):
            await client.receive()


async def test_connections_go_on_when_stdout_is_taken_all_at_once() -> None:
    """However the room for it was noticed: none stays unread for ever."""
    program = _PROGRAM.replace("import base64\n", f"import base64\n{_STUTTERING}")
    sizes: list[int] = []

    async def serve(connection: Connection, index: int) -> None:
        size = 0
        with suppress(anyio.EndOfStream):
            while True:
                size += len(await connection.receive())
        sizes.append(size)

    with anyio.fail_after(30):
        async with (
            await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
            await anyio.open_process([sys.executable, "-I", "-S", "-c", program], stderr=subprocess.PIPE) as process,
            anyio.create_task_group() as tasks,
        ):
            port = int(listener.extra(anyio.abc.SocketAttribute.local_port))
            await listener.aclose()
            pipes = Pipes(process)
            mux = Mux(pipes, serve)
            await mux.set_up({"files": [], "listen": [["127.0.0.1", port]]})
            tasks.start_soon(mux.run)
            async with anyio.create_task_group() as clients:
                for _ in range(8):
                    clients.start_soon(upload, port, 300_000)
                assert process.stderr is not None
                assert b"full" in await process.stderr.receive()
                await pipes.send(frame(b"D", 999, b"go on"))
            process.kill()
    assert sizes == [300_000] * 8


async def test_a_rule_that_is_named_twice_has_one_listener(backend: DockerBackend, spec: MakeSpec) -> None:
    """In two ways of writing, too."""
    network = ["web.test", "https://web.test:443", "WEB.test", "tcp://db.test:5432", "tcp://db.test:5432"]
    async with backend.start(spec("sleep", "60", network=network)) as sandbox:
        hosts = await sandbox.exec(["cat", "/etc/hosts"])
        assert hosts.stdout.count(b"web.test") == 1


async def test_a_container_that_cannot_be_removed_does_not_keep_the_others(socket_path: Path) -> None:
    """After a sudden death the watchdog goes on with them, whatever the engine says to the first one's removal."""
    gone = anyio.Event()
    left = [{"Id": "bare"}, *({"Id": name, "Labels": {"owner": "x"}} for name in ("first", "second"))]

    async def remaining(stream: anyio.abc.ByteStream) -> None:
        await answer_json(200, [] if gone.is_set() else left)(stream)

    async def removed(stream: anyio.abc.ByteStream) -> None:
        gone.set()
        await answer_json(204, None)(stream)

    daemon = FakeDaemon()
    daemon.on("GET /v[^/]*/containers/json", remaining)
    daemon.on("DELETE /v[^/]*/containers/first", answer_raw(b"no HTTP at all\r\n\r\n"))
    daemon.on("DELETE /v[^/]*/containers/second", removed)
    task = {"socket": str(socket_path), "api": "1.41", "label": "owner", "owner": "x", "lease": 0}
    with anyio.fail_after(30):
        async with daemon.serve(socket_path):
            ended = await anyio.run_process(
                [sys.executable, "-I", "-S", watchdog.__file__], input=json.dumps(task).encode() + b"\n"
            )
    assert gone.is_set()
    assert ended.stderr == b""


async def test_an_image_without_python3_is_told_what_is_missing(backend: DockerBackend, spec: MakeSpec) -> None:
    """Under a runtime whose network stack is its own; here it is not found."""
    wanted = spec("/bin/sleep", "60", env={"PATH": "/nowhere"}, network=["web.test:443"], runtime="runsc")
    with pytest.raises(SandboxError, match="whose image needs python3"):
        async with backend.start(wanted):
            pytest.fail("it started")
