"""The settings of ``[shell]``: what an agent's own sandbox is made of, and how much of a command is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ByteSize, Field, PositiveFloat, PositiveInt, SecretStr

from massgen_core.config import STRICT
from massgen_core.sandbox import MountSetting, SandboxLimits
from massgen_core.tools import ALL_ACCESS, Access

TOOLS = frozenset(
    (
        *("execute_command", "run_python", "upload_file", "download_file"),
        *(f"process_{word}" for word in ("start", "list", "output", "wait", "input", "signal")),
    )
)
"""The names of the tools."""

Seen = Literal["write", "read", "none"]
"""What the sandbox may do with the session's workspace."""


class ShellSettings(SandboxLimits):
    """The sandbox that every session gets for its commands; the limits of `SandboxLimits` stand directly in it."""

    model_config = STRICT

    image: str | None = Field(default=None, min_length=1, description="A container image; the backend's own if unset.")
    sandbox: str = Field(default="docker", min_length=1, description="Backend.")
    env: Mapping[str, SecretStr] = Field(default_factory=dict[str, SecretStr], description="Environment variables.")
    workspace: Seen = Field(
        default="write", description="What commands may do in the session's workspace, seen at `/workspace`."
    )
    mounts: Mapping[str, MountSetting] = Field(
        default_factory=dict[str, MountSetting], description="More paths of the host, by where the sandbox sees them."
    )
    timeout: PositiveFloat = Field(default=120.0, description="Seconds that a command may take, unless the call says.")
    shown: ByteSize = Field(
        default=ByteSize(32 * 1024), ge=1024, description="Bytes of stdout, and of stderr, that a result shows."
    )
    kept: ByteSize = Field(
        default=ByteSize(16 * 1024 * 1024), description="Bytes of longer output that a file in the sandbox keeps."
    )
    processes: PositiveInt = Field(default=16, description="Processes that may run in the background at once.")

    @property
    def limits(self) -> SandboxLimits:
        """The sandbox's limits alone."""
        names = SandboxLimits.model_fields
        written = self.model_fields_set & names.keys()
        return SandboxLimits.model_construct(written, **{name: getattr(self, name) for name in names})

    @property
    def access(self) -> frozenset[Access]:
        """What a command can do to the world outside its sandbox, and that it is executed."""
        writes = self.workspace == "write" or any(mount.write for mount in self.mounts.values())
        closed: set[Access] = set()
        if not writes:
            closed |= {"write", "delete"}
        if not writes and self.workspace == "none" and not self.mounts:
            closed.add("read")
        if self.network == "none":
            closed.add("network")
        return ALL_ACCESS - closed


class ShellConfig(BaseModel):
    """The section of the built-in plugin `shell`; without it there are no such tools."""

    model_config = STRICT

    shell: ShellSettings | None = None
