"""The backend named ``local``: this machine's own programs, in bubblewrap."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import NoReturn

import anyio
import anyio.to_thread

from massgen_core.errors import SandboxUnavailable
from massgen_core.sandbox import Ability, AllowList, ImageInfo, PackageRef, Progress, Prove, SandboxSpec, Snapshot
from massgen_core.sandbox.mounting import check_again
from massgen_sandbox_local.bubblewrap import View, program
from massgen_sandbox_local.config import LocalConfig
from massgen_sandbox_local.places import places, remove_left_behind, user_of
from massgen_sandbox_local.sandbox import LocalSandbox, OnStderr, run_sandbox
from massgen_sandbox_local.ways import Bubblewrap, Plain

IMAGE = "the programs of this machine"

_INSTALL = (
    "  Install it (`apt-get install bubblewrap`, `dnf install bubblewrap`), use the Docker backend, or write\n"
    '  `isolation = "none"` into [plugins.sandbox-local]: then nothing holds what runs.'
)
_PROBE = ("--unshare-user", "--unshare-pid", "--ro-bind", "/", "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A bubblewrap that works, and whether it cannot forbid further user namespaces."""

    program: str
    keeps_userns: bool


class LocalBackend:
    """`massgen_core.sandbox.SandboxBackend` for this machine; made by `local_backend`."""

    def __init__(self, found: Found | None) -> None:
        self._found = found
        self._running: dict[str, LocalSandbox] = {}

    @property
    def name(self) -> str:
        """``local``."""
        return "local"

    @property
    def sandboxes(self) -> Sequence[LocalSandbox]:
        """The sandboxes that run now."""
        return tuple(self._running.values())

    @property
    def abilities(self) -> frozenset[Ability]:
        """Its sandboxes can be frozen; nothing else beyond running."""
        return frozenset({"pause"})

    @asynccontextmanager
    async def start(self, spec: SandboxSpec, *, on_stderr: OnStderr | None = None) -> AsyncGenerator[LocalSandbox]:
        """Start a sandbox; leaving the context destroys it. Its image is not looked at."""
        self._check(spec)
        await anyio.to_thread.run_sync(check_again, spec.mounts)
        user = await anyio.to_thread.run_sync(user_of, spec)
        async with places(spec, user) as own:
            view = View(spec=spec, places=own, user=user, keeps_userns=self._found is None or self._found.keeps_userns)
            way = Plain(view) if self._found is None else Bubblewrap(self._found.program, view)
            async with run_sandbox(spec, way, on_stderr=on_stderr) as sandbox:
                self._running[sandbox.id] = sandbox
                try:
                    yield sandbox
                finally:
                    del self._running[sandbox.id]

    async def prepare(self, package: PackageRef, *, prove: Prove, progress: Progress) -> ImageInfo:
        """There are no images here to be built."""
        raise SandboxUnavailable(
            f"{package} needs an image of its own, and the local backend has none\n"
            '  Run it with the Docker backend (`sandbox = "docker"`).'
        )

    async def image(self, reference: str, *, progress: Progress) -> ImageInfo:
        """Whatever the reference: a sandbox sees the programs of this machine."""
        if reference:
            progress(f"{reference} is not pulled: {IMAGE} are used")
        return ImageInfo(reference=reference, id="local", note=f"no image: {IMAGE} are used, read-only")

    async def snapshots(self) -> Sequence[Snapshot]:
        """None: the files of its sandboxes are not kept."""
        return ()

    async def drop(self, snapshot: Snapshot) -> None:
        """There are none, so it is gone already."""

    def _check(self, spec: SandboxSpec) -> None:
        limits = spec.limits
        if spec.awaits:
            _refuse(spec, "mounts into a running sandbox", "Name the folders in `mounts`")
        if spec.snapshot is not None:
            _refuse(spec, "snapshots", "Start without one")
        if isinstance(limits.network, AllowList):
            _refuse(spec, "a list of hosts that may be reached", 'Write `network = "none"` or `"open"`')
        if self._found is None and limits.network != "open" and "network" in limits.model_fields_set:
            _refuse(spec, f"the network {limits.network!r} for plain processes", "Use bubblewrap")
        if self._found is None and spec.mounts:
            _refuse(spec, "mounts for plain processes, which see all folders", "Use bubblewrap")
        if limits.runtime is not None:
            _refuse(spec, f"the runtime {limits.runtime.name!r}", "Leave `runtime` out")
        if limits.disk is not None:
            _refuse(spec, "a bound on what is written to disk", "Leave `disk` out")
        if any(secret.use == "placeholder" for secret in spec.secrets):
            _refuse(spec, "placeholders of secrets", 'Write `as = "file"`')
        if not spec.idle and not spec.command:
            _refuse(spec, "a sandbox without a command", "Name one")


def _refuse(spec: SandboxSpec, what: str, cure: str) -> NoReturn:
    raise SandboxUnavailable(
        f"{spec.name}: the local backend cannot enforce or offer {what}\n  {cure}, or use the Docker backend."
    )


@asynccontextmanager
async def local_backend(
    config: LocalConfig, *, log: Callable[[str], None] = lambda line: None
) -> AsyncGenerator[LocalBackend]:
    """Look for bubblewrap, see that it works, and remove the folders that killed programs have left.

    Raises:
        SandboxUnavailable: It does not; the message says what to do.
    """
    if not sys.platform.startswith("linux"):
        raise SandboxUnavailable("the local backend runs on Linux only\n  Use the Docker backend.")
    backend = LocalBackend(None if config.isolation == "none" else await _find(config))
    if count := await anyio.to_thread.run_sync(remove_left_behind):
        log(f"removed the private folders of {count} sandbox{'es' if count > 1 else ''} that a killed program had left")
    yield backend


async def _find(config: LocalConfig) -> Found:
    path = await anyio.to_thread.run_sync(program, config.bwrap)
    if path is None:
        raise SandboxUnavailable(
            f"the local backend needs bubblewrap, and {config.bwrap or 'bwrap'} is not here\n{_INSTALL}"
        )
    found = Found(program=path, keeps_userns=False)
    if await _problem(found) is None:
        return found
    found = replace(found, keeps_userns=True)
    if problem := await _problem(found):
        raise SandboxUnavailable(f"bubblewrap does not work here: {problem}\n{_INSTALL}")
    return found


async def _problem(found: Found) -> str | None:
    options = () if found.keeps_userns else ("--disable-userns",)
    become = user_of(SandboxSpec(name="probe", image="")).outside
    command = [found.program, *_PROBE, *options, "--", "/bin/sh", "-c", ":"]
    done = await anyio.run_process(
        command,
        check=False,
        user=become and become[0],
        group=become and become[1],
        extra_groups=None if become is None else (),
    )
    return None if done.returncode == 0 else done.stderr.decode("utf-8", "replace").strip() or "it fails"
