"""A container together with what its network and its secrets need around it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread

from massgen_core.errors import SandboxError
from massgen_core.sandbox import AllowList, SandboxSpec
from massgen_core.sandbox.background import background
from massgen_sandbox_docker.container.mounts import NOTHING_MOUNTED, Mounting
from massgen_sandbox_docker.container.run import DockerSandbox, Reshape, run_container
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.network.companion import Companion, Work, companion, dismiss, extra_hosts
from massgen_sandbox_docker.network.delivery import Delivery, deliver
from massgen_sandbox_docker.network.inside import gate_inside, own_network_stack, waiting
from massgen_sandbox_docker.network.layout import PROXY_ENV, Layout, lay_out
from massgen_sandbox_docker.network.mux import Connection, Mux, Serve
from massgen_sandbox_docker.network.refusals import Refusals

if TYPE_CHECKING:
    from massgen_core.egress.authority import Authority
    from massgen_core.egress.egress import Egress
    from massgen_sandbox_docker.container.process import OnStderr

Running = AbstractAsyncContextManager[DockerSandbox]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is made only when a sandbox needs it: the base image, the authority that ends TLS, the engine's runtime."""

    engine: Engine
    log: Callable[[str], None]
    base_image: Callable[[], Awaitable[str]]
    authority: Callable[[Collection[str]], Awaitable[Authority]]
    default_runtime: Callable[[], Awaitable[str]]


@asynccontextmanager
async def run_confined(
    around: Surroundings,
    spec: SandboxSpec,
    labels: Mapping[str, str],
    *,
    mounting: Mounting = NOTHING_MOUNTED,
    reshape: Reshape | None = None,
    on_stderr: OnStderr | None = None,
) -> AsyncGenerator[DockerSandbox]:
    """Start a container, held to its allow-list and with its secrets where it finds them."""
    allow = spec.limits.network if isinstance(spec.limits.network, AllowList) else None
    inspected = _inspected(spec, allow) if allow else frozenset[str]()
    authority = await around.authority(inspected) if inspected else None
    delivery = await anyio.to_thread.run_sync(deliver, spec.secrets, authority)
    if allow is None:
        spec = replace(spec, env={**spec.env, **delivery.env})
        way = _Start(around, spec, labels, delivery, mounting, reshape, on_stderr).with_files()
    else:
        egress = _egress(around, spec, allow, authority)
        spec = replace(spec, env={**PROXY_ENV, **spec.env, **delivery.env, **egress.environment})
        start = _Start(around, spec, labels, delivery, mounting, reshape, on_stderr)
        layout = lay_out(allow, egress.targets)
        gated = start.inside if await _own_stack(around, spec) else start.beside
        way = gated(layout, _serving(egress, layout))
    async with way as sandbox:
        yield sandbox


def _egress(around: Surroundings, spec: SandboxSpec, allow: AllowList, authority: Authority | None) -> Egress:
    from massgen_core.egress.egress import Egress

    report = Refusals(spec.name, around.log)
    return Egress(allow, secrets=spec.secrets, authority=authority, report=report)


async def _own_stack(around: Surroundings, spec: SandboxSpec) -> bool:
    """Whether a gate beside the sandbox could not be reached from within."""
    runtime = spec.limits.runtime
    return own_network_stack(runtime.name if runtime else await around.default_runtime())


def _inspected(spec: SandboxSpec, allow: AllowList) -> frozenset[str]:
    """The hosts whose TLS ends at the proxy: all, or those that get a secret there."""
    if allow.inspect:
        return frozenset(rule.host for rule in allow.rules if rule.kind == "tls")
    return frozenset(host for secret in spec.secrets if secret.use == "placeholder" for host in secret.hosts)


def _serving(egress: Egress, layout: Layout) -> Serve:
    async def serve(connection: Connection, index: int) -> None:
        rule = layout.rules[index] if index < len(layout.rules) else None
        await (egress.serve_proxy(connection) if rule is None else egress.serve_target(connection, rule))

    return serve


@dataclass(frozen=True, slots=True)
class _Start:
    """One sandbox that is being started."""

    around: Surroundings
    spec: SandboxSpec
    labels: Mapping[str, str]
    delivery: Delivery
    mounting: Mounting
    reshape: Reshape | None
    on_stderr: OnStderr | None

    @asynccontextmanager
    async def beside(self, layout: Layout, serve: Serve) -> AsyncGenerator[DockerSandbox]:
        """In the network of a companion, whose gate is its only way out."""
        async with (
            self._companion(layout.listen, layout.hosts, serve) as gate,
            _carried(gate.mux) as ends,
            self._run(gate.host_config(network=True)) as sandbox,
        ):
            ends(sandbox)
            yield sandbox

    @asynccontextmanager
    async def inside(self, layout: Layout, serve: Serve) -> AsyncGenerator[DockerSandbox]:
        """Without network, and with a gate in it, for which its program waits."""
        user = self.spec.limits.user
        from massgen_sandbox_docker.images import own_command

        command = self.spec.command or await own_command(self.around.engine, self.spec.image)
        patient = replace(self.spec, command=waiting(command) if command else ())
        async with (
            replace(self, spec=patient).with_files({"ExtraHosts": extra_hosts(layout.hosts)}) as sandbox,
            gate_inside(self.around.engine, sandbox, user, layout, serve) as mux,
            _carried(mux) as ends,
        ):
            ends(sandbox)
            yield sandbox

    @asynccontextmanager
    async def with_files(self, extra: Mapping[str, Any] | None = None) -> AsyncGenerator[DockerSandbox]:
        """With its private files, which a companion puts there and then goes."""
        if not self.delivery.files:
            async with self._run(extra or {}) as sandbox:
                yield sandbox
            return
        async with (
            self._companion((), {}, _nobody) as keeper,
            self._run({**keeper.host_config(network=False), **(extra or {})}) as sandbox,
            background() as tasks,
        ):
            tasks.start_soon(dismiss, self.around.engine, keeper)
            yield sandbox

    @asynccontextmanager
    async def _companion(
        self, listen: Sequence[tuple[str, int]], hosts: Mapping[str, str], serve: Serve
    ) -> AsyncGenerator[Companion]:
        image = await self.around.base_image()
        work = Work(image=image, files=self.delivery.files, listen=listen, hosts=hosts, serve=serve)
        async with companion(self.around.engine, self.spec, self.labels, work) as started:
            yield started

    def _run(self, extra: Mapping[str, Any]) -> Running:
        def reshape(body: dict[str, Any]) -> dict[str, Any]:
            joined = {**body, "HostConfig": {**body["HostConfig"], **extra}}
            return self.reshape(joined) if self.reshape else joined

        return run_container(
            *(self.around.engine, self.spec, self.labels),
            mounting=self.mounting,
            reshape=reshape,
            on_stderr=self.on_stderr,
        )


@asynccontextmanager
async def _carried(mux: Mux) -> AsyncGenerator[Callable[[DockerSandbox], None]]:
    """Carry a gate's connections; when it ends, end the sandbox: it would wait for answers that never come."""
    started: list[DockerSandbox] = []
    known = anyio.Event()

    async def carry() -> None:
        reason = await mux.run()
        await known.wait()
        try:
            await started[0].main.end(f"its way out is gone: {reason}")
        except SandboxError:
            return  # it is gone as well, or the engine is

    def ends(sandbox: DockerSandbox) -> None:
        started.append(sandbox)
        known.set()

    async with background() as tasks:
        tasks.start_soon(carry)
        yield ends


async def _nobody(connection: Connection, index: int) -> None:
    """No connection comes where nothing is listened at."""
