"""Tool schemas in five formats, from our own signatures and from strangers' schemas."""

from __future__ import annotations

import copy
import enum
import json
import time
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field

from massgen_core.formats import Format, tool_schemas
from massgen_core.result import ToolResult
from massgen_core.tools import Tool, ToolContext, tool

FORMATS: tuple[Format, ...] = get_args(Format)
APIS: tuple[Format, ...] = ("openai-responses", "openai-chat", "anthropic", "gemini")


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


class Address(BaseModel):
    """Where somebody lives."""

    street: str
    number: int | None = None


class Tree(BaseModel):
    name: str
    children: list[Tree] = []


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str]


async def nothing(arguments: object, context: ToolContext) -> ToolResult:
    """A tool that does nothing."""
    return ToolResult()


def declared(schema: Any, **fields: Any) -> Tool:
    """A tool with a schema that came from outside."""
    return Tool(name="own", description="Does.", input_schema=schema, invoke=nothing, **fields)


def schema_in(format: Format, made: Tool) -> dict[str, Any]:
    """The input schema of a tool as it appears in a format."""
    (entry,) = tool_schemas([("exposed_name", made)], format)
    function = entry.get("function", entry)
    keys = ("parameters", "input_schema", "parametersJsonSchema", "inputSchema")
    (found,) = (function[key] for key in keys if key in function)
    return found


def property_in(format: Format, hint: Any) -> Any:
    """The schema of one parameter ``x: hint`` in a format, references followed."""

    def fn(x: Any) -> None: ...

    fn.__annotations__ = {"x": hint, "return": None}
    schema = schema_in(format, tool(fn))
    return _followed(schema["properties"]["x"], schema)


def _followed(node: Any, root: dict[str, Any], depth: int = 6) -> Any:
    if isinstance(node, list):
        return [_followed(item, root, depth) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node and depth:
        target = root["$defs"][node["$ref"].removeprefix("#/$defs/")]
        return _followed({**target, **{k: v for k, v in node.items() if k != "$ref"}}, root, depth - 1)
    return {key: _followed(item, root, depth) for key, item in node.items()}


NUMBER_OR_NULL = {"anyOf": [{"type": "integer"}, {"type": "null"}]}
ADDRESS = {
    "type": "object",
    "description": "Where somebody lives.",
    "properties": {"street": {"type": "string"}, "number": {**NUMBER_OR_NULL, "default": None}},
    "required": ["street"],
}

SAME_EVERYWHERE: list[tuple[Any, dict[str, Any]]] = [
    (str, {"type": "string"}),
    (int | None, NUMBER_OR_NULL),
    (int | str, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
    (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
    (Size, {"type": "string", "enum": ["s", "l"]}),
    (list[Size], {"type": "array", "items": {"type": "string", "enum": ["s", "l"]}}),
    (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
    (Address, ADDRESS),
    (Address | None, {"anyOf": [ADDRESS, {"type": "null"}]}),
    (list[Address], {"type": "array", "items": ADDRESS}),
    (
        Annotated[int, Field(ge=1, le=9, description="d")],
        {"type": "integer", "minimum": 1, "maximum": 9, "description": "d"},
    ),
]


class TestOwnSignatures:
    @pytest.mark.parametrize("format", FORMATS)
    @pytest.mark.parametrize(("hint", "expected"), SAME_EVERYWHERE, ids=[str(hint) for hint, _ in SAME_EVERYWHERE])
    def test_same_everywhere(self, format: Format, hint: Any, expected: dict[str, Any]) -> None:
        """Optional, enums, nested models, mappings, lists and unions mean the same in all five formats."""
        assert property_in(format, hint) == expected

    @pytest.mark.parametrize("format", FORMATS)
    def test_discriminated_union(self, format: Format) -> None:
        """The alternatives of a discriminated union keep their tags; Gemini has them as enums of one."""
        found = property_in(format, Annotated[Cat | Dog, Field(discriminator="kind")])
        alternatives = found["anyOf" if format == "gemini" else "oneOf"]
        tags = [item["properties"]["kind"] for item in alternatives]
        if format == "gemini":
            assert tags == [{"type": "string", "enum": ["cat"]}, {"type": "string", "enum": ["dog"]}]
        else:
            assert tags == [{"type": "string", "const": "cat"}, {"type": "string", "const": "dog"}]

    @pytest.mark.parametrize("format", FORMATS)
    def test_recursive(self, format: Format) -> None:
        """A recursive type refers to itself; for Gemini its second round is any object."""

        def fn(tree: Tree) -> None: ...

        schema = schema_in(format, tool(fn))
        if format == "gemini":
            children = schema["properties"]["tree"]["properties"]["children"]
            assert children == {"type": "array", "items": {"type": "object"}, "default": []}
        else:
            assert schema["$defs"]["Tree"]["properties"]["children"]["items"] == {"$ref": "#/$defs/Tree"}

    @pytest.mark.parametrize("format", FORMATS)
    def test_required_and_defaults(self, format: Format) -> None:
        """What has a default is optional and shows it; descriptions come along."""

        def fn(a: str, b: int = 3, c: str | None = None, title: bool = False) -> None:
            """Do it.

            Args:
                a: The first.
            """

        schema = schema_in(format, tool(fn))
        assert schema["type"] == "object"
        assert schema["required"] == ["a"]
        assert schema["additionalProperties"] is False
        assert schema["properties"]["a"] == {"type": "string", "description": "The first."}
        assert schema["properties"]["b"] == {"type": "integer", "default": 3}
        assert schema["properties"]["c"]["default"] is None
        assert schema["properties"]["title"] == {"type": "boolean", "default": False}


class TestEnvelopes:
    def test_all(self) -> None:
        """Each format has its own words around the schema, and the exposed name."""

        @tool(title="Adder", annotations={"readOnlyHint": True})
        def add(a: int) -> int:
            """Add one."""
            return a + 1

        one = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
        schema = one | {"additionalProperties": False}
        named = {"name": "maths_add", "description": "Add one."}
        expected: dict[Format, dict[str, Any]] = {
            "openai-responses": {"type": "function", **named, "parameters": schema, "strict": False},
            "openai-chat": {"type": "function", "function": {**named, "parameters": schema, "strict": False}},
            "anthropic": {**named, "input_schema": schema},
            "gemini": {**named, "parametersJsonSchema": schema},
            "mcp": {
                **named,
                "title": "Adder",
                "annotations": {"readOnlyHint": True},
                "inputSchema": schema,
                "outputSchema": {
                    "type": "object",
                    "properties": {"result": {"type": "integer"}},
                    "required": ["result"],
                },
            },
        }
        assert {f: tool_schemas([("maths_add", add)], f)[0] for f in FORMATS} == expected

    @pytest.mark.parametrize("format", FORMATS)
    def test_no_parameters(self, format: Format) -> None:
        """A tool without parameters has an object without properties."""

        def fn() -> None: ...

        assert schema_in(format, tool(fn)) == {"type": "object", "properties": {}, "additionalProperties": False}

    def test_mcp_keeps_what_a_server_declared(self) -> None:
        """For MCP the schema, the output schema and the metadata are what was declared."""
        schema = {"type": "object", "properties": {"a": {"$ref": "#/x"}}, "x-own": [1], "$schema": "draft"}
        (entry,) = tool_schemas([("n", declared(schema, output_schema={"type": "object"}, meta={"k": 1}))], "mcp")
        assert entry["inputSchema"] == schema
        assert entry["outputSchema"] == {"type": "object"}
        assert entry["_meta"] == {"k": 1}

    def test_unknown_format(self) -> None:
        """A format that does not exist is an error that lists those that do."""
        with pytest.raises(ValueError, match="unknown format 'cohere'; there are openai-responses, "):
            tool_schemas([], "cohere")  # type: ignore[arg-type]


def nested(depth: int) -> dict[str, Any]:
    """An object in an object in an object …"""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def cyclic() -> dict[str, Any]:
    """A Python object that holds itself."""
    schema: dict[str, Any] = {"type": "object"}
    schema["properties"] = {"again": schema}
    return schema


def billion_laughs() -> dict[str, Any]:
    """References that double with each step."""
    definitions: dict[str, Any] = {
        f"d{i}": {"type": "object", "properties": {side: {"$ref": f"#/$defs/d{i + 1}"} for side in "lr"}}
        for i in range(50)
    }
    return {"type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": definitions | {"d50": {}}}


def laughing_alternatives() -> dict[str, Any]:
    """Alternatives at the top that double with each step."""
    steps = {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 100} for i in range(20)}
    return {"$ref": "#/$defs/d0", "$defs": steps}


HOSTILE: dict[str, Any] = {
    "true": True,
    "null": None,
    "list": [],
    "empty": {},
    "string": {"type": "string"},
    "deep": nested(5_000),
    "cyclic": cyclic(),
    "self reference": {"$ref": "#"},
    "reference loop": {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
    "loop below": {"properties": {"x": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/a"}}},
    "loop in allOf": {"properties": {"x": {"allOf": [{"$ref": "#/properties/x"}]}}},
    "loop in anyOf": {"properties": {"x": {"anyOf": [{"$ref": "#/properties/x"}, {"type": "null"}]}}},
    "billion laughs": billion_laughs(),
    "laughing alternatives": laughing_alternatives(),
    "wide": {"type": "object", "properties": {f"p{i}": {"enum": list(range(50))} for i in range(5_000)}},
    "wide union": {"properties": {"x": {"anyOf": [{"const": i} for i in range(15_000)]}}},
    "remote": {"properties": {"x": {"$ref": "https://example.com/x.json", "description": "kept"}}},
    "nowhere": {"properties": {"x": {"$ref": "#/$defs/missing"}, "y": {"$ref": 3}, "z": {"$ref": "#/required/0"}}},
    "wrong kinds": {"properties": {"x": {"type": "text", "enum": [], "minLength": -1, "items": 3, "required": True}}},
    "wrong tops": {"properties": [], "required": "all", "description": 3, "$defs": 1, "anyOf": [], "allOf": {}},
    "values beyond JSON": {"properties": {"x": {"default": object(), "maximum": float("inf"), "enum": [10**5000]}}},
    "surrogate": {"properties": {"\ud800": {"description": "\ud800"}}},
    "huge index": {"properties": {"x": {"$ref": "#/anyOf/" + "9" * 5_000}}},
}


class TestStrangersSchemas:
    @pytest.mark.parametrize("format", FORMATS)
    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile(self, format: Format, name: str) -> None:
        """No schema makes the conversion fail, grow or take long; for the APIs the outcome is valid."""
        started = time.monotonic()
        schema = schema_in(format, declared(HOSTILE[name]))
        assert time.monotonic() - started < 5
        assert len(json.dumps(schema, allow_nan=False).encode()) < 3_000_000
        assert schema["type"] == "object"
        if format != "mcp":
            assert_sound(format, schema)

    def test_union_at_the_top(self) -> None:
        """Alternatives at the top become one object: all properties, required what all of them require."""
        first = {"properties": {"kind": {"const": "a"}, "x": {"type": "string"}}, "required": ["kind", "x"]}
        second = {"properties": {"kind": {"const": "b"}}, "required": ["kind"]}
        made = declared({"type": "object", "oneOf": [first, {"$ref": "#/$defs/s"}], "$defs": {"s": second}})
        schema = schema_in("anthropic", made)
        assert schema["properties"] == {"kind": {"anyOf": [{"const": "a"}, {"const": "b"}]}, "x": {"type": "string"}}
        assert schema["required"] == ["kind"]
        assert not schema.keys() & {"oneOf", "anyOf", "allOf", "$ref"}

    def test_allof_at_the_top(self) -> None:
        """What ``allOf`` lists at the top is all required."""
        parts = [{"properties": {n: {"type": "string"}}, "required": [n]} for n in "ab"]
        schema = schema_in(
            "openai-chat", declared({"allOf": parts, "properties": {"c": {}}, "additionalProperties": False})
        )
        assert list(schema["properties"]) == ["c", "a", "b"]
        assert schema["required"] == ["a", "b"]
        assert "additionalProperties" not in schema

    def test_refused_names(self) -> None:
        """A property whose name an API refuses is told in the description, and may still be sent."""
        properties = {"filter[id]": {"type": "string"}, "ok": {"type": "integer"}}
        made = declared({"properties": properties, "required": ["filter[id]", "ok"], "additionalProperties": False})
        schema = schema_in("anthropic", made)
        assert list(schema["properties"]) == ["ok"]
        assert schema["required"] == ["ok"]
        assert schema["description"] == 'Also takes "filter[id]" (required): {"type": "string"}'
        assert "additionalProperties" not in schema

    @pytest.mark.parametrize(
        ("schema", "expected"),
        [
            ({"type": "array"}, {"type": "array", "items": {}}),
            (
                {"type": "array", "items": [{"type": "integer"}], "additionalItems": False},
                {"type": "array", "prefixItems": [{"type": "integer"}], "items": {"not": {}}},
            ),
            ({"minimum": 3, "exclusiveMinimum": True}, {"exclusiveMinimum": 3}),
            ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
            ({"type": ["string", "string", "text"]}, {"type": "string"}),
            (True, {}),
            (False, {"not": {}}),
            ({"$ref": "#/definitions/a", "$comment": "x"}, {"$ref": "#/definitions/a"}),
            ({"x-own": 1, "$id": "y", "format": "uri"}, {"format": "uri"}),
        ],
    )
    def test_older_drafts(self, schema: Any, expected: Any) -> None:
        """Older words are said in today's, unknown ones are left out."""
        made = declared({"properties": {"x": schema}, "definitions": {"a": {"type": "null"}}})
        assert schema_in("openai-responses", made)["properties"]["x"] == expected

    @pytest.mark.parametrize(
        ("schema", "expected"),
        [
            (
                {"type": ["string", "null"], "description": "d"},
                {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "d"},
            ),
            (
                {"type": ["array", "string"], "minLength": 1},
                {"anyOf": [{"type": "array", "items": {}}, {"type": "string", "minLength": 1}]},
            ),
            ({"const": 3}, {"type": "integer", "enum": [3]}),
            (
                {"enum": ["", "a", None, True]},
                {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}, {"type": "boolean"}]},
            ),
            (
                {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 9},
                {"type": "integer", "minimum": 1, "maximum": 8},
            ),
            ({"type": "number", "exclusiveMinimum": 0}, {"type": "number", "minimum": 0}),
            (
                {"type": "string", "format": "uri", "description": "d"},
                {"type": "string", "description": "d (format: uri)"},
            ),
            ({"type": "string", "format": "date"}, {"type": "string", "format": "date"}),
            (
                {"allOf": [{"$ref": "#/$defs/a"}], "description": "mine"},
                {"type": "object", "properties": {"k": {"type": "string"}}, "required": ["k"], "description": "mine"},
            ),
            (
                {"type": "object", "properties": {"a": {}}, "anyOf": [{"required": ["a"]}]},
                {"type": "object", "properties": {"a": {}}},
            ),
            ({"type": "string", "properties": {"a": {}}, "required": ["a"]}, {"type": "string"}),
            ({"type": "object", "required": ["gone"]}, {"type": "object"}),
        ],
    )
    def test_gemini(self, schema: Any, expected: Any) -> None:
        """What Gemini has no word for is said in those that it has."""
        base = {"type": "object", "properties": {"k": {"type": "string"}}, "required": ["k"], "description": "theirs"}
        made = declared({"properties": {"x": schema}, "$defs": {"a": base}})
        assert schema_in("gemini", made)["properties"]["x"] == expected


def assert_sound(format: Format, schema: dict[str, Any]) -> None:
    """What every API wants of a schema."""
    Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    assert not schema.keys() & {"anyOf", "oneOf", "allOf", "not", "enum", "const", "$ref"}
    for node in nodes(schema):
        assert node.get("type") != "array" or "items" in node
        if format == "gemini":
            assert not node.keys() & {"$ref", "$defs", "definitions", "oneOf", "allOf", "const", "$schema", "title"}
            assert isinstance(node.get("type", ""), str)
            assert "type" in node or not node.keys() & {"properties", "items", "enum", "minimum", "required"}
        elif "$ref" in node:
            assert node["$ref"].startswith("#")


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema inside a schema, itself included."""
    if not isinstance(schema, dict):
        return
    yield schema
    for key in ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas"):
        for inner in schema.get(key, {}).values():
            yield from nodes(inner)
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for inner in schema.get(key, ()):
            yield from nodes(inner)
    for key in ("items", "additionalProperties", "contains", "not", "if", "then", "else"):
        yield from nodes(schema.get(key))


WORDS = [
    *("type", "properties", "items", "anyOf", "oneOf", "allOf", "$ref", "$defs", "enum", "const", "required"),
    *("additionalProperties", "description", "default", "minimum", "exclusiveMinimum", "title", "not", "format"),
    *("prefixItems", "nullable", "pattern", "$id", "minLength", "uniqueItems", "x-own"),
]
VALUES = st.sampled_from([None, True, False, -2, 0, 2, "string", "object", "array", "#", "#/$defs/a", "a"])
ANY_SCHEMA = st.recursive(
    VALUES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)
        | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=20,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(WORDS), ANY_SCHEMA, max_size=6))
def test_any_json_becomes_sound(schema: dict[str, Any]) -> None:
    """Whatever JSON a server declares, each API gets a sound schema, and the original is left as it was."""
    before = copy.deepcopy(schema)
    for format in APIS:
        assert_sound(format, schema_in(format, declared(schema)))
    assert json.dumps(schema_in("mcp", declared(schema)))
    assert schema == before


HINTS = st.recursive(
    st.sampled_from([int, float, bool, str, Any, Size, Address, Tree, Literal["a", 1], Literal["a"]]),
    lambda inner: st.one_of(
        inner.map(lambda hint: hint | None if hint is not Any else hint),
        inner.map(lambda hint: list[hint]),
        inner.map(lambda hint: dict[str, hint]),
        st.tuples(inner, inner).map(lambda pair: tuple[pair[0], pair[1]]),
    ),
    max_leaves=4,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "schema", "title"]), HINTS, max_size=3))
def test_any_signature_becomes_sound(hints: dict[str, Any]) -> None:
    """Every signature is sound in every format, with the same parameters, and unchanged for MCP."""

    def fn(a: Any, schema: Any, title: Any) -> None: ...

    fn.__annotations__ = {"a": int, "schema": int, "title": int, **hints, "return": None}
    made = tool(fn)
    for format in FORMATS:
        schema = schema_in(format, made)
        if format != "mcp":
            assert_sound(format, schema)
        assert list(schema["properties"]) == ["a", "schema", "title"]
        assert schema["required"] == ["a", "schema", "title"]
    assert schema_in("mcp", made) == made.input_schema
