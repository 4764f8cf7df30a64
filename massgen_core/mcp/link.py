"""What a connection runs over: messages in and out, why it ended, and the three ways to open one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from massgen_core.errors import McpError
from massgen_core.mcp.erasing import Eraser
from massgen_core.mcp.mounts import still_as_checked

if TYPE_CHECKING:
    from mcp.client._transport import ReadStream, WriteStream
    from mcp.shared.message import SessionMessage
    from pydantic import SecretStr

    from massgen_core.mcp.settings import ServerSettings
    from massgen_core.sandbox import PackageRef, Sandbox, SandboxBackend, SandboxSpec


class Link(Protocol):
    """An open way to an MCP server."""

    @property
    def incoming(self) -> ReadStream[SessionMessage | Exception]:
        """Messages from the server."""
        ...

    @property
    def outgoing(self) -> WriteStream[SessionMessage]:
        """Messages to the server."""
        ...

    async def reason(self) -> str:
        """Why the link ended, in words; call it only after the end."""
        ...

    def evidence(self) -> str:
        """What the server said outside the protocol: the last of stderr, lines of stdout that are no messages."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An open link, and the sandbox behind it; None where that is none of ours."""

    link: Link
    sandbox: Sandbox | None = None


@asynccontextmanager
async def open_remote(name: str, settings: ServerSettings) -> AsyncGenerator[Opened]:
    """A link to a server behind a URL."""
    from massgen_core.mcp.remote import remote_link

    assert settings.url is not None
    headers = plain(settings.headers)
    async with remote_link(settings.url, server=name, headers=headers, max_message=settings.max_message) as link:
        yield Opened(link=link)


@asynccontextmanager
async def open_host(settings: ServerSettings) -> AsyncGenerator[Opened]:
    """A link to a server that runs on this host without protection."""
    from massgen_core.mcp.host import host_process
    from massgen_core.mcp.wire import process_link

    env = plain(settings.env)
    eraser = Eraser(env.values())
    async with (
        host_process(host_command(settings), env=env, workdir=settings.workdir) as process,
        process_link(process, bounds=settings, eraser=eraser) as link,
    ):
        yield Opened(link=link)


@asynccontextmanager
async def open_sandbox(backend: SandboxBackend, spec: SandboxSpec, settings: ServerSettings) -> AsyncGenerator[Opened]:
    """A link to a server that runs in the sandbox that is described."""
    from massgen_core.mcp.wire import process_link

    await still_as_checked(spec.mounts)
    eraser = Eraser(spec.env.values(), secrets=[secret.value for secret in spec.secrets])
    async with (
        backend.start(spec) as sandbox,
        process_link(sandbox.main, bounds=settings, eraser=eraser) as link,
    ):
        yield Opened(link=link, sandbox=sandbox)


def host_command(settings: ServerSettings) -> Sequence[str]:
    """The command line of a server on this host; packages run through `uvx` and `npx`."""
    if settings.command is not None:
        return (settings.command, *settings.args)
    packaged = settings.packaged()
    assert packaged is not None  # the settings were checked
    package, args = packaged
    return (*_runner(package), *args)


def plain(secrets: Mapping[str, SecretStr]) -> dict[str, str]:
    """The values behind hidden settings, for the one who needs them."""
    return {key: value.get_secret_value() for key, value in secrets.items()}


def start_timed_out(name: str, seconds: float, link: Link | None) -> McpError:
    """The error for a server that does not come up in time, with what it said outside the protocol."""
    if link is None:
        return McpError(f"MCP server {name!r} could not be started within {seconds:g} s (`start_timeout`)")
    said = link.evidence().strip()
    tail = f"; what it wrote instead:\n{said}" if said else "; it wrote nothing, to stderr either"
    return McpError(f"MCP server {name!r} started, but did not answer within {seconds:g} s (`start_timeout`){tail}")


def _runner(package: PackageRef) -> Sequence[str]:
    separator = "==" if package.kind == "uvx" else "@"
    wanted = package.name if package.version is None else f"{package.name}{separator}{package.version}"
    if package.kind == "uvx":
        extras = [word for extra in package.extras for word in ("--with", extra)]
        return ("uvx", *extras, "--from", wanted, package.command) if package.command else ("uvx", *extras, wanted)
    if package.command is None and not package.extras:
        return ("npx", "-y", wanted)
    packages = [word for name in (wanted, *package.extras) for word in ("-p", name)]
    return ("npx", "-y", *packages, package.command or package.name.rpartition("/")[2])
