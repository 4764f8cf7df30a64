"""Judging a JSON schema that somebody else declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

LONGEST_REASON = 300
"""Characters of a reason; the schema is somebody else's and may be long."""


def check_schema(schema: object) -> str | None:
    """Why a declared schema cannot be a tool's input or output schema; None when it can.

    It must be a valid JSON schema (draft 2020-12, or the draft that its ``$schema`` names) and describe an object, as
    the Model Context Protocol asks. Nothing is fetched.
    """
    if not isinstance(schema, Mapping):
        return f"a schema must be an object, not {type(schema).__name__}"
    known = cast("Mapping[Any, Any]", schema)
    if known.get("type") != "object":
        return f'its top must have "type": "object", not {_short(known.get("type"), 40)}'
    return _invalid(known)


def _invalid(schema: Mapping[Any, Any]) -> str | None:
    from jsonschema import Draft202012Validator, SchemaError
    from jsonschema.validators import validator_for

    dialect = schema.get("$schema")
    known = {"$schema": dialect} if isinstance(dialect, str) else {}
    try:
        validator_for(known, default=Draft202012Validator).check_schema(dict(schema))
    except SchemaError as error:
        return f"{_short(error.json_path, 100)}: {_short(error.message, LONGEST_REASON)}"
    except RecursionError:
        return "it is nested too deeply"
    return None


def _short(value: object, limit: int) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= limit else f"{text[:limit]}…"
