"""Where the attempts are made: the profile under audit, the sandboxes that are started with it, and the host."""

from __future__ import annotations

import platform
import random
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from massgen_core.sandbox import ExecResult, SandboxLimits, SandboxSpec
from massgen_sandbox_docker.audit.ship import answers, command
from massgen_sandbox_docker.audit.weak import WeakEngine, weakened
from massgen_sandbox_docker.backend import DockerBackend
from massgen_sandbox_docker.container.run import DockerSandbox

PROBE_TIME = 120.0
VICTIM = "massgen-audit-victim"
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
    async def sandbox(self, *words: str, shared: bool = False, **changes: Any) -> AsyncGenerator[DockerSandbox]:
        """A sandbox under the audited profile; its main process is ``words``, or one that waits.

        ``shared``: where the profile is weak, it shares the victim's namespaces.
        """
        update = {**changes, **(_WEAK if self.weak else {})}
        limits = self.limits.model_copy(update=update)
        spec = SandboxSpec(name="audit", image=self.image, command=words or ("cat",), limits=limits)
        backend = self._weak_backend(shared) if self.weak else self.backend
        async with backend.start(spec) as sandbox:
            yield sandbox

    async def probe(
        self, sandbox: DockerSandbox, name: str, only: Sequence[str], **parameters: Any
    ) -> Mapping[str, Mapping[str, Any]]:
        """Run a probe by exec, as the sandbox's user, and return its answers by attempt."""
        known = {"only": list(only), "victim": VICTIM, "key": self.key, "host": self.host_name, **parameters}
        result = await sandbox.exec(command(name, known), deadline=PROBE_TIME)
        return with_reasons(answers(result.stdout), only, result)

    @asynccontextmanager
    async def with_victim(self) -> AsyncGenerator[None]:
        """Another sandbox, always under the audited profile, with shared memory under a known key."""
        script = f"import ctypes, sys; ctypes.CDLL(None).shmget({self.key}, 64, 0o1666); sys.stdin.read()"
        spec = SandboxSpec(
            name=VICTIM,
            image=self.image,
            command=("python3", "-c", script, VICTIM),
            limits=SandboxLimits(memory=self.limits.memory, runtime=None if self.weak else self.limits.runtime),
        )
        async with AsyncExitStack() as stack:
            backend = self._shareable_backend() if self.weak else self.backend
            self.victim = await stack.enter_async_context(backend.start(spec))
            yield
        self.victim = None

    def _shareable_backend(self) -> DockerBackend:
        """For the victim of weak sandboxes: held as any, but its IPC namespace may be joined."""

        def share(body: dict[str, Any]) -> dict[str, Any]:
            return {**body, "HostConfig": {**body["HostConfig"], "IpcMode": "shareable"}}

        return self._backend_with(share)

    def _weak_backend(self, shared: bool) -> DockerBackend:
        endpoint = self.backend.engine.endpoint
        victim = self.victim.id if shared and self.victim else None

        def weaken(body: dict[str, Any]) -> dict[str, Any]:
            return weakened(body, victim=victim, socket=endpoint.socket, secret=self.secret, host=self.host_name)

        return self._backend_with(weaken)

    def _backend_with(self, change: Any) -> DockerBackend:
        config = self.backend.config
        engine = WeakEngine(self.backend.engine, change, timeout=config.control_timeout)
        return DockerBackend(engine, config, self.backend.owner, log=lambda line: None)


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
