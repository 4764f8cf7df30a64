"""What one sandbox may use and do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, ByteSize, ConfigDict, Field, NonNegativeInt, PositiveFloat, PositiveInt, field_validator

from massgen_core.sandbox.network import NetworkSetting
from massgen_core.sandbox.runtimes import RuntimeSetting


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
    disk: ByteSize | None = Field(
        default=None,
        ge=1024 * 1024,
        description="What a writable root, and each writable mount, may grow to; a file counts as 4 KiB at least.",
    )
    output: ByteSize | None = Field(
        default=None, gt=0, description="What the main process may write to stdout and stderr in all; then it is ended."
    )
    lifetime: PositiveFloat | None = Field(default=None, description="Seconds after which the sandbox is ended.")
    read_only_root: bool = Field(default=True, description="The image's files cannot be changed.")
    user: str = Field(default="65532:65532", pattern=r"^[1-9]\d*:[1-9]\d*$", description="Numeric user:group, never 0.")
    network: NetworkSetting = Field(
        default="none", description="`none`, a list of what may be reached, or `open` when written out."
    )
    runtime: RuntimeSetting | None = Field(
        default=None, description="The engine's OCI runtime, `runsc` say; the engine's default when unset."
    )
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
