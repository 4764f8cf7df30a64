"""Compose pip-installed plugins and sandboxed MCP servers into one set of tools for AI agents.

Public names are those below, and whatever a module without a leading underscore documents. They are
imported when they are first used, so that ``import massgen_core`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from massgen_core.config import STRICT as STRICT
    from massgen_core.config import Settings as Settings
    from massgen_core.config import load_settings as load_settings
    from massgen_core.errors import ArgumentsInvalid as ArgumentsInvalid
    from massgen_core.errors import ConfigError as ConfigError
    from massgen_core.errors import ImageError as ImageError
    from massgen_core.errors import MassgenError as MassgenError
    from massgen_core.errors import McpConnectionClosed as McpConnectionClosed
    from massgen_core.errors import McpError as McpError
    from massgen_core.errors import McpRequestError as McpRequestError
    from massgen_core.errors import PermissionDenied as PermissionDenied
    from massgen_core.errors import PluginError as PluginError
    from massgen_core.errors import SandboxError as SandboxError
    from massgen_core.errors import SandboxExited as SandboxExited
    from massgen_core.errors import SandboxUnavailable as SandboxUnavailable
    from massgen_core.errors import ToolCallError as ToolCallError
    from massgen_core.errors import ToolFailed as ToolFailed
    from massgen_core.errors import ToolNotFound as ToolNotFound
    from massgen_core.errors import ToolTimeout as ToolTimeout
    from massgen_core.files import NewFile as NewFile
    from massgen_core.files import OpenFile as OpenFile
    from massgen_core.files import SessionFiles as SessionFiles
    from massgen_core.files import Stored as Stored
    from massgen_core.formats import Format as Format
    from massgen_core.formats import tool_schemas as tool_schemas
    from massgen_core.hookspecs import hookimpl as hookimpl
    from massgen_core.loading.discovery import PluginInfo as PluginInfo
    from massgen_core.loading.discovery import find_plugins as find_plugins
    from massgen_core.media import Ability as Ability
    from massgen_core.media import Artefact as Artefact
    from massgen_core.media import Capabilities as Capabilities
    from massgen_core.media import Job as Job
    from massgen_core.media import MediaEngine as MediaEngine
    from massgen_core.media import MediaInput as MediaInput
    from massgen_core.media import MediaOutput as MediaOutput
    from massgen_core.media import MediaRequest as MediaRequest
    from massgen_core.media import Option as Option
    from massgen_core.media import Price as Price
    from massgen_core.media import Provenance as Provenance
    from massgen_core.media import Saving as Saving
    from massgen_core.media import Studio as Studio
    from massgen_core.result import Audio as Audio
    from massgen_core.result import Data as Data
    from massgen_core.result import FileReference as FileReference
    from massgen_core.result import Image as Image
    from massgen_core.result import Part as Part
    from massgen_core.result import Text as Text
    from massgen_core.result import ToolResult as ToolResult
    from massgen_core.result import Video as Video
    from massgen_core.runtime import Runtime as Runtime
    from massgen_core.runtime import open_runtime as open_runtime
    from massgen_core.sandbox import AllowList as AllowList
    from massgen_core.sandbox import Command as Command
    from massgen_core.sandbox import CommandEnd as CommandEnd
    from massgen_core.sandbox import ExecResult as ExecResult
    from massgen_core.sandbox import ExitStatus as ExitStatus
    from massgen_core.sandbox import Finding as Finding
    from massgen_core.sandbox import ImageInfo as ImageInfo
    from massgen_core.sandbox import Isolation as Isolation
    from massgen_core.sandbox import Mount as Mount
    from massgen_core.sandbox import PackageRef as PackageRef
    from massgen_core.sandbox import Process as Process
    from massgen_core.sandbox import Sandbox as Sandbox
    from massgen_core.sandbox import SandboxBackend as SandboxBackend
    from massgen_core.sandbox import SandboxLimits as SandboxLimits
    from massgen_core.sandbox import SandboxSecret as SandboxSecret
    from massgen_core.sandbox import SandboxSpec as SandboxSpec
    from massgen_core.sandbox import Usage as Usage
    from massgen_core.session import Session as Session
    from massgen_core.tools import Access as Access
    from massgen_core.tools import Call as Call
    from massgen_core.tools import Middleware as Middleware
    from massgen_core.tools import Next as Next
    from massgen_core.tools import Progress as Progress
    from massgen_core.tools import ProviderContext as ProviderContext
    from massgen_core.tools import Role as Role
    from massgen_core.tools import Secret as Secret
    from massgen_core.tools import Service as Service
    from massgen_core.tools import ServiceProvider as ServiceProvider
    from massgen_core.tools import Tool as Tool
    from massgen_core.tools import ToolContext as ToolContext
    from massgen_core.tools import ToolProvider as ToolProvider
    from massgen_core.tools import tool as tool

_HOMES = {
    "config": "STRICT Settings load_settings",
    "errors": (
        "ArgumentsInvalid ConfigError ImageError MassgenError McpConnectionClosed McpError McpRequestError "
        "PermissionDenied PluginError SandboxError SandboxExited SandboxUnavailable ToolCallError ToolFailed "
        "ToolNotFound ToolTimeout"
    ),
    "files": "NewFile OpenFile SessionFiles Stored",
    "formats": "Format tool_schemas",
    "hookspecs": "hookimpl",
    "loading.discovery": "PluginInfo find_plugins",
    "media": (
        "Ability Artefact Capabilities Job MediaEngine MediaInput MediaOutput MediaRequest Option Price Provenance "
        "Saving Studio"
    ),
    "result": "Audio Data FileReference Image Part Text ToolResult Video",
    "runtime": "Runtime open_runtime",
    "sandbox": (
        "AllowList Command CommandEnd ExecResult ExitStatus Finding ImageInfo Isolation Mount PackageRef Process "
        "Sandbox SandboxBackend SandboxLimits SandboxSecret SandboxSpec Usage"
    ),
    "session": "Session",
    "tools": (
        "Access Call Middleware Next Progress ProviderContext Role Secret Service ServiceProvider Tool ToolContext "
        "ToolProvider tool"
    ),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME_OF])
