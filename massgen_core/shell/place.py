"""Where a session's commands run: its sandbox, opened by the first of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread

from massgen_core.config_file import DEFAULT_FILES
from massgen_core.errors import SandboxExited
from massgen_core.sandbox import Isolation, Mount, MountSettings, Sandbox, SandboxBackend, SandboxSecret, SandboxSpec
from massgen_core.sandbox.mounts import WORKSPACE
from massgen_core.sandbox.secrets import split_source
from massgen_core.secrets import Secrets
from massgen_core.shell.settings import ShellSettings
from massgen_core.shell.shell import Shell, look_around
from massgen_core.tools import ProviderContext, ToolContext

_STARTED_ANEW = (
    "The sandbox was started anew, since it had ended ({reason}): background processes are gone, "
    "and so are files outside of the workspace."
)
_MOST_NOTES = 1000


class Place:
    """Opens a sandbox for each session that runs a command."""

    def __init__(self, settings: ShellSettings, context: ProviderContext) -> None:
        self._settings = settings
        self._context = context
        self._backend = context.service(SandboxBackend, settings.sandbox)
        self._secrets = Secrets(
            "shell", settings.secrets, network=settings.network, folder=context.state_dir, log=context.log
        )
        self._image = ""
        self._isolation: Isolation | None = None
        self._ended: dict[str, str] = {}

    async def prepare(self) -> None:
        """Do what has to be done once: find the image, which may have to be built or pulled.

        Raises:
            ConfigError: A secret is not where the settings say.
            ImageError: There is no image.
        """
        await self._secrets.take()  # one that is missing is told now; what counts is read by each session anew
        reference = self._settings.image or ""
        self._image = (await self._backend.image(reference, progress=self._context.log)).id

    async def shell(self, context: ToolContext) -> Shell:
        """The shell of the session that calls."""
        return await context.resource("shell", partial(self._open, context.session_id, context.workspace))

    @asynccontextmanager
    async def _open(self, session: str, workspace: Path | None) -> AsyncGenerator[Shell]:
        mounts = await self._mounts(workspace)
        spec = self._spec(session, mounts, await self._secrets.take())
        async with self._backend.start(spec) as sandbox, anyio.create_task_group() as tasks:
            tasks.start_soon(self._fail_at_its_end, session, sandbox)
            folder = f"{next(iter(spec.limits.tmpfs), '/tmp')}/output"
            reason = self._ended.pop(session, None)
            yield Shell(
                sandbox,
                self._settings,
                tasks,
                isolation=await self._looked_at(sandbox),
                program=await look_around(sandbox, folder),
                folder=folder,
                workdir=WORKSPACE if any(mount.target == WORKSPACE for mount in mounts) else "/tmp",
                news=reason and _STARTED_ANEW.format(reason=reason),
            )
            tasks.cancel_scope.cancel()

    def _spec(self, session: str, mounts: tuple[Mount, ...], secrets: tuple[SandboxSecret, ...]) -> SandboxSpec:
        settings = self._settings
        env = {name: value.get_secret_value() for name, value in settings.env.items()}
        return SandboxSpec(
            name="shell",
            image=self._image,
            reference=settings.image,
            idle=True,
            env={"HOME": "/tmp", **env},
            limits=settings.limits,
            mounts=mounts,
            secrets=secrets,
            turn=session,
        )

    async def _mounts(self, workspace: Path | None) -> tuple[Mount, ...]:
        """The session's workspace and the paths of the config, checked for each session anew."""
        from massgen_core.sandbox.mounting import Wanted, checked_mounts

        settings, folder = self._settings, self._context.state_dir
        seen = workspace if settings.workspace != "none" else None
        wanted = Wanted.of(
            seen and MountSettings(source=str(seen), write=settings.workspace == "write"),
            settings.mounts,
            folder=folder,
            key="shell",
            tmpfs=settings.tmpfs,
            keep=[folder / file for file in (*DEFAULT_FILES, "massgen.lock")],
            secrets=[
                (path, f"shell.secrets.{name}")
                for name, secret in settings.secrets.items()
                for kind, path in [split_source(secret.source)]
                if kind == "file"
            ],
        )
        return await anyio.to_thread.run_sync(checked_mounts, wanted)

    async def _looked_at(self, sandbox: Sandbox) -> Isolation:
        """What the sandboxes are held to; all of them are made alike."""
        if self._isolation is None:
            self._isolation = await sandbox.inspect()
        return self._isolation

    async def _fail_at_its_end(self, session: str, sandbox: Sandbox) -> None:
        reason = (await sandbox.main.wait()).reason
        if len(self._ended) < _MOST_NOTES:
            self._ended[session] = reason
        raise SandboxExited(f"the sandbox ended: {reason}")
