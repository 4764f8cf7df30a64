"""The top of a schema as one object: the APIs want the parameters there, not a choice between lists of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from massgen_core.formats.bounds import Budget
from massgen_core.formats.keywords import Schema
from massgen_core.formats.references import resolve

_COMBINED = ("$ref", "allOf", "anyOf", "oneOf")
_REFUSED = (*_COMBINED, "not", "enum", "const", "if", "then", "else")
_MAX_MEMBERS = 500
_MAX_DEPTH = 8


@dataclass(slots=True)
class _Members:
    """The properties of an object with all the forms that each may have, and those that are always required."""

    properties: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    required: dict[str, None] = field(default_factory=dict[str, None])  # a set that keeps its order

    def add(self, other: _Members) -> None:
        """Take over all of the other's; whether they are required is for the caller to say."""
        for name, forms in other.properties.items():
            known = self.properties.setdefault(name, [])
            known.extend(form for form in forms if form not in known)


def flat_top(root: Schema) -> Schema:
    """The schema with its top's combinations merged: all properties, and required what every alternative requires."""
    kept = {key: value for key, value in root.items() if key not in _REFUSED}
    if not any(key in root for key in _COMBINED):
        return kept
    members = _members(root, root, _MAX_DEPTH, Budget(_MAX_MEMBERS))
    kept.pop("additionalProperties", None)  # was said of fewer properties
    kept["properties"] = {name: _one_of(forms) for name, forms in members.properties.items()}
    kept["required"] = list(members.required)
    return kept


def _one_of(forms: list[Any]) -> Any:
    return forms[0] if len(forms) == 1 else {"anyOf": forms}


def _members(value: Any, root: Schema, depth: int, budget: Budget) -> _Members:
    members = _Members()
    if not isinstance(value, dict) or depth == 0 or not budget.spend():
        return members
    node = cast("Schema", value)
    members.add(_own(node))
    members.required.update(_own(node).required)
    for part in (_target(node, root), *_listed(node, "allOf")):
        inner = _members(part, root, depth - 1, budget)
        members.add(inner)
        members.required.update(inner.required)
    for key in ("anyOf", "oneOf"):
        _add_alternatives(members, [_members(part, root, depth - 1, budget) for part in _listed(node, key)])
    return members


def _add_alternatives(members: _Members, alternatives: list[_Members]) -> None:
    for alternative in alternatives:
        members.add(alternative)
    if alternatives:
        first, *rest = (alternative.required for alternative in alternatives)
        members.required.update((name, None) for name in first if all(name in other for other in rest))


def _own(node: Schema) -> _Members:
    properties, required = node.get("properties"), _listed(node, "required")
    named = cast("Schema", properties) if isinstance(properties, dict) else {}
    return _Members({name: [form] for name, form in named.items()}, {n: None for n in required if isinstance(n, str)})


def _target(node: Schema, root: Schema) -> Schema | None:
    reference = node.get("$ref")
    return resolve(root, reference) if isinstance(reference, str) else None


def _listed(node: Schema, key: str) -> Iterable[Any]:
    value = node.get(key)
    return cast("list[Any]", value) if isinstance(value, list) else ()
