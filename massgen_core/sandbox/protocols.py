"""What a backend brings: processes, sandboxes, and the way to start them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Literal, Protocol

from massgen_core.sandbox.images import ImageInfo, PackageRef
from massgen_core.sandbox.mounts import Mount
from massgen_core.sandbox.results import CommandEnd, ExecResult, ExitStatus, Isolation
from massgen_core.sandbox.snapshots import Snapshot
from massgen_core.sandbox.spec import SandboxSpec

Ability = Literal["pause", "mount", "snapshot", "hand_over"]
"""What not every backend can do: freeze a sandbox, mount into a running one, keep its files, give it away."""

Stream = Literal["stdout", "stderr"]
OnOutput = Callable[[Stream, bytes], Awaitable[None]]
"""Awaited with each piece of output as it comes."""


class Process(Protocol):
    """A process in a sandbox, spoken to over its three streams.

    Reading one stream never waits for the other: stderr is drained into a bounded ring by the backend, and also
    delivered to ``on_stderr`` where one was given at start.
    """

    async def send(self, data: bytes) -> None:
        """Write to stdin, waiting while the process does not read. Raises `SandboxExited` when it is gone."""
        ...

    async def send_eof(self) -> None:
        """Close stdin and keep reading (half-close)."""
        ...

    async def receive(self) -> bytes:
        """The next bytes of stdout, never empty. Raises `anyio.EndOfStream` at its end."""
        ...

    def stderr_tail(self) -> str:
        """The last lines of stderr, bounded, undecodable bytes replaced."""
        ...

    async def wait(self) -> ExitStatus:
        """Wait for the end and say how it came."""
        ...

    async def kill(self) -> None:
        """End it now."""
        ...


class Command(Protocol):
    """A command that runs in a sandbox, beside others; it lives as long as the context manager that made it."""

    @property
    def pid(self) -> int | None:
        """Its process id inside the sandbox, None where the backend does not tell."""
        ...

    async def send(self, data: bytes) -> None:
        """Write to stdin, waiting while the command does not read. Raises `SandboxExited` when it has ended."""
        ...

    async def send_eof(self) -> None:
        """Close stdin and keep reading; does nothing the second time, or when it has ended."""
        ...

    async def receive(self) -> tuple[Stream, bytes]:
        """The next bytes of stdout or stderr, never empty; a command whose output nobody takes waits.

        Raises:
            EndOfStream: Both have ended.
            SandboxExited: The sandbox went away.
        """
        ...

    async def wait(self) -> CommandEnd:
        """Wait for its end, which comes after its output was taken. Raises `SandboxExited` when the sandbox ended."""
        ...

    async def signal(self, name: str) -> None:
        """Send a signal (``SIGINT``) to the command and to what shares its process group."""
        ...

    async def kill(self) -> bool:
        """Kill everything that it started; false when something could not be shown to be gone."""
        ...


class Sandbox(Protocol):
    """A running sandbox; it lives as long as the context manager that made it."""

    @property
    def id(self) -> str:
        """The backend's identifier."""
        ...

    @property
    def name(self) -> str:
        """The word from its `SandboxSpec`."""
        ...

    @property
    def main(self) -> Process:
        """The main process, attached before it started, so that no byte is missed; an idle sandbox's is not for use."""
        ...

    def spawn(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        workdir: str | None = None,
        stdin: bool = False,
    ) -> AbstractAsyncContextManager[Command]:
        """Start a command beside the main process; leaving the context ends everything that it started.

        ``stdin`` false gives it nothing to read.

        Raises:
            SandboxExited: The sandbox does not run.
            SandboxError: There is no such program or folder, or it cannot be run.
        """
        ...

    async def exec(
        self,
        command: Sequence[str],
        *,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        workdir: str | None = None,
        deadline: float | None = None,
        max_output: int = 1024 * 1024,
        on_output: OnOutput | None = None,
        measure: bool = False,
    ) -> ExecResult:
        """Run a command beside the main process; ``deadline`` in seconds, ``max_output`` in bytes per stream.

        The result's ``usage`` is there where telling it costs nothing to speak of; ``measure`` asks for it also where
        that takes a moment (an engine on another machine).
        """
        ...

    async def inspect(self) -> Isolation:
        """What the sandbox is really held to, read back from the engine."""
        ...

    async def pause(self) -> None:
        """Freeze everything in it; it keeps its memory and its streams. Nothing happens where it is frozen already.

        Raises:
            SandboxUnavailable: The backend cannot.
        """
        ...

    async def resume(self) -> None:
        """Let it go on; nothing happens where it is not frozen."""
        ...

    async def mount(self, mount: Mount) -> None:
        """Show a folder of the host at a path that its spec named in ``awaits``; once for each.

        A process that entered the path before goes on to see the empty folder that was there.

        Raises:
            SandboxUnavailable: The backend cannot, or the folder is refused.
        """
        ...

    async def snapshot(self) -> Snapshot:
        """Keep its files, those in memory included, for sandboxes that begin with them; mounts are not part of it.

        Processes are not kept. The sandbox goes on afterwards.

        Raises:
            SandboxUnavailable: The backend cannot.
        """
        ...


Prove = Callable[[ImageInfo], Awaitable[Mapping[str, str]]]
"""Starts the image as it will be used and returns what it learnt; raises when the image is no good."""

Progress = Callable[[str], None]
"""Told one line of progress at a time; must not block."""


class SandboxBackend(Protocol):
    """An open connection to something that runs sandboxes."""

    @property
    def name(self) -> str:
        """The word used in ``sandbox = "…"``."""
        ...

    @property
    def sandboxes(self) -> Sequence[Sandbox]:
        """The sandboxes that this backend is running now."""
        ...

    @property
    def abilities(self) -> frozenset[Ability]:
        """What its sandboxes can do beyond running; known once it is open."""
        ...

    def start(
        self, spec: SandboxSpec, *, on_stderr: Callable[[bytes], None] | None = None
    ) -> AbstractAsyncContextManager[Sandbox]:
        """Start a sandbox; leaving the context destroys it, whatever happens.

        Raises:
            ImageError: The image is not there.
            SandboxUnavailable: The backend cannot run it (no engine, runtime not listed, …).
        """
        ...

    async def prepare(self, package: PackageRef, *, prove: Prove, progress: Progress) -> ImageInfo:
        """The image of a packaged server: the cached one, or a new one that was built and has proved itself."""
        ...

    async def image(self, reference: str, *, progress: Progress) -> ImageInfo:
        """An image by reference: present already, or pulled; an empty one is the backend's own."""
        ...

    async def snapshots(self) -> Sequence[Snapshot]:
        """The snapshots that there are, the oldest first."""
        ...

    async def drop(self, snapshot: Snapshot) -> None:
        """Delete a snapshot; one that is gone already is fine."""
        ...
