"""Typed functions as tools: schemas, validation, results, marks."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import enum
import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Optional, Union

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field, SecretStr, create_model
from typing_extensions import TypedDict

from massgen_core.errors import ArgumentsInvalid
from massgen_core.result import Image, Text, ToolResult
from massgen_core.schema import check_schema, signature_of
from massgen_core.tools import Role, Secret, ToolContext


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Point:
    x: int
    title: str = "here"


class Node(BaseModel):
    """A node."""

    title: str
    children: list[Node] = []


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]


class Options(TypedDict, total=False):
    depth: int


class Pair(NamedTuple):
    first: int
    second: str


class Login(BaseModel):
    user: str
    password: Annotated[str, Secret()]


class Edit(BaseModel):
    path: Annotated[str, Role("write")]


OLD_OPTIONAL = Optional[ToolContext]  # noqa: UP045


class Opaque:
    """A class that pydantic knows nothing of."""


def property_of(hint: Any, default: Any = inspect.Parameter.empty) -> dict[str, Any]:
    """The schema of one parameter ``x`` of that type."""
    return signature_of(function(x=(hint, default))).input_schema["properties"]["x"]


def function(**parameters: tuple[Any, Any]) -> Callable[..., Any]:
    """A function that returns its keyword arguments, with these parameters: name = (hint, default)."""

    def made(**arguments: Any) -> dict[str, Any]:
        return arguments

    kind = inspect.Parameter.KEYWORD_ONLY
    listed = [inspect.Parameter(n, kind, annotation=h, default=d) for n, (h, d) in parameters.items()]
    made.__signature__ = inspect.Signature(listed)
    made.__annotations__ = {name: hint for name, (hint, _) in parameters.items()}
    return made


class TestInputSchema:
    @pytest.mark.parametrize(
        ("hint", "expected"),
        [
            (int, {"type": "integer"}),
            (Optional[int], {"anyOf": [{"type": "integer"}, {"type": "null"}]}),  # noqa: UP045
            (Union[int, str], {"anyOf": [{"type": "integer"}, {"type": "string"}]}),  # noqa: UP007
            (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
            (Literal["a", "b"], {"enum": ["a", "b"], "type": "string"}),
            (list[str], {"items": {"type": "string"}, "type": "array"}),
            (dict[str, int], {"additionalProperties": {"type": "integer"}, "type": "object"}),
            (datetime.datetime, {"format": "date-time", "type": "string"}),
            (Path, {"format": "path", "type": "string"}),
            (bytes, {"format": "binary", "type": "string"}),
            (Colour, {"$ref": "#/$defs/Colour"}),
            (Node, {"$ref": "#/$defs/Node"}),
            (Annotated[int, Field(gt=3, title="Count of things")], {"exclusiveMinimum": 3, "type": "integer"}),
        ],
    )
    def test_type(self, hint: Any, expected: dict[str, Any]) -> None:
        """Each type is what pydantic says it is, without the title that only repeats the name."""
        found = property_of(hint)
        assert {key: found[key] for key in expected} == expected
        assert found.get("title") in (None, "Count of things")

    def test_recursive_model(self) -> None:
        """A recursive model stays a definition that refers to itself."""

        def fn(node: Node) -> None: ...

        definition = signature_of(fn).input_schema["$defs"]["Node"]
        assert definition["properties"]["children"]["items"] == {"$ref": "#/$defs/Node"}
        assert definition["description"] == "A node."

    def test_property_named_title(self) -> None:
        """Generated titles go; a property that is called title stays, in models and at the top."""

        def fn(title: Point, node: Node) -> None: ...

        schema = signature_of(fn).input_schema
        assert list(schema["properties"]) == ["title", "node"]
        assert schema["$defs"]["Node"]["properties"]["title"] == {"type": "string"}
        assert schema["$defs"]["Point"]["properties"]["title"] == {"type": "string", "default": "here"}
        assert "title" not in schema

    def test_discriminated_union(self) -> None:
        """A discriminated union keeps its tags."""

        def fn(pet: Annotated[Cat | Dog, Field(discriminator="kind")]) -> None: ...

        schema = signature_of(fn).input_schema
        assert schema["properties"]["pet"]["oneOf"] == [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]
        assert schema["$defs"]["Dog"]["properties"]["kind"]["const"] == "dog"

    def test_top(self) -> None:
        """The top names what is required, and takes nothing that it does not name."""

        def fn(a: int, b: str = "x", *, c: float) -> None: ...

        schema = signature_of(fn).input_schema
        assert schema["required"] == ["a", "c"]
        assert schema["additionalProperties"] is False
        assert schema["type"] == "object"
        assert "p0" not in json.dumps(schema)

    @pytest.mark.parametrize(
        ("hint", "default", "expected"),
        [
            (int, 3, 3),
            (Colour, Colour.RED, "red"),
            (Point, Point(1), {"x": 1, "title": "here"}),
            (Path, Path("/x"), "/x"),
            (int | None, None, None),
            (int, Field(4, description="d"), 4),
        ],
    )
    def test_default(self, hint: Any, default: Any, expected: Any) -> None:
        """A default is shown as JSON."""
        assert property_of(hint, default)["default"] == expected

    def test_default_beyond_json(self) -> None:
        """A default that JSON cannot express is left out of the schema, and is still used."""
        marker = object()

        def fn(x: Any = marker, raw: bytes = b"\xff") -> object:
            return x

        signature = signature_of(fn)
        assert "default" not in signature.input_schema["properties"]["x"]
        assert signature.validate({}) == {}

    @pytest.mark.parametrize("name", ["schema", "model_config", "_hidden", "copy", "json", "self_", "p0", "validate"])
    def test_any_name(self, name: str) -> None:
        """A parameter may have any name, those that pydantic keeps for itself included."""
        signature = signature_of(function(**{name: (int, inspect.Parameter.empty)}))
        assert list(signature.input_schema["properties"]) == [name]
        assert signature.validate({name: 1}) == {name: 1}


class TestDocstring:
    def test_google(self) -> None:
        """The paragraphs describe the tool, ``Args:`` the parameters; ``Field(description=…)`` wins."""

        def fn(city: str, days: Annotated[int, Field(description="How many.")], unit: str = "C") -> str:
            """Forecast the weather.

            Looks at the sky.

            Args:
                city: Where; a
                    name.
                days: Not this.
                unknown: Not a parameter.

            Returns:
                Words.
            """
            return city

        signature = signature_of(fn)
        assert signature.description == "Forecast the weather.\n\nLooks at the sky."
        described = {n: p.get("description") for n, p in signature.input_schema["properties"].items()}
        assert described == {"city": "Where; a name.", "days": "How many.", "unit": None}

    def test_numpy_and_rest(self) -> None:
        """NumPy and reST docstrings are read, too."""

        def numpy(a: int) -> None:
            """Do it.

            Parameters
            ----------
            a : int
                The number.
            """

        def rest(a: int) -> None:
            """Do it.

            :param a: The number.
            """

        for fn in (numpy, rest):
            signature = signature_of(fn)
            assert signature.description == "Do it."
            assert signature.input_schema["properties"]["a"]["description"] == "The number."

    def test_none(self) -> None:
        """A function without docstring has an empty description."""
        assert signature_of(function()).description == ""


class TestContext:
    @pytest.mark.parametrize("hint", [ToolContext, ToolContext | None, OLD_OPTIONAL, Annotated[ToolContext, 1]])
    def test_not_in_schema(self, hint: Any) -> None:
        """The parameter that takes the context is found by its type, and is no part of the schema."""
        signature = signature_of(function(ctx=(hint, None), a=(int, inspect.Parameter.empty)), context=ToolContext)
        assert signature.context_parameter == "ctx"
        assert list(signature.input_schema["properties"]) == ["a"]


class TestRefusals:
    def test_missing_hint(self) -> None:
        """A parameter without hint is refused by name, with the cure."""

        def fn(a, b: int) -> None: ...  # noqa: ANN001

        with pytest.raises(TypeError, match=r"fn\(\) cannot be a tool: parameter 'a' has no type hint; add one"):
            signature_of(fn)

    def test_positional_only(self) -> None:
        """A positional-only parameter is refused."""

        def fn(a: int, /) -> None: ...

        with pytest.raises(TypeError, match="'a' is positional-only; remove the `/`"):
            signature_of(fn)

    def test_variadic(self) -> None:
        """``*args`` and ``**kwargs`` are refused."""

        def many(*a: int) -> None: ...
        def named(**a: int) -> None: ...

        with pytest.raises(TypeError, match=r"`\*a` cannot be described.*list"):
            signature_of(many)
        with pytest.raises(TypeError, match=r"`\*\*a` cannot be described.*dict"):
            signature_of(named)

    def test_method(self) -> None:
        """A function that still wants its ``self`` is refused; the bound method is a tool."""

        class Thing:
            def act(self, a: int) -> None: ...

        with pytest.raises(TypeError, match="bound method"):
            signature_of(Thing.act)
        assert list(signature_of(Thing().act).input_schema["properties"]) == ["a"]

    def test_local_type(self) -> None:
        """A type that only a function's body knows cannot be resolved, and the error says so."""

        class Local(BaseModel):
            a: int

        def fn(a: Local) -> None: ...

        with pytest.raises(TypeError, match=r"name 'Local', which is not defined in its module; define or import"):
            signature_of(fn)

    def test_type_without_schema(self) -> None:
        """A class that has no JSON schema is refused, as a parameter and as a result."""

        def taking(a: int, b: Opaque) -> None: ...
        def giving() -> Opaque:
            return Opaque()

        with pytest.raises(TypeError, match="type of parameter 'b' has no JSON schema"):
            signature_of(taking)
        with pytest.raises(TypeError, match="return type has no JSON schema"):
            signature_of(giving)

    def test_two_contexts(self) -> None:
        """One context is enough."""

        def fn(a: ToolContext, b: ToolContext) -> None: ...

        with pytest.raises(TypeError, match="'a' and 'b' both take the context"):
            signature_of(fn, context=ToolContext)


class TestMarks:
    def test_access(self) -> None:
        """Access is the union of all roles, those inside types and models included."""

        def fn(
            source: Annotated[str, Role("read")],
            targets: list[Annotated[Path, Role("delete")]],
            edits: dict[str, list[Edit]] | None = None,
        ) -> None: ...

        assert signature_of(fn).access == {"read", "delete", "write"}

    def test_secrets(self) -> None:
        """Secret parameters are those that are marked, and those that hold a secret somewhere."""

        def fn(a: Annotated[str, Secret()], b: SecretStr | None, c: list[Login], d: str) -> None: ...

        assert signature_of(fn).secret_parameters == {"a", "b", "c"}

    def test_recursive_types_end(self) -> None:
        """Looking for marks ends in recursive types."""

        def fn(node: Node) -> None: ...

        assert signature_of(fn).access == frozenset()


class TestValidate:
    def test_python_values(self) -> None:
        """Arguments arrive as the declared Python types; what was not given is left to the defaults."""

        def fn(
            colour: Colour, point: Point, node: Node, day: datetime.date, where: Path, opts: Options, n: int = 3
        ) -> None: ...

        arguments = {"colour": "red", "point": {"x": 1}, "node": {"title": "a", "children": [{"title": "b"}]}}
        arguments |= {"day": "2026-01-02", "where": "/tmp", "opts": {"depth": 2}}
        assert signature_of(fn).validate(arguments) == {
            "colour": Colour.RED,
            "point": Point(1),
            "node": Node(title="a", children=[Node(title="b")]),
            "day": datetime.date(2026, 1, 2),
            "where": Path("/tmp"),
            "opts": {"depth": 2},
        }

    def test_default_in_field(self) -> None:
        """A default that only ``Field`` knows is passed, since Python would pass the field itself."""

        nothing = inspect.Parameter.empty
        fn = function(a=(int, Field(4)), b=(Annotated[int, Field(default=5)], nothing), c=(int, 6))
        assert signature_of(fn).validate({}) == {"a": 4, "b": 5}

    def test_message(self) -> None:
        """Each wrong argument is named, with what was expected and without its value."""

        def fn(
            a: int, point: Point, colour: Colour, pet: Annotated[Cat | Dog, Field(discriminator="kind")]
        ) -> None: ...

        with pytest.raises(ArgumentsInvalid) as caught:
            signature_of(fn, name="paint").validate(
                {"point": {"x": "SENSITIVE"}, "colour": "SENSITIVE", "extra": 1, "pet": {"kind": "SENSITIVE"}}
            )
        message = str(caught.value)
        assert caught.value.tool == "paint"
        assert "a: is required (integer)" in message
        assert "point.x: should be a valid integer" in message
        assert "colour: should be 'red' or 'blue'" in message
        assert "extra: is not a parameter; the tool takes a, point, colour, pet" in message
        assert "pet: 'kind' should be one of 'cat', 'dog'" in message
        assert "SENSITIVE" not in message
        assert caught.value.__cause__ is None

    def test_secret(self) -> None:
        """Of a secret nothing is said but that it is wrong."""

        def fn(login: Login, key: Annotated[str, Secret(), Field(pattern="^sk-[a-z]+$")]) -> None: ...

        with pytest.raises(ArgumentsInvalid) as caught:
            signature_of(fn).validate({"login": {"user": "u", "password": 5, "hunter2": 1}, "key": "hunter2"})
        assert "key: is not valid (a secret" in str(caught.value)
        assert "hunter2" not in str(caught.value)

    def test_bounded_message(self) -> None:
        """A caller cannot make an error message grow."""
        signature = signature_of(function(a=(int, 0)))
        with pytest.raises(ArgumentsInvalid, match="and 990 more") as caught:
            signature.validate({"x" * 10_000 + str(i): 1 for i in range(1000)})
        assert len(str(caught.value)) < 5_000

    def test_deep_arguments(self) -> None:
        """Arguments nested without end are refused, not followed."""
        deep: dict[str, Any] = {"title": "a"}
        deep["children"] = [deep]
        with pytest.raises(ArgumentsInvalid):
            signature_of(function(node=(Node, inspect.Parameter.empty))).validate({"node": deep})


class TestResults:
    @pytest.mark.parametrize(
        ("hint", "value", "text", "structured"),
        [
            (Node, Node(title="a"), '{"title":"a","children":[]}', {"title": "a", "children": []}),
            (Point, Point(2), '{"x":2,"title":"here"}', {"x": 2, "title": "here"}),
            (Options, {"depth": 1}, '{"depth":1}', {"depth": 1}),
            (dict[str, int], {"a": 1}, '{"a":1}', {"a": 1}),
            (Colour, Colour.RED, "red", {"result": "red"}),
            (list[int], [1, 2], "[1,2]", {"result": [1, 2]}),
            (Pair, Pair(1, "b"), '[1,"b"]', {"result": [1, "b"]}),
            (int | None, None, "null", {"result": None}),
            (Node | None, Node(title="a"), '{"title":"a","children":[]}', {"result": {"title": "a", "children": []}}),
            (datetime.date, datetime.date(2026, 1, 2), "2026-01-02", {"result": "2026-01-02"}),
        ],
    )
    def test_typed(self, hint: Any, value: Any, text: str, structured: Any) -> None:
        """A typed value becomes structured data that fits the output schema, and text."""

        def fn() -> None: ...

        fn.__annotations__ = {"return": hint}
        signature = signature_of(fn)
        result = signature.to_result(value)
        assert (result.text, result.structured) == (text, structured)
        assert signature.output_schema is not None
        assert check_schema(signature.output_schema) is None
        Draft202012Validator(signature.output_schema).validate(result.structured)

    @pytest.mark.parametrize("hint", [str, None, ToolResult, Image, list[Image | Text], Image | None, Any])
    def test_content_has_no_schema(self, hint: Any) -> None:
        """Text and content parts have no output schema."""

        def fn() -> None: ...

        fn.__annotations__ = {"return": hint}
        assert signature_of(fn).output_schema is None

    def test_content_passes_through(self) -> None:
        """Parts are content as they are; strings among them are text."""
        image = Image(data=b"x", mime_type="image/png")
        convert = signature_of(function()).to_result
        assert convert("words").content == (Text(text="words"),)
        assert convert(None).content == ()
        assert convert(["a", image]).content == (Text(text="a"), image)
        whole = ToolResult(is_error=True)
        assert convert(whole) is whole

    def test_untyped(self) -> None:
        """Without return type a value is serialised as it comes."""
        result = signature_of(function()).to_result([datetime.date(2026, 1, 2), Point(1), float("nan")])
        assert result.structured == {"result": ["2026-01-02", {"x": 1, "title": "here"}, None]}

    def test_wrong_type(self) -> None:
        """A value unlike the declared type is an error that names the function and not the value."""

        def count() -> int:
            return "SENSITIVE"  # type: ignore[return-value]

        with pytest.raises(TypeError, match=r"count\(\) returned a str unlike its type: Input should be a") as caught:
            signature_of(count).to_result(count())
        assert "SENSITIVE" not in str(caught.value)

    def test_not_json(self) -> None:
        """Bytes that are no text cannot be a result; the error says so."""

        def raw() -> bytes:
            return b"\xff"

        for convert in (signature_of(raw).to_result, signature_of(function()).to_result):
            with pytest.raises(TypeError, match="returned what JSON cannot express"):
                convert(b"\xff")


class TestCheckSchema:
    @pytest.mark.parametrize(
        "schema",
        [
            {"type": "object"},
            {"type": "object", "properties": {"a": True, "b": {"$ref": "https://example.com/nowhere"}}},
            {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "type": "object",
                "properties": {"a": {"type": "array", "items": [{"type": "string"}]}},
            },
        ],
    )
    def test_usable(self, schema: Any) -> None:
        """A valid object schema is usable, older drafts included; references are not followed."""
        assert check_schema(schema) is None

    @pytest.mark.parametrize(
        ("schema", "reason"),
        [
            (True, "must be an object, not bool"),
            ({}, 'must have "type": "object"'),
            ({"type": "string"}, 'must have "type": "object", not string'),
            ({"type": "object", "properties": {"a": {"type": "text"}}}, r"properties.a.type"),
            ({"type": "object", "properties": []}, r"\$.properties"),
            ({"type": "object", "$schema": ["x"]}, "is not of type 'string'"),
            ({"type": "object", "$defs": {"a": {"$ref": 1}}}, r"\$defs.*a"),
        ],
    )
    def test_reason(self, schema: Any, reason: str) -> None:
        """A schema that cannot be used is refused with the place and the reason."""
        assert re.search(reason, check_schema(schema) or "usable")

    def test_deep(self) -> None:
        """A schema without end is a reason, not a crash."""
        schema: dict[str, Any] = {"type": "object"}
        schema["properties"] = {"a": schema}
        assert check_schema(schema) == "it is nested too deeply"

    def test_bounded_reason(self) -> None:
        """The reason stays short, however long the schema is."""
        found = check_schema({"type": "object", "properties": {"x" * 10_000: {"type": "y" * 10_000}}})
        assert found is not None
        assert len(found) < 500


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.floats(-1000, 1000) | st.text("ab1é ", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab1é ", max_size=3), inner, max_size=3),
    max_leaves=5,
)


def _model(fields: dict[str, Any]) -> Any:
    named: dict[str, Any] = {f"f{i}": (hint, ...) for i, hint in enumerate(fields.values())}
    return create_model("Model", **named)


SMALL = Annotated[int, Field(ge=0, lt=9)]
HINTS = st.recursive(
    st.sampled_from([int, float, bool, str, Any, Colour, Literal["a", 1, None], Point, Node, SMALL]),
    lambda inner: st.one_of(
        inner.map(lambda hint: hint | None if hint is not Any else hint),
        inner.map(lambda hint: list[hint]),
        inner.map(lambda hint: dict[str, hint]),
        st.tuples(inner, inner).map(lambda pair: tuple[pair[0], pair[1]]),
        st.tuples(inner, inner).map(lambda pair: Union[pair[0], pair[1]]),  # noqa: UP007
        st.dictionaries(st.sampled_from("ab"), inner, max_size=2).map(_model),
    ),
    max_leaves=4,
)
SIGNATURES = st.dictionaries(
    st.sampled_from(["a", "schema", "_x", "title"]), st.tuples(HINTS, st.just(inspect.Parameter.empty)), max_size=3
).map(lambda parameters: function(**parameters))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # each example builds a model
@given(st.data())
def test_what_fits_the_schema_is_accepted(data: st.DataObject) -> None:
    """Arguments that fit the input schema pass validation, and the schema itself is valid."""
    signature = signature_of(data.draw(SIGNATURES))
    assert check_schema(signature.input_schema) is None
    names = list(signature.input_schema["properties"])
    arguments = data.draw(
        st.fixed_dictionaries({name: JSON | _fitting(signature.input_schema, name) for name in names})
    )
    if Draft202012Validator(signature.input_schema).is_valid(arguments):
        assert set(signature.validate(arguments)) == set(names)
    else:
        with contextlib.suppress(ArgumentsInvalid):  # pydantic takes more than the schema says: "5" for 5
            signature.validate(arguments)


def _fitting(root: dict[str, Any], name: str) -> st.SearchStrategy[Any]:
    return _values(root["properties"][name], root, 4)


def _values(schema: dict[str, Any], root: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    """Values made to fit a schema as pydantic writes them."""
    if "$ref" in schema:
        return _values(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, depth)
    if "anyOf" in schema:
        return st.one_of([_values(item, root, depth) for item in schema["anyOf"]])
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    match schema.get("type"):
        case "array" if "prefixItems" in schema:
            return st.tuples(*(_values(item, root, depth - 1) for item in schema["prefixItems"])).map(list)
        case "array":
            return st.lists(_values(schema["items"], root, depth - 1), max_size=2 if depth > 0 else 0)
        case "object" if "properties" in schema:
            wanted = schema.get("required", ()) if depth <= 0 else schema["properties"]
            return st.fixed_dictionaries({n: _values(schema["properties"][n], root, depth - 1) for n in wanted})
        case "object":
            extra = schema.get("additionalProperties")
            inner = _values(extra if isinstance(extra, dict) else {}, root, depth - 1)
            return st.dictionaries(st.text("ab1é ", max_size=2), inner, max_size=2)
        case "integer":
            return st.integers(schema.get("minimum", -9), schema.get("exclusiveMaximum", 9) - 1)
        case kind:
            plain = {"number": st.floats(-9, 9), "boolean": st.booleans(), "string": st.text("ab1é ", max_size=3)}
            return plain.get(str(kind), st.none() if kind == "null" else JSON)
