"""Raw MCP tools and results, turned into ours without loss."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from massgen_core.mcp.schemas import schema_fault, validator_of
from massgen_core.result import Data, Part, Text, ToolResult, part_from_json
from massgen_core.tools import ALL_ACCESS, Access, Tool, ToolContext

MAX_NAME = 64
"""Longest exposed name: the prefix, an underscore and the tool's own name."""

_NAME = re.compile(r"[a-zA-Z0-9_-]+")

RawTool = Mapping[str, Any]
CallRaw = Callable[[RawTool, Mapping[str, Any], ToolContext], Awaitable[ToolResult]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A tool that is left out, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """What became of a server's list of tools."""

    tools: tuple[Tool, ...]
    quarantined: tuple[Quarantined, ...]


def relay_tools(
    raw: tuple[Any, ...],
    *,
    prefix: str,
    trusted: bool,
    call: CallRaw,
    fault_of: Callable[[RawTool], str | None] = lambda tool: None,
) -> Relayed:
    """The tools of a raw list; one that is broken is quarantined, never its neighbours.

    ``trusted`` believes the annotations about what a tool does; otherwise each counts as doing everything.
    ``fault_of`` may find a fault in a tool that is sound otherwise.
    """
    tools: dict[str, Tool] = {}
    quarantined: list[Quarantined] = []
    for item in raw:
        fault = _fault(item, prefix) or fault_of(item)
        if fault is None and item["name"] in tools:
            fault = "another tool has the same name"
        if fault is None:
            tools[item["name"]] = _tool(item, trusted=trusted, call=call)
        else:
            quarantined.append(Quarantined(name=_name_of(item), reason=fault))
    return Relayed(tools=tuple(tools.values()), quarantined=tuple(quarantined))


def relay_result(raw: Mapping[str, Any]) -> ToolResult:
    """The result that the raw answer to ``tools/call`` stands for."""
    if raw.get("resultType") == "input_required":
        return _input_required(raw)
    return ToolResult(
        content=tuple(_parts(raw.get("content"))),
        structured=raw.get("structuredContent"),
        is_error=raw.get("isError") is True,
        meta=_mapping(raw.get("_meta")),
        raw=raw,
    )


def access_of(annotations: Mapping[str, Any]) -> frozenset[Access]:
    """What a tool does by its own annotations, where they are believed; a missing hint has the protocol's default."""
    access: set[Access] = {"read"}
    if annotations.get("openWorldHint") is not False:
        access.add("network")
    if annotations.get("readOnlyHint") is not True:
        access.add("write")
        if annotations.get("destructiveHint") is not False:
            access |= {"delete", "execute"}
    return frozenset(access)


def _tool(raw: RawTool, *, trusted: bool, call: CallRaw) -> Tool:
    schema = cast("Mapping[str, Any]", raw["inputSchema"])
    check = validator_of(schema)
    name = str(raw["name"])

    def validate(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        check(arguments, name)
        return arguments

    async def invoke(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        return await call(raw, arguments, context)

    annotations = _mapping(raw.get("annotations"))
    output_schema = raw.get("outputSchema")
    return Tool(
        name=name,
        title=_text(raw.get("title")) or _text(annotations.get("title")),
        description=_text(raw.get("description")) or "",
        input_schema=schema,
        output_schema=cast("Mapping[str, Any]", output_schema) if isinstance(output_schema, Mapping) else None,
        invoke=invoke,
        validate=validate,
        annotations=annotations,
        access=access_of(annotations) if trusted else ALL_ACCESS,
        secret_parameters=frozenset(_secrets(schema)),
        meta=_mapping(raw.get("_meta")),
    )


def _fault(raw: object, prefix: str) -> str | None:
    if not isinstance(raw, Mapping):
        return "it is not an object"
    tool = cast("RawTool", raw)
    name = tool.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return "its name is not made of letters, digits, `_` and `-`"
    if len(prefix) + 1 + len(name) > MAX_NAME:
        return f"its name with the prefix {prefix!r} is longer than {MAX_NAME} characters; set a shorter `prefix`"
    return schema_fault(tool.get("inputSchema"))


def _name_of(raw: object) -> str:
    name = cast("RawTool", raw).get("name") if isinstance(raw, Mapping) else None
    return str(name)[:100] if name is not None else "(without a name)"


def _secrets(schema: Mapping[str, Any]) -> Iterator[str]:
    for name, rule in _mapping(schema.get("properties")).items():
        if _mapping(rule).get("writeOnly") is True or _mapping(rule).get("format") == "password":
            yield name


def _parts(content: object) -> Iterator[Part]:
    if isinstance(content, list):
        for block in cast("list[Any]", content):
            yield part_from_json(cast("Mapping[str, Any]", block)) if isinstance(block, Mapping) else Data(value=block)


def _input_required(raw: Mapping[str, Any]) -> ToolResult:
    asked = _mapping(raw.get("inputRequests"))
    wishes = "; ".join(f"{key}: {_wish(_mapping(request))}" for key, request in asked.items())
    text = f"the tool wants more input, which cannot be given here: {wishes[:2000] or 'it does not say what'}"
    return ToolResult(content=(Text(text=text),), is_error=True, meta=_mapping(raw.get("_meta")), raw=raw)


def _wish(request: Mapping[str, Any]) -> str:
    message = _text(_mapping(request.get("params")).get("message"))
    return f"{request.get('method', 'something')}{f' ({message[:300]})' if message else ''}"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
