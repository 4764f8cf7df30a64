"""A JSON schema in the plain form that every model API takes.

The APIs refuse, with status 400 for the whole request: a top that is no object or has ``anyOf``, ``oneOf``, ``allOf``,
``enum``, ``const`` or ``not`` (OpenAI, Anthropic); an array without ``items`` (OpenAI); what is no valid draft 2020-12,
and property names other than ``[a-zA-Z0-9_.-]{1,64}`` at the top (Anthropic); references that lead nowhere. Seen in
langchainjs#9804, home-generative-agent#545, mcp-digitalocean#265, openclaw#29416, claude-code#79418.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from massgen_core.formats.bounds import json_copy
from massgen_core.formats.keywords import FLAG_OR_SCHEMA, LISTS, MAPS, SINGLES, Schema, is_good, modern
from massgen_core.formats.references import is_sound
from massgen_core.formats.top import flat_top

_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,64}")


def plain_schema(schema: Mapping[str, Any]) -> Schema:
    """A new schema that says the same, as far as all the APIs can be told; never raises, never grows."""
    copied: Any = json_copy(schema)
    flat = _schema(flat_top(cast("Schema", copied) if isinstance(copied, dict) else {}))
    root = _with_good_names({"properties": {}, **flat, "type": "object"})
    return _without_lost_references(root, root)


def _schema(value: Any) -> Schema:
    """One schema with only the keywords of draft 2020-12, each with a value of its kind."""
    if not isinstance(value, dict):
        return {"not": {}} if value is False else {}
    node = modern(cast("Schema", value))
    kept = {key: _keyword(key, item) for key, item in node.items() if is_good(key, item)}
    if "array" in _types(kept):
        kept.setdefault("items", {})
    return kept


def _keyword(key: str, value: Any) -> Any:
    if key in MAPS:
        return {name: _schema(item) for name, item in value.items()}
    if key in LISTS:
        return [_schema(item) for item in value]
    if key in FLAG_OR_SCHEMA and isinstance(value, bool):
        return value
    return _schema(value) if key in SINGLES else value


def _types(node: Schema) -> list[str]:
    declared = node.get("type", [])
    return [declared] if isinstance(declared, str) else declared


def _with_good_names(root: Schema) -> Schema:
    """Move properties whose names an API refuses into the description; a model can still send them."""
    properties = root["properties"]
    bad = {name: item for name, item in properties.items() if not _NAME.fullmatch(name)}
    if not bad:
        return root
    needed = set(root.get("required", ()))
    lines = [_told(name, item, name in needed) for name, item in bad.items()]
    kept = {key: value for key, value in root.items() if key != "additionalProperties"}
    kept["properties"] = {name: item for name, item in properties.items() if name not in bad}
    kept["required"] = [name for name in root.get("required", ()) if name not in bad]
    kept["description"] = "\n".join([*([root["description"]] if "description" in root else []), *lines])
    return kept


def _told(name: str, schema: Schema, required: bool) -> str:
    text = json.dumps(schema, ensure_ascii=False)
    return f"Also takes {json.dumps(name)}{' (required)' if required else ''}: {text[:300]}"


def _without_lost_references(value: Any, root: Schema) -> Any:
    """Drop each ``$ref`` that leads nowhere, outside, or only back to itself."""
    node = cast("Schema", value)
    kept = {key: item for key, item in node.items() if key != "$ref" or is_sound(node, root)}
    for key in kept.keys() & MAPS:
        kept[key] = {name: _without_lost_references(item, root) for name, item in kept[key].items()}
    for key in kept.keys() & LISTS:
        kept[key] = [_without_lost_references(item, root) for item in kept[key]]
    for key in kept.keys() & SINGLES:
        if isinstance(kept[key], dict):
            kept[key] = _without_lost_references(kept[key], root)
    return kept
