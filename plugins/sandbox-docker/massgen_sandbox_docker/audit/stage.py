"""Where the attempts are made: the profile under audit, the sandboxes that are started with it, and the host."""

from __future__ import annotations

import platform
import random
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import anyio

from massgen_core.errors import SandboxError, SandboxExited
from massgen_core.sandbox import ExecResult, Mount, SandboxLimits, SandboxSecret, SandboxSpec
from massgen_sandbox_docker.audit.ship import answers, command
from massgen_sandbox_docker.audit.weak import Unchecked, weakened
from massgen_sandbox_docker.backend import DockerBackend
from massgen_sandbox_docker.container.profile import tmpfs_options
from massgen_sandbox_docker.container.run import DockerSandbox, Reshape, run_container
from massgen_sandbox_docker.engine.api import container

PROBE_TIME = 120.0
NEIGHBOUR_TIME = 20.0
DESTRUCTION_TIME = 45.0
_END_NOTICE = 5.0
VICTIM = "massgen-audit-victim"
NEIGHBOUR_PORT = 3128
_VICTIM = """
import ctypes, socket, sys
ctypes.CDLL(None).shmget({key}, 64, 0o1666)
ports = socket.create_server(("127.0.0.1", {port})), socket.socket(socket.AF_UNIX)
ports[1].bind(b"\\0{word}")
ports[1].listen()
print("ready", flush=True)
sys.stdin.read()
"""
_WEAK: Mapping[str, Any] = {"network": "open", "runtime": None, "user": "0:0"}


@dataclass(kw_only=True)
class Stage:
    """One audit: whose backend, which image, which limits; ``weak`` when the checks are being checked."""

    backend: DockerBackend
    image: str
    limits: SandboxLimits
    weak: bool = False
    host_name: str = field(default_factory=platform.node)
    secret: str = field(default_factory=lambda: f"audit-{uuid.uuid4().hex}")
    key: int = field(default_factory=lambda: random.randrange(1 << 20, 1 << 30))
    victim: DockerSandbox | None = None

    @asynccontextmanager
    async def sandbox(
        self,
        *words: str,
        shared: bool = False,
        on_stderr: Callable[[bytes], None] | None = None,
        mounts: Sequence[Mount] = (),
        secrets: Sequence[SandboxSecret] = (),
        **changes: Any,
    ) -> AsyncGenerator[DockerSandbox]:
        """A sandbox under the audited profile; its main process is ``words``, or one that waits.

        ``shared``: where the profile is weak, it shares the victim's namespaces.
        """
        update = {**changes, **(_WEAK if self.weak else {})}
        limits = self.limits.model_copy(update=update)
        spec = SandboxSpec(
            name="audit",
            image=self.image,
            command=words or ("cat",),
            limits=limits,
            mounts=mounts,
            secrets=secrets,
            env={secret.name: secret.value for secret in secrets} if self.weak else {},
        )
        reshape = partial(self._weakened, shared=shared, mounts=mounts) if self.weak else None
        async with self._start(spec, reshape=reshape, on_stderr=on_stderr) as sandbox:
            yield sandbox

    async def probe(
        self, sandbox: DockerSandbox, name: str, only: Sequence[str], **parameters: Any
    ) -> Mapping[str, Mapping[str, Any]]:
        """Run a probe by exec, as the sandbox's user, and return its answers by attempt."""
        known = {"only": list(only), "victim": VICTIM, "key": self.key, "host": self.host_name, **parameters}
        result = await sandbox.exec(command(name, known), deadline=PROBE_TIME)
        return with_reasons(answers(result.stdout), only, result)

    async def measured(self, sandbox: DockerSandbox, name: str, attempt: str) -> Mapping[str, Any]:
        """Run one attempt of a probe that may end the sandbox; with what it was allowed, and what it used."""
        result = await self._outlived(sandbox, command(name, {"only": [attempt], **self._allowed()}))
        if result is None:
            status = await sandbox.main.wait()
            killed = 9 if status.code == 128 + 9 and sandbox.main.verdict is None else None
            return {"ended": status.reason, "out_of_memory": status.out_of_memory, "killed": killed}
        used = result.usage
        return {
            "memory_peak": used and used.memory_peak,
            "cpu_seconds": used and used.cpu_seconds,
            "memory_limit": int(self.limits.memory),
            "cpus": self.limits.cpus,
            "quota": await self._quota(sandbox),
            **with_reasons(answers(result.stdout), [attempt], result)[attempt],
        }

    async def _outlived(self, sandbox: DockerSandbox, words: Sequence[str]) -> ExecResult | None:
        """Run a command to its end, or to that of the whole sandbox, which not every runtime tells the command's."""
        found: list[ExecResult] = []

        async def run() -> None:
            with suppress(SandboxExited):
                found.append(await sandbox.exec(words, deadline=DESTRUCTION_TIME, measure=True))
            tasks.cancel_scope.cancel()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            await sandbox.main.wait()
            tasks.cancel_scope.cancel()
        if found and not answers(found[0].stdout):
            with anyio.move_on_after(_END_NOTICE):  # the command's end may be told before the sandbox's
                await sandbox.main.wait()
        return None if sandbox.main.ended or not found else found[0]

    def _allowed(self) -> Mapping[str, Any]:
        """The limits under audit, as a probe needs them."""
        limits = self.limits
        size = limits.tmpfs.get("/tmp", 0)
        return {
            "pids": limits.pids,
            "memory": int(limits.memory),
            "open_files": limits.open_files,
            "tmpfs": {path: int(size) for path, size in limits.tmpfs.items()},
            "shm": int(limits.shm),
            "inodes": int(tmpfs_options(size).rpartition("nr_inodes=")[2]),
        }

    async def _quota(self, sandbox: DockerSandbox) -> str:
        async with self.backend.engine.control("look at the sandbox") as docker:
            host = (await container(docker, sandbox.id).show())["HostConfig"]
        return f"{host['NanoCpus'] / 1e9:g}" if host.get("NanoCpus") else "everything"

    async def neighbour_problems(self) -> list[str]:
        """Whether the other sandbox still works."""
        if self.victim is None:
            return []
        try:
            result = await self.victim.exec(["true"], deadline=NEIGHBOUR_TIME)
        except SandboxError as error:
            return [f"the sandbox beside it is gone: {error}"]
        return [] if result.exit_code == 0 else ["the sandbox beside it does not answer"]

    @asynccontextmanager
    async def with_victim(self) -> AsyncGenerator[None]:
        """Another sandbox, always under the audited profile, with shared memory under a known key."""
        script = _VICTIM.format(key=self.key, port=NEIGHBOUR_PORT, word=VICTIM)
        spec = SandboxSpec(
            name=VICTIM,
            image=self.image,
            command=("python3", "-c", script, VICTIM),
            limits=SandboxLimits(memory=self.limits.memory, runtime=None if self.weak else self.limits.runtime),
        )
        async with self._start(spec, reshape=_shareable if self.weak else None) as self.victim:
            await self.victim.main.receive()
            yield
        self.victim = None

    def _start(
        self, spec: SandboxSpec, *, reshape: Reshape | None, on_stderr: Callable[[bytes], None] | None = None
    ) -> AbstractAsyncContextManager[DockerSandbox]:
        """As the backend starts it; with another body, where the checks themselves are checked."""
        if reshape is None:
            return self.backend.start(spec, on_stderr=on_stderr)
        labels = self.backend.owner.labels(lifetime=self.backend.config.remote_lifetime)
        engine = self.backend.engine
        return run_container(engine, spec, labels, mounting=Unchecked(), reshape=reshape, on_stderr=on_stderr)

    def _weakened(self, body: dict[str, Any], *, shared: bool, mounts: Sequence[Mount]) -> dict[str, Any]:
        socket = self.backend.engine.endpoint.socket
        victim = self.victim.id if shared and self.victim else None
        weak = weakened(body, victim=victim, socket=socket, secret=self.secret, host=self.host_name)
        weak["HostConfig"]["Binds"] += map(_bind, mounts)
        return weak


def _bind(mount: Mount) -> str:
    return f"{mount.source}:{mount.target}:{'rw' if mount.write else 'ro'}"


def _shareable(body: dict[str, Any]) -> dict[str, Any]:
    """For the victim of weak sandboxes: held as any, but its IPC namespace may be joined."""
    return {**body, "HostConfig": {**body["HostConfig"], "IpcMode": "shareable"}}


def with_reasons(
    found: Mapping[str, Mapping[str, Any]], only: Sequence[str], result: ExecResult
) -> Mapping[str, Mapping[str, Any]]:
    """The answers, and for those that are missing the reason: what the probe wrote as it ended."""
    if all(name in found for name in only):
        return found
    said = result.stderr.decode("utf-8", "replace").strip().splitlines()
    end = "took too long" if result.timed_out else f"ended with exit code {result.exit_code}"
    reason = f"the probe {end}{': ' + said[-1][:200] if said else ''}"
    return {**{name: {"unable": reason} for name in only}, **found}
