"""The paths of the host that a server's settings name, as mounts of its sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import anyio.to_thread
from pydantic import ByteSize

from massgen_core.config_file import DEFAULT_FILES
from massgen_core.errors import ConfigError
from massgen_core.mcp.lock import FILE
from massgen_core.mcp.settings import ServerSettings
from massgen_core.sandbox import Mount, MountSettings, SandboxSpec
from massgen_core.sandbox.mounts import WORKSPACE
from massgen_core.sandbox.secrets import split_source

_STAND_IN = ByteSize(1024 * 1024)

Named = tuple[str, str]
"""A path as the config has it, and the key under which it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a server's mounts have to keep clear of: paths that other servers may change, and files with secrets.

    ``seen`` are all paths that other servers see: what a session brings to be changed holds none of them.
    """

    written: Sequence[Named] = ()
    secrets: Sequence[Named] = ()
    seen: Sequence[Named] = ()


def around(name: str, servers: Mapping[str, ServerSettings]) -> Around:
    """What stands around one of a config's servers; those that are not started count, since they may have been."""
    others = {other: each for other, each in servers.items() if other != name and each.sandboxed}
    return Around(
        written=[path for other, each in others.items() for path in _written(other, each)],
        secrets=[path for other, each in servers.items() for path in _secrets(other, each)],
        seen=[(mount.source, key) for other, each in others.items() for key, mount in _fixed(other, each)],
    )


def _written(name: str, settings: ServerSettings) -> Iterator[Named]:
    return ((mount.source, key) for key, mount in _fixed(name, settings) if mount.write)


def _fixed(name: str, settings: ServerSettings) -> Iterator[tuple[str, MountSettings]]:
    """The paths that stand in a server's section, by their keys."""
    if settings.workspace is not None and settings.session_workspace is None:
        yield f"servers.{name}.workspace", settings.workspace
    for target, mount in settings.mounts.items():
        yield f"servers.{name}.mounts.{target}", mount


def _secrets(name: str, settings: ServerSettings) -> Iterator[Named]:
    for variable, secret in settings.secrets.items():
        kind, place = split_source(secret.source)
        if kind == "file":
            yield place, f"servers.{name}.secrets.{variable}"


class Mounts:
    """The checked mounts of one server; ``folder`` is the config file's, which no sandbox may change."""

    def __init__(self, name: str, settings: ServerSettings, folder: Path, around: Around) -> None:
        self._name = name
        self._settings = settings
        self._folder = folder
        self._around = around

    async def fixed(self) -> Sequence[Mount]:
        """What every start of it sees.

        Raises:
            ConfigError: A path is refused, or is not there; the message names its key.
        """
        own = self._settings.session_workspace
        return await self._checked(None if own is not None else self._settings.workspace)

    async def with_workspace(self, workspace: Path | None) -> Sequence[Mount]:
        """The same, and first the workspace of one session.

        Raises:
            ConfigError: The session has none, or it is refused.
        """
        own = self._settings.session_workspace
        assert own is not None  # who has one asks
        if workspace is None:
            cure = "Open the session with one: `runtime.session(workspace=…)`."
            raise ConfigError("the session has no workspace", key=f"servers.{self._name}.workspace", cure=cure)
        return await self._checked(own.model_copy(update={"source": str(workspace)}), self._check_others)

    async def _checked(
        self, workspace: MountSettings | None, also: Callable[[MountSettings], None] | None = None
    ) -> Sequence[Mount]:
        if workspace is None and not self._settings.mounts:
            return ()
        from massgen_core.sandbox.mounting import Wanted, checked_mounts

        wanted = Wanted.of(
            workspace,
            self._settings.mounts,
            folder=self._folder,
            key=f"servers.{self._name}",
            tmpfs=self._settings.tmpfs,
            keep=[self._folder / file for file in (*DEFAULT_FILES, FILE)],
            written=self._around.written,
            secrets=self._around.secrets,
        )

        def look() -> Sequence[Mount]:
            mounts = checked_mounts(wanted)
            if also is not None and workspace is not None:
                also(workspace)
            return mounts

        return await anyio.to_thread.run_sync(look)

    def _check_others(self, workspace: MountSettings) -> None:
        """Refuse a workspace in which paths of other servers lie: who may write it could put a link in their way."""
        from massgen_core.sandbox.mounting import check_apart
        from massgen_core.sandbox.paths import Source, real_path

        if not workspace.write:
            return
        guests = [(Path(workspace.source).resolve(), f"servers.{self._name}.workspace")]
        for text, key in self._around.seen:
            source = Source(key=key, text=text, folder=self._folder)
            try:
                real = real_path(source)
            except ConfigError:
                continue  # a problem of its own
            check_apart(Mount(source=real, target=WORKSPACE), source, guests)


def with_stand_in(spec: SandboxSpec) -> SandboxSpec:
    """A sandbox with an empty folder in memory where a session's workspace would be, for a server that only lists."""
    limits = spec.limits.model_copy(update={"tmpfs": {**spec.limits.tmpfs, WORKSPACE: _STAND_IN}})
    return replace(spec, limits=limits)


async def still_as_checked(mounts: Sequence[Mount]) -> None:
    """Look at the paths again, as every start does: a server may have been down for long.

    Raises:
        SandboxUnavailable: One leads elsewhere now, or is closed.
    """
    if mounts:
        from massgen_core.sandbox.mounting import check_again

        await anyio.to_thread.run_sync(check_again, mounts)
