"""How a server comes up: everything that is done once, and a way to start it as often as needed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from functools import partial

from massgen_core.mcp.images import Images
from massgen_core.mcp.link import Opened, open_host, open_remote, open_sandbox
from massgen_core.mcp.mounts import Around, Mounts
from massgen_core.mcp.settings import ServerSettings
from massgen_core.sandbox import SandboxBackend, SandboxSpec
from massgen_core.sandbox.protocols import Ability
from massgen_core.secrets import Secrets
from massgen_core.tools import ProviderContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A server that can be started: how, and which MCP era it is thought to speak (``auto`` while that is unknown).

    ``read`` describes the sandbox as it is to be started now, with its secrets read anew; None where the server runs in
    none of ours. ``open`` starts the server in a sandbox that is described. ``backend`` is what runs it, ``mounts`` are
    the paths of the host that it sees.
    ``learnt`` is told the protocol version where it turns out to be another; None where nothing is to be remembered.
    """

    open: Callable[[SandboxSpec | None], AbstractAsyncContextManager[Opened]] = field(repr=False)
    read: Callable[[], Awaitable[SandboxSpec | None]] = field(repr=False)
    backend: SandboxBackend | None = field(default=None, repr=False)
    mounts: Mounts | None = field(default=None, repr=False)
    protocol: str = "auto"
    learnt: Callable[[str], Awaitable[None]] | None = field(default=None, repr=False)

    def can(self, ability: Ability) -> bool:
        """Whether its sandboxes can do more than run."""
        return self.backend is not None and ability in self.backend.abilities


async def prepare(
    name: str, settings: ServerSettings, context: ProviderContext, around: Around | None = None
) -> Launch:
    """Do what has to be done once: find the image (it may be built or pulled), recall its era.

    ``around`` is what its mounts have to keep clear of.

    Raises:
        ImageError: There is no usable image.
        ConfigError: `massgen.lock` is broken, a secret is not where the settings say, or a path is refused.
    """
    if settings.sandboxed:
        return await _sandboxed(name, settings, context, around or Around())
    open_link = partial(open_host, settings) if settings.url is None else partial(open_remote, name, settings)
    return Launch(open=lambda spec: open_link(), read=_no_sandbox, protocol=settings.protocol)


async def _sandboxed(name: str, settings: ServerSettings, context: ProviderContext, around: Around) -> Launch:
    backend = context.service(SandboxBackend, settings.sandbox)
    folder = context.state_dir
    secrets = Secrets(f"servers.{name}", settings.secrets, network=settings.network, folder=folder, log=context.log)
    await secrets.prepare()
    mounts = Mounts(name, settings, folder, around)
    images = Images(
        name=name,
        settings=settings,
        backend=backend,
        folder=folder,
        secrets=secrets,
        mounts=await mounts.fixed(),
        log=context.log,
    )
    image, spec = await images.resolve()

    async def read() -> SandboxSpec:
        return replace(spec, secrets=await secrets.take())

    launch = Launch(
        open=lambda spec: open_sandbox(backend, _needed(spec), settings),
        read=read,
        backend=backend,
        mounts=mounts,
        protocol=settings.protocol,
    )
    if settings.protocol != "auto":
        return launch
    known = await images.protocol(image)
    return replace(launch, protocol=known or "auto", learnt=partial(images.remember_protocol, image))


async def _no_sandbox() -> None:
    return None


def _needed(spec: SandboxSpec | None) -> SandboxSpec:
    assert spec is not None  # `read` describes one
    return spec
