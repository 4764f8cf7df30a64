"""Arguments as they may be recorded: what a tool's schema calls secret is hidden, what is long is shortened."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard, cast

from massgen_core.tools import Tool

REDACTED = "[redacted]"
LONGEST_TEXT = 256
"""Characters of one text that are kept; a longer one is named by its length and hash."""

_MAX_DEPTH = 8
_MAX_INTEGER_BITS = 1024

Schema = Mapping[str, Any]


def redact(tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as they may be recorded: secret ones hidden, long texts shortened to length and hash.

    Secret is what the tool says is, and what its schema marks ``writeOnly`` or ``format: password``, at any depth and
    behind references and unions. What the schema does not name is hidden too: nobody said that it is harmless.
    """
    root = tool.input_schema
    shown = _members(arguments, list(_alternatives(root, root)), root, _MAX_DEPTH)
    return {name: REDACTED if name in tool.secret_parameters else value for name, value in shown.items()}


def shortened(text: str) -> str:
    """A text, or its length and hash when it is long."""
    if len(text) <= LONGEST_TEXT:
        return text
    return f"[{len(text)} characters, sha256 {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}]"


def _shown(value: Any, schemas: Sequence[Any], root: Schema, depth: int) -> Any:
    known = [each for schema in schemas for each in _alternatives(schema, root)]
    if depth == 0 or any(map(_is_secret, known)):
        return REDACTED
    match value:
        case str():
            return shortened(value)
        case Mapping():
            return _members(cast("Mapping[Any, Any]", value), known, root, depth)
        case list() | tuple():
            items = cast("Sequence[Any]", value)
            return [_shown(item, _item_schemas(known, index), root, depth - 1) for index, item in enumerate(items)]
        case _:
            return _scalar(value)


def _members(value: Mapping[Any, Any], known: Sequence[Schema], root: Schema, depth: int) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, item in value.items():
        schemas = _member_schemas(known, key)
        members[shortened(str(key))] = _shown(item, schemas, root, depth - 1) if schemas else REDACTED
    return members


def _scalar(value: Any) -> Any:
    """A JSON value that every reader takes; the type's name for everything else."""
    match value:
        case None | bool():
            return value
        case int() if value.bit_length() <= _MAX_INTEGER_BITS:
            return value
        case float() if math.isfinite(value):
            return value
        case _:
            return f"[{type(value).__name__}]"


def _member_schemas(known: Sequence[Schema], key: object) -> list[Any]:
    """What the schemas say of one member: by its name, else by any pattern, else of all others."""
    named = [properties[key] for schema in known if key in (properties := _mapping(schema.get("properties")))]
    patterns = [inner for schema in known for inner in _mapping(schema.get("patternProperties")).values()]
    others = [inner for schema in known if _is_schema(inner := schema.get("additionalProperties"))]
    return named or [*patterns, *others]


def _item_schemas(known: Sequence[Schema], index: int) -> list[Any]:
    items: list[Any] = []
    for schema in known:
        first = schema.get("prefixItems")
        is_named = isinstance(first, list) and index < len(cast("list[Any]", first))
        items.append(cast("list[Any]", first)[index] if is_named else schema.get("items"))
    return items


def _alternatives(schema: Any, root: Schema, depth: int = _MAX_DEPTH) -> Iterator[Schema]:
    """A schema, and those that it refers to or combines: any of them may be the one that holds."""
    if depth == 0 or not _is_schema(schema):
        return
    yield schema
    if isinstance(reference := schema.get("$ref"), str):
        yield from _alternatives(_target(reference, root), root, depth - 1)
    for word in ("anyOf", "oneOf", "allOf"):
        members = schema.get(word)
        for member in cast("list[Any]", members) if isinstance(members, list) else ():
            yield from _alternatives(member, root, depth - 1)


def _target(reference: str, root: Schema) -> Any:
    """What a reference inside the schema points at (RFC 6901); nothing is fetched from elsewhere."""
    found: Any = root if reference.startswith("#") else None
    for step in reference.lstrip("#").split("/")[1:]:
        found = _mapping(found).get(step.replace("~1", "/").replace("~0", "~"))
    return found


def _is_secret(schema: Schema) -> bool:
    return schema.get("writeOnly") is True or schema.get("format") == "password"


def _is_schema(value: object) -> TypeGuard[Schema]:
    return isinstance(value, Mapping)


def _mapping(value: object) -> Mapping[Any, Any]:
    return cast("Mapping[Any, Any]", value) if isinstance(value, Mapping) else {}
