"""Files in and out of containers: any bytes under any name, a full disk, and archives that mean no good."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from docker_support import MakeSpec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig

from massgen_core.errors import SandboxError
from massgen_core.sandbox import Mount, Sandbox, SandboxSpec, copy, download, upload

pytestmark = [pytest.mark.docker]

NAMES = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\0/") | st.sampled_from("-\n '\"$*\\."),
    min_size=1,
    max_size=60,
).filter(lambda name: name not in (".", "..") and len(name.encode()) < 250)


async def read(sandbox: Sandbox, path: str) -> bytes:
    async with download(sandbox, path) as pieces:
        return b"".join([piece async for piece in pieces])


@given(name=NAMES, data=st.binary(max_size=3000), tail=st.integers(0, 200_000))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_under_any_name(
    idle_sandbox: Callable[[str, bytes], bytes], name: str, data: bytes, tail: int
) -> None:
    """What went in comes out."""
    data += bytes(tail)
    assert idle_sandbox(f"/tmp/{name}", data) == data


@pytest.fixture
def idle_sandbox(spec: MakeSpec) -> Iterator[Callable[[str, bytes], bytes]]:
    """Uploads and downloads again, in a sandbox that all examples share."""
    with anyio.from_thread.start_blocking_portal() as portal:

        async def there_and_back(path: str, data: bytes) -> bytes:
            await upload(started, path, data)
            return await read(started, path)

        with (
            portal.wrap_async_context_manager(docker_backend(DockerConfig(), log=print)) as backend,
            portal.wrap_async_context_manager(backend.start(replace(spec(), idle=True))) as started,
        ):
            yield lambda path, data: portal.call(there_and_back, path, data)


@pytest.mark.anyio
@pytest.mark.parametrize("way", ["supervisor", "engine"])
async def test_a_full_disk(backend: DockerBackend, spec: MakeSpec, runtime: str, way: str) -> None:
    """Then nothing is left of what was begun, and the message says why."""
    tight = spec("cat", tmpfs={"/tmp": "1MiB"}) if way == "engine" else replace(spec(tmpfs={"/tmp": "1MiB"}), idle=True)

    async def zeros() -> AsyncGenerator[bytes]:
        for _ in range(100):
            yield bytes(65536)

    async with backend.start(tight) as sandbox:
        with anyio.fail_after(60), pytest.raises(SandboxError, match="'/tmp/x' could not be written: No space left"):
            await upload(sandbox, "/tmp/x", zeros())
        assert (await sandbox.exec(["ls", "-A", "/tmp"])).stdout == b""
        await upload(sandbox, "/tmp/x", bytes(65536), mode=0o600)
        assert await read(sandbox, "/tmp/x") == bytes(65536)


@pytest.mark.anyio
async def test_between_runtimes(backend: DockerBackend, spec: MakeSpec, listed_runtimes: frozenset[str]) -> None:
    """A folder goes from one kind of sandbox to another and back."""
    if "runsc" not in listed_runtimes:
        pytest.skip("the engine has no OCI runtime 'runsc'")
    make = "mkdir -p /tmp/a/b && echo text >/tmp/a/b/c && seq 100000 >/tmp/a/d"
    async with (
        backend.start(replace(spec(), idle=True)) as one,
        backend.start(spec("cat", runtime="runsc")) as two,
    ):
        await one.exec(["sh", "-c", make])
        await copy(one, "/tmp/a", two, "/tmp/x")
        await copy(two, "/tmp/x", one, "/tmp/y")
        assert (await one.exec(["diff", "-r", "/tmp/a", "/tmp/y"])).exit_code == 0


def _file(name: str) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.size, member.mode = 5, 0o4777
    return member, b"owned"


def _link(name: str, to: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, to
    member.devmajor, member.devminor = 1, 5
    return member, b""


ATTACKS = {
    "parent": [_file("../up")],
    "deep parent": [_file("a/../../../../../../tmp/up")],
    "absolute": [_file("/tmp/up")],
    "through a link": [_link("out", "/tmp"), _file("out/up")],
    "through a link to the parent": [_link("out", ".."), _file("out/up")],
    "through two links": [_link("a", "."), _link("a/b", ".."), _file("b/up")],
    "over a link": [_link("out", "/tmp/victim"), _file("out")],
    "by a hard link": [_link("out", "/tmp/victim", tarfile.LNKTYPE), _file("out")],
    "by a hard link to the parent": [_link("out", "../victim", tarfile.LNKTYPE), _file("out")],
    "by a hard link through a link": [
        _link("way", "/tmp"),
        _link("out", "way/victim", tarfile.LNKTYPE),
        _file("out"),
    ],
    "a device": [_link("zero", "", tarfile.CHRTYPE)],
    "no archive": [],
}


def _evil(folder: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    """A folder with a `tar` that answers with these members."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for member, content in members:
            archive.addfile(member, io.BytesIO(content))
    (folder / "archive").write_bytes(packed.getvalue() if members else b"nonsense" * 1000)
    (folder / "tar").write_text("#!/bin/sh\nexec cat /evil/archive\n")
    (folder / "tar").chmod(0o755)
    folder.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(folder, 1000, 1000)


@pytest.mark.anyio
@pytest.mark.parametrize("attack", ATTACKS)
async def test_an_archive_that_means_no_good(
    backend: DockerBackend, spec: MakeSpec, tmp_path: Path, attack: str
) -> None:
    """Whatever a hostile source packs, nothing outside of the new folder is made or changed."""
    _evil(tmp_path, ATTACKS[attack])
    path = "/evil:/usr/bin:/bin"
    hostile = replace(spec(env={"PATH": path}), idle=True, mounts=[Mount(source=tmp_path, target="/evil")])
    async with backend.start(hostile) as source, backend.start(_idle(spec)) as target:
        await target.exec(["sh", "-c", "echo safe >/tmp/victim"])
        with anyio.fail_after(60):
            with suppress(SandboxError):  # it may succeed: tar leaves out what it does not like
                await copy(source, "/tmp", target, "/tmp/new")
        outside = await target.exec(["find", "/tmp", "/dev/shm", "-not", "-path", "/tmp/new*"])
        assert sorted(outside.stdout.split()) == [b"/dev/shm", b"/tmp", b"/tmp/victim"]
        assert await read(target, "/tmp/victim") == b"safe\n"
        special = await target.exec(["find", "/tmp/new", "-type", "c", "-o", "-perm", "/6000"])
        assert special.stdout == b""


def _idle(spec: MakeSpec) -> SandboxSpec:
    return replace(spec(), idle=True)
