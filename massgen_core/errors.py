"""Every error that massgen-core raises on purpose.

MassgenError
├── ConfigError              a setting is wrong: names the key, the file and the cure
├── PluginError              a plugin failed: names the plugin, the stage and the cause
├── SandboxError             a sandbox backend or a sandbox could not do its work
│   ├── SandboxUnavailable   no engine, engine too old, no permission: says what to do
│   ├── ImageError           an image is missing, cannot be built or does not prove itself
│   └── SandboxExited        the process in the sandbox ended before it should
├── McpError                 an MCP server broke the protocol, or answered with an error
│   ├── McpConnectionClosed  the connection ended: why, and the last lines of stderr
│   └── McpRequestError      the server answered with a JSON-RPC error
└── ToolCallError            one call failed; raised only by `ToolResult.raise_for_error()`
    ├── ToolNotFound
    ├── ArgumentsInvalid
    ├── PermissionDenied
    ├── ToolTimeout
    └── ToolFailed           the tool ran and reported an error
"""

from __future__ import annotations

from typing import Any, Literal

Stage = Literal["load", "configure", "declare", "start", "run", "call"]
"""Where a plugin failed: import and registration, its config section, its hooks, opening, afterwards, in one call."""


SURVIVABLE = (Exception, SystemExit)
"""What third-party code may raise without taking the program down; never `KeyboardInterrupt`, never cancellation."""


class MassgenError(Exception):
    """Base of every error that massgen-core raises on purpose."""


class ConfigError(MassgenError):
    """A setting is wrong; the message names the key, the file and the cure."""

    def __init__(
        self, problem: str, *, key: str | None = None, file: str | None = None, cure: str | None = None
    ) -> None:
        self.problem = problem
        self.key = key
        self.file = file
        self.cure = cure
        where = ": ".join(part for part in (file, key) if part)
        message = f"{where}: {problem}" if where else problem
        super().__init__(f"{message}\n  {cure}" if cure else message)


class PluginError(MassgenError):
    """A plugin failed at one stage; the cause is kept and shown by its type and text.

    ``provider`` names the part of the plugin that failed, where a plugin brings several (one MCP server, say);
    ``key`` and ``file`` say which section of which config file asked for it, where one did.
    """

    def __init__(
        self,
        plugin: str,
        stage: Stage,
        cause: BaseException | str,
        *,
        provider: str | None = None,
        key: str | None = None,
        file: str | None = None,
    ) -> None:
        self.plugin = plugin
        self.provider = provider
        self.stage: Stage = stage
        self.cause = cause
        self.key = key
        self.file = file
        where = "".join(f"{part}: " for part in (file, key) if part)
        super().__init__(f"{where}plugin {self.subject!r} failed to {_VERB[stage]}: {self.reason}")
        if isinstance(cause, BaseException):
            _chain(self, cause)

    @property
    def subject(self) -> str:
        """The plugin's name, and the provider's behind a slash where they differ."""
        return self.plugin if self.provider in (None, self.plugin) else f"{self.plugin}/{self.provider}"

    @property
    def reason(self) -> str:
        """The cause in words."""
        return self.cause if isinstance(self.cause, str) else in_words(self.cause)


def in_words(error: BaseException) -> str:
    """An error by its type and text; one of ours by its text, which says everything."""
    text = str(error)
    if isinstance(error, MassgenError):
        return text
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def root_cause(error: BaseException) -> BaseException:
    """The one error inside groups that hold only one."""
    inner: Any = error
    while isinstance(inner, BaseExceptionGroup) and len(inner.exceptions) == 1:  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        inner = inner.exceptions[0]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return inner  # pyright: ignore[reportUnknownVariableType]


_VERB: dict[Stage, str] = {
    "load": "load",
    "configure": "be configured",
    "declare": "declare what it brings",
    "start": "start",
    "run": "keep running",
    "call": "answer a call",
}


class SandboxError(MassgenError):
    """A sandbox backend or a sandbox could not do its work."""


class SandboxUnavailable(SandboxError):
    """The backend cannot be used at all here; the message says what to do about it."""


class ImageError(SandboxError):
    """An image is missing, cannot be built, or does not prove itself."""


class SandboxExited(SandboxError):
    """The process in the sandbox ended before it should; ``exit_code`` and ``reason`` say how."""

    def __init__(self, reason: str, *, exit_code: int | None = None, out_of_memory: bool = False) -> None:
        self.reason = reason
        self.exit_code = exit_code
        self.out_of_memory = out_of_memory
        super().__init__(reason)


class McpError(MassgenError):
    """An MCP server broke the protocol, or answered with an error."""


class McpConnectionClosed(McpError):
    """The connection to an MCP server ended: why, and the last lines it wrote to stderr."""

    def __init__(self, server: str, reason: str, *, stderr: str = "") -> None:
        self.server = server
        self.reason = reason
        self.stderr = stderr
        tail = f"\n  its last words on stderr:\n{_indent(stderr)}" if stderr.strip() else ""
        super().__init__(f"MCP server {server!r}: {reason}{tail}")


class McpRequestError(McpError):
    """An MCP server answered a request with a JSON-RPC error (``code``, ``message``, ``data``)."""

    def __init__(self, server: str, code: int, message: str, data: object = None) -> None:
        self.server = server
        self.code = code
        self.message = message
        self.data = data
        super().__init__(f"MCP server {server!r} answered with error {code}: {message}")


class ToolCallError(MassgenError):
    """One tool call failed; ``tool`` names it and ``kind`` is the word that scripts and logs use."""

    kind = "error"

    def __init__(self, tool: str, message: str) -> None:
        self.tool = tool
        super().__init__(message)


class ToolNotFound(ToolCallError):
    """No tool of that name is visible to the session."""

    kind = "not_found"


class ArgumentsInvalid(ToolCallError):
    """The arguments do not fit the tool's input schema."""

    kind = "invalid_arguments"


class PermissionDenied(ToolCallError):
    """The session's permissions do not allow the call."""

    kind = "denied"


class ToolTimeout(ToolCallError):
    """The call ran out of time and what it had started was stopped."""

    kind = "timeout"


class ToolFailed(ToolCallError):
    """The tool ran and reported an error, or raised one."""

    kind = "failed"


def _chain(error: BaseException, cause: BaseException) -> None:
    """What ``raise error from cause`` does, before the raise."""
    error.__cause__ = cause


def _indent(text: str, limit: int = 20) -> str:
    lines = text.strip().splitlines()[-limit:]
    return "\n".join(f"    {line}" for line in lines)
