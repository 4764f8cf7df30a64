"""The connection to an engine: versions, time-outs, and every kind of trouble told apart."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.abc
import pytest
from docker_support import read_all
from fake_daemon import CONTAINER, FakeDaemon, answer_json, answer_raw, never, upgrade
from massgen_sandbox_docker.backend import docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import CEILING, FLOOR, connect, negotiate
from massgen_sandbox_docker.owners.labels import Owner
from massgen_sandbox_docker.owners.reaper import reap

from massgen_core.errors import ImageError, SandboxError, SandboxUnavailable
from massgen_core.sandbox import Process, SandboxLimits, SandboxSpec

pytestmark = pytest.mark.anyio

SPEC = SandboxSpec(name="x", image="some/image", command=["run"], limits=SandboxLimits(stop_timeout=0))


@asynccontextmanager
async def running(daemon: FakeDaemon, path: Path) -> AsyncGenerator[Process]:
    """The main process of a container of the fake daemon."""
    async with (
        daemon.serve(path) as address,
        docker_backend(DockerConfig(host=address), log=print) as backend,
        backend.start(SPEC) as sandbox,
    ):
        yield sandbox.main


async def open_engine(address: str) -> None:
    async with connect(DockerConfig(host=address, control_timeout=0.5)):
        pass


async def start(address: str) -> None:
    async with (
        docker_backend(DockerConfig(host=address, control_timeout=0.5), log=print) as backend,
        backend.start(SPEC),
    ):
        pass


def open_folders_to_everybody(path: Path) -> None:
    """Let everybody reach the file, as far as the folders are ours (pytest makes its own private)."""
    for folder in path.parents:
        if (folder.stat().st_uid == 0 and "pytest" in folder.name) or folder.parent.name.startswith("pytest"):
            folder.chmod(0o755)


async def test_no_socket(tmp_path: Path) -> None:
    """A socket that does not exist: no engine, and how to get one."""
    with pytest.raises(SandboxUnavailable, match=r"no Docker Engine[\s\S]*docker setup"):
        await open_engine(f"unix://{tmp_path}/none.sock")


async def test_a_daemon_that_is_down(socket_path: Path) -> None:
    """A socket nobody listens on: not running, and how to start it."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(socket_path))
    with pytest.raises(SandboxUnavailable, match=r"is not running: connection refused[\s\S]*systemctl start docker"):
        await open_engine(f"unix://{socket_path}")


async def test_a_closed_tcp_port() -> None:
    """The same over TCP."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with pytest.raises(SandboxUnavailable, match="connection refused"):
        await open_engine(f"tcp://127.0.0.1:{port}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not connect")
async def test_no_permission(socket_path: Path) -> None:
    """A socket of somebody else: which one, and the group that helps."""
    async with FakeDaemon().serve(socket_path) as address:
        open_folders_to_everybody(socket_path)
        os.chmod(address.removeprefix("unix://"), 0o600)
        os.seteuid(65534)
        try:
            with pytest.raises(SandboxUnavailable, match=r"no permission[\s\S]*usermod -aG docker"):
                await open_engine(address)
        finally:
            os.seteuid(0)


async def test_a_daemon_that_is_too_old(socket_path: Path) -> None:
    """API 1.40: what it speaks, what is needed, and which release brings it."""
    async with FakeDaemon(api="1.40").serve(socket_path) as address:
        with pytest.raises(SandboxUnavailable, match=r"too old: it speaks API 1\.40, 1\.41 is needed[\s\S]*20\.10"):
            await open_engine(address)


async def test_a_daemon_that_is_too_new(socket_path: Path) -> None:
    """A daemon whose oldest API is beyond the tested ones is refused, not guessed at."""
    async with FakeDaemon(api="1.99", minimum="1.90").serve(socket_path) as address:
        with pytest.raises(SandboxUnavailable, match=r"too new[\s\S]*Upgrade massgen-sandbox-docker"):
            await open_engine(address)


async def test_a_newer_daemon_is_spoken_to_in_a_known_version(socket_path: Path) -> None:
    """The version is clamped to the newest one that was checked, and every call uses it."""
    daemon = FakeDaemon(api="1.99", minimum="1.44")
    async with daemon.serve(socket_path) as address:
        await start(address)
    versions = {line.split("/")[1] for line in daemon.requests if not line.startswith("GET /version")}
    assert versions == {f"v{CEILING[0]}.{CEILING[1]}"}


@pytest.mark.parametrize(
    ("newest", "spoken"), [("1.41", FLOOR), ("1.44", (1, 44)), ("1.51", (1, 51)), ("2.0", CEILING)]
)
def test_negotiation(newest: str, spoken: tuple[int, int]) -> None:
    """The daemon's newest version, within the floor and the ceiling."""
    assert negotiate({"ApiVersion": newest}) == spoken


@pytest.mark.parametrize("body", [{}, {"ApiVersion": "latest"}, []])
async def test_something_that_is_no_engine(socket_path: Path, body: object) -> None:
    """Another HTTP server on the socket is recognised as such."""
    daemon = FakeDaemon()
    daemon.on("GET /version", answer_json(200, body))
    async with daemon.serve(socket_path) as address:
        with pytest.raises(SandboxUnavailable, match="Docker Engine"):
            await open_engine(address)


@pytest.mark.parametrize("answer", [b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{", b""])
async def test_a_broken_answer(socket_path: Path, answer: bytes) -> None:
    """Garbage, a short body and a closed connection are named errors."""
    daemon = FakeDaemon()
    daemon.on("GET /version", answer_raw(answer))
    async with daemon.serve(socket_path) as address:
        with pytest.raises(SandboxError):
            await open_engine(address)


@pytest.mark.parametrize(
    "route",
    ["GET /version", "GET .*/containers/json", "POST .*/create", "POST .*/attach", "POST .*/start"],
)
async def test_a_daemon_that_never_answers(socket_path: Path, route: str) -> None:
    """No call hangs: each is time-boxed, and says what was asked for."""
    daemon = FakeDaemon()
    daemon.on(route, never)
    async with daemon.serve(socket_path) as address:
        with anyio.fail_after(20), pytest.raises(SandboxError, match="did not answer within 0.5 s"):
            await start(address)


@pytest.mark.parametrize(
    ("route", "status", "message", "kind", "text"),
    [
        ("POST .*/create", 404, "No such image: some/image:latest", ImageError, "Check the reference"),
        ("POST .*/create", 500, "mkdir /x: no space left on device", SandboxError, "disk of the engine is full"),
        ("POST .*/create", 400, "unknown or invalid runtime name: x", SandboxUnavailable, "drop `runtime`"),
        ("POST .*/create", 500, "boom", SandboxError, "could not create the container: the engine answered 500: boom"),
        ("POST .*/attach", 500, "boom", SandboxError, "could not attach to the container"),
        ("POST .*/start", 500, "boom", SandboxError, "could not start the container"),
        ("POST .*/start", 400, 'exec: "x": executable file not found in $PATH', SandboxError, "not in the image"),
    ],
)
async def test_failing_calls(
    socket_path: Path, route: str, status: int, message: str, kind: type[SandboxError], text: str
) -> None:
    """Every failure is named with what was asked for, and the container that exists by then is removed."""
    daemon = FakeDaemon()
    daemon.on(route, answer_json(status, {"message": message}))
    async with daemon.serve(socket_path) as address:
        with pytest.raises(kind) as raised:
            await start(address)
    assert text in str(raised.value)
    if "create" not in route:
        assert any(line.startswith("DELETE ") and CONTAINER in line for line in daemon.requests)


async def test_podman_may_answer_with_200(socket_path: Path) -> None:
    """A raw stream is accepted with 200, and the bytes that came with the headers are kept."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
    daemon = FakeDaemon()
    daemon.on("POST .*/attach", answer_raw(head + b"\x01\0\0\0\0\0\0\x05early"))
    async with running(daemon, socket_path) as process:
        assert await process.receive() == b"early"


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        (b"\x01\0\0\0\0\0\0\x09short", "middle of a frame"),
        (b"HTTP/1.1 200 OK", "not a frame"),
    ],
)
async def test_a_stream_that_breaks_off(socket_path: Path, wire: bytes, reason: str) -> None:
    """Truncated frames and garbage end stdout with an error that says so, after the bytes that were good."""
    daemon = FakeDaemon()
    daemon.on("POST .*/attach", upgrade(wire))
    async with running(daemon, socket_path) as process:
        with pytest.raises(SandboxError, match=reason):
            await read_all(process)


async def test_a_create_that_times_out_is_undone_by_name(socket_path: Path) -> None:
    """When the engine is too slow to tell the id, the container is removed by the name it was given."""
    daemon = FakeDaemon()
    daemon.on("POST .*/create", never)
    async with daemon.serve(socket_path) as address:
        with pytest.raises(SandboxError, match="create the container"):
            await start(address)
    created = next(line for line in daemon.requests if "/create" in line).partition("name=")[2]
    assert any(line.startswith("DELETE ") and created in line for line in daemon.requests)


async def test_a_removal_that_fails_for_a_moment_is_tried_again(socket_path: Path) -> None:
    """A file system that is busy at first does not leave a container for others to find."""
    busy = answer_json(500, {"message": "device or resource busy"})
    gone = answer_json(204, None)
    answers = iter([busy, busy, gone])

    async def answer(stream: anyio.abc.ByteStream) -> None:
        await next(answers)(stream)

    left = [{"Id": CONTAINER, "Labels": {"massgen.owner": "x", "massgen.expires": "1"}}]
    daemon = FakeDaemon()
    daemon.on("GET .*/containers/json", answer_json(200, left))
    daemon.on("DELETE ", answer)
    said: list[str] = []
    async with daemon.serve(socket_path) as address, connect(DockerConfig(host=address)) as engine:
        await reap(engine, Owner.current(), log=said.append)
    assert said == ["removing a container that was left behind"]
    assert next(answers, None) is None


async def test_a_container_that_cannot_be_removed_does_not_stop_others(socket_path: Path) -> None:
    """What a dead program left behind and the engine will not remove is reported; the backend opens all the same."""
    left = [{"Id": CONTAINER, "Labels": {"massgen.owner": "x", "massgen.expires": "1"}}]
    daemon = FakeDaemon()
    daemon.on("GET .*/containers/json", answer_json(200, left))
    daemon.on("DELETE ", answer_json(500, {"message": "device or resource busy"}))
    said: list[str] = []
    async with daemon.serve(socket_path) as address, docker_backend(DockerConfig(host=address), log=said.append):
        pass
    assert said[0] == "removing a container that was left behind"
    assert "device or resource busy" in said[1]
