"""What befalls a program's containers is told once each, by the engine's events or by what it lists after a pause."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.abc
import pytest
from docker_support import MakeSpec
from fake_daemon import Answer, FakeDaemon, answer_json, answer_raw
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.engine.client import Engine, connect
from massgen_sandbox_docker.owners.events import Event, follow
from massgen_sandbox_docker.owners.labels import Owner

pytestmark = pytest.mark.anyio

ONE, TWO = "1" * 64, "2" * 64
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"


class Heard:
    """Keeps events, and lets a test wait for one."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._more = anyio.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self._more.set()

    async def until(self, container_id: str, what: str) -> Event:
        """The event, waited for."""
        with anyio.fail_after(60):
            while True:
                found = next((e for e in self.events if (e.container_id, e.what) == (container_id, what)), None)
                if found:
                    return found
                self._more = anyio.Event()
                await self._more.wait()

    def of(self, container_id: str) -> list[str]:
        """What befell one container."""
        return [event.what for event in self.events if event.container_id == container_id]


@asynccontextmanager
async def following(engine: Engine, owner: Owner, **kwargs: Any) -> AsyncGenerator[Heard]:
    heard = Heard()

    async def listen() -> None:
        await follow(engine, owner, heard, **kwargs)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        yield heard
        tasks.cancel_scope.cancel()


def happened(action: str, container_id: str, **attributes: str) -> bytes:
    event = {"Type": "container", "Action": action, "Actor": {"ID": container_id, "Attributes": attributes}}
    return json.dumps(event).encode() + b"\n"


def listed(*containers: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"Id": each, "Names": ["/x"], "State": state, "Labels": {}} for each, state in containers]


def in_turn(*answers: Answer) -> Answer:
    """One answer after the other, and the last again and again."""
    left = list(answers)

    async def answer(stream: anyio.abc.ByteStream) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(stream)

    return answer


def stream(*lines: bytes, hold: bool = False) -> Answer:
    """The events' stream with these lines; it is cut then, unless it is to be held open."""

    async def answer(to: anyio.abc.ByteStream) -> None:
        await to.send(HEAD + b"".join(lines))
        if hold:
            await anyio.sleep_forever()

    return answer


async def heard_from(path: Path, streams: Sequence[Answer], lists: Sequence[Any], last: tuple[str, str]) -> Heard:
    """What is heard from a daemon with these streams and lists, up to the last event."""
    daemon = FakeDaemon()
    daemon.on("GET /v[^/]*/events", in_turn(*streams))
    daemon.on("GET /v[^/]*/containers/json", in_turn(*(answer_json(200, each) for each in lists)))
    state = {"State": {"OOMKilled": True, "ExitCode": 137}}
    daemon.on(f"GET /v[^/]*/containers/{TWO}/json", answer_json(200, state))
    async with (
        daemon.serve(path) as host,
        connect(DockerConfig(host=host)) as engine,
        following(engine, Owner.current(), pause=0.01) as heard,
    ):
        await heard.until(*last)
    return heard


async def test_what_happened_while_the_stream_was_cut_is_told(socket_path: Path) -> None:
    """After a cut the list tells which containers ended and which are gone, with the reason read back."""
    streams = [stream(happened("create", ONE)), stream(hold=True)]
    lists = [listed((TWO, "running")), listed((TWO, "exited"))]
    heard = await heard_from(socket_path, streams, lists, (TWO, "die"))
    assert heard.of(ONE) == ["die", "destroy"]
    assert heard.events[-2:] == [
        Event(container_id=TWO, what="oom"),
        Event(container_id=TWO, what="die", exit_code=137),
    ]


async def test_a_daemon_that_is_away_for_a_while_is_asked_again(socket_path: Path) -> None:
    """Refusals, broken answers and nonsense on the stream are outlived."""
    streams = [
        stream(happened("create", ONE)),
        answer_json(503, {"message": "starting"}),
        answer_raw(b"garbage\r\n\r\n"),
        stream(b"not json\n"),
        stream(b"[1]\n"),
        stream(happened("die", ONE, exitCode="3"), happened("destroy", ONE), hold=True),
    ]
    heard = await heard_from(socket_path, streams, [listed(), listed((ONE, "running"))], (ONE, "destroy"))
    assert heard.events == [
        Event(container_id=ONE, what="die", exit_code=3),
        Event(container_id=ONE, what="destroy"),
    ]


async def test_what_was_told_is_not_told_again(socket_path: Path) -> None:
    """What is on the list and on the stream, or twice on the stream, is told once; Podman's words are understood."""
    late = [happened("oom", TWO), happened("died", TWO, exitCode="137"), happened("remove", TWO)]
    again = [happened("create", TWO), *late, happened("destroy", ONE)]
    streams = [stream(*late, *again, hold=True)]
    heard = await heard_from(socket_path, streams, [listed((TWO, "exited"))], (ONE, "destroy"))
    assert heard.of(TWO) == ["oom", "die", "destroy"]


async def test_a_container_that_was_created_before_the_engine_listened(socket_path: Path) -> None:
    """Neither on the list nor on the stream as created, its end is told all the same."""
    streams = [stream(happened("die", ONE, exitCode="1"), hold=True)]
    heard = await heard_from(socket_path, streams, [listed()], (ONE, "die"))
    assert heard.events == [Event(container_id=ONE, what="die", exit_code=1)]


async def test_events_are_asked_for_from_the_engines_own_time(socket_path: Path) -> None:
    """The stream begins at the second in which it was opened, so that nothing falls between it and the list."""
    daemon = FakeDaemon()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: Sun, 09 Sep 2001 01:46:40 GMT\r\nConnection: close\r\n\r\nOK"
    daemon.on("GET /v[^/]*/_ping", answer_raw(head))
    daemon.on("GET /v[^/]*/events", stream(happened("destroy", ONE), hold=True))
    async with (
        daemon.serve(socket_path) as host,
        connect(DockerConfig(host=host)) as engine,
        following(engine, Owner.current()) as heard,
    ):
        await heard.until(ONE, "destroy")
    [asked] = [line for line in daemon.requests if "/events" in line]
    assert "since=1000000000" in asked


async def test_an_event_that_comes_in_pieces(socket_path: Path) -> None:
    """A line may be longer than what the stream delivers at once: it carries all labels of an image."""
    long = happened("die", ONE, exitCode="0", packages="p" * 500_000)
    streams = [stream(happened("create", ONE), long, hold=True)]
    heard = await heard_from(socket_path, streams, [listed()], (ONE, "die"))
    assert heard.of(ONE) == ["die"]


@pytest.mark.docker
async def test_an_end_with_its_exit_code(backend: DockerBackend, spec: MakeSpec) -> None:
    """The real engine tells of a program's end, with its exit code, and of the container's removal."""
    async with following(backend.engine, backend.owner) as heard:
        async with backend.start(spec("sh", "-c", "read x; exit 5")) as sandbox:
            await sandbox.main.send(b"\n")
            assert (await heard.until(sandbox.id, "die")).exit_code == 5
        await heard.until(sandbox.id, "destroy")
    assert heard.of(sandbox.id) == ["die", "destroy"]


@pytest.mark.docker
async def test_an_end_for_want_of_memory(backend: DockerBackend, spec: MakeSpec) -> None:
    """The real engine tells that a container ran out of memory."""
    hog = "x = []\nwhile True: x.append(bytearray(1 << 20))"
    hungry = spec("python3", "-c", hog, memory="32MiB")
    async with following(backend.engine, backend.owner) as heard, backend.start(hungry) as sandbox:
        await heard.until(sandbox.id, "oom")
        assert (await heard.until(sandbox.id, "die")).exit_code == 137


@pytest.mark.docker
async def test_only_the_owners_own_containers(backend: DockerBackend, spec: MakeSpec) -> None:
    """Another program's containers are not told of."""
    async with (
        docker_backend(DockerConfig(), log=lambda line: None) as other,
        following(backend.engine, backend.owner) as heard,
    ):
        async with other.start(spec("true")) as theirs, backend.start(spec("true")) as ours:
            await heard.until(ours.id, "die")
            await theirs.main.wait()
        await heard.until(ours.id, "destroy")
    assert heard.of(theirs.id) == []


@pytest.mark.docker
async def test_a_removal_by_somebody_else_is_told_of(spec: MakeSpec) -> None:
    """An open backend says that a sandbox's container was removed under it, and nothing of its own removals."""
    said: list[str] = []
    told = anyio.Event()

    def log(line: str) -> None:
        said.append(line)
        told.set()

    async with docker_backend(DockerConfig(), log=log) as backend:
        async with backend.start(spec("cat")):
            pass
        async with backend.start(spec("cat")) as sandbox:
            async with backend.engine.control("remove") as docker:
                await container(docker, sandbox.id).delete(force=True, v=True)
            with anyio.fail_after(60):
                await told.wait()
    assert said == [f"sandbox 'test': its container {sandbox.id[:12]} was removed by somebody else"]
