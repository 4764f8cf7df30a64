"""The deliberately weak profile, by which the checks themselves are checked.

The same create body is made as for any sandbox, and every lock in it is opened at the last moment, on its way to the
engine. Nothing in a config leads here.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import aiodocker

from massgen_sandbox_docker.engine.client import Engine

Body = dict[str, Any]

WARNING = (
    "--prove-checks runs the attacks against containers WITHOUT protection, as root and with the engine's socket "
    "mounted, to see that every check reports its hole. Do not run it on a machine that matters."
)

CAPABILITIES = (
    "SYS_ADMIN SYS_PTRACE SYS_MODULE SYS_RAWIO SYS_BOOT SYS_TIME SYS_PACCT SYS_NICE SYS_TTY_CONFIG SYSLOG NET_ADMIN "
    "NET_RAW DAC_READ_SEARCH MKNOD IPC_OWNER AUDIT_CONTROL LINUX_IMMUTABLE"
)
"""What `--privileged` gives, without those that some hosts have not got to give."""


class WeakEngine(Engine):
    """An engine that changes the body of every create request."""

    def __init__(self, engine: Engine, weaken: Callable[[Body], Body], *, timeout: float) -> None:
        super().__init__(engine.docker, engine.endpoint, engine.version, timeout=timeout)
        self._weaken = weaken

    @asynccontextmanager
    async def control(self, what: str, *, timeout: float | None = None) -> AsyncGenerator[aiodocker.Docker]:
        """As `Engine.control`, with a client whose ``containers.create`` is intercepted."""
        async with super().control(what, timeout=timeout) as docker:
            yield cast("aiodocker.Docker", _Docker(docker, self._weaken))


class _Docker:
    def __init__(self, docker: aiodocker.Docker, weaken: Callable[[Body], Body]) -> None:
        self._docker = docker
        self.containers = _Containers(docker.containers, weaken)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._docker, name)


class _Containers:
    def __init__(self, containers: Any, weaken: Callable[[Body], Body]) -> None:
        self._containers = containers
        self._weaken = weaken

    def __getattr__(self, name: str) -> Any:
        return getattr(self._containers, name)

    async def create(self, config: Body, **more: Any) -> Any:
        return await self._containers.create(self._weaken(config), **more)


def weakened(body: Body, *, victim: str | None, socket: str | None, secret: str, host: str) -> Body:
    """The body with every lock open; ``victim`` is a container whose namespaces are shared.

    Not the host's: the end of a command stops every process that it can see for a moment.
    """
    config = {**body["HostConfig"]}
    for lock in ("Memory", "MemorySwap", "NanoCpus", "PidsLimit", "Ulimits", "LogConfig", "OomScoreAdj", "Runtime"):
        config.pop(lock, None)
    binds = ["/sys/fs/cgroup:/sys/fs/cgroup:rw", *([f"{socket}:/var/run/docker.sock:ro"] if socket else [])]
    config |= {
        "CapDrop": [],
        "CapAdd": CAPABILITIES.split(),
        "SecurityOpt": ["seccomp=unconfined", "apparmor=unconfined", "label=disable"],
        "MaskedPaths": [],
        "ReadonlyPaths": [],
        "ReadonlyRootfs": False,
        "Tmpfs": {path: "rw,exec,dev,suid,mode=1777" for path in config["Tmpfs"]},
        "ShmSize": 1024 * 1024 * 1024,
        "NetworkMode": "bridge",
        "Init": False,
        "Binds": binds,
        "Devices": [{"PathOnHost": "/dev/kmsg", "PathInContainer": "/dev/kmsg", "CgroupPermissions": "r"}],
        "Sysctls": {},
    }
    if victim:
        config |= {"PidMode": f"container:{victim}", "IpcMode": f"container:{victim}"}
    environment = [*body["Env"], f"AUDIT_SECRET={secret}"] if secret else body["Env"]
    return {**body, "User": "0:0", "Hostname": host, "Env": environment, "HostConfig": config}
