"""The workspace of a session, and how the session's server gets to see it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import anyio.to_thread

from massgen_core.errors import SandboxError
from massgen_core.mcp.launch import Launch
from massgen_core.mcp.mounts import with_stand_in
from massgen_core.mcp.settings import ServerSettings
from massgen_core.sandbox import Mount, Sandbox, SandboxLimits, SandboxSpec
from massgen_core.sandbox.mounts import WORKSPACE

_CANNOT = "a session's workspace cannot be mounted into a sandbox that runs already"
_INSIDE = f"`workdir` is in {WORKSPACE}, which a server that waits does not see yet"

Owner = tuple[int, int]
"""User and group of a folder."""


class Users:
    """As which user a sandbox runs by the owner of its workspace: guessed at first, then as the backend has chosen.

    Backends run what writes a folder as its owner. Where that is not so, a server that was started on a guess is
    refused the folder, and what the session gets instead tells how it is.
    """

    def __init__(self, limits: SandboxLimits, *, write: bool) -> None:
        self._fixed = "user" in limits.model_fields_set
        self._write = write
        self._known: dict[Owner, str | None] = {}
        self._last = (os.geteuid(), os.getegid()) if sys.platform != "win32" else (0, 0)

    def expected(self, workspace: Path | None) -> str | None:
        """The user for a workspace, or for that of the last session; None is the usual one. It looks, and blocks."""
        if workspace is not None:
            self._last = _owner(workspace)
        if self._fixed:
            return None
        return self._known[self._last] if self._last in self._known else self._guess(self._last)

    async def learn(self, workspace: Path, sandbox: Sandbox) -> None:
        """Look at a sandbox that sees a workspace; where one of the two is gone, there is nothing to learn."""
        with suppress(SandboxError, OSError):
            owner = await anyio.to_thread.run_sync(_owner, workspace)
            if not self._fixed and owner not in self._known:
                self._known[owner] = (await sandbox.inspect()).limits.get("user")

    def _guess(self, owner: Owner) -> str | None:
        return f"{owner[0]}:{owner[1]}" if self._write and all(owner) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspaces:
    """Whether one server's sessions bring workspaces, and what that means for servers that wait.

    ``problem`` says why none can wait.
    """

    launch: Launch
    users: Users | None = None
    problem: str = ""

    @classmethod
    def of(cls, settings: ServerSettings, launch: Launch) -> Workspaces:
        """As the settings have it."""
        own = settings.session_workspace
        if own is None:
            return cls(launch=launch)
        inside = PurePosixPath(settings.workdir or "/").is_relative_to(WORKSPACE)
        problem = _INSIDE if inside else "" if launch.can("mount") else _CANNOT
        return cls(launch=launch, users=Users(settings.limits, write=own.write), problem=problem)

    @property
    def late(self) -> bool:
        """Whether a server waits first, and gets to see its session's workspace later."""
        return self.users is not None and not self.problem

    async def mounts(self, workspace: Path | None) -> Sequence[Mount] | None:
        """The mounts of one session's server; None where they are the same for all.

        Raises:
            ConfigError: The session has no workspace, or it is refused.
        """
        if self.users is None or self.launch.mounts is None:
            return None
        return await self.launch.mounts.with_workspace(workspace)

    async def ahead(self, spec: SandboxSpec, mounts: Sequence[Mount] | None = None) -> SandboxSpec:
        """The sandbox of a server that is started before its session is known, or of one that would do for these."""
        if self.users is None:
            return spec
        if self.problem:
            return with_stand_in(spec)
        workspace = workspace_of(mounts).source if mounts is not None else None
        user = await anyio.to_thread.run_sync(self.users.expected, workspace)
        limits = spec.limits if user is None else spec.limits.model_copy(update={"user": user})
        return replace(spec, limits=limits, awaits=(WORKSPACE,))

    async def learn(self, mounts: Sequence[Mount], sandbox: Sandbox) -> None:
        """Learn from a sandbox that was started with its session's workspace."""
        if self.users is not None:
            await self.users.learn(workspace_of(mounts).source, sandbox)


def workspace_of(mounts: Sequence[Mount]) -> Mount:
    """The one at `/workspace`."""
    return next(mount for mount in mounts if mount.target == WORKSPACE)


def _owner(folder: Path) -> Owner:
    seen = folder.stat()
    return seen.st_uid, seen.st_gid
