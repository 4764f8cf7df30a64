"""Tests of schemas from outside: which are refused, and how arguments are checked against the others."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massgen_core.errors import ArgumentsInvalid
from massgen_core.mcp.schemas import schema_fault, validator_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
KEYWORDS = st.sampled_from(["type", "properties", "$ref", "$defs", "allOf", "pattern", "items", "required", "enum"])


def properties(**rules: Any) -> dict[str, Any]:
    return {"type": "object", "properties": rules}


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(depth):
        schema = properties(a=schema)
    return schema


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        (None, "not an object"),
        ([], "not an object"),
        ({}, 'not of `"type": "object"`'),
        ({"type": "string"}, 'not of `"type": "object"`'),
        (properties(a={"type": "text"}), r"invalid at properties\.a\.type"),
        (properties(a={"required": "yes"}), r"invalid at properties\.a\.required"),
        (properties(a={"$ref": "https://example.org/x"}), "refers to 'https://example.org/x', which it does not hold"),
        (properties(a={"$ref": "file:///etc/passwd"}), "refers to 'file:///etc/passwd'"),
        (properties(a={"$ref": "#/$defs/missing"}), "refers to '#/\\$defs/missing'"),
        (nested(200), "nested deeper than 100 levels"),
        (properties(**{f"p{n}": {"type": "string"} for n in range(20_000)}), "more than 20000 nodes"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused(schema: Any, fault: str) -> None:
    """The reason says what is wrong and where."""
    found = schema_fault(schema)
    assert found is not None
    assert re.search(fault, found), found


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"type": "object", "$schema": "http://json-schema.org/draft-07/schema#", "definitions": {}},
        {"type": "object", "$schema": "https://example.org/unknown"},
        properties(a={"type": "string", "pattern": r"^\p{Lu}(?<name>x)$"}),
        {**properties(a={"$ref": "#/$defs/b"}), "$defs": {"b": {"type": "integer"}}},
        properties(a={"$ref": "#"}),
        properties(a={"default": {"$ref": "https://example.org/only-data"}}),
    ],
)
def test_a_schema_that_can_be_used_is_taken(schema: Any) -> None:
    """Older drafts, regular expressions that are not Python's, inner references, and references that are data."""
    assert schema_fault(schema) is None


def test_every_problem_is_named_with_its_path() -> None:
    """Nested values are named by path, at most five of them."""
    schema = properties(a={"type": "array", "items": properties(b={"type": "integer"})}, c={"enum": [1]})
    words = r"arguments do not fit 'tool': a\[1\]\.b: 'x' is not of type 'integer'; c:"
    with pytest.raises(ArgumentsInvalid, match=words):
        validator_of(schema)({"a": [{}, {"b": "x"}], "c": 2}, "tool")


def test_unknown_arguments_are_refused_where_the_schema_says_so() -> None:
    """`additionalProperties: false` counts, unless patterns decide which properties are additional."""
    schema = {**properties(a={}), "additionalProperties": False}
    with pytest.raises(ArgumentsInvalid, match="'b' was unexpected"):
        validator_of(schema)({"b": 1}, "tool")
    validator_of({**schema, "patternProperties": {"^b": {}}})({"b": 1}, "tool")


def test_a_regular_expression_from_outside_is_not_run() -> None:
    """One that would take longer than anyone lives costs nothing."""
    validator_of(properties(a={"type": "string", "pattern": "(a+)+$"}))({"a": "a" * 100 + "b"}, "tool")


def test_a_schema_that_unfolds_without_end_is_cut_off() -> None:
    """A circle of references, and references that double at each step, end in an error, not in hours."""
    circle = {"type": "object", "$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}
    doubling: dict[str, Any] = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(60)}
    doubling["d60"] = {"type": "object"}
    bomb = {"type": "object", "$ref": "#/$defs/d0", "$defs": doubling}
    for schema in (circle, bomb):
        assert schema_fault(schema) is None
        with pytest.raises(ArgumentsInvalid, match="unfolds without end"):
            validator_of(schema)({}, "tool")


@given(st.dictionaries(KEYWORDS, JSON, max_size=4), st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_whatever_passes_can_be_checked(schema: dict[str, Any], arguments: dict[str, Any]) -> None:
    """A schema that is taken checks any arguments without another error than its own."""
    schema["type"] = "object"
    if schema_fault(schema) is not None:
        return
    with suppress(ArgumentsInvalid):
        validator_of(schema)(arguments, "tool")
