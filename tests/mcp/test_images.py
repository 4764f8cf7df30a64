"""Tests of how a server's image is found, proved and remembered, with a backend that runs processes of this host.

The backend is a real one in all but isolation: what it starts are processes, spoken to as if in a container.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest

from massgen_core.errors import ImageError, McpError
from massgen_core.mcp.host import HostProcess, host_process
from massgen_core.mcp.lock import LockFile, lock_package, read_lock
from massgen_core.mcp.provider import Restarts, serve
from massgen_core.mcp.settings import ServerSettings
from massgen_core.sandbox import ExecResult, ImageInfo, Isolation, PackageRef, Progress, Prove, Sandbox, SandboxSpec

pytestmark = pytest.mark.anyio

SERVERS = Path(__file__).parent / "servers"


class HostSandbox:
    """A process of this host as a sandbox."""

    def __init__(self, name: str, main: HostProcess) -> None:
        self.id = self.name = name
        self.main = main

    async def exec(self, command: Sequence[str], **options: Any) -> ExecResult:
        pytest.fail("finding an image runs no second command")

    async def inspect(self) -> Isolation:
        return Isolation(backend="host", limits={}, findings=())


class HostBackend:
    """Images are scripts beside this file; preparing one proves it."""

    def __init__(self, script: str) -> None:
        self.name = "host"
        self.sandboxes: tuple[Sandbox, ...] = ()
        self.script = script
        self.proof: Mapping[str, str] = {}
        self.prepared: list[PackageRef] = []
        self.started: list[SandboxSpec] = []

    @asynccontextmanager
    async def start(
        self, spec: SandboxSpec, *, on_stderr: Callable[[bytes], None] | None = None
    ) -> AsyncGenerator[HostSandbox]:
        self.started.append(spec)
        command = spec.command or (sys.executable, str(SERVERS / str(spec.reference)))
        async with host_process(command, env=spec.env, on_stderr=on_stderr) as process:
            yield HostSandbox(spec.name, process)

    async def prepare(self, package: PackageRef, *, prove: Prove, progress: Progress) -> ImageInfo:
        self.prepared.append(package)
        image = replace(self._image(), version=package.version or "1.5", packages={package.name: "1.5"})
        try:
            return replace(image, proof=await prove(image))
        except McpError as error:
            raise ImageError(f"{package} does not prove itself: {error}") from error

    async def image(self, reference: str, *, progress: Progress) -> ImageInfo:
        return replace(self._image(), reference=reference, proof=self.proof)

    def _image(self) -> ImageInfo:
        return ImageInfo(
            reference=f"{self.script}.py",
            id=f"sha256:{self.script}",
            command=(sys.executable, str(SERVERS / f"{self.script}.py")),
        )


def settings_for(**settings: Any) -> ServerSettings:
    return ServerSettings.model_validate({"sandbox": "host", **settings})


@asynccontextmanager
async def opened(host: Any, use: Any, backend: HostBackend, **settings: Any) -> AsyncGenerator[Any]:
    host.offered["host"] = backend
    with anyio.fail_after(60):
        async with serve("toy", settings_for(**settings), host, restarts=Restarts(first=0.01)) as tools:
            yield use(host, tools)


async def locked(folder: Path) -> LockFile:
    return await anyio.to_thread.run_sync(read_lock, folder)


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_an_unpinned_package_is_resolved_once(host: Any, use: Any, tmp_path: Path) -> None:
    """The first run writes `massgen.lock`, the second asks for the version in it."""
    prepared: list[PackageRef] = []
    for _ in range(2):
        backend = HostBackend("plain")
        async with opened(host, use, backend, package="uvx:toy", extras=["more"]) as server:
            assert (await server.echo("x")).text == "x"
        prepared += backend.prepared
    entry = (await locked(tmp_path)).package["uvx:toy + more"]
    assert (entry.version, dict(entry.packages)) == ("1.5", {"toy": "1.5"})
    assert [package.version for package in prepared] == [None, "1.5"]
    assert {package.extras for package in prepared} == {("more",)}


async def test_a_pinned_package_is_not_locked(host: Any, use: Any, tmp_path: Path) -> None:
    """The config says it all."""
    async with opened(host, use, HostBackend("plain"), package="uvx:toy==2.0"):
        pass
    assert files(tmp_path) == []


async def test_a_command_line_becomes_a_package(host: Any, use: Any) -> None:
    """`uvx toy modern` is the package `toy` with an argument."""
    backend = HostBackend("plain")
    async with opened(host, use, backend, command="uvx", args=["toy", "modern"], env={"A": "b"}, memory="64MiB"):
        assert backend.prepared == [PackageRef(kind="uvx", name="toy")]
        proved, used = backend.started
        assert (proved.image, proved.reference) == (used.image, used.reference) == ("sha256:plain", "plain.py")
        assert list(used.command)[-1] == "modern"
        assert (used.env, used.limits.memory) == ({"A": "b"}, 64 * 1024 * 1024)
        assert proved == used


async def test_an_image_that_is_no_server_does_not_prove_itself(host: Any, use: Any) -> None:
    """The error shows what the server wrote."""
    with pytest.raises(ImageError, match=r"(?s)uvx:toy does not prove itself: .*exit code 7.*No module named 'cheese'"):
        async with opened(host, use, HostBackend("exits"), package="uvx:toy"):
            pass
    with pytest.raises(ImageError, match=r"(?s)did not answer within 0.5 s.*waiting for the database"):
        async with opened(host, use, HostBackend("silent"), package="uvx:toy", start_timeout=0.5):
            pass


async def test_the_era_of_an_image_is_remembered(host: Any, use: Any, tmp_path: Path) -> None:
    """The second start of the same image does not probe: a server that is silent on unknown methods answers at once."""
    async with opened(host, use, HostBackend("shy"), image="shy.py"):
        pass
    assert (await locked(tmp_path)).image["sha256:shy"].protocol == "2025-06-18"
    async with opened(host, use, HostBackend("shy"), image="shy.py", start_timeout=2.5) as server:
        assert (await server.echo("x")).text == "x"


@pytest.mark.parametrize(("first", "then"), [([], ["modern"]), (["modern"], [])])
async def test_an_era_that_was_remembered_wrongly_is_learnt_anew(
    host: Any, use: Any, tmp_path: Path, first: list[str], then: list[str]
) -> None:
    """The same image may speak another era with other arguments: what it refuses is asked for, and kept."""
    for args in (first, then):
        async with opened(host, use, HostBackend("plain"), image="plain.py", args=args) as server:
            assert (await server.echo("x")).text == "x"
    spoken = (await locked(tmp_path)).image["sha256:plain"].protocol
    assert spoken == ("2026-07-28" if then else "2025-06-18")


async def test_the_era_of_the_proof_counts(host: Any, use: Any, tmp_path: Path) -> None:
    """An image that carries its proof is not probed, and nothing is written."""
    backend = HostBackend("shy")
    backend.proof = {"protocol": "2025-06-18", "tools": "1"}
    async with opened(host, use, backend, image="shy.py", start_timeout=2.5) as server:
        assert (await server.echo("x")).text == "x"
    assert files(tmp_path) == []


async def test_an_image_runs_its_own_command_or_the_one_that_is_named(host: Any, use: Any) -> None:
    """`args` follow the image's command, `command` replaces it."""
    backend = HostBackend("plain")
    own = (sys.executable, str(SERVERS / "plain.py"))
    for settings in ({}, {"args": ["modern"]}, {"command": own[0], "args": [own[1]]}):
        async with opened(host, use, backend, image="plain.py", **settings) as server:
            assert (await server.echo("x")).text == "x"
    assert [tuple(spec.command) for spec in backend.started] == [(), (*own, "modern"), own]


async def test_a_lock_that_cannot_be_written_is_only_a_pity(
    host: Any, use: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server runs, and the log says that nothing was kept."""

    def full(**arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    async with opened(host, use, HostBackend("plain"), package="uvx:toy") as server:
        assert (await server.echo("x")).text == "x"
    assert any("cannot write massgen.lock, so what was resolved is not kept" in line for line in host.lines)


async def test_a_new_image_for_a_locked_version_is_noted(host: Any, use: Any, tmp_path: Path) -> None:
    """The version stays, the entry names the image that is used now."""
    package = PackageRef(kind="uvx", name="toy")
    old = ImageInfo(reference="old", id="sha256:old", version="1.2")
    await anyio.to_thread.run_sync(lock_package, tmp_path, package, old)
    async with opened(host, use, HostBackend("plain"), package="uvx:toy"):
        pass
    entry = (await locked(tmp_path)).package["uvx:toy"]
    assert (entry.version, entry.id) == ("1.2", "sha256:plain")
