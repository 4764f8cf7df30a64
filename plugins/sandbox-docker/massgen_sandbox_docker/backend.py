"""The backend named ``docker``: an open engine, what runs on it, and the promise that nothing stays behind."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from massgen_core.errors import ConfigError
from massgen_core.sandbox import Ability, ImageInfo, PackageRef, Progress, Prove, SandboxSpec, Snapshot
from massgen_core.sandbox.admission import Admission
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.container.mounts import settle
from massgen_sandbox_docker.container.process import OnStderr
from massgen_sandbox_docker.container.run import DockerSandbox, Take
from massgen_sandbox_docker.container.runtimes import with_runtime
from massgen_sandbox_docker.engine.client import Engine, connect
from massgen_sandbox_docker.gates import Gates, gates
from massgen_sandbox_docker.late.awaited import LateMounts, late_mounts
from massgen_sandbox_docker.network.confine import Surroundings, run_confined
from massgen_sandbox_docker.owners.keep import looked_after
from massgen_sandbox_docker.owners.labels import Owner
from massgen_sandbox_docker.owners.reaper import leave_nothing, reap
from massgen_sandbox_docker.owners.watch import watched
from massgen_sandbox_docker.state.able import able
from massgen_sandbox_docker.supervised.idle import Begin, idle

if TYPE_CHECKING:
    from massgen_core.egress.authority import Authority
    from massgen_sandbox_docker.owners.handover.giving import Offer


class DockerBackend:
    """`massgen_core.sandbox.SandboxBackend` for one engine; made by `docker_backend`."""

    def __init__(
        self,
        engine: Engine,
        config: DockerConfig,
        owner: Owner,
        late: LateMounts,
        gates: Gates,
        *,
        log: Callable[[str], None],
    ) -> None:
        self.engine = engine
        self.config = config
        self.owner = owner
        self._log = log
        self._late = late
        self.gates = gates
        self._able = frozenset[Ability]()
        self._running: dict[str, DockerSandbox] = {}
        self._around = Surroundings(
            engine=engine,
            log=log,
            base_image=self._base_image,
            authority=self._new_authority,
            default_runtime=self._default_runtime,
        )

    @property
    def name(self) -> str:
        """``docker``."""
        return "docker"

    @property
    def sandboxes(self) -> Sequence[DockerSandbox]:
        """The sandboxes that run now."""
        return tuple(self._running.values())

    @property
    def abilities(self) -> frozenset[Ability]:
        """What can be done with its sandboxes here beyond running them."""
        return self._able | frozenset[Ability]({"mount"} if self._late.refusal is None else ())

    def is_able(self, able: frozenset[Ability]) -> None:
        """What the engine can."""
        self._able = able

    def start(
        self, spec: SandboxSpec, *, on_stderr: OnStderr | None = None
    ) -> AbstractAsyncContextManager[DockerSandbox]:
        """Start a sandbox when it is its turn; leaving the context destroys it."""
        return self._start(self.gates.sandboxes, spec, on_stderr)

    @asynccontextmanager
    async def _start(
        self, gate: Admission, spec: SandboxSpec, on_stderr: OnStderr | None
    ) -> AsyncGenerator[DockerSandbox]:
        spec = await self._with_runtime(await self._with_image(spec))
        spec, mounting = await settle(self.engine, spec)
        mounting = await self._late.expect(spec, mounting)
        ttl = spec.limits.lifetime
        labels = self.owner.labels(lifetime=self.config.remote_lifetime, sandbox=spec.name, ttl=ttl)

        def run(spec: SandboxSpec) -> AbstractAsyncContextManager[DockerSandbox]:
            return run_confined(self._around, spec, labels, mounting=mounting, on_stderr=on_stderr)

        begin = run if spec.snapshot is None else await self._beginning_with(spec, spec.snapshot, run)

        async with (
            gate.place(spec, self._log) as runs,
            idle(begin, spec, self._log) if spec.idle else begin(spec) as sandbox,
        ):
            runs()
            sandbox.keeps_by(self._taker(spec))
            self._running[sandbox.id] = sandbox
            try:
                yield sandbox
            finally:
                self._running.pop(sandbox.id, None)  # it may have been handed over

    def offer(self, sandbox: DockerSandbox) -> AbstractAsyncContextManager[Offer]:
        """Offer an idle sandbox to another process of this user; once it is taken it is not one of ours any more."""
        from massgen_sandbox_docker.owners.handover.giving import offered
        from massgen_sandbox_docker.owners.handover.side import Side

        side = Side(engine=self.engine, owner=self.owner)
        return offered(side, sandbox, lambda: self._running.pop(sandbox.id, None))

    @asynccontextmanager
    async def adopt(self, token: str) -> AsyncGenerator[DockerSandbox]:
        """Take a sandbox that another process offers; leaving the context destroys it."""
        from massgen_sandbox_docker.owners.handover.side import Side
        from massgen_sandbox_docker.owners.handover.taking import adopted

        async with adopted(Side(engine=self.engine, owner=self.owner), token) as sandbox:
            sandbox.keeps_by(self._taker(sandbox.spec))
            self._running[sandbox.id] = sandbox
            try:
                yield sandbox
            finally:
                self._running.pop(sandbox.id, None)

    async def prepare(self, package: PackageRef, *, prove: Prove, progress: Progress) -> ImageInfo:
        """The image of a packaged server, built when it is not there."""
        from massgen_sandbox_docker.images import Toolbox, prepare

        def start(spec: SandboxSpec) -> AbstractAsyncContextManager[DockerSandbox]:
            return self._start(self.gates.builds, spec, None)

        tools = Toolbox(engine=self.engine, start=start, config=self.config, progress=progress)
        return await prepare(tools, package, prove)

    async def image(self, reference: str, *, progress: Progress) -> ImageInfo:
        """An image by reference, pulled when it is not there; the base image where there is none."""
        from massgen_sandbox_docker.images import ensure_base, image

        reference = reference or await ensure_base(self.engine, self.config, progress=progress)
        return await image(self.engine, self.config, reference, progress=progress)

    async def snapshots(self) -> Sequence[Snapshot]:
        """The snapshots that the engine holds, the oldest first."""
        from massgen_sandbox_docker.state.kept import listed

        return await listed(self.engine)

    async def drop(self, snapshot: Snapshot) -> None:
        """Delete a snapshot."""
        from massgen_sandbox_docker.state.kept import drop

        await drop(self.engine, snapshot)

    def _taker(self, spec: SandboxSpec) -> Take:
        async def taken(sandbox: DockerSandbox) -> Snapshot:
            from massgen_sandbox_docker.state.take import Terms, take

            return await take(Terms.of(self.engine, self.owner, self.config), sandbox, spec)

        return taken

    async def _beginning_with(self, spec: SandboxSpec, snapshot: Snapshot, run: Begin) -> Begin:
        from massgen_sandbox_docker.state.restore import look_up, restored

        held = await look_up(self.engine, spec, snapshot)
        return lambda spec: restored(self.engine, run, spec, held)

    async def _with_image(self, spec: SandboxSpec) -> SandboxSpec:
        if spec.snapshot is not None:
            return replace(spec, image=spec.snapshot.id)
        return spec if spec.image else replace(spec, image=await self._base_image())

    async def _base_image(self) -> str:
        from massgen_sandbox_docker.images import ensure_base

        return await ensure_base(self.engine, self.config, progress=self._log)

    async def _new_authority(self, hosts: Collection[str]) -> Authority:
        from massgen_core.egress.authority import Authority

        roots = self.config.ca_file

        def make() -> Authority:
            return Authority(hosts, extra=roots.read_bytes() if roots else b"")

        try:
            return await anyio.to_thread.run_sync(make)
        except (OSError, ValueError) as error:
            raise ConfigError(f"{roots} cannot be used: {error}", key="plugins.sandbox-docker.ca_file") from error

    async def _default_runtime(self) -> str:
        return str((await self.engine.info()).get("DefaultRuntime") or "runc")

    async def _with_runtime(self, spec: SandboxSpec) -> SandboxSpec:
        return with_runtime(spec, await self.engine.info(), self._log) if spec.limits.runtime else spec


@asynccontextmanager
async def docker_backend(config: DockerConfig, *, log: Callable[[str], None]) -> AsyncGenerator[DockerBackend]:
    """Connect to the engine, and remove what programs that were killed have left there.

    Raises:
        SandboxUnavailable: There is none to be used; the message says what to do.
    """
    owner = Owner.current()
    async with connect(config) as engine, watched(engine, owner, lease=config.lease):
        await reap(engine, owner, log=log)
        try:
            async with late_mounts(engine) as late:
                backend = DockerBackend(engine, config, owner, late, await gates(engine, config), log=log)
                backend.is_able(await able(engine, owner))
                async with looked_after(backend, every=config.reap_every, log=log):
                    yield backend
        finally:
            with anyio.CancelScope(shield=True):
                await leave_nothing(engine, owner, log=log)
