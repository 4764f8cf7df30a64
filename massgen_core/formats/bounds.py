"""Copies of what strangers declare: JSON only, and no deeper or larger than anybody needs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

MAX_DEPTH = 64
"""Levels of nesting that a copy keeps; deeper ones become ``{}``, the schema that takes anything."""

MAX_NODES = 20_000
"""Values that a copy keeps; those that come after them are left out."""

_LARGEST_INTEGER_BITS = 1024  # as large as a float can be; Python refuses to print some larger ones


class Budget:
    """How many more nodes may be made, so that nothing explodes."""

    def __init__(self, nodes: int) -> None:
        self._left = nodes

    def spend(self) -> bool:
        """Take one; false when there is none left."""
        self._left -= 1
        return self._left >= 0


def json_copy(value: Any) -> Any:
    """A deep copy with JSON values only; what has no place in JSON becomes text, numbers out of range None."""
    return _copy(value, MAX_DEPTH, Budget(MAX_NODES))


def _copy(value: Any, depth: int, budget: Budget) -> Any:
    match value:
        case None | bool():
            return value
        case str():
            return _text(value)
        case int():
            return value if value.bit_length() <= _LARGEST_INTEGER_BITS else None
        case float():
            return value if math.isfinite(value) else None
        case Mapping() | list() | tuple() if depth == 0:
            return {}
        case Mapping():
            items = cast("Mapping[Any, Any]", value).items()
            return {_text(str(key)): _copy(item, depth - 1, budget) for key, item in items if budget.spend()}
        case list() | tuple():
            return [_copy(item, depth - 1, budget) for item in cast("list[Any]", value) if budget.spend()]
        case _:
            return str(value)[:200]


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # half a surrogate pair cannot be sent
