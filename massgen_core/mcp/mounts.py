"""The paths of the host that a server's settings name, as mounts of its sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anyio.to_thread

from massgen_core.config_file import DEFAULT_FILES
from massgen_core.mcp.lock import FILE
from massgen_core.mcp.settings import ServerSettings
from massgen_core.sandbox import Mount


async def mounts_of(name: str, settings: ServerSettings, folder: Path) -> Sequence[Mount]:
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
