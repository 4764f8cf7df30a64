"""A sandbox changes hands between two programs: neither a moment without an owner nor one with two."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import anyio.abc
import pytest
from docker_support import TEST, MakeSpec, containers, removed
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.owners.adopted import first_name, name_for, owned_labels
from massgen_sandbox_docker.owners.handover.talk import Gone, Talk, call
from massgen_sandbox_docker.owners.labels import OWNER, Owner, judge
from massgen_sandbox_docker.owners.reaper import reap

from massgen_core.errors import SandboxError, SandboxExited, SandboxUnavailable

pytestmark = [pytest.mark.anyio, pytest.mark.docker]

PROGRAM = """
import os, signal, sys
import anyio
from massgen_core.errors import SandboxError
from massgen_core.sandbox import SandboxLimits, SandboxSpec
from massgen_sandbox_docker.backend import docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.owners.handover import giving, talk

what, image, name, mark, token, die_at = sys.argv[1:]

def dies(owner, function, *, after):
    real = getattr(owner, function)
    async def wrapped(*args, **kwargs):
        if not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = await real(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, function, wrapped)

real_say = talk.Talk.say
async def say(self, message, descriptors=()):
    word = message.get("word") or ("state" if "container" in message else "hello")
    if die_at == "before " + word:
        os.kill(os.getpid(), signal.SIGKILL)
    await real_say(self, message, descriptors)
    if die_at == "after " + word:
        os.kill(os.getpid(), signal.SIGKILL)
talk.Talk.say = say
if die_at.endswith(" rename"):
    dies(giving._Giving, "_rename", after=die_at.startswith("after"))

async def give(backend):
    spec = SandboxSpec(name="given", image=image, idle=True, labels={name: mark})
    async with backend.start(spec) as sandbox:
        await sandbox.exec(["sh", "-c", "echo kept >/tmp/file"])
        async with backend.offer(sandbox) as offer:
            print(sandbox.id, offer.token, flush=True)
            await offer.taken.wait()
        print("given", len(backend.sandboxes), flush=True)
    print("left", flush=True)

async def take(backend):
    try:
        async with backend.adopt(token) as sandbox:
            done = await sandbox.exec(["cat", "/tmp/file"])
            print("took", done.stdout.decode().strip(), flush=True)
            await anyio.sleep_forever()
    except SandboxError as error:
        print("failed", type(error).__name__, error, flush=True)

async def main():
    async with docker_backend(DockerConfig(lease=0.2), log=print) as backend:
        await (give if what == "give" else take)(backend)

anyio.run(main)
"""


class Program:
    """Another program of this user."""

    def __init__(self, process: anyio.abc.Process) -> None:
        self.process = process
        self._said = b""

    async def line(self) -> str:
        """The next line that it prints; empty at its end."""
        assert self.process.stdout is not None
        with anyio.fail_after(60):
            while b"\n" not in self._said:
                try:
                    self._said += await self.process.stdout.receive()
                except anyio.EndOfStream:
                    return ""
        line, _, self._said = self._said.partition(b"\n")
        return line.decode()

    async def ended(self) -> int:
        """Wait for its end."""
        with anyio.fail_after(60):
            return await self.process.wait()


@asynccontextmanager
async def program(*words: str) -> AsyncGenerator[Program]:
    async with await anyio.open_process([sys.executable, "-c", PROGRAM, *words], stderr=None) as process:
        try:
            yield Program(process)
        finally:
            if process.returncode is None:
                process.kill()


@asynccontextmanager
async def giver(image: str, mark: str, die_at: str = "") -> AsyncGenerator[tuple[Program, str, str]]:
    async with program("give", image, TEST, mark, "", die_at) as started:
        container_id, _, token = (await started.line()).partition(" ")
        yield started, container_id, token


@asynccontextmanager
async def taker(image: str, mark: str, token: str, die_at: str = "") -> AsyncGenerator[Program]:
    async with program("take", image, TEST, mark, token, die_at) as started:
        yield started


async def runs(backend: DockerBackend, container_id: str) -> bool:
    async with backend.engine.control("look") as docker:
        shown = await container(docker, container_id).show()
    return bool(shown["State"]["Running"])


async def test_it_goes_on_elsewhere(backend: DockerBackend, base_image: str, mark: str) -> None:
    """The taker finds it as it was; the giver leaves, and nothing happens to it; with the taker it ends."""
    async with giver(base_image, mark) as (gives, container_id, token):
        async with backend.adopt(token) as sandbox:
            assert sandbox in backend.sandboxes
            assert (sandbox.id, sandbox.name) == (container_id, "given")
            assert await gives.line() == "given 0"
            assert await gives.line() == "left"
            assert await gives.ended() == 0
            assert (await sandbox.exec(["cat", "/tmp/file"])).stdout == b"kept\n"
            timed = await sandbox.exec(["sh", "-c", "echo begun; sleep 1000"], deadline=0.5)
            assert (timed.stdout, timed.tree_killed) == (b"begun\n", True)
            await reap(backend.engine, Owner.current(), log=print)
            assert await runs(backend, container_id)
        assert sandbox not in backend.sandboxes
    assert await containers(backend.engine, mark) == []


async def test_it_can_be_handed_on(backend: DockerBackend, base_image: str, mark: str) -> None:
    """To a third program, with everything that can be done to it."""
    async with giver(base_image, mark) as (gives, _, token), backend.adopt(token) as sandbox:
        assert await gives.line() == "given 0"
        await sandbox.pause()
        await sandbox.resume()
        async with docker_backend(DockerConfig(), log=print) as other, backend.offer(sandbox) as offer:
            async with other.adopt(offer.token) as third:
                with anyio.fail_after(30):
                    await offer.taken.wait()
                assert (await third.exec(["cat", "/tmp/file"])).stdout == b"kept\n"
                made = await third.snapshot()
                await other.drop(made)
                with pytest.raises(SandboxExited, match="handed over"):
                    await sandbox.exec(["true"])
                assert "handed over" in (await sandbox.main.wait()).reason
                assert sandbox not in backend.sandboxes
            assert await containers(backend.engine, mark) == []


@pytest.mark.parametrize("moment", ["before state", "after state", "before rename"])
async def test_the_giver_is_killed_before_the_name_says_so(
    backend: DockerBackend, base_image: str, mark: str, moment: str
) -> None:
    """Then nobody has it: its watchdog ends it, and the taker is told."""
    async with giver(base_image, mark, moment) as (gives, container_id, token):
        with anyio.fail_after(60), pytest.raises(SandboxError, match="ended|withdrawn"):
            async with backend.adopt(token):
                pytest.fail("it was taken")
        assert await gives.ended() == -signal.SIGKILL
        await removed(backend.engine, container_id)
    assert await containers(backend.engine, mark) == []


@pytest.mark.parametrize("moment", ["after rename", "before yours", "after yours"])
async def test_the_giver_is_killed_after_it(backend: DockerBackend, base_image: str, mark: str, moment: str) -> None:
    """Then it is the taker's, and the giver's watchdog leaves it alone."""
    async with giver(base_image, mark, moment) as (gives, _, token):
        with anyio.fail_after(60):
            async with backend.adopt(token) as sandbox:
                assert await gives.ended() == -signal.SIGKILL
                await anyio.sleep(3)  # longer than that watchdog waits
                assert (await sandbox.exec(["cat", "/tmp/file"])).stdout == b"kept\n"
    assert await containers(backend.engine, mark) == []


@pytest.mark.parametrize("moment", ["before hello", "after hello", "before have it", "after have it", "before thanks"])
async def test_the_taker_is_killed_before_it_is_its_own(
    backend: DockerBackend, base_image: str, spec: MakeSpec, mark: str, moment: str
) -> None:
    """Then the giver goes on with it, and somebody else can take it."""
    async with backend.start(replace(spec(), idle=True)) as sandbox:
        await sandbox.exec(["sh", "-c", "echo kept >/tmp/file"])
        async with backend.offer(sandbox) as offer:
            async with taker(base_image, mark, offer.token, moment) as takes:
                assert await takes.ended() == -signal.SIGKILL
            await anyio.sleep(2)  # longer than that taker's watchdog waits
            assert (await sandbox.exec(["cat", "/tmp/file"])).stdout == b"kept\n"
            assert not offer.taken.is_set()
            async with taker(base_image, mark, offer.token) as takes:
                assert await takes.line() == "took kept"
                assert offer.taken.is_set()
                takes.process.kill()
            await removed(backend.engine, sandbox.id)
    assert await containers(backend.engine, mark) == []


async def test_the_taker_is_killed_after_it(backend: DockerBackend, base_image: str, spec: MakeSpec, mark: str) -> None:
    """Then it goes with its owner, by that one's watchdog."""
    async with backend.start(replace(spec(), idle=True)) as sandbox, backend.offer(sandbox) as offer:
        async with taker(base_image, mark, offer.token, "after thanks") as takes:
            assert await takes.ended() == -signal.SIGKILL
        with anyio.fail_after(60):
            await offer.taken.wait()
        await removed(backend.engine, sandbox.id)
    assert await containers(backend.engine, mark) == []


async def test_both_are_killed(backend: DockerBackend, base_image: str, mark: str) -> None:
    """Nothing is left."""
    async with giver(base_image, mark, "after yours") as (gives, container_id, token):
        async with taker(base_image, mark, token, "before thanks") as takes:
            await takes.ended()
        await gives.ended()
    await removed(backend.engine, container_id)
    assert await containers(backend.engine, mark) == []


async def test_a_busy_sandbox_is_refused(backend: DockerBackend, spec: MakeSpec) -> None:
    """While a command runs, or it is frozen; then it stays where it is, and can be taken later."""
    async with (
        docker_backend(DockerConfig(), log=print) as other,
        backend.start(replace(spec(), idle=True)) as sandbox,
        backend.offer(sandbox) as offer,
    ):
        async with sandbox.spawn(["sleep", "1000"]):
            with pytest.raises(SandboxError, match="a command runs"):
                async with other.adopt(offer.token):
                    pytest.fail("it was taken")
        await sandbox.pause()
        with pytest.raises(SandboxError, match="frozen"):
            async with other.adopt(offer.token):
                pytest.fail("it was taken")
        await sandbox.resume()
        assert (await sandbox.exec(["echo", "on"])).stdout == b"on\n"
        async with other.adopt(offer.token) as taken:
            assert (await taken.exec(["echo", "on"])).stdout == b"on\n"


async def test_what_cannot_be_handed_over(backend: DockerBackend, spec: MakeSpec) -> None:
    """What has a program of its own, or a way out that ends in this process."""
    for one, reason in (
        (spec("cat"), "only an idle sandbox"),
        (replace(spec(network=["web.test:443"]), idle=True), "way to the network"),
    ):
        async with backend.start(one) as sandbox:
            with pytest.raises(SandboxUnavailable, match=reason):
                async with backend.offer(sandbox):
                    pytest.fail("it was offered")


async def test_an_offer_that_is_over(backend: DockerBackend, spec: MakeSpec) -> None:
    """Its token is good for nothing; the sandbox is not touched."""
    async with docker_backend(DockerConfig(), log=print) as other, backend.start(replace(spec(), idle=True)) as sandbox:
        async with backend.offer(sandbox) as offer:
            assert os.stat(offer.token).st_mode & 0o777 == 0o600
            assert os.stat(os.path.dirname(offer.token)).st_mode & 0o777 == 0o700
        for token in (offer.token, "/etc/passwd", "/no/such/place"):
            with pytest.raises(SandboxError, match="nobody offers|not a socket"):
                async with other.adopt(token):
                    pytest.fail("it was taken")
        assert (await sandbox.exec(["echo", "on"])).stdout == b"on\n"


@pytest.mark.parametrize("rubbish", [b"", b"no json", b"[]", b'{"owner": "../x", "host": ""}', b'{"owner": 1}'])
async def test_a_caller_that_talks_rubbish(backend: DockerBackend, spec: MakeSpec, rubbish: bytes) -> None:
    """It gets nothing, and the offer stands."""
    async with (
        docker_backend(DockerConfig(), log=print) as other,
        backend.start(replace(spec(), idle=True)) as sandbox,
        backend.offer(sandbox) as offer,
    ):
        talk = call(offer.token)
        end: socket.socket = talk._end
        end.send(rubbish or b" ")
        with anyio.fail_after(30):
            try:
                said, found = await talk.hear()
            except Gone:
                said, found = {"no": ""}, []
        assert ("no" in said, found) == (True, [])
        talk.close()
        async with other.adopt(offer.token) as taken:
            assert (await taken.exec(["echo", "on"])).stdout == b"on\n"


async def test_its_lifetime_goes_on(backend: DockerBackend, spec: MakeSpec) -> None:
    """What it was promised counts from its start, not from the change of hands."""
    async with (
        docker_backend(DockerConfig(), log=print) as other,
        backend.start(replace(spec(lifetime=6), idle=True)) as sandbox,
        backend.offer(sandbox) as offer,
    ):
        await anyio.sleep(2)
        async with other.adopt(offer.token) as taken:
            assert (taken.spec.limits.lifetime or 0) < 4.5
            with anyio.fail_after(30):
                assert "lifetime" in (await taken.main.wait()).reason


async def test_another_user(backend: DockerBackend, spec: MakeSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever the kernel says is not this user gets nothing."""
    async with (
        docker_backend(DockerConfig(), log=print) as other,
        backend.start(replace(spec(), idle=True)) as sandbox,
        backend.offer(sandbox) as offer,
    ):
        real = os.geteuid()
        monkeypatch.setattr("massgen_sandbox_docker.owners.handover.talk.os.geteuid", lambda: real + 1)
        talk = call_as(offer.token)
        await talk.say({"owner": "0" * 32, "host": backend.owner.host})
        with anyio.fail_after(30):
            said, found = await talk.hear()
        assert "another user" in str(said["no"])
        assert found == []
        talk.close()
        monkeypatch.undo()
        assert (await sandbox.exec(["echo", "on"])).stdout == b"on\n"
        assert other.sandboxes == ()


def call_as(token: str) -> Talk:
    end = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    end.connect(token)
    return Talk(end)


async def test_what_killed_givers_left_is_cleared_away(
    backend: DockerBackend, spec: MakeSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Places at which nobody listens any more go with the next offer; young ones, and others' folders, stay."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    old, young, other = (tmp_path / name for name in ("massgen-offer-old", "massgen-offer-young", "other"))
    for folder in (old, young, other):
        folder.mkdir()
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as end:
            end.bind(str(folder / "socket"))
    for folder in (old, other):
        os.utime(folder, (1, 1))
    async with backend.start(replace(spec(), idle=True)) as sandbox, backend.offer(sandbox):
        assert (old.exists(), young.exists(), other.exists()) == (False, True, True)


def test_names_tell_the_owner() -> None:
    """A name that gives a container away wins over its labels, again and again; others change nothing."""
    first, second, third = Owner.current(), Owner.current(), Owner.current()
    labels = first.labels(lifetime=100)
    name = name_for("massgen-x-0123456789ab", second)
    assert owned_labels(labels, name)[OWNER] == second.id
    assert judge(owned_labels(labels, name), here=second) == "mine"
    assert judge(owned_labels(labels, name), here=first) == "alive"
    assert owned_labels(labels, name_for(name, third))[OWNER] == third.id
    assert first_name(name_for(name, third)) == first_name(name) == "massgen-x-0123456789ab"
    assert owned_labels(labels, "massgen-x.at.home")[OWNER] == first.id
    assert owned_labels({}, name) == {}
    assert json.dumps(labels)
