"""Snapshots: a sandbox's files kept, in memory and on a writable root, without its secrets and its mounts."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from docker_support import MakeSpec, containers, read_all
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.commands.prune import leftovers
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.images import daemon
from massgen_sandbox_docker.state.labels import REPOSITORY, ROOT
from pydantic import ByteSize
from running_support import data, shell

from massgen_core.errors import ImageError, SandboxError, SandboxUnavailable
from massgen_core.sandbox import Mount, Sandbox, SandboxSecret, SandboxSpec, Snapshot

pytestmark = [pytest.mark.anyio, pytest.mark.docker]

SECRET = "s3cr3t-value-of-this-test"
TREE = r"""
mkdir -p /tmp/a/b && echo text >/tmp/a/b/c && head -c 9000000 /dev/urandom >/tmp/large
printf x >'/tmp/-new
line' && ln -s /etc/passwd /tmp/link && echo hidden >/tmp/.hidden && chmod 500 /tmp/a/b && mkfifo /tmp/fifo
"""
SUM = "cd \"$1\" && find . -ls | awk '{print $3, $7, $11, $12, $13}' | sort && find . -type f -exec md5sum {} + | sort"


@asynccontextmanager
async def taken(backend: DockerBackend, sandbox: Sandbox) -> AsyncGenerator[Snapshot]:
    made = await sandbox.snapshot()
    try:
        yield made
    finally:
        await backend.drop(made)


async def text(sandbox: Sandbox, script: str, *words: str) -> str:
    done = await sandbox.exec(["sh", "-c", script, "sh", *words], deadline=60)
    return (done.stdout + done.stderr).decode()


@pytest.fixture(params=["supervisor", "engine"])
def kept(request: pytest.FixtureRequest, spec: MakeSpec, runtime: str) -> SandboxSpec:
    """A sandbox for commands, by both ways of running them and under each runtime."""
    return replace(spec(), idle=True) if request.param == "supervisor" else spec("cat")


async def test_what_is_in_memory_is_kept(backend: DockerBackend, kept: SandboxSpec, mark: str) -> None:
    """Files of any name and kind, with their permission bits; the first sandbox goes on, and so can many others."""
    async with backend.start(kept) as sandbox:
        assert await text(sandbox, TREE) == ""
        before = await text(sandbox, SUM, "/tmp")
        async with taken(backend, sandbox) as made:
            assert len(await containers(backend.engine, mark)) == 1
            assert (made.backend, made.name) == ("docker", "test")
            assert made.size is not None
            assert 9_000_000 < made.size < 10_000_000
            assert made in await backend.snapshots()
            assert await text(sandbox, SUM, "/tmp") == before
            async with (
                backend.start(replace(kept, image="", snapshot=made)) as one,
                backend.start(replace(kept, image="", snapshot=made)) as two,
            ):
                assert await text(one, SUM, "/tmp") == before
                await text(one, "rm -r /tmp/large; echo other >/tmp/.hidden")
                assert await text(two, SUM, "/tmp") == before
                assert await text(two, "touch /x") != ""
        assert made not in await backend.snapshots()
        await backend.drop(made)


async def test_a_program_finds_the_files_when_it_starts(backend: DockerBackend, spec: MakeSpec, runtime: str) -> None:
    """They are there before its first instruction, and its stdin is all its own."""
    async with backend.start(spec("cat")) as sandbox:
        await text(sandbox, "echo first >/tmp/file")
        async with taken(backend, sandbox) as made:
            fork = replace(spec("sh", "-c", "cat /tmp/file -"), snapshot=made)
            async with backend.start(fork) as started:
                await started.main.send(b"second\n")
                await started.main.send_eof()
                assert await read_all(started.main) == b"first\nsecond\n"


@pytest.fixture
async def own_image(backend: DockerBackend, base_image: str) -> AsyncGenerator[str]:
    """An image with a folder that a sandbox's user may write."""
    tag = f"massgen-test/{uuid.uuid4().hex}:own"
    dockerfile = f"FROM {base_image}\nCOPY --chown=65532:65532 own /own\n"
    await daemon.build(backend.engine, dockerfile, tag, labels={}, timeout=60, folders=("own",))
    yield tag
    await daemon.untag(backend.engine, tag)


async def test_a_writable_root(backend: DockerBackend, spec: MakeSpec, own_image: str) -> None:
    """What was changed on it is kept too, and what was deleted stays away; it can be kept again and again."""
    writable = replace(spec(read_only_root=False), image=own_image, idle=True)
    async with backend.start(writable) as sandbox:
        await text(sandbox, "echo root >/own/file; echo memory >/tmp/file; chmod 700 /own/file")
        async with taken(backend, sandbox) as first, backend.start(replace(writable, snapshot=first)) as fork:
            assert await text(fork, "cat /own/file /tmp/file; ls -l /own | grep -c rwx------") == "root\nmemory\n1\n"
            await text(fork, "rm /own/file /tmp/file; echo again >/own/other; head -c 2000000 /dev/urandom >/own/more")
            async with taken(backend, fork) as second, backend.start(replace(writable, snapshot=second)) as third:
                assert await text(third, "ls /own /tmp; cat /own/other") == "/own:\nmore\nother\n\n/tmp:\nagain\n"
                assert second.size is not None
                assert second.size > 2_000_000
                with pytest.raises(SandboxError):
                    await backend.drop(second)
    assert await daemon.listed(backend.engine, label=ROOT) == []


async def test_a_writable_root_that_cannot_be_seen(
    backend: DockerBackend, spec: MakeSpec, listed_runtimes: frozenset[str]
) -> None:
    """Under gVisor it is refused, since half of the truth would be kept."""
    if "runsc" not in listed_runtimes:
        pytest.skip("the engine has no OCI runtime 'runsc'")
    async with backend.start(spec("cat", read_only_root=False, runtime="runsc")) as sandbox:
        with pytest.raises(SandboxUnavailable, match="cannot be seen from outside"):
            await sandbox.snapshot()


async def test_a_snapshot_of_a_fork_does_not_bring_back_what_was_deleted(
    backend: DockerBackend, spec: MakeSpec
) -> None:
    """It is built on the first image, not on the snapshot that its sandbox began with."""
    kept = replace(spec(), idle=True)
    async with backend.start(kept) as sandbox:
        await text(sandbox, "echo a >/tmp/a; echo b >/tmp/b")
        async with taken(backend, sandbox) as first, backend.start(replace(kept, snapshot=first)) as fork:
            await text(fork, "rm /tmp/a; echo c >/tmp/c")
            async with taken(backend, fork) as second:
                await backend.drop(second)
            async with taken(backend, fork) as second, backend.start(replace(kept, snapshot=second)) as third:
                assert await text(third, "ls /tmp; ls /.massgen-snapshot | wc -l") == "b\nc\n1\n"


@pytest.mark.parametrize("writable", [False, True])
async def test_secrets_and_mounts_are_not_part_of_it(
    backend: DockerBackend, spec: MakeSpec, tmp_path: Path, writable: bool
) -> None:
    """Neither the values of the environment, nor files of secrets, nor what is mounted are in the image at all."""
    await anyio.to_thread.run_sync(_workspace, tmp_path)
    secrets = [
        SandboxSecret(name="FILE_KEY", value=SECRET, use="file"),
        SandboxSecret(name="ENV_KEY", value=SECRET, use="env"),
        SandboxSecret(name="NET_KEY", value=SECRET, use="placeholder", hosts=("web.test",)),
    ]
    limits = {"tmpfs": {"/tmp": "8MiB", "/run": "1MiB"}, "network": ["web.test:443"], "read_only_root": not writable}
    plain = replace(spec(env={"PLAIN": SECRET}, **limits), idle=True)
    full = replace(plain, secrets=secrets, mounts=[Mount(source=tmp_path, target="/tmp/work", write=True)])
    async with backend.start(full) as sandbox:
        assert await text(sandbox, 'cat "$FILE_KEY_FILE"; cat /tmp/work/file') == SECRET * 2
        await text(sandbox, "echo own >/tmp/own")
        async with taken(backend, sandbox) as made:
            saved = await anyio.run_process(["docker", "save", made.id])
            shown = await anyio.run_process(["docker", "inspect", made.id])
            assert SECRET.encode() not in saved.stdout
            assert SECRET.encode() not in shown.stdout
            assert b"massgen-placeholder" not in shown.stdout.lower()
            bare = replace(spec(tmpfs=limits["tmpfs"]), idle=True, snapshot=made)
            async with backend.start(bare) as fork:
                listed = await text(fork, "find /tmp /run -type f; env")
                assert "/tmp/own" in listed
                assert "_KEY" not in listed
                assert "PROXY" not in listed
                assert await text(fork, "ls -A /tmp/work /run/secrets 2>/dev/null") in ("", "/tmp/work:\n")


def _workspace(folder: Path) -> None:
    (folder / "file").write_text(SECRET)
    folder.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(folder, 1000, 1000)
        os.chown(folder / "file", 1000, 1000)


async def test_how_large_it_may_be(spec: MakeSpec) -> None:
    """What is larger than the config allows is refused, and leaves nothing."""
    config = DockerConfig(snapshot_size=ByteSize(1024 * 1024))
    async with docker_backend(config, log=print) as backend, backend.start(replace(spec(), idle=True)) as sandbox:
        await text(sandbox, "head -c 2000000 /dev/zero >/tmp/file")
        with pytest.raises(SandboxError, match="larger than 1 MiB"):
            await sandbox.snapshot()
        assert await _ours(backend) == []
        assert await text(sandbox, "echo on") == "on\n"


async def test_what_cannot_be_read(backend: DockerBackend, spec: MakeSpec, runtime: str) -> None:
    """It is an error that names the file: half a snapshot would be worse."""
    async with backend.start(replace(spec(), idle=True)) as sandbox:
        await text(sandbox, "echo x >/tmp/closed; chmod 000 /tmp/closed")
        with pytest.raises(SandboxError, match="closed.*Permission denied"):
            await sandbox.snapshot()
        assert await _ours(backend) == []


async def test_a_frozen_sandbox(backend: DockerBackend, spec: MakeSpec) -> None:
    """Its own tar cannot run; that is said."""
    async with backend.start(replace(spec(), idle=True)) as sandbox:
        await sandbox.pause()
        with pytest.raises(SandboxError, match="resume it first"):
            await sandbox.snapshot()


async def test_where_it_does_not_fit(backend: DockerBackend, spec: MakeSpec, mark: str) -> None:
    """A fork without the folder, or with a smaller one, is refused before it is handed out."""
    async with backend.start(replace(spec(), idle=True)) as sandbox:
        await text(sandbox, "head -c 3000000 /dev/zero >/tmp/file")
        async with taken(backend, sandbox) as made:
            with pytest.raises(SandboxUnavailable, match=r"files in /tmp, where .* no folder in memory"):
                async with backend.start(replace(spec(tmpfs={"/other": "8MiB"}), idle=True, snapshot=made)):
                    pytest.fail("it started")
            with pytest.raises(SandboxUnavailable, match="/tmp could not be unpacked: tar: "):
                async with backend.start(replace(spec(tmpfs={"/tmp": "1MiB"}), idle=True, snapshot=made)):
                    pytest.fail("it started")
            assert len(await containers(backend.engine, mark)) == 1
            with pytest.raises(SandboxUnavailable, match="one of the local backend"):
                async with backend.start(replace(spec(), idle=True, snapshot=replace(made, backend="local"))):
                    pytest.fail("it started")
    with pytest.raises(ImageError, match="not there any more"):
        async with backend.start(replace(spec(), idle=True, snapshot=made)):
            pytest.fail("it started")


async def test_a_snapshot_in_use(backend: DockerBackend, spec: MakeSpec) -> None:
    """It cannot be deleted under a sandbox that began with it."""
    kept = replace(spec(), idle=True)
    async with backend.start(kept) as sandbox, taken(backend, sandbox) as made:
        async with backend.start(replace(kept, snapshot=made)):
            with pytest.raises(SandboxError, match="delete the snapshot of 'test'"):
                await backend.drop(made)
        assert made in await backend.snapshots()


async def test_a_container_of_somebody_else_inherits_no_owner(backend: DockerBackend, spec: MakeSpec) -> None:
    """What a person starts from a snapshot's image is never taken for a container that was left behind."""
    async with backend.start(replace(spec(lifetime=1000), idle=True)) as sandbox, taken(backend, sandbox) as made:
        created = await anyio.run_process(["docker", "create", "--entrypoint", "sh", made.id])
        by_hand = created.stdout.decode().strip()
        try:
            async with docker_backend(DockerConfig(), log=print):
                pass
            shown = await anyio.run_process(["docker", "inspect", by_hand])
            labels = json.loads(shown.stdout)[0]["Config"]["Labels"]
            assert not any(value for name, value in labels.items() if name.startswith(("massgen.owner", "massgen.ttl")))
        finally:
            await anyio.run_process(["docker", "rm", "-f", by_hand])


async def _ours(backend: DockerBackend) -> list[str]:
    """Snapshots, their parts, and containers for them."""
    images = [
        *await daemon.listed(backend.engine, label=ROOT),
        *await daemon.listed(backend.engine, reference=REPOSITORY),
    ]
    async with backend.engine.control("list") as docker:
        found = await docker.containers.list(all=1, filters=json.dumps({"name": ["massgen-snapshot-"]}))
    return [*(str(each["Id"]) for each in images), *(each.id for each in found)]


async def test_the_commands(
    backend: DockerBackend, spec: MakeSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are listed with what they take, deleted by name or id, and left alone by prune."""
    monkeypatch.chdir(tmp_path)
    name = f"kept-{tmp_path.name.replace('_', '-')}"
    async with backend.start(replace(spec(), name=name, idle=True)) as sandbox:
        await text(sandbox, "echo x >/tmp/file")
        async with taken(backend, sandbox) as one, taken(backend, sandbox) as two:
            mine = [each for each in (await data("snapshots"))["snapshots"] if each["sandbox"] == name]
            assert [each["id"] for each in mine] == [one.id, two.id]
            assert [each["bytes"] for each in mine] == [one.size, two.size]
            assert not {one.id, two.id} & {each.id for each in await leftovers(backend.engine)}
            refused = await shell("snapshots", "--delete", name)
            assert (refused.exit_code, "say --yes" in refused.output) == (2, True)
            gone = await data("snapshots", "--delete", "--yes", one.id.removeprefix("sha256:")[:12])
            assert [(each["id"], each["outcome"]) for each in gone["items"]] == [(one.id, "deleted")]
            shown = await shell("snapshots")
            assert two.id.removeprefix("sha256:")[:12] in shown.output
            async with backend.start(replace(spec(), idle=True, snapshot=two)):
                failed = await shell("snapshots", "--delete", "--yes", name)
                assert failed.exit_code == 1
                assert "in use" in failed.output or "being used" in failed.output
            assert (await shell("snapshots", "--delete", "--yes", "no-such-name")).exit_code == 2


async def test_what_a_killed_snapshot_leaves(backend: DockerBackend) -> None:
    """The copy of a root on which no snapshot stands is one of the images that prune removes."""
    made = await anyio.run_process(["docker", "import", "-c", f"LABEL {ROOT}=test", "-"], input=bytes(1024))
    left = made.stdout.decode().strip()
    try:
        assert left in {each.id for each in await leftovers(backend.engine)}
    finally:
        await anyio.run_process(["docker", "rmi", left])
