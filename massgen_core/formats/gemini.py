"""The part of JSON schema that Gemini takes as ``parametersJsonSchema``.

Gemini has two fields for a function's parameters, of which one is given (https://ai.google.dev/api/caching and
https://cloud.google.com/vertex-ai/docs/reference/rest/v1beta1/FunctionDeclaration). ``parameters`` is a subset of
OpenAPI 3.0 that has no mappings, and a request is refused for ``additionalProperties``, ``const``, a list of types, or
a word beside ``anyOf``. ``parametersJsonSchema`` takes JSON schema and is used here, with the words of that subset and
``additionalProperties``. References are put in place: beside ``$ref`` Gemini takes only a description and a default
(opencode#12295).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

from massgen_core.formats.bounds import Budget
from massgen_core.formats.keywords import Schema
from massgen_core.formats.references import resolve

MAX_DEPTH = 32
"""Levels that are written out."""

MAX_NODES = 5_000
"""Schemas that are written out; references put in place can grow without end otherwise."""

_FORMATS = frozenset(("date-time", "date", "time", "duration"))
_WORDS: dict[str, tuple[str, ...]] = {
    "string": ("enum", "format", "pattern", "minLength", "maxLength"),
    "integer": ("enum", "minimum", "maximum"),
    "number": ("enum", "minimum", "maximum"),
    "array": ("items", "prefixItems", "minItems", "maxItems"),
    "object": ("properties", "required", "additionalProperties"),
}


def gemini_schema(schema: Schema) -> Schema:
    """A plain schema (see `massgen_core.formats.plain`) without references, in the words that Gemini knows.

    ``const`` becomes an ``enum`` of one, ``oneOf`` becomes ``anyOf``, several types become alternatives, a format that
    Gemini does not know is told in the description. Inside a recursive type the second round takes any object.
    """
    return _Writer(schema).write(schema, frozenset(), MAX_DEPTH)


class _Writer:
    """Writes schemas out against one root, within one budget."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._budget = Budget(MAX_NODES)

    def write(self, value: Any, opened: frozenset[str], depth: int) -> Schema:
        """One schema; ``opened`` are the references that it is inside of."""
        if not isinstance(value, dict) or depth == 0 or not self._budget.spend():
            return {}
        node, opened = self._merged(cast("Schema", value), opened)
        said = _said(node)
        alternatives = node.get("anyOf") or node.get("oneOf")
        if alternatives and not _types(node):
            return {**_any_of([self.write(item, opened, depth - 1) for item in alternatives]), **said}
        forms = [self._typed(form, opened, depth) for form in _forms(node)]
        return {**_any_of(forms), **said}

    def _merged(self, node: Schema, opened: frozenset[str]) -> tuple[Schema, frozenset[str]]:
        """The node with what it refers to and what ``allOf`` lists; its own words win."""
        waiting: list[Schema] = [node]
        merged: Schema = {}
        while waiting and self._budget.spend():
            part = waiting.pop(0)
            reference = part.get("$ref")
            if reference is not None:
                waiting.insert(0, self._target(reference, opened))
                opened |= {reference}
            waiting.extend(part.get("allOf", ()))
            _merge(merged, part)
        return merged, opened

    def _target(self, reference: str, opened: frozenset[str]) -> Schema:
        """What a reference leads to; in the second round of a recursive type its kind, and nothing more of it."""
        target = resolve(self._root, reference) or {}
        if reference not in opened:
            return target
        return {key: target[key] for key in ("type", "description") if key in target}

    def _typed(self, node: Schema, opened: frozenset[str], depth: int) -> Schema:
        kind = node.get("type")
        if kind is None:
            return {}
        written: Schema = {"type": kind}
        for word in _WORDS.get(kind, ()):
            if word in node:
                written[word] = self._word(word, node[word], opened, depth - 1)
        return _tidy(written)

    def _word(self, word: str, value: Any, opened: frozenset[str], depth: int) -> Any:
        if word == "properties":
            return {name: self.write(item, opened, depth) for name, item in value.items()}
        if word == "prefixItems":
            return [self.write(item, opened, depth) for item in value]
        if word in ("items", "additionalProperties") and not isinstance(value, bool):
            return self.write(value, opened, depth)
        return value


def _merge(merged: Schema, part: Schema) -> None:
    for key, value in part.items():
        if key == "properties":
            merged[key] = {**value, **merged.get(key, {})}
        elif key == "required":
            merged[key] = list(dict.fromkeys([*merged.get(key, ()), *value]))
        elif key not in ("$ref", "allOf"):
            merged.setdefault(key, value)


def _said(node: Schema) -> Schema:
    """What is said of a value whatever its type."""
    said = {key: node[key] for key in ("description", "default") if key in node}
    if (name := node.get("format")) and name not in _FORMATS:
        said["description"] = f"{said['description']} (format: {name})" if "description" in said else f"Format: {name}"
    return said


def _any_of(forms: Sequence[Schema]) -> Schema:
    different = list({json.dumps(form, sort_keys=True): form for form in forms}.values())
    return different[0] if len(different) == 1 else {"anyOf": different}


def _forms(node: Schema) -> list[Schema]:
    """The node once for each type that it allows; an ``enum`` (or ``const``) says which types those are."""
    values = [node["const"]] if "const" in node else node.get("enum")
    if values is None:
        return [{**_with_limits(node, kind), "type": kind} for kind in _types(node) or (None,)]
    groups: dict[str, list[Any]] = {}
    for value in values:
        groups.setdefault(_type_of(value), []).append(value)
    return [{**node, "type": kind, "enum": group} for kind, group in groups.items()]


def _types(node: Schema) -> Sequence[str]:
    declared = node.get("type")
    if declared is None:
        return ("object",) if "properties" in node else ("array",) if "prefixItems" in node or "items" in node else ()
    return [declared] if isinstance(declared, str) else declared


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "string"
        case int() | float():
            return "integer" if isinstance(value, int) else "number"
        case _:
            return "array" if isinstance(value, list) else "object"


def _with_limits(node: Schema, kind: str | None) -> Schema:
    """Exclusive limits as inclusive ones, which alone Gemini knows: exact for integers, a little wide for numbers."""
    new = dict(node)
    for limit, exclusive, step in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
        if exclusive in new:
            bound = new.pop(exclusive)
            new.setdefault(limit, bound + step if kind == "integer" and isinstance(bound, int) else bound)
    return new


def _tidy(written: Schema) -> Schema:
    """Without what Gemini refuses: unknown formats, empty values in an enum, required names that are not there."""
    if written.get("format") not in (None, *_FORMATS):
        del written["format"]
    if "enum" in written:
        written["enum"] = [value for value in written["enum"] if value != ""]
    if "required" in written:
        names = written.get("properties", {})
        written["required"] = [name for name in written["required"] if name in names]
    if written["type"] == "array":
        written.setdefault("items", {})
    return {key: value for key, value in written.items() if key not in ("enum", "required") or value}
