"""The paths of the host that a server's settings name, as mounts of its sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread

from massgen_core.config_file import DEFAULT_FILES
from massgen_core.mcp.lock import FILE
from massgen_core.mcp.settings import ServerSettings
from massgen_core.sandbox import Mount
from massgen_core.sandbox.secrets import split_source

Named = tuple[str, str]
"""A path as the config has it, and the key under which it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a server's mounts have to keep clear of: paths that other servers may change, and files with secrets."""

    written: Sequence[Named] = ()
    secrets: Sequence[Named] = ()


def around(name: str, servers: Mapping[str, ServerSettings]) -> Around:
    """What stands around one of a config's servers; those that are not started count, since they may have been."""
    others = {other: each for other, each in servers.items() if other != name and each.sandboxed}
    return Around(
        written=[path for other, each in others.items() for path in _written(other, each)],
        secrets=[path for other, each in servers.items() for path in _secrets(other, each)],
    )


def _written(name: str, settings: ServerSettings) -> Iterator[Named]:
    if settings.workspace is not None and settings.workspace.write:
        yield settings.workspace.source, f"servers.{name}.workspace"
    for target, mount in settings.mounts.items():
        if mount.write:
            yield mount.source, f"servers.{name}.mounts.{target}"


def _secrets(name: str, settings: ServerSettings) -> Iterator[Named]:
    for variable, secret in settings.secrets.items():
        kind, place = split_source(secret.source)
        if kind == "file":
            yield place, f"servers.{name}.secrets.{variable}"


async def mounts_of(name: str, settings: ServerSettings, folder: Path, around: Around) -> Sequence[Mount]:
    """The checked mounts of one server; ``folder`` is the config file's, which no sandbox may change.

    Raises:
        ConfigError: A path is refused, or is not there; the message names its key.
    """
    if settings.workspace is None and not settings.mounts:
        return ()
    from massgen_core.sandbox.mounting import Wanted, checked_mounts

    wanted = Wanted.of(
        settings.workspace,
        settings.mounts,
        folder=folder,
        key=f"servers.{name}",
        tmpfs=settings.tmpfs,
        keep=[folder / file for file in (*DEFAULT_FILES, FILE)],
        written=around.written,
        secrets=around.secrets,
    )
    return await anyio.to_thread.run_sync(checked_mounts, wanted)


async def still_as_checked(mounts: Sequence[Mount]) -> None:
    """Look at the paths again, as every start does: a server may have been down for long.

    Raises:
        SandboxUnavailable: One leads elsewhere now, or is closed.
    """
    if mounts:
        from massgen_core.sandbox.mounting import check_again

        await anyio.to_thread.run_sync(check_again, mounts)
