"""Counting the values of a message before it is read."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from massgen_core.mcp.values import holds_more_than

Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='a,[{"\\ü\n'),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(alphabet='b,{"\\'), inner, max_size=6),
    max_leaves=40,
)


def count(value: Any) -> int:
    """Commas between values and brackets that open, as written out."""
    if isinstance(value, dict):
        return 1 + max(0, len(value) - 1) + sum(map(count, value.values()))
    if isinstance(value, list):
        return 1 + max(0, len(value) - 1) + sum(map(count, value))
    return 0


@given(Json)
def test_what_stands_in_strings_does_not_count(value: Any) -> None:
    """The count is exact, whatever is quoted in there."""
    line = json.dumps(value).encode()
    assert not holds_more_than(count(value), line)
    assert count(value) == 0 or holds_more_than(count(value) - 1, line)


@given(st.binary(), st.integers(0, 10))
def test_any_bytes_can_be_counted(line: bytes, most: int) -> None:
    """What is no JSON is the parser's affair; more marks than bytes there are never."""
    assert not holds_more_than(len(line), line)
    holds_more_than(most, line)
