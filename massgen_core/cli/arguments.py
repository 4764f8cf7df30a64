"""A tool's arguments from words on the command line, read by the tool's own schema."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import click

from massgen_core.cli.schema import SchemaTypes, mapping
from massgen_core.errors import ArgumentsInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was given: values that are JSON already, and words that wait for the schema."""

    values: Mapping[str, Any]
    words: Mapping[str, str]

    def read(self, tool: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments; a word stays a string where the schema takes one, and is read as JSON where not.

        The tool's own validation has the last word on all of them.

        Raises:
            ArgumentsInvalid: A word is not JSON where only JSON will do.
        """
        properties = mapping(schema.get("properties"))
        types = SchemaTypes(schema)
        read = {name: _read(tool, name, word, types.of(properties.get(name))) for name, word in self.words.items()}
        return {**self.values, **read}


def given_arguments(pairs: Sequence[str], text: str | None) -> Given:
    """What ``--arg`` pairs or one ``--json`` text say.

    Raises:
        click.UsageError: Both are given, a pair has no ``=`` or comes twice, or what should be JSON is not.
    """
    if text is not None and pairs:
        raise click.UsageError("give either --arg or --json")
    if text is not None:
        return Given(values=_object(text), words={})
    split = [_split(pair) for pair in pairs]
    names = [name for name, _, _ in split]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise click.UsageError(f"--arg {twice[0]} is given twice; a list is written as JSON: --arg '{twice[0]}=[1, 2]'")
    return Given(
        values={name: _json(word, f"--arg {name}") for name, is_json, word in split if is_json},
        words={name: word for name, is_json, word in split if not is_json},
    )


def _split(pair: str) -> tuple[str, bool, str]:
    key, equals, word = pair.partition("=")
    name = key.removesuffix(":")
    if not equals or not name:
        raise click.UsageError(f"--arg takes KEY=VALUE or KEY:=JSON, not {pair!r}")
    return name, key.endswith(":"), word


def _read(tool: str, name: str, word: str, types: frozenset[str]) -> Any:
    if "string" in types:
        return word
    try:
        return json.loads(word)
    except (ValueError, RecursionError):
        wanted = " or ".join(sorted(types)) or "what no value can be"
        raise ArgumentsInvalid(tool, f"{name}: expected {wanted}, written as JSON (3, true, [1, 2])") from None


def _object(text: str) -> dict[str, Any]:
    """The JSON object in a text, in a file (``@FILE``), or on stdin (``-``)."""
    if text == "-":
        text = sys.stdin.read()
    elif text.startswith("@"):
        text = _file(text[1:])
    value = _json(text, "--json")
    if not isinstance(value, dict):
        raise click.UsageError('--json takes an object, like \'{"key": "value"}\'')
    return cast("dict[str, Any]", value)


def _json(text: str, option: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{option} is not valid JSON: {error}") from None


def _file(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"--json @{name} cannot be read: {error}") from None
