"""JSON schemas from pydantic, without what only pydantic's readers need."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, cast

from pydantic import TypeAdapter
from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind
from pydantic_core import PydanticSerializationError

Schema = dict[str, Any]

UNUSABLE = (PydanticUserError, PydanticUndefinedAnnotation, RecursionError)
"""What pydantic raises for a type that it cannot validate or cannot describe."""

NAMED = ("properties", "$defs")
LISTED = ("anyOf", "oneOf", "allOf", "prefixItems")
SINGLE = ("items", "additionalProperties")


class _Generator(GenerateJsonSchema):
    def emit_warning(self, kind: JsonSchemaWarningKind, detail: str) -> None:
        """Say nothing: a default that JSON cannot express is left out of the schema, and still used."""

    def encode_default(self, dft: Any) -> Any:
        """A default as JSON; for bytes that are no text pydantic 2.11 raises what it does not expect itself."""
        try:
            return super().encode_default(dft)
        except UnicodeDecodeError as error:
            raise PydanticSerializationError(str(error)) from None


def schema_of(adapter: TypeAdapter[Any], *, mode: Literal["validation", "serialization"], name: str) -> Schema:
    """The JSON schema of a type called ``name``; references stay in ``$defs``, titles that repeat a name go.

    A schema whose top is a reference (a recursive model) is opened, so that its type can be read.
    """
    schema = adapter.json_schema(mode=mode, schema_generator=_Generator)
    opened = {**_target(schema), **{k: v for k, v in schema.items() if k != "$ref"}}
    return _without_titles(opened, opened.get("title") or name)


def _target(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return schema["$defs"][schema["$ref"].removeprefix("#/$defs/")] if "$ref" in schema else {}


def _without_titles(schema: Any, name: str | None) -> Any:
    """Drop each ``title`` that only repeats the name of its property or model; a property may be named title."""
    if not isinstance(schema, dict):
        return schema
    node = cast("Schema", schema)
    kept = {k: v for k, v in node.items() if k != "title" or not (name and _same(v, name))}
    for key in NAMED:
        if key in kept:
            kept[key] = {inner: _without_titles(value, inner) for inner, value in kept[key].items()}
    for key in LISTED:
        if key in kept:
            kept[key] = [_without_titles(value, None) for value in kept[key]]
    for key in SINGLE:
        if key in kept:
            kept[key] = _without_titles(kept[key], None)
    return kept


def _same(title: str, name: str) -> bool:
    """Whether a title is made from a name; names of models come with their module where two would clash."""
    return _letters(name).endswith(_letters(title))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()
