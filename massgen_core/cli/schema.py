"""What a JSON schema allows, as far as a command line must know: types to read words by, and words to show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

JSON_TYPES = frozenset(("string", "integer", "number", "boolean", "null", "object", "array"))

_ONLY_ARRAYS = frozenset(("array",))

_DEPTH = 16
"""How deep references and unions are followed: schemas come from strangers."""


class SchemaTypes:
    """The JSON types that the parts of one schema let through; every reference is looked up once."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._referred: dict[str, frozenset[str]] = {}

    def of(self, schema: object, depth: int = 0) -> frozenset[str]:
        """The types that a part lets through; all of them where it does not say."""
        if not isinstance(schema, Mapping) or depth > _DEPTH:
            return JSON_TYPES
        known = cast("Mapping[str, Any]", schema)
        allowed = _own_types(known) & self._behind(known.get("$ref"), depth + 1)
        for inner in _list(known.get("allOf")):
            allowed &= self.of(inner, depth + 1)
        for key in ("anyOf", "oneOf"):
            if choices := _list(known.get(key)):
                allowed &= frozenset[str]().union(*(self.of(choice, depth + 1) for choice in choices))
        return allowed

    def words(self, schema: object) -> str:
        """A part in a few words, for people: ``integer | null``, ``"a" | "b"``, ``array of string``."""
        known = mapping(schema)
        if values := _list(known.get("enum")):
            return " | ".join(json.dumps(value, ensure_ascii=False) for value in values)
        types = self.of(known)
        if types == _ONLY_ARRAYS and "items" in known:
            return f"array of {_join(self.of(known['items']))}"
        return _join(types)

    def _behind(self, reference: object, depth: int) -> frozenset[str]:
        if not isinstance(reference, str):
            return JSON_TYPES
        if reference not in self._referred:
            self._referred[reference] = JSON_TYPES  # what a schema that refers to itself finds
            self._referred[reference] = self.of(_referred(reference, self._root), depth)
        return self._referred[reference]


def mapping(value: object) -> Mapping[str, Any]:
    """The value, if it is a mapping; an empty one if not."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def type_of(value: object) -> str:
    """The JSON type of a value that was read from JSON."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case _:
            return "array" if isinstance(value, list) else "object"


def _join(types: frozenset[str]) -> str:
    return "any" if types == JSON_TYPES else " | ".join(sorted(types, key=lambda name: (name == "null", name)))


def _own_types(schema: Mapping[str, Any]) -> frozenset[str]:
    if "const" in schema:
        return frozenset((type_of(schema["const"]),))
    if values := _list(schema.get("enum")):
        return frozenset(type_of(value) for value in values)
    declared = schema.get("type")
    names = {declared} if isinstance(declared, str) else {name for name in _list(declared) if isinstance(name, str)}
    return frozenset(names & JSON_TYPES) or JSON_TYPES


def _referred(reference: str, root: Mapping[str, Any]) -> object:
    """What a reference within the schema points to; None for any other."""
    if not reference.startswith("#/"):
        return None
    found: object = root
    for step in reference[2:].split("/"):
        found = mapping(found).get(step.replace("~1", "/").replace("~0", "~"))
    return found


def _list(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
