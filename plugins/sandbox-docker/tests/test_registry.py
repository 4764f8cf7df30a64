"""Images from a real registry: Debian's docker-registry on the loopback interface, which engines trust without TLS."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import anyio
import pytest
from handshake import prover
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.images import base_reference, ensure_base
from massgen_sandbox_docker.images.daemon import build, inspect, untag

from massgen_core.errors import ImageError
from massgen_core.sandbox import ImageInfo, PackageRef

pytestmark = [pytest.mark.anyio, pytest.mark.docker, pytest.mark.timeout(600)]

PROGRAM = "docker-registry"
CURE = r"cannot be pulled: .*\n  Check the reference and the network.*$"

CONFIG = """\
version: 0.1
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


@pytest.fixture
def program() -> str:
    """Debian's registry; without it these tests are skipped, or fail where everything is mandatory."""
    path = shutil.which(PROGRAM)
    if path is None and os.environ.get("MASSGEN_REQUIRE_DOCKER") == "1":
        pytest.fail(f"MASSGEN_REQUIRE_DOCKER=1, but {PROGRAM} is not installed", pytrace=False)
    return path or pytest.skip(f"{PROGRAM} is not installed (apt-get install {PROGRAM})")


@pytest.fixture
async def registry(program: str, tmp_path: Path) -> AsyncGenerator[str]:
    """The address of a running, empty registry."""
    async with serving(program, tmp_path, free_port()) as address:
        yield address


@pytest.fixture
async def stored(registry: str, backend: DockerBackend) -> AsyncGenerator[ImageInfo]:
    """A small image that the registry has, and the engine does not any more."""
    image = await make(backend, f"{registry}/small:1")
    await push(backend, image.reference)
    yield image
    await untag(backend.engine, image.reference)


@asynccontextmanager
async def serving(program: str, folder: Path, port: int) -> AsyncGenerator[str]:
    config = folder / "config.yml"
    config.write_text(CONFIG.format(folder=folder / "storage", port=port))
    with (folder / "log").open("wb") as log, running([program, "serve", str(config)], log) as process:
        await accepting(port, process)
        yield f"127.0.0.1:{port}"


@contextmanager
def running(command: list[str], log: Any) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def accepting(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a connection is accepted: the registry announces it in no other way."""
    with anyio.fail_after(30):
        while process.poll() is None:
            with suppress(OSError):
                async with await anyio.connect_tcp("127.0.0.1", port):
                    return
            await anyio.sleep(0.05)
    pytest.fail(f"{PROGRAM} ended with {process.returncode}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


async def make(backend: DockerBackend, reference: str) -> ImageInfo:
    """An image with one empty folder."""
    dockerfile = 'FROM scratch\nCOPY opt /opt\nCMD ["a", "command"]\n'
    await build(backend.engine, dockerfile, reference, labels={}, timeout=60, folders=("opt/mcp",))
    return await backend.image(reference, progress=pytest.fail)


async def push(backend: DockerBackend, reference: str) -> None:
    """Put an image into the registry, and take its name from the engine."""
    repository, _, tag = reference.rpartition(":")
    async with backend.engine.control("push", timeout=300) as docker:
        events = cast("list[dict[str, Any]]", await docker.images.push(repository, tag=tag))
    await untag(backend.engine, reference)
    assert not [event for event in events if "error" in event]
    assert await inspect(backend.engine, reference) is None


async def test_pull(backend: DockerBackend, stored: ImageInfo) -> None:
    """An image that only the registry has is pulled with its progress, once, and is the image that was pushed."""
    assert await inspect(backend.engine, stored.id) is None
    lines: list[str] = []
    assert await backend.image(stored.reference, progress=lines.append) == stored
    assert lines[0] == f"pulling {stored.reference}"
    assert any(line.endswith(": Pull complete") for line in lines)
    assert any(line.startswith("Digest: sha256:") for line in lines)
    assert await backend.image(stored.reference, progress=pytest.fail) == stored


async def test_pull_by_digest(backend: DockerBackend, stored: ImageInfo) -> None:
    """The digest that a pull shows pins the image: a reference with it is pulled too."""
    lines: list[str] = []
    await backend.image(stored.reference, progress=lines.append)
    digest = next(line for line in lines if line.startswith("Digest: ")).removeprefix("Digest: ")
    pinned = f"{stored.reference.rpartition(':')[0]}@{digest}"
    await untag(backend.engine, stored.id)
    assert await inspect(backend.engine, pinned) is None
    assert (await backend.image(pinned, progress=lines.append)).id == stored.id
    await untag(backend.engine, pinned)


async def test_server_on_a_registry_base(backend: DockerBackend, registry: str, base_image: str) -> None:
    """With `base` set, the base image is pulled and completed, and a package is installed on it and works."""
    config = DockerConfig(base=f"{registry}/base:1")
    package = PackageRef(kind="uvx", name="mcp-server-time", command="mcp-server-time")
    lines: list[str] = []
    made = [f"{registry}/base:1", base_reference(config)]
    async with backend.engine.control("tag") as docker:
        await docker.images.tag(base_image, f"{registry}/base", tag="1")
    await push(backend, f"{registry}/base:1")
    try:
        async with docker_backend(config, log=lines.append) as own:
            image = await own.prepare(package, prove=prover(own), progress=lines.append)
            made.append(image.reference)
    finally:
        for reference in reversed(made):
            await untag(backend.engine, reference)
    assert image.built
    assert image.proof == {"tools": "get_current_time,convert_time"}
    assert f"pulling {registry}/base:1" in lines


async def test_a_tag_that_is_not_there(backend: DockerBackend, stored: ImageInfo) -> None:
    """A tag that the registry does not have is named with one cure, for a server's image and for the base image."""
    missing = stored.reference.removesuffix(":1") + ":2"
    with pytest.raises(ImageError, match=CURE) as caught:
        await backend.image(missing, progress=lambda line: None)
    assert f"no image {missing!r} here" in str(caught.value)
    assert "manifest unknown" in str(caught.value)
    with pytest.raises(ImageError, match=CURE):
        await ensure_base(backend.engine, DockerConfig(base=missing), progress=lambda line: None)


async def test_a_registry_that_is_down(backend: DockerBackend, program: str, tmp_path: Path) -> None:
    """A registry that does not answer is named with the cure; when it is back, the same reference is pulled."""
    port = free_port()
    reference = f"127.0.0.1:{port}/small:1"
    async with serving(program, tmp_path, port):
        image = await make(backend, reference)
        await push(backend, reference)
    with pytest.raises(ImageError, match=CURE) as caught:
        await backend.image(reference, progress=lambda line: None)
    assert f"no image {reference!r} here" in str(caught.value)
    assert "connection refused" in str(caught.value)
    async with serving(program, tmp_path, port):
        assert await backend.image(reference, progress=lambda line: None) == image
    await untag(backend.engine, reference)
