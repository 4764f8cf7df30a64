"""Arguments from words, by the tool's schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massgen_core.cli.arguments import given_arguments
from massgen_core.cli.schema import JSON_TYPES, SchemaTypes, type_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_words_by_schema(cli: Any, sample: tuple[str, str]) -> None:
    """Numbers, booleans and arrays are read as JSON, strings stay as they are."""
    words = ("count=3", "share=0.25", "exact=true", 'tags=["a", "b"]', "note=7")
    outcome = cli(*sample, "call", "sample_add", *(f"--arg={word}" for word in words))
    assert outcome.json == {"count": 3, "share": 0.25, "exact": True, "tags": ["a", "b"], "note": "7"}


def test_forced_json(cli: Any, sample: tuple[str, str]) -> None:
    """`KEY:=VALUE` is JSON whatever the schema says; an equals sign in a value is the value's."""
    given_null = cli(*sample, "call", "sample_add", "-a", "count:=3", "-a", "note:=null")
    assert given_null.json["note"] is None
    assert cli(*sample, "call", "sample_echo", "-a", "text=a=b:=c").out == "a=b:=c\n"


def test_json_from_anywhere(cli: Any, process: Any, sample: tuple[str, str]) -> None:
    """All arguments at once as JSON: on the command line, in a file, on stdin."""
    Path("given.json").write_text('{"text": "from a file"}')
    assert cli(*sample, "call", "sample_echo", "--json", '{"text": "here"}').out == "here\n"
    assert cli(*sample, "call", "sample_echo", "--json", "@given.json").out == "from a file\n"
    assert process(*sample, "call", "sample_echo", "--json", "-", stdin='{"text": "piped"}').out == "piped\n"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer"}, {"integer"}),
        ({"type": ["integer", "null"]}, {"integer", "null"}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"integer", "null"}),
        ({"enum": [1, "a"]}, {"integer", "string"}),
        ({"const": True}, {"boolean"}),
        ({"$ref": "#/$defs/colour"}, {"string"}),
        ({"$ref": "#/$defs/loop"}, JSON_TYPES),
        ({"$ref": "https://example.com/schema"}, JSON_TYPES),
        ({"allOf": [{"type": ["string", "integer"]}, {"type": ["integer", "null"]}]}, {"integer"}),
        (True, JSON_TYPES),
        ({"type": "nonsense"}, JSON_TYPES),
    ],
)
def test_types_of_schemas(schema: object, expected: set[str]) -> None:
    """A schema's types are found through unions, references, enums; what is not understood allows everything."""
    root = {"$defs": {"colour": {"enum": ["red"]}, "loop": {"anyOf": [{"$ref": "#/$defs/loop"}]}}}
    assert SchemaTypes(root).of(schema) == expected


def test_hostile_references() -> None:
    """References that multiply at every level are followed once each."""
    definitions = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 50} for n in range(50)}
    root = {"$defs": {**definitions, "d50": {"type": "integer"}}}
    assert SchemaTypes(root).of({"$ref": "#/$defs/d0"}) <= JSON_TYPES


@given(schema=JSON, root=st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_any_schema_is_survived(schema: object, root: dict[str, Any]) -> None:
    """Whatever stands where a schema should, its types are some of JSON's and its words are words."""
    types = SchemaTypes(root)
    assert types.of(schema) <= JSON_TYPES
    assert isinstance(types.words(schema), str)


@given(value=JSON)
def test_values_of_every_type(value: Any) -> None:
    """A value given as JSON arrives as it was, by `:=` and by a schema of its type."""
    import json

    text = json.dumps(value)
    assert given_arguments([f"k:={text}"], None).read("t", {}) == {"k": value}
    if type_of(value) != "string":
        schema = {"properties": {"k": {"type": type_of(value)}}}
        assert given_arguments([f"k={text}"], None).read("t", schema) == {"k": value}
