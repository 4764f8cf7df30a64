"""configuration.md: every key of a config file, from the pydantic models that read it."""

from __future__ import annotations

import types
from collections.abc import Mapping, Set
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_local.config import LocalConfig
from massgen_workspace.config import Granted, WorkspaceConfig
from prose import page
from pydantic import BaseModel, ByteSize, IPvAnyAddress, IPvAnyNetwork, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from massgen_core.config import AgentSettings, AuditSettings, PluginOptions, Settings
from massgen_core.mcp.settings import McpOptions, ServerSettings
from massgen_core.sandbox import AllowList, MountSettings, RuntimeSettings, SandboxLimits, SecretSettings
from massgen_core.shell.settings import ShellSettings

_INTRODUCTION = """\
`massgen.toml`, `massgen.yaml` and `massgen.json` hold the same keys. Without `--config` the first of them in the
current folder is read. An unknown key is an error. Sizes are bytes, or text such as `"512MiB"`.
"""

_SECTIONS: tuple[tuple[str, type[BaseModel], type[BaseModel] | None, str], ...] = (
    ("The top of the file", Settings, None, "Keys that stand before the first section."),
    (
        "servers.NAME",
        ServerSettings,
        SandboxLimits,
        "One MCP server. The keys of the next section, its limits, stand here too. "
        "`mcpServers` is another word for `servers`.",
    ),
    (
        "Limits of a server",
        SandboxLimits,
        None,
        "They stand in the server's own section, and hold for a server that runs in a sandbox.",
    ),
    (
        "servers.NAME.network",
        AllowList,
        None,
        "What a server may reach, when it is neither nothing nor everything. "
        "A list alone is short for `{ allow = […] }`; see [Limit a server](../how-to/limit-a-server.md).",
    ),
    (
        "servers.NAME.secrets.VARIABLE",
        SecretSettings,
        None,
        "Where one secret is kept, and how the server gets it. "
        'Text alone is short for `{ from = "…" }`; see [Give a server secrets](../how-to/give-secrets.md).',
    ),
    (
        "servers.NAME.mounts.PATH",
        MountSettings,
        None,
        "One path of the host, by where the sandbox sees it; `workspace` takes the same keys. "
        'Text alone is short for `{ source = "…" }`.',
    ),
    (
        "servers.NAME.runtime",
        RuntimeSettings,
        None,
        'Which OCI runtime runs the container. Text alone is short for `{ name = "…" }`.',
    ),
    (
        "shell",
        ShellSettings,
        SandboxLimits,
        "Commands in a sandbox for every session; see [Give agents a shell](../how-to/give-agents-a-shell.md). "
        "The limits of a server stand here too.",
    ),
    ("plugins.NAME", PluginOptions, None, "Every plugin's section understands these keys, beside the plugin's own."),
    ("plugins.mcp", McpOptions, None, "What all MCP servers share."),
    ("plugins.sandbox-docker", DockerConfig, None, "The Docker backend's own keys."),
    ("plugins.sandbox-local", LocalConfig, None, "The local backend's own keys."),
    ("plugins.workspace", WorkspaceConfig, None, "The file tools' own keys."),
    (
        "plugins.workspace.context.PATH",
        Granted,
        None,
        "One folder of the host beside the session's workspace, by the name that sessions have for it.",
    ),
    ("agents.NAME", AgentSettings, None, "What one agent may see and do; `runtime.session(agent=NAME)` picks it."),
    ("audit", AuditSettings, None, "Without this section nothing is recorded."),
)

_WORDS = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    Path: "path",
    ByteSize: "size",
    SecretStr: "text, kept secret",
    IPvAnyAddress: "IP address",
    IPvAnyNetwork: "range of IP addresses",
    Any: "anything",
    AllowList: "list of text or [table](#serversnamenetwork)",
    SecretSettings: "text or [table](#serversnamesecretsvariable)",
    MountSettings: "path or [table](#serversnamemountspath)",
    RuntimeSettings: "text or [table](#serversnameruntime)",
    Granted: "[table](#pluginsworkspacecontextpath)",
}
_BOUNDS = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}


def settings_page() -> str:
    """The whole page."""
    return page("Configuration", _INTRODUCTION, *(_section(*section) for section in _SECTIONS))


def _section(title: str, model: type[BaseModel], without: type[BaseModel] | None, words: str) -> str:
    fields = {name: info for name, info in model.model_fields.items() if not (without and name in without.model_fields)}
    rows = [_row(info.alias or name, info) for name, info in fields.items()]
    table = "\n".join(["| key | type | default | meaning |", "|---|---|---|---|", *rows])
    return f"## {title}\n\n{words}\n\n{table}"


def _row(key: str, info: FieldInfo) -> str:
    kind = _with_bounds(_words(info.annotation), info.metadata)
    return f"| `{key}` | {kind} | {_default(info)} | {info.description or ''} |"


def _words(kind: Any) -> str:
    """A type in words."""
    if kind in _WORDS:
        return _WORDS[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _with_bounds(_words(inner[0]), inner[1:])
    if origin is Literal:
        return ", ".join(f"`{_literal(value)}`" for value in inner)
    if origin in (Union, types.UnionType):
        return " or ".join(_words(option) for option in inner if option is not type(None))
    if inner and inner[-1] is Any:
        return "section"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        words = _words(inner[1])
        return "sections, by name" if words == "section" else f"table of names to {words}"
    if isinstance(origin, type) and issubclass(origin, (tuple, list, Set)):
        return f"list of {'any of ' if get_origin(inner[0]) is Literal else ''}{_words(inner[0])}"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "section"
    raise TypeError(f"the reference has no words for {kind!r}")


def _with_bounds(words: str, metadata: Any) -> str:
    bounds = [
        f"{bound} {getattr(item, name)}"
        for item in metadata
        for name, bound in _BOUNDS.items()
        if getattr(item, name, None) is not None
    ]
    return ", ".join([words, *bounds])


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "must be set"
    value = info.get_default(call_default_factory=True)
    return "" if value is None or value is PydanticUndefined or value == {} else _shown(value)


def _shown(value: Any) -> str:
    return f"`{_literal(value)}`".replace("|", "\\|")


def _literal(value: Any) -> str:
    """A value as TOML writes it."""
    match value:
        case bool():
            return str(value).lower()
        case ByteSize():
            return f'"{value.human_readable(separator="")}"'.replace(".0", "")
        case str() | Path() | Enum():
            return f'"{value}"'
        case Mapping():
            return "{" + ", ".join(f'"{key}" = {_literal(item)}' for key, item in value.items()) + "}"
        case tuple() | list() | Set():
            return "[" + ", ".join(_literal(item) for item in value) + "]"
        case _:
            return f"{value:g}" if isinstance(value, float) else str(value)
