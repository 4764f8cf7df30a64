"""The settings of MCP servers: one section per server, validated before anything starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal, Self

from pydantic import (
    BaseModel,
    ByteSize,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from massgen_core.config import STRICT
from massgen_core.errors import ConfigError
from massgen_core.mcp.packages import check_package, parse_package, recognise
from massgen_core.sandbox import MountSetting, MountSettings, PackageRef, SandboxLimits, SecretSetting
from massgen_core.sandbox.delivery import secret_problems
from massgen_core.sandbox.mounts import WORKSPACE

Protocol = Literal["auto", "legacy", "2026-07-28"]
"""Which MCP era to speak: ask the server, the handshake of up to 2025-11-25, or 2026-07-28 without asking."""

NO_SANDBOX = "none"

_PREFIX = re.compile(r"[a-zA-Z0-9_-]{1,32}")
_LIMITS = frozenset(SandboxLimits.model_fields)
_SANDBOX_ONLY = frozenset({"workspace", "mounts", "secrets", "warm_frozen"}) | _LIMITS
_WARM = frozenset({"warm", "warm_age", "warm_frozen"})
_PROCESS_ONLY = frozenset({"args", "env", "workdir", "extras", "system", "sandbox", "scope"}) | _SANDBOX_ONLY | _WARM

SESSION = "session"
"""The scope of a server that each session has for itself; as a ``workspace``, the session's own."""


class ServerSettings(SandboxLimits):
    """One MCP server: what to run or where it is, in which sandbox, and within which limits.

    The limits of `SandboxLimits` stand directly in the server's section. A few keys that other MCP clients keep in
    their ``mcpServers`` files are understood too, or ignored with a word.
    """

    package: str | None = Field(default=None, description="`uvx:PKG[==V]` or `npx:PKG[@V]`.")
    image: str | None = Field(default=None, min_length=1, description="A container image to run.")
    command: str | None = Field(default=None, min_length=1, description="A program; `uvx` and `npx` are recognised.")
    url: str | None = Field(
        default=None, pattern=r"^https?://", repr=False, description="A server reached over streamable HTTP."
    )
    args: tuple[str, ...] = Field(default=(), description="Arguments of the package, image or command.")
    extras: tuple[str, ...] = Field(default=(), description="Requirements to install beside the package.")
    system: tuple[str, ...] = Field(default=(), description="Debian packages that the package's image needs.")
    env: Mapping[str, SecretStr] = Field(default_factory=dict[str, SecretStr], description="Environment variables.")
    headers: Mapping[str, SecretStr] = Field(default_factory=dict[str, SecretStr], description="HTTP headers.")
    workdir: str | None = Field(default=None, description="Working folder inside the sandbox.")
    workspace: MountSetting | None = Field(
        default=None, description="Folder of the host, seen at `/workspace`; `session` is that of the session."
    )
    mounts: Mapping[str, MountSetting] = Field(
        default_factory=dict[str, MountSetting], description="More paths of the host, by where the sandbox sees them."
    )
    secrets: Mapping[str, SecretSetting] = Field(
        default_factory=dict[str, SecretSetting], description="Secrets, by the name of the variable that leads to them."
    )
    sandbox: str = Field(default="docker", min_length=1, description="Backend; `none` runs it on the host.")
    scope: Literal["runtime", "session"] = Field(
        default="runtime", description="One process for all sessions, or one for each, from its first call to its end."
    )
    warm: NonNegativeInt | None = Field(
        default=None, description='Servers kept ready for new sessions, at least; 1 with `scope = "session"`.'
    )
    warm_age: PositiveFloat = Field(
        default=3600.0, description="Seconds after which a server that waited for a session is replaced."
    )
    warm_frozen: bool = Field(
        default=False, description="Freeze servers that wait, where the backend can: no CPU, slower to be claimed."
    )
    enabled: bool = Field(default=True, description="Start the server.")
    required: bool | None = Field(default=None, description="Fail when the server fails; true when unset.")
    prefix: str | None = Field(default=None, description="Prefix of its tools' names; the server's name when unset.")
    tools: tuple[str, ...] | None = Field(default=None, description="Names or patterns of tools to offer.")
    deny: tuple[str, ...] = Field(default=(), description="Names or patterns of tools to leave out.")
    call_timeout: PositiveFloat | None = Field(default=None, description="Seconds that one call may take.")
    start_timeout: PositiveFloat = Field(default=60.0, description="Seconds from start to the list of tools.")
    concurrency: PositiveInt | None = Field(default=None, description="How many of its calls may run at once.")
    health_interval: PositiveFloat | None = Field(
        default=None, description="Seconds of idling after which it is asked for a sign of life; never when unset."
    )
    trust_annotations: bool = Field(default=False, description="Believe its tools' hints about what they do.")
    protocol: Protocol = Field(default="auto", description="Which MCP era to speak; `auto` asks the server.")
    max_message: ByteSize = Field(
        default=ByteSize(32 * 1024 * 1024), ge=64 * 1024, description="Largest message the server may send."
    )
    max_values: PositiveInt = Field(default=200_000, description="Most values that the JSON of a message may hold.")

    type: str | None = Field(default=None, description="Other clients' word for the transport; follows from the rest.")
    disabled: bool | None = Field(default=None, description="Other clients' word for `enabled = false`.")
    auto_approve: tuple[str, ...] | None = Field(default=None, alias="autoApprove", description="Ignored.")
    always_allow: tuple[str, ...] | None = Field(default=None, alias="alwaysAllow", description="Ignored.")

    model_config = STRICT

    @field_validator("prefix")
    @classmethod
    def _usable(cls, value: str | None) -> str | None:
        if value is not None and not _PREFIX.fullmatch(value):
            raise _problem("must be 1 to 32 letters, digits, `_` or `-`")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for problem in _problems(self):
            raise _problem(problem)
        return self

    @property
    def active(self) -> bool:
        """Whether the server is to be started."""
        return self.enabled and not self.disabled

    @property
    def sandboxed(self) -> bool:
        """Whether the server runs in a sandbox of ours."""
        return self.url is None and self.sandbox != NO_SANDBOX

    @property
    def own_process(self) -> bool:
        """Whether every session has a server of its own."""
        return self.scope == SESSION

    @property
    def session_workspace(self) -> MountSettings | None:
        """How the session's own workspace is mounted, if it is."""
        return self.workspace if self.workspace is not None and self.workspace.source == SESSION else None

    @property
    def limits(self) -> SandboxLimits:
        """The sandbox's limits alone."""
        written = self.model_fields_set & _LIMITS
        return SandboxLimits.model_construct(written, **{name: getattr(self, name) for name in _LIMITS})

    @property
    def ignored(self) -> tuple[str, ...]:
        """Other clients' keys that are set here and have no effect."""
        found = {"autoApprove": self.auto_approve, "alwaysAllow": self.always_allow}
        return tuple(key for key, value in found.items() if value is not None)

    def packaged(self) -> tuple[PackageRef, tuple[str, ...]] | None:
        """The package to install and the arguments left for it; None where an image, a URL or a host program is named.

        Raises:
            ConfigError: The package is written wrongly.
        """
        found = self._packaged()
        if found is None:
            return None
        package, args = found
        package = replace(package, extras=(*package.extras, *self.extras), system=tuple(sorted(set(self.system))))
        check_package(package)
        return package, tuple(args)

    def _packaged(self) -> tuple[PackageRef, Sequence[str]] | None:
        if self.package is not None:
            return parse_package(self.package), self.args
        if self.command is not None and self.image is None and self.sandboxed:
            return recognise(self.command, self.args)
        return None


class McpOptions(BaseModel):
    """What all MCP servers of a config share; stands in ``[plugins.mcp]``."""

    model_config = STRICT

    warm_memory: ByteSize = Field(
        default=ByteSize(2 * 1024**3),
        description="What the servers that wait for sessions may have in all, counted by their `memory`.",
    )


class McpConfig(McpOptions):
    """The section of the built-in plugin `mcp`: the servers, by name, and what they share."""

    servers: Mapping[str, ServerSettings] = Field(default_factory=dict[str, ServerSettings])

    @model_validator(mode="after")
    def _prefixes(self) -> Self:
        owners: dict[str, str] = {}
        for name, server in self.servers.items():
            prefix = prefix_of(name, server)
            if not _PREFIX.fullmatch(prefix):
                raise _problem(f"servers.{name}: the name cannot begin tool names; set `prefix` to letters and digits")
            if (other := owners.setdefault(prefix, name)) != name:
                raise _problem(f"servers.{name}: `prefix` {prefix!r} is taken by servers.{other}; change one of them")
        return self


def prefix_of(name: str, server: ServerSettings) -> str:
    """What stands before the names of a server's tools: its ``prefix``, or its name with underscores."""
    return server.prefix or name.replace("-", "_")


def _problem(text: str) -> PydanticCustomError:
    return PydanticCustomError("server_settings", "{problem}", {"problem": text})


def _problems(server: ServerSettings) -> Iterator[str]:
    """What is wrong with a section as a whole, the first thing first."""
    yield from _source_problems(server)
    yield from _remote_problems(server) if server.url is not None else _local_problems(server)
    if server.disabled and "enabled" in server.model_fields_set and server.enabled:
        yield "`enabled` and `disabled` contradict each other; keep `enabled`"


def _source_problems(server: ServerSettings) -> Iterator[str]:
    named = [key for key in ("package", "image", "command", "url") if getattr(server, key) is not None]
    if not named:
        yield "names nothing to run; set one of `package`, `image`, `command` or `url`"
    if len(named) > 1 and named != ["image", "command"]:
        yield f"`{named[0]}` and `{named[1]}` are both set; keep one of them"


def _remote_problems(server: ServerSettings) -> Iterator[str]:
    if server.type == "sse":
        yield "`type`: the old HTTP+SSE transport is not supported; use the server's streamable HTTP address"
    allowed = {"sandbox"} if server.sandbox == NO_SANDBOX else set[str]()
    for key in sorted(server.model_fields_set & (_PROCESS_ONLY - allowed)):
        yield f"`{key}` has no effect on a server behind `url`; remove it"


def _local_problems(server: ServerSettings) -> Iterator[str]:
    if server.headers:
        yield "`headers` has no effect without `url`; remove it"
    yield from _scope_problems(server)
    if not server.sandboxed:
        yield from _host_problems(server)
    yield from secret_problems(server.secrets, server.network, server.env)
    try:
        package = server.packaged()
    except ConfigError as error:
        yield f"`{'package' if server.package else 'command'}`: {error}"
        return
    if package is None and server.extras:
        yield "`extras` only go with a package; remove them"
    if package is None and server.system:
        yield "`system` only goes with a package, whose image is built here; remove it"
    if package is None and server.image is None and server.sandboxed:
        yield (
            "`command` is not a form of `uvx` or `npx` that can be packaged; set `package` or `image`, "
            'or write `sandbox = "none"` to run it on this host without protection'
        )


def _scope_problems(server: ServerSettings) -> Iterator[str]:
    if server.session_workspace is not None and WORKSPACE in server.mounts:
        yield f"`workspace` is at {WORKSPACE} already; remove `mounts.{WORKSPACE}`, or `workspace`"
    if server.session_workspace is not None and WORKSPACE in server.tmpfs:
        yield f"`workspace` is at {WORKSPACE} already; remove `tmpfs.{WORKSPACE}`, or `workspace`"
    if server.own_process:
        return
    for key in sorted(server.model_fields_set & _WARM):
        yield f'`{key}` is for servers that each session has for itself; set `scope = "session"`, or remove it'
    if server.session_workspace is not None:
        yield '`workspace = "session"` needs `scope = "session"`; a folder of that name is written `./session`'


def _host_problems(server: ServerSettings) -> Iterator[str]:
    if server.image is not None:
        yield '`image` needs a sandbox; remove `sandbox = "none"`'
    if server.secrets:
        yield "`secrets` are kept outside of a sandbox, and there is none; set the variables in `env`"
    for key in sorted(server.model_fields_set & _SANDBOX_ONLY):
        yield f'`{key}` is not enforced without a sandbox; remove it, or `sandbox = "none"`'
