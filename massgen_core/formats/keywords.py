"""The keywords of JSON schema draft 2020-12 that say something to a model, and what their values look like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeGuard, cast

Schema = dict[str, Any]

MAPS = frozenset(("properties", "$defs", "definitions", "patternProperties", "dependentSchemas"))
LISTS = frozenset(("anyOf", "oneOf", "allOf", "prefixItems"))
FLAG_OR_SCHEMA = frozenset(("additionalProperties", "unevaluatedProperties", "unevaluatedItems"))
SINGLES = FLAG_OR_SCHEMA | {"items", "contains", "propertyNames", "not", "if", "then", "else", "contentSchema"}

TYPES = frozenset(("string", "integer", "number", "boolean", "object", "array", "null"))


def is_good(keyword: str, value: Any) -> bool:
    """Whether this is a keyword of ours, with a value of the right kind."""
    return keyword in _KINDS and _KINDS[keyword](value)


def modern(node: Schema) -> Schema:
    """The words of older drafts and of OpenAPI in today's: tuples, exclusive limits, ``nullable``."""
    new = dict(node)
    if isinstance(new.get("items"), list):
        new["prefixItems"] = new.pop("items")
        if isinstance(new.get("additionalItems"), dict | bool):
            new["items"] = new["additionalItems"]
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if new.get(exclusive) is True and is_good(limit, new.get(limit)):
            new[exclusive] = new.pop(limit)
    if new.get("nullable") is True and isinstance(new.get("type"), str):
        new["type"] = [new["type"], "null"]
    return _with_known_types(new)


def _with_known_types(node: Schema) -> Schema:
    declared = node.get("type")
    if not isinstance(declared, list):
        return node
    known = [item for item in dict.fromkeys(map(str, cast("list[Any]", declared))) if item in TYPES]
    return {**node, "type": known[0] if len(known) == 1 else known}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _is_map(value: Any) -> bool:
    return isinstance(value, dict)


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_filled_list(value: Any) -> bool:
    return _is_list(value) and len(value) > 0


def _is_names(value: Any) -> bool:
    return _is_list(value) and all(_is_text(item) for item in value) and len(set(value)) == len(value)


def _is_type(value: Any) -> bool:
    return _is_filled_list(value) or (_is_text(value) and value in TYPES)


def _anything(value: Any) -> bool:
    return True


_KINDS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(MAPS, _is_map),
    **dict.fromkeys(LISTS, _is_filled_list),
    **dict.fromkeys(SINGLES, _is_schema),
    **dict.fromkeys(("$ref", "title", "description", "format", "pattern"), _is_text),
    **dict.fromkeys(("contentEncoding", "contentMediaType"), _is_text),
    **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), _is_flag),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _is_count),
    **dict.fromkeys(("minProperties", "maxProperties", "minContains", "maxContains"), _is_count),
    "multipleOf": lambda value: _is_number(value) and value > 0,
    "required": _is_names,
    "type": _is_type,
    "enum": _is_filled_list,
    "examples": _is_list,
    "const": _anything,
    "default": _anything,
}
