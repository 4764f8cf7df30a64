"""What is recorded of arguments: nothing that a schema calls secret, nothing that it does not name, nothing long."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, SecretStr

from massgen_core import Secret, Tool, ToolResult, tool
from massgen_core.calls.redaction import redact

HIDDEN = "[redacted]"


class Account(BaseModel):
    user: str
    token: SecretStr


class Tree(BaseModel):
    name: str
    key: Annotated[str, Field(json_schema_extra={"writeOnly": True})] = ""
    children: list[Tree] = []


class ByToken(BaseModel):
    kind: Literal["token"]
    token: SecretStr


class ByName(BaseModel):
    kind: Literal["name"]
    name: str


@tool
def use(
    name: str,
    password: Annotated[str, Secret()] = "",
    pin: SecretStr | None = None,
    account: Account | None = None,
    accounts: list[Account] = [],  # noqa: B006
    by_name: dict[str, Account] = {},  # noqa: B006
    tree: Tree | None = None,
    way: ByToken | ByName | None = None,
    free: dict[str, Any] = {},  # noqa: B006
) -> None:
    """Take all kinds of arguments."""


by_schema = replace(use, secret_parameters=frozenset({"password"}))
"""The same tool, with nothing but its schema to say what else is secret."""


async def _invoke(arguments: Any, context: Any) -> ToolResult:
    return ToolResult()


def by_hand(schema: dict[str, Any]) -> Tool:
    return Tool(name="t", description="", input_schema=schema, invoke=_invoke)


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ({"name": "ada", "password": "S"}, {"name": "ada", "password": HIDDEN}),
        ({"pin": "S"}, {"pin": HIDDEN}),
        ({"account": {"user": "ada", "token": "S"}}, {"account": {"user": "ada", "token": HIDDEN}}),
        ({"accounts": [{"user": "ada", "token": "S"}]}, {"accounts": [{"user": "ada", "token": HIDDEN}]}),
        ({"by_name": {"x": {"user": "a", "token": "S"}}}, {"by_name": {"x": {"user": "a", "token": HIDDEN}}}),
        ({"tree": {"name": "a", "children": [{"name": "b", "key": "S"}]}},
         {"tree": {"name": "a", "children": [{"name": "b", "key": HIDDEN}]}}),
        ({"way": {"kind": "token", "token": "S"}}, {"way": {"kind": "token", "token": HIDDEN}}),
        ({"way": {"kind": "name", "name": "ada"}}, {"way": {"kind": "name", "name": "ada"}}),
        ({"account": {"user": "ada", "tokn": "S"}}, {"account": {"user": "ada", "tokn": HIDDEN}}),
        ({"passwrd": "S"}, {"passwrd": HIDDEN}),
        ({"free": {"anything": "S"}}, {"free": {"anything": HIDDEN}}),
    ],
)  # fmt: skip
def test_secrets_are_hidden_wherever_they_are(given_: dict[str, Any], shown: dict[str, Any]) -> None:
    """Secret parameters, secrets in models, lists, maps and unions, and whatever the schema does not know."""
    assert redact(by_schema, given_) == shown


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"format": "password"}}},
        {"allOf": [{"type": "string"}, {"oneOf": [{"writeOnly": True}]}]},
        {"$ref": "#/$defs/loop", "$defs": {"loop": {"anyOf": [{"$ref": "#/$defs/loop"}, {"format": "password"}]}}},
    ],
)
def test_references_and_unions(schema: dict[str, Any]) -> None:
    """A secret behind a reference, a union or a circle of both is found."""
    definitions = schema.pop("$defs", {})
    root = {"type": "object", "properties": {"x": schema}, "$defs": definitions}
    assert redact(by_hand(root), {"x": "S"}) == {"x": HIDDEN}


def test_a_long_text_is_named_by_length_and_hash() -> None:
    """What is too long to keep can still be told from others."""
    shown = redact(use, {"name": "x" * 1000})["name"]
    assert shown == f"[1000 characters, sha256 {shown[-65:-1]}]"


def test_deep_values_end() -> None:
    """A value that is nested without end is cut off."""
    value: Any = "leaf"
    for _ in range(100):
        value = {"children": [value]}
    assert HIDDEN in json.dumps(redact(by_schema, {"tree": value}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(schema=st.dictionaries(st.sampled_from(["properties", "items", "anyOf", "$ref", "prefixItems", "format"]), JSON),
       arguments=st.dictionaries(st.text(), JSON))  # fmt: skip
def test_any_schema_and_any_arguments(schema: dict[str, Any], arguments: dict[str, Any]) -> None:
    """However broken the schema and odd the values, what comes out can be written as strict JSON."""
    json.dumps(redact(by_hand(schema), arguments), allow_nan=False)


@given(secret=st.text(min_size=6), path=st.lists(st.sampled_from(["user", "token", "x"]), max_size=3))
def test_a_secret_is_never_shown(secret: str, path: list[str]) -> None:
    """Wherever under a secret parameter a value is, it is not shown."""
    value: Any = f"sk-{secret}"
    for step in path:
        value = {step: value}
    assert redact(use, {"password": value, "pin": value}) == {"password": HIDDEN, "pin": HIDDEN}
