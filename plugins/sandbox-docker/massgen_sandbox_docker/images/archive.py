"""Tar archives that the engine takes: an image of one layer to load, a context to build from."""

from __future__ import annotations

import io
import json
import platform
import tarfile
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import anyio

_CHUNK = 1024 * 1024
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def architecture() -> str:
    """This machine's architecture by the name that images use."""
    machine = platform.machine().lower()
    return _ARCHITECTURES.get(machine, machine)


def image_config(layer_sha256: str, *, env: Mapping[str, str], labels: Mapping[str, str], user: str) -> dict[str, Any]:
    """The configuration of an image with one layer (https://github.com/moby/docker-image-spec)."""
    return {
        "architecture": architecture(),
        "os": "linux",
        "created": datetime.now(UTC).isoformat(),
        "config": {
            "User": user,
            "Env": [f"{name}={value}" for name, value in env.items()],
            "Cmd": ["/bin/sh"],
            "WorkingDir": "/tmp",
            "Labels": dict(labels),
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_sha256}"]},
        "history": [{"created_by": "massgen-core docker build"}],
    }


async def image_archive(layer: Path, config: Mapping[str, Any], reference: str) -> AsyncGenerator[bytes]:
    """Stream an archive as ``docker load`` takes it, so that the layer is never copied on the host."""
    manifest = [{"Config": "config.json", "RepoTags": [reference], "Layers": ["layer.tar"]}]
    yield _entry("manifest.json", json.dumps(manifest).encode())
    yield _entry("config.json", json.dumps(config).encode())
    header = tarfile.TarInfo("layer.tar")
    header.size = (await anyio.Path(layer).stat()).st_size
    yield header.tobuf()
    async with await anyio.open_file(layer, "rb") as file:
        while chunk := await file.read(_CHUNK):
            yield chunk
    yield bytes(-header.size % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)


def build_context(dockerfile: str, *, folders: tuple[str, ...] = ()) -> BinaryIO:
    """A build context that holds a Dockerfile, and empty folders."""
    buffer = io.BytesIO(_entry("Dockerfile", dockerfile.encode()) + b"".join(map(_folder, folders)) + bytes(1024))
    return buffer


def _entry(name: str, data: bytes) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o644
    return member.tobuf() + data + bytes(-len(data) % tarfile.BLOCKSIZE)


def _folder(name: str) -> bytes:
    member = tarfile.TarInfo(name)
    member.type, member.mode = tarfile.DIRTYPE, 0o755
    return member.tobuf()
