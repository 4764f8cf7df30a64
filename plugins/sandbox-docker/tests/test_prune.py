"""`massgen-core docker prune`: what nobody uses any more goes, and everything else stays."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from docker_support import TEST, containers
from fake_daemon import FakeDaemon, answer_json
from massgen_sandbox_docker.backend import DockerBackend
from massgen_sandbox_docker.commands import prune as pruning
from massgen_sandbox_docker.commands.prune import Leftover, leftovers, prune
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.container.run import remove
from massgen_sandbox_docker.engine.client import Engine, connect
from massgen_sandbox_docker.images import daemon
from massgen_sandbox_docker.images.labels import KIND
from massgen_sandbox_docker.owners.labels import TTL, Owner
from running_support import created, data, shell

from massgen_core.config import load_settings

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

IMPATIENT = "[plugins.sandbox-docker]\nbuild_timeout = 0.001\n"
"""So that an image of a moment ago is old enough."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a config."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
async def engine() -> AsyncGenerator[Engine]:
    """The engine, without a backend whose reaper would be faster than the command."""
    async with connect(DockerConfig()) as opened:
        yield opened


@asynccontextmanager
async def nameless_image(
    engine: Engine, base: str, monkeypatch: pytest.MonkeyPatch, **labels: str
) -> AsyncGenerator[str]:
    """An image that has lost its name to a newer one; no other image of the engine is looked at."""
    tag = f"massgen-test/prune:{uuid.uuid4().hex[:12]}"

    async def make(turn: str) -> str:
        await daemon.build(engine, f"FROM {base}\nENV TURN={turn}\n", tag, labels=labels, timeout=60)
        return str((await daemon.inspect(engine, tag) or {})["Id"])

    lost = await make("old")
    await make("new")

    async def only_this(engine: Engine) -> Sequence[Leftover]:
        return [each for each in await leftovers(engine) if each.id == lost]

    monkeypatch.setattr(pruning, "leftovers", only_this)
    try:
        yield lost
    finally:
        await daemon.untag(engine, tag)
        await daemon.untag(engine, lost)


@pytest.fixture
def no_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """No image is looked at: others may need those of this engine."""

    async def none(engine: Engine) -> Sequence[Leftover]:
        return []

    monkeypatch.setattr(pruning, "leftovers", none)


def dead_owner() -> Owner:
    """A process of this machine that ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    return replace(Owner.current(), pid=ended.pid)


@pytest.mark.docker
@pytest.mark.usefixtures("no_images")
async def test_containers_by_their_owner(engine: Engine, base_image: str, mark: str) -> None:
    """Those of the dead and past their time go; those of the living, of other machines and of others stay."""
    living, dead = Owner.current().labels(lifetime=1000), dead_owner().labels(lifetime=1000)
    elsewhere = Owner(host="elsewhere/1", pid=1, start="1")
    doomed = [
        await created(engine, base_image, {**labels, TEST: mark})
        for labels in (dead, {**living, TTL: "1000000000"}, elsewhere.labels(lifetime=-10))
    ]
    stay = [
        await created(engine, base_image, {**labels, TEST: mark})
        for labels in (living, elsewhere.labels(lifetime=1000), {})
    ]
    try:
        planned = await data("prune", "--dry-run")
        assert {each["outcome"] for each in planned["items"]} <= {"would be removed"}
        refused = await shell("prune")
        assert refused.exit_code == 2
        assert "say --yes" in refused.output
        assert sorted(await containers(engine, mark)) == sorted([*doomed, *stay])
        assert (await data("prune", "--yes"))["dry_run"] is False
        assert sorted(await containers(engine, mark)) == sorted(stay)
    finally:
        for each in [*doomed, *stay]:
            await remove(engine, each)


@pytest.mark.docker
async def test_an_image_that_has_lost_its_name(
    engine: Engine, base_image: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept while a build may need it or a container uses it, and then removed; its own size is told."""
    async with nameless_image(engine, base_image, monkeypatch, **{KIND: "package"}) as lost:
        [young] = (await data("prune", "--yes"))["items"]
        assert "a build may need it" in young["outcome"]
        (folder / "massgen.toml").write_text(IMPATIENT)
        user = await created(engine, lost, {})
        try:
            [used] = (await data("prune", "--yes"))["items"]
            assert used["outcome"] == "kept: a container uses it"
        finally:
            await remove(engine, user)
        [planned] = (await data("prune", "--dry-run"))["items"]
        assert planned["outcome"] == "would be removed"
        assert await daemon.inspect(engine, lost)
        done = await data("prune", "--yes")
        assert [(each["outcome"], each["why"]) for each in done["items"]] == [("removed", "it has lost its name")]
        assert done["freed_bytes"] == done["items"][0]["bytes"] < 100 * 1024 * 1024  # not the base image's size
        assert await daemon.inspect(engine, lost) is None


@pytest.mark.docker
async def test_an_image_of_others(engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image without a name that has no label of ours is not looked at, however old."""
    (folder / "massgen.toml").write_text(IMPATIENT)
    async with nameless_image(engine, "scratch", monkeypatch, **{TEST: "of others"}) as lost:
        assert (await data("prune", "--yes"))["items"] == []
        assert await daemon.inspect(engine, lost)


async def test_an_image_that_a_registry_names(socket_path: Path) -> None:
    """Names and digests of registries are names; only what has neither is left over, or has a build's name."""
    unfinished = {"Id": "u", "RepoTags": ["massgen/unfinished:x"], "Size": 7}
    labelled = [
        unfinished,
        {"Id": "tagged", "RepoTags": ["massgen/base:x"], "RepoDigests": None},
        {"Id": "by digest", "RepoTags": None, "RepoDigests": ["massgen/base@sha256:1"]},
        {"Id": "lost", "RepoTags": ["<none>:<none>"], "RepoDigests": ["<none>@<none>"], "Size": 7},
    ]
    fake = FakeDaemon()
    fake.on("GET /v[^/]*/images/json.*label", answer_json(200, labelled))
    fake.on("GET /v[^/]*/images/json.*reference", answer_json(200, [unfinished]))
    usage = {"Images": [{"Id": "lost", "SharedSize": 4, "Containers": 1}]}
    fake.on("GET /v[^/]*/system/df", answer_json(200, usage))
    async with fake.serve(socket_path) as host, connect(DockerConfig(host=host)) as asked:
        found = await leftovers(asked)
    assert [(each.id, each.title, each.size, each.users) for each in found] == [
        ("u", "massgen/unfinished:x", None, 0),
        ("lost", "lost", 3, 1),
    ]


@pytest.mark.docker
@pytest.mark.usefixtures("no_images")
async def test_a_no_leaves_everything(engine: Engine, base_image: str, mark: str) -> None:
    """What would be removed is listed in the question; a no leaves it."""
    doomed = await created(engine, base_image, {**dead_owner().labels(lifetime=1000), TEST: mark})
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    try:
        outcome = await prune(load_settings(), False, no)
        assert outcome.text == "Nothing was done."
        assert doomed[:12] in asked[0]
        assert await containers(engine, mark) == [doomed]
    finally:
        await remove(engine, doomed)


@pytest.mark.docker
@pytest.mark.usefixtures("no_images")
async def test_what_it_shows(backend: DockerBackend) -> None:
    """Where nothing is left behind it says so."""
    assert "nothing to remove" in (await shell("prune", "--dry-run")).stdout


def test_what_is_left_of_a_build_waits_its_time() -> None:
    """An image under a build's name goes by its age alone, and none that is used."""
    left = Leftover(id="sha256:1", names=["massgen/unfinished:x"], created=100.0, size=5, users=0)
    assert left.kept_for(3600, 200.0) == "1 min old: a build may need it"
    assert left.kept_for(3600, 4000.0) is None
    assert replace(left, users=1).kept_for(3600, 4000.0) == "a container uses it"
    assert pruning.oldest_build(DockerConfig(build_timeout=900)) == 3600
