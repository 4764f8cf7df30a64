"""The gate's script and our end of its stream, over the pipes of a real process."""

from __future__ import annotations

import base64
import stat
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.abc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from massgen_sandbox_docker.engine.framing import FrameReader
from massgen_sandbox_docker.network import gate
from massgen_sandbox_docker.network.mux import Connection, GateBroken, Mux

pytestmark = pytest.mark.anyio

Serve = Callable[[Connection, int], Awaitable[None]]


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


class Script:
    """What a gate said, from bytes; then it ends."""

    def __init__(self, *frames: bytes) -> None:
        self.frames = list(frames)
        self.sent = b""

    async def send(self, data: bytes) -> None:
        self.sent += data

    async def receive(self) -> bytes:
        if not self.frames:
            raise anyio.EndOfStream
        return self.frames.pop(0)


def frame(kind: bytes, number: int, body: bytes = b"") -> bytes:
    return gate.HEAD.pack(kind, number, len(body)) + body


@asynccontextmanager
async def opened(serve: Serve, *, files: list[Any] | None = None) -> AsyncGenerator[tuple[dict[str, Any], int]]:
    """A running gate that listens on one free port of loopback: what it saw, and the port."""
    port = await free_port()
    process = await anyio.open_process(
        [sys.executable, "-I", "-S", str(Path(gate.__file__))], stderr=subprocess.PIPE, stdin=subprocess.PIPE
    )
    async with process:
        mux = Mux(Pipes(process), serve)
        seen = await mux.set_up({"files": files or [], "listen": [["127.0.0.1", port]]})
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(mux.run)
            try:
                yield dict(seen), port
            finally:
                tasks.cancel_scope.cancel()
        assert process.stdin is not None
        assert process.stderr is not None
        await process.stdin.aclose()
        said = b"".join([piece async for piece in process.stderr])
        assert said.decode() == ""


async def free_port() -> int:
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        return int(listener.extra(anyio.abc.SocketAttribute.local_port))


async def echo(connection: Connection, index: int) -> None:
    try:
        while True:
            await connection.send(await connection.receive())
    except anyio.EndOfStream:
        await connection.send_eof()


async def read_all(stream: anyio.abc.ByteStream) -> bytes:
    data = b""
    try:
        while True:
            data += await stream.receive()
    except anyio.EndOfStream:
        return data


async def test_bytes_come_back_unchanged_in_both_directions_however_many() -> None:
    """Ten connections at once, each with more than a window of bytes, and half-closed."""

    async def ask(port: int, fill: int) -> None:
        data = bytes([fill]) * 700_000
        async with await anyio.connect_tcp("127.0.0.1", port) as client:
            received: list[bytes] = []
            async with anyio.create_task_group() as tasks:

                async def read() -> None:
                    received.append(await read_all(client))

                tasks.start_soon(read)
                await client.send(data)
                await client.send_eof()
            assert received == [data]

    with anyio.fail_after(60):
        async with opened(echo) as (_, port), anyio.create_task_group() as tasks:
            for fill in range(10):
                tasks.start_soon(ask, port, fill)


async def test_a_connection_that_is_not_read_holds_up_no_other() -> None:
    """Its window fills, and that is all."""
    stuck = anyio.Event()

    async def serve(connection: Connection, index: int) -> None:
        first = await connection.receive(1)
        if first == b"s":
            await stuck.wait()  # reads no more
        else:
            await connection.send(first)

    with anyio.fail_after(60):
        async with opened(serve) as (_, port), await anyio.connect_tcp("127.0.0.1", port) as slow:
            with anyio.move_on_after(0.5):
                await slow.send(b"s" * 20_000_000)
            async with await anyio.connect_tcp("127.0.0.1", port) as other:
                await other.send(b"x")
                assert await other.receive() == b"x"
            stuck.set()


async def test_a_peer_that_vanishes_is_noticed_on_both_sides() -> None:
    """An aborted client breaks the connection here; one that is closed here ends there."""
    broken = anyio.Event()

    async def serve(connection: Connection, index: int) -> None:
        if await connection.receive(1) == b"c":
            return
        try:
            while True:
                await connection.send(b"x" * 65536)
        except anyio.BrokenResourceError:
            broken.set()

    with anyio.fail_after(30):
        async with opened(serve) as (_, port):
            client = await anyio.connect_tcp("127.0.0.1", port)
            await client.send(b"a")
            await client.receive()
            await anyio.aclose_forcefully(client)
            await broken.wait()
            async with await anyio.connect_tcp("127.0.0.1", port) as closed:
                await closed.send(b"c")
                with pytest.raises(anyio.EndOfStream):
                    await closed.receive()


async def test_private_files_have_their_mode_and_content(tmp_path: Path) -> None:
    """Written before anything else happens; one that is there already is left alone and named."""
    content = base64.b64encode(b"secret\n").decode()
    path, taken = tmp_path / "s", tmp_path / "taken"
    taken.write_text("old")
    files = [{"path": str(each), "mode": 0o400, "content": content} for each in (path, taken)]
    async with opened(echo, files=files) as (seen, _):
        assert path.read_bytes() == b"secret\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o400
        assert taken.read_text() == "old"
        assert seen["problems"] == [f"{taken}: File exists"]


async def test_the_gate_tells_what_its_network_holds() -> None:
    """Here: the interfaces of this machine."""
    async with opened(echo) as (seen, _):
        assert "lo" in seen["interfaces"]
        assert set(seen) == {"problems", "interfaces", "routes", "addresses"}


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ([frame(b"O", 1, b"\0\0"), frame(b"O", 1, b"\0\0")], "connection 1 cannot be opened"),
        ([frame(b"O", 1, b"\0\0"), frame(b"D", 1, b"x" * 60000) * 3], "must not come now"),
        ([frame(b"O", 1, b"\0\0"), frame(b"C", 1, b"\0\0\0\1")], "credit for what was never sent"),
        ([frame(b"O", 1, b"\0\0"), frame(b"E", 1), frame(b"D", 1, b"late")], "must not come now"),
        ([frame(b"O", 1, b"long")], "cannot be opened"),
        ([frame(b"?", 7)], "type b'?'"),
        ([b"D\0\0\0\1\xff\xff\xff\xff"], "4294967295 bytes"),
        ([], "it ended"),
    ],
)
async def test_a_gate_that_breaks_the_rules_is_given_up(frames: list[bytes], reason: str) -> None:
    """Named, and without holding what it sent."""

    async def serve(connection: Connection, index: int) -> None:
        await anyio.sleep_forever()

    with anyio.fail_after(10):
        assert reason in await Mux(Script(*frames), serve).run()


@pytest.mark.parametrize("answer", [b"", frame(b"O", 1, b"\0\0"), frame(b"R", 0, b"no json"), frame(b"R", 0, b"[]")])
async def test_a_gate_that_does_not_come_up_is_an_error(answer: bytes) -> None:
    """It ended, or said something else first."""
    script = Script(*([answer] if answer else []))
    with pytest.raises(GateBroken):
        await Mux(script, echo).set_up({"files": [], "listen": []})


@given(
    frames=st.lists(st.tuples(st.sampled_from([b"D", b"E", b"O"]), st.integers(0, 2**32 - 1), st.binary(max_size=50))),
    cuts=st.lists(st.integers(1, 40)),
)
def test_frames_are_the_same_however_the_bytes_arrive(frames: list[tuple[bytes, int, bytes]], cuts: list[int]) -> None:
    """Cut anywhere."""
    data = b"".join(frame(*each) for each in frames)
    reader, found = FrameReader(65536), list[tuple[bytes, int, bytes]]()
    for size in [*cuts, len(data) + 1]:
        found += reader.feed(data[:size])
        data = data[size:]
    assert found == frames


@given(pieces=st.lists(st.binary(max_size=200), max_size=20))
@pytest.mark.parametrize("opening", [b"", frame(b"O", 1, b"\0\0")])
async def test_any_bytes_of_a_gate_end_in_words(opening: bytes, pieces: list[bytes]) -> None:
    """Never in an exception, never in a hang."""
    with anyio.fail_after(10):
        assert await Mux(Script(opening or frame(b"X", 1), *pieces), echo).run()
