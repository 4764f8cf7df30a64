"""The settings of ``[shell]``: what an agent's own sandbox is made of, and how much of a command is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, Self

from pydantic import BaseModel, ByteSize, Field, PositiveFloat, PositiveInt, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from massgen_core.config import STRICT
from massgen_core.sandbox import MountSetting, SandboxLimits, SecretSetting
from massgen_core.sandbox.delivery import secret_problems, use_of
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
    secrets: Mapping[str, SecretSetting] = Field(
        default_factory=dict[str, SecretSetting], description="Secrets, by the name of the variable that leads to them."
    )
    timeout: PositiveFloat = Field(default=120.0, description="Seconds that a command may take, unless the call says.")
    shown: ByteSize = Field(
        default=ByteSize(32 * 1024), ge=1024, description="Bytes of stdout, and of stderr, that a result shows."
    )
    kept: ByteSize = Field(
        default=ByteSize(16 * 1024 * 1024), description="Bytes of longer output that a file in the sandbox keeps."
    )
    processes: PositiveInt = Field(default=16, description="Processes that may run in the background at once.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for problem in _problems(self):
            raise PydanticCustomError("inconsistent", "{problem}", {"problem": problem})
        return self

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


def _problems(settings: ShellSettings) -> Iterator[str]:
    """What is wrong with the secrets; whatever a command can read, a model can, so that has to be asked for."""
    for name, secret in settings.secrets.items():
        if secret.use is None and use_of(secret, settings.network) != "placeholder":
            yield (
                f"`secrets.{name}`: commands could read it, and show it to the model: set `network` to the hosts that "
                'get it, and it never enters the sandbox; or write `as = "file"`'
            )
    yield from secret_problems(settings.secrets, settings.network, settings.env)
