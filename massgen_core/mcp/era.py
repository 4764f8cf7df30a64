"""Which MCP era a server speaks, and how each request is dressed for it.

Up to 2025-11-25 a connection begins with the ``initialize`` handshake; from 2026-07-28 there is none, and every
request carries the protocol version in its ``_meta`` (https://modelcontextprotocol.io/specification).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from mcp.shared.dispatcher import CallOptions
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import (
    MCP_METHOD_HEADER,
    MCP_NAME_HEADER,
    MCP_PROTOCOL_VERSION_HEADER,
    NAME_BEARING_METHODS,
    encode_header_value,
)
from mcp.types import (
    CLIENT_CAPABILITIES_META_KEY,
    CLIENT_INFO_META_KEY,
    PROTOCOL_VERSION_META_KEY,
    UNSUPPORTED_PROTOCOL_VERSION,
)
from mcp.types.version import (
    HANDSHAKE_PROTOCOL_VERSIONS,
    LATEST_HANDSHAKE_VERSION,
    LATEST_MODERN_VERSION,
    MODERN_PROTOCOL_VERSIONS,
)

from massgen_core.errors import McpError

PROBE_TIMEOUT = 3.0
"""Seconds to wait for the answer to ``server/discover``.

Servers of the older era should refuse it at once, but some stay silent. One that is merely slow to start loses
nothing: it answers the handshake that follows, or refuses it naming its versions, and is asked again.
"""

UNCANCELLABLE = frozenset({"initialize", "server/discover"})

Send = Callable[[str, Mapping[str, Any], CallOptions], Awaitable[dict[str, Any]]]
Notify = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What was agreed with a server: the protocol version, and what the server says it can do.

    ``capabilities`` is None where the server was not asked.
    """

    version: str
    capabilities: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def modern(self) -> bool:
        """Whether requests carry the version themselves."""
        return self.version in MODERN_PROTOCOL_VERSIONS

    def announces_changes(self) -> bool:
        """Whether the server may tell when its tools change; unknown counts as yes."""
        if self.capabilities is None:
            return True
        tools = self.capabilities.get("tools")
        return isinstance(tools, Mapping) and cast("Mapping[str, Any]", tools).get("listChanged") is True

    def dress(self, method: str, params: Mapping[str, Any]) -> tuple[dict[str, Any], CallOptions]:
        """The params and options of one request in this era."""
        if not self.modern:
            return dict(params), {"headers": {MCP_PROTOCOL_VERSION_HEADER: self.version}}
        return _modern(self.version, method, params)


async def negotiate(send: Send, notify: Notify, wanted: str) -> Agreement:
    """Agree with a server; ``wanted`` is ``auto``, ``legacy``, or a version that is known to be spoken.

    Raises:
        McpError: No common version.
        MCPError: The server refused.
    """
    if wanted in MODERN_PROTOCOL_VERSIONS:
        return Agreement(version=wanted)
    if wanted == "legacy" or wanted in HANDSHAKE_PROTOCOL_VERSIONS:
        return await _initialize(send, notify)
    return await _ask(send, notify)


async def _ask(send: Send, notify: Notify) -> Agreement:
    found = await _probe(send, LATEST_MODERN_VERSION)
    if isinstance(found, tuple):
        found = await _probe_named(send, found)
    if found is not None:
        return found
    try:
        return await _initialize(send, notify)
    except MCPError as error:
        # Refusing the handshake by naming versions is proof of the newer era: the first probe came too early.
        named = _named_versions(error)
        again = await _probe_named(send, named) if named else None
        if again is None:
            raise
        return again


async def _probe(send: Send, version: str) -> Agreement | tuple[str, ...] | None:
    """An agreement, the versions that the server names instead, or None where it does not know the newer era."""
    params, options = _modern(version, "server/discover", {})
    try:
        answer = await send("server/discover", params, {**options, "timeout": PROBE_TIMEOUT})
    except MCPError as error:
        return _named_versions(error) or None
    supported = answer.get("supportedVersions")
    mutual = _newest_mutual(cast("list[Any]", supported)) if isinstance(supported, list) else None
    if mutual is None:
        return None
    return Agreement(version=mutual, capabilities=_mapping(answer.get("capabilities")))


async def _probe_named(send: Send, named: tuple[str, ...]) -> Agreement | None:
    mutual = _newest_mutual(named)
    if mutual is not None:
        found = await _probe(send, mutual)
        return found if isinstance(found, Agreement) else None
    if any(version in HANDSHAKE_PROTOCOL_VERSIONS for version in named):
        return None
    raise McpError(f"the server speaks only MCP {', '.join(named)}, which is not known here")


async def _initialize(send: Send, notify: Notify) -> Agreement:
    params = {"protocolVersion": LATEST_HANDSHAKE_VERSION, "capabilities": {}, "clientInfo": client_info()}
    answer = await send("initialize", params, {"cancel_on_abandon": False})
    version = answer.get("protocolVersion")
    if version not in HANDSHAKE_PROTOCOL_VERSIONS:
        raise McpError(f"the server speaks MCP {str(version)[:40]!r}, which is not known here")
    await notify("notifications/initialized")
    return Agreement(version=cast("str", version), capabilities=_mapping(answer.get("capabilities")))


def _modern(version: str, method: str, params: Mapping[str, Any]) -> tuple[dict[str, Any], CallOptions]:
    stamp = {
        PROTOCOL_VERSION_META_KEY: version,
        CLIENT_INFO_META_KEY: client_info(),
        CLIENT_CAPABILITIES_META_KEY: {},
    }
    headers = {MCP_PROTOCOL_VERSION_HEADER: version, MCP_METHOD_HEADER: method}
    name = params.get(NAME_BEARING_METHODS.get(method, ""))
    if isinstance(name, str):
        headers[MCP_NAME_HEADER] = encode_header_value(name)
    dressed = {**params, "_meta": {**_mapping(params.get("_meta")), **stamp}}
    return dressed, {"headers": headers, "cancel_on_abandon": method not in UNCANCELLABLE}


@cache
def client_info() -> dict[str, str]:
    """How we introduce ourselves to servers."""
    from importlib.metadata import version

    return {"name": "massgen-core", "version": version("massgen-core")}


def _named_versions(error: MCPError) -> tuple[str, ...]:
    if error.error.code != UNSUPPORTED_PROTOCOL_VERSION:
        return ()
    supported = _mapping(error.error.data).get("supported")
    if not isinstance(supported, list):
        return ()
    return tuple(item for item in cast("list[Any]", supported)[:50] if isinstance(item, str))


def _newest_mutual(versions: list[Any] | tuple[str, ...]) -> str | None:
    return next((version for version in reversed(MODERN_PROTOCOL_VERSIONS) if version in versions), None)


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
