"""References inside one schema; nothing is ever fetched."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import unquote

from massgen_core.formats.keywords import LISTS, MAPS, SINGLES, Schema


def resolve(root: Schema, reference: str) -> Schema | None:
    """The schema that a reference such as ``#/$defs/Node`` leads to; None when it leads to no schema in here."""
    if reference == "#":
        return root
    if not reference.startswith("#/"):
        return None
    tokens = [unquote(token).replace("~1", "/").replace("~0", "~") for token in reference[2:].split("/")]
    node: Any = root
    while tokens and isinstance(node, dict):
        node = _step(cast("Schema", node), tokens)
    return cast("Schema", node) if isinstance(node, dict) else None


def _step(node: Schema, tokens: list[str]) -> Any:
    """Go from a schema to a schema below it, using up one token or two."""
    key = tokens.pop(0)
    inner = node.get(key)
    if key in SINGLES:
        return inner
    if not tokens:
        return None
    name = tokens.pop(0)
    if key in MAPS and isinstance(inner, dict):
        return cast("Schema", inner).get(name)
    return _item(cast("list[Any]", inner), name) if key in LISTS and isinstance(inner, list) else None


def _item(items: list[Any], index: str) -> Any:
    return next((item for i, item in enumerate(items) if str(i) == index), None)


def is_sound(node: Schema, root: Schema) -> bool:
    """Whether following the references from a node ends at a schema without one."""
    seen: set[str] = set()
    current: Schema | None = node
    while current is not None and "$ref" in current:
        reference = current["$ref"]
        if not isinstance(reference, str) or reference in seen:
            return False
        seen.add(reference)
        current = resolve(root, reference)
    return current is not None
