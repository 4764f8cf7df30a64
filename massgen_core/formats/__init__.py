"""Tool schemas as the model APIs and MCP want them.

One conversion for each of them, from the same JSON schema (draft 2020-12). A model API refuses a whole request for one
schema it does not like, and schemas come from strangers' MCP servers; so what goes to an API is first brought into a
plain form (`massgen_core.formats.plain`) that all of them take. MCP clients get the schema as it was declared.

Sources: https://platform.openai.com/docs/guides/function-calling,
https://docs.claude.com/en/docs/agents-and-tools/tool-use/implement-tool-use,
https://ai.google.dev/api/caching#FunctionDeclaration, https://modelcontextprotocol.io/specification (Tool).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal, cast

from massgen_core.formats.bounds import json_copy
from massgen_core.formats.gemini import gemini_schema
from massgen_core.formats.plain import plain_schema

if TYPE_CHECKING:
    from massgen_core.tools import Tool

__all__ = ["Format", "tool_schemas"]

Format = Literal["openai-responses", "openai-chat", "anthropic", "gemini", "mcp"]
"""Whose tool schemas: OpenAI's Responses API or Chat Completions, Anthropic, Gemini, the Model Context Protocol."""


def tool_schemas(tools: Iterable[tuple[str, Tool]], format: Format) -> list[dict[str, Any]]:
    """Describe tools under their exposed names, in the order given; the result is new, and can be written as JSON.

    ``gemini`` gives the entries of one ``functionDeclarations`` list. The OpenAI formats are not strict: strict mode
    has no optional parameters. No schema makes this fail, however odd: what cannot be expressed is left out, and
    what is too deep or too large becomes a schema that takes anything.

    Raises:
        ValueError: ``format`` is not one of `Format`.
    """
    try:
        describe = _DESCRIBE[format]
    except KeyError:
        raise ValueError(f"unknown format {format!r}; there are {', '.join(_DESCRIBE)}") from None
    return [describe(name, tool) for name, tool in tools]


def _openai_responses(name: str, tool: Tool) -> dict[str, Any]:
    return {"type": "function", **_openai_function(name, tool)}


def _openai_chat(name: str, tool: Tool) -> dict[str, Any]:
    return {"type": "function", "function": _openai_function(name, tool)}


def _openai_function(name: str, tool: Tool) -> dict[str, Any]:
    parameters = plain_schema(tool.input_schema)
    return {"name": name, "description": tool.description, "parameters": parameters, "strict": False}


def _anthropic(name: str, tool: Tool) -> dict[str, Any]:
    return {"name": name, "description": tool.description, "input_schema": plain_schema(tool.input_schema)}


def _gemini(name: str, tool: Tool) -> dict[str, Any]:
    schema = gemini_schema(plain_schema(tool.input_schema))
    return {"name": name, "description": tool.description, "parametersJsonSchema": schema}


def _mcp(name: str, tool: Tool) -> dict[str, Any]:
    optional = {
        "title": tool.title,
        "outputSchema": tool.output_schema,
        "annotations": tool.annotations,
        "_meta": tool.meta,
    }
    return {
        "name": name,
        "description": tool.description,
        "inputSchema": {**_object(tool.input_schema), "type": "object"},
        **{key: json_copy(value) for key, value in optional.items() if value},
    }


def _object(schema: object) -> dict[str, Any]:
    copied = json_copy(schema)
    return cast("dict[str, Any]", copied) if isinstance(copied, dict) else {}


_DESCRIBE: dict[str, Callable[[str, Tool], dict[str, Any]]] = {
    "openai-responses": _openai_responses,
    "openai-chat": _openai_chat,
    "anthropic": _anthropic,
    "gemini": _gemini,
    "mcp": _mcp,
}
