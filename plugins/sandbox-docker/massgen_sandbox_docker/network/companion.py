"""The container that stands beside a sandbox: it holds the sandbox's network, the gate in it, and its private files."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import anyio

from massgen_core.errors import SandboxError, SandboxUnavailable
from massgen_core.sandbox import SandboxLimits, SandboxSpec
from massgen_core.sandbox.secrets import FOLDER
from massgen_sandbox_docker.container.run import remove, run_container
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.network import gate
from massgen_sandbox_docker.network.mux import Mux, Serve
from massgen_sandbox_docker.network.verify import verify_seen

READY_SECONDS = 20.0
_LIMITS: Mapping[str, object] = {"memory": "64MiB", "pids": 16, "open_files": 1024, "tmpfs": {}, "init": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateFile:
    """A file that a sandbox alone may read, in memory: its name below `FOLDER`, mode and content."""

    name: str
    content: bytes = field(repr=False)
    mode: int = 0o400

    @property
    def path(self) -> str:
        """Where the sandbox finds it."""
        return f"{FOLDER}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a companion is there for: the files it writes, the addresses its gate listens at, and who serves them."""

    image: str
    files: Sequence[PrivateFile] = ()
    listen: Sequence[tuple[str, int]] = ()
    hosts: Mapping[str, str] = field(default_factory=dict[str, str])
    serve: Serve


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """A running companion: its container's id, and the stream to its gate."""

    id: str
    mux: Mux
    has_files: bool

    def host_config(self, *, network: bool) -> dict[str, Any]:
        """What puts a container into the companion's network, and shows it the private files, read-only."""
        config: dict[str, Any] = {}
        if network:
            config = {"NetworkMode": f"container:{self.id}", "Dns": [], "DnsSearch": []}  # those of the companion hold
        return {**config, "VolumesFrom": [f"{self.id}:ro"]} if self.has_files else config


@asynccontextmanager
async def companion(
    engine: Engine, beside: SandboxSpec, labels: Mapping[str, str], work: Work
) -> AsyncGenerator[Companion]:
    """Start a companion for a sandbox that is to be started next; its network is closed, and was looked at.

    Raises:
        SandboxUnavailable: The image has no python3, or the engine does not close the network.
    """
    limits = SandboxLimits.model_validate({**_LIMITS, "user": beside.limits.user})
    spec = SandboxSpec(
        name=f"{beside.name}-gate",
        image=work.image,
        command=gate_command(),
        limits=limits.model_copy(update={"stop_timeout": 0}),
        labels=beside.labels,
    )

    def reshape(body: dict[str, Any]) -> dict[str, Any]:
        extra = {**_hosts(work.hosts), **(_volume(limits.user, work.files) if work.files else {})}
        return {**body, "HostConfig": {**body["HostConfig"], **extra}}

    async with run_container(engine, spec, labels, reshape=reshape) as sandbox:
        mux = Mux(sandbox.main, work.serve)
        try:
            await opened(mux, work.files, work.listen)
        except SandboxError as error:
            raise SandboxUnavailable(f"{error}{_said(sandbox.main.stderr_tail())}") from error
        yield Companion(id=sandbox.id, mux=mux, has_files=bool(work.files))


async def dismiss(engine: Engine, beside: Companion) -> None:
    """Remove a companion whose files are in use by now: they stay as long as the sandbox that mounted them."""
    with suppress(SandboxError):  # the context that started it tries again
        await remove(engine, beside.id)


async def opened(mux: Mux, files: Sequence[PrivateFile], listen: Sequence[tuple[str, int]]) -> None:
    """Give a gate its work, and check what it saw.

    Raises:
        SandboxUnavailable: It did not come up in time, or its network is not closed.
    """
    task = {
        "files": [
            {"path": file.path, "mode": file.mode, "content": base64.b64encode(file.content).decode()} for file in files
        ],
        "listen": [list(place) for place in listen],
    }
    seen: Mapping[str, Any] = {}
    with anyio.move_on_after(READY_SECONDS) as waiting:
        seen = await mux.set_up(task)
    if waiting.cancelled_caught:
        raise SandboxUnavailable(f"the sandbox's gate was not ready within {READY_SECONDS:g} s")
    verify_seen(seen)


@cache
def gate_command() -> Sequence[str]:
    """The command line of a gate: its whole program is in it, so that it needs nothing of an image but python3."""
    return ("python3", "-I", "-S", "-c", Path(gate.__file__).read_text(encoding="utf-8"))


def extra_hosts(hosts: Mapping[str, str]) -> list[str]:
    """``/etc/hosts`` entries as the engine takes them."""
    return [f"{name}:{address}" for name, address in hosts.items()]


def _hosts(hosts: Mapping[str, str]) -> dict[str, Any]:
    """Names, and ports below 1024 without being root."""
    return {"ExtraHosts": extra_hosts(hosts), "Sysctls": {"net.ipv4.ip_unprivileged_port_start": "0"}} if hosts else {}


def _volume(user: str, files: Sequence[PrivateFile]) -> dict[str, Any]:
    """A volume in memory, without a name: it is there as long as a container uses it, and goes with the last one."""
    uid, gid = user.split(":")
    size = sum(len(file.content) for file in files) + 64 * 1024 * (len(files) + 1)
    options = f"size={size},nr_inodes={len(files) + 8},mode=0700,uid={uid},gid={gid},nosuid,nodev,noexec"
    driver = {"Name": "local", "Options": {"type": "tmpfs", "device": "tmpfs", "o": options}}
    mount = {
        "Type": "volume",
        "Target": FOLDER,
        "VolumeOptions": {"NoCopy": True, "DriverConfig": driver},
    }
    return {"Mounts": [mount]}


def _said(stderr: str) -> str:
    return f"; it said: {stderr.strip()[-500:]}" if stderr.strip() else ""
