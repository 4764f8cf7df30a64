"""Images of packaged servers, built from real packages on a real engine."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import anyio
import pytest
from handshake import prover
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.images import base_reference, ensure_base, image_reference
from massgen_sandbox_docker.images.daemon import inspect, listed, untag

from massgen_core.errors import ImageError
from massgen_core.sandbox import ImageInfo, PackageRef, SandboxSpec

pytestmark = [pytest.mark.anyio, pytest.mark.docker, pytest.mark.timeout(900), pytest.mark.usefixtures("base_image")]

# A command that is written out gives these images names of their own: nobody else's are built anew or removed.
TIME = PackageRef(kind="uvx", name="mcp-server-time", command="mcp-server-time")
SQLITE = PackageRef(kind="uvx", name="mcp-server-sqlite", command="mcp-server-sqlite")
EVERYTHING = PackageRef(
    kind="npx", name="@modelcontextprotocol/server-everything", command="mcp-server-everything", version="2026.8.31"
)


def silent(line: str) -> None:
    pass


async def never(image: ImageInfo) -> Mapping[str, str]:
    raise AssertionError(f"{image.reference} was proved again")


@pytest.fixture
async def fresh(backend: DockerBackend) -> AsyncGenerator[DockerBackend]:
    """A backend whose engine has no image that these tests build, before and after."""
    await forget(backend)
    yield backend
    await forget(backend)


async def forget(backend: DockerBackend) -> None:
    for image in await listed(backend.engine, label="massgen.image=package"):
        labels = image.get("Labels") or {}
        for package in (TIME, SQLITE, EVERYTHING):
            reference = image_reference(backend.config, replace(package, version=labels.get("massgen.version")))
            if reference in (image.get("RepoTags") or ()):
                await untag(backend.engine, reference)


async def files_of(backend: DockerBackend, reference: str, command: str) -> str:
    async with backend.start(SandboxSpec(name="look", image=reference, command=["cat"])) as sandbox:
        return (await sandbox.exec(["sh", "-c", command], deadline=60)).stdout.decode()


async def test_python_package(fresh: DockerBackend) -> None:
    """An unpinned package is resolved, built once for two who ask at once, proved, and then found without a build."""
    images: list[ImageInfo] = []
    lines: list[str] = []

    async def prepare() -> None:
        images.append(await fresh.prepare(TIME, prove=prover(fresh), progress=lines.append))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(prepare)
        tasks.start_soon(prepare)
    assert sorted(image.built for image in images) == [False, True]
    image = images[0]
    assert image.proof == {"tools": "get_current_time,convert_time"}
    assert image.note is None
    assert image.packages["mcp-server-time"] == image.version
    assert "waiting for another build of the same image" in lines
    again = replace(TIME, version=image.version)
    assert await fresh.prepare(again, prove=never, progress=pytest.fail) == replace(image, built=False)
    await check_image(fresh, image)


async def check_image(backend: DockerBackend, image: ImageInfo) -> None:
    """What the image says about itself, and that its files belong to root."""
    shown = await inspect(backend.engine, image.reference)
    assert shown is not None
    assert shown["Config"]["User"] == "65532:65532"
    assert shown["Config"]["Entrypoint"] == list(image.command)
    labels = shown["Config"]["Labels"]
    assert all(name.startswith("massgen.") for name in labels)
    assert not any("owner" in name or "lease" in name for name in labels)
    assert await files_of(backend, image.reference, "find /opt/mcp -mindepth 1 -not -uid 0 | head -3") == ""
    assert '"sha256:' in await files_of(backend, image.reference, "cat /opt/mcp/packages.json")
    assert await files_of(backend, image.reference, "ls /var/tmp /run/massgen-build /tmp") == "/tmp:\n\n/var/tmp:\n"


async def test_nothing_of_the_host_is_kept(
    fresh: DockerBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An npm package is built with the host's CA file, index credentials and proxies; no layer holds any of them."""
    secret = f"secret-{uuid4().hex}"
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text(f"# {secret}\n")
    (tmp_path / "npmrc").write_text(f"//registry.example/:_authToken={secret}\n")
    monkeypatch.setenv("NPM_CONFIG_USERCONFIG", str(tmp_path / "npmrc"))
    monkeypatch.setenv("NO_PROXY", f"{secret}.example")
    seen: list[str] = []
    async with docker_backend(fresh.config.model_copy(update={"ca_file": ca_file}), log=silent) as backend:
        image = await backend.prepare(EVERYTHING, prove=prover(backend), progress=seen.append)
    assert image.version == EVERYTHING.version
    assert "echo" in image.proof["tools"].split(",")
    assert image.command[0] == "node"
    assert len(image.packages) > 50
    assert not any(secret in line for line in seen)
    assert await occurrences(fresh, image.reference, secret.encode()) == 0
    assert await occurrences(fresh, image.reference, b"server-everything") > 0


async def occurrences(backend: DockerBackend, reference: str, needle: bytes) -> int:
    """How often some bytes stand in an exported image: configuration, history and every layer."""
    count, tail = 0, b""
    async with backend.engine.control("export", timeout=300) as docker, docker.images.export_image(reference) as stream:
        async for chunk in stream.iter_chunked(1024 * 1024):
            count += (tail + chunk).count(needle)
            tail = chunk[-len(needle) + 1 :]
    return count


async def test_as_of_release(fresh: DockerBackend) -> None:
    """A server that today's dependencies break is built as its release date would have resolved, and says so."""
    lines: list[str] = []
    image = await fresh.prepare(SQLITE, prove=prover(fresh, "--db-path", "/tmp/test.db"), progress=lines.append)
    assert image.note == "dependencies as of 2025-04-25: the newest ones break it"
    assert image.version == "2025.4.25"
    assert image.packages["mcp"].startswith("1.")
    assert any("does not start with the newest dependencies" in line for line in lines)
    unfinished = await listed(fresh.engine, reference="massgen/unfinished")
    assert not [each for each in unfinished if "sqlite" in (each.get("Labels") or {}).get("massgen.package", "")]


@pytest.mark.parametrize(
    ("package", "problem"),
    [
        (PackageRef(kind="uvx", name="mcp-server-that-nobody-wrote"), "there is no such package"),
        (PackageRef(kind="uvx", name="mcp-server-time", version="1999.1.1"), "there is no version 1999.1.1"),
        (PackageRef(kind="npx", name="mcp-server-that-nobody-wrote"), "there is no such package"),
        (PackageRef(kind="npx", name=EVERYTHING.name, version="0.0.1"), r"there is no version 0\.0\.1"),
        (PackageRef(kind="uvx", name="six", version="1.17.0"), "it has none at all: is it an MCP server"),
        (PackageRef(kind="uvx", name="sgmllib3k"), "has no wheel"),
        (PackageRef(kind="uvx", name="--index-url=x"), "is no name or version"),
        (PackageRef(kind="npx", name="left-pad", extras=("file:///etc",)), "is no name or version"),
    ],
    ids=str,
)
async def test_packages_that_cannot_be(backend: DockerBackend, package: PackageRef, problem: str) -> None:
    """A package that is not there, has no such version, or is no server, is named with what is wrong."""
    with pytest.raises(ImageError, match=problem):
        await backend.prepare(package, prove=never, progress=silent)
    assert backend.sandboxes == ()


async def test_unreachable_index(backend: DockerBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that does not answer is told from a package that does not exist."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://index.invalid/simple")
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "http://127.0.0.1:9/")
    for package in (PackageRef(kind="uvx", name="a-package"), PackageRef(kind="npx", name="a-package")):
        with pytest.raises(ImageError, match=f"{package} cannot be installed: its index cannot be reached"):
            await backend.prepare(package, prove=never, progress=silent)


async def test_image_by_reference(backend: DockerBackend, base_image: str) -> None:
    """An image that is there is not pulled; one that is nowhere is named with the cure."""
    image = await backend.image(base_image, progress=pytest.fail)
    assert image.id.startswith("sha256:")
    with pytest.raises(ImageError, match=r"no image 'registry\.invalid/nothing:1' here, and it cannot be pulled"):
        await backend.image("registry.invalid/nothing:1", progress=silent)


async def test_base_from_a_registry(backend: DockerBackend, base_image: str) -> None:
    """A base image that the config names gets the folder for servers, owned by their account."""
    config = DockerConfig(base=base_image)
    reference = await ensure_base(backend.engine, config, progress=silent)
    try:
        assert reference == base_reference(config) != base_image
        assert await files_of(backend, reference, "stat -c %u:%g /opt/mcp; id -u") == "65532:65532\n65532\n"
    finally:
        await untag(backend.engine, reference)


async def test_base_that_cannot_be_built(backend: DockerBackend) -> None:
    """A suite that the mirror does not have ends with the tool's last words, and leaves no image."""
    config = DockerConfig(suite="nosuchsuite", mirror="http://127.0.0.1:9/debian")
    with pytest.raises(ImageError, match="failed to build the base image") as caught:
        await ensure_base(backend.engine, config, progress=silent)
    assert "nosuchsuite" in str(caught.value)
    assert await inspect(backend.engine, base_reference(config)) is None


async def test_debian_packages_beside_the_usual_ones(fresh: DockerBackend) -> None:
    """A server's Debian packages are in its image; the base that has them is built once, for all with the same list."""
    package = replace(TIME, system=("git",))
    image = await fresh.prepare(package, prove=prover(fresh), progress=silent)
    try:
        assert "git version" in await files_of(fresh, image.reference, "git --version")
        assert await ensure_base(fresh.engine, fresh.config, progress=pytest.fail, system=["git", "git"])
        assert (await fresh.prepare(package, prove=never, progress=silent)).reference == image.reference
        assert image.reference != image_reference(fresh.config, replace(TIME, version=image.version))
    finally:
        await untag(fresh.engine, image.reference)


async def test_debian_packages_that_do_not_exist(backend: DockerBackend) -> None:
    """They are named, with what to correct; an image of a registry takes none at all, and the error says so."""
    with pytest.raises(ImageError, match="The suite has no package no-such-package: correct the server's `system`"):
        await ensure_base(backend.engine, backend.config, progress=silent, system=("no-such-package",))
    with pytest.raises(ImageError, match="jq: Debian packages cannot be added to registry.invalid/base:1") as caught:
        await ensure_base(backend.engine, DockerConfig(base="registry.invalid/base:1"), progress=silent, system=("jq",))
    assert "Drop `base` under [plugins.sandbox-docker]" in str(caught.value)


async def test_base_without_root(backend: DockerBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What mmdebstrap says to a user without root and without uidmap comes with the package to install."""
    program = tmp_path / "mmdebstrap"
    program.write_text("#!/bin/sh\necho 'E: unable to pick chroot mode automatically' >&2\nexit 25\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(ImageError, match="apt-get install uidmap"):
        await ensure_base(backend.engine, DockerConfig(suite="nosuchsuite"), progress=silent)
