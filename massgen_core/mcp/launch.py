"""How a server comes up: everything that is done once, and a way to start it as often as needed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial

from massgen_core.mcp.images import Images
from massgen_core.mcp.link import Link, open_host, open_remote, open_sandbox
from massgen_core.mcp.mounts import Around, mounts_of
from massgen_core.mcp.secrets import Secrets
from massgen_core.mcp.settings import ServerSettings
from massgen_core.sandbox import SandboxBackend
from massgen_core.tools import ProviderContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A server that can be started: how, and which MCP era it is thought to speak (``auto`` while that is unknown).

    ``learnt`` is told the protocol version where it turns out to be another; None where nothing is to be remembered.
    """

    open: Callable[[], AbstractAsyncContextManager[Link]] = field(repr=False)
    protocol: str = "auto"
    learnt: Callable[[str], Awaitable[None]] | None = field(default=None, repr=False)


async def prepare(
    name: str, settings: ServerSettings, context: ProviderContext, around: Around | None = None
) -> Launch:
    """Do what has to be done once: find the image (it may be built or pulled), recall its era.

    ``around`` is what its mounts have to keep clear of.

    Raises:
        ImageError: There is no usable image.
        ConfigError: `massgen.lock` is broken, a secret is not where the settings say, or a path is refused.
    """
    if settings.url is not None:
        return Launch(open=partial(open_remote, name, settings), protocol=settings.protocol)
    if not settings.sandboxed:
        return Launch(open=partial(open_host, settings), protocol=settings.protocol)
    backend = context.service(SandboxBackend, settings.sandbox)
    folder = context.state_dir
    secrets = Secrets(name, settings.secrets, network=settings.network, folder=folder, log=context.log)
    await secrets.prepare()
    mounts = await mounts_of(name, settings, context.state_dir, around or Around())
    images = Images(
        name=name,
        settings=settings,
        backend=backend,
        folder=context.state_dir,
        secrets=secrets,
        mounts=mounts,
        log=context.log,
    )
    image, spec = await images.resolve()
    start = partial(open_sandbox, backend, spec, secrets, settings)
    if settings.protocol != "auto":
        return Launch(open=start, protocol=settings.protocol)
    known = await images.protocol(image)
    return Launch(open=start, protocol=known or "auto", learnt=partial(images.remember_protocol, image))
