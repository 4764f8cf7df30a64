"""While a backend is open the reaper runs again and again, and a container's own time counts for everybody."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from docker_support import TEST, MakeSpec, containers, removed
from fake_daemon import CONTAINER, FakeDaemon, answer_json
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.engine.client import Engine, connect
from massgen_sandbox_docker.owners.labels import SANDBOX, TTL, Owner, judge
from massgen_sandbox_docker.owners.reaper import keep_reaping

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

PAST = "1000000000"


def dead_owner() -> Owner:
    """A process of this machine that ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    return replace(Owner.current(), pid=ended.pid)


async def left_behind(engine: Engine, image: str, labels: Mapping[str, str]) -> str:
    """A container that was created with these labels, and that nobody of this program knows."""
    body = {"Image": image, "Cmd": ["cat"], "Labels": dict(labels)}
    return (await engine.post_json("create", "/containers/create", body))["Id"]


@pytest.mark.docker
async def test_what_a_dead_program_leaves_goes_while_another_runs(base_image: str, mark: str) -> None:
    """A container whose owner died after the backend was opened is removed without a new one being opened."""
    said: list[str] = []
    async with docker_backend(DockerConfig(reap_every=0.1), log=said.append) as backend:
        labels = {**dead_owner().labels(lifetime=1000), TEST: mark}
        doomed = await left_behind(backend.engine, base_image, labels)
        with anyio.fail_after(60):
            await removed(backend.engine, doomed)
        assert await containers(backend.engine, mark) == []
    assert any("left behind" in line for line in said)


@pytest.mark.docker
async def test_a_container_past_its_time_goes_though_its_owner_lives(base_image: str, mark: str) -> None:
    """Of two containers of a living program the one whose time is over is removed, the other stays."""
    neighbour = Owner.current()
    async with docker_backend(DockerConfig(reap_every=0.1), log=lambda line: None) as backend:
        labels = {**neighbour.labels(lifetime=1000), TEST: mark}
        stays = await left_behind(backend.engine, base_image, labels)
        goes = await left_behind(backend.engine, base_image, {**labels, TTL: PAST})
        try:
            with anyio.fail_after(60):
                await removed(backend.engine, goes)
            assert await containers(backend.engine, mark) == [stays]
        finally:
            async with backend.engine.control("remove") as docker:
                await container(docker, stays).delete(force=True, v=True)


@pytest.mark.docker
async def test_the_lifetime_of_a_sandbox_is_on_its_container(backend: DockerBackend, spec: MakeSpec) -> None:
    """A sandbox with a lifetime says so to everybody, one without does not; both say which sandbox they are."""
    async with (
        backend.start(spec("cat", lifetime=500)) as timed,
        backend.start(spec("cat")) as free,
        backend.engine.control("look") as docker,
    ):
        labels = [(await container(docker, each.id).show())["Config"]["Labels"] for each in (timed, free)]
    assert labels[0][TTL].isdigit()
    assert TTL not in labels[1]
    assert [each[SANDBOX] for each in labels] == ["test", "test"]


async def test_an_engine_that_is_away_is_asked_again(socket_path: Path) -> None:
    """A reaper whose engine fails goes on quietly, and removes what it finds when the engine answers again."""
    daemon = FakeDaemon()
    labels = {**Owner(host="elsewhere").labels(lifetime=1000), TTL: PAST}
    listed = answer_json(200, [{"Id": CONTAINER, "Labels": labels}])
    failures = 0
    deleted = anyio.Event()

    async def fail_twice(stream: anyio.abc.ByteStream) -> None:
        nonlocal failures
        failures += 1
        await (answer_json(500, {"message": "away"}) if failures < 3 else listed)(stream)

    async def delete(stream: anyio.abc.ByteStream) -> None:
        await answer_json(204, None)(stream)
        deleted.set()

    daemon.on("GET /v[^/]*/containers/json", fail_twice)
    daemon.on(f"DELETE /v[^/]*/containers/{CONTAINER}", delete)
    said: list[str] = []

    async def reap(engine: Engine) -> None:
        await keep_reaping(engine, Owner.current(), every=0.01, log=said.append)

    async with (
        daemon.serve(socket_path) as host,
        connect(DockerConfig(host=host)) as engine,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(reap, engine)
        with anyio.fail_after(30):
            await deleted.wait()
        tasks.cancel_scope.cancel()
    assert said == ["removing a container that was left behind"]


@pytest.mark.parametrize(("ttl", "verdict"), [(PAST, "expired"), ("9" * 12, "mine"), ("soon", "mine"), ("", "mine")])
def test_a_container_of_mine_past_its_time(ttl: str, verdict: str) -> None:
    """Its own time wins over its owner; a label that is no moment is none."""
    here = Owner.current()
    assert judge({**here.labels(lifetime=1000), TTL: ttl}, here=here) == verdict


def test_others_wait_a_little_longer_than_the_owner() -> None:
    """The owner ends a sandbox at its lifetime, with a reason, before anybody else does."""
    labels = Owner.current().labels(lifetime=1000, ttl=10)
    assert judge(labels, here=Owner(host="elsewhere"), now=float(labels[TTL]) - 55) == "unknown"
    assert judge(labels, here=Owner(host="elsewhere"), now=float(labels[TTL]) + 1) == "expired"
