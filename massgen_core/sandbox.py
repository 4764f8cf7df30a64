"""What a sandbox is, in words that fit any backend: settings, processes, sandboxes, backends.

Nothing here names an engine. A backend turns a `SandboxSpec` into a running `Sandbox`, builds images for packaged
MCP servers, and says truthfully what it enforces (`Isolation`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol

from pydantic import BaseModel, ByteSize, ConfigDict, Field, NonNegativeInt, PositiveFloat, PositiveInt, field_validator

Network = Literal["none", "open"]
"""``none``: no network at all. ``open``: everything the engine can reach, the host included; only when written out."""

PackageKind = Literal["uvx", "npx"]


def _mib(n: int) -> ByteSize:
    return ByteSize(n * 1024 * 1024)


class SandboxLimits(BaseModel):
    """What one sandbox may use and do; every field can be set per server in the config file.

    Sizes are bytes, or text such as ``"512MiB"``.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    memory: ByteSize = Field(default=_mib(512), ge=6 * 1024 * 1024, description="Memory in bytes; swap is not added.")
    cpus: PositiveFloat = Field(default=1.0, description="CPU cores that may be used at once.")
    pids: PositiveInt = Field(default=256, description="Processes and threads.")
    open_files: PositiveInt = Field(default=4096, description="Open files per process (ulimit nofile, hard).")
    file_size: ByteSize | None = Field(default=None, description="Largest file a process may write (ulimit fsize).")
    tmpfs: Mapping[str, ByteSize] = Field(
        default_factory=lambda: {"/tmp": _mib(64)}, description="Writable in-memory folders and their sizes."
    )
    shm: ByteSize = Field(default=_mib(16), description="Size of /dev/shm.")
    read_only_root: bool = Field(default=True, description="The image's files cannot be changed.")
    user: str = Field(default="65532:65532", pattern=r"^[1-9]\d*:[1-9]\d*$", description="Numeric user:group, never 0.")
    network: Network = Field(default="none", description="`none`, or `open` when written out.")
    runtime: str | None = Field(default=None, description="The engine's OCI runtime; its default when unset.")
    init: bool = Field(default=True, description="An init process that reaps zombies.")
    stop_timeout: NonNegativeInt = Field(default=2, description="Seconds between the polite and the hard stop.")

    @field_validator("tmpfs")
    @classmethod
    def _absolute(cls, value: Mapping[str, ByteSize]) -> Mapping[str, ByteSize]:
        for path in value:
            forbidden = path in ("/", "/proc", "/sys", "/dev") or path.startswith(("/proc/", "/sys/", "/dev/"))
            if not path.startswith("/") or ".." in path.split("/") or "," in path or ":" in path or forbidden:
                raise ValueError(f"tmpfs path {path!r} must be absolute, plain, and outside /proc, /sys and /dev")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSpec:
    """One sandbox to be started: image, command, environment, limits.

    ``command`` is what runs as the main process; empty means the image's own. ``labels`` are kept by the backend for
    listing. ``name`` is a human's word for it, and ``reference`` one for its image where ``image`` is a content id.
    """

    name: str
    image: str
    reference: str | None = None
    command: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    workdir: str | None = None
    limits: SandboxLimits = field(default_factory=SandboxLimits)
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitStatus:
    """How a process ended; ``reason`` says it in words (``out of memory (limit 512 MiB)``)."""

    code: int | None
    reason: str
    out_of_memory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecResult:
    """What a command left behind; output is kept up to the caller's limit, and counted in full.

    After a time-out ``timed_out`` is true, ``exit_code`` is None and the output is what had arrived.
    ``tree_killed`` is false only when something that the command started could not be shown to be gone.
    """

    exit_code: int | None
    stdout: bytes = field(repr=False)
    stderr: bytes = field(repr=False)
    stdout_bytes: int
    stderr_bytes: int
    duration: float
    timed_out: bool = False
    tree_killed: bool = True


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fact about isolation as it was found by looking: what, whether it holds, and what would mend it."""

    name: str
    ok: bool
    detail: str
    cure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """What a running sandbox is really held to, read back from the engine, never from the config.

    ``score`` is the share of findings that hold, 0 to 100. ``limits`` are the few figures that people look for
    (``memory``, ``cpus``, ``pids``, ``user``, ``network`` …), as text.
    """

    backend: str
    limits: Mapping[str, str]
    findings: Sequence[Finding]

    @property
    def score(self) -> int:
        """The share of findings that hold, 0 to 100."""
        return round(100 * sum(f.ok for f in self.findings) / len(self.findings)) if self.findings else 0


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
        """The main process, attached before it started, so that no byte is missed."""
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
        on_output: Callable[[Literal["stdout", "stderr"], bytes], Awaitable[None]] | None = None,
    ) -> ExecResult:
        """Run a command beside the main process; ``deadline`` in seconds, ``max_output`` in bytes per stream."""
        ...

    async def inspect(self) -> Isolation:
        """What the sandbox is really held to, read back from the engine."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRef:
    """A packaged MCP server: ``uvx:PKG[==V]`` or ``npx:PKG[@V]``; ``version`` None means not pinned.

    ``command`` is the executable where it is not the package's own; ``extras`` are further requirements of the same
    kind to install beside it (``uvx --with``).
    """

    kind: PackageKind
    name: str
    version: str | None = None
    command: str | None = None
    extras: Sequence[str] = ()

    def __str__(self) -> str:
        if self.version is None:
            return f"{self.kind}:{self.name}"
        return f"{self.kind}:{self.name}{'==' if self.kind == 'uvx' else '@'}{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageInfo:
    """An image that is ready to run: its reference, content id, the command to start, what was put into it.

    ``packages`` maps every installed distribution to its version; ``note`` says what a reader should know (built
    as of an earlier date, say). ``proof`` is what the proving call returned (the protocol era, for MCP).
    """

    reference: str
    id: str
    command: Sequence[str] = ()
    version: str | None = None
    packages: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    note: str | None = None
    proof: Mapping[str, str] = field(default_factory=dict[str, str])
    built: bool = False


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
        """An image by reference: present already, or pulled."""
        ...
